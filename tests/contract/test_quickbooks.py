"""The QuickBooks connector keeps the contract, against the simulated QuickBooks; and what is particular to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.sandbox.common.faults import FaultKind
from engine.connectors.base import Operation, RemoteRecord, WriteRequest
from engine.connectors.quickbooks import query
from engine.connectors.quickbooks.changes import Cursor
from engine.connectors.quickbooks.entities import entity_of
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    DuplicateRemote,
    InvariantBroken,
    RemoteMissing,
    RemoteRejected,
    Retryable,
    StaleRevision,
    Throttled,
)
from tests.contract.remotes import START, QuickBooks
from tests.contract.suite import ConnectorContract, Cursors, ids, only, poll, refusal, store, written
from tests.contract.transports import Meddling, Scripted, paths, said

DAY = 24 * 3600
ALL = (
    "Customer",
    "Vendor",
    "Item",
    "Account",
    "Class",
    "TaxCode",
    "Invoice",
    "CreditMemo",
    "Bill",
    "VendorCredit",
    "Payment",
    "BillPayment",
)


@pytest.fixture
def remote() -> QuickBooks:
    return QuickBooks()


class TestQuickBooks(ConnectorContract):
    @pytest.fixture
    def remote(self) -> QuickBooks:
        return QuickBooks()


def scanned(remote: QuickBooks, type: str, **where: str) -> list[RemoteRecord]:
    return [record for page in remote.connector().scan(type, where=where) for record in page.records]


def people(remote: QuickBooks, count: int) -> set[str]:
    return {remote.somebody_creates(f"Person {n:04}") for n in range(count)}


def papers(remote: QuickBooks, count: int) -> list[str]:
    return [remote.somebody_writes_a_paper() for _ in range(count)]


def create(key: str, type: str, body: dict[str, Any], **rest: Any) -> WriteRequest:
    return WriteRequest(key, type, Operation.CREATE, body, **rest)


def error_of(remote: QuickBooks, request: WriteRequest) -> ConcordError:
    return refusal(only(remote.connector().write([request])))


# -- lists


@pytest.mark.parametrize("count", [999, 1000, 1001])
def test_a_list_around_a_full_page_is_whole(remote: QuickBooks, count: int):
    """F25: a full page of exactly 1,000 rows is neither taken for the end nor asked beyond the end."""
    made = people(remote, count)
    before = remote.requests()
    assert ids(scanned(remote, "Customer")) == made
    assert remote.requests() - before == (1 if count <= 1000 else 2)


def test_transactions_around_a_full_page_are_whole(remote: QuickBooks):
    """Their pages overlap, which must neither lose nor double the edge."""
    made = papers(remote, 1001)
    assert ids(scanned(remote, "Payment")) == set(made)


def test_a_row_deleted_between_two_pages_hides_no_other(remote: QuickBooks):
    """The rows behind it move forward over the page's edge."""
    made = papers(remote, 1005)
    meddling = Meddling(remote.transport, {1: lambda: remote.somebody_deletes_the_paper(made[3])})
    connector = remote.connector(meddling)
    found = {record.id for page in connector.scan("Payment") for record in page.records}
    assert set(made) - {made[3]} <= found


def test_rows_deleted_and_created_between_two_pages_hide_no_other(remote: QuickBooks):
    """Their number stays the same, so only the overlapping row betrays that the others moved."""
    made = papers(remote, 1005)

    def meddle() -> None:
        for lost in made[3:6]:
            remote.somebody_deletes_the_paper(lost)
        papers(remote, 3)

    connector = remote.connector(Meddling(remote.transport, {1: meddle}))
    found = {record.id for page in connector.scan("Payment") for record in page.records}
    assert set(made[:3] + made[6:]) <= found


def test_a_row_edited_between_two_pages_hides_no_other(remote: QuickBooks):
    """Order by id stays as it is, whatever is edited."""
    made = papers(remote, 1005)
    edit = {"PrivateNote": "edited"}
    meddling = Meddling(remote.transport, {1: lambda: remote.act("edit", "Payment", id=made[3], body=edit)})
    found = {record.id for page in remote.connector(meddling).scan("Payment") for record in page.records}
    assert set(made) <= found


