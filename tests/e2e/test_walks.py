"""What a newcomer does with the demo, in a real Chromium, over all its processes and both sandboxes' own sites.

With SCREENSHOTS=1 the last test, and the walk through the setup, keep a picture of every screen in docs/screens.
"""

from __future__ import annotations

import os
import re
import threading
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from app import ROOT
from tests.e2e.processes import free_port, read_until, start
from tests.e2e.test_wizard import judge

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.slow]

PATIENCE = 30_000  # milliseconds until a step gives up; never reached when all is well
CONTEXT = re.compile(r"/c/\w+")
SCREENS = ROOT / "docs" / "screens"
LARGEST = 60_000  # bytes of one picture
SCALES = (0.6, 0.5, 0.45, 0.4, 0.35, 0.3)  # the largest that fits is taken
PAGES = {
    "overview": "overview",
    "conflicts": "conflicts",
    "problems": "problems",
    "records": "records?kind=invoice",
    "runs": "runs",
    "changes": "changes",
    "agreement": "agreement",
    "settings": "settings",
    "flip": "settings/flip/invoices",
    "brakes": "settings/brakes",
    "alerts": "settings/alerts",
    "import": "settings/import",
    "disconnect": "settings/disconnect",
    "setup-scoro": "setup/scoro",
    "setup-quickbooks": "setup/quickbooks",
    "setup-currencies": "setup/currencies",
    "setup-categories": "setup/categories",
    "setup-accounts": "setup/accounts",
    "setup-match": "setup/match",
    "setup-category": "setup/categories/contacts",
    "setup-link": "setup/match/by-hand",
    "setup-preview": "setup/preview",
}
GENERAL = {
    "connections": "connections",
    "people": "people",
    "person": "people/{person}",
    "profile": "profile",
    "tokens": "tokens",
    "activity": "activity",
    "not-found": "nothing-here",
}
"""Pages of no connection, by the names of their pictures."""

BEHIND = {
    "conflict": ("conflicts", r"^1011 "),
    "record": ("records?kind=invoice&disposition=in_step", r"^\d+ "),
    "cause": ("problems", r"^A line carries"),
    "run": ("runs?trigger=person", r"\d\d:\d\d"),
}
"""Pages that are reached through the first link of a list."""


@dataclass(frozen=True)
class Demo:
    """A running demo and how to get in."""

    address: str
    password: str


