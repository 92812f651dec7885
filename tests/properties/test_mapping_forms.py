"""Differences of form are no differences, and no value a remote may send does more harm than a sentence for a person."""

from __future__ import annotations

import html
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.core.records import EXISTS, Kind, Replica
from engine.errors import MappingError
from engine.mapping import normal
from engine.mapping.registry import MAPPINGS, kind_of
from tests.unit.mapping.desk import full_desk, quickbooks, scoro, wired
from tests.unit.mapping.samples import samples

_DESK = full_desk()
_SAMPLES = samples(_DESK)
_NAMES = [f"{kind}-{type}" for kind, type, _ in _SAMPLES]
_HOSTILE = [
    float("nan"), float("inf"), "NaN", "-Infinity", "1e30", 10**30, Decimal("1E+400"), "1e-400", -1, True, False, None, "", "0",
    [], {}, [[]], [None], {"value": {}}, {"value": []}, "\u202etxet", "a\u200bb", "\x00", "\ud800", "&#0;", "&#x110000;",
    "x" * 70_000, "2026-13-45", "9999-99-99T99:99:99+99:99", b"bytes", object(), 1.5, "1,5", "٣", 10**400,
]  # fmt: skip

any_text = st.text(st.characters(codec=None), max_size=60)


def _record(type: str, data: Any) -> Any:
    return scoro(type, data) if type[0].islower() else quickbooks(type, data)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of a record is."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path, *(place for key, each in inner for place in _places(each, (*path, key)))] if path or inner else [path]


def _replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize(("kind", "type", "data"), _SAMPLES, ids=_NAMES)
def test_a_hostile_value_in_any_place_is_at_worst_a_mapping_error(kind: Kind, type: str, data: Any) -> None:
    """Whatever stands in whatever field: a picture, or a MappingError with a sentence and a code."""
    for place in _places(data)[1:]:
        for hostile in _HOSTILE:
            record = _record(type, _replaced(data, place, hostile))
            try:
                kind_of(record)
                picture = _DESK.read(kind, record)
            except MappingError as error:
                assert error.message
            else:
                json.dumps([picture.state, picture.facts, picture.line_ids], allow_nan=False)


@pytest.mark.parametrize(("kind", "type", "data"), _SAMPLES, ids=_NAMES)
def test_hostile_states_are_refused_with_a_sentence_or_written_as_json(kind: Kind, type: str, data: Any) -> None:
    """A state from a damaged database does no more harm than a record from a damaged remote."""
    state = _DESK.read(kind, _record(type, data)).state
    for replica in MAPPINGS[kind].write:
        for path in state:
            for hostile in ("1e30", "NaN", "x" * 5000, "", 7, True, "\u202e"):
                try:
                    _DESK.write(kind, replica, {**state, path: hostile})
                except (MappingError, KeyError) as error:
                    assert (
                        isinstance(error, MappingError) or hostile in _DESK.states or error.args[0] not in _DESK.states
                    )


@pytest.mark.parametrize(("kind", "type", "data"), _SAMPLES, ids=_NAMES)
def test_numbers_as_text_and_keys_in_another_order_read_the_same(kind: Kind, type: str, data: Any) -> None:
    """1, "1", 1.0 and "1.00" are one number, and an object has no order."""
    read = _DESK.read(kind, _record(type, data))
    for form in (_as_text, _with_zeros, _as_decimal):
        again = _DESK.read(kind, _record(type, _in_form(data, form)))
        assert again.state == read.state
    assert _DESK.read(kind, _record(type, wired(data))).state == read.state


_FIGURES = {
    "sum",
    "vat_sum",
    "price",
    "amount",
    "discount",
    "percent",
    "currency_rate",
    "Amount",
    "Qty",
    "UnitPrice",
    "TotalAmt",
}


def _as_text(number: Any, key: str) -> Any:
    return str(number)


def _with_zeros(number: Any, key: str) -> Any:
    return f"{Decimal(str(number)):.4f}" if key in _FIGURES else number


