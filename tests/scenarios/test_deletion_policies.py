"""What becomes of the other copy when a record is deleted or voided: followed, asked about or never, by category."""

from __future__ import annotations

import pytest

from engine.services import objects
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World

LEFT = {"follow": 0, "ask": 1, "never": 1}
"""How many copies the other system has left without anybody's word."""


def invoice_in_both(mirrored: World) -> in_quickbooks.Row:
    """An invoice over 100 of QuickBooks that Scoro has too."""
    acme, work = in_quickbooks.customer(mirrored, "Acme Inc"), in_quickbooks.item(mirrored, "Work")
    made = in_quickbooks.invoice(mirrored, acme, in_quickbooks.sold(work))
    mirrored.sync()
    return made


@pytest.mark.parametrize(
    ("policy", "standing"),
    [
        ("follow", "in_step: gone_everywhere"),
        ("ask", "deleted_there: deleted_at_source"),
        ("never", "excluded: deletion_not_followed"),
    ],
)
def test_invoice_deleted_in_scoro(world: World, policy: str, standing: str) -> None:
    """Given the policy, when an unpaid invoice is deleted at the source, then its copy goes, waits for a person, or stays."""
    in_concord.choose(world, "invoices", deletions=policy)
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    in_scoro.delete(world, "invoices", made["id"])
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == LEFT[policy]
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == standing
    assert in_concord.is_quiet(world)


@pytest.mark.parametrize("policy", list(LEFT))
def test_invoice_deleted_in_quickbooks(mirrored: World, policy: str) -> None:
    """The same the other way round."""
    in_concord.choose(mirrored, "invoices", deletions=policy)
    made = invoice_in_both(mirrored)
    in_quickbooks.delete(mirrored, "Invoice", made["Id"])
    mirrored.sync()

    assert len(in_scoro.rows(mirrored, "invoices")) == LEFT[policy]
    assert in_concord.is_quiet(mirrored)


def test_paid_invoice_is_never_deleted_without_asking(mirrored: World) -> None:
    """Given deletions that follow and an invoice paid in Scoro, when it is deleted in QuickBooks, then Scoro's stays and a person
    is asked."""
    in_concord.choose(mirrored, "invoices", deletions="follow")
    made = invoice_in_both(mirrored)
    here = in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"], "scoro")
    in_scoro.pay(mirrored, "invoices", {"id": int(here)}, 40)
    in_quickbooks.delete(mirrored, "Invoice", made["Id"])
    mirrored.sync()

    assert len(in_scoro.rows(mirrored, "invoices")) == 1
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "deleted_there: deleted_but_paid"


@pytest.mark.parametrize("policy", list(LEFT))
def test_invoice_voided_in_quickbooks(mirrored: World, policy: str) -> None:
    """Given the policy, when an invoice is voided in QuickBooks, then Scoro's comes to nothing with its note, or stays."""
    in_concord.choose(mirrored, "invoices", deletions=policy)
    made = invoice_in_both(mirrored)
    mirrored.quickbooks.person(action="void", entity="Invoice", id=made["Id"], realmId=mirrored.realm)
    mirrored.sync()

    (here,) = in_scoro.rows(mirrored, "invoices")
    assert (float(here["sum"]), here["description"].startswith("Voided")) == (
        (0, True) if policy == "follow" else (100, False)
    )
    assert in_concord.is_quiet(mirrored)


@pytest.mark.parametrize("follow", [True, False])
def test_void_that_is_asked_about(mirrored: World, follow: bool) -> None:
    """Given a void in QuickBooks that waits for a person, when it is followed, then Scoro's comes to nothing too; when not, then
    QuickBooks' invoice says again what it said."""
    made = invoice_in_both(mirrored)
    mirrored.quickbooks.person(action="void", entity="Invoice", id=made["Id"], realmId=mirrored.realm)
    mirrored.sync()
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "deleted_there: voided_at_source"

    thing = in_concord.object_id(mirrored, "quickbooks", "Invoice", made["Id"])
    objects.decide_deletion(mirrored.deps, thing, follow, PERSON)
    mirrored.sync()

    (here,), there = in_scoro.rows(mirrored, "invoices"), in_quickbooks.see(mirrored, "Invoice", made["Id"])
    assert (float(here["sum"]), there["TotalAmt"]) == ((0, 0) if follow else (100, 100))
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(mirrored)


def test_restored_record_comes_back_to_the_same_object(mirrored: World) -> None:
    """Given a client made inactive in QuickBooks and gone in Scoro by a person's word, when it is active again, then it is the
    same object that is in both again."""
    acme = in_quickbooks.customer(mirrored, "Acme Inc")
    mirrored.sync()
    thing = in_concord.object_id(mirrored, "quickbooks", "Customer", acme["Id"])
    in_quickbooks.edit(mirrored, "Customer", acme["Id"], Active=False)
    mirrored.sync()
    objects.decide_deletion(mirrored.deps, thing, True, PERSON)
    mirrored.sync()
    assert in_scoro.named(mirrored, "contacts", "Acme Inc") == []

    in_quickbooks.edit(mirrored, "Customer", acme["Id"], Active=True)
    mirrored.sync()

    assert in_concord.object_id(mirrored, "quickbooks", "Customer", acme["Id"]) == thing
    assert in_concord.standing(mirrored, "quickbooks", "Customer", acme["Id"]) == "in_step: agreed"
    assert len(in_scoro.named(mirrored, "contacts", "Acme Inc")) == 1
    assert in_concord.is_quiet(mirrored)


@pytest.mark.parametrize("policy", list(LEFT))
def test_invoice_restored_in_scoro_comes_back_to_the_same_object(world: World, policy: str) -> None:
    """Given an invoice deleted in Scoro, whatever became of its copy, when somebody restores it there, then it is the same object
    with one copy in QuickBooks."""
    in_concord.choose(world, "invoices", deletions=policy)
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    thing = in_concord.object_id(world, "scoro", "invoices", made["id"])
    in_scoro.delete(world, "invoices", made["id"])
    world.sync()
    in_scoro.restore(world, "invoices", made["id"])
    world.sync()

    assert in_concord.object_id(world, "scoro", "invoices", made["id"]) == thing
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
    assert len(in_quickbooks.rows(world, "Invoice")) == 1
    assert in_concord.is_quiet(world)


def test_copy_restored_in_scoro_is_the_copy_again(mirrored: World) -> None:
    """Given the copy of QuickBooks' invoice deleted in Scoro, when somebody restores it there, then both are one again, and
    nothing is written."""
    made = invoice_in_both(mirrored)
    here = in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"], "scoro")
    before = len(mirrored.writes())
    in_scoro.delete(mirrored, "invoices", here)
    mirrored.sync()
    in_scoro.restore(mirrored, "invoices", here)
    mirrored.sync()

    assert in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"], "scoro") == here
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "in_step: agreed"
    assert len(mirrored.writes()) == before
