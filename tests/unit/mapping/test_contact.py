"""Contacts: one company or person, up to three replicas."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.base import Operation
from engine.core.records import EXISTS, Kind, Replica, Scalar
from engine.errors import MappingError
from tests.unit.mapping.desk import SETTINGS, Desk, quickbooks, scoro
from tests.unit.mapping.samples import quickbooks_customer, scoro_contact

CONTACT = Kind.CONTACT
COMPANY: dict[str, Scalar] = {
    EXISTS: True,
    "name": "Acme",
    "is_person": False,
    "is_client": True,
    "is_supplier": True,
    "currency": "EUR",
}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_scoro_company_is_read_in_its_normal_form(desk: Desk) -> None:
    """Every field of a real-looking row; what is not ours is kept beside it."""
    picture = desk.read(CONTACT, scoro("contacts", scoro_contact(name="Acme &amp;  Söhne")))
    assert picture.state == {
        EXISTS: True,
        "name": "Acme & Söhne",
        "is_person": False,
        "is_client": True,
        "is_supplier": False,
        "email": "ap@acme.test",
        "phone": "+372 555 1234",
        "vat_number": "EE123456789",
        "registry_code": "12345678",
        "account_number": "C-778",
        "notes": "Pays late.\nFriendly.",
        "currency": "EUR",
        "address/street": "Riia 1",
        "address/city": "Tartu",
        "address/region": "Tartumaa",
        "address/postcode": "51004",
        "address/country": "EE",
    }
    assert picture.extras["means"] == {"email": ["second@acme.test"], "fax": ["+372 1"]}


def test_both_systems_tell_the_same_company_the_same_way(desk: Desk) -> None:
    """Nothing but what only one of them has differs between a contact and its customer."""
    here = desk.read(CONTACT, scoro("contacts", scoro_contact())).state
    there = desk.read(CONTACT, quickbooks("Customer", quickbooks_customer()), here).state
    assert set(here.items()) ^ set(there.items()) == {("is_supplier", False), ("account_number", "C-778")}


def test_an_individual_becomes_a_person(desk: Desk) -> None:
    """R12: no company name and a given or family name."""
    person = quickbooks_customer(CompanyName=None, GivenName="Kate", FamilyName="Whelan", DisplayName="Whelan, Kate")
    state = desk.read(CONTACT, quickbooks("Customer", person)).state
    assert (state["is_person"], state["given_name"], state["family_name"], state["name"]) == (
        True,
        "Kate",
        "Whelan",
        "Kate Whelan",
    )
    nameless = quickbooks_customer(CompanyName=None)
    assert desk.read(CONTACT, quickbooks("Customer", nameless)).state["is_person"] is False
    with_contact_person = quickbooks_customer(GivenName="Amy")
    assert "given_name" not in desk.read(CONTACT, quickbooks("Customer", with_contact_person)).state


def test_a_person_is_written_with_both_names_and_no_company(desk: Desk) -> None:
    """R12 in the other direction."""
    state = COMPANY | {"is_person": True, "given_name": "Kate", "family_name": "Whelan", "name": "Kate Whelan"}
    body = desk.write(CONTACT, Replica.CUSTOMER, state).body
    assert (body["DisplayName"], body["GivenName"], body["FamilyName"]) == ("Kate Whelan", "Kate", "Whelan")
    assert "CompanyName" not in body
    scoro_body = desk.write(CONTACT, Replica.SCORO, state).body
    assert (scoro_body["contact_type"], scoro_body["name"], scoro_body["lastname"]) == ("person", "Kate", "Whelan")


def test_the_vendor_of_a_contact_that_is_both_is_marked(desk: Desk) -> None:
    """R11: the customer keeps the plain name; reading takes the mark off again."""
    assert desk.write(CONTACT, Replica.CUSTOMER, COMPANY).body["DisplayName"] == "Acme"
    vendor = desk.write(CONTACT, Replica.VENDOR, COMPANY).body
    assert (vendor["DisplayName"], vendor["CompanyName"]) == ("Acme (v)", "Acme")
    assert desk.read(CONTACT, quickbooks("Vendor", vendor)).state["name"] == "Acme"
    only_supplier = desk.write(CONTACT, Replica.VENDOR, COMPANY | {"is_client": False})
    assert only_supplier.body["DisplayName"] == "Acme"


def test_a_long_name_is_shortened_before_the_mark_and_says_so(desk: Desk) -> None:
    """R11: a hundred characters, mark included."""
    payload = desk.write(CONTACT, Replica.VENDOR, COMPANY | {"name": "A" * 120})
    assert payload.body["DisplayName"] == "A" * 95 + "… (v)"
    assert any("shortened" in note for note in payload.notes)


@pytest.mark.parametrize(
    ("name", "spoken"), [("Acme: Berlin", "Acme - Berlin"), ("A\tB", "A B"), ("<Acme>", "(Acme)"), ('"Acme"', "'Acme'")]
)
def test_a_name_quickbooks_refuses_is_replaced_visibly(desk: Desk, name: str, spoken: str) -> None:
    """F30: a colon in a name never fails silently."""
    payload = desk.write(CONTACT, Replica.CUSTOMER, COMPANY | {"name": name})
    assert payload.body["DisplayName"] == spoken
    assert payload.notes == (f"The name has characters that QuickBooks does not allow; it is “{spoken}” there.",)


def test_the_currency_goes_out_on_create_and_never_again(desk: Desk) -> None:
    """R13: fixed once it is in QuickBooks."""
    assert desk.write(CONTACT, Replica.CUSTOMER, COMPANY).body["CurrencyRef"] == {"value": "EUR"}
    with pytest.raises(MappingError) as caught:
        desk.write(CONTACT, Replica.CUSTOMER, COMPANY | {"currency": "USD"}, Operation.UPDATE, changed=["currency"])
    assert caught.value.code == "currency_fixed"


def test_a_company_with_one_currency_is_never_told_of_it() -> None:
    """Reference 11.1: a foreign one is refused with the remedy."""
    desk = Desk(replace(SETTINGS, multicurrency=False))
    assert "CurrencyRef" not in desk.write(CONTACT, Replica.CUSTOMER, COMPANY).body
    with pytest.raises(MappingError) as caught:
        desk.write(CONTACT, Replica.CUSTOMER, COMPANY | {"currency": "USD"})
    assert caught.value.code == "currency_unknown"


def test_the_client_profile_s_currency_comes_before_the_site_s(desk: Desk) -> None:
    """R13, reading."""
    assert desk.read(CONTACT, scoro("contacts", scoro_contact(profile_currency="usd"))).state["currency"] == "USD"
    assert desk.read(CONTACT, scoro("contacts", scoro_contact(profile_currency=None))).state["currency"] == "EUR"


def test_an_inactive_customer_is_gone_and_a_deletion_makes_inactive(desk: Desk) -> None:
    """Name lists are never deleted (reference 3.0)."""
    row = quickbooks_customer(Active=False, DisplayName="Acme (deleted)")
    assert desk.read(CONTACT, quickbooks("Customer", row)).state == {}
    payload = desk.write(CONTACT, Replica.VENDOR, {}, Operation.DELETE)
    assert (payload.operation, payload.body) == (Operation.UPDATE, {"sparse": True, "Active": False})


def test_only_what_changed_is_sent_and_wholes_are_sent_whole(desk: Desk) -> None:
    """One e-mail: QuickBooks gets it alone, Scoro all means of contact, with those that are not ours."""
    before = desk.read(CONTACT, scoro("contacts", scoro_contact()))
    state = before.state | {"email": "new@acme.test"}
    quick = desk.write(CONTACT, Replica.CUSTOMER, state, Operation.UPDATE, changed=["email"])
    assert quick.body == {"sparse": True, "PrimaryEmailAddr": {"Address": "new@acme.test"}}
    body = desk.write(CONTACT, Replica.SCORO, state, Operation.UPDATE, changed=["email"], extras=before.extras).body
    assert body == {
        "means_of_contact": {
            "email": ["new@acme.test", "second@acme.test"],
            "fax": ["+372 1"],
            "phone": ["+372 555 1234"],
            "mobile": [],
            "website": [],
        }
    }


def test_a_changed_street_keeps_the_other_addresses(desk: Desk) -> None:
    """Scoro's list is replaced as a whole: ids, municipality and the second address stay."""
    before = desk.read(CONTACT, scoro("contacts", scoro_contact()))
    state = before.state | {"address/street": "Riia 2"}
    body = desk.write(
        CONTACT, Replica.SCORO, state, Operation.UPDATE, changed=["address/street"], extras=before.extras
    ).body
    first, second = body["addresses"]
    assert (first["id"], first["municipality"], first["street"], first["country"]) == (4, "Tartu", "Riia 2", "est")
    assert second == {"id": 5, "country": "fin", "city": "Turku", "street": "Linnankatu 2"}


