"""Whatever a remote sends is a record, an error with a sentence, or an answer that is not understood: never a crash.

A record that nobody foresaw must not stop the others, and one answer must not fill the memory. The budget is ``PROVE_BUDGET``.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import ManualClock
from engine.connectors import wire
from engine.connectors.http import Answer, Call
from engine.connectors.quickbooks import faults as quickbooks_faults
from engine.connectors.quickbooks import webhooks as quickbooks_webhooks
from engine.connectors.quickbooks.oauth import OAuthApp, OAuthSettings, Tokens
from engine.connectors.scoro import faults as scoro_faults
from engine.connectors.scoro import webhooks as scoro_webhooks
from engine.core.records import Kind
from engine.errors import ConcordError
from engine.mapping.registry import MAPPINGS, kind_of
from tests.unit.mapping.desk import full_desk, quickbooks, scoro
from tests.unit.mapping.samples import samples

NOW = datetime(2026, 11, 2, tzinfo=UTC)
DEEP = b"[" * 20_000
MEGABYTE = 1 << 20

NUMBERS = [
    Decimal(10) ** 30,
    Decimal("-1e30"),
    Decimal("1e100"),
    10**99,
    "1e999999999",
    "NaN",
    "-Infinity",
    "0x10",
    "١٢٣",
]
TEXTS = [
    "\u202egnp.exe",
    "\u200b\u200d\ufeff",
    "\x00",
    "a\x00b",
    "\ud800",
    "=cmd|' /C calc'!A0",
    "{{ 7*7 }}",
    "x" * 5_000,
]
SHAPES: list[Any] = [
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    ["x"],
    {"value": None},
    {"value": []},
    [{"": {}}],
    "",
    " ",
    0,
    -1,
]
hostile = st.sampled_from([*NUMBERS, *TEXTS, *SHAPES]) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)

DESK = full_desk()
SAMPLES = samples(DESK)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a record where something else could stand."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from places(part, (*path, key))


def replaced(record: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The record with something else in one place."""
    changed = deepcopy(record)
    spot: Any = changed
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return changed


