"""R13 · A new contact goes out with its client profile's currency, else the site's default currency; once set in
QuickBooks it never changes.
"""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import scoro_create
from tests.support.world import World


def test_currency_of_the_client_profile(world: World) -> None:
    """Given a client with a profile in euros, when it goes to QuickBooks, then its customer is in euros."""
    in_scoro.client(world, "Acme GmbH", client_profile_id=euros(world))
    world.sync()

    (acme,) = in_quickbooks.named(world, "Customer", "Acme GmbH")
    assert acme["CurrencyRef"]["value"] == "EUR"


def test_default_currency_without_a_profile(world: World) -> None:
    """Given a client without a profile, when it goes to QuickBooks, then its customer is in the site's default
    currency."""
    in_scoro.client(world, "Acme Ltd")
    world.sync()

    (acme,) = in_quickbooks.named(world, "Customer", "Acme Ltd")
    assert acme["CurrencyRef"]["value"] == "USD"


def test_later_change_is_shown_and_never_sent(world: World) -> None:
    """Given a customer in dollars, when the client gets a profile in euros, then it is blocked, and nothing is ever
    tried (F16)."""
    acme = in_scoro.client(world, "Acme Ltd")["contact_id"]
    world.sync()
    before = in_concord.written(world, "quickbooks")

    in_scoro.edit(world, "contacts", acme, client_profile_id=euros(world))
    world.sync()
    world.sync()

    assert in_concord.standing(world, "scoro", "contacts", acme) == "blocked: currency_fixed"
    assert in_concord.written(world, "quickbooks") == before
    assert world.outbox(state="rejected") == []


def test_changing_it_back_unblocks(world: World) -> None:
    """Given a contact blocked for its currency, when the profile is taken off again, then it is in step."""
    acme = in_scoro.client(world, "Acme Ltd")["contact_id"]
    world.sync()
    in_scoro.edit(world, "contacts", acme, client_profile_id=euros(world))
    world.sync()

    in_scoro.edit(world, "contacts", acme, client_profile_id=0)
    world.sync()

    assert in_concord.standing(world, "scoro", "contacts", acme) == "in_step: agreed"


def euros(world: World) -> int:
    """The id of a client profile in euros."""
    made = scoro_create(
        world, "clientProfiles", name="Euro clients", currency="EUR", vat_code_id=in_scoro.rate(world, 0)
    )
    return int(made["id"])
