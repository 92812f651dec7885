"""Versions, updates, request ids and lost answers (reference 13, behaviours 7 to 15)."""

from __future__ import annotations

import httpx2
import pytest

from tests.sandbox.quickbooks.client import Client, Json, code, refusal


def stamps(row: Json) -> tuple[str, str]:
    return row["SyncToken"], row["MetaData"]["LastUpdatedTime"]


def test_b07_stale_token_is_refused_with_the_exact_body(books: Client, customer: Json, item: Json) -> None:
    """5010 for update, void, delete and inside a batch; the right token moves on by one."""
    invoice = books.invoice(customer, item)
    newer = books.sparse("Invoice", invoice, PrivateNote="first")
    assert newer["SyncToken"] == "1"
    stale = {"Id": invoice["Id"], "SyncToken": "0"}
    for params in ({}, {"operation": "void"}, {"operation": "delete"}):
        answer = books.post("invoice", {**stale, "sparse": True, "PrivateNote": "x"}, **params)
        assert answer.status_code == 400
        error = refusal(answer)
        assert error == {
            "Message": "Stale Object Error",
            "Detail": "Stale Object Error : You and Ada Lindqvist were working on this at the same time. "
            "Ada Lindqvist finished before you did, so your work was not saved.",
            "code": "5010",
            "element": "",
        }
        assert answer.json()["Fault"]["type"] == "ValidationFault"
    items = [{"bId": "1", "operation": "delete", "Invoice": stale}]
    inner = books.post("batch", {"BatchItemRequest": items}).json()["BatchItemResponse"][0]
    assert inner["Fault"]["Error"][0]["code"] == "5010"
    assert code(books.post("invoice", {**stale, "SyncToken": "7", "sparse": True})) == "5010"
    assert code(books.post("invoice", {"Id": invoice["Id"], "sparse": True})) == "2020"


def test_b08_payments_move_the_documents_they_settle(books: Client, customer: Json, vendor: Json, item: Json) -> None:
    """Applying and removing a payment bumps SyncToken and LastUpdatedTime of the invoice; likewise on bills."""
    invoice, bill = books.invoice(customer, item), books.bill(vendor)
    books.clock.advance(60)
    payment = books.pay(customer, 40, (invoice, 40))
    paid = books.read("Invoice", invoice["Id"])
    assert (paid["SyncToken"], paid["Balance"]) == ("1", 60)
    assert paid["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    assert paid["MetaData"]["LastUpdatedTime"] > invoice["MetaData"]["LastUpdatedTime"]
    books.delete("Payment", payment)
    freed = books.read("Invoice", invoice["Id"])
    assert (freed["SyncToken"], freed["Balance"], freed["LinkedTxn"]) == ("2", 100, [])
    books.person("payment", entity="Bill", id=bill["Id"], amount=10)
    after = books.read("Bill", bill["Id"])
    assert (after["SyncToken"], after["Balance"]) == ("1", 50)
    assert after["LinkedTxn"][0]["TxnType"] == "BillPaymentCheck"


def test_b09_documents_touch_their_contact_but_not_its_token(books: Client, item: Json, vendor: Json) -> None:
    """Posting and deleting an invoice or bill moves Balance, BalanceWithJobs and the stamp, parents included."""
    parent = books.customer("Parent Co")
    child = books.customer("Phase 1", Job=True, ParentRef={"value": parent["Id"]})
    books.clock.advance(60)
    invoice = books.invoice(child, item)
    books.bill(vendor)
    now_parent, now_child = books.read("Customer", parent["Id"]), books.read("Customer", child["Id"])
    assert (now_parent["Balance"], now_parent["BalanceWithJobs"], now_child["Balance"]) == (0, 100, 100)
    for before, after in ((parent, now_parent), (child, now_child), (vendor, books.read("Vendor", vendor["Id"]))):
        assert after["SyncToken"] == before["SyncToken"]
        assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]
    assert books.read("Vendor", vendor["Id"])["Balance"] == 60
    books.clock.advance(60)
    books.delete("Invoice", invoice)
    gone = books.read("Customer", parent["Id"])
    assert (gone["BalanceWithJobs"], gone["SyncToken"]) == (0, "0")
    assert gone["MetaData"]["LastUpdatedTime"] > now_parent["MetaData"]["LastUpdatedTime"]


