"""What the mappings write is accepted by both simulated systems, and read back without loss.

The simulations were built from the vendors' documents alone: a misunderstanding cannot pass on both sides.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks import create_quickbooks_sandbox
from app.sandbox.scoro import Behaviours, create_scoro_sandbox
from engine.connectors.base import Operation, RemoteRecord
from engine.core.records import Kind, Replica
from engine.mapping.base import Payload, Settings
from tests.properties.test_mapping_round_trips import State, can_go_to, contacts, documents, products, receipts
from tests.sandbox.quickbooks.client import Client
from tests.unit.mapping.desk import SETTINGS, Desk, full_desk, lost, quickbooks, scoro

_FEW = settings(max_examples=12, suppress_health_check=list(HealthCheck))
_DIGITS = st.integers(10_000, 10**8).map(str)
_KINDS: dict[Kind, st.SearchStrategy[State]] = {
    Kind.CONTACT: contacts(),
    Kind.PRODUCT: products(),
    Kind.INVOICE: documents(False, _DIGITS),
    Kind.CREDIT_NOTE: documents(False, _DIGITS, "inv1"),
    Kind.BILL: documents(True, _DIGITS),
    Kind.VENDOR_CREDIT: documents(True, _DIGITS),
    Kind.RECEIPT: receipts(),
}

Send = Callable[[Payload, str], RemoteRecord]


def _parsed(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_float=Decimal)


def _company(country: str, own: Settings, taxes: dict[str, str]) -> tuple[Desk, Send]:
    """A desk bound to a company of the simulated QuickBooks, and how to write there."""
    clock = SandboxClock.manual()
    company = Client(create_quickbooks_sandbox(clock=clock), clock)
    company = company if country == "US" else company.company(country)
    desk = full_desk(own)
    _bind_company(desk, company, taxes)

    def send(payload: Payload, id: str) -> RemoteRecord:
        fence = company.read(payload.type, id) if id else {}
        known = {"Id": id, "SyncToken": fence["SyncToken"]} if id else {}
        answer = _parsed(company.post(payload.type.lower(), {**payload.body, **known}, include="allowduplicatedocnum"))
        row = answer[payload.type]
        return quickbooks(payload.type, row, row["Id"])

    return desk, send


@pytest.fixture(scope="module")
def british() -> tuple[Desk, Send]:
    """Value-added tax: every line has its code."""
    codes = {"vat20": "20.0% S", "vat9": "5.0% R", "vat0": "0.0% Z"}
    return _company("GB", replace(SETTINGS, home_currency="GBP", scoro_currency="GBP"), codes)


@pytest.fixture(scope="module")
def american() -> tuple[Desk, Send]:
    """Automated sales tax: lines are taxed or not."""
    own = replace(SETTINGS, home_currency="USD", scoro_currency="USD", tax_model="us_automated")
    desk, send = _company("US", own, {"vat20": "California"})
    desk.states["taxed"], desk.types["TaxCode", "TAX"] = {}, "taxed"
    desk.bound["taxed", Replica.QUICKBOOKS] = "TAX"
    return desk, send


def _bind_company(desk: Desk, company: Client, taxes: dict[str, str]) -> None:
    def first(entity: str, where: str) -> str:
        found = company.query(f"select * from {entity} where {where}")[entity]
        return str(found[0]["Id"])

    def bind(name: str, replica: Replica, type: str, id: str) -> None:
        desk.bound[name, replica] = id
        desk.types[type, id] = name

    customer, vendor = company.customer("Round trip"), company.vendor("Round trip (v)")
    accounts = {
        "sales": "Income",
        "costs": "Expense",
        "bank": "Bank",
        "card": "Credit Card",
        "travel": "Cost of Goods Sold",
    }
    for name, type in accounts.items():
        bind(name, Replica.QUICKBOOKS, "Account", first("Account", f"AccountType = '{type}'"))
    for name, code in taxes.items():
        bind(name, Replica.QUICKBOOKS, "TaxCode", first("TaxCode", f"Name = '{code}'"))
    for name in ("design", "chair"):
        bind(name, Replica.QUICKBOOKS, "Item", str(company.item(f"Round {name}")["Id"]))
    bind("north", Replica.QUICKBOOKS, "Class", first("Class", "Active = true"))
    bind("acme", Replica.CUSTOMER, "Customer", customer["Id"])
    bind("acme", Replica.VENDOR, "Vendor", vendor["Id"])
    for name in ("site", "shop"):
        company.person("project", id=customer["Id"], project=name)
        bind(name, Replica.QUICKBOOKS, "Customer", first("Customer", f"DisplayName = '{name}'"))
    services = company.query("select * from Item where Name = 'Services'").get("Item") or [company.item("Services")]
    desk.settings = replace(desk.settings, features={"default_item": str(services[0]["Id"])})
    desk.types["Item", services[0]["Id"]] = "services"


@pytest.fixture(scope="module")
def site() -> tuple[Desk, Send]:
    """A desk bound to the simulated Scoro, and how to write there."""
    plenty = Behaviours(requests_per_window=1_000_000, requests_per_day=1_000_000)
    app = create_scoro_sandbox(clock=SandboxClock.manual("2026-11-02T09:00:00+00:00"), behaviours=plenty)
    http = httpx2.Client(transport=httpx2.WSGITransport(app=app), base_url="http://scoro.test")
    key = _parsed(http.post("/_control/key", json={}))

    def call(path: str, request: Any) -> Any:
        credentials = {name: key[name] for name in ("apiKey", "company_account_id")}
        answer = _parsed(http.post(f"/api/v2/{path}", json={"lang": "eng", **credentials, "request": request}))
        assert answer["status"] == "OK", answer
        return answer["data"]

    def send(payload: Payload, id: str) -> RemoteRecord:
        row = call(f"{payload.type}/modify" + (f"/{id}" if id else ""), payload.body)
        return scoro(payload.type, row, str(row.get("id") or row.get("contact_id") or row.get("product_id")))

    base = call("companyAccount/list", {})
    currency = (base[0] if isinstance(base, list) else base)["base_currency"]
    desk = full_desk(replace(SETTINGS, home_currency=currency, scoro_currency=currency))
    _bind_site(desk, call)
    return desk, send


def _bind_site(desk: Desk, call: Callable[[str, Any], Any]) -> None:
    def bind(name: str, type: str, id: Any) -> None:
        desk.bound[name, Replica.SCORO] = str(id)
        desk.types[type, str(id)] = name

    for name in ("sales", "costs", "travel", "bank", "card"):
        bind(name, "financeAccounts", call("financeAccounts/modify", {"name": name, "account_symbol": name})["id"])
    for name, percent in {"vat20": 20, "vat9": 9, "vat0": 0}.items():
        bind(
            name,
            "vatCodes",
            call("vatCodes/modify", {"vat_code": name, "vat_name": name, "percent": percent})["vat_code_id"],
        )
    for name in ("design", "chair"):
        bind(name, "products", call("products/modify", {"name": name})["product_id"])
    bind("acme", "contacts", call("contacts/modify", {"name": "Acme", "is_client": 1, "is_supplier": 1})["contact_id"])
    contact = int(desk.bound["acme", Replica.SCORO])
    for name in ("site", "shop"):
        bind(name, "projects", call("projects/modify", {"project_name": name, "company_id": contact})["project_id"])
    bind("north", "financeObjects", call("financeObjects/list", {})[0]["object_id"])
    line = {"comment": "x", "price": 10**7, "amount": 1}
    for name, module in {"inv1": "invoices", "inv2": "invoices", "bill1": "bills"}.items():
        bind(name, module, call(f"{module}/modify", {"company_id": contact, "lines": [line]})["id"])


_COUNTER = itertools.count()


def _own(state: State, desk: Desk) -> State:
    """The drawn state in this company's currency, with a name nobody else has."""
    home, unique = desk.settings.home_currency, f"n{next(_COUNTER)}"
    own = {path: value for path, value in state.items() if path != "exchange_rate"}
    own |= {"currency": home} if "currency" in own else {}
    own |= {"number": str(10**6 + next(_COUNTER))} if "number" in own else {}
    own |= {"address/country": "EE"} if "address/country" in own else {}
    if "name" in own and own.get("is_person") is True:
        own |= {"given_name": f"Ann {unique}", "name": f"Ann {unique} {own.get('family_name', '')}".strip()}
    elif "name" in own:
        own |= {"name": f"{own['name']} {unique}"}
    return own


