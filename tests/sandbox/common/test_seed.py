"""The seeded world is one story, the same each time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.sandbox.seed import load_world
from app.sandbox.seed.world import BOTH, CENT, Side

PROFILES = ["us", "uk"]


@pytest.mark.parametrize("profile", PROFILES)
def test_same_arguments_give_the_same_world(profile):
    """And another state number another one."""
    assert load_world("agency", profile, 1) == load_world("agency", profile, 1) != load_world("agency", profile, 2)


@pytest.mark.parametrize("profile", PROFILES)
def test_agency_has_its_size(profile):
    """60 contacts in several currencies and countries, 40 products, 150 invoices, 60 bills."""
    agency = load_world("agency", profile).books[0]
    assert (len(agency.contacts), len(agency.products), len(agency.invoices), len(agency.bills)) == (60, 40, 150, 60)
    assert len({contact.currency for contact in agency.contacts}) == 5
    assert len({contact.address.country for contact in agency.contacts}) >= 6
    assert any(contact.is_client and contact.is_supplier for contact in agency.contacts)
    assert (len(agency.projects), len(agency.tracking_classes)) == (12, 6)


@pytest.mark.parametrize("profile", PROFILES)
def test_what_a_document_points_at_is_on_every_side_of_it(profile):
    """Each sandbox can load its part without the other's."""
    for books in load_world("agency", profile).books:
        contacts = {each.key: each for each in books.contacts}
        products = {each.key: each for each in books.products}
        codes = {each.key: each for each in books.tax_codes}
        projects = {each.key: each for each in books.projects}
        for document in (*books.invoices, *books.bills):
            assert document.sides <= contacts[document.contact].sides
            assert document.currency == contacts[document.contact].currency
            for line in document.lines:
                assert line.product is None or document.sides <= products[line.product].sides
                assert line.project is None or document.sides <= projects[line.project].sides
                assert document.sides <= codes[line.tax_code].sides


@pytest.mark.parametrize("profile", PROFILES)
def test_totals_on_both_sides_do_not_depend_on_rounding(profile):
    """Tax by line and tax on the total agree where the same document is in both systems."""
    for books in load_world("agency", profile).books:
        for document in (*books.invoices, *books.bills):
            if document.sides == BOTH:
                grosses = [line.net() * (100 + books.percent_of(line.tax_code)) / 100 for line in document.lines]
                exact = sum(grosses, Decimal())
                assert exact == exact.quantize(CENT) == books.total_of(document)


@pytest.mark.parametrize("profile", PROFILES)
def test_receipts_pay_no_more_than_is_due(profile):
    for books in load_world("agency", profile).books:
        documents = {each.key: each for each in (*books.invoices, *books.bills)}
        paid = [part for receipt in books.receipts for part in receipt.parts]
        assert len({part.document for part in paid}) == len(paid)
        assert all(0 < part.amount <= books.total_of(documents[part.document]) for part in paid)
        assert all(
            receipt.sides == documents[part.document].sides for receipt in books.receipts for part in receipt.parts
        )


def test_matching_has_work_to_do():
    """Shared contacts are spelled differently or lack an e-mail or a phone on one side."""
    shared = [each.quickbooks for each in load_world().books[0].contacts if each.sides == BOTH]
    assert any(each.name for each in shared)
    assert any(each.email == "" for each in shared)
    assert any(each.phone and each.phone.startswith("+1-") for each in shared)
    assert any(each.phone is None and each.email is None and each.name is None for each in shared)


def test_numbers_of_documents_are_unique_digits():
    for books in load_world().books:
        for documents in (books.invoices, books.bills):
            numbers = [each.number for each in documents]
            assert len(set(numbers)) == len(numbers)
            assert all(number.isdigit() for number in numbers)


def test_old_rate_is_only_in_scoro_and_in_use():
    """A document with a rate that QuickBooks does not know has to be there."""
    agency = load_world("agency", "us").books[0]
    assert all(code.sides == {Side.SCORO} for code in agency.tax_codes if code.key == "old")
    assert any(line.tax_code == "old" for each in agency.invoices for line in each.lines)


def test_second_company_cannot_connect_before_its_currencies_match():
    """For trying the set-up: Scoro has one currency more."""
    pottery = load_world().books[1]
    assert set(pottery.scoro_currencies) - set(pottery.quickbooks_currencies) == {"CHF"}


def test_empty_seed_has_reference_data_only():
    books = load_world("empty", "uk").books[0]
    assert (books.contacts, books.invoices, books.products) == ((), (), ())
    assert books.accounts
    assert books.tax_codes


def test_unknown_seed_and_profile_are_refused():
    for arguments in (("forest", "us"), ("agency", "fr")):
        with pytest.raises(ValueError, match="is called"):
            load_world(*arguments)
