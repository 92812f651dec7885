"""QuickBooks' document lines (reference 3.10, 3.13): reading them, and building the whole array that replaces them.

What is mapped is rebuilt; what is not (service dates, links, billable marks, bundles) is carried back with its id (F31).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.core.money import HUNDRED, ONE, ZERO, decimal_text, money, times
from engine.core.records import LINES, Replica, State, line_keys
from engine.errors import MappingError
from engine.mapping import normal, taxes
from engine.mapping.base import Reading, Settings
from engine.mapping.forms import Draft, number_of, shortened, text_form
from engine.mapping.lines import (
    HEADING,
    ITEM,
    Fields,
    Figures,
    Fit,
    Seen,
    figures,
    net_fit,
    outgoing,
    places,
    price_for,
)
from engine.mapping.projects import customer_of_project, customer_or_project, project_named
from engine.mapping.wire import Json, as_id, as_map, as_number, as_rows, as_text, json_number, ref, ref_id

SALES, BY_ITEM, BY_ACCOUNT = "SalesItemLineDetail", "ItemBasedExpenseLineDetail", "AccountBasedExpenseLineDetail"
_ITEMS = frozenset({SALES, BY_ITEM, BY_ACCOUNT})
TEXT_LINE, DISCOUNT, GROUP, SUBTOTAL = "DescriptionOnly", "DiscountLineDetail", "GroupLineDetail", "SubTotalLineDetail"
SHIPPING = "SHIPPING_ITEM_ID"

_DETAIL_MAPPED = frozenset({"Qty", "UnitPrice", "TaxCodeRef", "ClassRef", "ItemRef", "AccountRef", "CustomerRef"})
_COMPUTED = frozenset({"ItemAccountRef", "TaxInclusiveAmt", "TaxAmount", "DiscountRate", "DiscountAmt"})
_NOT_KEPT = _DETAIL_MAPPED | _COMPUTED
_TEXT = text_form(normal.paragraphs)


@dataclass(slots=True)
class Sheet:
    """The lines of one document as read: ours, the discount line, bundles by id, and the rest verbatim."""

    seen: list[Seen] = field(default_factory=list)
    discount: Json = field(default_factory=dict)
    groups: dict[str, Any] = field(default_factory=dict)
    others: list[Any] = field(default_factory=list)

    def subtotal(self) -> Decimal:
        """The amounts of all lines before the discount."""
        return sum((line.amount for line in self.seen if line.amount is not None), ZERO)


def read_sheet(data: Json, reading: Reading, currency: str) -> Sheet:
    """Sort the lines of a document by what they are; the generated subtotal is none."""
    sheet = Sheet()
    code = taxes.document_code(data)
    for raw in as_rows(data.get("Line"), "Line"):
        _sort(raw, sheet, _Reader(reading, currency, code))
    return sheet


@dataclass(frozen=True, slots=True)
class _Reader:
    reading: Reading
    currency: str
    document_code: str


def _sort(raw: Json, sheet: Sheet, reader: _Reader) -> None:
    kind = as_text(raw.get("DetailType"), "DetailType")
    if kind in _ITEMS:
        sheet.seen.append(_read_item(raw, kind, as_id(raw.get("Id"), "Id"), reader))
    elif kind == TEXT_LINE and not as_text(raw.get("Description"), "Description").startswith("Subtotal:"):
        sheet.seen.append(
            Seen(as_id(raw.get("Id"), "Id"), _heading(raw, reader.reading), extras=_kept(raw, "DescriptionLineDetail"))
        )
    elif kind == DISCOUNT:
        sheet.discount = raw
    elif kind == GROUP:
        _read_group(raw, sheet, reader)
    elif kind != SUBTOTAL:
        sheet.others.append(raw)


def _read_group(raw: Json, sheet: Sheet, reader: _Reader) -> None:
    """A bundle's lines are read like others, so that they arrive on the other side; it goes back as it came."""
    id = as_id(raw.get("Id"), "Id")
    sheet.groups[id] = raw
    for position, child in enumerate(as_rows(as_map(raw.get(GROUP), GROUP).get("Line"), "Line")):
        kind = as_text(child.get("DetailType"), "DetailType")
        if kind in _ITEMS:
            sheet.seen.append(_read_item(child, kind, f"{id}.{as_id(child.get('Id'), 'Id') or position}", reader))


