"""Limits, batches, formats and permissions (reference 13, behaviours 38, 39, 41 and 42)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks.faults import MESSAGES
from app.sandbox.quickbooks.throttle import Throttle
from tests.sandbox.quickbooks.client import Client, Json, code, refusal

THROTTLED = "message=ThrottleExceeded; errorCode=003001; statusCode=429"


def call(books: Client, **headers: str) -> httpx2.Response:
    return books.http.get(f"/v3/company/{books.realm}/customer/1", headers=books.headers(**headers))


def test_b38_eleventh_call_of_a_second_is_throttled(books: Client) -> None:
    """429/3001 with the service's texts and no Retry-After; the next second is open again; other companies are not hit."""
    books.switch(throttle=True)
    assert all(call(books).status_code == 400 for _ in range(10))
    answer = call(books)
    assert answer.status_code == 429
    error = refusal(answer)
    assert (error["code"], error["Message"]) == ("3001", THROTTLED)
    assert error["Detail"] == "The request limit was reached.  Try again later"
    assert answer.json()["Fault"]["type"] == "SERVICE"
    assert "Retry-After" not in answer.headers
    assert call(books.company("GB")).status_code == 400
    books.clock.advance(1)
    assert call(books).status_code == 400


def test_b38_a_minute_has_room_for_500_calls_and_40_batches(books: Client) -> None:
    """The windows slide on the sandbox's clock."""
    books.switch(throttle=True)
    for number in range(500):
        assert call(books).status_code == 400, number
        books.clock.advance(0.11)
    assert call(books).status_code == 429
    books.clock.advance(60)
    for _ in range(40):
        assert books.post("batch", {"BatchItemRequest": []}).status_code == 200
        books.clock.advance(0.2)
    assert books.post("batch", {"BatchItemRequest": []}).status_code == 429
    assert call(books).status_code == 400


def test_b38_apps_share_a_companys_batches_and_each_has_800_calls_in_all() -> None:
    """120 batches a minute per company whatever the app, 40 per app; REST and GraphQL together 800 per app."""
    throttle, now = Throttle(), SandboxClock.manual().now()
    times = [now + timedelta(milliseconds=110 * n) for n in range(500)]
    taken = {app: sum(throttle.admit("1", app, at, "batch") for at in times[:60]) for app in ("a", "b", "c", "d")}
    assert taken == {"a": 40, "b": 40, "c": 40, "d": 0}
    assert throttle.admit("2", "d", now, "batch")
    both = Throttle()
    assert sum(both.admit("1", "a", at, "rest") for at in times) == 500
    assert sum(both.admit("1", "a", at, "graphql") for at in times) == 300


def test_b38_graphql_calls_are_limited_too(books: Client) -> None:
    """500 a minute per company, then 429."""
    books.switch(throttle=True)
    query = {"query": "query { projectManagementProjects(first: 1) { edges { node { id } } } }"}
    statuses = [books.http.post("/graphql", json=query, headers=books.headers()).status_code for _ in range(501)]
    assert (statuses.count(200), statuses[-1]) == (500, 429)


def test_a_company_sends_forty_mails_a_day(books: Client, customer: Json, item: Json) -> None:
    """The 41st is throttled until the next day; a person may still send."""
    invoice = books.invoice(customer, item)
    path = f"invoice/{invoice['Id']}/send"
    assert all(books.post(path, sendTo="a@b.test").status_code == 200 for _ in range(40))
    refused = books.post(path, sendTo="a@b.test")
    assert (refused.status_code, code(refused)) == (429, "3001")
    books.person("send", entity="Invoice", id=invoice["Id"], to="a@b.test")
    books.clock.advance(86_400)
    books.sign_in(books.realm)
    assert books.post(path, sendTo="a@b.test").status_code == 200


def test_every_fault_of_the_catalogue_can_be_dialled(books: Client) -> None:
    """The call is refused with that code and its message before anything happens."""
    for named, message in MESSAGES.items():
        books.fault("refused", body=named)
        answer = books.post("vendor", {"DisplayName": "Refused"})
        assert (code(answer), refusal(answer)["Message"]) == (named, message)
    assert books.query("select * from Vendor") == {}


