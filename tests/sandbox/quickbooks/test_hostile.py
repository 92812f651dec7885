"""Whatever a client sends, the sandbox answers as the service would and never with a mistake of its own."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks import create_quickbooks_sandbox
from app.sandbox.quickbooks.entities import KINDS
from tests.sandbox.quickbooks.client import Client, Json

FEW = max(10, settings().max_examples // 4)  # for each of many entities
NAMES = st.sampled_from(
    ["Id", "SyncToken", "Line", "LinkedTxn", "TxnId", "TxnType", "Amount", "value", "Name", "DetailType", "Value"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**13)
    | st.text(max_size=6)
    | st.sampled_from(["1", "Invoice", "SalesItemLineDetail", "2026-11-02", "2026-13-40", "-1", "1e9", "TAX"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@cache
def office() -> tuple[Flask, SandboxClock]:
    """Shared by all examples: nothing here depends on what was written before."""
    clock = SandboxClock.manual()
    app = create_quickbooks_sandbox(seed="empty", clock=clock)
    client = Client(app, clock)
    client.invoice(client.customer(), client.item())
    client.bill(client.vendor())
    return app, clock


def bodies(name: str) -> st.SearchStrategy[Json]:
    """Bodies with the properties of an entity and anything as their values."""
    known = st.sampled_from(sorted(KINDS[name].fields))
    sensible = {
        "CustomerRef": {"value": "1"},
        "VendorRef": {"value": "2"},
        "DisplayName": "Somebody",
        "Name": "Something",
        "TotalAmt": 5,
    }
    base = st.sets(st.sampled_from(sorted(sensible))).map(
        lambda kept: {each: sensible[each] for each in kept if each in KINDS[name].fields}
    )
    return st.tuples(base, st.dictionaries(known, VALUES, max_size=4)).map(lambda parts: {**parts[0], **parts[1]})


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_body_makes_the_sandbox_stumble(name: str) -> None:
    """Every entity, alone and inside a batch: accepted or refused with a code, never 500."""
    app, clock = office()
    client = Client(app, clock)

    @settings(max_examples=FEW)
    @given(body=bodies(name), operation=st.sampled_from(["", "update", "delete", "void"]))
    def try_it(body: Json, operation: str) -> None:
        answer = client.post(name.lower(), body, **({"operation": operation} if operation else {}))
        assert answer.status_code < 500, answer.text
        items = [{"bId": "1", "operation": operation or "create", name: body}]
        batch = client.post("batch", {"BatchItemRequest": items})
        assert batch.status_code == 200, batch.text
        assert client.get("query", query=f"select * from {name}").status_code in {200, 400}  # not SQL

    try_it()


SOLD = {
    "DetailType": "SalesItemLineDetail",
    "Amount": 5,
    "SalesItemLineDetail": {"ItemRef": {"value": "1"}, "Qty": 1, "UnitPrice": 5},
}
COST = {
    "DetailType": "AccountBasedExpenseLineDetail",
    "Amount": 5,
    "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "9"}},
}
SIDES = [
    {"Amount": 1, "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": "1"}}}
    for side in ("Debit", "Credit")
]


def paying(kind: str) -> list[Json]:
    return [{"Amount": 1, "LinkedTxn": [{"TxnId": "1", "TxnType": kind}]}]


ADDRESS = {"Line1": "1 High St", "City": "Tartu", "PostalCode": "51004"}
TAX = {"TotalTax": 1, "TaxLine": [{"Amount": 1, "TaxLineDetail": {"TaxRateRef": {"value": "1"}, "TaxPercent": 1}}]}
LINKS = [{"TxnId": "1", "TxnType": "Estimate"}]
GOOD: dict[str, Json] = {
    "Invoice": {
        "CustomerRef": {"value": "1"},
        "Line": [SOLD],
        "BillAddr": ADDRESS,
        "TxnTaxDetail": TAX,
        "LinkedTxn": LINKS,
    },
    "CreditMemo": {"CustomerRef": {"value": "1"}, "Line": [SOLD], "TxnDate": "2026-11-02", "CustomField": []},
    "Bill": {"VendorRef": {"value": "2"}, "Line": [COST], "TxnTaxDetail": TAX, "DueDate": "2026-11-02"},
    "VendorCredit": {"VendorRef": {"value": "2"}, "Line": [COST], "APAccountRef": {"value": "6"}},
    "Payment": {"CustomerRef": {"value": "1"}, "TotalAmt": 5, "Line": paying("Invoice"), "ExchangeRate": 1},
    "BillPayment": {
        "VendorRef": {"value": "2"},
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": "1"}},
        "TotalAmt": 5,
        "Line": paying("Bill"),
    },
    "Estimate": {"CustomerRef": {"value": "1"}, "Line": [SOLD], "LinkedTxn": LINKS, "DocNumber": "1"},
    "JournalEntry": {"Line": SIDES},
    "Deposit": {"DepositToAccountRef": {"value": "1"}, "Line": paying("Payment")},
    "Item": {"Name": "N", "Type": "Service", "IncomeAccountRef": {"value": "9"}, "ParentRef": {"value": "1"}},
    "Customer": {"DisplayName": "C", "BillAddr": ADDRESS, "PrimaryEmailAddr": {"Address": "a@b.test"}, "Balance": 1},
    "Attachable": {"AttachableRef": [{"EntityRef": {"type": "Invoice", "value": "1"}}], "Note": "n"},
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a body: the keys that lead there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [place for key, each in inner for place in places(each, (*path, key))]
    return [path, *found] if path else found


def spoilt(body: Json, path: tuple[Any, ...], value: Any) -> Json:
    """The body with another value in one place."""
    copy: Json = json.loads(json.dumps(body))
    holder: Any = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return copy


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_good_body_spoilt_in_one_place_is_answered(name: str) -> None:
    """Created or refused; what was created can be read, updated with itself, queried and captured."""
    app, clock = office()
    client = Client(app, clock)

    @settings(max_examples=FEW)
    @given(path=st.sampled_from(places(GOOD[name])), value=VALUES)
    def try_it(path: tuple[Any, ...], value: Any) -> None:
        answer = client.post(name.lower(), spoilt(GOOD[name], path, value))
        assert answer.status_code < 500, answer.text
        if answer.status_code == 200:
            made = answer.json()[name]
            for again in (client.get(f"{name.lower()}/{made['Id']}"), client.post(name.lower(), made)):
                assert again.status_code < 500, again.text
            delta = client.get("cdc", entities=name, changedSince="2026-11-01T00:00:00Z")
            assert delta.status_code == 200, delta.text

    try_it()


@pytest.mark.parametrize("path", ["batch", "taxservice/taxcode", "exchangerate", "preferences", "companyinfo"])
def test_no_envelope_makes_the_sandbox_stumble(path: str) -> None:
    """The addresses with bodies of their own."""
    app, clock = office()
    client = Client(app, clock)
    names = ["BatchItemRequest", "bId", "operation", "Query", "CDCQuery", "Vendor", "TaxCode", "TaxRateDetails"]
    names += [
        "TaxRateName",
        "RateValue",
        "TaxAgencyId",
        "Rate",
        "OtherPrefs",
        "NameValue",
        "SalesFormsPrefs",
        "SyncToken",
    ]
    inner = st.recursive(
        SCALARS,
        lambda each: st.lists(each, max_size=2) | st.dictionaries(st.sampled_from(names), each, max_size=4),
        max_leaves=8,
    )

    @given(body=inner)
    def try_it(body: Any) -> None:
        answer = client.post(path, body)
        assert answer.status_code < 500, answer.text

    try_it()


@given(
    text=st.text(max_size=40) | st.from_regex(r"select \* from (Customer|Invoice) where \w{1,12} (=|>|in|like) .{0,8}")
)
def test_no_statement_makes_the_sandbox_stumble(text: str) -> None:
    """Every query is answered or refused with 4000 or 4001."""
    app, clock = office()
    answer = Client(app, clock).get("query", query=text)
    assert answer.status_code == 200 or answer.json()["Fault"]["Error"][0]["code"] in {"4000", "4001"}, answer.text
