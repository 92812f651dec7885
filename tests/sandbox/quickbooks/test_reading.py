"""Queries and change data capture (reference 13, behaviours 30 to 37)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.sandbox.quickbooks.client import Client, Json, code, refusal


def ids(rows: list[Json]) -> list[str]:
    return [row["Id"] for row in rows]


def names(found: Json, entity: str, label: str = "DisplayName") -> list[str]:
    return [row[label] for row in found[entity]]


def test_b30_without_orderby_transactions_come_newest_first_and_lists_by_name(
    books: Client, customer: Json, item: Json
) -> None:
    """Customers by FullyQualifiedName, vendors by DisplayName, byte-wise; ORDERBY is honoured."""
    first = books.invoice(customer, item)
    books.clock.advance(10)
    second = books.invoice(customer, item)
    assert ids(books.query("select * from Invoice")["Invoice"]) == [second["Id"], first["Id"]]
    books.clock.advance(10)
    books.sparse("Invoice", first, PrivateNote="x")
    assert ids(books.query("select * from Invoice")["Invoice"]) == [first["Id"], second["Id"]]
    assert ids(books.query("select * from Invoice ORDERBY Id")["Invoice"]) == [first["Id"], second["Id"]]
    for name in ("Pam Stone", "PS&E", "Alpha"):
        books.vendor(name)
    assert names(books.query("select * from Vendor"), "Vendor") == ["Alpha", "PS&E", "Pam Stone"]
    descending = books.query("select * from Vendor ORDER BY DisplayName DESC")
    assert names(descending, "Vendor") == ["Pam Stone", "PS&E", "Alpha"]


def test_b30_rows_shift_between_pages_when_something_changes(books: Client, customer: Json, item: Json) -> None:
    """Paging without ORDERBY while documents change repeats and loses rows; ordered by Id it does not."""
    made = []
    for _ in range(4):
        made.append(books.invoice(customer, item))
        books.clock.advance(1)
    page = ids(books.query("select * from Invoice maxresults 2")["Invoice"])
    books.sparse("Invoice", made[0], PrivateNote="touched")
    page += ids(books.query("select * from Invoice startposition 3 maxresults 2")["Invoice"])
    assert len(page) == 4
    assert len(set(page)) == 3
    ordered = books.query("select * from Invoice orderby Id startposition 3 maxresults 2")["Invoice"]
    assert ids(ordered) == ids(made[2:])


def test_b31_pages_and_counts_have_the_services_shape(books: Client) -> None:
    """`{}` when nothing is found, maxResults = rows, page 100 by default, 1000 at most, positions from 1."""
    assert books.query("select * from Vendor") == {}
    for number in range(101):
        books.vendor(f"Vendor {number:03}")
    found = books.query("select * from Vendor")
    assert (len(found["Vendor"]), found["maxResults"], found["startPosition"]) == (100, 100, 1)
    assert "totalCount" not in found
    assert books.query("select * from Vendor startposition 101")["maxResults"] == 1
    assert books.query("select * from Vendor startposition 102") == {}
    assert books.query("SELECT COUNT(*) FROM Vendor STARTPOSITION 50 MAXRESULTS 2") == {"totalCount": 101}
    zero = refusal(books.get("query", query="select * from Vendor startposition 0"))
    assert zero["Detail"] == "QueryValidationError: value 0 is too small. Min allowed value is 1"
    assert code(books.get("query", query="select * from Vendor maxresults 1001")) == "4001"
    books.switch(large_page_refused=False)
    assert books.query("select * from Vendor maxresults 1001")["maxResults"] == 101


def test_b31_only_some_entities_count_their_rows(books: Client, customer: Json, item: Json, vendor: Json) -> None:
    """totalCount with Invoice and Bill, not with Payment or CreditMemo."""
    books.invoice(customer, item)
    books.bill(vendor)
    books.write("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 5})
    assert books.query("select * from Invoice")["totalCount"] == 1
    assert books.query("select * from Bill")["totalCount"] == 1
    assert "totalCount" not in books.query("select * from Payment")


def test_b32_inactive_rows_show_only_where_active_is_asked_about(books: Client, customer: Json) -> None:
    """Hidden by default, shown with Active IN (true, false) or Active = false."""
    books.sparse("Customer", customer, Active=False)
    assert books.query("select * from Customer") == {}
    assert books.query("select * from Customer where Active in (true,false)")["maxResults"] == 1
    assert books.query("select * from Customer where Active = false")["maxResults"] == 1
    assert books.read("Customer", customer["Id"])["Active"] is False


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select * from Customer where Id = '1' or Id = '2'", "4000"),
        ("select * from Customer where Id != '1'", "4000"),
        ("select * from Customer where (Id = '1')", "4000"),
        ("select * from Customer where DisplayName is null", "4000"),
        ("select distinct DisplayName from Customer", "4000"),
        ("select * from Customer maxresults ten", "4000"),
        ("select sum(Balance) from Customer", "4000"),
        ("", "4000"),
        ("select * from Custmoer", "4001"),
        ("select * from Customer where Foo = '1'", "4001"),
        ("select Foo from Customer", "4001"),
        ("select * from Customer where PrimaryEmailAddr = 'a@b.c'", "4001"),
        ("select * from Payment where UnappliedAmt > '0'", "4001"),
        ("select * from Customer where Id > '1'", "4001"),
        ("select * from Invoice orderby Line", "4001"),
    ],
)
def test_b33_the_parser_is_strict(books: Client, statement: str, expected: str) -> None:
    """What the grammar does not know is 4000, unknown or unqueryable names are 4001."""
    assert code(books.get("query", query=statement)) == expected


def test_b33_error_texts_are_the_services_own(books: Client) -> None:
    """Column and token of the mistake; the name of the entity or property."""
    error = refusal(books.get("query", query="select * from Customer where Id = '1' R"))
    assert error["Message"] == "Error parsing query"
    assert error["Detail"].startswith(
        'QueryParserError: Encountered " <IDENTIFIER> "R "" at line 1, column 39.\nWas expecting one of:\n    <EOF>'
    )
    lexical = refusal(books.get("query", query="select * from Customer where Id = %"))
    expected = (
        'QueryParserError: Invalid content. Lexical error at line 1, column 35.  Encountered: "%" (37), after : ""'
    )
    assert lexical["Detail"] == expected
    wrong = refusal(books.get("query", query="select * from Custmoer"))
    assert wrong["Detail"] == "QueryValidationError: invalid context declaration: Custmoer"
    unqueryable = refusal(books.get("query", query="select * from Payment where UnappliedAmt = '1'"))
    assert unqueryable["Detail"] == "QueryValidationError: property 'UnappliedAmt' is not queryable"


def test_b33_quotes_ampersands_and_pluses_must_be_escaped(books: Client) -> None:
    r"""`\'` inside a value works; a raw & cuts the statement off, a raw + becomes a space."""
    books.customer("Nell's Flower Stall")
    books.vendor("Mason & Daughters")
    assert books.query("select * from Customer where DisplayName = 'Nell\\'s Flower Stall'")["maxResults"] == 1
    assert books.query("select * from Vendor where DisplayName like 'mason %'")["maxResults"] == 1
    path = f"/v3/company/{books.realm}/query?query="
    good = "select%20*%20from%20Vendor%20where%20DisplayName%20=%20'Mason%20%26%20Daughters'"
    assert books.http.get(path + good, headers=books.headers()).json()["QueryResponse"]["maxResults"] == 1
    cut = books.http.get(path + good.replace("%26", "&"), headers=books.headers())
    assert code(cut) == "4000"
    offset = "select%20*%20from%20Vendor%20where%20MetaData.LastUpdatedTime%20>%20'2026-01-01T00:00:00+02:00'"
    assert code(books.http.get(path + offset, headers=books.headers())) == "4001"
    escaped = books.http.get(path + offset.replace("+", "%2B"), headers=books.headers())
    assert escaped.json()["QueryResponse"]["maxResults"] == 1


def test_b33_statements_may_be_posted(books: Client, customer: Json) -> None:
    """POST with the bare statement as application/text; keywords in any case; columns chosen; CURRENT_DATE."""
    answer = books.http.post(
        f"/v3/company/{books.realm}/query",
        content=b"SeLeCt Id, MetaData.LastUpdatedTime FROM customer WHERE displayname = 'acme LTD'",
        headers=books.headers(**{"Content-Type": "application/text"}),
    )
    row = answer.json()["QueryResponse"]["Customer"][0]
    assert row["Id"] == customer["Id"]
    assert set(row["MetaData"]) == {"LastUpdatedTime"}
    assert "DisplayName" not in row
    assert books.query("select * from Invoice where TxnDate <= CURRENT_DATE") == {}


def test_b34_stamps_are_pacific_and_the_envelope_time_is_the_start(books: Client) -> None:
    """Seconds with that day's offset; `time` in milliseconds may be earlier than MetaData; the offset flips in November."""
    books.clock.set("2026-10-31T20:00:00.250+00:00")
    books.sign_in(books.realm)
    answer = books.post("vendor", {"DisplayName": "Summer"}).json()
    assert answer["time"] == "2026-10-31T13:00:00.250-07:00"
    assert answer["Vendor"]["MetaData"]["CreateTime"] == "2026-10-31T13:00:01-07:00"
    books.clock.advance(86_400)
    books.sign_in(books.realm)
    winter = books.vendor("Winter")["MetaData"]["CreateTime"]
    assert winter == "2026-11-01T12:00:01-08:00"
    both = books.query("select * from Vendor where MetaData.LastUpdatedTime >= '2026-10-31T20:00:01Z'")
    assert both["maxResults"] == 2