@pytest.mark.parametrize(
    ("named", "status", "kind"),
    [
        ("130", 401, "AuthenticationFault"),
        ("140", 403, "SystemFault"),
        ("150", 503, "SystemFault"),
        ("120", 401, "AuthorizatonFault"),
        ("4002", 500, "Service"),
        ("5020", 403, "ValidationFault"),
        ("10000", 500, "SystemFault"),
        ("10200", 400, "ValidationFault"),
    ],
)
def test_faults_have_their_own_statuses_and_types(books: Client, named: str, status: int, kind: str) -> None:
    """Reference 2.6 and 10."""
    books.fault("refused", body=named)
    answer = call(books)
    assert (answer.status_code, answer.json()["Fault"]["type"]) == (status, kind)


def test_a_passing_business_fault_may_hide_a_saved_write(books: Client) -> None:
    """6000 "please wait a few minutes" comes before or after the write; 6000 "one name at a time" is passing as well."""
    books.fault("refused", body="6000 committed")
    error = refusal(books.post("vendor", {"DisplayName": "Saved"}, requestid="r-1"))
    assert "Please wait a few minutes and try again." in error["Detail"]
    assert books.post("vendor", {"DisplayName": "Saved"}, requestid="r-1").json()["Vendor"]["Id"] == "1"
    books.fault("refused", body="6000 names")
    assert "one name at a time" in refusal(books.post("vendor", {"DisplayName": "Later"}))["Detail"]
    assert books.vendor("Later")["Id"] == "2"


def test_b38_throttling_may_come_as_xml(books: Client) -> None:
    """The XML body carries the code as an attribute."""
    books.fault("throttle_minute", body="xml")
    answer = call(books)
    assert answer.status_code == 429
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert '<Fault type="SERVICE"><Error code="3001">' in answer.text


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", ["html", "empty"])
def test_b38_the_edge_answers_with_html_or_nothing(books: Client, status: int, body: str) -> None:
    """5xx bodies are not JSON and nothing was written."""
    books.fault(f"http_{status}", body=body)
    answer = books.post("vendor", {"DisplayName": "Lost"})
    assert answer.status_code == status
    assert (answer.text == "") is (body == "empty")
    with pytest.raises(ValueError, match=r"Expecting value"):
        answer.json()
    assert books.query("select * from Vendor") == {}


def test_b38_slow_answers_take_the_time_they_are_told_to(books: Client) -> None:
    """The sandbox's clock passes the delay."""
    before = books.clock.now()
    books.fault("slow", seconds=120)
    call(books)
    assert (books.clock.now() - before).total_seconds() == 120


def test_b39_a_batch_mixes_successes_and_faults(books: Client, customer: Json) -> None:
    """200 with one answer per bId; 5010 and 610 inside; queries and CDC as items; 31 items are 1040."""
    books.sparse("Customer", customer, Notes="newer")
    stale = {"Id": customer["Id"], "SyncToken": "0", "sparse": True, "Notes": "late"}
    items: list[Json] = [
        {"bId": "bid1", "operation": "create", "Vendor": {"DisplayName": "Corner Bakery"}},
        {"bId": "bid2", "operation": "delete", "Invoice": {"Id": "129", "SyncToken": "0"}},
        {"bId": "bid3", "operation": "update", "Customer": stale},
        {"bId": "bid4", "Query": "select * from Customer"},
        {"bId": "bid5", "CDCQuery": {"Entities": "Customer", "ChangedSince": "2026-11-01T00:00:00Z"}},
        {"bId": "bid6", "operation": "update", "Vendor": {"SyncToken": "0", "DisplayName": "No id"}},
    ]
    answer = books.post("batch", {"BatchItemRequest": items})
    assert answer.status_code == 200
    parts = {part["bId"]: part for part in answer.json()["BatchItemResponse"]}
    assert parts["bid1"]["Vendor"]["SyncToken"] == "0"
    codes = {name: parts[name]["Fault"]["Error"][0]["code"] for name in ("bid2", "bid3", "bid6")}
    assert codes == {"bid2": "610", "bid3": "5010", "bid6": "2020"}
    assert parts["bid4"]["QueryResponse"]["maxResults"] == 1
    assert parts["bid5"]["CDCResponse"][0]["QueryResponse"][0]["maxResults"] == 1
    many = [{"bId": str(n), "Query": "select count(*) from Vendor"} for n in range(31)]
    too_many = refusal(books.post("batch", {"BatchItemRequest": many}))
    assert (too_many["code"], too_many["Message"]) == ("1040", "Batch size exceeds allowed limit")
    assert len(books.post("batch", {"BatchItemRequest": many[:30]}).json()["BatchItemResponse"]) == 30


