"""The wizard's surroundings: both sandboxes in process, the application over them, and a worker that works when told to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
from pydantic import SecretStr
from sqlmodel import SQLModel
from werkzeug.test import TestResponse

from app import create_app
from app.access import Role
from app.settings import Settings
from app.tokens import tokens_from_text, tokens_to_text
from engine.connectors.quickbooks.oauth import OAuthApp, OAuthSettings
from engine.services.deps import Deps
from engine.services.sync import run_to_end
from engine.store.tables import Connection, Run
from tests.support.world import QUICKBOOKS, SCORO, World, make_world
from tests.web.conftest import Browser, Web

ADMIN = "ann@example.com"


class SandboxConsent:
    """The authorizer over the sandbox's real OAuth endpoints."""

    def __init__(self, world: World) -> None:
        self.world = world

    def app(self, redirect_uri: str = "") -> OAuthApp:
        chosen = OAuthSettings(
            client_id="sandbox-client",
            client_secret="sandbox-secret",
            redirect_uri=redirect_uri,
            authorize_url=f"{QUICKBOOKS}/connect/oauth2",
            token_url=f"{QUICKBOOKS}/oauth2/v1/tokens/bearer",
            revoke_url=f"{QUICKBOOKS}/v2/oauth2/tokens/revoke",
        )
        return OAuthApp(chosen, self.world.clock, transport=httpx2.WSGITransport(app=self.world.quickbooks.app))

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        return self.app(redirect_uri).authorize_url(state)

    def exchange(self, *, code: str, redirect_uri: str) -> str:
        return tokens_to_text(self.app(redirect_uri).exchange(code))

    def revoke(self, tokens: str) -> None:
        self.app().revoke(tokens_from_text(tokens))


@dataclass
class Wizard:
    """An administrator in front of the wizard."""

    world: World
    web: Web
    browser: Browser
    queued: list[str]
    cid: str = ""
    runs: list[Run] = field(default_factory=list)

    def path(self, step: str = "") -> str:
        return f"/c/{self.cid}/setup" + (f"/{step}" if step else "")

    def work(self) -> None:
        """What a worker does with the queue, a minute later each time."""
        while self.queued:
            self.world.tick(60)
            self.runs.append(run_to_end(self.web.deps, self.queued.pop(0)))

    def begin(self) -> None:
        self.cid = self.browser.submit("/setup").headers["Location"].split("/")[2]

    def connect_scoro(self) -> TestResponse:
        key = self.world.scoro.control("key")
        values = {"url": SCORO, "account": key["company_account_id"], "key": key["apiKey"]}
        return self.browser.submit(self.path("scoro"), values)

    def to_consent(self, browser: Browser | None = None) -> str:
        """The address of the consent page for a fresh trip."""
        answer = (browser or self.browser).get(self.path("quickbooks/authorise"))
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def consent(self, address: str, decision: str = "connect") -> str:
        """Decide on the consent page; the path, with its query, that QuickBooks sends the browser back to."""
        page = self.world.quickbooks.http.get(address).text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        choice = re.findall(r'name="choice" value="([^"]+)"', page)[0]
        body = {name: unescape(value) for name, value in fields.items()} | {"choice": choice, "decision": decision}
        back = urlsplit(self.world.quickbooks.http.post("/connect/oauth2", data=body).headers["Location"])
        return f"{back.path}?{back.query}"

    def connect(self) -> None:
        """Both systems connected, accounts read."""
        self.begin()
        assert self.connect_scoro().status_code == 303
        assert self.browser.get(self.consent(self.to_consent())).status_code == 303
        self.work()

    def categories(self, on: tuple[str, ...], **changes: str) -> TestResponse:
        """The table of categories as a browser would send it, with some switched on."""
        values = self.form_values(self.path("categories"))
        values |= {f"{name}-enabled": "on" for name in on} | {
            name.replace("__", "-"): text for name, text in changes.items()
        }
        return self.browser.submit(self.path("categories"), values)

    def form_values(self, path: str) -> dict[str, str]:
        """What a browser would send back of the page's fields if nobody touched them."""
        text = self.browser.get(path).text
        values = {}
        for tag in re.findall(r"<input\b[^>]*>", text):
            name, value = re.search(r'\sname="([^"]*)"', tag), re.search(r'\svalue="([^"]*)"', tag)
            if name and " disabled" not in tag and ('type="checkbox"' not in tag or " checked" in tag):
                values[name[1]] = unescape(value[1]) if value else "on"
        for name_, body in re.findall(r'<select\b[^>]*\sname="([^"]*)".*?>(.*?)</select>', text, flags=re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
            values[name_] = unescape(chosen[1]) if chosen else ""
        return values

    def accounts(self) -> TestResponse:
        text = self.browser.get(self.path("accounts")).text
        picked = {}
        for name in ("income", "expense"):
            body = re.findall(rf'<select id="field-{name}".*?</select>', text, flags=re.DOTALL)[0]
            picked[name] = re.findall(r'value="([^"]+)"', body)[0]
        return self.browser.submit(self.path("accounts"), picked)

    def stored(self) -> Connection:
        with self.web.session() as session:
            return session.get_one(Connection, self.cid)


def query_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def make_wizard(folder: Path, *, seed: str = "empty", public_url: str = "http://127.0.0.1:8000") -> Wizard:
    """Sandboxes, application and a signed-in administrator; nothing connected."""
    world = make_world(f"sqlite:///{folder}/wizard.db", seed=seed)
    SQLModel.metadata.create_all(world.deps.database)
    queued: list[str] = []

    def enqueue(run_id: str, urgent: bool) -> None:
        queued.append(run_id)

    deps: Deps = replace(world.deps, authorizer=SandboxConsent(world), enqueue=enqueue)
    settings = Settings(
        concord_home=folder,
        database_url=f"sqlite:///{folder}/wizard.db",
        redis_url="redis://127.0.0.1:1",
        public_url=public_url,
        quickbooks_api_url="http://127.0.0.1:1",
        quickbooks_client_id="sandbox-client",
        quickbooks_client_secret=SecretStr("sandbox-secret"),
    )
    web = Web(create_app(settings, deps), deps, world.clock)
    web.user(ADMIN, Role.ADMINISTRATOR)
    return Wizard(world, web, web.browser(ADMIN), queued)
