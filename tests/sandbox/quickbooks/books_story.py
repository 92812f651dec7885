"""What random work on one company must leave true: balances, accounts, links, tokens, journal, CDC and query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import httpx2
from flask import Flask
from hypothesis.stateful import RuleBasedStateMachine, invariant

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks import create_quickbooks_sandbox
from tests.sandbox.quickbooks.client import Client, Json

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


class BooksStory(RuleBasedStateMachine):
    """The company, what was entered, and the checks after every step."""

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
