"""What every mapping is put together from: starting pictures, finishing payloads, the small functions of ``KindMapping``."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.connectors.base import Operation, RemoteRecord
from engine.core.records import EXISTS, Path, Replica, Scalar, State, System
from engine.errors import MappingError
from engine.mapping import normal
from engine.mapping.base import Payload, Picture, Writing
from engine.mapping.forms import Draft
from engine.mapping.wire import Json, as_flag, as_text

BOTH = frozenset({Replica.SCORO, Replica.QUICKBOOKS})


def gone(record: RemoteRecord) -> bool:
    """Whether the record is deleted, told by the connector or by Scoro's own flag."""
    return record.deleted or as_flag(record.data.get("is_deleted"), "is_deleted")


def inactive(data: Json) -> bool:
    """Whether a QuickBooks row was made inactive; rows that do not say are active."""
    return not as_flag(data.get("Active", True), "Active")


def live() -> dict[Path, Scalar]:
    """The start of the state of a record that exists."""
    return {EXISTS: True}


def nothing() -> Picture:
    """The picture of a record that is gone."""
    return Picture(state={})


def display_name(data: Json, key: str) -> str:
    """A QuickBooks name without the suffix of inactive rows."""
    return normal.without_deleted(normal.one_line(as_text(data.get(key), key)))


def draft(writing: Writing, replica: Replica, operation: Operation) -> Draft:
    """An empty draft; updates of QuickBooks are sparse (reference 3.0)."""
    creates = operation is Operation.CREATE
    started = Draft(writing, replica, creates)
    if replica.system is System.QUICKBOOKS and not creates:
        started.body["sparse"] = True
    return started


def finish(started: Draft, type: str, operation: Operation, options: tuple[str, ...] = ()) -> Payload:
    """The payload of a finished draft."""
    return Payload(type, operation, started.body, options, tuple(started.notes))


_FORBIDDEN = re.compile(r"\s*:\s*|[<>\"\t\n]")
_STAND_INS = {"<": "(", ">": ")", '"': "'", "\t": " ", "\n": " "}


def speakable(name: str, label: str, started: Draft) -> str:
    """A name without the characters QuickBooks refuses (reference 3.0), replaced visibly and told in a note (F30)."""
    spoken = normal.one_line(_FORBIDDEN.sub(lambda found: _STAND_INS.get(found.group(), " - "), name))
    if spoken != name:
        started.note(f"{label} has characters that QuickBooks does not allow; it is “{spoken}” there.")
    return spoken


def removal(type: str, operation: Operation) -> Payload:
    """A deletion or a void: the remote needs only id and fence."""
    return Payload(type, operation, {})


def deactivation(type: str) -> Payload:
    """QuickBooks never deletes rows of lists, it makes them inactive (reference 3.0)."""
    return Payload(type, Operation.UPDATE, {"sparse": True, "Active": False})


def owned_by_quickbooks(what: str) -> Callable[[Writing, Operation], Payload]:
    """A writer that refuses: QuickBooks is the only source (R3, R15, R23)."""

    def refuse(writing: Writing, operation: Operation) -> Payload:
        raise MappingError(
            f"{what} come from QuickBooks only.",
            hint="Make the change in QuickBooks; it comes here by itself.",
            code="owned_by_quickbooks",
        )

    return refuse


def owns_all(record: RemoteRecord) -> bool:
    """For kinds that have their remote types to themselves."""
    return True


def both(state: State) -> frozenset[Replica]:
    """For kinds with one copy on either side."""
    return BOTH if state else frozenset()


def no_amount(state: State) -> None:
    """For kinds that are worth nothing by themselves."""


def references_to(*paths: Path) -> Callable[[State], frozenset[str]]:
    """The object ids at these paths."""

    def references(state: State) -> frozenset[str]:
        return frozenset(str(state[path]) for path in paths if path in state)

    return references


def keys_of(*paths: Path) -> Callable[[State], tuple[tuple[str, str], ...]]:
    """The exact natural keys at these paths, without regard to case."""

    def keys(state: State) -> tuple[tuple[str, str], ...]:
        return tuple((path, str(state[path]).casefold()) for path in paths if path in state)

    return keys


def named(state: State) -> str:
    """The name as title."""
    return str(state.get("name", ""))