def _heading(raw: Json, reading: Reading) -> Fields:
    fields: Fields = {"line_type": HEADING}
    text = _TEXT.read(raw.get("Description"), "Description", reading)
    return fields if text is None else {**fields, "description": text}


def _read_item(raw: Json, kind: str, id: str, reader: _Reader) -> Seen:
    detail = as_map(raw.get(kind), kind)
    amount = as_number(raw.get("Amount"), "Amount")
    fields: Fields = {"line_type": ITEM}
    _read_names(raw, detail, fields, reader)
    shown = _shown(detail, amount, reader.currency)
    fields["quantity"], fields["unit_price"] = decimal_text(shown.quantity), decimal_text(shown.unit_price)
    cost = shown.amount(reader.currency) if amount is None else amount
    chosen = kind == SALES and ref_id(detail.get("ItemRef"), "ItemRef") == default_item(reader.reading.settings)
    return Seen(id, fields, cost, "UnitPrice" not in detail, chosen, _kept(raw, kind, "project" in fields))


def default_item(settings: Settings) -> str:
    """Id of the item that QuickBooks puts on sales lines without one; "" where it is not known."""
    return settings.features.get("default_item", "")


def _shown(detail: Json, amount: Decimal | None, currency: str) -> Figures:
    """Quantity and net price that give the amount; one of the amount where the line names no price or a gross one."""
    quantity, price = as_number(detail.get("Qty"), "Qty"), as_number(detail.get("UnitPrice"), "UnitPrice")
    if amount is None:
        return Figures(ONE if quantity is None else quantity, price or ZERO, ZERO)
    if quantity is None:
        return Figures(ONE, amount, ZERO)
    if price is not None and money(times(quantity, price), currency) == money(amount, currency):
        return Figures(quantity, price, ZERO)
    fitting = price_for(amount, quantity, currency)
    return Figures(ONE, amount, ZERO) if fitting is None else Figures(quantity, fitting, ZERO)


def _read_names(raw: Json, detail: Json, fields: Fields, reader: _Reader) -> None:
    reading = reader.reading
    item = ref_id(detail.get("ItemRef"), "ItemRef")
    text = _TEXT.read(raw.get("Description"), "Description", reading)
    if text is not None:
        fields["description"] = text
    elif item == SHIPPING:
        fields["description"] = "Shipping"
    if item and item != SHIPPING:
        fields["product"] = reading.resolve("Item", item)
    account, of_class = ref_id(detail.get("AccountRef"), "AccountRef"), ref_id(detail.get("ClassRef"), "ClassRef")
    if account:
        fields["account"] = reading.resolve("Account", account)
    if of_class:
        fields["class"] = reading.resolve("Class", of_class)
    tax = taxes.read_line(ref_id(detail.get("TaxCodeRef"), "TaxCodeRef"), reader.document_code, reading)
    if tax:
        fields["tax"] = tax
    project = _line_project(raw, detail, reading)
    if project:
        fields["project"] = project


def _line_project(raw: Json, detail: Json, reading: Reading) -> str:
    """Beside the detail, or a customer of the line that is a project (reference 11.3)."""
    project = ref_id(raw.get("ProjectRef"), "ProjectRef")
    if project:
        return project_named(project, reading)
    customer = ref_id(detail.get("CustomerRef"), "CustomerRef")
    return customer_or_project(customer, reading)[1] if customer else ""


def _kept(raw: Json, kind: str, has_project: bool = False) -> dict[str, Any]:
    """What goes back with the line although we do not map it; a customer or project too, where it is no project of ours."""
    held = as_map(raw.get(kind), kind)
    detail = {key: value for key, value in held.items() if key not in _NOT_KEPT and value}
    if held.get("CustomerRef") and not has_project:
        detail["CustomerRef"] = held["CustomerRef"]
    if ref_id(held.get("ItemRef"), "ItemRef") == SHIPPING:
        detail["ItemRef"] = ref(SHIPPING)
    names = ("LinkedTxn",) if has_project else ("LinkedTxn", "ProjectRef")
    line = {name: raw[name] for name in names if raw.get(name)}
    return ({"detail": detail} if detail else {}) | ({"line": line} if line else {})


