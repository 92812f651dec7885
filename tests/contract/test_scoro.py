"""The Scoro connector keeps the contract, against the simulated Scoro; and what is particular to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from app.sandbox.common.faults import FaultKind
from engine.clock import ManualClock
from engine.connectors.base import Operation, RemoteRecord, WriteRequest
from engine.connectors.http import Answer, Call
from engine.connectors.scoro import ScoroConnector, UserToken
from engine.connectors.scoro.changes import Cursor
from engine.connectors.scoro.faults import classify
from engine.connectors.scoro.site_clock import SiteClock
from engine.connectors.scoro.webhooks import subscribe, unsubscribe
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    DuplicateRemote,
    Misconfigured,
    RemoteMissing,
    RemoteRejected,
    Retryable,
    Throttled,
)
from tests.contract.remotes import Scoro
from tests.contract.suite import ConnectorContract, Cursors, ids, only, poll, refusal, store, written
from tests.contract.transports import Meddling, Scripted, said

DAY = 24 * 3600
STAMPED = ("contacts", "products", "projects", "invoices", "bills", "receipts")
UNSTAMPED = ("vatCodes", "financeAccounts", "financeObjects", "clientProfiles")


@pytest.fixture
def remote() -> Scoro:
    return Scoro()


class TestScoro(ConnectorContract):
    @pytest.fixture
    def remote(self) -> Scoro:
        return Scoro()


class TestScoroOfOtherHabits(ConnectorContract):
    """The contract holds whichever way the open questions of the reference are answered."""

    @pytest.fixture(
        params=[
            {"order": "id_asc"},
            {"order": "modified_desc"},
            {"filter_times": False},
            {"deletion_bumps_modified": True},
            {"view_shows_deleted": False},
            {"include_deleted_places": "request"},
            {"include_deleted_places": "top"},
            {"status_code_style": "text", "money_style": "text", "unstated_stamps": "iso"},
            {"error_with_200": True},
        ],
        ids=str,
    )
    def remote(self, request: pytest.FixtureRequest) -> Scoro:
        return Scoro(**request.param)


def scanned(remote: Scoro, type: str, **where: str) -> list[RemoteRecord]:
    return [record for page in remote.connector().scan(type, where=where) for record in page.records]


def people(remote: Scoro, count: int) -> set[str]:
    return {remote.somebody_creates(f"Person {n:04}") for n in range(count)}


def create(type: str, body: dict[str, Any], key: str = "k") -> WriteRequest:
    return WriteRequest(key, type, Operation.CREATE, body)


# -- lists


@pytest.mark.parametrize(("count", "requests"), [(99, 1), (100, 2), (101, 3), (200, 4)])
def test_a_list_around_a_full_page_is_whole(remote: Scoro, count: int, requests: int):
    """F25: nothing tells how long a list is, so only a short page ends it."""
    made = people(remote, count)
    before = remote.requests()
    assert ids(scanned(remote, "contacts")) == made
    assert remote.requests() - before == requests


@pytest.mark.parametrize("count", [24, 25, 26, 50])
def test_a_detailed_list_around_a_full_page_is_whole(remote: Scoro, count: int):
    """Twenty-five rows a page, each with its lines."""
    made = {invoice(remote) for _ in range(count)}
    records = scanned(remote, "invoices")
    assert ids(records) == made
    assert all(len(record.data["lines"]) == 1 for record in records)


def invoice(remote: Scoro) -> str:
    payer = remote.somebody_creates("Payer")
    lines = [{"comment": "Work", "price": "10.50", "amount": "3"}]
    return str(remote.act("create", "invoices", fields={"company_id": payer, "lines": lines})["id"])


@pytest.mark.parametrize("cap", [10, 25, 50])
def test_a_site_that_gives_smaller_pages_is_read_whole(remote: Scoro, cap: int):
    """A first page of a usual cap's length is not taken for the last one."""
    rows = [{"contact_id": n, "name": f"P{n}", "is_deleted": 0} for n in range(3 * cap + 1, 0, -1)]
    portions = [said({"status": "OK", "statusCode": 200, "data": rows[n : n + cap]}) for n in range(0, len(rows), cap)]
    connector = remote.connector(Scripted(*portions, portions[0]))
    assert len([record for page in connector.scan("contacts") for record in page.records]) == len(rows)


