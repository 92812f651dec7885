"""Merges that a remote makes: one contact is gone, and its documents lead to another one."""

from __future__ import annotations

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from engine.core.records import Kind
from engine.services.context import Context
from engine.store.tables import Binding, Object

MERGED = "merged"
"""The evidence of a proposal to link again: not a key, but what became of the documents."""


def survivors(session: Session, context: Context) -> dict[tuple[str, str], tuple[Kind, dict[str, str]]]:
    """(Scoro object, QuickBooks object) → (kind, evidence): the first one's record went up in the second one's, as the
    documents tell that moved since the last decision. Only a survivor that nothing is linked with yet can be proposed."""
    gone = _lost_in_quickbooks(session, context)
    if not gone:
        return {}
    before, after = aliased(Binding), aliased(Binding)
    kept, moved_to = before.shadow["contact"].as_string(), after.shadow["contact"].as_string()
    statement = (
        select(kept, moved_to)
        .join(after, col(after.object_id) == before.object_id)
        .join(Object, col(Object.id) == before.object_id)
        .where(
            before.connection_id == context.id, before.system == "scoro", after.system == "quickbooks",
            col(Object.dirty), kept.in_(gone), moved_to != kept, moved_to.not_in(_known_in_scoro(context)),
        )
    )  # fmt: skip
    return {pair: (Kind.CONTACT, {MERGED: pair[1]}) for pair in set(session.exec(statement))}


def _lost_in_quickbooks(session: Session, context: Context) -> list[str]:
    """Contacts that Scoro still has and QuickBooks has lost."""
    statement = select(Binding.object_id).where(
        Binding.connection_id == context.id, col(Binding.remote_type).in_(("Customer", "Vendor")), col(Binding.gone),
        col(Binding.object_id).in_(_known_in_scoro(context)),
    )  # fmt: skip
    return list(session.exec(statement))


def _known_in_scoro(context: Context):  # type: ignore[no-untyped-def]  # SQLModel's select has no short name
    return select(Binding.object_id).where(
        Binding.connection_id == context.id, Binding.remote_type == "contacts", col(Binding.gone).is_(False)
    )