def test_b10_sending_moves_the_stamp_and_depositing_moves_nothing(books: Client, customer: Json, item: Json) -> None:
    """`/send` sets EmailStatus and DeliveryInfo with a new stamp and the old token; a deposit only adds a link."""
    invoice = books.invoice(customer, item)
    payment = books.pay(customer, 100, (invoice, 100))
    books.clock.advance(60)
    answer = books.http.post(
        f"/v3/company/{books.realm}/invoice/{invoice['Id']}/send?sendTo=a@b.test",
        headers=books.headers(**{"Content-Type": "application/octet-stream"}),
    )
    sent = answer.json()["Invoice"]
    assert (sent["EmailStatus"], sent["SyncToken"]) == ("EmailSent", "1")
    assert sent["DeliveryInfo"]["DeliveryType"] == "Email"
    assert sent["MetaData"]["LastUpdatedTime"] > payment["MetaData"]["LastUpdatedTime"]
    books.person("deposit", ids=[payment["Id"]])
    deposited = books.read("Payment", payment["Id"])
    assert deposited["LinkedTxn"][0]["TxnType"] == "Deposit"
    assert stamps(deposited) == stamps(payment)


def test_b11_an_update_with_equal_values_leaves_a_name_list_object_alone(books: Client, customer: Json) -> None:
    """200 with unchanged token and time; with the behaviour off the token moves; transactions do move."""
    books.clock.advance(60)
    same = books.sparse("Customer", customer, DisplayName=customer["DisplayName"])
    assert stamps(same) == stamps(customer)
    books.switch(noop_list_update_silent=False)
    assert books.sparse("Customer", customer, DisplayName=customer["DisplayName"])["SyncToken"] == "1"


def test_b11_an_update_with_equal_values_moves_a_transaction(books: Client, customer: Json, item: Json) -> None:
    """U6: transactions bump by default, switchable."""
    invoice = books.invoice(customer, item, PrivateNote="n")
    assert books.sparse("Invoice", invoice, PrivateNote="n")["SyncToken"] == "1"
    books.switch(noop_transaction_bumps=False)
    latest = books.read("Invoice", invoice["Id"])
    assert books.sparse("Invoice", latest, PrivateNote="n")["SyncToken"] == "1"


