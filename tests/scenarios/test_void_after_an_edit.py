"""A document that was edited and then voided before a run could send either: both arrive, the void last."""

from __future__ import annotations

from engine.services import sync
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_edit_that_waits_is_sent_before_the_void(mirrored: World) -> None:
    """Given an edit in QuickBooks that was seen and not yet sent, when the invoice is voided there, then Scoro gets both."""
    in_concord.choose(mirrored, "invoices", deletions="follow")
    customer, item = in_quickbooks.customer(mirrored, "Acme Ltd"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, customer, in_quickbooks.sold(item), DueDate="2026-11-20")
    mirrored.sync()
    in_quickbooks.edit(mirrored, "Invoice", made["Id"], DueDate="2026-12-24")
    sync.run_to_end(mirrored.deps, sync.request_run(mirrored.deps, mirrored.connection_id, trigger="person", dry=True))

    mirrored.quickbooks.person(action="void", entity="Invoice", id=made["Id"], realmId=mirrored.realm)
    mirrored.sync()

    here = in_scoro.see(mirrored, "invoices", in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"]))
    assert (here["deadline"], float(here["sum"])) == ("2026-12-24", 0)
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(mirrored)
