"""R27 · A single object can be sent or pulled by hand from its own page."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_sent_in_manual_mode(world: World) -> None:
    """Given invoices set to manual, when one is sent from its page, then it is in QuickBooks, and the other is not."""
    in_concord.choose(world, "invoices", automatic=False)
    acme = in_scoro.client(world, "Acme Ltd")
    one, _ = in_scoro.invoice(world, acme), in_scoro.invoice(world, acme)
    observe(world)

    outcome = in_concord.send(world, in_concord.object_id(world, "scoro", "invoices", one["id"]))

    assert outcome.state == "written"
    assert len(in_quickbooks.rows(world, "Invoice")) == 1


def test_sent_while_the_category_is_off(world: World) -> None:
    """Given a known contact and contacts switched off, when it is sent from its page, then it is in QuickBooks."""
    acme = in_scoro.client(world, "Acme Ltd")["contact_id"]
    observe(world)
    in_concord.switch_off(world, "contacts")

    outcome = in_concord.send(world, in_concord.object_id(world, "scoro", "contacts", acme))

    assert outcome.state == "written"
    assert in_quickbooks.named(world, "Customer", "Acme Ltd")


def test_pulled_against_the_direction(world: World) -> None:
    """Given Scoro as the source, when an edit made in QuickBooks is pulled from the page, then Scoro has it."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    in_quickbooks.edit(world, "Invoice", remote, CustomerMemo={"value": "Thank you"})
    world.sync()

    outcome = in_concord.pull(world, in_concord.object_id(world, "scoro", "invoices", made["id"]))

    assert outcome.state == "written"
    assert in_scoro.see(world, "invoices", made["id"])["description"] == "Thank you"


def test_not_sent_while_the_other_side_may_have_it(mirrored: World) -> None:
    """Given a contact on both sides that nobody has matched, when it is pulled, then nothing is made twice, and the refusal
    says what to decide first; once somebody says that they are two, it goes."""
    in_scoro.client(mirrored, "Acme Ltd")
    acme = in_quickbooks.customer(mirrored, "Acme Ltd")["Id"]
    observe(mirrored)
    it = in_concord.object_id(mirrored, "quickbooks", "Customer", acme)

    with pytest.raises(Refused, match="may be the same") as refusal:
        in_concord.pull(mirrored, it)

    assert refusal.value.hint == "Accept or ignore the suggestion."
    assert len(in_scoro.named(mirrored, "contacts", "Acme Ltd")) == 1
    in_concord.ignore_suggestions(mirrored)
    assert in_concord.pull(mirrored, it).state == "written"


def test_not_sent_under_a_name_that_the_other_side_has_since_it_was_renamed(mirrored: World) -> None:
    """Given a contact of its own on each side, when one takes the other's name and is pulled before any run, then it waits
    for a person like any other match."""
    in_scoro.client(mirrored, "Acme Ltd")
    other = in_quickbooks.customer(mirrored, "Acme Trading")["Id"]
    observe(mirrored)
    in_quickbooks.edit(mirrored, "Customer", other, DisplayName="Acme Ltd", CompanyName="Acme Ltd")

    with pytest.raises(Refused, match="may be the same"):
        in_concord.pull(mirrored, in_concord.object_id(mirrored, "quickbooks", "Customer", other))

    assert in_concord.standing(mirrored, "quickbooks", "Customer", other) == "awaiting_match: match_suggested"


def observe(world: World) -> None:
    """A dry run: everything is looked at and nothing is written."""
    world.sync(dry=True)
