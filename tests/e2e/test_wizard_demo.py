"""The setup walked against `concord demo --wizard` without JavaScript: from an empty database to the end of the first run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.e2e.processes import PATIENCE, free_port, read_until, start
from tests.e2e.test_walks import look

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.slow]

PASSWORD = "a sentence nobody guesses"


@dataclass(frozen=True)
class Empty:
    """A demo with nothing connected: its own address and that of the Scoro sandbox."""

    address: str
    scoro: str

    def key(self) -> dict[str, str]:
        """What Scoro's settings page shows to its administrator."""
        answer = httpx2.post(f"{self.scoro}/_control/key", json={}, timeout=PATIENCE).json()
        return {name: str(value) for name, value in answer.items()}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Empty]:
    """`concord demo --wizard` on free ports."""
    home = tmp_path_factory.mktemp("wizard") / "home"
    web, quickbooks, scoro = free_port(), free_port(), free_port()
    ports = ("--port", web, "--quickbooks-port", quickbooks, "--scoro-port", scoro)
    with start("demo", "--wizard", "--home", str(home), *map(str, ports)) as process:
        read_until(process, "Ctrl-C stops everything")
        reader = threading.Thread(target=process.communicate)  # so that a full pipe stops nothing
        reader.start()
        yield Empty(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{scoro}")
        process.terminate()
        reader.join()


@dataclass(frozen=True)
class Walk:
    """A person whose browser runs no scripts."""

    page: Page
    empty: Empty

    def press(self, label: str) -> None:
        """Press a button or link of the page's content."""
        main = self.page.locator("main")
        main.get_by_role("button", name=label).or_(main.get_by_role("link", name=label)).first.click()
        self.page.wait_for_load_state()

    def wait_for(self, text: str) -> None:
        """Look again until the page says so."""
        self.wait_until(self.page.get_by_text(text))

    def wait_until(self, there: Locator) -> None:
        """Look again until it is there: without scripts that is what a person does."""
        deadline = time.monotonic() + PATIENCE
        while not there.count():
            assert time.monotonic() < deadline, self.page.locator("main").inner_text()
            self.page.goto(self.page.url)


def test_setup_without_javascript_from_an_empty_database_to_the_first_run(browser: Browser, empty: Empty) -> None:
    """R43: the administrator's account, seven steps by plain links and forms, Save, and the first run goes through."""
    look_at_first_run(browser, empty)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    walk = Walk(page, empty)
    make_administrator(walk)
    connect(walk)
    choose(walk)
    match(walk)
    walk.press("Make the preview")
    walk.wait_for("Save and write exactly this")
    walk.press("Save and write exactly this")
    page.goto(page.url.partition("/overview")[0] + "/runs")
    run = page.locator("tbody tr", has_text="A preview, applied as it was shown")
    walk.wait_until(run.get_by_text("Done"))
    context.close()


def look_at_first_run(browser: Browser, empty: Empty) -> None:
    """What the very first visitor sees, judged like every other page."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    look(context.new_page(), f"{empty.address}/", "first-run")
    context.close()


def make_administrator(walk: Walk) -> None:
    page = walk.page
    page.goto(walk.empty.address)
    for name, value in (("name", "Ann"), ("email", "ann@example.com"), ("password", PASSWORD), ("again", PASSWORD)):
        page.fill(f"[name={name}]", value)
    walk.press("Make the administrator")


def connect(walk: Walk) -> None:
    """Both systems; QuickBooks' own sign-in and consent are the sandbox's pages."""
    page, key = walk.page, walk.empty.key()
    walk.press("Connect Scoro and QuickBooks")
    page.fill("[name=url]", walk.empty.scoro)
    page.fill("[name=account]", key["company_account_id"])
    page.fill("[name=key]", key["apiKey"])
    walk.press("Test and continue")
    walk.press("Connect to QuickBooks")
    if page.get_by_role("button", name="Sign in").count():
        page.get_by_role("button", name="Sign in").first.click()
    page.get_by_role("button", name="Connect").first.click()
    page.wait_for_url(f"{walk.empty.address}/**")
    assert page.get_by_text("QuickBooks answers:").count()
    walk.press("Continue")
    walk.wait_for("All currencies fit")
    walk.press("Continue")


def choose(walk: Walk) -> None:
    """Categories and default accounts."""
    page = walk.page
    for category in ("products", "contacts", "invoices"):
        page.check(f"[name={category}-enabled]")
    walk.press("Save and continue")
    walk.wait_for("Default income account")
    page.select_option("[name=income]", index=1)
    page.select_option("[name=expense]", index=1)
    walk.press("Save and continue")


def match(walk: Walk) -> None:
    """Compare, accept what is exact, link it."""
    walk.press("Compare the two systems")
    walk.wait_for("Accept all")
    walk.press("Accept all")
    walk.wait_for("exact matches accepted")
    walk.press("Save the matches and continue")
