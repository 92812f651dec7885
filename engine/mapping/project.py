"""Projects: from QuickBooks, where they are Customer rows, to Scoro (R15, R16)."""

from __future__ import annotations

from engine.connectors.base import Operation, RemoteRecord
from engine.core.records import Kind, Replica, State
from engine.mapping.base import FieldRule, KindMapping, Payload, Picture, Reading, Writing
from engine.mapping.columns import ONLY_SCORO, Column, cells, read_cells, rules, write_cells
from engine.mapping.forms import LINE_TEXT, quickbooks_reference, scoro_reference
from engine.mapping.parts import (
    both,
    display_name,
    draft,
    finish,
    gone,
    inactive,
    live,
    named,
    no_amount,
    nothing,
    owned_by_quickbooks,
    references_to,
    removal,
)
from engine.mapping.wire import as_flag, as_text

_ONE_WAY = "QuickBooks → Scoro"
_CLOSED = frozenset({"completed", "cancelled"})

COLUMNS = (
    Column(FieldRule("name", "Name", "text", "project_name", "DisplayName", _ONE_WAY), LINE_TEXT),
    Column(
        FieldRule("contact", "Client", "reference", "company_id", "ParentRef", _ONE_WAY, reference=Kind.CONTACT),
        scoro_reference("contacts"),
        quickbooks_reference("Customer", Replica.CUSTOMER),
    ),
    Column(
        FieldRule("active", "Active", "flag", "status", "Active", _ONE_WAY, "completed and cancelled are not active")
    ),
    Column(
        FieldRule(
            "status", "Status", "code", "status", "", _ONE_WAY, limits="QuickBooks' row has none", carried=ONLY_SCORO
        ),
        LINE_TEXT,
    ),
)

_SCORO = cells(COLUMNS, Replica.SCORO)
_QUICKBOOKS = cells(COLUMNS, Replica.QUICKBOOKS)


def from_scoro(record: RemoteRecord, reading: Reading) -> Picture:
    """A Scoro project."""
    if gone(record):
        return nothing()
    state = live()
    read_cells(_SCORO, record.data, reading, state)
    state["active"] = state.get("status") not in _CLOSED
    return Picture(state, {"name": named(state)})


def from_quickbooks(record: RemoteRecord, reading: Reading) -> Picture:
    """A QuickBooks project row; its parent is the client."""
    if gone(record):
        return nothing()
    state = live()
    name = (
        display_name(record.data, "DisplayName")
        or as_text(record.data.get("FullyQualifiedName"), "name").rpartition(":")[2]
    )
    if name:
        state["name"] = name
    read_cells(_QUICKBOOKS, record.data, reading, state)
    state["active"] = not inactive(record.data)
    return Picture(state, {"name": name})


def to_scoro(writing: Writing, operation: Operation) -> Payload:
    """A Scoro project; closing and reopening go through its status."""
    if operation is Operation.DELETE:
        return removal("projects", operation)
    started = draft(writing, Replica.SCORO, operation)
    write_cells(_SCORO, started)
    if started.wants("active") and not started.creates:
        started.body["status"] = "inprogress" if writing.state.get("active") is True else "completed"
    return finish(started, "projects", operation)


def owns(record: RemoteRecord) -> bool:
    """Customer rows that are projects (reference 11.3)."""
    return record.type != "Customer" or as_flag(record.data.get("IsProject"), "IsProject")


def keys(state: State) -> tuple[tuple[str, str], ...]:
    """Name and client together (R16)."""
    if "name" not in state:
        return ()
    return (("name_contact", f"{named(state).casefold()}|{state.get('contact', '')}"),)


PROJECT = KindMapping(
    kind=Kind.PROJECT,
    version=1,
    types={"projects": Replica.SCORO, "Customer": Replica.QUICKBOOKS},
    rules=rules(COLUMNS),
    read={"projects": from_scoro, "Customer": from_quickbooks},
    write={Replica.SCORO: to_scoro, Replica.QUICKBOOKS: owned_by_quickbooks("Projects")},
    owns=owns,
    replicas=both,
    keys=keys,
    title=named,
    amount=no_amount,
    references=references_to("contact"),
)
