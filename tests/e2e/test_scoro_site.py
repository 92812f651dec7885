"""The Scoro sandbox's site in a real browser: whole lives of records by hand, and every page judged by axe."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.sandbox.common.transport import loopback_server
from app.sandbox.scoro import create_scoro_sandbox
from app.sandbox.scoro.site_pages import PAGES
from tests.e2e.test_wizard import judge

pytestmark = pytest.mark.browser

FORMS = ("invoices", "contacts", "receipts", "expenses", "bookmarks", "webhooks")
"""One of each kind of form."""


@pytest.fixture
def served() -> Iterator[tuple[Flask, str]]:
    """The seeded sandbox on a free port."""
    app = create_scoro_sandbox()
    server = loopback_server(app, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield app, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(page: Page, base: str) -> None:
    page.goto(base)
    page.get_by_role("button", name="Ada Lindqvist").first.click()
    expect(page.get_by_role("heading", name="Northlight Studio")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_of_the_scoro_sandbox_is_accessible(browser: Browser, served: tuple[Flask, str], width: int) -> None:
    """WCAG 2.2 AA as far as axe can tell, and no page scrolls sideways."""
    _, base = served
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    judge(page, f"{base}/sign-in")
    sign_in(page, base)
    forms = (f"{path}/new" for path in FORMS)
    for path in ("", "settings", "calls", "dials", "invoices/1", *PAGES, *forms):
        judge(page, f"{base}/{path}")
    context.close()


def test_invoice_is_made_paid_and_credited_in_a_browser(browser: Browser, served: tuple[Flask, str]) -> None:
    """What the tests do through the API, a person does by hand; the journal names them."""
    app, base = served
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, base)
    page.goto(f"{base}/invoices/new")
    page.locator("[name=company_id]").select_option(label="Halcyon Yoga")
    page.get_by_label("Text, line 1").fill("Poster")
    page.get_by_label("Price, line 1").fill("12.50")
    page.get_by_label("Quantity, line 1").fill("4")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Net 50.00")).to_be_visible()
    page.locator("[name=sum]").fill("20")
    page.get_by_role("button", name="Add receipt").click()
    expect(page.get_by_text("still due 30.00")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert")).to_contain_text("has receipts")
    page.get_by_role("button", name="Credit it").click()
    expect(page.get_by_text("still due 0.00, paid")).to_be_visible()
    actors = {entry["actor"]["name"] for entry in app.extensions["sandbox"].journal.since()}
    assert actors == {"Ada Lindqvist", "credit invoice"}
    context.close()