@pytest.mark.parametrize("order", ["id_desc", "id_asc", "modified_desc"])
def test_a_row_deleted_between_two_pages_hides_no_other(order: str):
    """Deleted rows stay in the list for thirty days, so nothing moves forward over a page's edge."""
    remote = Scoro(order=order)
    made = sorted(people(remote, 205), key=int)
    for victim in (made[0], made[-1]):
        lost = {"action": "delete", "module": "contacts", "id": victim}
        meddling = Meddling(remote.transport, {1: partial(remote.sandbox.act_as_person, lost)})
        found = {r.id for page in remote.connector(meddling).scan("contacts") for r in page.records}
        assert set(made[1:-1]) <= found


@pytest.mark.parametrize("order", ["id_desc", "id_asc", "modified_desc"])
def test_a_row_created_between_two_pages_hides_no_other(order: str):
    """New rows push the others back; those at the edge are seen twice and handed out once."""
    remote = Scoro(order=order)
    made = people(remote, 205)
    meddling = Meddling(remote.transport, {1: lambda: remote.somebody_creates("New")})
    found = [r.id for page in remote.connector(meddling).scan("contacts") for r in page.records]
    assert made <= set(found)


def test_a_row_edited_between_two_pages_of_a_list_by_stamp_hides_no_other():
    """The row jumps to the front, behind our back: the changed first page starts the walk again."""
    remote = Scoro(order="modified_desc")
    made = sorted(people(remote, 205), key=int)
    remote.clock.advance(60)
    meddling = Meddling(remote.transport, {1: lambda: remote.somebody_renames(made[0], "Jumped")})
    found = {r.id for page in remote.connector(meddling).scan("contacts") for r in page.records}
    assert found == set(made)


def test_a_page_that_repeats_starts_the_walk_again(remote: Scoro):
    """Otherwise the rows it stands for would be skipped."""
    made = people(remote, 205)
    remote.arm(FaultKind.REPEAT_PAGE, operation="list", after=1)
    assert ids(scanned(remote, "contacts")) == made


def test_a_list_that_never_stands_still_is_told(remote: Scoro):
    """Rather a passing fault than a list with holes."""
    people(remote, 205)
    remote.arm(FaultKind.REPEAT_PAGE, operation="list", after=1, count=None)
    with pytest.raises(Retryable):
        scanned(remote, "contacts")


def test_a_scan_keeps_to_its_bounds(remote: Scoro):
    """The last day is part of the span, although a bare end date means its beginning."""
    payer = remote.somebody_creates("Payer")
    line = [{"comment": "Work", "price": 1, "amount": 1}]
    days = ("2026-10-01", "2026-10-10", "2026-10-20")
    made = [
        remote.act("create", "invoices", fields={"company_id": payer, "lines": line, "date": day})["id"] for day in days
    ]
    found = ids(scanned(remote, "invoices", date_from="2026-10-10", date_to="2026-10-20"))
    assert found == {str(id) for id in made[1:]}
    early = scanned(remote, "invoices", modified_from="2026-11-02T08:59:00+00:00")
    assert len(early) == 3
    assert scanned(remote, "invoices", modified_from="2026-11-02T09:01:00+00:00") == []


# -- changes


def test_an_idle_run_costs_one_request_for_each_type():
    """And brings nothing, once the last stamp has settled."""
    remote = Scoro(seed="agency")
    cursors: Cursors = {}
    types = (*STAMPED, *UNSTAMPED)
    poll(remote.connector(), types, cursors)
    for _ in range(2):
        remote.clock.advance(300)
        poll(remote.connector(), types, cursors)
    before = remote.requests()
    remote.clock.advance(300)
    assert poll(remote.connector(), types, cursors) == []
    assert remote.requests() - before == len(types)


def test_many_rows_of_one_stamp_are_not_handed_out_for_ever(remote: Scoro):
    """An import gives thousands of rows the same second."""
    people(remote, 120)
    cursors: Cursors = {}
    poll(remote.connector(), ["contacts"], cursors)
    counts = []
    for _ in range(3):
        remote.clock.advance(300)
        counts.append(len(poll(remote.connector(), ["contacts"], cursors)))
    assert counts == [120, 0, 0]


