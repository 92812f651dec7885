"""Tokens, consent and the headers of every answer (reference 13, behaviours 1 to 6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.sandbox.quickbooks.client import Client, Json, code

CLIENT = ("sandbox-client", "sandbox-secret")
CALLBACK = "http://localhost:4455/callback"
ASK = {
    "client_id": "sandbox-client",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "com.intuit.quickbooks.accounting",
    "state": "s1",
}


def token_call(books: Client, **form: str) -> httpx2.Response:
    return books.http.post("/oauth2/v1/tokens/bearer", data=form, auth=CLIENT)


def refresh(books: Client, token: str) -> httpx2.Response:
    return token_call(books, grant_type="refresh_token", refresh_token=token)


def consent(books: Client, decision: str = "connect") -> dict[str, list[str]]:
    user = books.sandbox.owner_of(books.realm)
    form = {**ASK, "decision": decision, "choice": f"{user.email} {books.realm}"}
    answer = books.http.post("/connect/oauth2", data=form)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["location"]).query)


def test_b01_expired_access_token_is_refused_in_the_gateway_envelope(books: Client) -> None:
    """After 3600 s a call gets 401 with lower-case `fault` and WWW-Authenticate (reference 2.5 b)."""
    books.clock.advance(3599)
    assert books.get(f"companyinfo/{books.realm}").status_code == 200
    books.clock.advance(1)
    answer = books.get(f"companyinfo/{books.realm}")
    assert answer.status_code == 401
    error = answer.json()["fault"]["error"][0]
    assert error["code"] == "3200"
    assert error["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    assert error["detail"].startswith("Token expired: ")
    assert "Fault" not in answer.json()
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'


def test_b02_refresh_token_rotates_after_a_day_and_the_old_one_dies(books: Client) -> None:
    """Inside the window the value stays; after about 24 h a new one comes and the old one is invalid_grant."""
    first = books.sign_in()["refresh_token"]
    books.clock.advance(23 * 3600)
    assert refresh(books, first).json()["refresh_token"] == first
    books.clock.advance(2 * 3600)
    second = refresh(books, first).json()["refresh_token"]
    assert second != first
    assert refresh(books, second).status_code == 200
    dead = refresh(books, first)
    assert dead.status_code == 400
    assert dead.json()["error"] == "invalid_grant"


def test_b03_second_of_two_refreshes_is_refused_and_punished_where_switched_on(books: Client) -> None:
    """Two refreshes with one value at rotation time: one wins; in punish mode the winner's grant dies too."""
    first = books.sign_in()["refresh_token"]
    books.clock.advance(25 * 3600)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: refresh(books, first), range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert refresh(books, winner["refresh_token"]).status_code == 200
    books.switch(punish_refresh_reuse=True)
    assert refresh(books, first).json()["error"] == "invalid_grant"
    assert refresh(books, winner["refresh_token"]).json()["error"] == "invalid_grant"


def test_b04_realm_comes_with_the_callback_and_a_token_fits_no_other_realm(books: Client) -> None:
    """`realmId` is in the redirect only; the token on another company is 403/3100."""
    callback = consent(books)
    assert callback["realmId"] == [books.realm]
    assert callback["state"] == ["s1"]
    tokens = token_call(books, grant_type="authorization_code", code=callback["code"][0], redirect_uri=CALLBACK).json()
    assert "realmId" not in tokens
    assert tokens["expires_in"] == 3600
    assert tokens["x_refresh_token_expires_in"] == 8_726_400
    books.token = tokens["access_token"]
    assert books.get(f"companyinfo/{books.realm}").status_code == 200
    other = next(realm for realm in books.sandbox.companies if realm != books.realm)
    answer = books.http.get(f"/v3/company/{other}/companyinfo/{other}", headers=books.headers())
    assert answer.status_code == 403
    assert code(answer) == "3100"


def test_b04_a_code_works_once_and_a_denied_consent_says_so(books: Client) -> None:
    """A used code is invalid_grant; Cancel answers access_denied; a foreign redirect gets an error page."""
    assert consent(books, "cancel")["error"] == ["access_denied"]
    once = {"grant_type": "authorization_code", "code": consent(books)["code"][0], "redirect_uri": CALLBACK}
    assert token_call(books, **once).status_code == 200
    again = token_call(books, **once)
    assert (again.status_code, again.json()["error_description"]) == (400, "Invalid authorization code")
    page = books.http.get("/connect/oauth2", params={**ASK, "redirect_uri": "https://elsewhere.example/cb"})
    assert page.status_code == 400
    assert "location" not in page.headers
    wrong = books.http.post("/oauth2/v1/tokens/bearer", data=once, auth=("sandbox-client", "nope"))
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})