@dataclass
class Desk:
    """A person at the demo, signed in."""

    page: Page
    demo: Demo

    @property
    def connection(self) -> str:
        """The address that all pages of the demo's connection begin with."""
        found = CONTEXT.search(self.page.url)
        assert found, self.page.url
        return self.demo.address + found[0]

    def open(self, path: str) -> None:
        self.page.goto(f"{self.connection}/{path}")

    def synchronize(self) -> None:
        """Press the button and wait until the run has ended."""
        self.open("overview")
        self.page.get_by_role("button", name="Synchronize now").click()
        expect(self.page.locator("progress")).to_have_count(0)
        expect(self.page.get_by_role("button", name="Synchronize now")).to_be_visible()
        expect(self.page.get_by_text("just now")).to_be_visible()

    def record(self, number: str, kind: str = "invoice") -> str:
        """Find a record by its number, as a person does; returns its page's path."""
        self.open(f"records?kind={kind}")
        self.page.get_by_label("Name, number, or id in either system").fill(number)
        self.page.get_by_role("button", name="Filter").click()
        self.page.get_by_role("link", name=re.compile(f"^{number} ")).click()
        self.page.wait_for_url("**/records/*")
        return self.page.url.removeprefix(self.connection + "/")

    def change_in_scoro(self, field: str, value: str) -> Page:
        """Follow the record's link into the Scoro sandbox and edit a field there by hand."""
        with self.page.expect_popup() as opened:
            self.page.get_by_role("link", name="open it in Scoro").click()
        site = opened.value
        if "sign-in" in site.url:
            site.get_by_role("button", name="Ada Lindqvist").first.click()
        site.fill(f"[name='{field}']", value)
        site.get_by_role("button", name="Save").first.click()
        return site

    def change_in_quickbooks(self, field: str, value: str) -> Page:
        """The same in the QuickBooks sandbox."""
        with self.page.expect_popup() as opened:
            self.page.get_by_role("link", name="open it in QuickBooks").click()
        site = opened.value
        site.wait_for_load_state()
        if site.get_by_role("button", name="Open the books").count():
            site.get_by_text("Ada Lindqvist").click()
            site.get_by_role("button", name="Open the books").click()
        site.fill(f"[name='{field}']", value)
        site.get_by_role("button", name="Save").click()
        expect(site.get_by_text("Saved.")).to_be_visible()
        return site


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`concord demo` on free ports, with both companies connected."""
    home = tmp_path_factory.mktemp("demo") / "home"
    web = free_port()
    ports = ("--port", web, "--quickbooks-port", free_port(), "--scoro-port", free_port())
    with start("demo", "--home", str(home), *map(str, ports)) as process:
        told = read_until(process, "Ctrl-C stops everything")
        reader = threading.Thread(target=process.communicate)  # so that a full pipe stops nothing
        reader.start()
        yield Demo(f"http://127.0.0.1:{web}", told.partition("with the password ")[2].split()[0])
        process.terminate()
        reader.join()


def sign_in(page: Page, demo: Demo) -> Desk:
    page.set_default_timeout(PATIENCE)
    page.goto(demo.address)
    page.fill("[name=email]", "demo@concord.example")
    page.fill("[name=password]", demo.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/overview")
    return Desk(page, demo)


@pytest.fixture
def desk(page: Page, demo: Demo) -> Desk:
    expect.set_options(timeout=PATIENCE)
    return sign_in(page, demo)


def test_conflict_made_in_both_sandboxes_is_settled_and_both_agree(desk: Desk) -> None:
    """The whole story of the README: the same due date edited in both systems' own sites, chosen once, equal on both."""
    desk.synchronize()
    path, page = desk.record("1003"), desk.page
    scoro = desk.change_in_scoro("deadline", "2026-02-20")
    quickbooks = desk.change_in_quickbooks("DueDate", "2026-03-01")
    desk.synchronize()
    desk.open("conflicts")
    page.get_by_role("link", name=re.compile("^1003")).click()
    page.get_by_role("button", name="All from QuickBooks").click()
    page.get_by_role("button", name="Save this choice").click()
    expect(page.get_by_text("Settled by demo@concord.example")).to_be_visible()
    desk.synchronize()
    desk.open(path)
    expect(page.locator(".stand-line")).to_contain_text("Both systems say the same")
    scoro.goto(scoro.url)
    quickbooks.goto(quickbooks.url)
    assert scoro.input_value("[name=deadline]") == quickbooks.input_value("[name=DueDate]") == "2026-03-01"


def test_held_edit_goes_over_when_the_direction_is_flipped(desk: Desk) -> None:
    """An edit against the direction waits; the flip previews it, sends it, and can be taken back."""
    path, page = desk.record("1006"), desk.page
    desk.change_in_quickbooks("DueDate", "2026-03-03")
    desk.synchronize()
    desk.open(path)
    expect(page.locator(".stand-line")).to_contain_text("Held")
    flip(desk)
    desk.synchronize()
    desk.open(path)
    expect(page.locator(".stand-line")).to_contain_text("In step")
    expect(page.locator("tr", has_text="Due date").locator("td").first).to_have_text("3 Mar 2026")
    flip(desk)


def flip(desk: Desk) -> None:
    """Turn the direction of invoices round, after its preview."""
    desk.open("settings/flip/invoices")
    expect(desk.page.get_by_text("Held edits that become pending")).to_be_visible()
    desk.page.get_by_role("button", name="Flip the direction").click()
    desk.page.wait_for_url(re.compile("/settings(?!/flip)"))


def test_invoice_with_a_payment_cannot_be_sent_and_says_why(desk: Desk) -> None:
    """R28: once the customer has paid in QuickBooks, the button is disabled, with its reason beside it."""
    desk.synchronize()
    path, page = desk.record("1008"), desk.page
    quickbooks = desk.change_in_quickbooks("CustomerMemo.value", "Thank you")
    quickbooks.get_by_role("button", name="Enter payment").click()
    desk.change_in_scoro("deadline", "2026-02-25")
    desk.synchronize()
    desk.open(path)
    button = page.get_by_role("button", name="Send to QuickBooks")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(re.compile("A payment is attached"))


