"""F14 · Totals off by a cent were a failure, or nobody was told; here it is written and shown with both figures."""

from __future__ import annotations

from engine.core.records import Replica
from engine.services import objects
from engine.services.locks import variance_of
from tests.support import in_concord, in_scoro
from tests.support.scenes import object_of
from tests.support.world import PERSON, World


def invoice_with_a_cent_between(new_world) -> tuple[World, dict]:  # type: ignore[type-arg]  # a fixture
    """Scoro rounds the tax of each line, QuickBooks that of the whole."""
    world = new_world(profile="uk", categories=dict.fromkeys(("products", "contacts", "invoices"), "scoro"))
    acme, work = in_scoro.client(world, "Acme Ltd"), in_scoro.product(world, "Work")
    lines = [in_scoro.line(world, 0.12, of=work, vat_code_id=in_scoro.rate(world, 20)) for _ in range(3)]
    made = in_scoro.invoice(world, acme, *lines)
    world.sync()
    return world, made


def test_difference_is_shown_with_both_figures_and_not_sent_again(new_world) -> None:
    """F14: given totals a cent apart, when the invoice is written, then it is a variance with both figures, and all is quiet."""
    world, made = invoice_with_a_cent_between(new_world)
    thing = object_of(world, "scoro", "invoices", made["id"])
    figures = variance_of(thing, {Replica(name): row for name, row in world.bindings(thing.id).items()})

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "variance: totals_differ"
    assert figures == ("0.42", "0.43"), figures
    assert in_concord.is_quiet(world)


def test_accepted_difference_is_in_step(new_world) -> None:
    """F14: given a variance, when a person accepts it, then the invoice is in step and stays so."""
    world, made = invoice_with_a_cent_between(new_world)
    objects.accept_variance(world.deps, in_concord.object_id(world, "scoro", "invoices", made["id"]), PERSON)
    world.sync()

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