def test_b39_a_batch_answers_with_a_thousand_objects_at_most(books: Client) -> None:
    """Queries that find more than is left of them are a result set too big; writes always answer."""
    for number in range(600):
        books.vendor(f"V{number}")
    every = "select * from Vendor maxresults 600"
    items: list[Json] = [
        {"bId": "1", "Query": every},
        {"bId": "2", "Query": every},
        {"bId": "3", "Query": "select * from Vendor maxresults 399"},
        {"bId": "4", "operation": "create", "Vendor": {"DisplayName": "One more"}},
    ]
    answers = books.post("batch", {"BatchItemRequest": items}).json()["BatchItemResponse"]
    assert [answer["bId"] for answer in answers] == ["1", "2", "3", "4"]
    assert answers[0]["QueryResponse"]["maxResults"] == 600
    assert answers[1]["Fault"]["Error"][0]["code"] == "10100"
    assert answers[2]["QueryResponse"]["maxResults"] == 399
    assert answers[3]["Vendor"]["DisplayName"] == "One more"


def test_b39_nothing_promises_the_order_of_a_batch(books: Client) -> None:
    """Switched, the items run backwards; answers still stand where their items stood."""
    books.switch(batch_in_order=False)
    items = [{"bId": name, "operation": "create", "Vendor": {"DisplayName": name}} for name in ("a", "b")]
    answers = books.post("batch", {"BatchItemRequest": items}).json()["BatchItemResponse"]
    assert [(answer["bId"], answer["Vendor"]["Id"]) for answer in answers] == [("a", "2"), ("b", "1")]


def test_b39_with_a_request_id_every_item_name_is_short(books: Client) -> None:
    """2130 for a bId of more than ten characters; without a request id it may be longer."""
    items = [{"bId": "item-number-1", "operation": "create", "Vendor": {"DisplayName": "V"}}]
    assert code(books.post("batch", {"BatchItemRequest": items}, requestid="b-1")) == "2130"
    assert books.post("batch", {"BatchItemRequest": items}).status_code == 200


def test_b39_batch_voids_and_duplicates_go_by_options(books: Client, customer: Json, item: Json) -> None:
    """`optionsData` carries void for payments and allowduplicatedocnum."""
    payment = books.write("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 5})
    invoice = books.invoice(customer, item, DocNumber="9")
    same = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)], "DocNumber": "9"}
    known = {"Id": payment["Id"], "SyncToken": "0", "sparse": True}
    items: list[Json] = [
        {"bId": "1", "operation": "update", "optionsData": "void", "Payment": known},
        {"bId": "2", "operation": "create", "optionsData": "allowduplicatedocnum", "Invoice": same},
        {"bId": "3", "operation": "void", "Invoice": {"Id": invoice["Id"], "SyncToken": "0"}},
    ]
    done = books.post("batch", {"BatchItemRequest": items}).json()["BatchItemResponse"]
    assert (done[0]["Payment"]["TotalAmt"], done[1]["Invoice"]["DocNumber"]) == (0, "9")
    assert done[2]["Invoice"]["PrivateNote"] == "Voided"


def test_parallel_calls_never_share_a_number(books: Client, customer: Json, item: Json) -> None:
    """Eight callers at once: every invoice has its own id and number, and the balance is the sum."""
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)]}
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: books.write("Invoice", body), range(80)))
    assert len({row["Id"] for row in made}) == len({row["DocNumber"] for row in made}) == 80
    assert books.read("Customer", customer["Id"])["Balance"] == 8000


def test_b41_without_accept_json_answers_are_xml(books: Client, customer: Json) -> None:
    """Objects and faults alike; with the behaviour off JSON comes."""
    answer = call(books, Accept="*/*")
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?><IntuitResponse time="')
    assert "<DisplayName>Acme Ltd</DisplayName>" in answer.text
    missing = books.http.get(f"/v3/company/{books.realm}/customer/99", headers=books.headers(Accept=""))
    assert '<Fault type="ValidationFault"><Error code="610">' in missing.text
    books.switch(xml_without_accept=False)
    assert call(books, Accept="*/*").json()["Customer"]["Id"] == customer["Id"]


