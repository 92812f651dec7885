"""Exact arithmetic of amounts and documents."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.money import (
    Rounding,
    Totals,
    balances,
    decimal_text,
    document_totals,
    line_amount,
    minor_digits,
    money_text,
    normal_text,
    to_decimal,
)
from engine.core.records import Scalar
from engine.errors import MappingError

RATES = {"vat20": "20", "vat9": "9", "none": "0"}

State = dict[str, Scalar]


def rate_of(tax: str) -> str:
    if tax not in RATES:
        raise MappingError("This tax rate is not known.")
    return RATES[tax]


def document(*lines: tuple[str, str, str, str], currency: str = "EUR", **header: Scalar) -> State:
    """Lines as (quantity, price, discount, tax)."""
    state: State = {"currency": currency, **header}
    for number, (quantity, price, discount, tax) in enumerate(lines):
        root = f"lines/k{number}"
        state |= {root: True, f"{root}/line_type": "item", f"{root}/quantity": quantity, f"{root}/unit_price": price}
        if discount:
            state[f"{root}/discount"] = discount
        if tax:
            state[f"{root}/tax"] = tax
    return state


def totals(net: str, tax: str, total: str) -> Totals:
    return Totals(Decimal(net), Decimal(tax), Decimal(total))


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("kwd", 3), ("XXX", 2), ("", 2)])
def test_a_currency_has_its_digits(currency: str, digits: int) -> None:
    """ISO 4217's minor units; two where nothing else is known."""
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.00", "1"),
        (1, "1"),
        (1.10, "1.1"),
        (Decimal("-0.0"), "0"),
        ("1E+2", "100"),
        (" 12.5 ", "12.5"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_equal_numbers_have_one_text(value: object, text: str) -> None:
    """The normal form has no exponent, no trailing zeros, no negative zero and no float noise."""
    assert decimal_text(to_decimal(value)) == text


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        "NaN",
        "sNaN",
        "1e15",
        10**30,
        "1e999999",
        "twelve",
        "",
        True,
        None,
        [],
        "1,5",
        "1" * 65,
    ],
)
def test_what_is_no_real_amount_is_refused_with_a_sentence(value: object) -> None:
    """NaN, infinity and absurd sizes never enter a document."""
    with pytest.raises(MappingError) as caught:
        to_decimal(value)
    assert caught.value.code == "not_a_number"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("12.5", "EUR", "12.50"),
        ("12.345", "EUR", "12.35"),
        ("-12.345", "EUR", "-12.35"),
        ("12.5", "JPY", "13"),
        ("1", "KWD", "1.000"),
        ("-0.001", "EUR", "0.00"),
    ],
)
def test_money_is_rounded_half_up_to_its_minor_unit(value: str, currency: str, text: str) -> None:
    """Accountants round half away from zero."""
    assert money_text(Decimal(value), currency) == text


def test_a_line_is_rounded_once() -> None:
    """3 × 33.33 less 10 % is 89.991, not 3 × 30.00."""
    assert line_amount(Decimal(3), Decimal("33.33"), Decimal(10), "EUR") == Decimal("89.99")


def test_tax_is_rounded_once_per_rate_or_once_per_line() -> None:
    """Three lines of 0.33 at 20 %: 0.198 in one sum, 0.07 each alone."""
    state = document(*[("1", "0.33", "", "vat20")] * 3)
    assert document_totals(state, rate_of) == totals("0.99", "0.20", "1.19")
    assert document_totals(state, rate_of, rounding=Rounding.PER_LINE) == totals("0.99", "0.21", "1.20")


def test_each_rate_has_its_own_sum() -> None:
    """Mixed rates, one line without tax, a heading that costs nothing."""
    state = document(("2", "50", "", "vat20"), ("1", "10", "", "vat9"), ("1", "5", "", ""))
    state |= {"lines/h": True, "lines/h/line_type": "heading", "lines/h/description": "Part two"}
    assert document_totals(state, rate_of) == totals("115.00", "20.90", "135.90")