@pytest.mark.parametrize("after", [0, 1])
def test_a_page_that_comes_back_short_does_not_end_the_list(remote: QuickBooks, after: int):
    """F8: the number of rows is known from the first page; fewer mean that the list is read again."""
    made = people(remote, 1100)
    remote.arm(FaultKind.TRUNCATE_PAGE, endpoint="query", after=after)
    assert ids(scanned(remote, "Customer")) == made


def test_a_list_that_stays_short_is_no_list(remote: QuickBooks):
    """Rather a passing fault than records that seem to be gone."""
    people(remote, 1100)
    remote.arm(FaultKind.TRUNCATE_PAGE, endpoint="query", count=None)
    with pytest.raises(Retryable):
        scanned(remote, "Customer")


def test_a_truncated_body_is_asked_for_again(remote: QuickBooks):
    """Half an answer is none."""
    made = people(remote, 5)
    remote.arm(FaultKind.TRUNCATE_BODY)
    assert ids(scanned(remote, "Customer")) == made


def test_a_web_page_instead_of_data_is_asked_for_again_and_then_told(remote: QuickBooks):
    """With a sentence for a person."""
    remote.arm(FaultKind.HTML_BODY, count=None)
    with pytest.raises(Retryable) as raised:
        scanned(remote, "Customer")
    assert "something else than data" in raised.value.message


def test_a_scan_keeps_to_its_bounds(remote: QuickBooks):
    """The historical import asks for a span of dates or of edits."""
    payer = {"CustomerRef": {"value": remote.somebody_creates("Payer")}, "TotalAmt": 1}
    days = [f"2026-10-{day:02}" for day in (1, 10, 20)]
    made = [remote.act("create", "Payment", body={**payer, "TxnDate": day})["Id"] for day in days]
    assert ids(scanned(remote, "Payment", date_from="2026-10-10", date_to="2026-10-20")) == set(made[1:])
    assert scanned(remote, "Payment", modified_to="2026-01-01T00:00:00Z") == []


def test_deactivated_rows_are_records_that_say_so(remote: QuickBooks):
    """Name lists are never deleted: hidden from queries, shown by us."""
    id = remote.somebody_creates("Anna")
    remote.act("deactivate", "Customer", id=id)
    for record in (scanned(remote, "Customer")[0], remote.connector().read("Customer", [id])[0]):
        assert (record.id, record.deleted, record.data["Active"]) == (id, False, False)
    assert remote.connector().find("Customer", {"name": "Anna"}) == []


# -- changes


def test_an_idle_run_costs_one_request(remote: QuickBooks):
    """All types in one call, taxes included until they are six hours old."""
    cursors: Cursors = {}
    poll(remote.connector(), ALL, cursors)
    remote.clock.advance(600)
    before = remote.requests()
    poll(remote.connector(), ALL, cursors)
    assert remote.requests() - before == 1


def test_the_cursor_is_the_servers_clock_less_an_overlap(remote: QuickBooks):
    """Never the local clock; replicas may lag for seconds."""
    cursors: Cursors = {}
    poll(remote.connector(), ["Customer"], cursors)
    remote.clock.advance(600)
    poll(remote.connector(), ["Customer"], cursors)
    moment = Cursor.parse(cursors["cdc"]).moments["Customer"]
    assert moment == START + timedelta(seconds=600) - timedelta(minutes=5)


def test_a_type_that_is_new_to_the_cursor_is_read_from_the_beginning(remote: QuickBooks):
    """A category switched on later must not miss what is older."""
    cursors: Cursors = {}
    poll(remote.connector(), ["Customer"], cursors)
    paper = remote.somebody_writes_a_paper()
    remote.clock.advance(DAY)
    assert paper in ids(poll(remote.connector(), ["Customer", "Payment"], cursors))


def test_a_run_over_one_type_leaves_the_cursors_of_others(remote: QuickBooks):
    """Otherwise what happened to the others in between would be skipped."""
    cursors: Cursors = {}
    poll(remote.connector(), ["Customer", "Payment"], cursors)
    remote.clock.advance(DAY)
    paper = remote.somebody_writes_a_paper()
    remote.clock.advance(DAY)
    poll(remote.connector(), ["Customer"], cursors)
    assert paper in ids(poll(remote.connector(), ["Customer", "Payment"], cursors))


