"""F21 · Connecting a second company disconnected the first; here connections live side by side."""

from __future__ import annotations

from dataclasses import replace

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World, connect_world

SECOND_REALM, SECOND_ACCOUNT = "4620816365009876540", "northlight-events"


def test_each_connection_keeps_to_its_own_company(world: World) -> None:
    """F21: given a connected company, when a second one is connected, then both work, and neither sees the other's records."""
    second = connect_world(replace(world, realm=SECOND_REALM, account=SECOND_ACCOUNT, connection_id=""))
    in_quickbooks.item(second, "Pottery")
    in_scoro.invoice(second, in_scoro.client(second, "Harbour Guest"))
    in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    second.sync()
    world.sync()

    assert [row["CustomerRef"]["name"] for row in in_quickbooks.rows(world, "Invoice")] == ["Acme Ltd"]
    assert [row["CustomerRef"]["name"] for row in in_quickbooks.rows(second, "Invoice")] == ["Harbour Guest"]
    assert len(world.objects(kind="invoice")) == len(second.objects(kind="invoice")) == 1
    assert in_concord.is_quiet(world)
    assert in_concord.is_quiet(second)