def test_the_discount_on_the_document_comes_off_before_tax_and_is_shared_to_the_cent() -> None:
    """10 % off 100.05: net 90.04 or 90.05 once, never the sum of rounded parts."""
    state = document(("1", "33.35", "", "vat20"), ("1", "66.70", "", "vat9"), discount="10")
    found = document_totals(state, rate_of)
    assert found.net == Decimal("90.05")
    assert found.net + found.tax == found.total


def test_a_document_with_tax_in_its_amounts_keeps_what_the_customer_pays() -> None:
    """83.33 net at 20 % is 100.00 to pay; the tax is what is inside."""
    state = document(("1", "83.33", "", "vat20"), amounts_include_tax=True)
    assert document_totals(state, rate_of) == totals("83.33", "16.67", "100.00")


def test_yen_have_no_cents() -> None:
    """Totals follow the currency."""
    assert document_totals(document(("3", "333.4", "", "vat9"), currency="JPY"), rate_of) == totals(
        "1000", "90", "1090"
    )


_figures = st.tuples(
    st.integers(-500, 500).map(str),
    st.integers(0, 10**7).map(lambda value: normal_text(f"{value}e-2")),
    st.one_of(st.just(""), st.integers(0, 10000).map(lambda value: normal_text(f"{value}e-2"))),
    st.sampled_from(["vat20", "vat9", "none", ""]),
)


@given(
    lines=st.lists(_figures, max_size=6),
    discount=st.integers(0, 100).map(str),
    inclusive=st.booleans(),
    rounding=st.sampled_from(Rounding),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_net_and_tax_are_always_the_total(
    lines: list[tuple[str, str, str, str]], discount: str, inclusive: bool, rounding: Rounding, currency: str
) -> None:
    """Whatever the model: the three figures agree, in the digits of the currency, and the order of lines does not matter."""
    state = document(*lines, currency=currency, discount=discount, amounts_include_tax=inclusive)
    found = document_totals(state, rate_of, rounding=rounding)
    assert found.net + found.tax == found.total
    assert all(str(figure) == str(money_of(figure, currency)) for figure in (found.net, found.tax, found.total))
    turned = document(*reversed(lines), currency=currency, discount=discount, amounts_include_tax=inclusive)
    if discount == "0":  # the odd cent of a discount goes to the last line
        assert document_totals(turned, rate_of, rounding=rounding) == found


def money_of(figure: Decimal, currency: str) -> Decimal:
    return figure.quantize(Decimal(1).scaleb(-minor_digits(currency)))


def test_a_document_that_adds_up_has_nothing_to_say() -> None:
    """Lines + tax = total, to the cent."""
    state = document(("2", "50", "", "vat20"))
    assert balances(state, rate_of) is None
    assert balances(state, rate_of, totals("100.00", "20.00", "120.00")) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lines/k0/unit_price": None}, "has no price"),
        ({"lines/k0/quantity": None}, "has no quantity"),
        ({"lines/k0/unit_price": "NaN"}, "not an amount"),
        ({"lines/k0/tax": "old"}, "This tax rate is not known."),
        ({"lines/k0/discount": "101"}, "discount"),
        ({"discount": "-1"}, "discount"),
        ({"lines/k9/quantity": "2"}, "removed on one side"),
        ({"lines/k0/line_type": "heading"}, "heading and has an amount"),
    ],
)
def test_a_contradiction_is_told_in_a_sentence(change: dict[str, str | None], words: str) -> None:
    """A merge that does not add up asks, and says why."""
    state: State = document(("2", "50", "", "vat20"))
    for path, value in change.items():
        if value is None:
            del state[path]
        else:
            state[path] = value
    reason = balances(state, rate_of)
    assert reason is not None
    assert words in reason


def test_a_total_that_differs_by_a_cent_is_told_with_both_figures() -> None:
    """Variance is a figure, not a feeling (F14)."""
    reason = balances(document(("2", "50", "", "vat20")), rate_of, totals("100.00", "20.01", "120.01"))
    assert reason == "The lines add up to 100.00 plus 20.00 tax, which is 120.00, not 120.01."