def test_a_cursor_survives_being_stored():
    """As text, types of one moment together."""
    cursor = Cursor({"Customer": START, "Item": START, "Bill": START + timedelta(days=1)})
    assert Cursor.parse(cursor.text()) == cursor
    assert Cursor.parse("nonsense") == Cursor.parse(None) == Cursor()


def test_a_feed_that_overflows_is_enumerated_and_leaves_a_gap(remote: QuickBooks):
    """A thousand rows mean that more were left out, among them perhaps deletions."""
    cursors: Cursors = {}
    poll(remote.connector(), ["Customer", "Payment"], cursors)
    remote.clock.advance(DAY)
    made = people(remote, 1003)
    pages = list(remote.connector().changes(["Customer", "Payment"], cursors))
    assert made <= ids(record for page in pages for record in page.records)
    assert [page.gaps for page in pages if page.gaps] == [("Customer",)]
    assert pages[-1].checkpoint


def test_a_cursor_older_than_the_feed_is_enumerated_and_leaves_a_gap(remote: QuickBooks):
    """The feed looks back thirty days."""
    cursors: Cursors = {}
    poll(remote.connector(), ["Payment"], cursors)
    paper = remote.somebody_writes_a_paper()
    remote.clock.advance(40 * DAY)
    pages = list(remote.connector().changes(["Payment"], cursors))
    assert paper in ids(record for page in pages for record in page.records)
    assert pages[-1].gaps == ("Payment",)
    store(pages, cursors)
    remote.clock.advance(600)
    assert list(remote.connector().changes(["Payment"], cursors))[-1].gaps == ()


def test_a_feed_that_finds_the_cursor_too_old_is_enumerated(remote: QuickBooks):
    """Its clock decides, however late it is over here."""
    cursors: Cursors = {}
    poll(remote.connector(), ["Payment"], cursors)
    remote.sandbox.clock.advance(40 * DAY)
    remote.tokens.tokens = remote.fresh_tokens(life=0)
    paper = remote.somebody_writes_a_paper()
    pages = list(remote.connector().changes(["Payment"], cursors))
    assert paper in ids(record for page in pages for record in page.records)
    assert pages[-1].gaps == ("Payment",)


def test_a_deletion_is_confirmed_by_a_read(remote: QuickBooks):
    """F8: the feed sometimes calls a live record deleted."""
    cursors: Cursors = {}
    poll(remote.connector(), ["Customer"], cursors)
    id = remote.somebody_creates("Anna")
    remote.arm(FaultKind.WRONG_DELETED)
    (record,) = [record for record in poll(remote.connector(), ["Customer"], cursors) if record.id == id]
    assert not record.deleted
    assert remote.name_of(record) == "Anna"


def test_confirming_many_deletions_takes_one_request(remote: QuickBooks):
    """They travel together."""
    made = papers(remote, 150)
    cursors: Cursors = {}
    poll(remote.connector(), ["Payment"], cursors)
    for id in made:
        remote.somebody_deletes_the_paper(id)
    before = remote.requests()
    records = poll(remote.connector(), ["Payment"], cursors)
    assert {record.id for record in records if record.deleted} == set(made)
    assert remote.requests() - before == 2


def cdc(*groups: Any) -> Any:
    return said({"CDCResponse": [{"QueryResponse": list(groups)}], "time": "2026-11-02T01:10:00.000-08:00"})


def fed(remote: QuickBooks, *groups: Any) -> list[RemoteRecord]:
    """What the connector makes of a feed made by hand."""
    cursors = {"cdc": Cursor({"Invoice": START, "Customer": START}).text()}
    connector = remote.connector(Scripted(cdc(*groups), said({"QueryResponse": {}, "time": "2026-11-02T01:10:00Z"})))
    return store(connector.changes(["Customer", "Invoice"], cursors), cursors)


