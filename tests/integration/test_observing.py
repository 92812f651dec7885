"""Observing a page: what is decided at once, and what has to wait until the whole run has been heard."""

from __future__ import annotations

from contextlib import closing

from engine.core.records import System
from engine.services.context import load_context
from engine.services.directory import Directory
from engine.services.observing import Observed, observe_records
from engine.store.database import reading
from engine.store.tables import Object
from tests.support.scenes import make_invoice, object_of, scoro_create, scoro_edit, untaxed
from tests.support.world import World


def hear(world: World, type: str, id: object) -> Observed:
    """A page of Scoro's feed with this record as it is now."""
    with reading(world.deps.database) as session:
        context = load_context(session, world.connection_id)
    with closing(world.deps.connect(world.connection_id, System.SCORO)) as connector:
        records = connector.read(type, [str(id)])
    directory = Directory(world.deps.database, world.connection_id)
    return observe_records(world.deps, context, directory, records, noticed="poll")


def invoice_of(world: World, id: object) -> Object:
    """The object of an invoice of Scoro's."""
    found: Object = object_of(world, "scoro", "invoices", str(id))
    return found


def test_edited_document_is_decided_with_its_page(world: World) -> None:
    """An edit that moves no reference depends on nothing that is yet to be heard."""
    invoice = make_invoice(world).id
    world.sync()
    assert invoice_of(world, invoice).disposition == "in_step"
    scoro_edit(world, "invoices", invoice, description="Thank you")
    hear(world, "invoices", invoice)
    edited = invoice_of(world, invoice)
    assert (edited.disposition, edited.reason, edited.dirty) == ("pending", "to_update", False)


def test_document_that_moved_to_another_contact_waits_for_its_decision(world: World) -> None:
    """It may tell of a merge: what became of its contact has to be known first. A later edit does not hide that."""
    invoice = make_invoice(world).id
    other = scoro_create(world, "contacts", name="Other Ltd", contact_type="company", is_client=1)
    world.sync()
    scoro_edit(world, "invoices", invoice, company_id=other["contact_id"])
    hear(world, "invoices", invoice)
    assert invoice_of(world, invoice).dirty
    scoro_edit(world, "invoices", invoice, description="Thank you")
    hear(world, "invoices", invoice)
    assert invoice_of(world, invoice).dirty


def test_new_document_waits_for_its_decision(world: World) -> None:
    """The other side may have it too: that is asked first."""
    known = make_invoice(world)
    world.sync()
    line = {"product_id": known.product, "price": 5, "amount": 1, "vat_code_id": untaxed(world)}
    fresh = scoro_create(
        world, "invoices", company_id=known.contact, date="2026-11-03", deadline="2026-11-17", lines=[line]
    )
    hear(world, "invoices", fresh["id"])
    assert invoice_of(world, fresh["id"]).dirty
