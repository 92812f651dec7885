"""The header and totals of a QuickBooks document: reading them, writing what changed (reference 3.10)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.connectors.base import Operation
from engine.core.money import ZERO, decimal_text, money_text
from engine.core.records import Path, Replica, Scalar, lines_of
from engine.errors import MappingError
from engine.mapping import lines, normal, quickbooks_lines, taxes
from engine.mapping.base import Payload, Reading
from engine.mapping.document_fields import NUMBER_LIMIT, Shape, currency_of, party_id, put_text, read_rate
from engine.mapping.forms import CODE, Draft, number_of
from engine.mapping.lines import Fields
from engine.mapping.parts import removal
from engine.mapping.projects import customer_or_project, project_named
from engine.mapping.wire import (
    Json,
    as_map,
    as_number,
    as_text,
    json_number,
    ref,
    ref_id,
)


def read_header(data: Json, reading: Reading, state: dict[Path, Scalar], shape: Shape) -> None:
    """Number, party, project, currency and rate."""
    put_text(state, "number", normal.one_line(as_text(data.get("DocNumber"), "DocNumber")))
    _read_party(data, reading, state, shape)
    currency = as_map(data.get("CurrencyRef"), "CurrencyRef").get("value")
    state["currency"] = str(CODE.read(currency, "Currency", reading) or reading.settings.home_currency)
    read_rate(data.get("ExchangeRate"), state, reading.settings.home_currency)
    if data.get("GlobalTaxCalculation") == taxes.INCLUSIVE:
        state["amounts_include_tax"] = True


def _read_party(data: Json, reading: Reading, state: dict[Path, Scalar], shape: Shape) -> None:
    party = ref_id(data.get(shape.party_key), shape.party_key)
    if not party:
        return
    if shape.purchase:
        state["contact"] = reading.resolve("Vendor", party)
        return
    contact, project = customer_or_project(party, reading)
    named = ref_id(data.get("ProjectRef"), "ProjectRef")
    state["contact"] = contact
    put_text(state, "project", project_named(named, reading) if named else project)


def read_lines(
    sheet: quickbooks_lines.Sheet, reading: Reading, state: dict[Path, Scalar], shape: Shape
) -> dict[str, str]:
    """Lines in the form known before where they mean the same; on purchases the document's discount is inside the prices."""
    before, currency = lines_of(reading.previous), currency_of(state)
    folded = number_of(reading.previous.get("discount")) if shape.purchase else ZERO
    fit = quickbooks_lines.known_fit(currency, folded, reading, purchase=shape.purchase)
    keys = lines.align(sheet.seen, before, reading.line_ids, "q", fit)
    if folded and not _all_kept(sheet, keys, before, currency, folded):
        folded, fit = ZERO, quickbooks_lines.known_fit(currency, ZERO, reading, purchase=True)
    if shape.purchase:
        put_text(state, "discount", decimal_text(folded) if folded else "")
    else:
        put_text(state, "discount", quickbooks_lines.read_discount(sheet, reading.previous, currency))
    line_ids = lines.assemble(state, sheet.seen, keys, fit, before)
    if shape.purchase:
        _keep_headings(before, state)
    return line_ids


def _keep_headings(before: Mapping[str, Fields], state: dict[Path, Scalar]) -> None:
    """Bills have no sub-headings in QuickBooks: those that are known stay known."""
    for key, fields in before.items():
        if fields.get("line_type") == lines.HEADING:
            lines.put_line(state, key, fields)


def _all_kept(
    sheet: quickbooks_lines.Sheet, keys: list[str], before: Mapping[str, Fields], currency: str, folded: Decimal
) -> bool:
    pairs = zip(sheet.seen, keys, strict=True)
    return all(lines.keeps_figures(line, before.get(key, {}), currency, folded) for line, key in pairs)


