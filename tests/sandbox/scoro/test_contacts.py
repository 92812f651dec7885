"""Contacts: defaults, lists that are replaced, merges (reference 2.1, Q20, Q21)."""

from __future__ import annotations

import pytest


def test_contact_is_a_company_unless_said_otherwise(scoro):
    """2.1: default company when omitted on create."""
    assert scoro.contact()["contact_type"] == "company"
    person = scoro.contact(contact_type="person", name="Mari", lastname="Maasikas")
    assert person["search_name"] == "Mari Maasikas"
    assert scoro.refused("contacts/modify", {"name": "x", "contact_type": "robot"})[0] == 400


def test_flat_email_and_vat_number_are_ignored(scoro):
    """2.1: e-mails nest in means_of_contact; the key is vatno, not vat_number."""
    contact = scoro.contact(email="a@b.example", vat_number="GB1", vatno="GB2")
    assert contact["means_of_contact"] == []
    assert contact["vatno"] == "GB2"
    assert "email" not in contact


def test_bare_string_counts_as_a_list_of_one(scoro):
    """2.1: string or list of strings."""
    contact = scoro.contact(means_of_contact={"email": "a@b.example"})
    assert contact["means_of_contact"] == {"email": ["a@b.example"]}


@pytest.mark.parametrize("merges", [False, True])
def test_means_of_contact_are_replaced_or_merged(scoro, merges):
    """Q21: the whole map is replaced; the other reading merges by kind."""
    scoro.switch(means_of_contact_merged=merges)
    contact = scoro.contact(means_of_contact={"email": ["a@b.example", "c@d.example"], "phone": ["1"]})
    changed = scoro.ok(f"contacts/modify/{contact['contact_id']}", {"means_of_contact": {"email": ["a@b.example"]}})
    assert changed["means_of_contact"] == {"email": ["a@b.example"]} | ({"phone": ["1"]} if merges else {})


def test_addresses_are_replaced_and_completed(scoro):
    """2.1, Q21: the whole list; reads have `id` and `full_address`; countries are lower-case alpha-3."""
    contact = scoro.contact(addresses=[{"country": "FIN", "city": "Turku", "street": "Aura 1", "zipcode": "20100"}])
    (address,) = contact["addresses"]
    assert address["country"] == "fin"
    assert address["full_address"] == "Aura 1\n20100 Turku\nFIN"
    changed = scoro.ok(f"contacts/modify/{contact['contact_id']}", {"addresses": [{"city": "Oulu"}]})
    assert [each["city"] for each in changed["addresses"]] == ["Oulu"]


def test_document_shows_the_chosen_address(scoro):
    """2.8: company_address_id and, in view, company_address."""
    contact = scoro.contact(addresses=[{"city": "Turku"}, {"city": "Oulu"}])
    invoice = scoro.invoice(company_id=contact["contact_id"], company_address_id=contact["addresses"][1]["id"])
    assert invoice["company_address"]["city"] == "Oulu"
    assert "company_address" not in scoro.ok("invoices/list", per_page=1)[0]


def test_renamed_contact_is_renamed_on_documents(scoro):
    """2.8: company_name is looked up."""
    contact = scoro.contact()
    invoice = scoro.invoice(company_id=contact["contact_id"])
    scoro.ok(f"contacts/modify/{contact['contact_id']}", {"name": "Kask"})
    assert scoro.ok(f"invoices/view/{invoice['id']}")["company_name"] == "Kask"


def test_merge_deletes_the_loser_and_moves_its_documents(scoro):
    """Q20: loser softly deleted, documents re-pointed, each document's modified_date bumped."""
    loser = scoro.contact(name="Kask", is_supplier=1)
    winner = scoro.contact(name="Kask AS")
    invoice = scoro.invoice(company_id=loser["contact_id"])
    receipt = scoro.pay(invoice, 10)
    scoro.clock.advance(60)
    merged = scoro.person("merge", id=loser["contact_id"], into=winner["contact_id"])
    assert (merged["contact_id"], merged["is_supplier"]) == (winner["contact_id"], 1)
    assert scoro.ok(f"contacts/view/{loser['contact_id']}")["is_deleted"] == 1
    moved = scoro.ok(f"invoices/view/{invoice['id']}")
    assert (moved["company_id"], moved["modified_date"]) == (winner["contact_id"], "2026-11-02 04:01:00")
    moved_receipt = scoro.ok("receipts/list", filter={"id": receipt["id"]})[0]
    assert moved_receipt["contact_id"] == winner["contact_id"]
    assert moved_receipt["receipts"][0]["contact_id"] == winner["contact_id"]
    listed = scoro.ok("invoices/list", filter={"company_id": winner["contact_id"]})
    assert [row["id"] for row in listed] == [invoice["id"]]


