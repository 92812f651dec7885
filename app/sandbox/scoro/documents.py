"""Quotes, orders, invoices, bills and their like: defaults, numbers, lines, sums, payment state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.sandbox.scoro import credits
from app.sandbox.scoro.contacts import profile_of
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import FieldError, kept_id, read_value, starting_values
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.rules import Rules
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.totals import HEADING, document_sums, is_settled, line_sum, names_of
from app.sandbox.scoro.world import Entity

PAYABLE = frozenset({"invoices", "prepayments", "bills", "expenses"})
_CONTENT = frozenset({"lines", "currency", "company_id", "discount", "discount2", "discount3", "vat", "date"})


class DocumentRules(Rules):
    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        self.check_references(self.module.references, draft, patch)
        if before is None:
            self._fill(draft, patch)
        self._check_open(before, draft, patch)
        self._number(before, draft, patch)
        if "lines" in patch:
            draft["lines"] = self._lines(before, draft, patch["lines"])
        if not draft["lines"]:
            raise ApiError(400, "lines is required")
        draft |= sums_of(self.office, self.module.path, draft)
        draft |= payment_state(self.office.entity, self.module.path, draft)

    def saved(self, before: Row | None, after: Row) -> None:
        """The next number follows the highest that was ever given."""
        if after["no"].isdecimal():
            numbers, path = self.office.entity.numbers, self.module.path
            numbers[path] = max(numbers.get(path, 0), int(after["no"]))

    def check_delete(self, row: Row) -> None:
        self._check_period(row)
        is_paid = bool(self.office.entity.payments.get((self.module.path, row["id"])))
        if is_paid and not self.office.behaviours.paid_documents_deletable:
            raise ApiError(400, "The document has receipts; delete them first")

    def check_restore(self, row: Row) -> None:
        self._check_unique(row["no"])

    def deleted(self, row: Row) -> None:
        from app.sandbox.scoro.receipts import detach

        detach(self.office, self.module.path, row["id"])

    def _fill(self, draft: Row, patch: Mapping[str, Any]) -> None:
        """Defaults of a new document: from the contact's client profile, else from the site."""
        entity = self.office.entity
        profile = profile_of(self.office, draft.get("company_id") or 0)
        draft["date"] = draft["date"] or self.office.today().isoformat()
        draft["currency"] = draft["currency"] or (profile or {}).get("currency") or entity.base_currency
        if draft["currency"] not in entity.currencies:
            raise ApiError(400, f"currency {draft['currency']} is not active")
        if not draft["currency_rate"]:
            draft["currency_rate"] = default_rate(self.office, draft["currency"])
        if "deadline" in draft and not draft["deadline"]:
            draft["deadline"] = _later(draft["date"], (profile or {}).get("deadline_days") or 0)
        if profile and "vat_code_id" in draft and "vat_code_id" not in patch:
            draft["vat_code_id"] = profile["vat_code_id"]

    def _check_open(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        self._check_period(draft)
        if before is None:
            return
        self._check_period(before)
        changes_content = bool(_CONTENT & set(patch))
        is_paid = bool(self.office.entity.payments.get((self.module.path, before["id"])))
        if changes_content and is_paid and not self.office.behaviours.paid_documents_editable:
            raise ApiError(400, "The document has receipts and cannot be changed")
        if changes_content and before.get("is_sent") and not self.office.behaviours.sent_documents_editable:
            raise ApiError(400, "The document is sent and cannot be changed")

    def _check_period(self, row: Row) -> None:
        locked = self.office.entity.locked_until
        if locked is not None and date.fromisoformat(row["date"]) <= locked:
            raise ApiError(400, f"The period until {locked.isoformat()} is locked")

    def _number(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        if "no" in patch and not self.office.behaviours.numbers_settable:
            draft["no"] = before["no"] if before else ""
        entity, path, number = self.office.entity, self.module.path, draft["no"]
        if not number:
            draft["no"] = number = str(entity.numbers.get(path, 0) + 1)
        if not number.isdecimal() and not self.office.behaviours.numbers_alphanumeric:
            raise ApiError(400, "no must consist of digits")
        if before is None or before["no"] != number:
            self._check_unique(number)

    def _check_unique(self, number: str) -> None:
        """Among living documents; the one in question has another number still, or is deleted."""
        if not self.office.behaviours.numbers_unique:
            return
        table = self.office.entity.table(self.module.path)
        others = (table.having("no", number) or set()) - table.deleted()
        if others:
            raise ApiError(400, f"no {number} is already in use")

    def _lines(self, before: Row | None, draft: Row, sent: Any) -> list[Row]:
        """The whole list anew: a line that is sent with its id keeps it, the others get new ones."""
        if not isinstance(sent, list):
            raise ApiError(400, "lines must be a list")
        known = {line["id"] for line in (before or {}).get("lines", ())}
        return [self._line(draft, line, known) for line in sent]

    def _line(self, draft: Row, sent: Any, known: set[int]) -> Row:
        if not isinstance(sent, Mapping):
            raise ApiError(400, "a line must be an object")
        values = self._line_values(sent)
        line = starting_values(self.module.lines or {}) | values
        self.check_references(self.module.line_references, line, values)
        self._take_from_product(line, values)
        self._take_tax(draft, line, values)
        line["id"] = kept_id(sent, "id", known) or self.office.entity.site.next_id("lines")
        line["sum"] = line_sum(line, names_of(self.module.path), self.office.behaviours)
        return line

    def _line_values(self, sent: Mapping[str, Any]) -> Row:
        fields = self.module.lines or {}
        try:
            return {
                name: read_value(fields[name], name, value)
                for name, value in sent.items()
                if name in fields and fields[name].writable
            }
        except FieldError as problem:
            raise ApiError(400, f"lines: {problem}") from problem

    def _take_from_product(self, line: Row, values: Mapping[str, Any]) -> None:
        """What the product card says, wherever the line itself says nothing."""
        product = self.office.entity.row("products", line.get("product_id") or 0)
        if product is None:
            return
        is_purchase = self.module.path in ("bills", "purchaseOrders")
        account = "purchases_finance_account_id" if is_purchase else "sales_finance_account_id"
        own_tax = "default_purchases_tax_id" if is_purchase else "default_sales_tax_id"
        line |= {
            "price": product["buying_price" if is_purchase else "price"],
            "unit": product["unit"],
            "finance_account_id": product[account],
            "finance_object_id": product["accounting_object_id"],
            "vat_code_id": 0 if "vat" in values else product[own_tax] or product["default_vat_code_id"],
        } | dict(values)

    def _take_tax(self, draft: Row, line: Row, values: Mapping[str, Any]) -> None:
        """The rate follows the code; without a code of its own a line takes the document's."""
        names = names_of(self.module.path)
        if line.get("product_id") == HEADING or (names.percent in values and names.code not in values):
            return
        line[names.code] = line[names.code] or draft.get(names.code) or 0
        code = self.office.entity.row("vatCodes", line[names.code])
        line[names.percent] = code["percent"] if code else (values.get(names.percent) or Decimal(0))


class InvoiceRules(DocumentRules):
    """Invoices may credit others (Q8)."""

    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        super().prepare(before, draft, patch)
        if draft["credited_invoices"] and "credited_invoices" in patch:
            credits.check(self.office, draft)

    def saved(self, before: Row | None, after: Row) -> None:
        super().saved(before, after)
        if before is None or any(before[name] != after[name] for name in credits.BASIS):
            credits.settle(self.office, after)

    def check_delete(self, row: Row) -> None:
        if not credits.only_settled_by_credit(self.office, row):
            super().check_delete(row)

    def deleted(self, row: Row) -> None:
        credits.withdraw(self.office, row)
        super().deleted(row)


def default_rate(office: Office, currency: str) -> Decimal:
    """Base currency for one unit of the document's, or the other way round (Q19)."""
    rate = office.entity.rates.get(currency, Decimal(1))
    if office.behaviours.rate_is_base_per_unit:
        return rate
    return (1 / rate).quantize(Decimal("0.000001"))


def sums_of(office: Office, path: str, draft: Row) -> dict[str, Decimal]:
    names = names_of(path)
    if not office.behaviours.line_taxes:
        code = office.entity.row("vatCodes", draft.get(names.code) or 0)
        draft[names.percent] = code["percent"] if code else draft.get(names.percent)
    net, tax = document_sums(draft, names, office.behaviours)
    return {"sum": net, names.tax_sum: tax}


def payment_state(entity: Entity, path: str, row: Row) -> dict[str, Any]:
    """What receipts make of a document: paid, due and status."""
    if path not in PAYABLE:
        return {"status": row["status"] or "pending"}
    total = row["sum"] + row[names_of(path).tax_sum]
    paid = sum(entity.payments.get((path, row["id"]), {}).values(), Decimal())
    state: dict[str, Any] = {"status": "paid" if is_settled(total, paid) else "unpaid"}
    if "paid_sum" in row:
        state["paid_sum"] = paid
    if "receivable_sum" in row:
        state["receivable_sum"] = total - paid
    return state


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
