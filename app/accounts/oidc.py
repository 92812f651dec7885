"""The company's own sign-in through OpenID Connect: authorization code with PKCE, state and nonce, and a checked id token."""

from __future__ import annotations

from typing import Any, cast

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from flask import current_app, request
from flask import session as cookie
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.context import new_secret, now, settings
from app.settings import Settings
from engine.errors import Refused, Retryable

TRIP = "company_sign_in"
DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
LEEWAY = 60
TIMEOUT = 10.0


def label(chosen: Settings) -> str:
    """What the button says; empty when no provider is set up."""
    return chosen.oidc_name if chosen.oidc_issuer and chosen.oidc_client_id else ""


def begin(redirect_uri: str, target: str) -> str:
    """The provider's address to send the browser to. What comes back must fit what this browser's session keeps."""
    trip = {"nonce": new_secret(), "verifier": new_secret() + new_secret(), "target": target}
    with _client(redirect_uri) as client:
        endpoint = _discover(client)["authorization_endpoint"]
        address, state = client.create_authorization_url(endpoint, nonce=trip["nonce"], code_verifier=trip["verifier"])
    cookie[TRIP] = trip | {"state": state}
    return cast(str, address)


def finish(redirect_uri: str) -> tuple[str, str]:
    """The verified e-mail address of the person who came back, and where they wanted to go. Raises ``Refused``."""
    trip = cookie.pop(TRIP, None)
    if not trip or request.args.get("state") != trip["state"]:
        raise _refused("This sign-in was not begun in this browser, or took place already.")
    if "code" not in request.args:
        raise _refused("The company's sign-in did not let you through.")
    try:
        with _client(redirect_uri) as client:
            provider = _discover(client)
            token = client.fetch_token(
                provider["token_endpoint"], code=request.args["code"], code_verifier=trip["verifier"]
            )
            keys = KeySet.import_key_set(_get(client, provider["jwks_uri"]))
    except AuthlibBaseError:
        raise _refused("The company's sign-in did not accept the answer.") from None
    return _email(_claims(token.get("id_token", ""), keys, trip["nonce"])), trip["target"]


def _claims(id_token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
    chosen = settings()
    rules = jwt.JWTClaimsRegistry(
        now=int(now().timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": chosen.oidc_issuer},
        aud={"essential": True, "value": chosen.oidc_client_id},
        exp={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        token = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        rules.validate(token.claims)
    except (JoseError, ValueError):
        raise _refused("The company's sign-in sent an identity that cannot be trusted.") from None
    return token.claims


def _email(claims: dict[str, Any]) -> str:
    email = str(claims.get("email", "")).lower()
    if not email or claims.get("email_verified") is not True:
        raise _refused("The company's sign-in does not vouch for your e-mail address.")
    return email


def _client(redirect_uri: str) -> OAuth2Client:
    chosen = settings()
    return OAuth2Client(
        client_id=chosen.oidc_client_id,
        client_secret=chosen.oidc_client_secret.get_secret_value(),
        redirect_uri=redirect_uri,
        scope="openid email",
        code_challenge_method="S256",
        transport=current_app.extensions.get("concord_oidc_transport"),
        timeout=TIMEOUT,
    )


def _discover(client: OAuth2Client) -> dict[str, Any]:
    return dict(_get(client, settings().oidc_issuer.rstrip("/") + DISCOVERY))


def _get(client: OAuth2Client, address: str) -> Any:
    try:
        return client.request("GET", address, withhold_token=True).raise_for_status().json()
    except (httpx2.HTTPError, ValueError):
        raise Retryable("The company's sign-in does not answer.", hint="Try again in a few minutes.") from None


def _refused(sentence: str) -> Refused:
    return Refused(sentence, hint="Try again, or sign in with your password.")