def test_an_edit_that_becomes_visible_late_is_handed_out(remote: Scoro):
    """Within the overlap a row may turn up whose stamp is older than the greatest one seen."""
    older = remote.somebody_creates("Older")
    remote.clock.advance(30)
    newer = {"contact_id": 99, "name": "Newer", "modified_date": "2026-11-02T04:00:30-05:00"}
    hidden = Scripted(said({"status": "OK", "data": [newer]}))
    cursors: Cursors = {}
    store(remote.connector(hidden).changes(["contacts"], {}), cursors)
    remote.clock.advance(30)
    assert older in ids(poll(remote.connector(), ["contacts"], cursors))


def test_an_edit_during_a_long_first_walk_is_handed_out_afterwards(remote: Scoro):
    """A walk of several pages is believed up to its start only."""
    made = sorted(people(remote, 205), key=int)
    remote.clock.advance(DAY)

    def meddle() -> None:
        remote.clock.advance(600)
        remote.somebody_renames(made[-1], "Renamed behind us")
        remote.clock.advance(600)
        remote.somebody_renames(made[0], "Renamed before us")

    cursors: Cursors = {}
    store(remote.connector(Meddling(remote.transport, {1: meddle})).changes(["contacts"], {}), cursors)
    remote.clock.advance(DAY)
    names = {r.id: remote.name_of(r) for r in poll(remote.connector(), ["contacts"], cursors)}
    assert names[made[-1]] == "Renamed behind us"


def test_changes_in_the_hour_that_comes_twice_are_asked_for():
    """Naive stamps: when the clock on the wall is put back, later edits bear earlier times."""
    remote = Scoro()
    remote.clock.moment = datetime(2026, 11, 1, 5, 58, tzinfo=UTC)  # 01:58 in New York; at 02:00 it is 01:00 again
    remote.somebody_writes_a_paper()
    cursors: Cursors = {}
    poll(remote.connector(), ["projects"], cursors)
    remote.clock.advance(600)  # 01:08, for the second time
    late = remote.somebody_writes_a_paper()
    transport = Meddling(remote.transport, {})
    assert late in ids(poll(remote.connector(transport), ["projects"], cursors))
    body = json.loads(transport.requests[0].content)
    assert body["filter"]["modified_date"]["from_date"] < "2026-11-01 01:08:00"


def test_stamps_are_read_in_the_zone_of_the_site():
    """Naive ones; those with an offset say it themselves."""
    site = SiteClock(ZoneInfo("America/New_York"), ManualClock(datetime(2026, 3, 3, tzinfo=UTC)))
    noon = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert site.moment("2026-03-02 12:00:00") == site.moment("2026-03-02T19:00:00+02:00") == noon
    assert site.moment("") is site.moment(None) is None


@pytest.mark.parametrize(("now", "hour"), [("05:59", 5), ("06:29", 5), ("06:31", 6), ("12:00", 6)])
def test_stamps_of_the_hour_that_comes_twice_never_go_back(now: str, hour: int):
    """Half past one is the first one until the second one is past."""
    site = SiteClock(ZoneInfo("America/New_York"), ManualClock(datetime.fromisoformat(f"2027-11-07T{now}+00:00")))
    assert site.moment("2027-11-07 01:30:00") == datetime(2027, 11, 7, hour, 30, tzinfo=UTC)


def test_documents_come_with_their_lines(remote: Scoro):
    """So that an edit costs one request, not one for the list and one for each row."""
    id = invoice(remote)
    before = remote.requests()
    (record,) = poll(remote.connector(), ["invoices"], {})
    assert remote.requests() - before == 1
    assert record.id == id
    assert record.complete
    assert Decimal(str(record.data["lines"][0]["price"])) == Decimal("10.5")


def test_a_list_without_stamps_is_handed_out_when_it_differs(remote: Scoro):
    """Tax codes know no moment of change."""
    cursors: Cursors = {}
    made = str(
        remote.act("create", "vatCodes", fields={"vat_code": "7", "vat_name": "New", "percent": 7})["vat_code_id"]
    )
    assert made in ids(poll(remote.connector(), ["vatCodes"], cursors))
    assert poll(remote.connector(), ["vatCodes"], cursors) == []
    remote.act("edit", "vatCodes", id=made, fields={"vat_name": "Renamed"})
    records = {record.id: record for record in poll(remote.connector(), ["vatCodes"], cursors)}
    assert records[made].data["vat_name"] == "Renamed"
    remote.sandbox.act_as_person({"action": "delete", "module": "vatCodes", "id": made})
    records = {record.id: record for record in poll(remote.connector(), ["vatCodes"], cursors)}
    assert records[made].deleted