@pytest.mark.parametrize(("kind", "type", "data"), SAMPLES, ids=[f"{kind}-{type}" for kind, type, _ in SAMPLES])
def test_record_with_anything_anywhere_is_read_or_refused(kind: Kind, type: str, data: dict[str, Any]) -> None:
    """Each mapping answers with a picture of scalars or a MappingError; the run can name the record and go on."""
    spots = sorted(places(data), key=str)

    @given(st.lists(st.tuples(st.sampled_from(spots), hostile), min_size=1, max_size=3))
    def holds(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
        changed = data
        for path, value in changes:
            try:
                changed = replaced(changed, path, value)
            except (KeyError, IndexError, TypeError):
                continue  # an earlier change has taken this place away
        record = (scoro if type in MAPPINGS[kind].read and type[0].islower() else quickbooks)(type, changed)
        read_or_refused(kind, type, record)

    holds()


def read_or_refused(kind: Kind, type: str, record: Any) -> None:
    kind_of(record)
    try:
        picture = MAPPINGS[kind].read[type](record, DESK.reading())
    except ConcordError as refusal:
        assert refusal.message
        return
    assert all(isinstance(value, str | int | bool) for value in picture.state.values())
    assert sum(len(str(value)) for value in picture.state.values()) < MEGABYTE


bodies = st.one_of(
    st.binary(max_size=200),
    hostile.map(lambda value: json.dumps(value, default=str).encode()),
    st.dictionaries(
        st.sampled_from(["Fault", "fault", "status", "statusCode", "messages", "Error", "data"]), hostile, max_size=3
    ).map(lambda value: json.dumps(value, default=str).encode()),
    hostile.map(
        lambda value: json.dumps({"Fault": {"Error": [{"code": value, "Detail": value}]}}, default=str).encode()
    ),
    hostile.map(lambda value: json.dumps({"status": value, "messages": {"error": value}}, default=str).encode()),
    st.sampled_from([DEEP, b'{"a":' * 5_000, b"<a>" * 5_000, b"\xff\xfe<\x00", b'{"Fault": NaN}', b"9" * 10_000]),
)
headers = st.dictionaries(
    st.sampled_from(["retry-after", "content-type", "x-ratelimit-reset"]),
    st.sampled_from(["", "x", "-1", "1e9", "9" * 400]),
)


@given(
    status=st.sampled_from([200, 204, 302, 400, 401, 403, 404, 413, 429, 500, 502, 503, 999]),
    body=bodies,
    headers=headers,
)
def test_any_answer_is_classified(status: int, body: bytes, headers: dict[str, str]) -> None:
    """Success or an error with a sentence, for both systems; a 4xx or 5xx is never a success."""
    for method, writes in (("GET", False), ("POST", True)):
        call, answer = Call(method, "https://x.test/y", ("k",), writes=writes), Answer(status, headers, body)
        for error in (quickbooks_faults.classify(answer, call), scoro_faults.classify(answer, call, NOW)):
            assert error is None or error.message
            assert error is not None or status < 300


@given(body=bodies)
def test_any_notification_is_understood_or_refused(body: bytes) -> None:
    """Both parsers of webhooks raise nothing but an error of ours."""
    for parse in (quickbooks_webhooks.parse_hints, scoro_webhooks.parse_hint):
        try:
            parse(body)
        except ConcordError as refusal:
            assert refusal.message


@given(value=hostile, status=st.sampled_from([200, 400, 401, 500]), body=bodies, shaped=st.booleans())
def test_any_answer_of_the_token_endpoint_gives_tokens_or_a_sentence(
    value: Any, status: int, body: bytes, shaped: bool
) -> None:
    """A consent or a refresh never ends in a traceback."""
    told = {"access_token": value, "refresh_token": "r", "expires_in": value, "token_type": "bearer", "error": value}
    content = json.dumps(told, default=str).encode() if shaped else body
    transport = httpx2.MockTransport(
        lambda request: httpx2.Response(status, content=content, headers={"content-type": "application/json"})
    )
    address = "https://oauth.test/x"
    app = OAuthApp(
        OAuthSettings("id", "secret", address, address, address, address), ManualClock(), transport=transport
    )
    try:
        renewed = app.refresh(Tokens("old access", "old refresh", NOW, NOW))
    except ConcordError as refusal:
        assert refusal.message
        assert "old refresh" not in f"{refusal.message} {refusal.hint} {refusal.detail}"
    else:
        assert isinstance(renewed.access_token, str)
    finally:
        app.close()


@pytest.mark.parametrize("body", [DEEP, b'{"a":' * 20_000, b"\xff\xfe", b"NaN"], ids=repr)
def test_json_that_is_none_is_a_value_error(body: bytes) -> None:
    """Depth, encodings, constants and endless numbers; callers know one error only."""
    with pytest.raises(ValueError, match=r".+"):
        wire.loads(body)


@pytest.mark.parametrize("text", [b"\\u0000", b"\\ud800", b"a\\udfffb", b"\xed\xa0\x80"])
def test_characters_that_no_database_keeps_are_replaced(text: bytes) -> None:
    """NUL and lone surrogates would fail at the moment of storing, and with them everything else in that transaction."""
    (name,) = wire.loads(b'{"name": "' + text + b'"}').values()
    assert "\x00" not in name
    assert name.encode()


def test_numbers_of_any_size_are_read_without_filling_the_memory() -> None:
    """A few bytes on the wire must not become a gigabyte of digits here."""
    tracemalloc.start()
    try:
        for kind, type, data in SAMPLES:
            for path, number in product(places(data), (b"1e9999999", b"-1e-9999999", b"9" * 4000)):
                record = (scoro if type[0].islower() else quickbooks)(type, replaced(data, path, wire.loads(number)))
                read_or_refused(kind, type, record)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * MEGABYTE
