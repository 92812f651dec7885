"""The Scoro connector at work whichever way each open question of the reference is answered (section 7)."""

from __future__ import annotations

import html
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from app.sandbox.scoro import Behaviours
from engine.connectors.base import NotWritten, Operation, WriteRequest
from engine.connectors.scoro import ApiKey, ScoroClient, ScoroConnector, UserToken
from engine.errors import RemoteRejected
from tests.contract.remotes import Scoro, even
from tests.contract.suite import Cursors, only, poll, refusal, store, written

TYPES = ("contacts", "products", "projects", "invoices", "bills", "receipts", "vatCodes", "financeAccounts")

OTHERWISE: dict[str, tuple[Any, ...]] = {
    "receipts_bump_documents": (False,),
    "deletion_bumps_modified": (True,),
    "include_deleted_places": ("request", "top"),
    "filter_times": (False,),
    "filter_includes_ends": (False,),
    "unknown_filters": ("refused",),
    "order": ("id_asc", "modified_desc"),
    "detailed_offset_by_asked": (True,),
    "credit_settles_original": (False,),
    "credit_invoices_by_api": (False,),
    "overpayment_allowed": (False,),
    "negative_receipts_allowed": (False,),
    "receipts_viewable": (True,),
    "bills_return_paid_sum": (True,),
    "integration_active": (True,),
    "persons_need_lastname": (True,),
    "numbers_settable": (False,),
    "numbers_alphanumeric": (True,),
    "numbers_unique": (False,),
    "paid_documents_editable": (False,),
    "sent_documents_editable": (False,),
    "own_writes_fire_webhooks": (False,),
    "key_acts_as_owner": (True,),
    "verification_text_required": ("scoro",),
    "rate_is_base_per_unit": (False,),
    "merge_bumps_documents": (False,),
    "merge_leaves_loser": (False,),
    "means_of_contact_merged": (True,),
    "addresses_merged": (True,),
    "custom_fields_merged": (False,),
    "round_tax_on_lines": (False,),
    "bookmarks_need_user": (False,),
    "unchanged_modify_bumps": (False,),
    "inactive_references_accepted": (False,),
    "receipts_must_match_parts": (True,),
    "paid_documents_deletable": (True,),
    "view_shows_deleted": (False,),
    "unknown_account_status": (403,),
    "contacts_in_one_list": (False,),
    "line_taxes": (False,),
    "line_discount": (False,),
    "additional_amount": (True,),
    "finance_accounts": (False,),
    "accounting_objects": (False,),
    "margin": (True,),
    "product_codes": (False,),
    "money_style": ("number", "text"),
    "status_code_style": ("int", "text"),
    "messages_style": ("by_field",),
    "company_account_in_list": (False,),
    "html_entities": (False,),
    "empty_map_is_list": (False,),
    "error_with_200": (True,),
    "numbers_as_int": (True,),
    "unstated_stamps": ("iso",),
    "retry_after": (True,),
    "requests_per_window": (1_000,),
    "window_seconds": (10,),
    "requests_per_day": (500,),
    "url_check": (False,),
}
"""Each switch of the sandbox with its other answers."""


def test_every_switch_has_another_answer():
    """A switch without a trial would prove nothing about the connector."""
    defaults = Behaviours().as_json()
    assert set(OTHERWISE) == {field.name for field in fields(Behaviours)}
    assert all(defaults[name] not in values for name, values in OTHERWISE.items())


@pytest.fixture(params=[(name, value) for name, values in OTHERWISE.items() for value in values], ids=str)
def switched(request: pytest.FixtureRequest) -> dict[str, Any]:
    name, value = request.param
    return {name: value}


class Journey:
    """A connector's usual work against one site, a person at the other end."""

    def __init__(self, switches: dict[str, Any]) -> None:
        self.remote = Scoro(**switches)
        self.connector = self.remote.connector()
        self.cursors: Cursors = {}
        self.payer = int(self.remote.somebody_creates("Tamm & Sons"))

    def poll(self) -> dict[str, set[str]]:
        """What is new, by type."""
        found: dict[str, set[str]] = {}
        for record in poll(self.connector, TYPES, self.cursors):
            found.setdefault(record.type, set()).add(record.id)
        return found

    def later(self) -> None:
        self.remote.clock.advance(600)

    def write(self, operation: Operation, type: str, body: dict[str, Any], id: str | None = None, revision: str = ""):
        return only(self.connector.write([WriteRequest("k", type, operation, body, id=id, revision=revision)]))

    def invoice(self, **more: Any):
        lines = [{"comment": "Work", "price": "50", "amount": "2"}]
        return written(self.write(Operation.CREATE, "invoices", {"company_id": self.payer, "lines": lines, **more}))