def test_a_list_without_stamps_that_comes_back_short_deletes_nothing(remote: Scoro):
    """F8: a record that the list leaves out is looked at itself, and stays known until it is really gone."""
    cursors: Cursors = {}
    for n in range(6):
        remote.act("create", "vatCodes", fields={"vat_code": f"C{n}", "vat_name": f"Code {n}", "percent": n})
    known = ids(poll(remote.connector(), ["vatCodes"], cursors))
    remote.arm(FaultKind.TRUNCATE_PAGE, operation="list")
    records = poll(remote.connector(), ["vatCodes"], cursors)
    assert not [record for record in records if record.deleted]
    assert ids(poll(remote.connector(), ["vatCodes"], cursors)) == known


def test_a_sweep_for_deletions_over_more_than_thirty_days_leaves_a_gap(remote: Scoro):
    """Scoro forgets deleted rows after that; only a full comparison finds them."""
    since = remote.clock.now() - timedelta(days=31)
    pages = list(remote.connector().deletions(["contacts"], since))
    assert pages[-1].gaps == ("contacts",)
    assert not [page for page in remote.connector().deletions(["contacts"], remote.clock.now()) if page.gaps]


@pytest.mark.parametrize("first", [{"status": "ERROR", "statusCode": 400, "messages": {"error": ["is_deleted"]}}, None])
def test_a_sweep_on_a_site_that_does_not_know_its_filter_looks_itself(remote: Scoro, first: Any):
    """Whether it refuses the filter or ignores it: of everything, the rows deleted since then count."""
    rows = [
        {"project_id": 1, "is_deleted": 0},
        {"project_id": 2, "is_deleted": 1, "deleted_date": "2026-11-02T10:00:00+00:00"},
        {"project_id": 3, "is_deleted": "1", "deleted_date": "2026-11-02T08:00:00+00:00"},
    ]
    answers = [said(body) for body in (first, {"status": "OK", "statusCode": 200, "data": rows}) if body]
    pages = remote.connector(Scripted(*answers)).deletions(["projects"], remote.clock.now())
    assert [record.id for page in pages for record in page.records] == ["2"]


def test_a_cursor_survives_being_stored():
    """As text; nonsense means to begin anew."""
    cursor = Cursor(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC), settled=True)
    assert Cursor.parse(cursor.text()) == cursor
    assert Cursor.parse("nonsense") is Cursor.parse(None) is None


# -- single records


def test_receipts_cannot_be_viewed_but_read(remote: Scoro):
    """They are listed by their ids."""
    id = invoice(remote)
    receipt = str(remote.act("receipt", "invoices", id=id)["id"])
    records = remote.connector().read("receipts", [receipt, "987654"])
    assert [(record.id, record.deleted) for record in records] == [(receipt, False), ("987654", True)]
    assert records[0].data["receipts"]


def test_a_list_that_comes_back_short_deletes_nothing(remote: Scoro):
    """F8: what a list leaves out is looked at itself before it counts as gone."""
    made = sorted(people(remote, 10))
    remote.arm(FaultKind.TRUNCATE_PAGE, operation="list")
    assert not [record for record in remote.connector().read("contacts", made) if record.deleted]


@pytest.mark.parametrize(("listed", "deleted"), [([{"contact_id": 7, "name": "Anna"}], False), ([], True)])
def test_an_empty_view_is_no_proof_that_a_record_is_gone(remote: Scoro, listed: list[Any], deleted: bool):
    """F8: the list has to agree."""
    answers = [said({"status": "OK", "statusCode": 200, "data": data}) for data in ([], listed)]
    (record,) = remote.connector(Scripted(*answers)).read("contacts", ["7"])
    assert (record.id, record.deleted) == ("7", deleted)


