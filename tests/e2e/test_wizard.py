"""The whole wizard in a real Chromium, from an empty database to Save and the first run, with JavaScript and without it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route
from werkzeug.exceptions import NotFound
from werkzeug.serving import make_server

from app import ROOT
from tests.support.world import QUICKBOOKS, SCORO
from tests.web.conftest import PASSWORD
from tests.web.setup_world import ADMIN, Wizard, make_wizard

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GENERAL = ("/connections", "/people", "/people/ann-example.com", "/profile", "/tokens", "/activity", "/nothing-here")
SETTINGS = ("", "/alerts", "/brakes", "/import", "/disconnect", "/flip/contacts")
STEPS = ("scoro", "quickbooks", "currencies", "categories", "accounts", "match", "preview", "discard")


@dataclass
class Walk:
    """A person with a browser in front of the wizard."""

    wizard: Wizard
    page: Page
    base: str

    def press(self, label: str) -> None:
        """Press a button or link of the page's content."""
        self.page.locator("main").get_by_role("button", name=label).or_(
            self.page.locator("main").get_by_role("link", name=label)
        ).first.click()
        self.page.wait_for_load_state()

    def work(self) -> None:
        """The worker does what waits, and the person looks again."""
        self.wizard.work()
        self.page.goto(self.page.url)

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()


@pytest.fixture(scope="module")
def chromium(browser: Browser) -> Browser:
    """The one Chromium of this test process: Playwright allows no second one beside it."""
    return browser


def serve(folder: Path) -> Iterator[tuple[Wizard, str]]:
    """The application on a free port, over both sandboxes in this process."""
    server = make_server("127.0.0.1", 0, NotFound(), threaded=True)
    base = f"http://127.0.0.1:{server.server_port}"
    wizard = make_wizard(folder, seed="agency", public_url=base)
    server.app = wizard.web.app
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield wizard, base
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[True, False], ids=["javascript", "no javascript"])
def walk(request: pytest.FixtureRequest, chromium: Browser, tmp_path: Path) -> Iterator[Walk]:
    """Signed in, with nothing connected."""
    for wizard, base in serve(tmp_path):
        context = chromium.new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.route(f"{QUICKBOOKS}/**", partial(consent_page, wizard))
        page.goto(f"{base}/sign-in")
        page.fill("[name=email]", ADMIN)
        page.fill("[name=password]", PASSWORD)
        walking = Walk(wizard, page, base)
        walking.press("Sign in")
        yield walking
        context.close()


def consent_page(wizard: Wizard, route: Route) -> None:
    """QuickBooks' own pages come from the sandbox."""
    asked = route.request
    headers = {"content-type": asked.headers.get("content-type", "")}
    answer = wizard.world.quickbooks.http.request(
        asked.method, asked.url, content=asked.post_data_buffer, headers=headers, follow_redirects=False
    )
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)


def test_wizard_from_an_empty_database_to_the_first_run(walk: Walk):
    """R43: every step by hand, a refusal on the way, Save at the end, and the first run goes through."""
    page, key = walk.page, walk.wizard.world.scoro.control("key")
    walk.press("Connect Scoro and QuickBooks")
    walk.wizard.cid = page.url.split("/")[4]
    page.fill("[name=url]", SCORO)
    page.fill("[name=account]", key["company_account_id"])
    page.fill("[name=key]", "a wrong key")
    walk.press("Test and continue")
    assert "This has to be put right first" in page.content()
    page.fill("[name=key]", key["apiKey"])
    walk.press("Test and continue")
    walk.press("Connect to QuickBooks")
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url(f"{walk.base}/**")
    assert "QuickBooks answers:" in page.content()
    walk.press("Continue")
    assert "All currencies fit" in page.content()
    walk.press("Continue")
    for category in ("products", "contacts", "invoices"):
        page.check(f"[name={category}-enabled]")
    walk.press("Save and continue")
    walk.work()
    page.select_option("[name=income]", index=1)
    page.select_option("[name=expense]", index=1)
    walk.press("Save and continue")
    walk.press("Compare the two systems")
    assert "Reading both systems" in page.content()
    walk.work()
    walk.press("Accept all")
    page.get_by_text("exact matches accepted").wait_for()
    walk.press("Save the matches and continue")
    walk.press("Make the preview")
    walk.work()
    assert walk.wizard.stored().state == "setup"
    walk.press("Save and write exactly this")
    assert walk.wizard.stored().state == "active"
    walk.wizard.work()
    assert walk.wizard.runs[-1].state == "done", walk.wizard.runs[-1].error


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_pages_are_accessible_and_never_scroll_sideways(
    chromium: Browser, tmp_path: Path, width: int, scheme: Literal["light", "dark"]
):
    """WCAG 2.2 AA as far as axe can tell: sign-in, every step, accounts and settings, narrow and wide, light and dark."""
    for wizard, base in serve(tmp_path):
        wizard.connect()
        wizard.categories(("contacts",))
        wizard.accounts()
        wizard.browser.submit(wizard.path("match/start"))
        wizard.work()
        context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
        page = context.new_page()
        judge(page, f"{base}/sign-in")
        page.fill("[name=email]", ADMIN)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        settings = [f"/c/{wizard.cid}/settings{path}" for path in SETTINGS]
        for path in (*map(wizard.path, STEPS), *GENERAL, *settings):
            judge(page, base + path)
        context.close()


def judge(page: Page, address: str) -> None:
    """Open a page and let axe look at it."""
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then(result => result.violations.map(one => [one.id, one.nodes[0].html]))")
    assert found == [], address
