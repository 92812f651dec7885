"""Tax on documents under QuickBooks' models (reference 11.2).

US companies mark lines TAX or NON and name one code for the document; elsewhere every line has its code. The canonical form has
a tax rate per line: in the US the document's code for taxed lines and none for the others.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.core.money import HUNDRED, ZERO, money, times, to_decimal
from engine.core.records import Replica, Scalar, State, line_fields, line_keys
from engine.errors import MappingError
from engine.mapping.base import Reading, Settings, Writing
from engine.mapping.forms import Draft
from engine.mapping.lines import HEADING
from engine.mapping.wire import Json, as_map, json_number, ref, ref_id

TAXED, UNTAXED = "TAX", "NON"
INCLUSIVE, EXCLUSIVE, NOT_APPLICABLE = "TaxInclusive", "TaxExcluded", "NotApplicable"
MANUAL, NONE, VAT = "us_manual", "none", "vat"


def is_us(settings: Settings) -> bool:
    """Whether lines know only TAX and NON."""
    return settings.tax_model.startswith("us_")


def document_code(data: Json) -> str:
    """The remote id of the document's tax code, "" when there is none."""
    return ref_id(as_map(data.get("TxnTaxDetail"), "TxnTaxDetail").get("TxnTaxCodeRef"), "TxnTaxCodeRef")


def read_line(code: str, document: str, reading: Reading) -> str:
    """Object id of a line's tax rate, "" for none."""
    if not code or code == UNTAXED or reading.settings.tax_model == NONE:
        return ""
    return reading.resolve("TaxCode", document or code) if code == TAXED else reading.resolve("TaxCode", code)


def write_line(started: Draft, detail: dict[str, Any], fields: State, amount: Decimal, currency: str) -> None:
    """The tax of one line, as the company's model wants it."""
    settings = started.writing.settings
    tax = str(fields.get("tax", ""))
    if settings.tax_model == NONE:
        return
    if is_us(settings):
        detail["TaxCodeRef"] = ref(TAXED if tax and is_taxed(tax, started.writing) else UNTAXED)
    elif tax:
        _write_code(started, detail, tax, amount, currency)
    elif not _untaxed(started):
        raise MappingError(
            f"The line “{fields.get('description', 'without text')}” has no tax rate, and QuickBooks wants one on every line.",
            hint="Choose a tax rate on the line; for no tax the zero rate.",
            code="tax_missing",
        )


def _write_code(started: Draft, detail: dict[str, Any], tax: str, amount: Decimal, currency: str) -> None:
    detail["TaxCodeRef"] = ref(located(tax, started.writing))
    if started.writing.state.get("amounts_include_tax") is True:
        gross = times(amount, HUNDRED + rate_of(tax, started.writing)) / HUNDRED
        detail["TaxInclusiveAmt"] = json_number(money(gross, currency))


def located(tax: str, writing: Writing) -> str:
    """The QuickBooks id of a tax rate; the error says that the document has to wait (R5)."""
    known = writing.lookup(tax)
    if known.get("active") is False:
        raise _old_rate(tax, writing, "no longer uses", code="old_tax_rate")
    try:
        return writing.locate(tax, Replica.QUICKBOOKS)
    except MappingError as error:
        raise _old_rate(tax, writing, "does not have", code="tax_not_mapped") from error


def _old_rate(tax: str, writing: Writing, what: str, *, code: str) -> MappingError:
    name = writing.lookup(tax).get("name", "without a name")
    return MappingError(
        f"{_lines_with(tax, writing.state)} the tax rate “{name}”, which QuickBooks {what}.",
        hint="Choose one of the current tax rates there; the document goes by itself then.",
        code=code,
    )


def _lines_with(tax: str, state: State) -> str:
    texts = [
        f"“{fields.get('description', 'without text')}”"
        for fields in (line_fields(state, key) for key in line_keys(state))
        if fields.get("tax") == tax
    ]
    match texts:
        case []:
            return "The document has"
        case [one]:
            return f"The line {one} has"
        case _:
            return f"The lines {', '.join(texts)} have"


def rate_of(tax: str, writing: Writing) -> Decimal:
    """Percent of a tax rate; zero when it has none of its own."""
    return to_decimal(writing.lookup(tax).get("rate", "0"))


def is_taxed(tax: str, writing: Writing) -> bool:
    """In the US: a rate above zero, or QuickBooks' own mark for taxed."""
    code = located(tax, writing)
    if code in (TAXED, UNTAXED):
        return code == TAXED
    return "rate" not in writing.lookup(tax) or rate_of(tax, writing) > ZERO


def means_the_same(told: Scalar | None, known: Scalar, reading: Reading) -> bool:
    """Whether a line's mark in the US can stand for a known rate: no mark for one without tax, the bare mark for one with."""
    takes_money = to_decimal(reading.lookup(str(known)).get("rate", "1")) > ZERO
    if told is None:
        return not takes_money
    return takes_money and "rate" not in reading.lookup(str(told))


def write_document(started: Draft) -> None:
    """What the document says about tax beside its lines; figures are told by ``told_tax`` alone (reference 11.2)."""
    settings = started.writing.settings
    if settings.tax_model == VAT:
        started.body["GlobalTaxCalculation"] = _calculation(started)
    elif settings.tax_model == MANUAL:
        code = _document_code(started)
        if code:
            started.body["TxnTaxDetail"] = {"TxnTaxCodeRef": ref(code)}


def _calculation(started: Draft) -> str:
    if _untaxed(started):
        return NOT_APPLICABLE
    return INCLUSIVE if started.writing.state.get("amounts_include_tax") is True else EXCLUSIVE


def _untaxed(started: Draft) -> bool:
    """A document that was made without tax in QuickBooks and still has none."""
    return started.writing.extras.get("tax") == NOT_APPLICABLE and not _rates(started.writing.state)


def _rates(state: State) -> list[str]:
    lines = (line_fields(state, key) for key in line_keys(state))
    found = (str(fields.get("tax", "")) for fields in lines if fields.get("line_type") != HEADING)
    return list(dict.fromkeys(tax for tax in found if tax))


def _document_code(started: Draft) -> str:
    writing = started.writing
    codes = {located(tax, writing) for tax in _rates(writing.state) if is_taxed(tax, writing)} - {TAXED}
    if len(codes) > 1:
        raise MappingError(
            "The document has lines with different tax rates; in QuickBooks all taxed lines of a document share one.",
            hint="Use one rate on the document, or split it in two.",
            code="several_tax_rates",
        )
    return codes.pop() if codes else ""