def test_a_fault_in_place_of_a_group_stops_the_feed(remote: QuickBooks):
    """F26: its changes are unknown, so no cursor may move past them."""
    fault = {"Fault": {"Error": [{"Message": "x", "code": "4002"}], "type": "Service"}}
    pages = []
    with pytest.raises(Retryable):
        for page in remote.connector(Scripted(cdc({}, fault))).changes(
            ["Customer", "Invoice"], {"cdc": Cursor({"Invoice": START, "Customer": START}).text()}
        ):
            pages.append(page)
    assert not [page for page in pages if page.checkpoint]


@pytest.mark.parametrize("groups", [(), ({},), ({}, {})])
def test_an_empty_feed_in_each_of_its_forms_is_empty(remote: QuickBooks, groups: tuple[Any, ...]):
    """Groups may be missing, or empty."""
    assert fed(remote, *groups) == []


def test_a_group_of_deletions_only_has_no_start_position(remote: QuickBooks):
    """And its stubs hold next to nothing."""
    stub = {
        "domain": "QBO",
        "status": "Deleted",
        "Id": "979",
        "MetaData": {"LastUpdatedTime": "2026-05-05T12:55:50-07:00"},
    }
    (record,) = fed(remote, {"Invoice": [stub], "maxResults": 1, "totalCount": 1})
    assert (record.type, record.id, record.deleted, dict(record.data)) == ("Invoice", "979", True, {})


def test_stamps_of_both_sides_of_the_time_change_compare_in_utc(remote: QuickBooks):
    """The offset in the text changes with the season."""
    row = {"Id": "1", "SyncToken": "0", "MetaData": {"LastUpdatedTime": "2026-11-01T01:30:00-07:00"}}
    (record,) = fed(remote, {"Customer": [row], "startPosition": 1, "maxResults": 1})
    assert record.modified_at
    assert record.modified_at.isoformat() == "2026-11-01T08:30:00+00:00"


# -- taxes


def test_tax_codes_come_with_their_percentages():
    """Joined from the rates; a code without purchase rates has no purchase percentage."""
    remote = QuickBooks(profile="uk", seed="agency")
    codes = {record.data["Name"]: record.data for record in scanned(remote, "TaxCode")}
    assert codes["20.0% S"]["SalesRateValue"] == Decimal(20)
    assert codes["20.0% S"]["PurchaseRateValue"] == Decimal(20)
    (read,) = remote.connector().read("TaxCode", [codes["20.0% S"]["Id"]])
    assert read.data["SalesRateValue"] == Decimal(20)


def batch(*answers: Any) -> Any:
    """The answer to a batch of queries."""
    items = [{**answer, "bId": str(n)} for n, answer in enumerate(answers)]
    return said({"BatchItemResponse": items, "time": "2026-11-02T01:10:00-08:00"})


def page(type: str, *rows: dict[str, Any]) -> Any:
    """The answer to the first page of a walk: the rows, and how many there are."""
    counted = {"QueryResponse": {"totalCount": len(rows)}}
    return batch({"QueryResponse": {type: list(rows), "startPosition": 1, "maxResults": len(rows)}}, counted)


def test_rates_of_a_code_add_up_and_build_on_each_other(remote: QuickBooks):
    """A tax on the amount with tax, and one on the tax, follow those before them."""
    details = [
        {"TaxRateRef": {"value": "2"}, "TaxTypeApplicable": "TaxOnAmountPlusTax", "TaxOrder": 1},
        {"TaxRateRef": {"value": "1"}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0},
        {"TaxRateRef": {"value": "3"}, "TaxTypeApplicable": "TaxOnTax", "TaxOrder": 2},
    ]
    code = {
        "Id": "9",
        "Name": "All",
        "SalesTaxRateList": {"TaxRateDetail": details},
        "PurchaseTaxRateList": {"TaxRateDetail": []},
    }
    rates = [{"Id": "1", "RateValue": 5}, {"Id": "2", "RateValue": 10}, {"Id": "3", "RateValue": 20}]
    transport = Scripted(page("TaxCode", code), page("TaxRate", *rates))
    (record,) = [record for pages in remote.connector(transport).scan("TaxCode") for record in pages.records]
    assert record.data["SalesRateValue"] == Decimal("18.6")  # 5, then 10 % of 105, then 20 % of 15.5
    assert "PurchaseRateValue" not in record.data


