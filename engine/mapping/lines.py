"""The lines of documents in canonical form: stable keys, and the figures that survive a trip through net prices.

A key names a line for ever: ``s<id>`` or ``q<id>`` after the remote line where it was first seen. Remote ids come and go
(QuickBooks gives a new one to every line sent without, reference 3.0), so keys are found again by what the lines say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.core.money import MOST_PLACES, ONE, ZERO, decimal_text, line_amount, minor_digits, money, percent_off, times
from engine.core.records import LINES, Kind, Path, Replica, Scalar, State, lines_of
from engine.mapping.base import FieldRule, Reading
from engine.mapping.forms import Draft, number_of

Fields = dict[str, Scalar]

ITEM, HEADING = "item", "heading"

_RULES = (
    FieldRule("lines/*", "Line", "flag", "lines", "Line", transformation="every line is sent, with its id", money=True),
    FieldRule(
        "lines/*/line_type",
        "Kind of line",
        "code",
        "lines.product_id",
        "Line.DetailType",
        transformation="item or heading (product −1, DescriptionOnly); headings of bills stay in Scoro",
    ),
    FieldRule(
        "lines/*/product",
        "Product",
        "reference",
        "lines.product_id",
        "Line.ItemRef",
        limits="without one QuickBooks takes its default product on sales",
        reference=Kind.PRODUCT,
    ),
    FieldRule(
        "lines/*/description", "Description", "text", "lines.comment", "Line.Description", limits="4000 in QuickBooks"
    ),
    FieldRule(
        "lines/*/quantity",
        "Quantity",
        "quantity",
        "lines.amount",
        "Line.Qty",
        transformation="1 where QuickBooks names an amount only",
        money=True,
    ),
    FieldRule(
        "lines/*/unit_price",
        "Price",
        "money",
        "lines.price",
        "Line.UnitPrice",
        transformation="without tax; in QuickBooks after the line's discount",
        money=True,
    ),
    FieldRule(
        "lines/*/discount",
        "Discount",
        "rate",
        "lines.discount",
        "Line.UnitPrice",
        transformation="percent; taken off the price in QuickBooks",
        money=True,
    ),
    FieldRule(
        "lines/*/tax",
        "Tax rate",
        "reference",
        "lines.vat_code_id",
        "Line.TaxCodeRef",
        transformation="TAX or NON per line in US companies, with the rate on the document",
        money=True,
        reference=Kind.TAX_RATE,
    ),
    FieldRule(
        "lines/*/class",
        "Class",
        "reference",
        "lines.finance_object_id",
        "Line.ClassRef",
        limits="needs class tracking per line (R24)",
        reference=Kind.TRACKING_CLASS,
    ),
)
ACCOUNT_RULE = FieldRule(
    "lines/*/account",
    "Account",
    "reference",
    "lines.finance_account_id",
    "Line.AccountRef",
    transformation="default expense account where a line has neither product nor account (R42)",
    limits="a product's own account counts in QuickBooks",
    reference=Kind.ACCOUNT,
)
SALES_ACCOUNT_RULE = FieldRule(
    "lines/*/account",
    "Account",
    "reference",
    "lines.finance_account_id",
    "",
    limits="QuickBooks takes the product's",
    carried=frozenset({Replica.SCORO}),
    reference=Kind.ACCOUNT,
)
PROJECT_RULE = FieldRule(
    "lines/*/project",
    "Project",
    "reference",
    "lines.project_id",
    "Line.ProjectRef",
    transformation="per line (R22)",
    reference=Kind.PROJECT,
)

SALES_RULES = (*_RULES, SALES_ACCOUNT_RULE)
PURCHASE_RULES = (*_RULES, ACCOUNT_RULE, PROJECT_RULE)


@dataclass(slots=True)
class Seen:
    """A remote line as it was read. ``amount`` is the remote's own, where it has one beside quantity and price;
    ``amount_only`` that it told no quantity and price, ``by_default`` that its product is the remote's
    choice. ``extras`` goes back verbatim."""

    id: str
    fields: Fields
    amount: Decimal | None = None
    amount_only: bool = False
    by_default: bool = False
    extras: dict[str, Any] = field(default_factory=dict)


def known_before(seen: Sequence[Seen], reading: Reading) -> dict[str, Fields]:
    """The lines as they were, by their keys, for a fit that looks at them only to find what has no known id."""
    return {} if all(line.id in reading.line_ids for line in seen) else lines_of(reading.previous)


Fit = Callable[[Seen, State], Fields]
"""A line's fields, told the way the same line was told before where both mean the same figures."""


