"""F6 · Equal or merely re-formatted values were called a conflict; here a difference of form is no difference."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_other_spelling_of_the_same_values_changes_nothing(world: World) -> None:
    """F6: given a client in step, when both sides write its e-mail, street and name in another form, then nothing happens."""
    acme = in_scoro.client(world, "Acme & Sons", means_of_contact={"email": ["Office@Acme.example"]})["contact_id"]
    world.sync()
    customer = in_concord.partner(world, "scoro", "contacts", acme, "quickbooks.customer")
    before = len(world.writes())

    in_quickbooks.edit(world, "Customer", customer, PrimaryEmailAddr={"Address": "office@ACME.example"})
    in_scoro.edit(world, "contacts", acme, name="Acme &amp; Sons ", means_of_contact={"email": ["office@acme.example"]})
    world.sync()
    assert in_concord.standing(world, "scoro", "contacts", acme) == "in_step: agreed"
    assert len(world.writes()) == before


def test_equal_edits_of_both_sides_agree(world: World) -> None:
    """F6: given a client in step, when both sides get the same e-mail in two spellings, then it is no conflict and no write."""
    acme = in_scoro.client(world, "Acme Ltd")["contact_id"]
    world.sync()
    customer = in_concord.partner(world, "scoro", "contacts", acme, "quickbooks.customer")
    before = len(world.writes())

    in_quickbooks.edit(world, "Customer", customer, PrimaryEmailAddr={"Address": "Office@Acme.example"})
    in_scoro.edit(world, "contacts", acme, means_of_contact={"email": ["office@acme.example"]})
    world.sync()
    assert in_concord.standing(world, "scoro", "contacts", acme) == "in_step: agreed"
    assert len(world.writes()) == before
