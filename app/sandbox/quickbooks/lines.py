"""Document lines: ids, amounts, defaults and the generated subtotal (reference 3.10, 3.13)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks import faults, references, tax
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Row
from app.sandbox.quickbooks.currency import CENT, cents
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
MAX_LINES = 10_000
MAX_TAXABLE = 750
SALES = "SalesItemLineDetail"
DISCOUNT = "DiscountLineDetail"
NOTE = "DescriptionOnly"
SUBTOTAL = "SubTotalLineDetail"
GROUP = "GroupLineDetail"
ACCOUNT = "AccountBasedExpenseLineDetail"
ITEM = "ItemBasedExpenseLineDetail"
_SALES_TYPES = {SALES, DISCOUNT, NOTE, GROUP}
_EXPENSE_TYPES = {ACCOUNT, ITEM, NOTE}


def prepare_sales(booking: Booking, draft: Draft, customer: Row) -> None:
    """Check and complete the lines of a sales form; the subtotal is added by `close_sales`."""
    lines = _incoming(draft, _SALES_TYPES)
    mode = tax.mode_of(booking, draft)
    for line in lines:
        if line["DetailType"] == SALES:
            _complete_sales(booking, line, customer, mode)
    _settle_discount(booking, draft, lines)
    _refuse_many_taxable(lines, mode)
    draft.data["Line"] = lines


def prepare_expenses(booking: Booking, draft: Draft) -> None:
    """Check and complete the lines of a bill or vendor credit."""
    lines = _incoming(draft, _EXPENSE_TYPES)
    mode = tax.mode_of(booking, draft)
    for line in lines:
        if line["DetailType"] != NOTE:
            _complete_expense(booking, line, mode)
    _refuse_many_taxable(lines, mode)
    draft.data["Line"] = lines


def _refuse_many_taxable(lines: list[Json], mode: str) -> None:
    """A document with tax has fewer lines than one without (reference 9)."""
    codes = ((references.detail(line).get("TaxCodeRef") or {}).get("value", "NON") for line in lines)
    if mode != "NotApplicable" and sum(code != "NON" for code in codes) > MAX_TAXABLE:
        raise faults.business(f"A transaction with sales tax can have at most {MAX_TAXABLE} taxable lines.")


def _incoming(draft: Draft, allowed: set[str]) -> list[Json]:
    """The submitted lines without generated ones, each with a known DetailType."""
    given = [
        dict(line)
        for line in draft.data.get("Line") or []
        if line.get("DetailType") not in {SUBTOTAL, "SubtotalLineDetail"}
    ]
    if not given:
        raise faults.missing("Line")
    if len(given) > MAX_LINES:
        raise faults.business(f"A transaction can have at most {MAX_LINES} lines.")
    for line in given:
        _check_type(line, allowed)
    return given


def _check_type(line: Mapping[str, Any], allowed: set[str]) -> None:
    kind = line.get("DetailType")
    if not kind:
        raise faults.missing("Line.DetailType")
    if kind not in allowed:
        raise faults.fault("2170", f"Property Name:Line.DetailTypeEnum; {kind} is not valid", "Line.DetailType")
    if kind not in {NOTE} and line.get(kind) is None:
        raise faults.missing(f"Line.{kind}")


def _complete_sales(booking: Booking, line: Json, customer: Row, mode: str) -> None:
    inner = dict(line[SALES])
    if not inner.get("ItemRef"):
        _default_item(booking, line, inner)
    _refuse_category(booking, inner)
    line[SALES] = inner
    _settle_amount(booking, line, inner, mode, "SalesTaxRateList")
    _keep_class(booking, inner)
    if not inner.get("TaxCodeRef"):
        code = tax.default_code(booking, line, customer)
        if code:
            inner["TaxCodeRef"] = code
    tax.check_code(booking, line, mode)


def _default_item(booking: Booking, line: Json, inner: Json) -> None:
    if "Amount" not in line:
        line["DetailType"] = NOTE
        line.pop(SALES, None)
        return
    default = _preferred_item(booking)
    if default is None:
        raise faults.fault("6440", "Transaction Detail Information Required : Select an item for each line.", "Line")
    inner["ItemRef"] = {"value": default.id}


def _refuse_category(booking: Booking, inner: Mapping[str, Any]) -> None:
    """Categories only order the list of products."""
    item = booking.company.find("Item", str((inner.get("ItemRef") or {}).get("value", "")))
    if item is not None and item.data["Type"] == "Category":
        raise faults.business("You can't use a category on a transaction. Select a product or service.")


def _preferred_item(booking: Booking) -> Row | None:
    """The item that the company's preferences name for lines without one, else the one called Services."""
    stated = booking.company.preference("OtherPrefs", "NameValue") or []
    named = next((str(each["Value"]) for each in stated if each["Name"] == "SalesFormsPrefs.DefaultItem"), "")
    services = (row for row in booking.company.all("Item") if row.data["Name"] == "Services")
    return booking.company.find("Item", named) or next(services, None)


