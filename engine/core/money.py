"""Exact arithmetic of amounts, quantities and rates: Decimal in, Decimal or its text in normal form out, never a float.

Amounts are rounded half up to the minor unit of their currency. Documents round tax once per rate
(QuickBooks reference 11.2) or once per line (a switch of Scoro, reference 4.4); ``Rounding`` says which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from engine.core.records import LINES, Scalar, State, line_root, lines_of
from engine.errors import MappingError

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

MOST_DIGITS = 15
"""Digits before the point that a value may have; QuickBooks takes no more (reference 3.10)."""

MOST_PLACES = 10
"""Places after the point that are kept; what lies behind is noise of binary floats."""

LookupRate: TypeAlias = Callable[[str], "Decimal | str"]
"""Object id of a tax rate → percent."""

_CONTEXT = Context(prec=80, rounding=ROUND_HALF_UP)
_LAST_PLACE = ONE.scaleb(-MOST_PLACES)

_MINOR_DIGITS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


class Rounding(StrEnum):
    """Where the tax of a document is rounded."""

    PER_RATE = "per_rate"
    PER_LINE = "per_line"


@dataclass(frozen=True, slots=True)
class Totals:
    """The three figures of a document, quantised to its currency: ``net + tax == total``."""

    net: Decimal
    tax: Decimal
    total: Decimal


def minor_digits(currency: str) -> int:
    """Digits after the point of an ISO 4217 currency: 2 unless the standard says otherwise."""
    return _MINOR_DIGITS.get(currency.upper(), 2)


def to_decimal(value: object) -> Decimal:
    """An exact number from the wire: text, int, Decimal, or a float by its shortest text.

    Raises ``MappingError`` (``not_a_number``) for anything else, for NaN and infinity, and for numbers too large to
    be real.
    """
    if type(value) is str:  # the usual case, at once
        return _parsed(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise _not_a_number(value)
    return _parsed(str(value))


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Decimal:
    if len(text) > 64:
        raise _not_a_number(text)
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise _not_a_number(text) from None
    if not number.is_finite() or (number and number.adjusted() >= MOST_DIGITS):
        raise _not_a_number(text)
    if int(number.as_tuple().exponent) < -MOST_PLACES:
        number = number.quantize(_LAST_PLACE, context=_CONTEXT)
    return number or ZERO


def _not_a_number(value: object) -> MappingError:
    shown = repr(value) if isinstance(value, (str, int, float, Decimal)) else type(value).__name__
    return MappingError(
        f"{shown[:40]} is not an amount that can be carried over.",
        hint="Correct the figure in the system where it was entered.",
        code="not_a_number",
    )


def decimal_text(value: Decimal, places: int | None = None) -> str:
    """The normal form: no exponent, no trailing zeros, no negative zero; rounded half up to ``places`` when given."""
    if places is not None:
        value = value.quantize(ONE.scaleb(-places), context=_CONTEXT)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@lru_cache(maxsize=8192)
def normal_text(text: str) -> str:
    """The normal form of a number given as text; raises as ``to_decimal``."""
    return decimal_text(_parsed(text))


def money(value: Decimal, currency: str) -> Decimal:
    """``value`` rounded half up to the minor unit of ``currency``."""
    return value.quantize(ONE.scaleb(-minor_digits(currency)), context=_CONTEXT)


def money_text(value: Decimal, currency: str) -> str:
    """``value`` with exactly the digits of its currency: ``"12.50"``, ``"13"`` for JPY."""
    amount = money(value, currency)
    return format(amount if amount else abs(amount), "f")


def spoken_amount(minor: int, currency: str) -> str:
    """An amount in the minor unit as a sentence has it: ``50,000.00 USD``."""
    digits = minor_digits(currency)
    return f"{Decimal(minor).scaleb(-digits):,.{digits}f} {currency}"


def percent_off(value: Decimal, percent: Decimal) -> Decimal:
    """``value`` less ``percent`` of it, exact."""
    return _CONTEXT.multiply(value, (HUNDRED - percent) / HUNDRED) if percent else value


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product, for values of any size that ``to_decimal`` lets through."""
    return _CONTEXT.multiply(left, right)


def line_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal, currency: str) -> Decimal:
    """What one line costs without tax: quantity × price less discount, rounded once."""
    return money(percent_off(times(quantity, unit_price), discount), currency)


def field_decimal(fields: State, name: str, default: Decimal = ZERO) -> Decimal:
    """A decimal field of a state, ``default`` when it is empty."""
    value = fields.get(name)
    return default if value is None else to_decimal(value)


def net_lines(state: State) -> list[tuple[Decimal, str]]:
    """Net amount and tax rate id ("" for none) of every item line, before the discount on the whole document."""
    currency = str(state.get("currency", ""))
    return [
        (_net(fields, currency), str(fields.get("tax", "")))
        for fields in lines_of(state).values()
        if fields.get("line_type") != "heading"
    ]


def _net(fields: State, currency: str) -> Decimal:
    quantity = field_decimal(fields, "quantity", ONE)
    return line_amount(quantity, field_decimal(fields, "unit_price"), field_decimal(fields, "discount"), currency)


@dataclass(frozen=True, slots=True)
class TaxShare:
    """What the lines of one rate of tax come to, discounted: net, and tax on top of it."""

    net: Decimal
    tax: Decimal


