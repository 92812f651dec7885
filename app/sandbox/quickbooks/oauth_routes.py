"""Consent page, token, revocation, userinfo, discovery (reference section 1)."""

from __future__ import annotations

import base64
import binascii
import json
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.sandbox.common.calls import Call as ApiCall
from app.sandbox.common.faults import FaultKind
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.identity import subject
from app.sandbox.quickbooks.injected import replacement, strikes_after
from app.sandbox.quickbooks.oauth import CLIENT_ID, CLIENT_SECRET, DEFAULT_SCOPES, Grant, OAuthError
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.transport import SYSTEM, read_request, standard_headers, to_response
from app.sandbox.quickbooks.wire import Json

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_COUNTRIES = {"US": "United States", "GB": "United Kingdom"}
_KNOWN_SCOPES = {
    *DEFAULT_SCOPES.split(),
    "phone",
    "address",
    "com.intuit.quickbooks.payment",
    "app-foundations.custom-field-definitions",
    "app-foundations.custom-field-definitions.read",
    "indirect-tax.tax-calculation.quickbooks",
    "payroll.compensation.read",
}
_TOKEN_FAULTS = {
    FaultKind.HTTP_500,
    FaultKind.HTTP_502,
    FaultKind.HTTP_503,
    FaultKind.HTTP_504,
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.THROTTLE_MINUTE,
}


def oauth_blueprint(sandbox: QuickBooksSandbox) -> Blueprint:
    blueprint = Blueprint("quickbooks_oauth", __name__)
    blueprint.after_request(lambda response: _stamped(sandbox, response))
    blueprint.add_url_rule("/connect/oauth2", "ask", lambda: _ask(sandbox), methods=["GET"])
    blueprint.add_url_rule("/app/connect/oauth2", "ask_again", lambda: _ask(sandbox), methods=["GET"])
    blueprint.add_url_rule("/connect/oauth2", "decide", lambda: _decide(sandbox), methods=["POST"])
    blueprint.add_url_rule("/oauth2/v1/tokens/bearer", "token", lambda: _token(sandbox), methods=["POST"])
    blueprint.add_url_rule("/v2/oauth2/tokens/revoke", "revoke", lambda: _revoke(sandbox), methods=["POST"])
    blueprint.add_url_rule("/v1/openid_connect/userinfo", "userinfo", lambda: _userinfo(sandbox))
    blueprint.add_url_rule("/op/v1/jwks", "jwks", lambda: _json(sandbox.identity.keys()))
    for name in ("openid_sandbox_configuration", "openid_configuration"):
        blueprint.add_url_rule(f"/.well-known/{name}", name, _discovery, strict_slashes=False)
    return blueprint


def _stamped(sandbox: QuickBooksSandbox, response: Response) -> Response:
    if "intuit_tid" not in response.headers:
        for name, value in standard_headers(next(sandbox.serials)).items():
            response.headers.setdefault(name, value)
    return response


def _json(body: Json, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(body), status, headers, content_type="application/json;charset=UTF-8")


def _acceptable() -> bool:
    target = urlsplit(request.values.get("redirect_uri", ""))
    return (
        request.values.get("client_id") == CLIENT_ID
        and target.hostname in _LOOPBACK
        and target.scheme in {"http", "https"}
    )


def _error_page() -> tuple[str, int]:
    return render_template("sandbox/quickbooks/oauth_error.html"), 400


def _back(**answer: str) -> BaseResponse:
    target = request.values["redirect_uri"]
    joint = "&" if urlsplit(target).query else "?"
    return redirect(f"{target}{joint}{urlencode(answer | {'state': request.values.get('state', '')})}")


def _ask(sandbox: QuickBooksSandbox) -> str | tuple[str, int] | BaseResponse:
    """Who is signing in, and for which company."""
    if not _acceptable():
        return _error_page()
    if (
        request.args.get("response_type") != "code"
        or not set(request.args.get("scope", "").split()) <= _KNOWN_SCOPES
        or not request.args.get("scope")
    ):
        return _back(error="invalid_scope")
    choices = [(user, _called(sandbox.companies[realm]), realm) for user in sandbox.users for realm in user.realms]
    return render_template("sandbox/quickbooks/consent.html", choices=choices, asked=request.args)


def _called(company: Company) -> str:
    """The name with the country: the two Northlight Studios differ by nothing else that a person sees."""
    return f"{company.single('CompanyInfo')['CompanyName']}, {_COUNTRIES.get(company.profile.country, company.profile.country)}"


