"""The preview that completes the setup: Save writes exactly what it shows, and only while it still holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlmodel import col, select

from engine.services import matching
from engine.store.tables import Outbox, PlanRow, Run
from tests.support import in_quickbooks, in_scoro
from tests.web.setup_world import Wizard, make_wizard

SAVE = "Save and write exactly this"
STALE = "This preview no longer holds"


@pytest.fixture
def previewed(tmp_path: Path) -> Wizard:
    """Two clients in Scoro, everything set up, and a preview of their creation in QuickBooks."""
    wizard = make_wizard(tmp_path)
    in_scoro.client(wizard.world, "Ada Ltd")
    in_scoro.client(wizard.world, "Byron Ltd")
    in_quickbooks.customer(wizard.world, "Lovelace and partners")
    wizard.connect()
    wizard.categories(("products", "contacts"))
    wizard.accounts()
    wizard.browser.submit(wizard.path("match/start"))
    wizard.work()
    wizard.browser.submit(wizard.path("match/save"))
    preview(wizard)
    return wizard


def preview(wizard: Wizard) -> None:
    wizard.browser.submit(wizard.path("preview"))
    wizard.work()


def pair(wizard: Wizard) -> dict[str, str]:
    """A contact of each side that nothing but a person would link."""
    deps = wizard.web.deps
    found = {side: matching.unmatched(deps, wizard.cid, "contact", side)[0].id for side in ("scoro", "quickbooks")}
    return {"kind": "contact", **found}


def page(wizard: Wizard) -> str:
    return wizard.browser.get(wizard.path("preview")).text


def test_save_writes_exactly_what_the_preview_shows(previewed: Wizard):
    """R43: the rows of the plan are the writes of the first run, no more and no fewer, with the values that were shown."""
    in_scoro.client(previewed.world, "Came later Ltd")
    assert SAVE in page(previewed)
    previewed.browser.submit(previewed.path("save"))
    previewed.work()
    with previewed.web.session() as session:
        run = session.exec(select(Run).where(Run.trigger == "plan")).one()
        shown = session.exec(select(PlanRow).where(PlanRow.plan_id == run.plan_id)).all()
        written = session.exec(select(Outbox).where(Outbox.state == "confirmed")).all()
    assert run.state == "done"
    assert {row.title for row in shown if row.kind == "contact"} == {"Ada Ltd", "Byron Ltd"}
    assert {(row.object_id, row.replica, str(row.values)) for row in shown} == {
        (row.object_id, row.replica, str(row.values)) for row in written
    }


def test_what_was_edited_after_the_preview_is_not_written_by_it(previewed: Wizard):
    """The object has moved since a person looked at it, so its row is passed over and says so."""
    [ada] = in_scoro.named(previewed.world, "contacts", "Ada Ltd")
    in_scoro.edit(previewed.world, "contacts", ada["contact_id"], name="Ada and Sons Ltd")
    previewed.browser.submit(f"/c/{previewed.cid}/runs/dry")
    previewed.work()
    previewed.browser.submit(previewed.path("save"))
    previewed.work()
    with previewed.web.session() as session:
        run = session.exec(select(Run).where(Run.trigger == "plan")).one()
        mine = select(PlanRow).where(PlanRow.plan_id == run.plan_id, PlanRow.kind == "contact")
        rows = session.exec(mine.order_by(col(PlanRow.title))).all()
    assert [(row.title, row.outcome) for row in rows] == [("Ada Ltd", "moved"), ("Byron Ltd", "queued")]
    assert run.counts["moved"] == 1


@pytest.mark.parametrize("change", ["categories", "accounts", "rules", "matches", "brakes"])
def test_a_change_after_the_preview_makes_it_stale(previewed: Wizard, change: str):
    """What was foretold for other settings or other links is no preview: Save is not offered, and refused when pressed."""
    match change:
        case "categories":
            previewed.categories(("contacts", "products", "projects"))
        case "accounts":
            text = previewed.browser.get(previewed.path("accounts")).text
            deposit = re.findall(
                r'value="(\w+)"', text.partition('<select id="field-deposit"')[2].partition("</select>")[0]
            )
            values = previewed.form_values(previewed.path("accounts"))
            previewed.browser.submit(previewed.path("accounts"), values | {"deposit": deposit[0]})
        case "rules":
            values = {"limit": "all", "conflicts": "source", "deletions": "ask"}
            previewed.browser.submit(previewed.path("categories/contacts"), values)
        case "matches":
            previewed.browser.submit(previewed.path("match/by-hand"), pair(previewed))
        case "brakes":
            path = f"/c/{previewed.cid}/settings/brakes"
            previewed.browser.submit(path, previewed.form_values(path) | {"deleted_share": "7"})
    assert STALE in page(previewed)
    assert SAVE not in page(previewed)
    assert previewed.browser.submit(previewed.path("save")).status_code == 409
    assert previewed.stored().state == "setup"
    preview(previewed)
    assert STALE not in page(previewed)
    assert SAVE in page(previewed)
