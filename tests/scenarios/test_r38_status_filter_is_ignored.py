"""R38 · An invoice bookmark's Status filter is ignored: all receipt statuses."""

from __future__ import annotations

from pathlib import Path

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_invoices_of_every_receipt_status_go(new_world) -> None:
    """Given a bookmark of unpaid sent invoices, when one was paid and one was not, then both go."""
    world: World = new_world(categories=in_concord.FROM_SCORO, as_user=True)
    bookmark = in_scoro.save_view(world, "Open", "invoices", is_sent=1, status="unpaid")
    in_concord.choose(world, "invoices", scope={"bookmark": bookmark})

    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.pay(world, "invoices", in_scoro.invoice(world, acme, is_sent=1))
    in_scoro.invoice(world, acme, is_sent=1)
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == 2


def test_the_wizard_says_so_beside_the_bookmark(tmp_path: Path) -> None:
    """Given the set-up, when the settings of invoices are opened, then it is said beside the choice of a bookmark."""
    from tests.web.setup_world import make_wizard

    wizard = make_wizard(tmp_path)
    wizard.connect()

    page = wizard.browser.get(wizard.path("categories/invoices")).text
    assert "Status filter is ignored" in page
