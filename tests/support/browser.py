"""An administrator's browser in front of the QuickBooks sandbox's consent page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx2

from app.tokens import tokens_from_text, tokens_to_text
from engine.connectors.quickbooks.oauth import OAuthApp, OAuthSettings
from tests.support.world import QUICKBOOKS, World


@dataclass
class QuickBooksConsent:
    """The engine's ``Authorizer`` over the sandbox's real OAuth endpoints, and the page a person decides on."""

    world: World

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        return self._app(redirect_uri).authorize_url(state)

    def exchange(self, *, code: str, redirect_uri: str) -> str:
        return tokens_to_text(self._app(redirect_uri).exchange(code))

    def revoke(self, tokens: str) -> None:
        self._app().revoke(tokens_from_text(tokens))

    def decide(self, address: str, decision: str) -> dict[str, str]:
        """Open the consent page and press a button (``connect`` or ``deny``); the query QuickBooks sends back."""
        page = self.world.quickbooks.http.get(address).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        company = re.findall(r'name="choice" value="([^"]+)"', page)[0]
        body = {name: unescape(value) for name, value in hidden.items()} | {"choice": company, "decision": decision}
        back = self.world.quickbooks.http.post("/connect/oauth2", data=body).headers["Location"]
        return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}

    def _app(self, redirect_uri: str = "") -> OAuthApp:
        chosen = OAuthSettings(
            client_id="sandbox-client",
            client_secret="sandbox-secret",
            redirect_uri=redirect_uri,
            authorize_url=f"{QUICKBOOKS}/connect/oauth2",
            token_url=f"{QUICKBOOKS}/oauth2/v1/tokens/bearer",
            revoke_url=f"{QUICKBOOKS}/v2/oauth2/tokens/revoke",
        )
        return OAuthApp(chosen, self.world.clock, transport=httpx2.WSGITransport(app=self.world.quickbooks.app))