def known_fit(currency: str, folded: Decimal, reading: Reading, *, purchase: bool) -> Fit:
    """The fit of QuickBooks' lines: figures as before where they cost the same, and what no line can tell stays as known.

    A line by product has no account of its own, and in the US all rates without tax look alike.
    """
    same_figures = net_fit(currency, folded)
    in_us = taxes.is_us(reading.settings)

    def fit(seen: Seen, before: State) -> Fields:
        fields = same_figures(seen, before)
        if (
            purchase
            and "account" in before
            and "account" not in fields
            and fields.get("product") == before.get("product")
        ):
            fields = {**fields, "account": before["account"]}
        if seen.by_default and "product" not in before and before.get("line_type") == ITEM:
            fields = {name: value for name, value in fields.items() if name != "product"}
        if in_us and "tax" in before and taxes.means_the_same(fields.get("tax"), before["tax"], reading):
            fields = {**fields, "tax": before["tax"]}
        return fields

    return fit


def read_discount(sheet: Sheet, previous: State, currency: str) -> str:
    """The discount on the whole document in percent, "" when there is none.

    An amount becomes the percentage with the fewest digits that gives it; the one known before stays when it still does.
    """
    if not sheet.discount:
        return ""
    detail = as_map(sheet.discount.get(DISCOUNT), DISCOUNT)
    percent = as_number(detail.get("DiscountPercent"), "DiscountPercent")
    if detail.get("PercentBased") and percent is not None:
        return decimal_text(percent) if percent else ""
    off = as_number(sheet.discount.get("Amount"), "Amount") or ZERO
    return _percentage(off, sheet.subtotal(), number_of(previous.get("discount")), currency)


def _percentage(off: Decimal, subtotal: Decimal, known: Decimal, currency: str) -> str:
    if not off or not subtotal:
        return ""
    if known and money(times(subtotal, known) / HUNDRED, currency) == off:
        return decimal_text(known)
    percent = price_for(off, subtotal / HUNDRED, currency)
    return decimal_text(off * HUNDRED / subtotal if percent is None else percent, 10)


def write_lines(started: Draft, *, purchase: bool) -> None:
    """The whole ``Line`` array: every line with its id, bundles and unmapped lines as they came, the discount last."""
    writer = _Writer(started, purchase, str(started.writing.state.get("currency", "")))
    groups = dict(started.writing.extras.get("groups", {}))
    _check_groups(started, groups)
    body: list[Any] = []
    for _, id, fields in outgoing(started):
        if purchase and fields.get("line_type") == HEADING:
            started.note("Bills have no sub-headings in QuickBooks; they stay in Scoro.")
            continue
        group, dot, _child = id.partition(".")
        if dot and group in started.writing.extras.get("groups", {}):
            body += [groups.pop(group)] if group in groups else []
        else:
            body.append(writer.line(id, fields))
    body += started.writing.extras.get("others", ())
    if not body:
        raise MappingError(
            "The document has no lines with an amount.", hint="Add a line to the document.", code="no_lines"
        )
    if not purchase:
        body += _discount_line(started)
    started.body["Line"] = body


def _check_groups(started: Draft, groups: Mapping[str, Any]) -> None:
    """A bundle goes back as it came or not at all: its parts cannot be written (reference 3.5)."""
    alive = set(line_keys(started.writing.state))
    for id, key in started.writing.line_ids.items():
        root = LINES + key
        touched = key not in alive or any(
            path == root or path.startswith(root + "/") for path in started.writing.changed
        )
        if "." in id and id.partition(".")[0] in groups and touched:
            raise MappingError(
                "The line belongs to a bundle, and QuickBooks lets nobody change bundles over its interface.",
                hint="Change the bundle in QuickBooks.",
                code="bundle_line",
            )