def test_a_person_is_found_by_the_whole_name(remote: Scoro):
    """It stands in two fields; a company may bear the same one."""
    fields = {"name": "Anna Maria", "lastname": "Berg", "contact_type": "person"}
    anna = str(remote.act("create", "contacts", fields=fields)["contact_id"])
    remote.act("create", "contacts", fields={**fields, "name": "Otto"})
    company = remote.somebody_creates("Anna Maria Berg")
    assert ids(remote.connector().find("contacts", {"name": "Anna Maria Berg"})) == {anna, company}
    assert ids(remote.connector().find("contacts", {"name": "Anna Maria"})) == {anna}


def test_documents_are_found_by_number_contact_and_date(remote: Scoro):
    """What recovers a create whose answer was lost."""
    id = invoice(remote)
    row = remote.connector().read("invoices", [id])[0].data
    key = {"number": str(row["no"]), "contact": str(row["company_id"]), "date": str(row["date"])}
    assert ids(remote.connector().find("invoices", key)) == {id}
    assert remote.connector().find("invoices", {**key, "date": "2020-01-01"}) == []


# -- writes


def test_an_update_costs_a_reading_and_a_writing(remote: Scoro):
    """There is no fence over there."""
    id = remote.somebody_creates("Anna")
    before = remote.requests()
    update = WriteRequest("u", "contacts", Operation.UPDATE, {"comments": "x"}, id=id)
    written(only(remote.connector().write([update])))
    assert remote.requests() - before == 2


def test_a_lost_update_is_in_doubt(remote: Scoro):
    """It is observed before it is sent again."""
    id = remote.somebody_creates("Anna")
    remote.arm(FaultKind.RESET_AFTER, operation="modify")
    update = WriteRequest("u", "contacts", Operation.UPDATE, {"comments": "x"}, id=id)
    error = refusal(only(remote.connector().write([update])))
    assert isinstance(error, Retryable)
    assert error.maybe_applied


def test_a_write_that_never_arrived_is_not_in_doubt(remote: Scoro):
    """A refused connection carried nothing."""
    connector = remote.connector(Scripted(httpx2.ConnectError("refused")))
    error = refusal(only(connector.write([create("contacts", {"name": "Anna"})])))
    assert isinstance(error, Retryable)
    assert not error.maybe_applied


def test_a_document_cannot_be_voided(remote: Scoro):
    """Scoro has no such thing."""
    void = WriteRequest("v", "invoices", Operation.VOID, {}, id=invoice(remote))
    assert isinstance(refusal(only(remote.connector().write([void]))), RemoteRejected)


def numbered(remote: Scoro, number: str) -> WriteRequest:
    payer = int(remote.somebody_creates("Payer"))
    return create("invoices", {"company_id": payer, "no": number, "lines": [{"comment": "x", "price": 1, "amount": 1}]})


@pytest.mark.parametrize("switches", [{}, {"error_with_200": True}, {"messages_style": "by_field"}], ids=str)
def test_a_taken_number_is_a_duplicate_that_names_its_holder(switches: dict[str, Any]):
    """Q14: Scoro's refusal has no code of its own and words in any language, so the holder of the number is looked for."""
    remote = Scoro(**switches)
    first = written(only(remote.connector().write([numbered(remote, "4711")])))
    error = refusal(only(remote.connector().write([numbered(remote, "4711")])))
    assert isinstance(error, DuplicateRemote)
    assert error.existing_id == first.id
    assert "4711" in error.detail


def test_a_refusal_of_a_free_number_is_no_duplicate(remote: Scoro):
    """Only a number that is really taken makes a refusal a duplicate."""
    error = refusal(only(remote.connector().write([numbered(remote, "INV-1")])))
    assert isinstance(error, RemoteRejected)


def test_taxes_protected_by_scoros_own_integration_are_a_refusal_with_the_way_out():
    """403 of a write is not 403 of the key: everything else goes on."""
    remote = Scoro(integration_active=True)
    error = refusal(
        only(remote.connector().write([create("vatCodes", {"vat_code": "7", "vat_name": "New", "percent": 7})]))
    )
    assert isinstance(error, RemoteRejected)
    assert "integration is off" in error.hint


