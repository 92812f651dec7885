"""Signing in through the company's own provider (OpenID Connect), against a small real one in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlmodel import SQLModel, select

from app import create_app
from app.access import Role
from app.settings import Settings
from app.tables import User
from tests.web.conftest import Browser, Web

ISSUER = "https://login.example"
KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
STRANGER = RSAKey.generate_key(2048, {"kid": "one"}, private=True)


@dataclass
class Provider:
    """An identity provider that vouches for whom it is told to; ``twist`` changes what it says."""

    web: Web
    email: str = "viewer@example.com"
    twist: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    nonce: str = ""
    asked: dict[str, str] = field(default_factory=dict)

    def app(self) -> Flask:
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", "discovery", self.discovery)
        app.add_url_rule("/token", "token", self.token, methods=["POST"])
        app.add_url_rule("/keys", "keys", lambda: jsonify(keys=[KEY.as_dict(private=False)]))
        return app

    def discovery(self) -> Any:
        return jsonify(
            issuer=ISSUER,
            authorization_endpoint=f"{ISSUER}/authorize",
            token_endpoint=f"{ISSUER}/token",
            jwks_uri=f"{ISSUER}/keys",
        )

    def token(self) -> Any:
        self.asked = request.form.to_dict()
        moment = int(self.web.clock.now().timestamp())
        claims = {"iss": ISSUER, "aud": "concord", "exp": moment + 300, "iat": moment, "sub": "7", "nonce": self.nonce}
        claims |= {"email": self.email, "email_verified": True} | self.twist
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return jsonify(access_token="x", token_type="Bearer", id_token=token)


@pytest.fixture
def provider(web: Web, tmp_path: Path) -> Provider:
    """The application with a provider set up, and one invited person."""
    settings = Settings(
        concord_home=tmp_path,
        database_url=f"sqlite:///{tmp_path}/web.db",
        redis_url="redis://127.0.0.1:1",
        oidc_issuer=ISSUER,
        oidc_client_id="concord",
        oidc_client_secret=SecretStr("shared"),
    )
    SQLModel.metadata.create_all(web.deps.database)
    web.app = create_app(settings, web.deps)
    found = Provider(web)
    web.app.extensions["concord_oidc_transport"] = httpx2.WSGITransport(app=found.app())
    web.user("viewer@example.com", Role.VIEWER)
    return found


def to_provider(provider: Provider, browser: Browser, target: str = "/activity") -> dict[str, str]:
    """What the provider is asked for when the button is pressed."""
    address = browser.get(f"/sign-in/company?next={target}").headers["Location"]
    assert address.startswith(f"{ISSUER}/authorize?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    provider.nonce = asked["nonce"]
    return asked


def test_invited_person_signs_in_and_arrives_where_they_wanted(provider: Provider):
    """With PKCE, so that a stolen code is worth nothing."""
    browser = provider.web.browser()
    assert "Sign in through your company" in browser.get("/sign-in").text
    asked = to_provider(provider, browser)
    assert asked["code_challenge_method"] == "S256"
    answer = browser.get(f"/sign-in/company/return?state={asked['state']}&code=abc")
    assert answer.headers["Location"] == "/activity"
    assert provider.asked["code_verifier"]
    assert browser.get("/activity").status_code == 200


@pytest.mark.parametrize(
    "twist",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another application"},
        {"exp": 1},
        {"nonce": "of another sign-in"},
        {"email_verified": False},
        {"email": ""},
    ],
    ids=lambda twist: next(iter(twist)),
)
def test_identity_that_cannot_be_trusted_is_refused(provider: Provider, twist: dict[str, Any]):
    """Each claim is checked."""
    provider.twist = twist
    browser = provider.web.browser()
    asked = to_provider(provider, browser)
    assert browser.get(f"/sign-in/company/return?state={asked['state']}&code=abc").status_code == 409
    assert browser.get("/activity").status_code == 303


def test_identity_signed_by_a_stranger_is_refused(provider: Provider):
    """Only the provider's published keys count."""
    provider.key = STRANGER
    browser = provider.web.browser()
    asked = to_provider(provider, browser)
    assert browser.get(f"/sign-in/company/return?state={asked['state']}&code=abc").status_code == 409


@pytest.mark.parametrize("state", ["", "made-up"])
def test_answer_that_was_not_asked_for_in_this_browser_is_refused(provider: Provider, state: str):
    """Nobody can be signed in to somebody else's account by a link; and an answer is good once."""
    browser = provider.web.browser()
    to_provider(provider, browser)
    assert browser.get(f"/sign-in/company/return?state={state}&code=abc").status_code == 409


def test_person_without_an_account_is_not_let_in(provider: Provider):
    """The company's sign-in says who somebody is; an administrator says who may enter."""
    provider.email = "stranger@example.com"
    browser = provider.web.browser()
    asked = to_provider(provider, browser)
    answer = browser.get(f"/sign-in/company/return?state={asked['state']}&code=abc")
    assert answer.status_code == 409
    assert "has no account here" in answer.text


def test_closed_account_is_not_let_in(provider: Provider):
    """Closing an account closes this way too."""
    with provider.web.session() as session:
        user = session.exec(select(User)).one()
        user.disabled = True
        session.add(user)
        session.commit()
    browser = provider.web.browser()
    asked = to_provider(provider, browser)
    assert browser.get(f"/sign-in/company/return?state={asked['state']}&code=abc").status_code == 409


def test_without_a_provider_there_is_no_such_way(web: Web):
    """Nothing is offered that is not set up."""
    web.user("viewer@example.com", Role.VIEWER)
    assert web.browser().get("/sign-in/company").status_code == 404
    assert "through your company" not in web.browser().get("/sign-in").text
