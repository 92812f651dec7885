"""F15 · Two documents of one number collided and one was lost; here the newcomer waits and both stay what they are."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_taken_number_is_named_and_a_free_one_goes_through(world: World) -> None:
    """F15: given a number QuickBooks uses already, when Scoro's invoice comes with it, then it waits for another."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    birch = in_quickbooks.customer(world, "Birch Inc")
    theirs = in_quickbooks.invoice(
        world, birch, in_quickbooks.sold(in_quickbooks.item(world, "Advice")), DocNumber=str(made["no"])
    )
    world.sync()

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "awaiting_match: match_suggested"
    assert [row["Id"] for row in in_quickbooks.rows(world, "Invoice")] == [theirs["Id"]]
    assert in_quickbooks.see(world, "Invoice", theirs["Id"])["CustomerRef"]["value"] == birch["Id"]
    assert in_concord.is_quiet(world)

    in_scoro.edit(world, "invoices", made["id"], no=4711)
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"


def test_number_of_another_kind_of_document_is_refused_and_said(world: World) -> None:
    """F15: given a credit memo of the same number, when QuickBooks refuses the invoice, then that is said; a free one goes."""
    in_quickbooks.prefer(world, "SalesFormsPrefs", CustomTxnNumbers=True)
    birch, advice = in_quickbooks.customer(world, "Birch Inc"), in_quickbooks.item(world, "Advice")
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    in_quickbooks.credit_memo(world, birch, in_quickbooks.sold(advice), DocNumber=str(made["no"]))
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "blocked: duplicate_there"
    assert in_quickbooks.rows(world, "Invoice") == []

    in_scoro.edit(world, "invoices", made["id"], no=4711)
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
    assert [row["DocNumber"] for row in in_quickbooks.rows(world, "Invoice")] == ["4711"]