def as_is(seen: Seen, before: State) -> Fields:
    """The fit of a remote that keeps quantity, price and discount as they are."""
    return seen.fields


def align(
    seen: Sequence[Seen], before: Mapping[str, Fields], line_ids: Mapping[str, str], prefix: str, fit: Fit
) -> list[str]:
    """The key of every line of ``seen``, in their order. ``before`` are the lines known by their keys.

    A known id keeps its key. A new id takes over the key of a vanished line that said the same; then of one with the same
    product or text and figures; then, in order, of lines that never had an id here (ours, just written). The rest are new.
    """
    keys = [line_ids.get(line.id, "") for line in seen]
    if all(keys):
        return keys
    vanished = {key: fields for key, fields in before.items() if key not in set(keys)}
    if vanished:
        _adopt(keys, seen, vanished, lambda line, fields: fit(line, fields) == fields)
        _adopt(keys, seen, vanished, lambda line, fields: _alike(fit(line, fields), fields))
        bound = set(line_ids.values())
        written = {key: fields for key, fields in vanished.items() if key not in bound}
        _adopt(keys, seen, written, lambda line, fields: line.fields.get("line_type") == fields.get("line_type"))
    return _named(keys, seen, {*before, *line_ids.values()}, prefix)


def _adopt(
    keys: list[str], seen: Sequence[Seen], before: dict[str, Fields], same: Callable[[Seen, Fields], bool]
) -> None:
    for position, line in enumerate(seen):
        if not keys[position]:
            key = next((key for key, fields in before.items() if same(line, fields)), "")
            if key:
                keys[position] = key
                del before[key]


def _alike(now: Fields, before: Fields) -> bool:
    """The same product or text at the same figures: only tax, account, class or project differ."""
    names = ("line_type", "quantity", "unit_price", "discount")
    same_figures = all(now.get(name) == before.get(name) for name in names)
    return same_figures and any(now.get(name) == before.get(name) for name in ("product", "description"))


def _named(keys: list[str], seen: Sequence[Seen], used: set[str], prefix: str) -> list[str]:
    for position, line in enumerate(seen):
        if not keys[position]:
            keys[position] = _free(f"{prefix}{line.id or f'n{position}'}".replace("/", "."), used)
        used.add(keys[position])
    return keys


def _free(name: str, used: set[str]) -> str:
    free, number = name, 1
    while free in used:
        number += 1
        free = f"{name}.{number}"
    return free


def assemble(
    state: dict[Path, Scalar], seen: Sequence[Seen], keys: Sequence[str], fit: Fit, before: Mapping[str, Fields]
) -> dict[str, str]:
    """Put the lines into ``state``; returns remote id → key in the remote's order."""
    line_ids: dict[str, str] = {}
    for line, key in zip(seen, keys, strict=True):
        put_line(state, key, fit(line, before.get(key, _NO_FIELDS)))
        if line.id:
            line_ids[line.id] = key
    return line_ids


_NO_FIELDS: Fields = {}


def put_line(state: dict[Path, Scalar], key: str, fields: Fields) -> None:
    """Add one line to ``state``."""
    root = LINES + key
    state[root] = True
    for name, value in fields.items():
        state[f"{root}/{name}"] = value


