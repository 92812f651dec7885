"""Uploads: the multipart form that makes an Attachable, and its life as an ordinary object."""

from __future__ import annotations

import json

import httpx2
import pytest

from app.sandbox.quickbooks import transport
from tests.sandbox.quickbooks.client import Client, Json, code, refusal


def upload(books: Client, *parts: tuple[Json, bytes]) -> httpx2.Response:
    """Send descriptions and files as the public clients do."""
    files: list[tuple[str, tuple[str, str | bytes, str]]] = []
    for number, (about, content) in enumerate(parts, start=1):
        files.append((f"file_metadata_{number:02}", ("attachment.json", json.dumps(about), "application/json")))
        files.append((f"file_content_{number:02}", (about["FileName"], content, "text/plain")))
    return books.http.post(f"/v3/company/{books.realm}/upload", files=files, headers=books.headers())


def attached_to(entity: str, row: Json, name: str = "note.txt") -> Json:
    return {"FileName": name, "AttachableRef": [{"EntityRef": {"type": entity, "value": row["Id"]}}]}


def test_a_file_is_attached_read_changed_found_and_deleted(books: Client, customer: Json, item: Json) -> None:
    """The answer carries size and address; the object then behaves like any other."""
    invoice = books.invoice(customer, item)
    answer = upload(books, (attached_to("Invoice", invoice), b"twelve bytes"))
    assert answer.status_code == 200
    made = answer.json()["AttachableResponse"][0]["Attachable"]
    assert (made["FileName"], made["Size"], made["SyncToken"]) == ("note.txt", 12, "0")
    assert made["FileAccessUri"].endswith(f"/download/{made['Id']}")
    assert made["AttachableRef"][0]["EntityRef"]["value"] == invoice["Id"]
    assert books.query("select * from Attachable where FileName = 'note.txt'")["Attachable"][0]["Id"] == made["Id"]
    noted = books.sparse("Attachable", made, Note="signed")
    assert (books.read("Attachable", made["Id"])["Note"], noted["SyncToken"]) == ("signed", "1")
    assert books.delete("Attachable", noted)["status"] == "Deleted"
    assert code(books.get(f"attachable/{made['Id']}")) == "610"


def test_each_part_of_an_upload_answers_by_itself(books: Client, customer: Json, item: Json) -> None:
    """Several files in one form, each with its size; one that hangs on nothing is a fault among the others."""
    invoice = books.invoice(customer, item)
    good, lost = attached_to("Invoice", invoice), attached_to("Invoice", {"Id": "4711"}, "lost.txt")
    first, second, third = upload(books, (good, b"abc"), (lost, b"x"), ({"FileName": "b.txt"}, b"hello")).json()[
        "AttachableResponse"
    ]
    assert first["Attachable"]["Size"] == 3
    assert second["Fault"]["Error"][0]["code"] == "6000"
    assert (third["Attachable"]["FileName"], third["Attachable"]["Size"]) == ("b.txt", 5)


def test_what_is_no_form_or_too_large_is_refused(books: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """1050 for another content type, 6030 for too large a file, 413 for any other body of that size."""
    assert code(books.post("upload", {"FileName": "x"})) == "1050"
    monkeypatch.setattr(transport, "LARGEST_BODY", 1000)
    large = upload(books, ({"FileName": "big.txt"}, b"x" * 1001))
    assert (large.status_code, refusal(large)["code"]) == (413, "6030")
    assert books.post("vendor", {"DisplayName": "A", "Notes": "n" * 1001}).status_code == 413