def test_tax_codes_are_read_again_after_six_hours():
    """There is no feed for them."""
    remote = QuickBooks(profile="uk", seed="agency")
    cursors: Cursors = {}
    assert poll(remote.connector(), ["TaxCode"], cursors)
    remote.clock.advance(6 * 3600 - 60)
    assert not poll(remote.connector(), ["TaxCode"], cursors)
    remote.clock.advance(120)
    assert poll(remote.connector(), ["TaxCode"], cursors)


# -- single records


def test_reading_many_records_takes_few_requests(remote: QuickBooks):
    """A thousand of them in one batch."""
    made = sorted(people(remote, 250))
    before = remote.requests()
    assert len(remote.connector().read("Customer", made)) == 250
    assert remote.requests() - before == 1


def test_an_answer_that_comes_back_short_deletes_nothing(remote: QuickBooks):
    """F8: what one query leaves out, a second one has to miss too."""
    made = sorted(people(remote, 10))
    remote.arm(FaultKind.TRUNCATE_PAGE, endpoint="query")
    assert not [record for record in remote.connector().read("Customer", made) if record.deleted]


def test_finding_a_document_by_number_and_contact(remote: QuickBooks):
    """References are compared on our side."""
    anna, bert = (remote.somebody_creates(name) for name in ("Anna", "Bert"))
    made = [
        remote.act(
            "create",
            "Payment",
            body={"CustomerRef": {"value": payer}, "TotalAmt": 5, "PaymentRefNum": "77", "TxnDate": "2026-10-10"},
        )["Id"]
        for payer in (anna, bert)
    ]
    connector = remote.connector()
    assert ids(connector.find("Payment", {"number": "77"})) == set(made)
    assert ids(connector.find("Payment", {"number": "77", "contact": bert})) == {made[1]}
    assert ids(connector.find("Payment", {"contact": anna, "date": "2026-10-10"})) == {made[0]}
    with pytest.raises(InvariantBroken):
        connector.find("Payment", {"colour": "red"})


def test_statements_are_escaped():
    """A name is a literal, whatever it holds."""
    statement = query.live(entity_of("Customer"), [query.equals("DisplayName", "Amy's \\ 'Bird' & 50%")])
    assert statement.endswith("WHERE DisplayName = 'Amy\\'s \\\\ \\'Bird\\' & 50%' MAXRESULTS 1000")


# -- writes


def test_a_group_is_one_request(remote: QuickBooks):
    """Up to thirty writes."""
    before = remote.requests()
    group = [create(f"g-{n}", "Customer", {"DisplayName": f"P{n}"}, group="g", ordinal=n) for n in range(30)]
    assert len([written(outcome) for outcome in remote.connector().write(group)]) == 30
    assert remote.requests() - before == 1


def test_a_group_of_more_than_a_batch_is_our_own_mistake(remote: QuickBooks):
    """It is refused before anything is sent."""
    group = [create(f"g-{n}", "Customer", {}, group="g", ordinal=n) for n in range(31)]
    before = remote.requests()
    with pytest.raises(InvariantBroken):
        list(remote.connector().write(group))
    assert remote.requests() == before


def test_one_bad_member_does_not_spoil_its_group(remote: QuickBooks):
    """F19: each item has its own outcome."""
    taken = remote.somebody_creates("Taken")
    bodies = [{"DisplayName": "Free"}, {"DisplayName": "Taken"}, {"DisplayName": "a:b"}, {"DisplayName": "x" * 600}]
    group = [create(f"g-{n}", "Customer", body, group="g", ordinal=n) for n, body in enumerate(bodies)]
    outcomes = {outcome.key: outcome for outcome in remote.connector().write(group)}
    assert written(outcomes["g-0"]).id != taken
    assert isinstance(refusal(outcomes["g-1"]), DuplicateRemote)
    assert {refusal(outcomes[key]).code for key in ("g-2", "g-3")} == {"2040", "2050"}