def _there_and_back(kind: Kind, replica: Replica, state: State, desk: Desk, send: Send) -> None:
    record = send(desk.write(kind, replica, state), "")
    first = desk.read(kind, record, state)
    assert {path: pair for path, pair in lost(kind, replica, state, first.state).items() if path not in _REMOTE} == {}
    again = desk.write(
        kind, replica, first.state, Operation.UPDATE,
        changed=[path for path in first.state if path not in ("currency", "contact", "credits")],
        remote_id=record.id, line_ids=first.line_ids, extras=first.extras, facts=first.facts,
    )  # fmt: skip
    second = desk.read(kind, send(again, record.id), first)
    assert second.state == first.state
    assert second.line_ids == first.line_ids


_REMOTE = {"number", "due_date", "date", "currency", "vat_number"}
"""What the remotes give by themselves where it is empty, number by themselves, or mask."""


@pytest.mark.parametrize("kind", [kind for kind in _KINDS if kind not in (Kind.CONTACT, Kind.RECEIPT)])
@_FEW
@given(data=st.data())
def test_quickbooks_takes_what_is_written_and_tells_it_back(kind: Kind, data: st.DataObject, british: Any) -> None:
    """Against the simulated QuickBooks, all faults included: documents with discounts, headings, projects, classes."""
    desk, send = british
    state = _own(data.draw(_KINDS[kind]), desk)
    _there_and_back(kind, Replica.QUICKBOOKS, state, desk, send)


