"""The sandbox's own site in a real Chromium: accessible as far as axe can tell, and never wider than the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.transport import on_the_wire
from app.sandbox.quickbooks import create_quickbooks_sandbox
from app.sandbox.quickbooks.site.catalogue import PAGES

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
ASK = "client_id=sandbox-client&response_type=code&scope=openid&redirect_uri=http://localhost:1/cb&state=s"
DOORS = ("/", f"/connect/oauth2?{ASK}", "/connect/oauth2?client_id=nobody")
INSIDE = ("/", "/settings", "/calls", "/dials", "/books/Invoice?q=no-such-thing")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The seeded company on a free port."""
    server = make_server(
        "127.0.0.1", 0, on_the_wire(create_quickbooks_sandbox(clock=SandboxClock.manual())), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def by_axe(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then(result => result.violations.map(one => [one.id, one.nodes[0].html]))")
    return [f"{page.url} {name}: {where}" for name, where in found]


def by_width(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [f"{page.url} scrolls sideways"] if wide else []


@pytest.mark.parametrize(("width", "flaws"), [(1280, by_axe), (390, by_width)])
def test_every_page_is_accessible_and_fits_a_narrow_window(
    browser: Browser, site: str, width: int, flaws: Callable[[Page], list[str]]
) -> None:
    """The door, the lists, the empty and the filled forms, settings, calls and dials."""
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=site)
    page = context.new_page()
    found = [flaw for path in DOORS if page.goto(path) for flaw in flaws(page)]
    page.goto("/")
    page.get_by_role("button", name="Open the books").click()
    for path in (*INSIDE, *(f"/books/{each.entity}{end}" for each in PAGES for end in ("", "/new"))):
        page.goto(path)
        found += flaws(page)
    for entity in ("Invoice", "Bill", "Payment", "Customer"):
        page.goto(f"/books/{entity}")
        page.locator("tbody a").first.click()
        found += flaws(page)
    context.close()
    assert not found, "\n".join(found)
