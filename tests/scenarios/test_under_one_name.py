"""Two objects turn out to be one: whatever named the one that is gone names the one that stays; nobody edited anything."""

from __future__ import annotations

import pytest
from sqlmodel import select

from engine.core.records import System
from engine.services import matching, resolve, verify
from engine.store.database import reading
from engine.store.tables import Change
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of
from tests.support.troubles import arm, disarm, run_anyhow, run_meanwhile, run_that_dies_after_sending
from tests.support.world import PERSON, World


def test_documents_of_a_customer_whose_create_was_in_flight(world: World) -> None:
    """Given a customer whose create is not acknowledged yet, when QuickBooks shows it, with an invoice, before the answer is
    cleared up, then the invoice is with the client that was sent, and goes over as any other."""
    acme = in_scoro.client(world, "Acme Ltd")
    run_that_dies_after_sending(world, System.QUICKBOOKS)
    (customer,) = in_quickbooks.named(world, "Customer", "Acme Ltd")
    theirs = in_quickbooks.invoice(world, customer, in_quickbooks.sold(in_quickbooks.item(world, "Advice")))
    world.sync()
    world.sync()
    assert in_concord.standing(world, "quickbooks", "Invoice", theirs["Id"]) == "held: only_on_other_side"
    world.tick(400)
    world.sync()

    client = in_concord.object_id(world, "scoro", "contacts", acme["contact_id"])
    assert object_of(world, "quickbooks", "Invoice", theirs["Id"]).fields["contact"] == client
    in_concord.pull(world, in_concord.object_id(world, "quickbooks", "Invoice", theirs["Id"]))
    assert in_concord.standing(world, "quickbooks", "Invoice", theirs["Id"]) == "in_step: agreed"
    assert len(in_scoro.rows(world, "contacts")) == len(in_quickbooks.rows(world, "Customer")) == 1
    assert_at_rest(world)


def test_project_that_is_linked_while_the_run_goes_on(world: World) -> None:
    """Given a project made on both sides, which a run links by itself, when an invoice that points to it is read again in the
    same run, then it points to the linked project, and not to the half that is gone."""
    in_concord.choose(world, "projects", enabled=True, source="quickbooks")
    made, remote, acme = invoice_in_step(world)
    in_scoro.project(world, "Bridge", acme)
    customer = in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer")
    bridge = in_quickbooks.project(world, "Bridge", {"Id": customer})
    in_quickbooks.edit(world, "Invoice", remote, CustomerRef={"value": bridge["Id"]})
    in_scoro.edit(world, "invoices", made["id"], description="first")
    run_meanwhile(world, lambda: in_quickbooks.edit(world, "Invoice", remote, PrivateNote="a moment later"))

    project = in_concord.object_id(world, "quickbooks", "Customer", bridge["Id"])
    thing = object_of(world, "scoro", "invoices", made["id"])
    assert thing.fields["project"] == world.bindings(thing.id)["quickbooks"].shadow["project"] == project
    assert_at_rest(world)


@pytest.mark.parametrize("first", ["scoro", "quickbooks"])
def test_conflict_over_customers_that_are_one(world: World, first: str) -> None:
    """Given an invoice moved to one client in Scoro and to another customer in QuickBooks, when these turn out to be the same,
    then the conflict is over, with an entry that says so, whoever was heard first."""
    made, remote, _ = invoice_in_step(world)
    birch, theirs = in_scoro.client(world, "Birch Ltd"), in_quickbooks.customer(world, "Birch Limited")
    in_scoro.edit(world, "invoices", made["id"], company_id=birch["contact_id"])
    if first == "scoro":
        arm(world.quickbooks, "http_503", count=None, entity="Invoice", operation="update")
        run_anyhow(world)
        disarm(world.quickbooks)
    in_quickbooks.edit(world, "Invoice", remote, CustomerRef={"value": theirs["Id"]})
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "conflict: same_field_edited"

    ours = in_concord.partner(world, "scoro", "contacts", birch["contact_id"], "quickbooks.customer")
    in_quickbooks.merge(world, "Customer", ours, theirs["Id"])
    world.sync()
    client = in_concord.object_id(world, "scoro", "contacts", birch["contact_id"])
    customer = in_concord.object_id(world, "quickbooks", "Customer", theirs["Id"])
    matching.link_by_hand(world.deps, world.connection_id, client, customer, PERSON)
    matching.apply_matches(world.deps, world.connection_id, PERSON)
    world.sync()
    world.sync()

    thing = object_of(world, "scoro", "invoices", made["id"])
    assert f"{thing.disposition}: {thing.reason}" == "in_step: agreed"
    assert thing.fields["contact"] == client
    assert customer not in names_in(world, thing.id)
    assert any(entry.details.get("rule") == "linked" for entry in told(world, thing.id) if entry.action == "resolved")
    assert_at_rest(world)


def test_settlement_that_is_undone_after_its_customers_became_one(world: World) -> None:
    """Given a conflict over two customers that a person settled, when these turn out to be the same and the settlement is undone,
    then the invoice does not go back to the customer that is no more."""
    made, remote, _ = invoice_in_step(world)
    birch, theirs = in_scoro.client(world, "Birch Ltd"), in_quickbooks.customer(world, "Birch Limited")
    in_scoro.edit(world, "invoices", made["id"], company_id=birch["contact_id"])
    in_quickbooks.edit(world, "Invoice", remote, CustomerRef={"value": theirs["Id"]})
    world.sync()
    ours = in_concord.partner(world, "scoro", "contacts", birch["contact_id"], "quickbooks.customer")
    in_quickbooks.merge(world, "Customer", ours, theirs["Id"])
    world.sync()
    invoice = in_concord.object_id(world, "scoro", "invoices", made["id"])
    client = in_concord.object_id(world, "scoro", "contacts", birch["contact_id"])
    customer = in_concord.object_id(world, "quickbooks", "Customer", theirs["Id"])

    choices = {"contact": {"side": "quickbooks"}}
    version = resolve.conflict(world.deps, invoice).version
    resolve.resolve(world.deps, invoice, version=version, choices=choices, person=PERSON)
    matching.link_by_hand(world.deps, world.connection_id, client, customer, PERSON)
    matching.apply_matches(world.deps, world.connection_id, PERSON)
    resolve.undo(world.deps, invoice, PERSON)

    assert customer not in names_in(world, invoice)
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
    assert_at_rest(world)


def invoice_in_step(world: World) -> tuple[in_scoro.Row, str, in_scoro.Row]:
    """An invoice on both sides: Scoro's row, QuickBooks' id, and Scoro's client."""
    acme = in_scoro.client(world, "Acme Ltd")
    made = in_scoro.invoice(world, acme)
    world.sync()
    return made, in_concord.partner(world, "scoro", "invoices", made["id"]), acme


def names_in(world: World, object_id: str) -> set[object]:
    """Everything that the object or one of its replicas says."""
    states = [world.objects(id=object_id)[0].fields, *(row.shadow for row in world.bindings(object_id).values())]
    return {value for state in states for value in state.values()}


def told(world: World, object_id: str) -> list[Change]:
    """What the log tells of an object."""
    with reading(world.deps.database) as session:
        return list(session.exec(select(Change).where(Change.object_id == object_id)))


def assert_at_rest(world: World) -> None:
    """Nothing is left to write, and everything is what the log says."""
    world.sync()
    assert in_concord.is_quiet(world)
    assert verify.verify(world.deps, world.connection_id).holds