def test_b41_old_minor_versions_are_served_as_75(books: Client, customer: Json) -> None:
    """A request for minor version 1 gets the same object."""
    old, new = (books.get("customer/1", minorversion=version).json()["Customer"] for version in (1, 75))
    assert old == new
    assert "IsProject" in old


def test_b41_xml_requests_are_refused_clearly(books: Client) -> None:
    """JSON is the interface: 415 with code 1050; bytes that are not UTF-8 are 500, a broken body 2310."""
    path = f"/v3/company/{books.realm}/customer"
    xml = books.http.post(path, content=b"<Customer/>", headers=books.headers(**{"Content-Type": "application/xml"}))
    assert (xml.status_code, code(xml)) == (415, "1050")
    latin = books.http.post(path, content=b'{"DisplayName":"\xe4"}', headers=books.headers())
    assert code(latin) == "500"
    assert code(books.http.post(path, content=b"{", headers=books.headers())) == "2310"


def test_b41_a_french_company_answers_in_french(books: Client) -> None:
    """Codes stay, texts change, the holder of a number can still be parsed."""
    france = books.company("FR")
    france.customer("Lumière")
    error = refusal(france.post("vendor", {"DisplayName": "Lumière"}))
    assert error["code"] == "6240"
    assert "existe déjà" in error["Message"]
    books.fault("localised")
    client, item = books.customer(), books.item()
    invoice = books.invoice(client, item)
    body = {"CustomerRef": {"value": client["Id"]}, "Line": [books.line(item)], "DocNumber": invoice["DocNumber"]}
    duplicate = refusal(books.post("invoice", body))
    assert duplicate["Message"] == "Numéro de document en double"
    assert f"TxnId={invoice['Id']}" in duplicate["Detail"]


def test_b42_a_plan_without_classes_or_projects_refuses_them(books: Client) -> None:
    """Simple Start: classes 5020, projects 5030."""
    simple = books.company("Plain Start")
    assert code(simple.post("class", {"Name": "Design"})) == "5020"
    client = simple.customer()
    refused = simple.http.post(
        "/_control/person",
        json={"action": "project", "realmId": simple.realm, "id": client["Id"], "project": "Website"},
    )
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("5030")


def test_b42_a_token_without_the_scope_is_refused(books: Client) -> None:
    """No accounting scope: 403/3100 on the API; no project scope: 403 on GraphQL."""
    books.sign_in(books.realm, scope="openid com.intuit.quickbooks.payment")
    answer = call(books)
    assert (answer.status_code, code(answer)) == (403, "3100")
    books.sign_in(books.realm, scope="com.intuit.quickbooks.accounting")
    query = {"query": "query { projectManagementProjects(first: 5) { edges { node { id } } } }"}
    assert books.http.post("/graphql", json=query, headers=books.headers()).status_code == 403
    books.sign_in(books.realm)
    assert books.http.post("/graphql", json=query, headers=books.headers()).json()["data"] is not None


def test_b42_without_subscription_or_rights_calls_are_refused(books: Client, customer: Json) -> None:
    """An ended subscription refuses writes with 6190; a user without rights gets 401/120 everywhere."""
    books.person("subscription", active=False)
    assert code(books.post("vendor", {"DisplayName": "Late"})) == "6190"
    assert books.read("Customer", customer["Id"])["Active"] is True
    books.person("subscription", active=True)
    books.vendor("In time")
    books.person("access", allowed=False)
    answer = call(books)
    assert (answer.status_code, code(answer)) == (401, "120")
    assert answer.json()["Fault"]["type"] == "AuthorizatonFault"
    books.person("access", allowed=True)
    assert call(books).status_code == 200


def test_b42_tracking_switched_off_refuses_new_classes(books: Client) -> None:
    """5030 when the preference is off although the plan has it."""
    books.person("preferences", body={"AccountingInfoPrefs": {"ClassTrackingPerTxnLine": False}})
    assert code(books.post("class", {"Name": "Design"})) == "5030"