def test_further_e_mails_of_a_customer_stay(desk: Desk) -> None:
    """QuickBooks keeps several in one field; the first is ours."""
    picture = desk.read(CONTACT, quickbooks("Customer", quickbooks_customer()))
    state = picture.state | {"email": "new@acme.test"}
    body = desk.write(CONTACT, Replica.CUSTOMER, state, Operation.UPDATE, changed=["email"], extras=picture.extras).body
    assert body["PrimaryEmailAddr"] == {"Address": "new@acme.test, other@acme.test"}


def test_a_masked_tax_number_is_no_edit(desk: Desk) -> None:
    """QuickBooks shows the last digits only: what was known stays known (F6)."""
    known = COMPANY | {"vat_number": "EE123456789"}
    assert desk.read(CONTACT, quickbooks("Customer", quickbooks_customer()), known).state["vat_number"] == "EE123456789"
    assert "vat_number" not in desk.read(CONTACT, quickbooks("Customer", quickbooks_customer())).state


@pytest.mark.parametrize("email", ["no at sign", "a@b", "@b.ee", "a b@c.ee"])
def test_what_is_no_e_mail_address_is_told_before_quickbooks_refuses_it(desk: Desk, email: str) -> None:
    """Fault 2210, foreseen."""
    with pytest.raises(MappingError) as caught:
        desk.write(CONTACT, Replica.CUSTOMER, COMPANY | {"email": email})
    assert caught.value.code == "email_invalid"


def test_leaving_a_list_in_scoro_leaves_the_customer_active(desk: Desk) -> None:
    """Nothing is made inactive behind anyone's back."""
    payload = desk.write(
        CONTACT, Replica.CUSTOMER, COMPANY | {"is_client": False}, Operation.UPDATE, changed=["is_client"]
    )
    assert payload.body == {"sparse": True}
    assert payload.notes == ("The contact left the list in Scoro; the customer stays active in QuickBooks.",)


def test_a_contact_without_a_name_is_blocked(desk: Desk) -> None:
    """Fault 6080, foreseen."""
    with pytest.raises(MappingError) as caught:
        desk.write(CONTACT, Replica.CUSTOMER, {EXISTS: True, "is_client": True})
    assert caught.value.code == "name_missing"
