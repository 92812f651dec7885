"""R37 · A bookmark's Users filter is ignored: all users."""

from __future__ import annotations

from pathlib import Path

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_invoices_of_every_user_go(new_world) -> None:
    """Given a bookmark of one user's sent invoices, when invoices of two users were sent, then both go."""
    world: World = new_world(categories=in_concord.FROM_SCORO, as_user=True)
    bookmark = in_scoro.save_view(world, "Mine", "invoices", is_sent=1, owner_id=1)
    in_concord.choose(world, "invoices", scope={"bookmark": bookmark})

    acme = in_scoro.client(world, "Acme Ltd")
    for owner in (1, 2):
        in_scoro.invoice(world, acme, is_sent=1, owner_id=owner)
    in_scoro.invoice(world, acme, owner_id=1)
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == 2


def test_the_wizard_says_so_beside_the_bookmark(tmp_path: Path) -> None:
    """Given the set-up, when the settings of a category are opened, then it is said beside the choice of a bookmark."""
    from tests.web.setup_world import make_wizard

    wizard = make_wizard(tmp_path)
    wizard.connect()

    page = wizard.browser.get(wizard.path("categories/invoices")).text
    assert "Users filter is ignored" in page