def test_what_people_do_is_told(switched: dict[str, Any]):
    """Creations, edits, payments, deletions and merges, once each, under every switch."""
    journey = Journey(switched)
    remote = journey.remote
    assert journey.connector.profile().home_currency == "USD"
    assert journey.poll()["contacts"] == {str(journey.payer)}
    journey.later()
    lines = [{"comment": "Work", "price": 100, "amount": 1}]
    made = remote.act("create", "invoices", fields={"company_id": journey.payer, "lines": lines})
    assert str(made["id"]) in journey.poll()["invoices"]
    journey.later()
    remote.act("edit", "invoices", id=made["id"], fields={"description": "x"})
    assert str(made["id"]) in journey.poll()["invoices"]
    journey.later()
    receipt = remote.act("receipt", "invoices", id=made["id"], sum="40")
    assert str(receipt["id"]) in journey.poll()["receipts"]
    (read,) = journey.connector.read("receipts", [str(receipt["id"])])
    assert Decimal(str(read.data["receipts"][0]["sum"])) == 40
    journey.later()
    again = {"contacts"} if not switched.get("filter_times", True) else set()  # a list by the day comes whole
    assert journey.poll().keys() <= {"invoices", "receipts", *again}


def test_what_is_gone_is_told(switched: dict[str, Any]):
    """Deletions by the sweep; what no sweep can show by looking at the record itself."""
    journey = Journey(switched)
    remote = journey.remote
    paper, other = remote.somebody_writes_a_paper(), int(remote.somebody_creates("Tamm and Sons"))
    journey.poll()
    journey.later()
    before = remote.clock.now()
    remote.somebody_deletes_the_paper(paper)
    remote.act("merge", "contacts", id=other, into=journey.payer)
    gone = {(record.type, record.id) for record in store(journey.connector.deletions(TYPES, before), {})}
    assert ("projects", paper) in gone
    assert (("contacts", str(other)) in gone) is switched.get("merge_leaves_loser", True)
    (loser,) = journey.connector.read("contacts", [str(other)])
    assert loser.deleted


def test_what_is_written_is_there(switched: dict[str, Any]):
    """Create, find, update and delete, with the echo as the remote says it."""
    journey = Journey(switched)
    made = journey.invoice(no="4711")
    number = str(made.data["no"])
    assert number == ("4711" if switched.get("numbers_settable", True) else "1")
    assert [record.id for record in journey.connector.find("invoices", {"number": number})] == [made.id]
    assert html.unescape(made.data["company_name"]) == "Tamm & Sons"
    lines = [*made.data["lines"], {"comment": "More", "price": "1", "amount": "1"}]
    outcome = journey.write(Operation.UPDATE, "invoices", {"lines": lines}, made.id, made.revision)
    assert Decimal(str(written(outcome).data["sum"])) == 101
    gone = journey.write(Operation.DELETE, "invoices", {}, made.id, written(outcome).revision)
    assert written(gone).deleted


def test_receipts_and_credits_are_written_or_refused(switched: dict[str, Any]):
    """A group over two invoices; a credit where programs may."""
    journey = Journey(switched)
    first, second = journey.invoice(), journey.invoice()
    parts = [{"invoice_id": int(each.id), "sum": "60"} for each in (first, second)]
    group = {"contact_id": journey.payer, "sum": "120", "receipts": parts}
    assert written(journey.write(Operation.CREATE, "receipts", group)).id
    paid = journey.connector.read("invoices", [first.id, second.id])
    assert [Decimal(str(each.data["paid_sum"])) for each in paid] == [60, 60]
    lines = [{"comment": "Back", "price": "50", "amount": "-2"}]
    body = {"company_id": journey.payer, "lines": lines, "credited_invoices": [int(first.id)]}
    outcome = journey.write(Operation.CREATE, "invoices", body)
    if switched.get("credit_invoices_by_api", True):
        assert Decimal(str(written(outcome).data["sum"])) == -100
    else:
        assert isinstance(outcome, NotWritten)
        assert isinstance(refusal(outcome), RemoteRejected)


def test_bookmarks_show_their_members(switched: dict[str, Any]):
    """With a user's token, under every switch."""
    journey = Journey(switched)
    remote = journey.remote
    fields = {"title": "Clients", "module": "contacts", "filter": {"is_client": 1}}
    mark = str(remote.act("create", "bookmarks", fields=fields)["bookmark_id"])
    client = remote.act("create", "contacts", fields={"name": "Kask", "is_client": 1})
    connector = _of_user(remote)
    assert connector.members("contacts", mark) == {str(client["contact_id"])}


def _of_user(remote: Scoro) -> ScoroConnector:
    client = ScoroClient(
        base_url="http://scoro.test",
        auth=ApiKey(remote.keys["apiKey"], remote.account),
        user=UserToken(remote.keys["user_token"], remote.account),
        limiter=remote.limiter,
        clock=remote.clock,
        jitter=even,
        transport=remote.transport,
    )
    return ScoroConnector(client, account=remote.account, time_zone="America/New_York", clock=remote.clock)