def _discount_line(started: Draft) -> list[dict[str, Any]]:
    percent = number_of(started.writing.state.get("discount"))
    if not percent:
        return []
    known = started.writing.extras.get("discount", {})
    line = {"Id": known["Id"]} if known.get("Id") else {}
    detail = {
        key: value
        for key, value in known.get(DISCOUNT, {}).items()
        if key in ("DiscountAccountRef", "ClassRef", "TaxCodeRef")
    }
    detail |= {"PercentBased": True, "DiscountPercent": json_number(percent)}
    return [{**line, "DetailType": DISCOUNT, DISCOUNT: detail}]


@dataclass(frozen=True, slots=True)
class _Writer:
    """Builds one line; ``purchase`` decides which detail it has."""

    started: Draft
    purchase: bool
    currency: str

    def line(self, id: str, fields: State) -> dict[str, Any]:
        kept = self.started.writing.extras.get("lines", {}).get(id, {})
        line: dict[str, Any] = {"Id": id} if id else {}
        line |= kept.get("line", {})
        description = fields.get("description")
        if description:
            line["Description"] = shortened(str(description), 4000, "A line's description", self.started)
        if fields.get("line_type") == HEADING:
            return line | {"DetailType": TEXT_LINE, "DescriptionLineDetail": dict(kept.get("detail", {}))}
        return self._item(line, dict(kept.get("detail", {})), fields)

    def _item(self, line: dict[str, Any], detail: dict[str, Any], fields: State) -> dict[str, Any]:
        kind = self._target(detail, fields)
        amount = self._figures(kind, detail, fields)
        taxes.write_line(self.started, detail, fields, amount, self.currency)
        if "class" in fields and self.started.writing.settings.features.get("classes_per_line") != "false":
            detail["ClassRef"] = ref(self._locate(fields["class"]))
        if self.purchase and "project" in fields:
            self._project(line, detail, str(fields["project"]))
        if "CustomerRef" not in detail:
            detail.pop("BillableStatus", None)  # nobody to bill it to (fault 6310)
        return line | {"DetailType": kind, "Amount": json_number(amount), kind: detail}

    def _target(self, detail: dict[str, Any], fields: State) -> str:
        if "product" in fields:
            detail["ItemRef"] = ref(self._locate(fields["product"]))
            return BY_ITEM if self.purchase else SALES
        if self.purchase:
            detail["AccountRef"] = ref(self._locate(self._account(fields)))
            return BY_ACCOUNT
        if "ItemRef" not in detail:
            chosen = default_item(self.started.writing.settings)
            detail |= {"ItemRef": ref(chosen)} if chosen else {}
            self.started.note(f"The line “{_name(fields)}” has no product; QuickBooks books it on its default product.")
        return SALES

    def _account(self, fields: State) -> str:
        """The line's own account first, then the default one (R42)."""
        account = str(fields.get("account", "")) or self.started.writing.settings.default_expense_account
        if not account:
            raise MappingError(
                f"The line “{_name(fields)}” has neither a product nor an account.",
                hint="Choose an account on the line, or a default expense account in the settings.",
                code="line_without_account",
            )
        return account

    def _figures(self, kind: str, detail: dict[str, Any], fields: State) -> Decimal:
        """Amount equals quantity × price (fault 6070): where no price fits, it is one of the amount."""
        folded = number_of(self.started.writing.state.get("discount")) if self.purchase else ZERO
        known = figures(fields, folded)
        amount, price = known.amount(self.currency), known.net_price(self.currency)
        if kind != BY_ACCOUNT:
            single = price is None or places(price) > _SENDABLE_PLACES
            quantity, unit = (ONE, amount) if single or price is None else (known.quantity, price)
            detail |= {"Qty": json_number(quantity), "UnitPrice": json_number(unit)}
        return amount

    def _project(self, line: dict[str, Any], detail: dict[str, Any], project: str) -> None:
        line["ProjectRef"] = ref(self._locate(project))
        customer = customer_of_project(project, self.started.writing)
        if customer:
            detail["CustomerRef"] = ref(customer)

    def _locate(self, id: object) -> str:
        return self.started.writing.locate(str(id), Replica.QUICKBOOKS)


_SENDABLE_PLACES = 10


def _name(fields: State) -> str:
    return str(fields.get("description", "without text"))