def test_b05_disconnect_in_quickbooks_ends_calls_and_refreshes(books: Client) -> None:
    """A person disconnects the app: the next call is 401 and the refresh token invalid_grant."""
    token = books.sign_in()["refresh_token"]
    books.person("disconnect")
    assert books.get(f"companyinfo/{books.realm}").status_code == 401
    assert refresh(books, token).json()["error"] == "invalid_grant"


def test_b05_revoking_either_token_ends_the_grant(books: Client) -> None:
    """Revocation takes JSON or a form and answers an empty 200; an unknown token is 400."""
    for kind in ("refresh_token", "access_token"):
        credentials: Json = books.sign_in()
        body = {"token": credentials[kind]}
        answer = books.http.post("/v2/oauth2/tokens/revoke", json=body, auth=CLIENT)
        assert (answer.status_code, answer.content) == (200, b"")
        assert books.get(f"companyinfo/{books.realm}").status_code == 401
    assert books.http.post("/v2/oauth2/tokens/revoke", data={"token": "x"}, auth=CLIENT).status_code == 400


def test_b06_every_answer_carries_its_own_intuit_tid(books: Client) -> None:
    """API answers, faults and the token endpoint all have the header, never twice the same."""
    answers = [
        books.get(f"companyinfo/{books.realm}"),
        books.get("customer/77"),
        refresh(books, "nonsense"),
        books.http.get(f"/v3/company/{books.realm}/customer/1"),
        books.http.get("/.well-known/openid_sandbox_configuration"),
    ]
    seen = {answer.headers["intuit_tid"] for answer in answers}
    assert len(seen) == len(answers)


def test_an_openid_consent_brings_a_signed_token_that_names_company_and_user(books: Client) -> None:
    """RS256 with the key of `jwks_uri`, issuer and audience as discovery says; realmid and sub inside; no other grant has one."""
    grant = {**ASK, "scope": f"{ASK['scope']} openid email"}
    user = books.sandbox.owner_of(books.realm)
    form = {**grant, "decision": "connect", "choice": f"{user.email} {books.realm}"}
    location = books.http.post("/connect/oauth2", data=form).headers["location"]
    code_sent = parse_qs(urlsplit(location).query)["code"][0]
    tokens = token_call(books, grant_type="authorization_code", code=code_sent, redirect_uri=CALLBACK).json()
    found = books.http.get("/.well-known/openid_sandbox_configuration").json()
    keys = KeySet.import_key_set(books.http.get(urlsplit(found["jwks_uri"]).path).json())
    token = jwt.decode(tokens["id_token"], keys)
    assert (token.header["alg"], token.claims["iss"], token.claims["aud"]) == ("RS256", found["issuer"], [CLIENT[0]])
    assert (token.claims["realmid"], token.claims["exp"] - token.claims["iat"]) == (books.realm, 3600)
    who = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert books.http.get("/v1/openid_connect/userinfo", headers=who).json()["sub"] == token.claims["sub"]
    assert "id_token" not in refresh(books, tokens["refresh_token"]).json()
    once = {"grant_type": "authorization_code", "code": consent(books)["code"][0], "redirect_uri": CALLBACK}
    plain = token_call(books, **once).json()
    assert "id_token" not in plain
    stranger = {"Authorization": f"Bearer {plain['access_token']}"}
    assert books.http.get("/v1/openid_connect/userinfo", headers=stranger).status_code == 403


def test_a_client_may_name_itself_in_the_form(books: Client) -> None:
    """client_secret_post, as discovery advertises; a wrong secret there is invalid_client."""
    token = books.sign_in()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    assert books.http.post("/oauth2/v1/tokens/bearer", data=form).status_code == 200
    wrong = books.http.post("/oauth2/v1/tokens/bearer", data={**form, "client_secret": "nope"})
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})


def test_companies_of_one_name_are_told_apart_on_the_consent_page(books: Client) -> None:
    """The same studio is there for two countries: whoever connects has to see which is which."""
    page = books.http.get(f"/connect/oauth2?{urlencode({**ASK, 'response_type': 'code'})}").text
    for country in ("United States", "United Kingdom"):
        assert f"Northlight Studio, {country}" in page