def test_a_repeated_deletion_that_finds_nothing_is_done(remote: Scoro):
    """Its first answer was lost; a first one that finds nothing says so."""
    id = remote.somebody_creates("Anna")
    delete = WriteRequest("d", "contacts", Operation.DELETE, {}, id=id)
    assert written(only(remote.connector().write([delete]))).deleted
    assert isinstance(refusal(only(remote.connector().write([delete]))), RemoteMissing)
    again = WriteRequest("d", "contacts", Operation.DELETE, {}, id=id, repeated=True)
    assert written(only(remote.connector().write([again]))).deleted


# -- contacts' currencies


def with_profile(remote: Scoro, currency: str) -> dict[str, Any]:
    profile = remote.act("create", "clientProfiles", fields={"name": f"In {currency}", "currency": currency})
    return {"name": f"Pays in {currency}", "client_profile_id": profile["id"]}


def test_a_contact_comes_with_the_currency_of_its_client_profile(remote: Scoro):
    """Read, found, scanned, polled or written: the same record each time, for one request more."""
    record = written(only(remote.connector().write([create("contacts", with_profile(remote, "EUR"))])))
    connector = remote.connector()
    pictures = [
        record,
        *connector.read("contacts", [record.id]),
        *connector.find("contacts", {"name": "Pays in EUR"}),
        *scanned(remote, "contacts"),
        *poll(connector, ["contacts"], {}),
    ]
    assert [picture.data["profile_currency"] for picture in pictures] == ["EUR"] * 5


def test_a_contact_without_client_profile_has_no_currency_of_its_own(remote: Scoro):
    """And nothing is asked for its sake."""
    id = remote.somebody_creates("Anna")
    before = remote.requests()
    (record,) = remote.connector().read("contacts", [id])
    assert "profile_currency" not in record.data
    assert remote.requests() - before == 1


def test_a_contact_that_was_written_has_an_outcome_though_its_currency_cannot_be_read(remote: Scoro):
    """It must not be written a second time."""
    body = with_profile(remote, "EUR")
    remote.arm(FaultKind.HTTP_503, entity="clientProfiles", count=None)
    error = refusal(only(remote.connector().write([create("contacts", body)])))
    assert isinstance(error, Retryable)
    assert error.maybe_applied


# -- the connection


def test_a_wrong_key_says_so(remote: Scoro):
    """And what to do."""
    with pytest.raises(AuthorizationLost) as raised:
        remote.connector(key="ScoroAPI_0123456789abcde").profile()
    assert "key" in raised.value.message


def test_the_used_up_day_pauses_until_midnight(remote: Scoro):
    """Nobody asks before 00:00 UTC."""
    remote.arm(FaultKind.THROTTLE_DAILY)
    with pytest.raises(Throttled) as raised:
        remote.connector().profile()
    assert raised.value.after == pytest.approx(15 * 3600, abs=60)
    before = remote.requests()
    with pytest.raises(Throttled):
        remote.connector().profile()
    assert remote.requests() == before
    remote.clock.advance(15 * 3600 + 60)
    assert remote.connector().profile().name


def test_the_short_window_is_waited_out(remote: Scoro):
    """Seconds, told by a header; a write refused by it had no effect and is sent again."""
    remote.arm(FaultKind.THROTTLE_SECOND, operation="create")
    assert written(only(remote.connector().write([create("contacts", {"name": "Anna"})]))).id
    assert remote.live("Anna") == 1


def test_the_budget_is_what_the_last_answer_told(remote: Scoro):
    """The scheduler plans with it."""
    connector = remote.connector()
    assert connector.budget().remaining is None
    connector.profile()
    budget = connector.budget()
    assert budget.limit == 5000
    assert budget.remaining == 5000 - remote.requests()
    assert budget.resets_at == datetime(2026, 11, 3, tzinfo=UTC)


def test_the_profile_tells_currencies_and_the_zone():
    """What the set-up shows first."""
    remote = Scoro(seed="agency")
    profile = remote.connector().profile()
    assert (profile.id, profile.home_currency, profile.time_zone) == (remote.account, "USD", "America/New_York")
    assert profile.currencies == ("USD", "AUD", "CAD", "EUR", "GBP")


def test_the_zone_of_a_site_that_does_not_tell_it_is_the_one_assumed(remote: Scoro):
    """The person corrects it in the set-up."""
    company = {"company_name": "Acme", "base_currency": "EUR", "active_currencies": ["EUR"]}
    answers = [said({"status": "OK", "data": company}), said({"status": "ERROR", "statusCode": "403"}, 403)]
    connector = remote.connector(Scripted(*answers))
    with pytest.raises(AuthorizationLost):
        connector.profile()
    answers[1] = said({"status": "ERROR", "statusCode": 404}, 404)
    assert remote.connector(Scripted(*answers)).profile().time_zone == "America/New_York"