def test_a_lost_update_repeated_with_its_key_is_applied_once(remote: QuickBooks):
    """The fence has moved by our own write; without the key the repetition would seem stale."""
    id = remote.somebody_creates("Anna")
    update = WriteRequest("u", "Customer", Operation.UPDATE, {"Notes": "new"}, id=id, revision="0")
    remote.lose_answers()
    assert isinstance(error_of(remote, update), Retryable)
    again = WriteRequest("u", "Customer", Operation.UPDATE, {"Notes": "new"}, id=id, revision="0", repeated=True)
    assert written(only(remote.connector().write([again]))).revision == "1"


def test_a_short_disturbance_is_outlived_inside_one_write(remote: QuickBooks):
    """The same request id is sent again at once."""
    remote.arm(FaultKind.RESET_AFTER, endpoint="entity", count=2)
    assert written(only(remote.connector().write([create("k", "Customer", {"DisplayName": "Anna"})]))).id
    assert remote.live("Anna") == 1


def test_an_update_keeps_what_it_does_not_name(remote: QuickBooks):
    """Updates are sparse (F32)."""
    id = remote.act("create", "Customer", body={"DisplayName": "Anna", "Notes": "kept"})["Id"]
    update = WriteRequest("u", "Customer", Operation.UPDATE, {"CompanyName": "Berg"}, id=id, revision="0")
    assert written(only(remote.connector().write([update]))).data["Notes"] == "kept"


@pytest.mark.parametrize("group", [None, "g"])
def test_a_missing_reference_is_not_a_missing_record(remote: QuickBooks, group: str | None):
    """Code 610 of a create speaks of something it points to, of an update of the record itself; alone as in a batch."""
    fault = {"Fault": {"Error": [{"Message": "Object Not Found", "code": "610"}]}}
    item = {"BatchItemResponse": [{**fault, "bId": "0"}], "time": "2026-11-02T01:10:00-08:00"}
    connector = remote.connector(Scripted(said(fault, 400) if group is None else said(item)))
    update = WriteRequest("u", "Payment", Operation.UPDATE, {}, id="1", revision="0", group=group)
    made = refusal(only(connector.write([create("c", "Payment", {}, group=group)])))
    changed = refusal(only(connector.write([update])))
    assert (type(made), type(changed)) == (RemoteRejected, RemoteMissing)


def test_a_person_in_between_makes_the_write_stale(remote: QuickBooks):
    """5010, and the record is theirs."""
    id = remote.somebody_creates("Anna")
    remote.arm(FaultKind.STALE_TOKEN)
    update = WriteRequest("u", "Customer", Operation.UPDATE, {"Notes": "ours"}, id=id, revision="0")
    assert isinstance(error_of(remote, update), StaleRevision)


@pytest.mark.parametrize("group", [None, "g"])
def test_a_payment_is_voided(remote: QuickBooks, group: str | None):
    """By an update with ``include=void``, alone as in a batch."""
    id = remote.somebody_writes_a_paper()
    void = WriteRequest("v", "Payment", Operation.VOID, {}, id=id, revision="0", group=group)
    record = written(only(remote.connector().write([void])))
    assert record.data["TotalAmt"] == 0
    assert record.revision == "1"


@pytest.mark.parametrize("group", [None, "g"])
def test_an_invoice_is_voided_and_a_number_may_be_doubled_on_purpose(group: str | None):
    """Operation and option go on the address of a single write and into the item of a batch."""
    remote = QuickBooks(profile="us", seed="agency")
    connector = remote.connector()
    invoice = next(r for r in scanned(remote, "Invoice") if r.data["Balance"] == r.data["TotalAmt"] > 0)
    line = next(line for line in invoice.data["Line"] if line["DetailType"] == "SalesItemLineDetail")
    body = {
        "CustomerRef": invoice.data["CustomerRef"],
        "CurrencyRef": invoice.data["CurrencyRef"],
        "ExchangeRate": invoice.data.get("ExchangeRate", 1),
        "DocNumber": invoice.data["DocNumber"],
        "Line": [
            {
                "Amount": 5,
                "DetailType": line["DetailType"],
                line["DetailType"]: {"ItemRef": line["SalesItemLineDetail"]["ItemRef"]},
            }
        ],
    }
    duplicate = refusal(only(connector.write([create("a", "Invoice", body)])))
    assert isinstance(duplicate, DuplicateRemote)
    assert duplicate.existing_id == invoice.id
    doubled = create("b", "Invoice", body, group=group, options=("allowduplicatedocnum",))
    record = written(only(connector.write([doubled])))
    void = WriteRequest("c", "Invoice", Operation.VOID, {}, id=record.id, revision=record.revision, group=group and "h")
    assert written(only(connector.write([void]))).data["TotalAmt"] == 0


