"""There and back: what a replica was sent is what is read from it, but for what the field table says it cannot carry."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.connectors.base import Operation
from engine.core.records import EXISTS, Kind, Replica, Scalar
from engine.mapping import normal
from engine.mapping.registry import MAPPINGS
from tests.unit.mapping.desk import full_desk, lost, stored

State = dict[str, Scalar]

_LETTERS = string.ascii_letters + string.digits + "äõöü ŠžĆ-.,&'()/é漢"
names = (
    st.text(_LETTERS, min_size=1, max_size=40).map(normal.one_line).filter(lambda name: name and not name.endswith(")"))
)
texts = st.text(_LETTERS + "\n", max_size=80).map(normal.paragraphs)
codes = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=10)
cents = st.integers(1, 10**7).map(lambda value: _text(value, 2))
quantities = st.one_of(st.integers(1, 500).map(str), st.integers(1, 10**5).map(lambda value: _text(value, 3)))
percents = st.one_of(st.none(), st.integers(1, 9999).map(lambda value: _text(value, 2)))
days = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(lambda day: day.isoformat())


def _text(value: int, digits: int) -> str:
    whole, rest = divmod(value, 10**digits)
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")


def _state(fields: dict[str, Any]) -> State:
    return {EXISTS: True, **{path: value for path, value in fields.items() if value not in (None, "")}}


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@st.composite
def contacts(draw: st.DrawFn) -> State:
    person = draw(st.booleans())
    given_name, family_name, company = draw(names), draw(_maybe(names)), draw(names)
    fields = {
        "is_person": person,
        "given_name": given_name if person else None,
        "family_name": family_name if person else None,
        "name": f"{given_name} {family_name or ''}".strip() if person else company,
        "is_client": draw(st.booleans()),
        "is_supplier": draw(st.booleans()),
        "email": draw(_maybe(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.(ee|com)", fullmatch=True))),
        "phone": draw(_maybe(st.from_regex(r"\+372 [0-9]{4,8}", fullmatch=True))),
        "mobile": draw(_maybe(st.from_regex(r"\+372 [0-9]{4,8}", fullmatch=True))),
        "website": draw(_maybe(st.from_regex(r"https://[a-z]{1,8}\.ee(/[a-z]{1,5})?", fullmatch=True))),
        "vat_number": draw(_maybe(st.from_regex(r"EE[0-9]{9}", fullmatch=True))),
        "registry_code": draw(_maybe(st.from_regex(r"[0-9]{8}", fullmatch=True))),
        "account_number": draw(_maybe(codes)),
        "notes": draw(texts),
        "currency": "EUR",
        "address/street": draw(_maybe(names)),
        "address/city": draw(_maybe(names)),
        "address/region": draw(_maybe(names)),
        "address/postcode": draw(_maybe(codes)),
        "address/country": draw(_maybe(st.sampled_from(["EE", "US", "GB", "DE", "Atlantis"]))),
    }
    return _state(fields)


@st.composite
def products(draw: st.DrawFn) -> State:
    fields = {
        "name": draw(names),
        "code": draw(_maybe(codes)),
        "description": draw(texts),
        "price": draw(_maybe(cents)),
        "cost": draw(_maybe(cents)),
        "item_type": draw(st.sampled_from(["service", "goods"])),
        "active": True,
        "income_account": "sales",
        "expense_account": draw(_maybe(st.just("costs"))),
        "sales_tax": draw(_maybe(st.just("vat20"))),
        "purchase_tax": draw(_maybe(st.just("vat9"))),
    }
    return _state(fields)


@st.composite
def documents(draw: st.DrawFn, purchase: bool, number: st.SearchStrategy[str], credits: str | None = None) -> State:
    foreign = draw(st.booleans())
    fields = {
        "number": draw(_maybe(number)),
        "date": draw(days),
        "due_date": draw(_maybe(days)),
        "contact": "acme",
        "currency": "USD" if foreign else "EUR",
        "exchange_rate": "0.92" if foreign else None,
        "discount": draw(percents),
        "message": None if purchase else draw(texts),
        "memo": draw(texts),
        "project": None if purchase else draw(_maybe(st.just("site"))),
        "credits": credits,
    }
    state = _state(fields)
    for position in range(draw(st.integers(1, 4))):
        state |= draw(_line(f"k{position}", purchase, heading=position > 0))
    return state


@st.composite
def _line(draw: st.DrawFn, key: str, purchase: bool, heading: bool) -> State:
    root = f"lines/{key}"
    fields: dict[str, Any]
    if heading and draw(st.integers(0, 5)) == 0:
        fields = {"line_type": "heading", "description": draw(texts)}
    else:
        product = draw(_maybe(st.sampled_from(["design", "chair"])))
        own_account = purchase and (product is None or draw(st.booleans()))
        fields = {
            "line_type": "item",
            "product": product,
            "description": draw(texts),
            "quantity": draw(quantities),
            "unit_price": draw(cents),
            "discount": draw(percents),
            "tax": draw(st.sampled_from(["vat20", "vat9", "vat0"])),
            "account": "travel" if own_account else None,
            "class": draw(_maybe(st.just("north"))),
            "project": draw(_maybe(st.sampled_from(["site", "shop"]))) if purchase else None,
        }
    line: State = {f"{root}/{name}": value for name, value in fields.items() if value not in (None, "")}
    return {root: True, **line}


@st.composite
def receipts(draw: st.DrawFn) -> State:
    type = draw(st.sampled_from(["invoices", "bills"]))
    documents = draw(st.lists(st.sampled_from(["inv1", "inv2"] if type == "invoices" else ["bill1"]), unique=True))
    amounts = {document: draw(st.integers(1, 10**6)) for document in documents}
    total = sum(amounts.values()) + draw(st.integers(0 if amounts else 1, 1000))
    fields = {
        "date": draw(days),
        "contact": "acme",
        "amount": _text(total, 2),
        "currency": "EUR",
        "account": draw(st.sampled_from(["bank", "card"])) if type == "bills" else "bank",
        "reference": draw(_maybe(codes)),
        "document_type": type,
        "memo": draw(texts),
    }
    state = _state(fields)
    for document, amount in amounts.items():
        state |= {f"lines/{document}": True, f"lines/{document}/amount": _text(amount, 2)}
    return state


_DIGITS = st.from_regex(r"[1-9][0-9]{0,8}", fullmatch=True)
_VENDOR_NUMBERS = st.one_of(_DIGITS, st.from_regex(r"[A-Z]{1,3}-[0-9]{1,6}", fullmatch=True))
_KINDS: dict[Kind, st.SearchStrategy[State]] = {
    Kind.CONTACT: contacts(),
    Kind.PRODUCT: products(),
    Kind.INVOICE: documents(False, _DIGITS),
    Kind.CREDIT_NOTE: documents(False, _DIGITS, "inv1"),
    Kind.BILL: documents(True, _VENDOR_NUMBERS),
    Kind.VENDOR_CREDIT: documents(True, _VENDOR_NUMBERS),
    Kind.RECEIPT: receipts(),
}
_CASES = [(kind, replica) for kind in _KINDS for replica in MAPPINGS[kind].write]
_CONTACT_FLAGS = {Replica.CUSTOMER: "is_client", Replica.VENDOR: "is_supplier"}


def _fit_for(kind: Kind, replica: Replica, state: State) -> State:
    """A customer exists of clients only, a vendor of suppliers."""
    flag = _CONTACT_FLAGS.get(replica) if kind is Kind.CONTACT else None
    return state | {flag: True} if flag else state


def can_go_to(replica: Replica, receipt: State) -> bool:
    """Only QuickBooks' payments of invoices may pay nothing yet."""
    of_invoices = replica is Replica.QUICKBOOKS and receipt["document_type"] == "invoices"
    return of_invoices or any(path.startswith("lines/") for path in receipt)


