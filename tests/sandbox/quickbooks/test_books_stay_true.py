"""Random work on one company: balances, accounts, links, tokens, journal, CDC and query always tell one story."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, initialize, multiple, rule

from tests.sandbox.quickbooks.books_story import BooksStory, Key
from tests.sandbox.quickbooks.client import Json

pytestmark = pytest.mark.slow
SHARES = st.sampled_from([Decimal("0.25"), Decimal("0.5"), Decimal(1), Decimal(1), Decimal("1.1")])
AMOUNTS = st.integers(min_value=1, max_value=50_000).map(lambda cents: str(Decimal(cents) / 100))


class Books(BooksStory):
    """Every write either succeeds or is refused with a known code and changes nothing."""

    customers: Bundle[Key] = Bundle("customers")
    vendors: Bundle[Key] = Bundle("vendors")
    charges: Bundle[Key] = Bundle("charges")
    credits: Bundle[Key] = Bundle("credits")
    payments: Bundle[Key] = Bundle("payments")
    deposits: Bundle[str] = Bundle("deposits")

    @initialize(target=customers)
    def first_customer(self) -> Key:
        return "Customer", self.client.customer("Customer 0")["Id"]

    @initialize(target=vendors)
    def first_vendor(self) -> Key:
        return "Vendor", self.client.vendor("Vendor 0")["Id"]

    @initialize(target=charges, amount=AMOUNTS)
    def first_invoice(self, amount: str) -> Any:
        owner = self.client.customer("Customer with an invoice")
        return self.enter("Invoice", {"CustomerRef": {"value": owner["Id"]}, "Line": [self.line(amount)]}, amount)

    @initialize(target=charges, amount=AMOUNTS)
    def first_bill(self, amount: str) -> Any:
        owner = self.client.vendor("Vendor with a bill")
        return self.enter("Bill", {"VendorRef": {"value": owner["Id"]}, "Line": [self.cost(amount)]}, amount)

    # -- work

    @rule(target=customers, parent=st.none() | customers, billed=st.booleans())
    def add_customer(self, parent: Key | None, billed: bool) -> Any:
        self.serial += 1
        body: Json = {"DisplayName": f"Customer {self.serial}"}
        if parent is not None:
            body |= {"Job": True, "ParentRef": {"value": parent[1]}, "BillWithParent": billed}
        answer = self.client.post("customer", body)
        if answer.status_code == 200:
            return "Customer", answer.json()["Customer"]["Id"]
        assert answer.json()["Fault"]["Error"][0]["code"] in {"6180", "2500", "610"}
        return multiple()

    @rule(customer=customers, parent=customers)
    def move_customer(self, customer: Key, parent: Key) -> None:
        """Below another customer, with everything it owes; refused where that would be a circle."""
        row = self.current(customer)
        if row is not None and self.current(parent) is not None:
            body = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True, "Job": True}
            self.attempt("Customer", {**body, "ParentRef": {"value": parent[1]}})

    @rule(target=vendors)
    def add_vendor(self) -> Key:
        self.serial += 1
        return "Vendor", self.client.vendor(f"Vendor {self.serial}")["Id"]

    @rule(target=charges, customer=customers, amount=AMOUNTS)
    def sell(self, customer: Key, amount: str) -> Any:
        return self.enter("Invoice", {"CustomerRef": {"value": customer[1]}, "Line": [self.line(amount)]}, amount)

    @rule(target=charges, vendor=vendors, amount=AMOUNTS)
    def buy(self, vendor: Key, amount: str) -> Any:
        return self.enter("Bill", {"VendorRef": {"value": vendor[1]}, "Line": [self.cost(amount)]}, amount)

    @rule(target=credits, charge=charges, amount=AMOUNTS)
    def credit(self, charge: Key, amount: str) -> Any:
        """A credit for the party of an existing document."""
        row = self.current(charge)
        if row is None:
            return multiple()
        if charge[0] == "Invoice":
            return self.enter("CreditMemo", {"CustomerRef": row["CustomerRef"], "Line": [self.line(amount)]}, amount)
        return self.enter("VendorCredit", {"VendorRef": row["VendorRef"], "Line": [self.cost(amount)]}, amount)

    def enter(self, entity: str, body: Json, amount: str) -> Any:
        answer = self.client.post(entity.lower(), body)
        if answer.status_code != 200:
            assert answer.json()["Fault"]["Error"][0]["code"] in {"610", "2500"}, answer.text
            return multiple()
        key = entity, answer.json()[entity]["Id"]
        self.totals[key] = Decimal(amount)
        return key

    @rule(target=payments, document=charges, share=SHARES, extra=st.sampled_from(["0", "0", "7.77"]))
    def pay(self, document: Key, share: Decimal, extra: str) -> Any:
        """A share of what is open, sometimes more than that, sometimes with money left over."""
        row = self.current(document)
        if row is None:
            return multiple()
        amount = (Decimal(str(row["Balance"])) * share).quantize(Decimal("0.01"))
        return self.settle(row, [(document, amount)], amount + Decimal(extra))

    @rule(target=payments, document=charges, credit=credits, share=SHARES)
    def use_credit(self, document: Key, credit: Key, share: Decimal) -> Any:
        """A payment without money: a credit against a charge, refused when they belong to different parties."""
        row, other = self.current(document), self.current(credit)
        if row is None or other is None or (document[0] == "Invoice") != (credit[0] == "CreditMemo"):
            return multiple()
        smaller = min(Decimal(str(row["Balance"])), Decimal(str(other["Balance"])))
        amount = (smaller * share).quantize(Decimal("0.01"))
        return self.settle(row, [(document, amount), (credit, amount)], Decimal(0))

    def settle(self, row: Json, parts: list[tuple[Key, Decimal]], total: Decimal) -> Any:
        sale = "CustomerRef" in row
        lines = [{"Amount": str(part), "LinkedTxn": [{"TxnId": key[1], "TxnType": key[0]}]} for key, part in parts]
        body: Json = {"TotalAmt": str(total), "Line": lines}
        if sale:
            made = self.attempt("Payment", {**body, "CustomerRef": row["CustomerRef"]})
        else:
            source = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": self.bank}}}
            made = self.attempt("BillPayment", {**body, **source, "VendorRef": row["VendorRef"]})
        return multiple() if made is None else ("Payment" if sale else "BillPayment", made["Id"])

    @rule(document=charges | credits, amount=AMOUNTS)
    def change_amount(self, document: Key, amount: str) -> None:
        row = self.current(document)
        if row is None:
            return
        known = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True}
        if self.attempt(document[0], {**known, **self.document(document, amount)}) is not None:
            self.totals[document] = Decimal(amount)

    @rule(document=charges | credits, note=st.sampled_from(["", "a", "b"]))
    def change_note(self, document: Key, note: str) -> None:
        row = self.current(document)
        if row is not None:
            known = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True}
            self.attempt(document[0], {**known, "PrivateNote": note})

    @rule(document=charges | credits)
    def use_a_stale_token(self, document: Key) -> None:
        row = self.current(document)
        if row is not None:
            body = {"Id": row["Id"], "SyncToken": str(int(row["SyncToken"]) - 1), "sparse": True, "PrivateNote": "x"}
            assert self.attempt(document[0], body) is None

    @rule(payment=payments)
    def apply_differently(self, payment: Key) -> None:
        """Without lines nothing stays applied."""
        row = self.current(payment)
        if row is not None:
            known = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True, "Line": []}
            self.attempt(payment[0], known)

    @rule(thing=charges | credits | payments, operation=st.sampled_from(["void", "delete"]))
    def void_or_delete(self, thing: Key, operation: str) -> None:
        row = self.current(thing)
        if row is None or (operation == "void" and thing[0] not in {"Invoice", "Payment", "BillPayment"}):
            return
        body = {"Id": row["Id"], "SyncToken": row["SyncToken"]}
        if self.attempt(thing[0], body, operation=operation) is None:
            return
        if operation == "delete":
            self.totals.pop(thing, None)
        elif thing in self.totals:
            self.totals[thing] = Decimal(0)

    @rule(target=charges, winner=customers, amount=AMOUNTS)
    def merge_a_twin(self, winner: Key, amount: str) -> Any:
        """Somebody was entered twice, sold to, and is put together again."""
        row = self.current(winner)
        if row is None or not row["Active"]:
            return multiple()
        self.serial += 1
        beside = {"Job": True, "ParentRef": row["ParentRef"]} if "ParentRef" in row else {}
        if beside and not self.current(("Customer", row["ParentRef"]["value"]))["Active"]:  # type: ignore[index]  # it exists
            return multiple()
        twin = self.client.customer(f"Twin {self.serial}", **beside)
        charge = self.enter("Invoice", {"CustomerRef": {"value": twin["Id"]}, "Line": [self.line(amount)]}, amount)
        self.client.person("merge", entity="Customer", id=twin["Id"], into=winner[1])
        return charge

    @rule(target=charges, parent=customers, amount=AMOUNTS)
    def move_a_debtor(self, parent: Key, amount: str) -> Any:
        """Somebody who already owes comes below another customer."""
        if self.current(parent) is None:
            return multiple()
        self.serial += 1
        debtor = self.client.customer(f"Debtor {self.serial}")
        charge = self.enter("Invoice", {"CustomerRef": {"value": debtor["Id"]}, "Line": [self.line(amount)]}, amount)
        body = {"Id": debtor["Id"], "SyncToken": "0", "sparse": True, "Job": True, "ParentRef": {"value": parent[1]}}
        code = self.client.post("customer", body).status_code
        event(f"move {code}")
        return charge

    @rule(payment=payments)
    def void_a_payment(self, payment: Key) -> None:
        row = self.current(payment)
        if row is not None:
            self.attempt(payment[0], {"Id": row["Id"], "SyncToken": row["SyncToken"]}, operation="void")

    @rule(loser=consumes(customers), winner=customers)
    def merge(self, loser: Key, winner: Key) -> None:
        """Refused for parents and across parents; the loser's documents then stay where they are."""
        act = {"action": "merge", "entity": "Customer", "id": loser[1], "into": winner[1]}
        answer = self.client.http.post("/_control/person", json=act)
        event(f"merge {answer.status_code}")

    @rule(customer=customers, active=st.booleans())
    def switch_customer(self, customer: Key, active: bool) -> None:
        row = self.current(customer)
        if row is not None:
            self.attempt("Customer", {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True, "Active": active})

    @rule(target=deposits, payment=payments)
    def deposit(self, payment: Key) -> Any:
        row = self.current(payment)
        if row is None or payment[0] != "Payment" or row["LinkedTxn"]:
            return multiple()
        return self.client.person("deposit", ids=[row["Id"]])["Deposit"]["Id"]

    @rule(deposit=consumes(deposits))
    def take_back(self, deposit: str) -> None:
        """Out of the bank again."""
        self.client.delete("Deposit", self.client.read("Deposit", deposit))

    @rule(seconds=st.integers(min_value=1, max_value=3000))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.client.sign_in(self.client.realm)


TestBooks = Books.TestCase
TestBooks.settings = settings(stateful_step_count=30)