@pytest.mark.parametrize("replica", [Replica.CUSTOMER, Replica.VENDOR])
@_FEW
@given(data=st.data())
def test_quickbooks_takes_contacts_in_both_roles(replica: Replica, data: st.DataObject, british: Any) -> None:
    """Names with every kind of letter, addresses, numbers."""
    desk, send = british
    flag = "is_client" if replica is Replica.CUSTOMER else "is_supplier"
    state = _own(data.draw(_KINDS[Kind.CONTACT]) | {flag: True}, desk)
    _there_and_back(Kind.CONTACT, replica, state, desk, send)


@pytest.mark.parametrize("kind", list(_KINDS))
@_FEW
@given(data=st.data())
def test_scoro_takes_what_is_written_and_tells_it_back(kind: Kind, data: st.DataObject, site: Any) -> None:
    """Against the simulated Scoro: whole lines, addresses and means of contact."""
    desk, send = site
    state = _own(data.draw(_KINDS[kind]), desk)
    assume(kind is not Kind.RECEIPT or can_go_to(Replica.SCORO, state))
    _there_and_back(kind, Replica.SCORO, state, desk, send)


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.BILL])
@_FEW
@given(data=st.data())
def test_an_american_company_takes_what_is_written_and_tells_it_back(
    kind: Kind, data: st.DataObject, american: Any
) -> None:
    """TAX and NON per line; the engine of the remote says which rate it was."""
    desk, send = american
    state = _own(data.draw(_KINDS[kind]), desk)
    untaxed = kind is Kind.BILL
    state = {
        path: "vat20" if path.endswith("/tax") else value
        for path, value in state.items()
        if not (untaxed and path.endswith("/tax"))
    }
    _there_and_back(kind, Replica.QUICKBOOKS, state, desk, send)


@_FEW
@given(data=st.data())
def test_quickbooks_takes_payments_and_tells_them_back(data: st.DataObject, british: Any) -> None:
    """Paid in part, several documents, something over; the documents are made first."""
    desk, send = british
    state = _own(data.draw(_KINDS[Kind.RECEIPT]), desk)
    assume(can_go_to(Replica.QUICKBOOKS, state))
    for name, kind in {"inv1": Kind.INVOICE, "inv2": Kind.INVOICE, "bill1": Kind.BILL}.items():
        if f"lines/{name}" in state:
            made = send(desk.write(kind, Replica.QUICKBOOKS, _big(desk)), "")
            desk.bound[name, Replica.QUICKBOOKS] = made.id
            desk.types[made.type, made.id] = name
    _there_and_back(Kind.RECEIPT, Replica.QUICKBOOKS, state, desk, send)


def _big(desk: Desk) -> State:
    """A document that is large enough for every receipt."""
    line: State = {"line_type": "item", "product": "design", "quantity": "1", "unit_price": "90000", "tax": "vat20"}
    header: State = {"@exists": True, "contact": "acme", "currency": desk.settings.home_currency, "date": "2026-03-02"}
    return {**header, "lines/a": True, **{f"lines/a/{name}": value for name, value in line.items()}}