@pytest.mark.parametrize(("kind", "replica"), _CASES)
@given(data=st.data())
def test_what_was_written_is_read_again_but_for_what_the_table_says(
    kind: Kind, replica: Replica, data: st.DataObject
) -> None:
    """Round trips lose nothing that the replica carries, and bring forth nothing nobody sent."""
    desk = full_desk()
    state = _fit_for(kind, replica, data.draw(_KINDS[kind]))
    assume(kind is not Kind.RECEIPT or can_go_to(replica, state))
    record = stored(desk.write(kind, replica, state))
    read = desk.read(kind, record, state)
    assert lost(kind, replica, state, read.state) == {}


@pytest.mark.parametrize(("kind", "replica"), _CASES)
@given(data=st.data())
def test_a_stranger_s_reading_written_again_changes_nothing(kind: Kind, replica: Replica, data: st.DataObject) -> None:
    """Quiet when done: what is read without any knowledge, and sent back whole, is read the same."""
    desk = full_desk()
    state = _fit_for(kind, replica, data.draw(_KINDS[kind]))
    assume(kind is not Kind.RECEIPT or can_go_to(replica, state))
    record = stored(desk.write(kind, replica, state))
    first = desk.read(kind, record)
    changed = [path for path in first.state if path != "currency"]
    payload = desk.write(
        kind,
        replica,
        first.state,
        Operation.UPDATE,
        changed=changed,
        remote_id="1",
        line_ids=first.line_ids,
        extras=first.extras,
        facts=first.facts,
    )
    again = desk.read(kind, stored(payload, record), first)
    assert again.state == first.state
    assert again.line_ids == first.line_ids


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.BILL, Kind.CREDIT_NOTE, Kind.VENDOR_CREDIT])
@given(data=st.data())
def test_lines_that_come_back_with_new_ids_keep_their_keys(kind: Kind, data: st.DataObject) -> None:
    """QuickBooks may number lines anew: a line that says the same is the same line."""
    desk = full_desk()
    state = data.draw(_KINDS[kind])
    record = stored(desk.write(kind, Replica.QUICKBOOKS, state))
    first = desk.read(kind, record, state)
    lines = [{**line, "Id": f"9{line['Id']}"} if "Id" in line else line for line in record.data["Line"]]
    again = desk.read(kind, type(record)(record.system, record.type, "1", "1", {**record.data, "Line": lines}), first)
    assert again.state == first.state