def test_bulk_pull_tells_what_became_of_each(desk: Desk) -> None:
    """R40: two ticked, two outcomes."""
    page = desk.page
    desk.open("records?kind=contact&disposition=held")
    ticks = page.locator("input[name=oid]")
    ticks.nth(0).check()
    ticks.nth(1).check()
    page.get_by_role("button", name="Pull them into Scoro").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    for outcome in page.locator("tbody tr td").nth(0), page.locator("tbody tr").nth(1).locator("td").first:
        expect(outcome).to_have_text(re.compile("Written|Refused"))
    keep(page, "bulk")


def test_failures_of_one_cause_are_tried_again_at_once(desk: Desk) -> None:
    """One press retries all records behind a cause: its job shows that it is done, and the next run takes them up."""
    page = desk.page
    desk.open("problems")
    page.get_by_role("button", name="Retry all").first.click()
    expect(page.locator("main")).to_contain_text("The next run tries", timeout=30_000)
    desk.synchronize()


@pytest.fixture(scope="module")
def contested(browser: Browser, demo: Demo) -> None:
    """An open conflict over a due date and a quantity."""
    context = browser.new_context()
    desk = sign_in(context.new_page(), demo)
    desk.record("1011")
    desk.change_in_scoro("deadline", "2026-03-20")
    desk.change_in_scoro("line-0-amount", "7")
    desk.change_in_quickbooks("DueDate", "2026-03-25")
    desk.change_in_quickbooks("line-0-qty", "9")
    desk.synchronize()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_is_accessible_and_never_scrolls_sideways(
    browser: Browser, demo: Demo, contested: None, width: int, scheme: Literal["light", "dark"]
) -> None:
    """WCAG 2.2 AA as far as axe can tell, with an agency's data on every page; nothing is cut off at the right."""
    size: ViewportSize = {"width": width, "height": 800}
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    pictured = scheme == "light" and width == 1280
    look(page, f"{demo.address}/sign-in", "sign-in" if pictured else "")
    desk = sign_in(page, demo)
    for name, address in addresses(desk):
        look(page, address, name if pictured else "")
    context.close()


def addresses(desk: Desk) -> Iterator[tuple[str, str]]:
    """Every page of the demo, with the name of its picture."""
    base = desk.connection
    for name, path in PAGES.items():
        yield name, f"{base}/{path}"
    desk.page.goto(f"{desk.demo.address}/people")
    person = desk.page.locator("tbody th a").first.get_attribute("href") or ""
    for name, path in GENERAL.items():
        yield name, f"{desk.demo.address}/{path.format(person=person.rpartition('/')[2])}"
    for name, (path, link) in BEHIND.items():
        desk.page.goto(f"{base}/{path}")
        found = desk.page.locator("main").get_by_role("link", name=re.compile(link)).first
        yield name, desk.demo.address + (found.get_attribute("href") or "")
    desk.page.goto(f"{base}/records?kind=contact&disposition=held")
    desk.page.locator("tbody th a").first.click()
    sending = desk.page.get_by_role("link", name=re.compile("Send to QuickBooks|Pull into Scoro")).first
    yield "send", desk.demo.address + (sending.get_attribute("href") or "")


def look(page: Page, address: str, name: str) -> None:
    """Judge a page; see that no table hides a column at the right; keep its picture under ``name``."""
    judge(page, address)
    hidden = page.evaluate(
        "[...document.querySelectorAll('.table-box')].filter(box => box.scrollWidth > box.clientWidth + 1).length"
    )
    assert not hidden, address
    if name:
        keep(page, name)


def keep(page: Page, name: str) -> None:
    """A picture for the documentation, when asked for."""
    if os.environ.get("SCREENSHOTS") != "1":
        return
    page.bring_to_front()
    SCREENS.mkdir(parents=True, exist_ok=True)
    pictures = (captured(page, scale) for scale in SCALES)
    (SCREENS / f"{name}.png").write_bytes(next(picture for picture in pictures if len(picture) <= LARGEST))


def captured(page: Page, scale: float) -> bytes:
    """The upper part of the page as a PNG, made smaller."""
    clip = {"x": 0, "y": 0, "width": page.evaluate("innerWidth"), "height": 800, "scale": scale}
    devtools = page.context.new_cdp_session(page)
    return b64decode(devtools.send("Page.captureScreenshot", {"format": "png", "clip": clip})["data"])
