"""Transport, credentials and envelopes (reference 1.1 to 1.6)."""

from __future__ import annotations

import re

import pytest

from app.sandbox.scoro import Behaviours


def test_success_has_upper_case_status_null_messages_and_data(scoro):
    """1.4: `{"status":"OK","statusCode":200,"messages":null,"data":…}`."""
    body = scoro.post("contacts/view/1").json()
    assert (body["status"], body["statusCode"], body["messages"]) == ("OK", 200, None)
    assert body["data"]["contact_id"] == 1


def test_error_names_the_reason_in_messages(scoro):
    """1.4: an ERROR envelope carries `messages.error` and no data, with the HTTP status in `statusCode`."""
    answer = scoro.post("contacts/modify", {"name": ""})
    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["messages"], body["data"]) == ("ERROR", {"error": ["name is required"]}, None)


@pytest.mark.parametrize(
    ("style", "ok", "throttled"), [("int", 200, 429), ("text", "200", "429"), ("mixed", 200, "429")]
)
def test_status_code_is_an_int_or_a_text(make_scoro, style, ok, throttled):
    """1.4: `statusCode` is sometimes a string."""
    scoro = make_scoro(Behaviours(status_code_style=style, requests_per_window=1))
    assert scoro.post("users/list").json()["statusCode"] == ok
    assert scoro.post("users/list").json()["statusCode"] == throttled


def test_error_can_come_with_http_200(scoro):
    """1.4: both the HTTP status and the envelope have to be read."""
    scoro.switch(error_with_200=True)
    answer = scoro.post("contacts/view/999999")
    assert (answer.status_code, answer.json()["status"], answer.json()["statusCode"]) == (200, "ERROR", 404)


def test_reading_needs_post(scoro):
    """1.1: POST for everything, also for reads."""
    body = {name: scoro.key[name] for name in ("apiKey", "company_account_id")}
    answers = [scoro.http.request(verb, "/api/v2/contacts/list", json=body).json() for verb in ("GET", "PUT", "POST")]
    assert [answer["status"] for answer in answers] == ["ERROR", "ERROR", "OK"]


def test_body_that_is_no_json_is_refused(scoro):
    """1.5: a malformed parameter is 400."""
    answer = scoro.http.post("/api/v2/contacts/list", content=b"{")
    assert (answer.status_code, answer.json()["status"]) == (400, "ERROR")


def test_bare_module_lists(scoro):
    """1.1: a module without an action behaves as list."""
    assert scoro.ok("contacts", per_page=3) == scoro.ok("contacts/list", per_page=3)


@pytest.mark.parametrize("path", ["products/modify", "products/modify/0"])
def test_create_is_modify_without_id_or_with_zero(scoro, path):
    """1.1: both forms create."""
    before = len(scoro.all("products"))
    created = scoro.ok(path, {"name": "Poster"})
    assert created["product_id"] > 0
    assert len(scoro.all("products")) == before + 1


def test_empty_request_may_be_a_list(scoro):
    """1.3: `{}` and `[]` are both accepted when empty."""
    credentials = {name: scoro.key[name] for name in ("apiKey", "company_account_id")}
    for path in ("users/list", "projects/modify/1"):
        answer = scoro.http.post(f"/api/v2/{path}", json=credentials | {"request": []})
        assert answer.json()["status"] == "OK", path


def test_missing_key_is_401_and_wrong_key_403(scoro):
    """6.2."""
    assert scoro.post("users/list", apiKey=None).status_code == 401
    assert scoro.post("users/list", apiKey="ScoroAPI_000000000000000").status_code == 403
    assert re.fullmatch(r"ScoroAPI_[0-9a-f]{15}", scoro.key["apiKey"])


@pytest.mark.parametrize("status", [400, 403])
def test_unknown_company_account_is_refused(scoro, status):
    """6.2: 400 or 403."""
    scoro.switch(unknown_account_status=status)
    assert scoro.post("users/list", company_account_id="nobody").status_code == status
    assert scoro.post("users/list", company_account_id="harbourlane").status_code == status


def test_unknown_module_action_and_object_are_404(scoro):
    """1.5."""
    for path in (
        "creditNotes/list",
        "payments/list",
        "contacts/explode",
        "productGroups/delete/1",
        "contacts/view/9999",
    ):
        assert scoro.post(path).status_code == 404, path


def test_user_signs_in_and_gets_a_token(scoro):
    """1.2: user name and password stand at the top level of userAuth/modify."""
    login = {
        "username": "ada@northlight.example",
        "password": "sandbox",
        "device_type": "server",
        "company_account_id": "northlight",
        "request": {},
    }
    token = scoro.http.post("/api/v2/userAuth/modify", json=login).json()["data"]["token"]
    answer = scoro.post("contacts/list", apiKey=None, user_token=token, per_page=1).json()
    assert answer["data"][0]["permissions"]
    assert "permissions" not in scoro.ok("contacts/list", per_page=1)[0]
    wrong = scoro.http.post("/api/v2/userAuth/modify", json=login | {"password": "no"})
    assert wrong.status_code == 403


def test_user_without_administration_sees_only_own_documents(scoro):
    """1.2: results are limited by that user's permissions."""
    user = scoro.control("key", {"user": "ben@northlight.example"})["user_token"]
    own = scoro.invoice(owner_id=2)
    rows = scoro.post("invoices/list", apiKey=None, user_token=user, per_page=100).json()["data"]
    assert [row["id"] for row in rows] == [own["id"]]
    assert scoro.post("invoices/view/1", apiKey=None, user_token=user).status_code == 404