def test_b35_cdc_tells_the_current_state_and_stubs_of_the_deleted(books: Client, customer: Json, item: Json) -> None:
    """Full objects first, then stubs; `{}` for quiet entities; no startPosition where only deletions are left."""
    since = "2026-11-01T00:00:00Z"
    kept, gone = books.invoice(customer, item), books.invoice(customer, item)
    books.sparse("Invoice", kept, PrivateNote="once")
    books.delete("Invoice", gone)
    quiet, group = books.cdc("Payment, invoice", since)
    assert quiet == {}
    live, stub = group["Invoice"]
    assert (live["Id"], live["PrivateNote"]) == (kept["Id"], "once")
    assert set(stub) == {"domain", "status", "Id", "MetaData"}
    assert (stub["status"], stub["Id"], list(stub["MetaData"])) == ("Deleted", gone["Id"], ["LastUpdatedTime"])
    assert (group["startPosition"], group["maxResults"], group["totalCount"]) == (1, 2, 2)
    books.delete("Invoice", books.read("Invoice", kept["Id"]))
    (only,) = books.cdc("Invoice", since)
    assert "startPosition" not in only
    assert only["maxResults"] == only["totalCount"] == 2
    books.sparse("Item", item, Active=False)
    (items,) = books.cdc("Item", since)
    assert (items["Item"][0]["Active"], items["Item"][0]["Name"]) == (False, "Consulting (deleted)")
    assert books.cdc("Bill,Term", "2026-11-02T10:00:00Z") == [{}]


