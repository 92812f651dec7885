"""Values as the reader reads them: in the own zone and number style, with the exact stamp at hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import g

from app import formatting
from app.access import Person, Role
from app.words import plural, spoken
from tests.web.conftest import Web

MOMENT = datetime(2026, 1, 4, 22, 30, 15, tzinfo=UTC)


@pytest.fixture
def reader(web: Web) -> Iterator[Web]:
    """An accountant in Tallinn who writes numbers the German way."""
    with web.app.test_request_context():
        g.person = Person("1", "a@b.c", "Ann", Role.VIEWER, "Europe/Tallinn", "de_DE", "auto", True)
        yield web


def test_moment_stands_in_the_readers_zone_with_the_exact_stamp(reader: Web):
    """Half past ten in the evening in UTC is the next day in Tallinn."""
    shown = formatting.moment(MOMENT)
    assert ">5 Jan., 00:30<" in shown
    assert 'datetime="2026-01-04T22:30:15Z"' in shown
    assert 'title="2026-01-05 00:30:15 EET"' in shown


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123450, "EUR", "1.234,50 EUR"),
        (5000, "JPY", "5.000 JPY"),
        (-5, "USD", "-0,05 USD"),
        (1234, "KWD", "1,234 KWD"),
        (None, "EUR", ""),
    ],
)
def test_money_has_its_currency_and_the_digits_of_that_currency(reader: Web, minor, currency, text):
    """No cents for yen, three digits for dinars."""
    assert formatting.money(minor, currency) == text


def test_amounts_are_never_floats(reader: Web):
    """Long decimals keep every digit until they are rounded for the reader, half to even."""
    assert formatting.amount("90071992547409.93", "EUR") == "90.071.992.547.409,93 EUR"
    assert formatting.amount(Decimal("0.10"), "EUR") == "0,10 EUR"


def test_ago_speaks_of_the_past(reader: Web):
    """With the exact stamp on hover, as everywhere."""
    now = reader.clock.now()
    assert ">3 minutes ago<" in formatting.ago(now - timedelta(minutes=3))
    assert ">just now<" in formatting.ago(now)
    assert formatting.ago(None) == ""


def test_share_never_rounds_something_to_nothing():
    """One in a thousand is not 0 %, and all but one not 100 %."""
    assert [formatting.share(part, 1000) for part in (0, 1, 999, 1000)] == ["0 %", "1 %", "99 %", "100 %"]


def test_counts_and_lists_read_like_sentences():
    """One contact, two contacts; a, b and c."""
    assert [plural(count, "entry", "entries") for count in (1, 2, 5000)] == ["1 entry", "2 entries", "5,000 entries"]
    assert [spoken(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_titles_are_written_the_readers_way(reader: Web):
    """Days and amounts within the name of a document or a receipt, and nothing else of a name."""
    assert formatting.titled("1003 · 2026-01-08") == "1003 · 08.01.2026"
    assert formatting.titled("10709.81 USD · 2026-05-24") == "10.709,81 USD · 24.05.2026"
    assert formatting.titled("Plan 2026-01-08, 20 EUR off") == "Plan 2026-01-08, 20 EUR off"
    assert formatting.titled("") == "Without a name"
    assert formatting.said("“1003 · 2026-01-08” is not in Scoro yet.") == "“1003 · 08.01.2026” is not in Scoro yet."
    assert formatting.said("Not earlier than 2026-01-08.") == "Not earlier than 08.01.2026."
    assert (
        formatting.said("“Paid 2026-01-08 late”: 2026-13-45, A-2026-01-08")
        == "“Paid 2026-01-08 late”: 2026-13-45, A-2026-01-08"
    )