def _as_decimal(number: Any, key: str) -> Any:
    return Decimal(str(number)) if key in _FIGURES else number


def _in_form(value: Any, form: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _in_form(each, form, name) for name, each in reversed(value.items())}
    if isinstance(value, list):
        return [_in_form(each, form, key) for each in value]
    return form(value, key) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@pytest.mark.parametrize(("kind", "type", "data"), _SAMPLES, ids=_NAMES)
def test_spaces_and_entities_read_the_same(kind: Kind, type: str, data: Any) -> None:
    """Spaces around and between words, html entities, and what cannot be seen."""
    codes = {
        "TxnType",
        "DetailType",
        "contact_type",
        "sales_doc_type",
        "status",
        "Type",
        "AccountType",
        "GlobalTaxCalculation",
        "EmailStatus",
    }

    def untidy(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: untidy(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [untidy(each, key) for each in value]
        texts = isinstance(value, str) and key not in codes and not value[:1].isdigit()
        return "  " + html.escape(value).replace(" ", " \t ") + " " if texts else value

    read = _DESK.read(kind, _record(type, data))
    assert _DESK.read(kind, _record(type, untidy(data))).state == read.state


@pytest.mark.parametrize(
    "clean", [normal.one_line, normal.paragraphs, normal.email, normal.website, normal.tax_number, normal.country]
)
@given(text=any_text)
@example(text="&amp;amp;lt;")
@example(text="&am\u200bp;lt;")
@example(text="&amp\u037e")
@example(text="&#x202e;a")
@example(text="a\u2028b\x85c")
def test_normal_forms_are_stable(clean: Any, text: str) -> None:
    """What has its normal form keeps it: otherwise every round would find a difference."""
    once = clean(text)
    assert clean(once) == once
    once.encode()


@given(text=any_text)
def test_names_hold_nothing_invisible(text: str) -> None:
    """Right-to-left marks and zero-width spaces would make two equal names differ."""
    name = normal.one_line(f"a{text}b")
    assert not set(name) & set("\u200b\u200e\u202e\u2066\ufeff\u00ad\t\n\x00")


@given(day=st.dates())
def test_days_read_the_same_in_every_form(day: Any) -> None:
    """A date, a date with a naive time, and the moment of that time."""
    assert normal.day(day.isoformat(), "Europe/Tallinn") == day.isoformat()
    assert normal.day(f"{day.isoformat()} 23:59:59", "Europe/Tallinn") == day.isoformat()


@given(flag=st.sampled_from([1, "1", True, "true"]), other=st.sampled_from([0, "0", False, "false", None, ""]))
def test_yes_and_no_read_the_same_in_every_form(flag: Any, other: Any) -> None:
    """Scoro says 0/1, tables say Boolean, and some rows say text."""
    state = _DESK.read(Kind.CONTACT, scoro("contacts", {"name": "A", "is_client": flag, "is_supplier": other})).state
    assert state["is_client"] is True
    assert state["is_supplier"] is False
    assert state[EXISTS] is True


@given(keep=st.booleans())
def test_an_emptied_map_is_an_empty_list_in_scoro(keep: bool) -> None:
    """`[]` where a map should be means that there is nothing in it."""
    data = {"name": "A", "means_of_contact": {} if keep else [], "addresses": [] if keep else {}}
    assert set(_DESK.read(Kind.CONTACT, scoro("contacts", data)).state) == {
        EXISTS,
        "name",
        "is_person",
        "is_client",
        "is_supplier",
        "currency",
    }


def test_replicas_of_a_contact_follow_its_lists() -> None:
    """R10: clients have a customer, suppliers a vendor, others neither."""
    replicas = MAPPINGS[Kind.CONTACT].replicas
    assert replicas({EXISTS: True, "is_client": True}) == {Replica.SCORO, Replica.CUSTOMER}
    assert replicas({EXISTS: True, "is_supplier": True}) == {Replica.SCORO, Replica.VENDOR}
    assert replicas({EXISTS: True}) == {Replica.SCORO}
