"""The working pages in a real browser: the conflict walk by keyboard alone, sending in place, progress that ends by itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select
from werkzeug.serving import make_server

from engine.services import sync
from engine.store.tables import Run
from tests.web.conftest import PASSWORD
from tests.web.office import HOSTILE, Office

pytestmark = pytest.mark.browser


@pytest.fixture
def address(own_office: Office) -> Iterator[str]:
    """The address of the office's application, served on a port of its own."""
    server = make_server("127.0.0.1", 0, own_office.web.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(page: Page, address: str) -> Page:
    """A browser in which a reviewer has signed in."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=email]", "reviewer@example.com")
    page.fill("[name=password]", PASSWORD)
    page.click("form button")
    return page


def picked_total(page: Page) -> Locator:
    return page.locator(".totals .grand td").last


def arrive(page: Page, title: str) -> None:
    """Wait until the page of that title listens to keys: its script comes after its heading."""
    expect(page.locator("h1")).to_contain_text(title)
    page.wait_for_load_state()


def test_page_that_fits_does_not_scroll_by_the_height_of_the_banner(desk: Page, address: str, own_office: Office):
    """The banner of a sandbox connection stands above the frame; both together fill the window, no more."""
    desk.set_viewport_size({"width": 1280, "height": 2400})
    desk.goto(address + own_office.at("/problems"))
    expect(desk.locator(".sandbox-banner")).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollHeight") == 2400


def test_conflict_is_settled_by_keyboard_alone_with_totals_that_follow(desk: Page, address: str, own_office: Office):
    """j and Enter open it, 1 and 2 pick, a typed value counts, s saves, n leads on."""
    desk.goto(address + own_office.at("/conflicts"))
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    arrive(desk, "Acme Ltd")
    desk.keyboard.press("1")
    expect(picked_total(desk)).to_have_text("640.00 USD")
    desk.keyboard.press("2")
    expect(picked_total(desk)).to_have_text("1,000.00 USD")
    desk.keyboard.press("j")
    desk.keyboard.press("1")
    expect(picked_total(desk)).to_have_text("640.00 USD")
    field = desk.get_by_label("Quantity: a value of your own")
    field.fill("4")
    field.press("Tab")
    expect(picked_total(desk)).to_have_text("820.00 USD")
    desk.keyboard.press("s")
    expect(desk.locator(".note-title")).to_have_text("Settled by reviewer@example.com")
    desk.keyboard.press("n")
    expect(desk.locator("h1")).not_to_contain_text("Acme Ltd")


def test_similar_conflict_is_settled_along_when_ticked(desk: Page, address: str, own_office: Office):
    """The tick survives further picks, and the same choice is kept for both."""
    desk.goto(address + own_office.at(f"/conflicts/{own_office.oid('Borealis OÜ')}"))
    desk.keyboard.press("1")
    desk.locator("input[name=also]").check()
    expect(desk.locator("input[name=also]")).to_be_checked()
    desk.keyboard.press("s")
    expect(desk.locator("#messages")).to_contain_text("1 similar one with the same choice")
    assert own_office.world.objects(id=own_office.oid(HOSTILE))[0].disposition == "pending"


def test_record_is_pulled_without_leaving_its_page(desk: Page, address: str, own_office: Office):
    """Preview, confirm and result in one place."""
    (held,) = own_office.world.objects(disposition="held")
    desk.goto(address + own_office.at(f"/records/{held.id}"))
    desk.get_by_text("Pull into Scoro…").click()
    expect(desk.locator(".confirm")).to_contain_text("+49 30 1234567")
    desk.get_by_text("Pull it now").click()
    expect(desk.locator("#messages")).to_contain_text("Written, read back and equal.")
    expect(desk).to_have_url(re.compile(f"/records/{held.id}$"))


def test_progress_of_a_run_ends_by_itself(desk: Page, address: str, own_office: Office):
    """The bar goes when the run is over; nobody has to reload."""
    desk.goto(address + own_office.at("/overview"))
    desk.get_by_role("button", name="Synchronize now").click()
    expect(desk.locator("progress")).to_be_visible()
    with own_office.web.session() as session:
        run = session.exec(select(Run).where(Run.state == "queued")).one()
    sync.run_to_end(own_office.world.deps, run.id)
    expect(desk.locator("progress")).to_have_count(0, timeout=15_000)
    expect(desk.get_by_role("button", name="Synchronize now")).to_be_visible()
