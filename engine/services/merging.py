"""Merges that a remote makes: one contact is gone, and its documents lead to another one."""

from __future__ import annotations

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from engine.core.records import Kind
from engine.services.context import Context
from engine.store.tables import Binding, Hint, Object, Reference

MERGED = "merged"
"""The evidence of a proposal to link again: not a key, but what became of the documents, or what a webhook said."""


def survivors(session: Session, context: Context) -> dict[tuple[str, str], tuple[Kind, dict[str, str]]]:
    """(Scoro object, QuickBooks object) → (kind, evidence): the first one's record went up in the second one's. Only a
    survivor that nothing is linked with yet can be proposed."""
    gone = _lost_in_quickbooks(session, context)
    if not gone:
        return {}
    pairs = _told_by_documents(session, context, gone) | _told_by_webhooks(session, context, gone)
    return {pair: (Kind.CONTACT, {MERGED: pair[1]}) for pair in pairs}


def _told_by_documents(session: Session, context: Context, gone: list[str]) -> set[tuple[str, str]]:
    """Documents that moved from the one to the other since the last decision, or before the one was seen to be gone."""
    before, after = aliased(Binding), aliased(Binding)
    kept, moved_to = before.shadow["contact"].as_string(), after.shadow["contact"].as_string()
    statement = (
        select(kept, moved_to)
        .join(after, col(after.object_id) == before.object_id)
        .join(Object, col(Object.id) == before.object_id)
        .where(
            before.connection_id == context.id, before.system == "scoro", after.system == "quickbooks",
            or_(col(Object.dirty), col(Object.id).in_(_owners_of_dirty(gone))), kept.in_(gone), moved_to != kept,
            moved_to.not_in(_known_in_scoro(context)),
        )
    )  # fmt: skip
    return set(session.exec(statement))


def _owners_of_dirty(gone: list[str]):  # type: ignore[no-untyped-def]  # SQLModel's select has no short name
    """What points to those of ``gone`` that nothing was decided about since they went."""
    lost = select(Object.id).where(col(Object.id).in_(gone), col(Object.dirty))
    return select(Reference.object_id).where(col(Reference.target_id).in_(lost))


def _told_by_webhooks(session: Session, context: Context, gone: list[str]) -> set[tuple[str, str]]:
    """QuickBooks names the one that went up where it tells of a merge; nobody has to have moved any documents."""
    lost, stays = aliased(Binding), aliased(Binding)
    type, id, merged_id = (Hint.summary[name].as_string() for name in ("type", "id", "merged_id"))
    statement = (
        select(lost.object_id, stays.object_id)
        .select_from(Hint)
        .join(lost, (lost.remote_id == merged_id) & (lost.remote_type == type))
        .join(stays, (stays.remote_id == id) & (stays.remote_type == type))
        .where(
            Hint.connection_id == context.id, Hint.system == "quickbooks", lost.connection_id == context.id,
            stays.connection_id == context.id, col(stays.gone).is_(False), col(lost.object_id).in_(gone),
            lost.object_id != stays.object_id, col(stays.object_id).not_in(_known_in_scoro(context)),
        )
    )  # fmt: skip
    return set(session.exec(statement))


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
