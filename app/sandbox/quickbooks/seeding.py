"""Puts the seeded world into QuickBooks companies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeVar

from app.sandbox.quickbooks import faults, operations
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.currency import cents
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.opening import Identity, OpeningAccount, open_books
from app.sandbox.quickbooks.projects import create_project
from app.sandbox.quickbooks.wire import Json
from app.sandbox.seed.world import Account, AccountKind, Address, Books, Contact, Document, Line, Product, Receipt, Side

T = TypeVar("T", Account, Contact, Product, Document, Receipt)

_BEGINNING = date(2025, 12, 1)
_TYPES = {
    AccountKind.BANK: ("Bank", "Checking"),
    AccountKind.RECEIVABLE: ("Accounts Receivable", "AccountsReceivable"),
    AccountKind.PAYABLE: ("Accounts Payable", "AccountsPayable"),
    AccountKind.INCOME: ("Income", "ServiceFeeIncome"),
    AccountKind.COST_OF_SALES: ("Cost of Goods Sold", "SuppliesMaterialsCogs"),
    AccountKind.EXPENSE: ("Expense", "OfficeGeneralAdministrativeExpenses"),
    AccountKind.INVENTORY: ("Other Current Asset", "Inventory"),
    AccountKind.OTHER_ASSET: ("Other Current Asset", "UndepositedFunds"),
    AccountKind.LIABILITY: ("Other Current Liability", "SalesTaxPayable"),
    AccountKind.EQUITY: ("Equity", "OpeningBalanceEquity"),
}
_STATUSES = {"completed": "COMPLETE", "inprogress": "IN_PROGRESS", "pending": "OPEN", "future": "OPEN"}


def fill(company: Company, books: Books) -> None:
    """Open the books and enter everything the world says QuickBooks has."""
    _Filler(company, books).fill()


def address_of(address: Address) -> Json:
    parts = {
        "Line1": address.street,
        "City": address.city,
        "CountrySubDivisionCode": address.region,
        "PostalCode": address.postcode,
        "Country": address.country,
    }
    return {name: value for name, value in parts.items() if value}


class _Filler:
    """Remembers which id each key of the world got."""

    def __init__(self, company: Company, books: Books) -> None:
        self.company = company
        self.books = books
        self.booking = Booking(company, "seed", books.people[0].name)
        self.ids: dict[tuple[str, str], str] = {}
        self.projects: dict[str, tuple[str, str]] = {}  # key -> (project id, customer row)

    def fill(self) -> None:
        with self._on(_BEGINNING):
            self._open()
            self._lists()
        for document in sorted(self._here(self.books.invoices), key=lambda each: each.issued):
            self._sale(document)
        for document in sorted(self._here(self.books.bills), key=lambda each: each.issued):
            self._bill(document)
        for receipt in self._here(self.books.receipts):
            self._receipt(receipt)

    @contextmanager
    def _on(self, day: date) -> Iterator[None]:
        """Let the company live on `day` for a while."""
        clock = self.company.now
        self.company.now = lambda: datetime.combine(day, time(18, 0), UTC)
        try:
            yield
        finally:
            self.company.now = clock

    def _here(self, things: Iterable[T]) -> list[T]:
        return [thing for thing in things if Side.QUICKBOOKS in thing.sides]

    def _open(self) -> None:
        books = self.books
        who = Identity(books.name, books.legal_name, books.email, books.phone, address_of(books.address))
        accounts = self._here(books.accounts)
        foreign = [code for code in books.quickbooks_currencies if code != books.home_currency]
        opening = [OpeningAccount(a.name, *_TYPES[a.kind], a.number) for a in accounts]
        open_books(
            self.company,
            who,
            [*opening, OpeningAccount("Mastercard", "Credit Card", "CreditCard", "2100")],
            currencies=foreign,
        )
        for position, account in enumerate(accounts, start=1):
            self.ids["account", account.key] = str(position)

    def _lists(self) -> None:
        for tracking in self.books.tracking_classes:
            if Side.QUICKBOOKS in tracking.sides:
                self._class(tracking.key, tracking.name)
        for product in self._here(self.books.products):
            self._product(product)
        for contact in self._here(self.books.contacts):
            self._contact(contact)
        for project in self.books.projects:
            if Side.QUICKBOOKS in project.sides and ("customer", project.client) in self.ids:
                status = _STATUSES.get(project.status, "OPEN")
                customer = self.ids["customer", project.client]
                made = create_project(
                    self.booking, customer, project.name, status=status, dueDate=project.deadline.isoformat()
                )
                self.projects[project.key] = made, self.company.project_ids[made]

    def _write(self, entity: str, body: Json) -> Row:
        return operations.write(self.booking, KINDS[entity], _compact(body))

    def _class(self, key: str, name: str) -> None:
        parent, _, leaf = name.rpartition(":")
        body: Json = {"Name": leaf}
        if parent:
            found = next((row for row in self.company.all("Class") if row.data["FullyQualifiedName"] == parent), None)
            found = found or self._write("Class", {"Name": parent})
            body |= {"SubClass": True, "ParentRef": {"value": found.id}}
        self.ids["class", key] = self._write("Class", body).id

    def _product(self, product: Product) -> None:
        body: Json = {
            "Name": product.quickbooks.name or product.name,
            "Type": "Service" if product.is_service else "NonInventory",
            "Sku": product.code,
            "Description": product.description,
            "UnitPrice": product.price,
            "PurchaseCost": product.cost,
            "Taxable": self.company.profile.is_us and product.tax_code == "standard",
            "IncomeAccountRef": {"value": self.ids["account", product.income_account]},
            "ExpenseAccountRef": {"value": self.ids["account", product.expense_account]},
        }
        row = self._write("Item", body)
        self.ids["product", product.key] = row.id
        if not product.active:
            self._write("Item", {"Id": row.id, "SyncToken": "0", "sparse": True, "Active": False})

    def _contact(self, contact: Contact) -> None:
        name = contact.quickbooks.name or contact.name
        if contact.is_client:
            self.ids["customer", contact.key] = self._person("Customer", contact, name).id
        if contact.is_supplier:
            label = f"{name} (v)" if contact.is_client else name
            self.ids["vendor", contact.key] = self._person("Vendor", contact, label).id

    def _person(self, entity: str, contact: Contact, name: str) -> Row:
        body: Json = {
            "DisplayName": name,
            "GivenName": contact.given,
            "FamilyName": contact.family,
            "CompanyName": "" if contact.is_person else contact.quickbooks.name or contact.name,
            "PrimaryEmailAddr": {"Address": contact.quickbooks.email or contact.email},
            "PrimaryPhone": {"FreeFormNumber": contact.quickbooks.phone or contact.phone},
            "WebAddr": {"URI": contact.website},
            "BillAddr": address_of(contact.address),
            "CurrencyRef": {"value": contact.currency},
            "SalesTermRef" if entity == "Customer" else "TermRef": self._term(contact.term_days),
        }
        if entity == "Customer":
            body["ResaleNum"] = contact.vat_number
        try:
            return self._write(entity, body)
        except faults.Fault as failure:
            if failure.code != "6240":
                raise
            return self._write(entity, {**body, "DisplayName": f"{name} ({contact.key})"})

    def _term(self, days: int) -> Json | None:
        row = next((row for row in self.company.all("Term") if row.data["DueDays"] == days), None)
        return {"value": row.id} if row else None

    def _sale(self, document: Document) -> None:
        entity = "CreditMemo" if document.credits else "Invoice"
        if document.credits or ("customer", document.contact) not in self.ids:
            return
        body = self._document(document, [self._sales_line(line) for line in document.lines])
        body |= {
            "CustomerRef": {"value": self.ids["customer", document.contact]},
            "DueDate": document.due.isoformat(),
            "CustomerMemo": {"value": document.memo} if document.memo else None,
            "EmailStatus": "NotSet",
        }
        if document.project in self.projects:
            body["ProjectRef"] = {"value": self.projects[str(document.project)][0]}
        with self._on(document.issued):
            self.ids["document", document.key] = self._write(entity, body).id

    def _document(self, document: Document, lines: list[Json]) -> Json:
        return {
            "DocNumber": document.number,
            "TxnDate": document.issued.isoformat(),
            "CurrencyRef": {"value": document.currency},
            "ExchangeRate": document.rate,
            "Line": lines,
        }

    def _sales_line(self, line: Line) -> Json:
        inner: Json = {
            "ItemRef": {"value": self.ids["product", str(line.product)]},
            "Qty": line.quantity,
            "UnitPrice": line.price,
            "TaxCodeRef": self._tax(line.tax_code),
            "ClassRef": self._tracking(line),
        }
        amount = cents(line.quantity * line.price)
        return {
            "DetailType": "SalesItemLineDetail",
            "Description": line.description,
            "Amount": amount,
            "SalesItemLineDetail": inner,
        }

    def _tax(self, key: str) -> Json:
        if self.company.profile.is_us:
            return {"value": "TAX" if key == "standard" else "NON"}
        name = next(code.name for code in self.books.tax_codes if code.key == key)
        return {"value": next(row.id for row in self.company.all("TaxCode") if row.data["Name"] == name)}

    def _tracking(self, line: Line) -> Json | None:
        found = self.ids.get(("class", str(line.tracking_class)))
        return {"value": found} if found else None

    def _bill(self, document: Document) -> None:
        if ("vendor", document.contact) not in self.ids:
            return
        body = self._document(document, [self._cost_line(line) for line in document.lines])
        body |= {
            "VendorRef": {"value": self.ids["vendor", document.contact]},
            "DueDate": document.due.isoformat(),
            "PrivateNote": document.memo,
        }
        with self._on(document.issued):
            self.ids["document", document.key] = self._write("Bill", body).id

    def _cost_line(self, line: Line) -> Json:
        inner: Json = {
            "AccountRef": {"value": self.ids["account", str(line.account)]},
            "TaxCodeRef": self._tax(line.tax_code),
            "ClassRef": self._tracking(line),
        }
        body: Json = {
            "DetailType": "AccountBasedExpenseLineDetail",
            "Description": line.description,
            "Amount": line.net(),
        }
        if line.project in self.projects:
            project, row = self.projects[str(line.project)]
            body["ProjectRef"] = {"value": project}
            inner["CustomerRef"] = {"value": self.company.get("Customer", row).ref("ParentRef")}
        return {**body, "AccountBasedExpenseLineDetail": inner}

    def _receipt(self, receipt: Receipt) -> None:
        entity, target = ("BillPayment", "Bill") if receipt.of_bills else ("Payment", "Invoice")
        found = [self.company.find(target, self.ids.get(("document", part.document), "")) for part in receipt.parts]
        lines = [
            _payment_line(row, part.amount) for row, part in zip(found, receipt.parts, strict=True) if row is not None
        ]
        if not lines:
            return
        owner = next(row for row in found if row is not None)
        body = self._payment(receipt, owner, lines)
        with self._on(receipt.paid):
            self._write(entity, body)

    def _payment(self, receipt: Receipt, owner: Row, lines: list[Json]) -> Json:
        bank = {"value": self.ids["account", receipt.bank_account]}
        body: Json = {
            "TxnDate": receipt.paid.isoformat(),
            "TotalAmt": sum((line["Amount"] for line in lines), Decimal(0)),
            "CurrencyRef": {"value": receipt.currency},
            "ExchangeRate": receipt.rate,
            "Line": lines,
        }
        if receipt.of_bills:
            return body | {
                "VendorRef": {"value": owner.ref("VendorRef")},
                "PayType": "Check",
                "CheckPayment": {"BankAccountRef": bank},
            }
        return body | {"CustomerRef": {"value": owner.ref("CustomerRef")}, "DepositToAccountRef": bank}


def _payment_line(row: Row, amount: Decimal) -> Json:
    """Tax is rounded once per document here, so a full payment may differ by a cent from the world's figure."""
    left = row.amount("Balance")
    paid = left if abs(left - amount) <= Decimal("0.05") else min(left, amount)
    return {"Amount": paid, "LinkedTxn": [{"TxnId": row.id, "TxnType": row.entity}]}


def _compact(body: Json) -> Json:
    return {name: value for name, value in body.items() if value is not None and value != ""}
