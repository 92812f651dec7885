"""What invoices, credit notes, bills and vendor credits have in common: the header, and the way from and to their lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from engine.connectors.base import Operation, RemoteRecord
from engine.core.money import money_text, net_total
from engine.core.records import VOID, Path, Replica, Scalar, State, lines_of
from engine.mapping import lines, quickbooks_document, quickbooks_lines, scoro_document, scoro_lines, taxes, told_tax
from engine.mapping.base import KindMapping, Payload, Picture, Reading, Writing
from engine.mapping.columns import cells, read_cells, write_cells
from engine.mapping.document_fields import (
    EXISTS_RULE,
    NO_EXTRA,
    VOID_RULE,
    VOIDED,
    Extra,
    Shape,
    columns_of,
    currency_of,
)
from engine.mapping.forms import Draft, number_of
from engine.mapping.parts import both, draft, finish, gone, live, nothing, removal
from engine.mapping.wire import (
    Json,
    as_number,
    plain,
)


def document_mapping(shape: Shape, owns: Callable[[RemoteRecord], bool], extra: Extra = NO_EXTRA) -> KindMapping:
    """The mapping of one kind of document."""
    columns = (*columns_of(shape), *extra.columns)
    paper = _Paper(shape, extra, cells(columns, Replica.SCORO), cells(columns, Replica.QUICKBOOKS))
    line_rules = lines.PURCHASE_RULES if shape.purchase else lines.SALES_RULES
    return KindMapping(
        kind=shape.kind,
        version=1,
        types={shape.scoro: Replica.SCORO, shape.quickbooks: Replica.QUICKBOOKS},
        rules=(EXISTS_RULE, VOID_RULE, *(column.rule for column in columns), *line_rules),
        read={shape.scoro: paper.from_scoro, shape.quickbooks: paper.from_quickbooks},
        write={Replica.SCORO: paper.to_scoro, Replica.QUICKBOOKS: paper.to_quickbooks},
        owns=owns,
        replicas=both,
        keys=keys,
        title=title,
        amount=amount,
        references=references,
    )


def keys(state: State) -> tuple[tuple[str, str], ...]:
    """The amount together with the number, or with the contact and the day: a remote that numbers by itself knows our number
    not, and its document must not be made a second time. A number or an amount alone is no proof."""
    total = amount(state)
    found = []
    if "number" in state:
        found.append(("number_total", "|".join([str(state["number"]).casefold(), *total])))
    if "contact" in state and "date" in state:
        found.append(("contact_date_total", "|".join([str(state["contact"]), str(state["date"]), *total])))
    return tuple(found)


def title(state: State) -> str:
    """Number and date."""
    return " · ".join(str(state[path]) for path in ("number", "date") if path in state)


def amount(state: State) -> tuple[str, str]:
    """Total without tax, with its currency."""
    return money_text(net_total(state), currency_of(state)), currency_of(state)


def references(state: State) -> frozenset[str]:
    """Contact, project, credited invoice, and what the lines name."""
    found = [state[path] for path in ("contact", "project", "credits") if path in state]
    for fields in lines_of(state).values():
        found += [fields[name] for name in ("product", "tax", "account", "class", "project") if name in fields]
    return frozenset(str(id) for id in found)


@dataclass(frozen=True, slots=True)
class _Paper:
    """The four functions of one kind of document."""

    shape: Shape
    extra: Extra
    scoro_cells: tuple[Any, ...]
    quickbooks_cells: tuple[Any, ...]

    def from_scoro(self, record: RemoteRecord, reading: Reading) -> Picture:
        """A Scoro document with its lines; needs a complete record."""
        if gone(record):
            return nothing()
        data, shape = record.data, self.shape
        state = live()
        read_cells(self.scoro_cells, data, reading, state)
        projects = scoro_document.projects_of(data)
        scoro_document.read_header(data, reading, state, shape, projects)
        if self.extra.read_scoro:
            self.extra.read_scoro(data, reading, state)
        seen = scoro_lines.read_lines(data, reading, purchase=shape.purchase, negative=shape.negative)
        before = lines.known_before(seen, reading)
        keys = lines.align(seen, before, reading.line_ids, "s", lines.as_is)
        line_ids = lines.assemble(state, seen, keys, lines.as_is, before)
        facts = scoro_document.facts_of(data, shape, currency_of(state), len(projects))
        if _void_note(state, shape) and not as_number(data.get("sum"), "sum"):
            state = _voided_in_scoro(state, reading.previous, shape)
        return Picture(state, facts, line_ids, _extras({line.id: line.extras for line in seen}))

    def from_quickbooks(self, record: RemoteRecord, reading: Reading) -> Picture:
        """A QuickBooks document with its lines."""
        if gone(record):
            return nothing()
        data, shape = record.data, self.shape
        state = live()
        read_cells(self.quickbooks_cells, data, reading, state)
        quickbooks_document.read_header(data, reading, state, shape)
        if self.extra.read_quickbooks:
            self.extra.read_quickbooks(data, reading, state)
        sheet = quickbooks_lines.read_sheet(data, reading, currency_of(state))
        line_ids = quickbooks_document.read_lines(sheet, reading, state, shape)
        facts = quickbooks_document.facts_of(data, currency_of(state))
        facts |= quickbooks_document.party_facts(data, reading, shape)
        if _void_note(state, shape, "memo") and not as_number(data.get("TotalAmt"), "TotalAmt"):
            state = {**(reading.previous or state), VOID: True}  # QuickBooks empties it all, which is nobody's edit
        return Picture(state, facts, line_ids, _sheet_extras(data, sheet))

    def to_scoro(self, writing: Writing, operation: Operation) -> Payload:
        """A Scoro document: changed header fields, and all lines when a line changed."""
        shape = self.shape
        if operation is Operation.DELETE:
            return removal(shape.scoro, operation)
        writing = _in_full(writing) if _is_revived(writing) else writing
        started = draft(writing, Replica.SCORO, operation)
        if operation is Operation.VOID:
            return scoro_document.void(started, shape)
        write_cells(self.scoro_cells, started)
        scoro_document.write_header(started, shape)
        if self.extra.write_scoro:
            self.extra.write_scoro(started)
        if started.creates or lines.lines_changed(writing.changed):
            scoro_lines.write_lines(started, purchase=shape.purchase, negative=shape.negative)
        return finish(started, shape.scoro, operation)

    def to_quickbooks(self, writing: Writing, operation: Operation) -> Payload:
        """A QuickBooks document: sparse (F32), with the whole line array when lines or figures changed (F31)."""
        shape = self.shape
        if operation is Operation.DELETE:
            return removal(shape.quickbooks, operation)
        if operation is Operation.VOID:
            return quickbooks_document.void(shape)
        writing = _in_full(writing) if _is_revived(writing) else writing
        started = draft(writing, Replica.QUICKBOOKS, operation)
        write_cells(self.quickbooks_cells, started)
        quickbooks_document.write_header(started, shape)
        if started.creates or _moves_figures(writing.changed):
            quickbooks_lines.write_lines(started, purchase=shape.purchase)
            taxes.write_document(started)
            _tell_tax(started, told_tax.tax_lines(writing, purchase=shape.purchase))
            quickbooks_document.note_projects(started)
        else:
            _tell_tax(started, writing.extras.get(told_tax.EXTRAS, []))
        return finish(started, shape.quickbooks, operation)


def _tell_tax(started: Draft, lines: list[Any]) -> None:
    if started.writing.settings.tax_model == taxes.VAT and lines:
        started.body["TxnTaxDetail"] = {"TaxLine": lines}


def _is_revived(writing: Writing) -> bool:
    """Whether a voided document shall be what it was again."""
    return VOID in writing.changed and VOID not in writing.state


def _in_full(writing: Writing) -> Writing:
    """Everything is written anew, and the note that told of the void goes: a voided document has none of it any more."""
    return replace(writing, changed=writing.changed | writing.state.keys() | {"message", "memo"})


def _moves_figures(changed: frozenset[Path]) -> bool:
    return lines.lines_changed(changed) or not changed.isdisjoint({"discount", "amounts_include_tax", "currency"})


def _void_note(state: State, shape: Shape, path: str = "") -> bool:
    path = path or ("memo" if shape.purchase else "message")
    return str(state.get(path, "")).startswith(VOIDED)


def _voided_in_scoro(state: State, previous: State, shape: Shape) -> dict[Path, Scalar]:
    """There a void only takes the amounts to zero and marks the note, which is nobody's edit; all else that differs is."""
    note = "memo" if shape.purchase else "message"
    emptied = {path for path in state if path in previous and _is_empty_amount(path, state[path])}
    kept = {path: previous[path] for path in emptied}
    voided = {**state, note: str(state[note]).removeprefix(VOIDED).removeprefix(" - ").strip(), **kept, VOID: True}
    return {path: value for path, value in voided.items() if path != note or value}


def _is_empty_amount(path: Path, value: Scalar) -> bool:
    return path.rpartition("/")[2] in {"quantity", "unit_price"} and not number_of(value)


def _extras(by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    kept = {id: plain(extras) for id, extras in by_id.items() if id and extras}
    return {"lines": kept} if kept else {}


def _sheet_extras(data: Json, sheet: quickbooks_lines.Sheet) -> dict[str, Any]:
    extras = _extras({line.id: line.extras for line in sheet.seen})
    for name, kept in (("discount", sheet.discount), ("groups", sheet.groups), ("others", sheet.others)):
        if kept:
            extras[name] = plain(kept)
    if data.get("GlobalTaxCalculation") == taxes.NOT_APPLICABLE:
        extras["tax"] = taxes.NOT_APPLICABLE
    if told := told_tax.told_before(data):
        extras[told_tax.EXTRAS] = told
    return extras
