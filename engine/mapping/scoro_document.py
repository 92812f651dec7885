"""The header of a Scoro document: reading it, writing what changed (reference 2.8)."""

from __future__ import annotations

from engine.connectors.base import Operation
from engine.core.money import HUNDRED, ONE, ZERO, decimal_text, money_text, percent_off
from engine.core.records import Path, Replica, Scalar
from engine.mapping import normal, scoro_lines
from engine.mapping.base import Payload, Reading
from engine.mapping.document_fields import VOIDED, Shape, currency_of, party_id, put_text, read_rate
from engine.mapping.forms import CODE, Draft, number_of, scoro_id
from engine.mapping.parts import finish
from engine.mapping.wire import (
    Json,
    as_flag,
    as_id,
    as_list,
    as_map,
    as_number,
    as_text,
    json_number,
)


def read_header(
    data: Json, reading: Reading, state: dict[Path, Scalar], shape: Shape, projects: dict[str, None]
) -> None:
    """Contact, currency, rate, discounts, number and project."""
    settings = reading.settings
    contact = as_id(data.get("company_id"), "company_id") or as_id(data.get("person_id"), "person_id")
    put_text(state, "contact", reading.resolve("contacts", contact) if contact else "")
    state["currency"] = str(CODE.read(data.get("currency"), "Currency", reading) or settings.scoro_currency)
    if settings.scoro_currency == settings.home_currency:
        read_rate(data.get("currency_rate"), state, settings.scoro_currency)
    put_text(state, "discount", _whole_discount(data))
    _read_number(data, state, shape)
    if not shape.purchase:
        put_text(state, "project", reading.resolve("projects", next(iter(projects))) if len(projects) == 1 else "")


def _whole_discount(data: Json) -> str:
    """Up to three discounts one after the other, as one percentage."""
    parts = [as_number(data.get(key), key) or ZERO for key in ("discount", "discount2", "discount3")]
    left = HUNDRED
    for part in parts:
        left = percent_off(left, part)
    return decimal_text(HUNDRED - left) if left != HUNDRED else ""


def _read_number(data: Json, state: dict[Path, Scalar], shape: Shape) -> None:
    number = normal.one_line(as_text(data.get("no"), "no"))
    if shape.purchase:
        other = normal.one_line(as_text(data.get("reference_no"), "reference_no"))
        digits = other.isdecimal()
        put_text(state, "reference", other if digits else "")
        number = number if digits else other or number
    put_text(state, "number", number)


def projects_of(data: Json) -> dict[str, None]:
    """Ids of the projects that the document or one of its lines belongs to, each once."""
    header = as_id(data.get("project_id"), "project_id")
    rows = (as_id(as_map(row, "lines").get("project_id"), "project_id") for row in as_list(data.get("lines"), "lines"))
    return dict.fromkeys(id for id in (header, *rows) if id)


def facts_of(data: Json, shape: Shape, currency: str, projects: int) -> dict[str, Scalar]:
    """Totals, balance and what else Scoro computes."""
    sign = -ONE if shape.negative else ONE
    net, tax = ((as_number(data.get(key), key) or ZERO) * sign for key in ("sum", "vat_sum"))
    figures = {"net_total": net, "tax_total": tax, "total": net + tax}
    for name, key in (("paid", "paid_sum"), ("balance", "receivable_sum")):
        value = as_number(data.get(key), key)
        if value is not None:
            figures[name] = value * sign
    if "paid" not in figures and data.get("status") == "paid":
        figures |= {"paid": net + tax, "balance": ZERO}
    number = as_text(data.get("no"), "no")
    return {
        **{name: money_text(value, currency) for name, value in figures.items()},
        "name": number,
        "number": number,
        "sent": as_flag(data.get("is_sent"), "is_sent"),
        "projects": projects,
    }


def write_header(started: Draft, shape: Shape) -> None:
    """Contact, currency, rate, discount, number and project, where they changed."""
    state, settings = started.writing.state, started.writing.settings
    if started.creates or started.wants("contact"):
        started.body["company_id"] = scoro_id(party_id(started, Replica.SCORO))
    if started.wants("currency"):
        started.body["currency"] = currency_of(state)
    if started.wants("exchange_rate") and settings.scoro_currency == settings.home_currency:
        started.body["currency_rate"] = json_number(number_of(state.get("exchange_rate", "1")))
    if started.wants("discount"):
        started.body |= {"discount": json_number(number_of(state.get("discount"))), "discount2": 0, "discount3": 0}
    _write_number(started, shape)
    if not shape.purchase and started.wants("project"):
        project = state.get("project")
        started.body["project_id"] = scoro_id(started.writing.locate(str(project), Replica.SCORO)) if project else 0


def _write_number(started: Draft, shape: Shape) -> None:
    """Digits only (reference 2.8); a vendor's number with letters has its place in the reference."""
    if not started.wants("number"):
        return
    number = started.text("number")
    if number.isascii() and number.isdigit() and not number.startswith("0"):
        started.body["no"] = number
    elif shape.purchase:
        started.body["reference_no"] = number
    elif number:
        started.note(
            f"Scoro takes digits only as a number; the document keeps the number {number} in QuickBooks and has its own in Scoro."
        )


def void(started: Draft, shape: Shape) -> Payload:
    """Scoro has no void: amounts of zero and the note that QuickBooks gives voided documents."""
    note = started.text("memo" if shape.purchase else "message")
    started.body["description"] = f"{VOIDED} - {note}" if note else VOIDED
    scoro_lines.write_lines(started, purchase=shape.purchase, negative=shape.negative, void=True)
    return finish(started, shape.scoro, Operation.UPDATE)