def _decide(sandbox: QuickBooksSandbox) -> tuple[str, int] | BaseResponse:
    if not _acceptable():
        return _error_page()
    if request.form.get("decision") != "connect":
        return _back(error="access_denied")
    email, _, realm = request.form.get("choice", "").partition(" ")
    user = next((user for user in sandbox.users if user.email == email and realm in user.realms), None)
    if user is None:
        return _error_page()
    with sandbox.authority.lock:
        grant = sandbox.authority.consent(realm, user.email, request.form.get("scope", DEFAULT_SCOPES))
        code = sandbox.authority.code_for(grant, request.form["redirect_uri"])
    sandbox.changed()
    return _back(code=code, realmId=realm)


def _authenticated() -> bool:
    """By Basic header, or by the two fields of the form."""
    header = request.headers.get("Authorization", "")
    if not header:
        return (request.form.get("client_id"), request.form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
    try:
        pair = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return header.startswith("Basic ") and pair == f"{CLIENT_ID}:{CLIENT_SECRET}"


def _token(sandbox: QuickBooksSandbox) -> Response:
    call = ApiCall(SYSTEM, "token", "", request.form.get("grant_type", ""))
    rule = sandbox.faults.strike(call, _TOKEN_FAULTS)
    if rule is not None and not strikes_after(rule):
        return _replaced(sandbox, rule)
    response = _issue(sandbox)
    sandbox.stats.request(call, response.status_code, request.content_length or 0, len(response.get_data()))
    sandbox.changed()
    return _replaced(sandbox, rule) if rule is not None else response


def _replaced(sandbox: QuickBooksSandbox, rule: object) -> Response:
    reply = replacement(sandbox, read_request(request, "token", sandbox), rule)  # type: ignore[arg-type]  # strike answers a FaultRule
    return to_response(reply, next(sandbox.serials))


def _issue(sandbox: QuickBooksSandbox) -> Response:
    if not _authenticated():
        return _json({"error": "invalid_client"}, 401)
    try:
        with sandbox.authority.lock:
            return _json(_tokens(sandbox, _grant(sandbox)))
    except OAuthError as refusal:
        body = {"error": refusal.error}
        return _json(body | ({"error_description": refusal.description} if refusal.description else {}), refusal.status)


def _grant(sandbox: QuickBooksSandbox) -> Grant:
    form = request.form
    match form.get("grant_type"):
        case "authorization_code":
            return sandbox.authority.redeem(form.get("code", ""), form.get("redirect_uri", ""))
        case "refresh_token":
            return sandbox.authority.rotate(form.get("refresh_token", ""))
        case None:
            raise OAuthError("invalid_request")
        case _:
            raise OAuthError("unsupported_grant_type")


def _tokens(sandbox: QuickBooksSandbox, grant: Grant) -> Json:
    body: Json = {
        "token_type": "bearer",
        "access_token": sandbox.authority.new_access(grant),
        "expires_in": sandbox.authority.access_seconds,
        "refresh_token": grant.refresh,
        "x_refresh_token_expires_in": 8_726_400,
    }
    if request.form["grant_type"] == "authorization_code" and "openid" in grant.scopes:
        body["id_token"] = sandbox.identity.token(grant, _issuer(), CLIENT_ID)
    if request.headers.get("x-include-refresh-token-hard-expires-in") == "true":
        lived = int((sandbox.clock.now() - grant.born).total_seconds())
        body["x_refresh_token_hard_expires_in"] = 157_680_000 - lived
    return body


def _revoke(sandbox: QuickBooksSandbox) -> Response:
    if not _authenticated():
        return _json({"error": "invalid_client"}, 401)
    body = request.get_json(silent=True) if request.is_json else request.form
    try:
        sandbox.authority.revoke(str((body or {}).get("token", "")))
    except OAuthError as refusal:
        return _json({"error": refusal.error}, 400)
    sandbox.changed()
    return Response("", 200)


def _userinfo(sandbox: QuickBooksSandbox) -> Response:
    grant = sandbox.authority.grant_of(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
    if grant is None:
        return _json({"error": "invalid_token"}, 401)
    if "openid" not in grant.scopes:
        return _json({"error": "insufficient_scope"}, 403)
    user = next(user for user in sandbox.users if user.email == grant.user)
    given, _, family = user.name.partition(" ")
    names = {"givenName": given, "familyName": family}
    return _json({"sub": subject(user.email), "email": user.email, "emailVerified": True, **names})


def _issuer() -> str:
    return f"{request.host_url.rstrip('/')}/op/v1"


def _discovery() -> Response:
    base = request.host_url.rstrip("/")
    return _json(
        {
            "issuer": _issuer(),
            "authorization_endpoint": f"{base}/connect/oauth2",
            "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
            "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
            "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
            "jwks_uri": f"{base}/op/v1/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile", "address", "phone"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
        }
    )
