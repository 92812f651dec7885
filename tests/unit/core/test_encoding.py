"""The JSON that is stored and hashed: the same bytes whoever writes them, and nothing that JSON can say is refused."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.encoding import canonical_json, json_text, json_value

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_canonical_bytes_are_those_of_the_standard_library(value: object) -> None:
    """Fingerprints and hash chains that are stored hold for ever, whichever library computes them."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert canonical_json(value) == plain.encode()


@given(_VALUES)
def test_text_keeps_the_order_of_keys(value: object) -> None:
    """The order of lines is the order of their paths in the state."""
    assert json_text(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@given(st.recursive(st.none() | st.integers(-(2**63), 2**64 - 1) | _TEXTS, lambda inner: st.lists(inner, max_size=4)))
def test_what_is_stored_is_read_again(value: object) -> None:
    """Reading gives back what was written."""
    assert json_value(json_text(value)) == value


@pytest.mark.parametrize("value", [{1: "key that is no text"}, [[[]]] * 2])
def test_unusual_values_are_written_as_the_standard_library_does(value: object) -> None:
    """What the fast way refuses goes the slow way."""
    assert json_text(value) == json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize("number", [2**64, 2**70, -(2**63) - 1, 10**99 + 1])
def test_integers_beyond_64_bits_are_kept_to_the_last_digit(number: int) -> None:
    """An id or an amount of a remote is never nearly right after it was stored, and its hash is the same then."""
    line = {"Id": number, "more": [number, 1, {"é": 1.5}]}
    stored = json_value(json_text(line))
    assert stored == {"Id": str(number), "more": [str(number), 1, {"é": 1.5}]}
    assert canonical_json(stored) == canonical_json(line)


def test_deep_nesting_is_written() -> None:
    """A remote may nest what it wants carried back."""
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    assert json_value(json_text(deep)) == deep


def test_amounts_are_never_written_by_themselves() -> None:
    """A Decimal in a column would come back as something else; only who hashes says how it is told."""
    with pytest.raises(TypeError):
        json_text(Decimal("1.5"))
    assert canonical_json({"b": Decimal("1.50"), "a": 1}, default=str) == b'{"a":1,"b":"1.50"}'