def test_merge_moves_deleted_documents_without_a_stamp(scoro):
    """Q20, Q2: a deletion that is taken back leads to the winner."""
    loser, winner = scoro.contact(name="A"), scoro.contact(name="B")
    invoice = scoro.invoice(company_id=loser["contact_id"])
    scoro.ok(f"invoices/delete/{invoice['id']}")
    scoro.clock.advance(60)
    scoro.person("merge", id=loser["contact_id"], into=winner["contact_id"])
    moved = scoro.ok(f"invoices/view/{invoice['id']}")
    assert (moved["company_id"], moved["modified_date"]) == (winner["contact_id"], invoice["modified_date"])


def test_merge_may_leave_the_stamps(scoro):
    """Q20, the other answer."""
    scoro.switch(merge_bumps_documents=False)
    loser, winner = scoro.contact(name="A"), scoro.contact(name="B")
    invoice = scoro.invoice(company_id=loser["contact_id"])
    scoro.clock.advance(60)
    scoro.person("merge", id=loser["contact_id"], into=winner["contact_id"])
    assert scoro.ok(f"invoices/view/{invoice['id']}")["modified_date"] == invoice["modified_date"]


def test_related_objects_are_listed_by_module(scoro):
    """2: getRelatedObjects."""
    contact = scoro.contact()
    invoice = scoro.invoice(company_id=contact["contact_id"])
    assert scoro.ok(f"contacts/getRelatedObjects/{contact['contact_id']}") == {"invoices": [invoice["id"]]}


def test_project_tells_its_clients_name_to_users_only(scoro):
    """2.16: company_name belongs to the user API."""
    assert "company_name" not in scoro.ok("projects/view/1")
    assert scoro.as_user("projects/view/1").json()["data"]["company_name"] == "Cascade Outdoor Supply Co."


def test_project_needs_only_a_name(scoro):
    """Q13, 2.16: number, status and type are defaults."""
    project = scoro.ok("projects/modify", {"project_name": "Kase"})
    assert (project["status"], project["project_type"], project["no"]) == ("inprogress", "regular", "9")


def test_merge_enters_every_document_into_the_journal(scoro):
    """Q20: the journal tells what was re-pointed, with its picture before and after."""
    loser, winner = scoro.contact(name="A")["contact_id"], scoro.contact(name="B")["contact_id"]
    invoice = scoro.invoice(company_id=loser)
    receipt = scoro.pay(invoice, 10)
    mark = scoro.look("journal")["last"]
    scoro.person("merge", id=loser, into=winner)
    entries = scoro.look(f"journal?since={mark}")["entries"]
    told = {(each["entity"], each["id"]): each for each in entries}
    moved = told[("invoices", str(invoice["id"]))]
    assert (moved["before"]["company_id"], moved["after"]["company_id"]) == (loser, winner)
    assert moved["actor"]["kind"] == "person"
    assert told[("receipts", str(receipt["id"]))]["after"]["receipts"][0]["contact_id"] == winner
    assert told[("contacts", str(loser))]["operation"] == "delete"


def test_merge_may_remove_the_loser_for_good(scoro):
    """Q20, the other answer: nothing tells of the loser any more."""
    scoro.switch(merge_leaves_loser=False)
    loser, winner = scoro.contact(name="A")["contact_id"], scoro.contact(name="B")["contact_id"]
    scoro.person("merge", id=loser, into=winner)
    assert scoro.post(f"contacts/view/{loser}").status_code == 404
    assert scoro.ok("contacts/list", filter={"contact_id": loser}, include_deleted=1) == []


def test_addresses_that_are_not_sent_may_stay(scoro):
    """Q21, the other answer: by id."""
    scoro.switch(addresses_merged=True)
    contact = scoro.contact(addresses=[{"city": "Turku"}, {"city": "Oulu"}])
    second = contact["addresses"][1]["id"]
    sent = {"addresses": [{"id": second, "city": "Rauma"}, {"city": "Vaasa"}]}
    after = scoro.ok(f"contacts/modify/{contact['contact_id']}", sent)
    assert [each["city"] for each in after["addresses"]] == ["Turku", "Rauma", "Vaasa"]


def test_person_may_need_a_family_name(scoro):
    """Q13, the other answer."""
    scoro.contact(contact_type="person", name="Mari")
    scoro.switch(persons_need_lastname=True)
    assert scoro.refused("contacts/modify", {"contact_type": "person", "name": "Mari"}) == (
        400,
        ["lastname is required"],
    )
    scoro.contact(name="Company")