def tax_by_rate(state: State, lookup_rate: LookupRate, rounding: Rounding) -> dict[str, TaxShare]:
    """Object id of a tax rate → net and tax of its lines, the tax rounded as ``rounding`` says. Prices are without tax."""
    currency = str(state.get("currency", ""))
    shares: dict[str, TaxShare] = {}
    for amount, tax in _taxed_parts(state, rounding):
        if tax:
            known = shares.get(tax, TaxShare(ZERO, ZERO))
            more = _tax(amount, to_decimal(lookup_rate(tax)), currency)
            shares[tax] = TaxShare(known.net + amount, known.tax + more)
    return shares


def document_totals(state: State, lookup_rate: LookupRate, *, rounding: Rounding = Rounding.PER_RATE) -> Totals:
    """Net, tax and total of a document in its canonical form.

    Unit prices are without tax. The discount on the whole document comes off before tax.
    ``amounts_include_tax`` fixes what a customer pays for each rate, and takes the tax out of that;
    otherwise tax comes on top. ``lookup_rate`` may raise ``MappingError``; figures that are no numbers
    raise it too.
    """
    currency = str(state.get("currency", ""))
    parts = _taxed_parts(state, rounding)
    net = sum((amount for amount, _ in parts), ZERO)
    rates = {tax: to_decimal(lookup_rate(tax)) for _, tax in parts if tax}
    if state.get("amounts_include_tax") is True:
        gross = sum((_gross(amount, rates.get(tax, ZERO), currency) for amount, tax in parts), ZERO)
        tax_total = sum((_contained(amount, rates.get(tax, ZERO), currency) for amount, tax in parts), ZERO)
        return Totals(
            net=money(gross - tax_total, currency), tax=money(tax_total, currency), total=money(gross, currency)
        )
    tax_total = sum((_tax(amount, rates.get(tax, ZERO), currency) for amount, tax in parts), ZERO)
    net = money(net, currency)
    return Totals(net=net, tax=money(tax_total, currency), total=money(net + tax_total, currency))


def net_total(state: State) -> Decimal:
    """The document's total without tax, which needs no look-up."""
    parts = _taxed_parts(state, Rounding.PER_RATE)
    return money(sum((amount for amount, _ in parts), ZERO), str(state.get("currency", "")))


def _taxed_parts(state: State, rounding: Rounding) -> list[tuple[Decimal, str]]:
    """The amounts that are taxed one by one, discounted: each line, or the sum of the lines of each rate."""
    lines = net_lines(state)
    if rounding is Rounding.PER_RATE:
        lines = _by_rate(lines)
    return _discounted(lines, field_decimal(state, "discount"), str(state.get("currency", "")))


def _by_rate(lines: Iterable[tuple[Decimal, str]]) -> list[tuple[Decimal, str]]:
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for amount, tax in lines:
        sums[tax] += amount
    return [(amount, tax) for tax, amount in sums.items()]


def _discounted(lines: list[tuple[Decimal, str]], discount: Decimal, currency: str) -> list[tuple[Decimal, str]]:
    """The discount is rounded once for the document and shared out; the last part takes the odd cent."""
    if not discount or not lines:
        return lines
    target = money(percent_off(sum((amount for amount, _ in lines), ZERO), discount), currency)
    shared = [(money(percent_off(amount, discount), currency), tax) for amount, tax in lines]
    odd = target - sum((amount for amount, _ in shared), ZERO)
    return [*shared[:-1], (shared[-1][0] + odd, shared[-1][1])]


def _tax(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    return money(times(amount, rate) / HUNDRED, currency)


def _gross(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    return money(times(amount, HUNDRED + rate) / HUNDRED, currency)


def _contained(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """The tax inside the gross amount of ``amount``."""
    gross = _gross(amount, rate, currency)
    return gross if rate == -HUNDRED else gross - money(gross * HUNDRED / (HUNDRED + rate), currency)


def balances(state: State, lookup_rate: LookupRate, expected: Totals | None = None) -> str | None:
    """Why a document's lines, tax and total contradict each other, as a sentence; None when they agree.

    Used on documents that a merge put together: every figure must be there and readable, no field may
    belong to a removed line, and with ``expected`` the sums must be equal to the cent.
    """
    orphan = _orphan(state)
    if orphan:
        return orphan
    try:
        totals = document_totals(state, lookup_rate)
    except MappingError as error:
        return error.message
    return _shape_problem(state) or _difference(totals, expected, str(state.get("currency", "")))


def _orphan(state: State) -> str | None:
    for path in state:
        root = line_root(path)
        if root is not None and root not in state:
            return f"The line {root[len(LINES) :]} was removed on one side and changed on the other."
    return None


def _shape_problem(state: State) -> str | None:
    for fields in lines_of(state).values():
        problem = _line_problem(fields)
        if problem:
            return problem
    return _discount_problem(state, "The document")


def _line_problem(fields: dict[str, Scalar]) -> str | None:
    what = f"The line “{fields.get('description') or fields.get('product') or 'without text'}”"
    if fields.get("line_type") == "heading":
        return f"{what} is a heading and has an amount." if "unit_price" in fields or "quantity" in fields else None
    if "unit_price" not in fields:
        return f"{what} has no price."
    if "quantity" not in fields:
        return f"{what} has no quantity."
    return _discount_problem(fields, what)


def _discount_problem(fields: State, what: str) -> str | None:
    if not ZERO <= field_decimal(fields, "discount") <= HUNDRED:
        return f"{what} has a discount that is not between 0 and 100 percent."
    return None


def _difference(totals: Totals, expected: Totals | None, currency: str) -> str | None:
    if expected is None or totals == expected:
        return None
    return (
        f"The lines add up to {money_text(totals.net, currency)} plus {money_text(totals.tax, currency)} tax, "
        f"which is {money_text(totals.total, currency)}, not {money_text(expected.total, currency)}."
    )