def test_a_user_token_is_another_way_to_sign():
    """It sees what its user sees."""
    auth = UserToken("secret-token", "acme")
    assert auth.fields() == {"user_token": "secret-token", "company_account_id": "acme"}
    assert "secret" not in repr(auth)


def test_filters_stand_in_the_envelope_and_never_in_the_request(remote: Scoro):
    """There they would be ignored silently: the whole list would come back."""
    transport = Meddling(remote.transport, {})
    connector: ScoroConnector = remote.connector(transport)
    connector.find("contacts", {"name": "Anna"})
    (body,) = [json.loads(request.content) for request in transport.requests]
    assert body["filter"] == {"name": "Anna"}
    assert set(body["request"]) == {"include_deleted"}
    assert {request.method for request in transport.requests} == {"POST"}


def test_a_subscription_is_made_and_ended():
    """Scoro wakes us; the address holds the secret, since nothing is signed."""
    remote = Scoro(url_check=False)
    client = remote.client()
    id = subscribe(client, "invoices", "http://concord.test/hooks/secret")
    assert [(str(row["id"]), row["module"], row["action"]) for row in client.call("webhooks/list")] == [
        (id, "invoices", "any")
    ]
    unsubscribe(client, id)
    assert client.call("webhooks/list") == []


# -- answers


NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
READ = Call("POST", "http://scoro.test/x", ())
WRITE = Call("POST", "http://scoro.test/x", (), writes=True)


def judged(body: bytes, status: int = 200, call: Call = READ, **headers: str) -> ConcordError | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify(Answer(status, named, body), call, NOW)


@pytest.mark.parametrize("code", [b"200", b'"200"'])
def test_success_is_told_by_a_number_or_a_text(code: bytes):
    """Both occur."""
    assert judged(b'{"status":"OK","statusCode":' + code + b',"messages":null,"data":[]}') is None


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b'{"status":"ERROR","statusCode":400,"messages":{"error":["x"]}}', 200, RemoteRejected),
        (b'{"status":"ERROR","statusCode":"404"}', 200, RemoteMissing),
        (b'{"status":"ERROR"}', 200, RemoteRejected),
        (b'{"status":"OK","statusCode":200}', 500, Retryable),
        (b'{"status":"OK","statusCode":"429"}', 200, Throttled),
        (b'{"status":"ERROR","statusCode":401}', 401, AuthorizationLost),
        (b'{"status":"ERROR","statusCode":408}', 408, Retryable),
        (b"error code: 1010", 403, Misconfigured),
        (b"<html>No such site</html>", 200, Misconfigured),
        (b"<html>No such site</html>", 404, Misconfigured),
        (b"<html>Bad gateway</html>", 502, Retryable),
        (b"", 504, Retryable),
        (b'{"status":"OK","da', 200, Retryable),
        (b"[]", 200, Retryable),
        (b"Too many requests", 429, Throttled),
    ],
)
def test_every_kind_of_answer_is_understood(body: bytes, status: int, kind: type[ConcordError]):
    """HTTP 200 can be an error; a page means a wrong address; half an answer passes."""
    error = judged(body, status)
    assert type(error) is kind
    assert error.message.endswith(".")
    assert error.hint.endswith(".")


def test_a_server_error_leaves_a_write_in_doubt():
    """But a refusal by the rate limit does not."""
    broken, throttled = judged(b"", 503, WRITE), judged(b"", 429, WRITE)
    assert isinstance(broken, Retryable)
    assert isinstance(throttled, Throttled)
    assert (broken.maybe_applied, throttled.maybe_applied) == (True, False)


def test_words_of_every_form_become_the_detail():
    """Lists, maps of fields, and the older ``errors``; never the message (F24)."""
    body = b'{"status":"ERROR","statusCode":400,"messages":{"error":{"user_id":["is required"]}},"errors":{"a":"b"}}'
    error = judged(body)
    assert error
    assert error.detail == "user_id is required; a b"
    assert "user_id" not in error.message + error.hint
