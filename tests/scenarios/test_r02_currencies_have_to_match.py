"""R2 · The connection cannot be activated while the currencies of the two systems do not match."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from engine.services import setup
from tests.support import in_concord, in_quickbooks
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """Everything is set up but for the last step."""
    made: World = new_world(activate=False)
    return made


def test_matching_currencies_can_be_activated(world: World) -> None:
    """Given Scoro's currencies are all in QuickBooks, when Save is pressed, then the first run starts."""
    assert in_concord.activate(world)


def test_missing_currency_refuses_activation_and_names_the_remedies(world: World) -> None:
    """Given a currency that only Scoro has, when Save is pressed, then it is refused, with the code and both remedies."""
    in_quickbooks.drop_currency(world, "EUR")

    check = setup.check_currencies(world.deps, world.connection_id)
    assert (check.ok, check.unmatched, len(check.remedies)) == (False, ("EUR",), 2)
    with pytest.raises(Refused) as refusal:
        in_concord.activate(world)
    assert "EUR" in refusal.value.message
    assert all(system in refusal.value.hint for system in ("Scoro", "QuickBooks"))
    assert world.writes() == []


def test_after_the_remedy_it_passes(world: World) -> None:
    """Given a refusal, when QuickBooks gets the currency, then the same press of Save passes."""
    in_quickbooks.drop_currency(world, "EUR")
    with pytest.raises(Refused):
        in_concord.activate(world)

    in_quickbooks.take_up_currency(world, "EUR")

    assert in_concord.activate(world)