def test_b35_cdc_has_a_limit_of_age_of_size_and_of_entities(books: Client) -> None:
    """Older than 30 days is refused; 1000 objects at most, without paging; TaxCode and TaxRate are not captured."""
    old = (books.clock.now() - timedelta(days=31)).isoformat()
    error = refusal(books.get("cdc", entities="Vendor", changedSince=old))
    assert error["code"] == "500"
    assert error["Detail"].endswith("which is older than fixed days is not supported.")
    books.switch(cdc_checks_age=False)
    assert books.get("cdc", entities="Vendor", changedSince=old).status_code == 200
    for entity in ("TaxCode", "TaxRate", "TaxAgency"):
        assert code(books.get("cdc", entities=entity, changedSince="2026-11-01T00:00:00Z")) == "500"
    books.switch(cdc_cap=5)
    for number in range(7):
        books.vendor(f"V{number}")
    params = {"entities": "Vendor", "changedSince": "2026-11-01", "startPosition": "6", "maxResults": "2"}
    group = books.get("cdc", **params).json()["CDCResponse"][0]["QueryResponse"][0]
    assert (len(group["Vendor"]), group["maxResults"], group["totalCount"]) == (5, 5, 7)


def test_b35_a_merge_shows_the_survivor_and_a_stub(books: Client, customer: Json, item: Json) -> None:
    """U12: the loser is a Deleted stub (switchable); its documents and balance are the survivor's; reading it is 610."""
    loser = books.customer("Acme Limited")
    invoice = books.invoice(loser, item)
    books.person("merge", entity="Customer", id=loser["Id"], into=customer["Id"])
    (group,) = books.cdc("Customer", "2026-11-01T00:00:00Z")
    assert [(row["Id"], row.get("status")) for row in group["Customer"]] == [
        (customer["Id"], None),
        (loser["Id"], "Deleted"),
    ]
    assert books.read("Customer", customer["Id"])["Balance"] == 100
    assert books.read("Invoice", invoice["Id"])["CustomerRef"]["value"] == customer["Id"]
    assert code(books.get(f"customer/{loser['Id']}")) == "610"
    books.switch(merge_leaves_stub=False)
    other = books.customer("Acme GmbH")
    books.person("merge", entity="Customer", id=other["Id"], into=customer["Id"])
    (later,) = books.cdc("Customer", "2026-11-01T00:00:00Z")
    assert other["Id"] not in ids(later["Customer"])