def outgoing(started: Draft) -> list[tuple[str, str, Fields]]:
    """The lines to send as (key, remote id or "", fields): known ones in the remote's order, new ones after."""
    alive = lines_of(started.writing.state)
    ids = {key: id for id, key in started.writing.line_ids.items() if key in alive}
    ordered = dict.fromkeys([key for key in started.writing.line_ids.values() if key in alive]) | dict.fromkeys(alive)
    return [(key, ids.get(key, ""), alive[key]) for key in ordered]


def lines_changed(changed: Iterable[Path]) -> bool:
    """Whether a line path is among the changed ones: then all lines are sent."""
    return any(path.startswith(LINES) for path in changed)


@dataclass(frozen=True, slots=True)
class Figures:
    """Quantity, price and discount of a line, and the discount of the document where it has to be folded in."""

    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    folded: Decimal = ZERO

    def amount(self, currency: str) -> Decimal:
        """What the line costs without tax, all discounts taken off."""
        amount = line_amount(self.quantity, self.unit_price, self.discount, currency)
        return money(percent_off(amount, self.folded), currency) if self.folded else amount

    def net_price(self, currency: str) -> Decimal | None:
        """A price that, times the quantity, is the amount to the last digit of the currency; None when there is none."""
        amount = self.amount(currency)
        exact = percent_off(percent_off(self.unit_price, self.discount), self.folded)
        if places(exact) <= MOST_PLACES and money(times(self.quantity, exact), currency) == amount:
            return exact
        return price_for(amount, self.quantity, currency)


def figures(fields: State, folded: Decimal = ZERO) -> Figures:
    """The figures of a line's fields; a line without quantity is one."""
    quantity = fields.get("quantity")
    return Figures(
        ONE if quantity is None else number_of(quantity),
        number_of(fields.get("unit_price")),
        number_of(fields.get("discount")),
        folded,
    )


def places(value: Decimal) -> int:
    """Digits after the point."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def price_for(amount: Decimal, quantity: Decimal, currency: str) -> Decimal | None:
    """The price with the fewest digits that gives ``amount`` for ``quantity``; None when ten digits are not enough."""
    if not quantity:
        return None
    exact = amount / quantity
    for digits in range(minor_digits(currency), MOST_PLACES + 1):
        price = round(exact, digits)
        if money(times(quantity, price), currency) == amount:
            return price
    return None


def net_fit(currency: str, folded: Decimal) -> Fit:
    """The fit of a remote that keeps net prices: a line that still costs the same is told as before."""

    def fit(seen: Seen, before: State) -> Fields:
        if (
            seen.fields == before
            or seen.amount is None
            or seen.fields.get("line_type") != ITEM
            or before.get("line_type") != ITEM
        ):
            return seen.fields
        kept = _kept(seen, seen.amount, figures(before, folded), currency)
        return seen.fields if kept is None else _with_figures(seen.fields, kept)

    return fit


def keeps_figures(seen: Seen, before: State, currency: str, folded: Decimal) -> bool:
    """Whether ``net_fit`` recognises the line."""
    if seen.amount is None:
        return True
    return before.get("line_type") == ITEM and _kept(seen, seen.amount, figures(before, folded), currency) is not None


def _kept(seen: Seen, amount: Decimal, known: Figures, currency: str) -> Figures | None:
    shown = figures(seen.fields)
    price = known.net_price(currency)
    same_price = price is not None and shown.unit_price == price
    if same_price and "quantity" in seen.fields and shown.quantity != known.quantity:
        return Figures(shown.quantity, known.unit_price, known.discount, known.folded)
    single = shown.quantity == ONE and shown.unit_price == amount and (price is None or seen.amount_only)
    if known.amount(currency) == amount and (shown.quantity == known.quantity or single):
        return known
    return None


def _with_figures(fields: Fields, kept: Figures) -> Fields:
    told = {**fields, "quantity": decimal_text(kept.quantity), "unit_price": decimal_text(kept.unit_price)}
    if kept.discount:
        told["discount"] = decimal_text(kept.discount)
    else:
        told.pop("discount", None)
    return told