def test_b12_full_update_resets_what_it_leaves_out_and_sparse_keeps_it(
    books: Client, customer: Json, item: Json
) -> None:
    """TxnDate goes to today and optional texts vanish; lines are replaced whole, new ones get new ids."""
    memo = books.write(
        "CreditMemo",
        {
            "CustomerRef": {"value": customer["Id"]},
            "Line": [books.line(item, 10), books.line(item, 20)],
            "TxnDate": "2026-05-05",
            "PrivateNote": "keep me",
        },
    )
    kept = books.sparse("CreditMemo", memo, CustomerMemo={"value": "thanks"})
    assert (kept["TxnDate"], kept["PrivateNote"], len(kept["Line"])) == ("2026-05-05", "keep me", 3)
    lines = [line for line in kept["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    replaced = books.sparse("CreditMemo", kept, Line=[lines[1], books.line(item, 5)])
    assert [line.get("Id") for line in replaced["Line"]] == ["2", "3", None]
    assert replaced["TotalAmt"] == 25
    full = {"Id": memo["Id"], "SyncToken": replaced["SyncToken"], "CustomerRef": memo["CustomerRef"]}
    reset = books.write("CreditMemo", {**full, "Line": [books.line(item, 7)]})
    assert reset["TxnDate"] == "2026-11-02"
    assert "PrivateNote" not in reset
    assert "CustomerMemo" not in reset
    assert reset["Line"][0]["Id"] == "4"


def test_b13_read_only_properties_are_ignored_and_unknown_ones_refused(
    books: Client, customer: Json, item: Json
) -> None:
    """TotalAmt, Balance, FullyQualifiedName, IsProject and MetaData do nothing; anything unknown is 2010."""
    invoice = books.invoice(customer, item, TotalAmt=9, Balance=9, MetaData={"CreateTime": "2001-01-01"}, domain="X")
    assert (invoice["TotalAmt"], invoice["Balance"], invoice["domain"]) == (100, 100, "QBO")
    assert invoice["MetaData"]["CreateTime"].startswith("2026")
    renamed = books.sparse("Customer", customer, FullyQualifiedName="Other:Name", IsProject=True)
    assert (renamed["FullyQualifiedName"], renamed["IsProject"]) == ("Acme Ltd", False)
    error = refusal(books.post("invoice", {"BadJson": 1, "CustomerRef": {"value": customer["Id"]}}))
    assert error["code"] == "2010"
    assert error["Message"] == "Request has invalid or unsupported property"
    assert 'Unrecognized field "BadJson" (class com.intuit.schema.finance.v3.Invoice)' in error["Detail"]
    line = {
        "DetailType": "ItemBasedExpenseLineDetail",
        "Amount": 1,
        "ItemBasedExpenseLineDetail": {"ItemRef": {"value": item["Id"]}, "TaxAmount": 1},
    }
    assert code(books.post("bill", {"VendorRef": {"value": "1"}, "Line": [line]})) == "2010"


def test_b14_a_request_id_replays_the_stored_answer(books: Client, customer: Json, item: Json) -> None:
    """Byte for byte, even after a change or deletion; other content is 600, a malformed id 2130; a day later it is new."""
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)]}
    first = books.post("invoice", body, requestid="r-1")
    books.clock.advance(5)
    row = books.sparse("Invoice", first.json()["Invoice"], PrivateNote="changed since")
    assert books.post("invoice", body, requestid="r-1").content == first.content
    books.delete("Invoice", row)
    assert books.post("invoice", body, requestid="r-1").content == first.content
    assert books.query("select count(*) from Invoice")["totalCount"] == 0
    assert code(books.post("invoice", {**body, "PrivateNote": "other"}, requestid="r-1")) == "600"
    assert code(books.post("invoice", body, requestid="x" * 51)) == "2130"
    books.clock.advance(25 * 3600)
    books.sign_in(books.realm)
    assert books.post("invoice", body, requestid="r-1").json()["Invoice"]["Id"] != first.json()["Invoice"]["Id"]


def test_b14_batch_items_are_replayed_by_request_id_and_bid(books: Client) -> None:
    """The pair (requestid, bId) names an item: the same pair is not written twice, another bId is."""
    batch = {"BatchItemRequest": [{"bId": "1", "operation": "create", "Vendor": {"DisplayName": "Once"}}]}
    first = books.post("batch", batch, requestid="b-1").json()["BatchItemResponse"]
    assert books.post("batch", batch, requestid="b-1").json()["BatchItemResponse"] == first
    batch["BatchItemRequest"][0]["bId"] = "2"
    again = books.post("batch", batch, requestid="b-1").json()["BatchItemResponse"][0]
    assert again["Fault"]["Error"][0]["code"] == "6240"
    assert code(books.post("batch", batch, requestid="x" * 37)) == "2130"


@pytest.mark.parametrize("kind", ["reset_after", "http_503", "throttle_minute"])
def test_b15_a_lost_answer_duplicates_without_request_id(books: Client, customer: Json, item: Json, kind: str) -> None:
    """The write took effect though the answer was lost: a blind retry books twice, one with requestid once."""
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)]}
    for expected, params in ((2, {}), (3, {"requestid": "safe"})):
        books.fault(kind, endpoint="entity", body="committed")
        if kind == "reset_after":
            with pytest.raises(httpx2.ReadError):
                books.post("invoice", body, **params)
        else:
            assert books.post("invoice", body, **params).status_code in {429, 503}
        assert books.post("invoice", body, **params).status_code == 200
        assert books.query("select count(*) from Invoice")["totalCount"] == expected
