"""Uploads: the multipart form that makes an Attachable."""

from __future__ import annotations

import re

from app.sandbox.quickbooks import faults, operations
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.render import render
from app.sandbox.quickbooks.wire import Json, parse_json

_META = re.compile(r'name="file_metadata_(\d+)".*?\r?\n\r?\n(.*?)\r?\n--', re.DOTALL)
_FILE = re.compile(r'name="file_content_(\d+)".*?\r?\n\r?\n(.*?)\r?\n--', re.DOTALL)


def upload(booking: Booking, content: bytes, content_type: str) -> Json:
    """Each part answers on its own; only the description is kept, not the file."""
    if "multipart/form-data" not in content_type:
        raise faults.fault("1050", "Invalid Content Type : uploads are multipart/form-data.", None)
    text = content.decode("latin-1")
    files = dict(_FILE.findall(text))
    described = _META.findall(text)
    if not described:
        return {"AttachableResponse": [_one(booking, {}, len(each)) for each in files.values()]}
    parts = [(_about(part), len(files.get(number, ""))) for number, part in described]
    return {"AttachableResponse": [_one(booking, body, size) for body, size in parts]}


def _about(part: str) -> Json:
    try:
        body = parse_json(part.encode("latin-1").decode("utf-8"))
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise faults.fault("2310", "ObjectParserError : the description of the file is broken.", None)
    return body


def _one(booking: Booking, body: Json, size: int) -> Json:
    try:
        _check_targets(booking, body)
        row = operations.write(booking, KINDS["Attachable"], {**body, "Size": size})
        row.data = {**row.data, "FileAccessUri": f"/v3/company/{booking.company.realm}/download/{row.id}"}
        return {"Attachable": render(booking.company, row)}
    except faults.Fault as failure:
        return failure.body()


def _check_targets(booking: Booking, body: Json) -> None:
    for link in body.get("AttachableRef") or []:
        target = link.get("EntityRef") or {}
        entity, identity = str(target.get("type", "")), str(target.get("value", ""))
        if entity in KINDS and booking.company.find(entity, identity) is None:
            text = f"The entity {entity} {identity} that you are trying to link does not exist. {entity} {identity}"
            raise faults.business(text)
