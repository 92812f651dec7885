"""The seeded invoices, bills and receipts in Scoro's shapes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.documents import payment_state
from app.sandbox.scoro.documents_table import RECEIPT_PART
from app.sandbox.scoro.fields import starting_values
from app.sandbox.scoro.receipts import part_target
from app.sandbox.scoro.seeding_keys import Keys
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.totals import USUAL, document_sums, line_sum
from app.sandbox.scoro.world import MODULES, Entity
from app.sandbox.seed.world import Books, Document, Line, Receipt, Side

_PLAIN = Behaviours()


def load_documents(entity: Entity, books: Books, keys: Keys) -> None:
    loader = _DocumentLoader(entity, books, keys)
    for path, documents in (("invoices", books.invoices), ("bills", books.bills)):
        for index, document in enumerate(documents):
            if Side.SCORO in document.sides:
                loader.document(path, document, index)
    for index, receipt in enumerate(books.receipts):
        if Side.SCORO in receipt.sides:
            loader.receipt(receipt, index)
    loader.credits()


class _DocumentLoader:
    def __init__(self, entity: Entity, books: Books, keys: Keys) -> None:
        self._entity = entity
        self._books = books
        self._keys = keys

    def document(self, path: str, document: Document, index: int) -> None:
        module = MODULES[path]
        row = starting_values(module.fields) | self._header(document)
        row["id"] = self._entity.site.next_id(path)
        row["lines"] = [self._line(path, line) for line in document.lines]
        net, tax = document_sums(row, USUAL, _PLAIN)
        row |= {"sum": net, "vat_sum": tax}
        row["created_date"] = row["modified_date"] = self._stamp(document.issued, index)
        if document.credits:
            row["credited_invoices"] = [self._keys.id("invoices", document.credits)]
        self._put(path, row)
        self._keys.remember(path, document.key, row["id"])

    def _header(self, document: Document) -> dict[str, Any]:
        return {
            "no": document.number,
            "date": document.issued.isoformat(),
            "deadline": document.due.isoformat(),
            "description": document.memo,
            "currency": document.currency,
            "currency_rate": document.rate,
            "discount": Decimal(0),
            "company_id": self._keys.id("contacts", document.contact),
            "project_id": self._keys.id("projects", document.project),
            "owner_id": self._keys.id("users", self._books.people[-1].key),
            "vat_code_id": self._keys.id("vatCodes", document.lines[0].tax_code),
            "account_id": self._entity.account_id,
            "is_sent": document.is_sent,
        }

    def _line(self, path: str, line: Line) -> Row:
        row = starting_values(MODULES[path].lines or {}) | {
            "id": self._entity.site.next_id("lines"),
            "product_id": self._keys.id("products", line.product),
            "comment": line.description,
            "price": line.price,
            "amount": line.quantity,
            "unit": line.unit,
            "discount": line.discount_percent,
            "vat": self._books.percent_of(line.tax_code),
            "vat_code_id": self._keys.id("vatCodes", line.tax_code),
            "finance_account_id": self._account(line),
            "finance_object_id": self._keys.id("financeObjects", line.tracking_class),
            "project_id": self._keys.id("projects", line.project),
        }
        row["sum"] = line_sum(row, USUAL, _PLAIN)
        return row

    def _account(self, line: Line) -> int:
        if line.account:
            return self._keys.id("financeAccounts", line.account)
        product = next(product for product in self._books.products if product.key == line.product)
        return self._keys.id("financeAccounts", product.income_account)

    def receipt(self, receipt: Receipt, index: int) -> None:
        path = "bills" if receipt.of_bills else "invoices"
        row = self._receipt_row(receipt.paid, self._keys.id("contacts", receipt.contact), receipt.currency, path)
        row |= {
            "sum": receipt.total(),
            "receipt_account_id": self._keys.id("receiptAccounts", "bank"),
            "modified_date": self._stamp(receipt.paid, index),
        }
        row["receipts"] = [self._part(row, self._keys.id(path, part.document), part.amount) for part in receipt.parts]
        self._settle(row)

    def credits(self) -> None:
        """The automatic receipt of each credit invoice."""
        for row in list(self._entity.table("invoices").rows()):
            for original_id in row["credited_invoices"]:
                self._credit(row, original_id)

    def _credit(self, credit: Row, original_id: int) -> None:
        day = date.fromisoformat(credit["date"])
        amount = -(credit["sum"] + credit["vat_sum"])
        row = self._receipt_row(day, credit["company_id"], credit["currency"], "invoices")
        row |= {
            "sum": Decimal(0),
            "receipt_account_id": self._keys.id("receiptAccounts", "credit"),
            "modified_date": credit["modified_date"],
            "credit_of": credit["id"],
        }
        row["receipts"] = [self._part(row, original_id, amount), self._part(row, credit["id"], -amount)]
        self._settle(row)

    def _receipt_row(self, day: date, contact_id: int, currency: str, path: str) -> Row:
        return starting_values(MODULES["receipts"].fields) | {
            "id": self._entity.site.next_id("receipts"),
            "date": day.isoformat(),
            "contact_id": contact_id,
            "currency": currency,
            "sales_doc_type": path,
        }

    def _part(self, receipt: Row, document_id: int, amount: Decimal) -> Row:
        return starting_values(RECEIPT_PART) | {
            "receipt_id": self._entity.site.next_id("receipt parts"),
            "date": receipt["date"],
            "invoice_id": document_id,
            "sum": amount,
            "sales_doc_type": receipt["sales_doc_type"],
            "contact_id": receipt["contact_id"],
        }

    def _settle(self, receipt: Row) -> None:
        self._entity.table("receipts").put(receipt)
        for part in receipt["receipts"]:
            path, id = target = part_target(part)
            self._entity.payments[target][receipt["id"]] = part["sum"]
            document = self._entity.row(path, id)
            if document is not None:
                stamp = max(document["modified_date"], receipt["modified_date"])
                self._put(path, document | {"modified_date": stamp})

    def _put(self, path: str, row: Row) -> None:
        number = int(row["no"])
        self._entity.numbers[path] = max(self._entity.numbers.get(path, 0), number)
        self._entity.table(path).put(row | payment_state(self._entity, path, row))

    def _stamp(self, day: date, index: int) -> datetime:
        """Somewhere in the working hours of that day."""
        start = datetime.combine(day, time(9), self._entity.site.zone)
        moment = start + timedelta(minutes=7 * (index % 60), seconds=index % 60)
        return moment.astimezone(UTC)
