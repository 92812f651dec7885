"""Random creates, edits, receipts, credits, deletions, merges and clocks: the service always tells one story."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

START = "2026-11-02T09:00:00+00:00"
PRICES = st.sampled_from(["0", "1", "9.99", "0.335", "100", "-20", "1234.56"])
AMOUNTS = st.sampled_from(["1", "2", "0.5", "3"])
PAID = st.sampled_from(["1", "10.50", "100", "-5"])
KEPT = ("company_id", "company_name", "no", "date", "lines", "sum", "vat_sum", "is_deleted", "created_date")
"""What only a journalled write changes."""
PICK = st.integers(0, 10_000)


def money(value: Any) -> Decimal:
    return Decimal(str(value))


class Story(RuleBasedStateMachine):
    """An oracle of plain facts beside the service: who is alive, what was paid, when it was touched."""

    make: Any

    @initialize()
    def open(self):
        self.scoro = self.make(seed="empty")
        self.contacts = [self.scoro.contact(name=f"C{number}")["contact_id"] for number in range(3)]
        self.invoices: dict[int, int] = {}  # live invoice -> its contact
        self.gone: set[int] = set()
        self.paid: dict[int, dict[int, Decimal]] = {}  # receipts made here -> invoice -> sum
        self.credits: dict[int, int] = {}  # credit invoice -> what it credits
        self.touched: dict[int, str] = {}  # invoice -> when it last moved, as the service would write it
        self.writes = self.scoro.look("stats")["writes"]
        for contact in range(3):  # so that every merge finds something to move
            self.create_invoice(contact, [("100", "1", 1)])
            self.pay([contact], "1")

    def stamp(self, invoice: int) -> None:
        zone = self.scoro.app.extensions["sandbox"].core.world.sites["northlight"].zone
        self.touched[invoice] = self.scoro.clock.now().astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    def some(self, pick: int) -> int:
        live = sorted(self.invoices)
        return live[pick % len(live)]

    @rule(contact=PICK, lines=st.lists(st.tuples(PRICES, AMOUNTS, st.sampled_from([1, 2])), min_size=1, max_size=3))
    def create_invoice(self, contact, lines):
        company = self.contacts[contact % len(self.contacts)]
        sent = [
            {"comment": "x", "price": price, "amount": amount, "vat_code_id": code} for price, amount, code in lines
        ]
        invoice = self.scoro.ok("invoices/modify", {"company_id": company, "lines": sent})
        self.invoices[invoice["id"]] = company
        self.writes += 1
        self.stamp(invoice["id"])

    def parts(self) -> dict[int, dict[int, Decimal]]:
        """Invoice -> receipt -> sum, as the service lists its receipts, automatic ones included."""
        found: dict[int, dict[int, Decimal]] = {}
        for receipt in self.scoro.all("receipts"):
            for part in receipt["receipts"]:
                paid = found.setdefault(part["invoice_id"], {})
                paid[receipt["id"]] = paid.get(receipt["id"], Decimal()) + money(part["sum"])
        return found

    @precondition(lambda self: self.invoices)
    @rule(pick=PICK)
    def credit_invoice(self, pick):
        id = self.some(pick)
        original = self.scoro.ok(f"invoices/view/{id}")
        total, due = money(original["sum"]) + money(original["vat_sum"]), money(original["receivable_sum"])
        credit = self.scoro.person("credit", module="invoices", id=id)
        taken = max(Decimal(0), min(total, due))
        assert money(credit["sum"]) == -money(original["sum"])
        assert money(self.scoro.ok(f"invoices/view/{id}")["receivable_sum"]) == due - taken
        self.invoices[credit["id"]] = original["company_id"]
        self.credits[credit["id"]] = id
        self.stamp(credit["id"])
        if taken > 0:
            self.stamp(id)

    @precondition(lambda self: self.invoices)
    @rule(pick=PICK, price=PRICES, keep=st.booleans())
    def edit_invoice(self, pick, price, keep):
        id = self.some(pick)
        if id in self.credits:
            return
        known = self.scoro.ok(f"invoices/view/{id}")["lines"]
        sent = [*(known if keep else []), {"comment": "new", "price": price, "amount": 1}]
        after = self.scoro.ok(f"invoices/modify/{id}", {"lines": sent})
        if keep:
            assert [line["id"] for line in after["lines"][:-1]] == [line["id"] for line in known]
        self.writes += 1
        self.stamp(id)

    @precondition(lambda self: self.invoices)
    @rule(picks=st.lists(PICK, min_size=1, max_size=2), amount=PAID)
    def pay(self, picks, amount):
        ids = sorted({self.some(pick) for pick in picks})
        parts = [{"invoice_id": id, "sum": amount} for id in ids]
        sent = {"contact_id": self.invoices[ids[0]], "sum": amount, "receipts": parts}
        receipt = self.scoro.ok("receipts/modify", sent)
        self.paid[receipt["id"]] = {id: Decimal(amount) for id in ids}
        self.writes += 1
        for id in ids:
            self.stamp(id)

    @precondition(lambda self: self.paid)
    @rule(pick=PICK)
    def take_payment_back(self, pick):
        receipt = sorted(self.paid)[pick % len(self.paid)]
        self.scoro.ok(f"receipts/delete/{receipt}")
        self.writes += 1
        for id in self.paid.pop(receipt):
            self.stamp(id)

    @precondition(lambda self: self.invoices)
    @rule(pick=PICK)
    def delete_invoice(self, pick):
        id = self.some(pick)
        parts = self.parts().get(id, {})
        is_free = id in self.credits and not any(receipt in self.paid for receipt in parts)
        if parts and not is_free:
            assert self.scoro.refused(f"invoices/delete/{id}")[0] == 400
            return
        if parts and self.credits[id] in self.invoices:
            self.stamp(self.credits[id])
        self.scoro.ok(f"invoices/delete/{id}")
        self.writes += 1
        del self.invoices[id]
        self.gone.add(id)

    @precondition(lambda self: self.gone)
    @rule(pick=PICK)
    def restore_invoice(self, pick):
        id = sorted(self.gone)[pick % len(self.gone)]
        row = self.scoro.person("restore", module="invoices", id=id)
        self.gone.remove(id)
        self.invoices[id] = row["company_id"]
        self.stamp(id)
        if id in self.credits and id in self.parts():
            self.stamp(self.credits[id])

    @precondition(lambda self: len(self.contacts) > 1)
    @rule(pick=PICK)
    def merge_contacts(self, pick):
        loser = self.contacts.pop(pick % len(self.contacts))
        winner = self.contacts[pick % len(self.contacts)]
        self.scoro.person("merge", id=loser, into=winner)
        everything = self.scoro.app.extensions["sandbox"].core.world.entity("northlight").table("invoices")
        assert all(row["company_id"] != loser for row in everything.rows())
        for receipt in self.scoro.all("receipts", include_deleted=1):
            assert loser not in {receipt["contact_id"], *(part["contact_id"] for part in receipt["receipts"])}
        for id, company in self.invoices.items():
            if company == loser:
                self.invoices[id] = winner
                self.stamp(id)

    @rule(seconds=st.sampled_from([1, 60, 3_600, 86_400]))
    def wait(self, seconds):
        self.scoro.clock.advance(seconds)

    @invariant()
    def lists_views_and_payments_agree(self):
        rows = {row["id"]: row for row in self.scoro.all("invoices")}
        parts = self.parts()
        assert rows.keys() == self.invoices.keys()
        for id, row in rows.items():
            view = self.scoro.ok(f"invoices/view/{id}")
            self.check(row, view, parts.get(id, {}))

    def check(self, row, view, parts):
        shared = row.keys() - {"lines"}
        assert {name: view[name] for name in shared} == {name: row[name] for name in shared}
        paid = sum(parts.values(), Decimal())
        by_hand = {receipt: sums[row["id"]] for receipt, sums in self.paid.items() if row["id"] in sums}
        assert {receipt: amount for receipt, amount in parts.items() if receipt in self.paid} == by_hand
        total = money(row["sum"]) + money(row["vat_sum"])
        assert money(row["sum"]) == sum(money(line["sum"]) for line in view["lines"])
        assert money(row["paid_sum"]) == paid
        assert money(row["receivable_sum"]) == total - paid
        is_paid = paid >= total if total >= 0 else paid <= total
        assert row["status"] == ("paid" if is_paid else "unpaid")
        assert row["company_id"] == self.invoices[row["id"]]
        assert row["modified_date"] == self.touched[row["id"]]

    @invariant()
    def modified_filter_finds_exactly_what_moved(self):
        for moment in sorted(set(self.touched.values()))[-2:]:
            span = {"modified_date": {"from_date": moment}}
            found = {row["id"] for row in self.scoro.all("invoices", filter=span)}
            assert found == {id for id in self.invoices if self.touched[id] >= moment}

    @invariant()
    def numbers_are_unique(self):
        numbers = [row["no"] for row in self.scoro.all("invoices")]
        assert len(set(numbers)) == len(numbers)

    @invariant()
    def journal_and_stats_count_the_same_api_writes(self):
        entries = self.scoro.look("journal")["entries"]
        by_api = [entry for entry in entries if entry["actor"]["kind"] == "api"]
        assert len(by_api) == self.writes == self.scoro.look("stats")["writes"]

    @invariant()
    def journal_tells_who_is_alive(self):
        alive: dict[str, bool] = {}
        for entry in self.scoro.look("journal")["entries"]:
            if entry["entity"] == "invoices":
                alive[entry["id"]] = entry["operation"] != "delete"
        assert {int(id) for id, is_alive in alive.items() if is_alive} == set(self.invoices)

    @invariant()
    def journal_ends_with_what_stands_there(self):
        """Whoever moved it: an edit, a merge or a restoration is the last picture of an invoice."""
        latest = {
            each["id"]: each["after"] for each in self.scoro.look("journal")["entries"] if each["entity"] == "invoices"
        }
        for id in self.invoices:
            view = self.scoro.ok(f"invoices/view/{id}")
            assert {name: latest[str(id)][name] for name in KEPT} == {name: view[name] for name in KEPT}

    @invariant()
    def deletions_show_for_thirty_days(self):
        rows = self.scoro.all("invoices", include_deleted=1)
        assert {row["id"] for row in rows if row["is_deleted"]} <= self.gone
        live = [row["id"] for row in rows if not row["is_deleted"]]
        assert set(live) == set(self.invoices)


def test_service_tells_one_story(make_scoro):
    """Sums, paid and due, list and view, modified filter, deletions, journal and counts."""
    Story.make = staticmethod(make_scoro)
    test = Story.TestCase()
    Story.TestCase.settings = settings(max_examples=settings().max_examples // 5, stateful_step_count=20)
    test.runTest()


@pytest.mark.parametrize("seed", [1, 2])
def test_round_trip_of_state_keeps_the_story(make_scoro, tmp_path, seed):
    """Saved and loaded, every list answers the same."""
    scoro = make_scoro(state=seed, state_path=tmp_path / "state")
    scoro.pay(scoro.invoice(), 5)
    scoro.ok("contacts/delete/3")
    scoro.app.extensions["sandbox"].close()
    again = make_scoro(state_path=tmp_path / "state")
    for path in ("contacts", "products", "invoices", "bills", "receipts", "projects", "vatCodes", "financeAccounts"):
        assert again.all(path, include_deleted=1) == scoro.all(path, include_deleted=1), path
    again.app.extensions["sandbox"].close()