def _complete_expense(booking: Booking, line: Json, mode: str) -> None:
    kind = line["DetailType"]
    inner = dict(line[kind])
    line[kind] = inner
    _require_target(booking, kind, inner)
    _refuse_category(booking, inner)
    _settle_amount(booking, line, inner, mode, "PurchaseTaxRateList")
    _keep_class(booking, inner)
    references.check_project(booking, line, "Line.ProjectRef")
    inner.setdefault("BillableStatus", "NotBillable")
    if inner["BillableStatus"] == "Billable" and not inner.get("CustomerRef"):
        raise faults.fault("6310", "MissingCustomer : A billable line needs a customer.", f"Line.{kind}.CustomerRef")
    if booking.company.profile.is_us:
        inner.setdefault("TaxCodeRef", {"value": "NON"})
    tax.check_code(booking, line, mode)
    tax.check_purchase_code(booking, line)


def _require_target(booking: Booking, kind: str, inner: Mapping[str, Any]) -> None:
    name = "AccountRef" if kind == ACCOUNT else "ItemRef"
    if not inner.get(name):
        raise faults.missing(f"Line.{kind}.{name}")
    if kind == ACCOUNT:
        references.refuse_control_account(booking, inner[name]["value"], f"Line.{kind}.AccountRef")


def _keep_class(booking: Booking, inner: Json) -> None:
    """A line class only counts when the company tracks classes per line."""
    if not booking.company.preference("AccountingInfoPrefs", "ClassTrackingPerTxnLine"):
        inner.pop("ClassRef", None)


def _settle_amount(booking: Booking, line: Json, inner: Json, mode: str, column: str) -> None:
    """Amount is Qty times UnitPrice (6070); with inclusive tax it is the net of TaxInclusiveAmt."""
    quantity, price = inner.get("Qty"), inner.get("UnitPrice")
    product = cents(quantity * price) if quantity is not None and price is not None else None
    if mode == "TaxInclusive":
        _settle_inclusive(booking, line, inner, product, column)
        return
    if "Amount" not in line:
        line["Amount"] = _computed(product, line["DetailType"])
    if product is not None and abs(product - line["Amount"]) >= CENT:
        raise _wrong_product(line["Amount"])


def _computed(product: Decimal | None, kind: str) -> Decimal:
    if product is None:
        raise faults.missing("Line.Amount")
    return product


def _settle_inclusive(booking: Booking, line: Json, inner: Json, product: Decimal | None, column: str) -> None:
    code = str((inner.get("TaxCodeRef") or {}).get("value", ""))
    factor = 1 + tax.percent_of(booking.company, code, column) / 100
    gross = inner.get("TaxInclusiveAmt") or None
    if gross is not None:
        line["Amount"] = cents(gross / factor)
    elif "Amount" not in line:
        line["Amount"] = cents(_computed(product, line["DetailType"]) / factor)
    inner["TaxInclusiveAmt"] = gross if gross is not None else cents(line["Amount"] * factor)
    if product is not None and min(abs(product - line["Amount"]), abs(product - inner["TaxInclusiveAmt"])) > CENT:
        raise _wrong_product(line["Amount"])


def _wrong_product(amount: Decimal) -> faults.Fault:
    return faults.fault("6070", f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount}", "Line.Amount")


def _settle_discount(booking: Booking, draft: Draft, lines: list[Json]) -> None:
    discounts = [line for line in lines if line["DetailType"] == DISCOUNT]
    if not discounts:
        return
    if len(discounts) > 1 or not booking.company.preference("SalesFormsPrefs", "AllowDiscount"):
        raise faults.fault(
            "6090", "Discount Line missing required info : one discount line, if discounts are on.", "Line"
        )
    inner = dict(discounts[0][DISCOUNT])
    discounts[0][DISCOUNT] = inner
    if inner.get("PercentBased"):
        if inner.get("DiscountPercent") is None or not 0 <= inner["DiscountPercent"] <= 100:
            raise faults.fault("6090", "Discount Line missing required info : DiscountPercent", "Line")
        discounts[0]["Amount"] = cents(subtotal(lines) * inner["DiscountPercent"] / 100)
    elif "Amount" not in discounts[0]:
        raise faults.fault("6090", "Discount Line missing required info : Amount", "Line")


def subtotal(lines: list[Json]) -> Decimal:
    return sum((line["Amount"] for line in lines if line["DetailType"] in {SALES, ACCOUNT, ITEM}), ZERO)


def discount(lines: list[Json]) -> Decimal:
    return sum((line["Amount"] for line in lines if line["DetailType"] == DISCOUNT), ZERO)


def number_lines(draft: Draft, issued: int) -> int:
    """Keep known ids, give new ones to the rest, set LineNum; answers the highest id ever issued."""
    known = {line.get("Id") for line in draft.was.get("Line", [])}
    for position, line in enumerate(draft.data["Line"], start=1):
        if not line.get("Id") or line["Id"] not in known:
            issued += 1
            line["Id"] = str(issued)
        line["LineNum"] = position
    return issued


def close_sales(draft: Draft) -> None:
    """Append the generated subtotal line, which has no Id."""
    total = subtotal(draft.data["Line"])
    draft.data["Line"].append({"Amount": total, "DetailType": SUBTOTAL, SUBTOTAL: {}})


def zeroed(lines: list[Json]) -> list[Json]:
    """The lines of a voided document."""
    return [_zero(line) for line in lines]


def _zero(line: Json) -> Json:
    blank = {**line, "Amount": ZERO} if "Amount" in line else dict(line)
    for name in (SALES, ACCOUNT, ITEM):
        if name in blank:
            blank[name] = {
                key: value for key, value in blank[name].items() if key not in {"Qty", "UnitPrice", "TaxInclusiveAmt"}
            }
    return blank
