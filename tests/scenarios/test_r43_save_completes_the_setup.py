"""R43 · Save completes the setup."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from engine.services import setup
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, SCORO, World, choose_accounts


@pytest.mark.both_databases
def test_nothing_is_synced_before_save(new_world) -> None:
    """Given a set-up complete but for Save, when days pass, then nothing was written; after Save the first run carries
    over."""
    world: World = new_world(categories=in_concord.FROM_SCORO, activate=False)
    in_scoro.client(world, "Acme Ltd")

    world.tick(3 * 24 * 3600)
    assert in_concord.work(world) == []
    assert world.writes() == []

    in_concord.activate(world)
    in_concord.work(world)
    assert in_quickbooks.named(world, "Customer", "Acme Ltd")


def test_nothing_is_synced_before_save_even_when_somebody_asks(new_world) -> None:
    """Given a set-up complete but for Save, when somebody asks for a run, then it is refused, and a preview writes nothing."""
    world: World = new_world(categories=in_concord.FROM_SCORO, activate=False)
    in_scoro.client(world, "Acme Ltd")

    with pytest.raises(Refused) as refusal:
        world.sync()
    assert "Save" in refusal.value.hint
    world.sync(dry=True)
    assert world.writes() == []


def test_can_be_left_and_resumed_at_any_step(bare_world: World) -> None:
    """Given a set-up in the making, when it is opened anew after each step, then it goes on where it was left."""
    world = bare_world
    world.connection_id = setup.create_connection(world.deps, "Test", PERSON)
    assert next_step(world) == "scoro"

    key = world.scoro.control("key")
    setup.save_scoro(
        world.deps, world.connection_id, url=SCORO, account=key["company_account_id"], key=key["apiKey"], person=PERSON
    )
    assert next_step(world) == "quickbooks"

    world.adopt(world.quickbooks.control("token"))
    assert next_step(world) == "categories"

    setup.save_categories(world.deps, world.connection_id, [setup.CategoryForm("contacts", True, "scoro")], PERSON)
    assert next_step(world) == "accounts"

    in_concord.match(world)
    choose_accounts(world)
    assert next_step(world) == "preview"

    in_concord.activate(world)
    assert setup.wizard_state(world.deps, world.connection_id).done["preview"]


def next_step(world: World) -> str:
    """The step that the set-up opens with."""
    return setup.wizard_state(world.deps, world.connection_id).next_step
