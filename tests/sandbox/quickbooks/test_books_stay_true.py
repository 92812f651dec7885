"""Random work on one company: balances, accounts, links, tokens, journal, CDC and query always tell one story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import httpx2
import pytest
from flask import Flask
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks import create_quickbooks_sandbox
from tests.sandbox.quickbooks.client import Client, Json

pytestmark = pytest.mark.slow
SHARES = st.sampled_from([Decimal("0.25"), Decimal("0.5"), Decimal(1), Decimal(1), Decimal("1.1")])
AMOUNTS = st.integers(min_value=1, max_value=50_000).map(lambda cents: str(Decimal(cents) / 100))
TRANSACTIONS = ("Invoice", "CreditMemo", "Payment", "Bill", "BillPayment", "VendorCredit")
KINDS = ("Customer", "Vendor", *TRANSACTIONS)
FETCHED = (*KINDS, "Account")
REFUSALS = {"5010", "610", "620", "900", "6000", "6130", "6140", "6180", "6220", "6240", "6540"}
START = "2026-11-02T00:00:00Z"
Key = tuple[str, str]


@cache
def one_sandbox() -> tuple[SandboxClock, Flask]:
    """Shared by all runs, each of which starts with a reset."""
    clock = SandboxClock.manual()
    return clock, create_quickbooks_sandbox(seed="empty", clock=clock)


class Books(RuleBasedStateMachine):
    """Every write either succeeds or is refused with a known code and changes nothing."""

    customers: Bundle[Key] = Bundle("customers")
    vendors: Bundle[Key] = Bundle("vendors")
    charges: Bundle[Key] = Bundle("charges")
    credits: Bundle[Key] = Bundle("credits")
    payments: Bundle[Key] = Bundle("payments")
    deposits: Bundle[str] = Bundle("deposits")

    def __init__(self) -> None:
        super().__init__()
        self.clock, app = one_sandbox()
        self.client = Client(app, self.clock)
        self.client.control("reset", {"seed": "empty"})
        self.client.sign_in()
        self.item = self.client.item()
        self.expense = self.client.account("Expense")
        self.bank = self.client.account("Bank")
        self.last: dict[str, dict[str, Json]] = {}
        self.story: dict[Key, Json | None] = {}
        self.read_up_to = 0
        self.serial = 0
        self.totals: dict[Key, Decimal] = {}
        self.seen: dict[str, dict[str, Json]] = {}

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

    # -- helpers

    def rows(self, entity: str) -> dict[str, Json]:
        """The objects as they were after the last step."""
        return self.seen[entity]

    def fetch(self) -> dict[str, dict[str, Json]]:
        """Every object by entity and id, asked for in one batch."""
        items = [{"bId": entity, "Query": self.statement(entity)} for entity in FETCHED]
        answers = self.client.post("batch", {"BatchItemRequest": items}).json()["BatchItemResponse"]
        return {
            answer["bId"]: {row["Id"]: row for row in answer["QueryResponse"].get(answer["bId"], [])}
            for answer in answers
        }

    @staticmethod
    def statement(entity: str) -> str:
        where = "where Active in (true, false)" if entity in {"Customer", "Vendor"} else ""
        return " ".join(("select * from", entity, where, "maxresults 1000"))

    def current(self, key: Key) -> Json | None:
        answer = self.client.get(f"{key[0].lower()}/{key[1]}")
        return answer.json()[key[0]] if answer.status_code == 200 else None

    def attempt(self, entity: str, body: Json, **params: Any) -> Json | None:
        """The written object, or None after a refusal that left everything as it was."""
        answer: httpx2.Response = self.client.post(entity.lower(), body, **params)
        if answer.status_code == 200:
            written: Json = answer.json()[entity]
            return written
        assert answer.json()["Fault"]["Error"][0]["code"] in REFUSALS, answer.text
        assert self.fetch() == self.seen
        return None

    def line(self, amount: str) -> Json:
        return self.client.line(self.item, amount)

    def cost(self, amount: str) -> Json:
        inner = {"AccountRef": {"value": self.expense}}
        return {"DetailType": "AccountBasedExpenseLineDetail", "Amount": amount, "AccountBasedExpenseLineDetail": inner}

    def document(self, key: Key, amount: str) -> Json:
        """The part of a document's body that carries its amount."""
        return {"Line": [self.line(amount) if key[0] in {"Invoice", "CreditMemo"} else self.cost(amount)]}

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

    # -- one story

    @invariant()
    def everything_tells_one_story(self) -> None:
        self.seen = self.fetch()
        self.totals_are_what_was_entered()
        self.documents_are_open_by_what_payments_leave()
        self.contacts_owe_what_their_documents_leave_open()
        self.accounts_hold_what_was_posted()
        self.tokens_move_with_the_documents()
        self.cdc_and_query_and_journal_agree()

    def totals_are_what_was_entered(self) -> None:
        shown = {(entity, row["Id"]): row for entity in TRANSACTIONS for row in self.rows(entity).values()}
        for key, total in self.totals.items():
            assert Decimal(str(shown[key]["TotalAmt"])) == total

    def documents_are_open_by_what_payments_leave(self) -> None:
        applied: dict[Key, Decimal] = defaultdict(Decimal)
        links: dict[Key, set[str]] = defaultdict(set)
        for entity in ("Payment", "BillPayment"):
            for payment in self.rows(entity).values():
                left = Decimal(str(payment["TotalAmt"]))
                for line in payment["Line"]:
                    link, amount = line["LinkedTxn"][0], Decimal(str(line["Amount"]))
                    applied[link["TxnType"], link["TxnId"]] += amount
                    links[link["TxnType"], link["TxnId"]].add(payment["Id"])
                    left += amount if link["TxnType"] in {"CreditMemo", "VendorCredit"} else -amount
                assert left >= 0
                if entity == "Payment":
                    assert Decimal(str(payment["UnappliedAmt"])) == left
        for entity in ("Invoice", "CreditMemo", "Bill", "VendorCredit"):
            for row in self.rows(entity).values():
                key = entity, row["Id"]
                assert Decimal(str(row["Balance"])) == Decimal(str(row["TotalAmt"])) - applied.pop(key, Decimal(0))
                if entity in {"Invoice", "Bill"}:
                    assert {link["TxnId"] for link in row["LinkedTxn"]} == links[key]
        assert not applied, "payments point at documents that are gone"

    def contacts_owe_what_their_documents_leave_open(self) -> None:
        owed: dict[Key, Decimal] = defaultdict(Decimal)
        signs = {"Invoice": 1, "CreditMemo": -1, "Bill": 1, "VendorCredit": -1}
        for entity, sign in signs.items():
            for row in self.rows(entity).values():
                owed[self.owner(row)] += sign * Decimal(str(row["Balance"]))
        for row in self.rows("Payment").values():
            owed[self.owner(row)] -= Decimal(str(row["UnappliedAmt"]))
        for row in self.rows("BillPayment").values():
            used = sum(
                Decimal(str(line["Amount"])) * (1 if line["LinkedTxn"][0]["TxnType"] == "Bill" else -1)
                for line in row["Line"]
            )
            owed[self.owner(row)] -= Decimal(str(row["TotalAmt"])) - used
        customers = self.rows("Customer")
        for entity, rows in (("Customer", customers), ("Vendor", self.rows("Vendor"))):
            for row in rows.values():
                assert Decimal(str(row["Balance"])) == owed[entity, row["Id"]], row["DisplayName"]
        for row in customers.values():
            below = [each for each in customers.values() if self.is_under(each, row["Id"], customers)]
            family = Decimal(str(row["Balance"])) + sum((Decimal(str(each["Balance"])) for each in below), Decimal(0))
            assert Decimal(str(row["BalanceWithJobs"])) == family

    def accounts_hold_what_was_posted(self) -> None:
        """Receivable and payable are what contacts owe and are owed; money lies in the till, the bank, or was paid out."""
        payments, paid_out = self.rows("Payment").values(), self.rows("BillPayment").values()
        in_bank = self.sum(row["TotalAmt"] for row in payments if row["LinkedTxn"])
        expected = {
            "AccountsReceivable": self.sum(row["Balance"] for row in self.rows("Customer").values()),
            "AccountsPayable": -self.sum(row["Balance"] for row in self.rows("Vendor").values()),
            "UndepositedFunds": self.sum(row["TotalAmt"] for row in payments) - in_bank,
            "Checking": in_bank - self.sum(row["TotalAmt"] for row in paid_out),
        }
        shown = {kind: Decimal(0) for kind in expected}
        for account in self.rows("Account").values():
            if account["AccountSubType"] in shown:
                shown[account["AccountSubType"]] += Decimal(str(account["CurrentBalance"]))
        assert shown == expected

    @staticmethod
    def sum(amounts: Iterable[Any]) -> Decimal:
        return sum((Decimal(str(amount)) for amount in amounts), Decimal(0))

    @staticmethod
    def owner(row: Json) -> Key:
        name = "CustomerRef" if "CustomerRef" in row else "VendorRef"
        return name.removesuffix("Ref"), row[name]["value"]

    @staticmethod
    def is_under(row: Json, ancestor: str, customers: dict[str, Json]) -> bool:
        step = row
        while "ParentRef" in step:
            if step["ParentRef"]["value"] == ancestor:
                return True
            step = customers[step["ParentRef"]["value"]]
        return False

    def tokens_move_with_the_documents(self) -> None:
        """Never back; forward whenever a document's open amount changed; a contact's balance moves no token."""
        for entity in KINDS:
            for identity, row in self.rows(entity).items():
                before = self.last.get(entity, {}).get(identity, row)
                grown = int(row["SyncToken"]) - int(before["SyncToken"])
                assert grown >= 0
                if entity in {"Invoice", "CreditMemo", "Bill", "VendorCredit"} and row["Balance"] != before["Balance"]:
                    assert grown > 0, f"{entity} {identity} changed under its old token"
        self.last = self.seen

    def cdc_and_query_and_journal_agree(self) -> None:
        groups = self.client.cdc(",".join(KINDS), START)
        told: dict[str, dict[str, Json]] = {entity: {} for entity in KINDS}
        for group in groups:
            for entity in told.keys() & group.keys():
                told[entity] = {row["Id"]: row for row in group[entity]}
        story = self.journal()
        for entity in KINDS:
            queried = self.rows(entity)
            assert {name: row for name, row in told[entity].items() if "status" not in row} == queried
            gone = {identity for identity, row in told[entity].items() if "status" in row}
            assert {identity for (kind, identity), after in story.items() if kind == entity and after is None} == gone
            for identity, row in queried.items():
                after = story[entity, identity]
                assert after is not None
                assert after["SyncToken"] == row["SyncToken"], f"{entity} {identity} changed without an entry"

    def journal(self) -> dict[Key, Json | None]:
        """The last picture the journal has of every object; None once it is gone."""
        journal = self.client.sandbox.journal
        for entry in journal.since(str(self.read_up_to)):
            if entry["entity"] in KINDS:
                self.story[entry["entity"], entry["id"]] = entry["after"]
                if entry["operation"] == "merge":
                    self.story[entry["entity"], entry["before"]["Id"]] = None
        self.read_up_to = journal.last
        return self.story


TestBooks = Books.TestCase
TestBooks.settings = settings(stateful_step_count=30)