def test_money_is_never_a_float(remote: QuickBooks):
    """Neither read nor written: cents survive."""
    payer = remote.somebody_creates("Anna")
    body = {"CustomerRef": {"value": payer}, "TotalAmt": Decimal("1234567890.13")}
    record = written(only(remote.connector().write([create("k", "Payment", body)])))
    assert record.data["TotalAmt"] == Decimal("1234567890.13")
    assert not [value for value in _leaves(record.data) if isinstance(value, float)]


def _leaves(node: Any) -> Iterable[Any]:
    match node:
        case dict():
            for value in node.values():
                yield from _leaves(value)
        case list():
            for value in node:
                yield from _leaves(value)
        case _:
            yield node


# -- the connection


def test_throttling_pauses_the_whole_company(remote: QuickBooks):
    """Another worker of the same company does not even ask; another company is free."""
    remote.throttle()
    with pytest.raises(Throttled):
        remote.connector().profile()
    before = remote.requests()
    with pytest.raises(Throttled):
        remote.connector().profile()
    assert remote.requests() == before
    remote.limiter.acquire("quickbooks:another-realm")
    remote.clock.advance(61)
    assert remote.connector().profile().name


def test_a_token_of_another_company_is_not_refreshed(remote: QuickBooks):
    """3100 is not an expired token: refreshing would not help and might do harm."""
    remote.realm = "9999"
    with pytest.raises(AuthorizationLost):
        remote.connector().profile()
    assert remote.tokens.events == []


@pytest.mark.parametrize(
    ("profile", "country", "currency", "zone"),
    [("us", "US", "USD", "America/Los_Angeles"), ("uk", "GB", "GBP", "America/Los_Angeles")],
)
def test_the_profile_takes_one_request(profile: str, country: str, currency: str, zone: str):
    """Company, preferences and currencies in one batch."""
    remote = QuickBooks(profile=profile, seed="agency")
    found = remote.connector().profile()
    assert remote.requests() == 1
    assert (found.id, found.country, found.home_currency) == (remote.realm, country, currency)
    assert found.currencies[0] == currency
    assert len(found.currencies) == len(set(found.currencies)) > 1
    assert found.features["multicurrency"] == "true"
    assert found.features["default_item"] == "1"
    assert found.features["plan"] == "QuickBooks Online Plus"
    assert found.time_zone == zone


def test_a_company_of_one_currency_may_refuse_the_list_of_them(remote: QuickBooks):
    """It has its own, then."""
    company = {"QueryResponse": {"CompanyInfo": [{"CompanyName": "Acme", "Country": "US"}]}}
    preferences = {"QueryResponse": {"Preferences": [{"CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}]}}
    refused = {"Fault": {"Error": [{"Message": "Feature Not Supported", "code": "5030"}]}}
    profile = remote.connector(Scripted(batch(company, preferences, refused))).profile()
    assert (profile.home_currency, profile.currencies, profile.features["multicurrency"]) == ("USD", ("USD",), "false")


def test_every_call_asks_for_the_same_version_of_the_interface(remote: QuickBooks):
    """Minor version 75, and JSON."""
    id = remote.somebody_creates("Anna")
    transport = Meddling(remote.transport, {})
    connector = remote.connector(transport)
    connector.profile()
    connector.read("Customer", [id])
    assert {request.url.params["minorversion"] for request in transport.requests} == {"75"}
    assert {request.headers["accept"] for request in transport.requests} == {"application/json"}
    assert paths(transport.requests) == [f"/v3/company/{remote.realm}/{end}" for end in ("batch", "query")]