def test_b36_an_invoice_echoes_as_invoice_and_customer(books: Client, customer: Json, item: Json) -> None:
    """The customer comes along with an unchanged token; switched off, it does not."""
    books.clock.advance(120)
    since = books.clock.now().isoformat()
    books.invoice(customer, item)
    invoices, customers = books.cdc("Invoice,Customer", since)
    assert len(invoices["Invoice"]) == 1
    assert (customers["Customer"][0]["Id"], customers["Customer"][0]["SyncToken"]) == (customer["Id"], "0")
    books.switch(balance_touches_contact=False)
    books.clock.advance(120)
    later = books.clock.now().isoformat()
    books.invoice(customer, item)
    assert books.cdc("Customer", later) == [{}]


def test_b37_a_live_object_may_wrongly_be_reported_deleted(books: Client, customer: Json) -> None:
    """A fault switch; reading the object tells the truth."""
    books.fault("wrong_deleted", endpoint="cdc")
    (group,) = books.cdc("Customer", "2026-11-01T00:00:00Z")
    assert group["Customer"][0]["status"] == "Deleted"
    assert books.read("Customer", customer["Id"])["Active"] is True
    (honest,) = books.cdc("Customer", "2026-11-01T00:00:00Z")
    assert "status" not in honest["Customer"][0]


def test_time_of_an_answer_is_a_usable_cursor(books: Client) -> None:
    """A change made in the same second as the previous answer is found when asking from that answer's `time`."""
    books.clock.advance(0.4)
    cursor = books.get("query", query="select count(*) from Vendor").json()["time"]
    made = books.vendor("Same second")
    (group,) = books.cdc("Vendor", cursor)
    assert ids(group["Vendor"]) == [made["Id"]]
    assert datetime.fromisoformat(cursor).utcoffset() == timedelta(hours=-8)