def facts_of(data: Json, currency: str) -> dict[str, Scalar]:
    """Totals, balance and what else QuickBooks computes."""
    total = as_number(data.get("TotalAmt"), "TotalAmt") or ZERO
    tax = as_number(as_map(data.get("TxnTaxDetail"), "TxnTaxDetail").get("TotalTax"), "TotalTax") or ZERO
    balance = as_number(data.get("Balance"), "Balance")
    figures = {"total": total, "tax_total": tax, "net_total": total - tax}
    if balance is not None:
        figures |= {"balance": balance, "paid": total - balance}
    facts: dict[str, Scalar] = {name: money_text(value, currency) for name, value in figures.items()}
    home = as_number(data.get("HomeTotalAmt"), "HomeTotalAmt")
    if home is not None:
        facts["home_total"] = decimal_text(home)
    number = as_text(data.get("DocNumber"), "DocNumber")
    return facts | {"name": number, "number": number, "sent": data.get("EmailStatus") == "EmailSent"}


def party_facts(data: Json, reading: Reading, shape: Shape) -> dict[str, Scalar]:
    """Whose document it is in QuickBooks; a project row stands for its customer and is not told."""
    party = ref_id(data.get(shape.party_key), shape.party_key)
    if not party or (not shape.purchase and customer_or_project(party, reading)[1]):
        return {}
    return {"party": party}


def write_header(started: Draft, shape: Shape) -> None:
    """Party, project, currency and number, where they changed."""
    state, settings = started.writing.state, started.writing.settings
    if started.creates or started.wants("contact"):
        started.body[shape.party_key] = ref(party_id(started, shape.party[1]))
    if not shape.purchase and started.wants("project"):
        project = state.get("project")
        started.body["ProjectRef"] = ref(started.writing.locate(str(project), Replica.QUICKBOOKS)) if project else None
    if settings.multicurrency:
        _write_currency(started, shape)
    _write_number(started, shape)


def _write_currency(started: Draft, shape: Shape) -> None:
    """The rate goes along always: credits without one are booked at 1 (reference 11.1)."""
    state = started.writing.state
    if started.wants("currency"):
        started.body["CurrencyRef"] = ref(currency_of(state))
    foreign = currency_of(state) != started.writing.settings.home_currency
    if foreign and "exchange_rate" in state and (started.creates or started.wants_any("exchange_rate", "currency")):
        started.body["ExchangeRate"] = json_number(number_of(state["exchange_rate"]))
    elif foreign and started.creates and shape.quickbooks in ("CreditMemo", "VendorCredit"):
        raise missing_rate(currency_of(state))


def missing_rate(currency: str) -> MappingError:
    """A credit or a payment in a foreign currency whose rate nobody told."""
    return MappingError(
        f"There is no exchange rate for {currency}, and without one QuickBooks would book it at 1.",
        hint="Enter the exchange rate on the document.",
        code="exchange_rate_missing",
    )


def _write_number(started: Draft, shape: Shape) -> None:
    """Left to QuickBooks where it numbers by itself or the number does not fit (reference 3.10)."""
    if not started.wants("number"):
        return
    number, settings = started.text("number"), started.writing.settings
    if len(number) > NUMBER_LIMIT:
        started.note(f"The number {number} is longer than {NUMBER_LIMIT} characters; QuickBooks gives its own.")
    elif not shape.purchase and settings.features.get("custom_numbers") == "false":
        started.note(f"QuickBooks numbers its documents by itself; {number} has its own number there.")
    else:
        started.body["DocNumber"] = number


def void(shape: Shape) -> Payload:
    """A void, which only invoices can have over the interface."""
    if shape.quickbooks == "Invoice":
        return removal(shape.quickbooks, Operation.VOID)
    raise MappingError(
        "QuickBooks lets nobody void this kind of document over its interface.",
        hint="Delete it in QuickBooks, or void it there by hand.",
        code="void_not_possible",
    )


def note_projects(started: Draft) -> None:
    """Tell that several projects are none in QuickBooks (R19)."""
    projects = started.writing.facts.get("projects", 0)
    if isinstance(projects, int) and projects > 1:
        started.note(f"The document has {projects} projects; in QuickBooks it belongs to none of them.")
