"""R4 · Taxes and finance accounts cannot be modified in Scoro while the integration is active."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from engine.store.database import reading
from engine.store.tables import Change
from tests.support import in_concord, in_scoro
from tests.support.scenes import object_of
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """A company in a VAT country, in step."""
    world: World = new_world(profile="uk")
    world.sync()
    world.sync()
    return world


def test_edited_tax_rate_is_put_back(world: World) -> None:
    """Given a synced tax rate, when its percentage is changed in Scoro, then Synchronize now puts it back, and tells."""
    rate = standard(world)

    in_scoro.edit(world, "vatCodes", rate["vat_code_id"], percent=25)
    world.sync()

    assert float(in_scoro.see(world, "vatCodes", rate["vat_code_id"])["percent"]) == 20
    assert told_about(world, "vatCodes", rate["vat_code_id"]) == ["R4"]
    assert in_concord.written(world, "quickbooks") == []


def test_edited_account_is_put_back(world: World) -> None:
    """Given a synced account, when it is renamed in Scoro, then it has its old name again, and QuickBooks saw nothing."""
    account = in_scoro.rows(world, "financeAccounts")[0]

    in_scoro.edit(world, "financeAccounts", account["id"], name="Something else")
    world.sync()

    assert in_scoro.see(world, "financeAccounts", account["id"])["name"] == account["name"]
    assert in_concord.written(world, "quickbooks") == []


def test_scheduled_runs_notice_within_hours(world: World) -> None:
    """Given an edited tax rate, when nobody presses anything, then the sweep of the automatic runs puts it back."""
    rate = standard(world)
    in_scoro.edit(world, "vatCodes", rate["vat_code_id"], percent=25)

    world.tick(timedelta(hours=7).total_seconds())
    in_concord.work(world)

    assert float(in_scoro.see(world, "vatCodes", rate["vat_code_id"])["percent"]) == 20


def standard(world: World):
    """Scoro's rate of 20 percent that is bound to one of QuickBooks'."""
    rows = [row for row in in_scoro.rows(world, "vatCodes") if float(row["percent"]) == 20]
    return next(row for row in rows if in_concord.partner(world, "scoro", "vatCodes", row["vat_code_id"]))


def told_about(world: World, type: str, id: int) -> list[str]:
    """The rules that the log names for an object."""
    thing = object_of(world, "scoro", type, id)
    with reading(world.deps.database) as session:
        rows = session.exec(select(Change).where(Change.object_id == thing.id, Change.action == "resolved"))
        return [str(row.details.get("rule")) for row in rows]