def test_entities_share_contacts_but_not_invoices(scoro):
    """1.2: contacts are shared across the entities of a site, documents are not."""
    there = {"company_account_id": "northlight-events"}
    assert scoro.ok("contacts/view/1", **there)["name"] == scoro.ok("contacts/view/1")["name"]
    assert scoro.ok("invoices/list", **there) == []
    assert scoro.post("invoices/view/1", **there).status_code == 404
    assert scoro.ok("products/list", **there) == []
    for path in ("products/view/1", "products/modify/1", "projects/view/1"):
        assert scoro.post(path, **there).status_code == 404, path


def test_product_shared_with_the_other_entity_is_seen_there(scoro):
    """1.2: products are shared by choice per object."""
    scoro.ok("products/modify/1", {"product_accounts": ["northlight-events"]})
    assert scoro.ok("products/view/1")["account_id"] == "northlight"  # the owner always sees it
    there = scoro.ok("products/list", company_account_id="northlight-events")
    assert [row["product_id"] for row in there] == [1]


def test_window_of_two_seconds_is_limited_and_announced(make_scoro):
    """1.6: 40 requests in two seconds; the headers count down and say when the window ends."""
    scoro = make_scoro(Behaviours())
    first = scoro.post("users/list")
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("40", "39")
    for _ in range(39):
        assert scoro.post("users/list").status_code == 200
    refused = scoro.post("users/list")
    assert refused.status_code == 429
    assert refused.json()["messages"] == {"error": ["Too many requests"]}
    scoro.clock.advance(int(refused.headers["x-ratelimit-reset"]))
    assert scoro.post("users/list").status_code == 200


def test_daily_quota_ends_at_midnight_utc(make_scoro):
    """1.6: 5,000 a day; the day rolls at 00:00 UTC."""
    scoro = make_scoro(Behaviours(requests_per_window=10, requests_per_day=3))
    for _ in range(3):
        scoro.post("users/list")
    refused = scoro.post("users/list")
    assert (refused.status_code, refused.headers["x-daily-requests-remaining"]) == (429, "0")
    assert int(refused.headers["x-daily-requests-reset"]) == 15 * 3600
    scoro.clock.advance(15 * 3600 - 1)
    assert scoro.post("users/list").status_code == 429
    scoro.clock.advance(1)
    assert scoro.post("users/list").status_code == 200


def test_daily_quota_is_5000_by_default(make_scoro):
    """Q22."""
    assert make_scoro(Behaviours()).post("users/list").headers["x-daily-requests-limit"] == "5000"


def test_retry_after_is_sent_where_the_site_does(make_scoro):
    """1.6: `Retry-After` may be present on 429."""
    scoro = make_scoro(Behaviours(requests_per_window=1, retry_after=True))
    scoro.post("users/list")
    assert scoro.post("users/list").headers["Retry-After"] == "2"


def test_error_texts_follow_the_language_of_the_request(scoro):
    """1.3: `lang` changes error texts."""
    assert scoro.refused("contacts/modify", {"name": ""}, lang="est")[1] == ["name on kohustuslik"]


def test_company_account_tells_currencies_and_entities(scoro):
    """2.7: the credential test and currency check call; data is a list of one."""
    (account,) = scoro.ok("companyAccount/list")
    assert account["base_currency"] == "USD"
    assert account["active_currencies"] == ["USD", "EUR", "GBP", "CAD", "AUD"]
    assert [entity["entity_id"] for entity in account["active_entities"]] == ["northlight", "northlight-events"]


def test_time_zone_of_the_site_comes_from_user_settings(scoro):
    """1.7."""
    assert scoro.ok("users/settings/1")["timezone"] == "America/New_York"


LIMITS = {"limit", "remaining", "reset"}


def test_every_reply_tells_both_counters(scoro):
    """1.6: headers on every reply: refusals, unknown keys, throttling and sign-in too."""
    scoro.control("faults", [{"kind": "throttle_second", "entity": "products"}])
    answers = [
        scoro.post("contacts/list"),
        scoro.post("contacts/modify"),
        scoro.post("creditNotes/list"),
        scoro.post("contacts/list", apiKey="ScoroAPI_000000000000000"),
        scoro.post("contacts/list", apiKey=None, company_account_id=None),
        scoro.post("userAuth/modify"),
        scoro.post("products/list"),
    ]
    for answer in answers:
        told = {name.removeprefix("x-ratelimit-") for name in answer.headers if name.startswith("x-ratelimit-")}
        assert told == LIMITS
        told = {
            name.removeprefix("x-daily-requests-") for name in answer.headers if name.startswith("x-daily-requests-")
        }
        assert told == LIMITS


def test_company_account_may_come_bare(scoro):
    """2.7: a list of one in one client, an object in another."""
    (account,) = scoro.ok("companyAccount/list")
    scoro.switch(company_account_in_list=False)
    assert scoro.ok("companyAccount/list") == account


def test_path_of_companies_does_not_reach_persons(scoro):
    """2: fixed type, for writes as for reads."""
    person = scoro.contact(contact_type="person", name="Mari")["contact_id"]
    for action in ("view", "modify", "delete"):
        assert scoro.post(f"companies/{action}/{person}", {"name": "x"}).status_code == 404, action
    scoro.ok(f"persons/modify/{person}", {"name": "Mare"})


def test_user_without_administration_changes_only_own_documents(scoro):
    """1.2: limited by that user's permissions."""
    scoro.key = scoro.key | {"user_token": scoro.control("key", {"user": "ben@northlight.example"})["user_token"]}
    others, own = scoro.invoice(owner_id=1), scoro.invoice(owner_id=2)
    for action in ("modify", "delete"):
        assert scoro.as_user(f"invoices/{action}/{others['id']}", {"description": "x"}).status_code == 404
        assert scoro.as_user(f"invoices/{action}/{own['id']}", {"description": "x"}).status_code == 200
