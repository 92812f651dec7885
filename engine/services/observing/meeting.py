"""Records read for the first time, and records that cannot be read: both become objects, so that nothing is passed over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.connectors.base import RemoteRecord
from engine.core.objects import CausalBinding, CausalObject, overlay
from engine.core.observe import Doubt, first_sight
from engine.core.records import CATEGORY_OF, EXISTS, Kind, Replica
from engine.errors import MappingError, MissingReference
from engine.mapping.base import Picture
from engine.mapping.registry import MAPPINGS, kind_of
from engine.services.listing import listing_columns, match_key_rows
from engine.services.observing.page import Page
from engine.services.observing.pictures import binding_columns, digest_of, reading_of
from engine.services.observing.telling import tell_observation
from engine.services.references import reference_rows
from engine.store.causal import object_columns
from engine.store.database import new_id
from engine.store.tables import Binding


def meet(page: Page, record: RemoteRecord) -> None:
    """A record never seen before becomes an object of its own; matching may link it later."""
    kind = kind_of(record)
    if kind is None:
        return
    picture = read(page, record, kind, None)
    if picture is None or EXISTS not in picture.state:
        return
    replica = _replica(record, kind)
    thing = CausalObject(new_id(page.now), kind)
    seen = first_sight(thing, CausalBinding(replica), picture.state, thing.vector.next_dot(replica.value, page.seconds))
    page.new_objects.append(_object_row(page, seen.thing, picture))
    page.new_bindings.append(_binding_row(page, record, seen.thing, seen.binding, picture))
    page.new_keys += match_key_rows(page.context.id, seen.thing, record.system)
    page.new_references += reference_rows(page.context.id, seen.thing)
    tell_observation(page, "created", seen, {}, record.revision, replica.value)
    page.directory.learn(record.system.value, record.type, record.id, thing.id, replica)
    page.result.touched.add(thing.id)
    page.result.created += 1


def read(
    page: Page, record: RemoteRecord, kind: Kind, binding: Binding | None, doubt: Doubt | None = None
) -> Picture | None:
    """The record in canonical form; None when it has to wait for a reference. A record that cannot be read is remembered
    with the reason, so that it is listed and not lost. Lines that a write in ``doubt`` added keep their keys."""
    if record.deleted:
        return Picture({})
    reading = reading_of(page.context, page.directory, record.system, binding, lenient=page.settle)
    if doubt:
        reading = replace(reading, previous=overlay(reading.previous, doubt))
    try:
        return MAPPINGS[kind].read[record.type](record, reading)
    except MissingReference as missing:
        if page.settle:
            _remember_unreadable(page, record, kind, binding, missing)
            return None
        page.result.missing.add((missing.type, missing.id))
        page.result.waiting.append(record)
    except MappingError as error:
        _remember_unreadable(page, record, kind, binding, error)
    return None


def _remember_unreadable(
    page: Page, record: RemoteRecord, kind: Kind, binding: Binding | None, error: MappingError
) -> None:
    unreadable = {"message": error.message, "hint": error.hint, "code": error.code, "system": record.system.value}
    if binding is None:
        _meet_unreadable(page, record, kind, unreadable)
        return
    known = page.rows.object(binding.object_id)
    known.facts = {**known.facts, "unreadable": unreadable}
    known.dirty = True
    page.rows.change(object=known)
    page.result.touched.add(known.id)


def _meet_unreadable(page: Page, record: RemoteRecord, kind: Kind, unreadable: dict[str, str]) -> None:
    picture, thing = Picture({}), CausalObject(new_id(page.now), kind)
    title = str(record.data.get("DocNumber") or record.data.get("name") or record.id)
    row = _object_row(page, thing, picture) | {"title": title, "facts": {"unreadable": unreadable}}
    page.new_objects.append(row)
    page.new_bindings.append(_binding_row(page, record, thing, CausalBinding(_replica(record, kind)), picture))
    page.result.touched.add(thing.id)


def _replica(record: RemoteRecord, kind: Kind) -> Replica:
    return MAPPINGS[kind].types[record.type]


def _object_row(page: Page, thing: CausalObject, picture: Picture) -> dict[str, Any]:
    return {
        "id": thing.id, "connection_id": page.context.id, "kind": thing.kind.value,
        "category": CATEGORY_OF[thing.kind].value, "disposition": "pending", "reason": "", "facts": {}, "failures": 0,
        "parked_by": "", "assigned_to": "", "accepted_variance": "", "required": False, "dirty": True,
        "merged_into": "", "version": 1, "created_at": page.now, "updated_at": page.now, "retry_at": None,
        **listing_columns(thing, picture.facts), **object_columns(thing),
    }  # fmt: skip


def _binding_row(
    page: Page, record: RemoteRecord, thing: CausalObject, binding: CausalBinding, picture: Picture
) -> dict[str, Any]:
    return {
        "id": new_id(page.now), "connection_id": page.context.id, "object_id": thing.id,
        "replica": binding.replica.value, "system": record.system.value, "remote_type": record.type,
        "remote_id": record.id, "digest": digest_of(record), "gone": False,
        "remote_created_at": record.created_at, **binding_columns(thing.kind, binding, record, picture, page.now),
    }  # fmt: skip
