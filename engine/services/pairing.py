"""The customer and the vendor of one company are two replicas of one contact, told by the vendor's mark (R11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.records import HUB, Kind, Replica, System
from engine.mapping.contact import VENDOR_MARK
from engine.services.context import Context
from engine.services.linking import awaited, link
from engine.services.listing import match_key_rows
from engine.store import log
from engine.store.causal import causal_object
from engine.store.tables import Binding, MatchKey, Object

_OTHER = {Replica.CUSTOMER: Replica.VENDOR, Replica.VENDOR: Replica.CUSTOMER}


def pair_vendors(session: Session, context: Context, now: datetime) -> int:
    """Join every customer with the vendor that bears its name and the mark; returns how many. The connection's row has
    to be locked. Nothing is written to either: each keeps what it says until somebody edits it."""
    joined = [_join(session, context, kept, other, now) for kept, other in _pairs(session, context)]
    for entries in joined:
        log.append(session, log.lock(session, context.id), entries, now)
    return len(joined)


def _pairs(session: Session, context: Context) -> Iterator[tuple[Object, Object]]:
    """(the one that is in Scoro too, if one is; the other). Names that more than two share are left to a person."""
    found = {frozenset(pair) for replica in _OTHER for pair in _namesakes(session, context, replica)}
    uses = Counter(object_id for pair in found for object_id in pair)
    for pair in sorted(found, key=sorted):
        one, two = (session.get_one(Object, object_id) for object_id in sorted(pair))
        if max(uses[one.id], uses[two.id]) == 1 and _is_marked(session, one, two):
            yield _ordered(session, one, two)


def _namesakes(session: Session, context: Context, replica: Replica) -> list[tuple[str, str]]:
    """Ids of changed contacts that have ``replica`` only, with those of the same name that have the other one only."""
    one, two = sa.orm.aliased(Object), sa.orm.aliased(Object)
    same = (
        (col(one.connection_id) == col(two.connection_id))
        & (col(one.kind) == col(two.kind))
        & (col(one.title) == col(two.title))
    )
    statement = (
        select(one.id, two.id)
        .join(two, same)
        .where(
            one.connection_id == context.id, col(one.dirty).is_(True), one.kind == Kind.CONTACT.value, one.title != "",
            one.merged_into == "", two.merged_into == "",
            _has(one, replica), ~_has(one, _OTHER[replica]), _has(two, _OTHER[replica]), ~_has(two, replica),
        )
    )  # fmt: skip
    return list(session.exec(statement))


def _has(thing: Any, replica: Replica) -> sa.ColumnElement[bool]:
    return (
        select(Binding.id)
        .where(Binding.object_id == thing.id, Binding.replica == replica.value, col(Binding.gone).is_(False))
        .exists()
    )


def _is_marked(session: Session, one: Object, two: Object) -> bool:
    """Whether the vendor of the two bears the mark, and not both of them are in Scoro already."""
    statement = select(Binding).where(col(Binding.object_id).in_((one.id, two.id)))
    bindings = session.exec(statement).all()
    vendor = next(binding for binding in bindings if binding.replica == Replica.VENDOR.value)
    in_scoro = sum(binding.system == System.SCORO.value for binding in bindings)
    return str(vendor.facts.get("name", "")).endswith(VENDOR_MARK) and in_scoro < len(_OTHER)


def _ordered(session: Session, one: Object, two: Object) -> tuple[Object, Object]:
    statement = select(Binding.object_id).where(Binding.object_id == two.id, Binding.system == System.SCORO.value)
    return (two, one) if session.exec(statement).first() else (one, two)


def _join(session: Session, context: Context, kept: Object, other: Object, now: datetime) -> list[log.Entry]:
    both = {"is_client": True, "is_supplier": True}
    statement = select(Binding).where(Binding.object_id == kept.id)
    waiting = {binding.id for binding in session.exec(statement) if awaited(causal_object(kept), [binding])}
    entries = link(session, context, kept.id, other.id, now=now, rule="R11")
    if context.policy(Kind.CONTACT).source is System.QUICKBOOKS:
        kept.fields = {**kept.fields, **both}
        kept.dots = {**kept.dots, **{path: [HUB, kept.vector[HUB]] for path in both}}
    bindings = session.exec(statement).all()
    for binding in bindings:
        if binding.system == System.QUICKBOOKS.value and binding.id not in waiting:
            binding.seen = dict(kept.vector)
            session.add(binding)
    session.add(kept)
    session.flush()
    if all(binding.system == System.QUICKBOOKS.value for binding in bindings):
        _match_again(session, context, kept)
    return entries


def _match_again(session: Session, context: Context, kept: Object) -> None:
    """It still lives on one side only: Scoro may have the same company."""
    rows = match_key_rows(context.id, causal_object(kept), System.QUICKBOOKS)
    if rows:
        session.connection().execute(sa.insert(MatchKey), rows)
