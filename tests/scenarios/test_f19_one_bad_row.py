"""F19 · One bad row blocked the whole batch, or filled the log with itself; here the others go through, and it is said once."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import footprint
from tests.support.world import World


def test_bad_row_waits_alone_and_is_not_repeated(world: World) -> None:
    """F19: given five invoices of which QuickBooks refuses one, when three more runs go by, then four are there."""
    in_quickbooks.prefer(world, "SalesFormsPrefs", CustomTxnNumbers=True)
    birch, advice = in_quickbooks.customer(world, "Birch Inc"), in_quickbooks.item(world, "Advice")
    acme = in_scoro.client(world, "Acme Ltd")
    made = [in_scoro.invoice(world, acme) for _ in range(5)]
    in_quickbooks.credit_memo(world, birch, in_quickbooks.sold(advice), DocNumber=str(made[2]["no"]))
    world.sync()

    standings = [in_concord.standing(world, "scoro", "invoices", row["id"]) for row in made]
    assert standings == ["in_step: agreed"] * 2 + ["blocked: duplicate_there"] + ["in_step: agreed"] * 2
    (refused,) = world.outbox(state="rejected")
    assert refused.hint
    before = footprint(world), len(world.outbox())
    for _ in range(3):
        world.sync()
    assert (footprint(world), len(world.outbox())) == before
