"""F14 · Totals off by a cent were a failure, or nobody was told; here it is written and shown with both figures."""

from __future__ import annotations

from engine.core.records import Replica
from engine.services import objects
from engine.services.locks import variance_of
from tests.support import in_concord, in_quickbooks
from tests.support.scenes import object_of
from tests.support.world import PERSON, World


def invoice_with_a_cent_between(new_world) -> tuple[World, dict]:  # type: ignore[type-arg]  # a fixture
    """QuickBooks rounds the tax of the whole, Scoro that of each line, and nobody can tell Scoro a sum of tax."""
    world = new_world(profile="uk", categories=dict.fromkeys(("products", "contacts", "invoices"), "quickbooks"))
    acme, work = in_quickbooks.customer(world, "Acme Ltd"), in_quickbooks.item(world, "Work")
    code = next(row["Id"] for row in in_quickbooks.rows(world, "TaxCode") if row["Name"] == "20.0% S")
    made = in_quickbooks.invoice(world, acme, *(in_quickbooks.sold(work, 0.12, tax=code) for _ in range(3)))
    world.sync()
    return world, made


def test_difference_is_shown_with_both_figures_and_not_sent_again(new_world) -> None:
    """F14: given totals a cent apart, when the invoice is written, then it is a variance with both figures, and all is quiet."""
    world, made = invoice_with_a_cent_between(new_world)
    thing = object_of(world, "quickbooks", "Invoice", made["Id"])
    figures = variance_of(thing, {Replica(name): row for name, row in world.bindings(thing.id).items()})

    assert in_concord.standing(world, "quickbooks", "Invoice", made["Id"]) == "variance: totals_differ"
    assert figures == ("0.42", "0.43"), figures
    assert in_concord.is_quiet(world)


def test_accepted_difference_is_in_step(new_world) -> None:
    """F14: given a variance, when a person accepts it, then the invoice is in step and stays so."""
    world, made = invoice_with_a_cent_between(new_world)
    objects.accept_variance(world.deps, in_concord.object_id(world, "quickbooks", "Invoice", made["Id"]), PERSON)
    world.sync()

    assert in_concord.standing(world, "quickbooks", "Invoice", made["Id"]) == "in_step: agreed"
