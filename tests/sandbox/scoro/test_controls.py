"""Faults as this service shows them, people's acts, journal, counts, reset and saved state."""

from __future__ import annotations

import json

import httpx2
import pytest

from app.sandbox.common.state import StateFile
from app.sandbox.scoro import Behaviours
from app.sandbox.scoro.saved import frozen_world


def arm(scoro, kind, **rule):
    scoro.control("faults", [{"kind": kind, **rule}])


def test_throttling_answers_429_once_and_then_lets_through(scoro):
    """6.4."""
    arm(scoro, "throttle_second", seconds=7)
    answer = scoro.post("contacts/list")
    assert (answer.status_code, answer.json()["statusCode"]) == (429, "429")
    assert (answer.headers["x-ratelimit-reset"], answer.headers["Retry-After"]) == ("7", "7")
    assert scoro.post("contacts/list").status_code == 200


def test_daily_quota_can_be_used_up(make_scoro):
    """6.4, 1.6: 429 until midnight UTC."""
    scoro = make_scoro(Behaviours())
    arm(scoro, "throttle_daily")
    assert scoro.post("users/list").headers["x-daily-requests-remaining"] == "0"
    assert scoro.post("users/list").status_code == 429
    scoro.clock.set("2026-11-03T00:00:00+00:00")
    assert scoro.post("users/list").status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", ["html", "empty", "json"])
def test_server_faults_come_as_html_empty_or_json(scoro, status, body):
    """6.4, 1.5."""
    arm(scoro, f"http_{status}", body=body)
    answer = scoro.post("contacts/list")
    assert answer.status_code == status
    shapes = {"html": answer.text.startswith("<!DOCTYPE"), "empty": answer.text == "", "json": answer.text[0:1] == "{"}
    assert [name for name, is_so in shapes.items() if is_so] == [body]


def test_time_out_is_408(scoro):
    """1.5: maximum execution time reached."""
    arm(scoro, "http_408")
    assert scoro.refused("contacts/list") == (408, ["Maximum execution time reached"])


@pytest.mark.parametrize(("kind", "created"), [("reset_before", 0), ("reset_after", 1)])
def test_connection_drops_before_or_after_the_write(scoro, kind, created):
    """6.4: the client sees the same broken connection; only the second write took effect."""
    before = len(scoro.all("products"))
    arm(scoro, kind, entity="products", operation="create")
    with pytest.raises(httpx2.TransportError):
        scoro.post("products/modify", {"name": "Poster"})
    assert len(scoro.all("products")) == before + created


def test_slow_answer_takes_the_time_of_the_clock(scoro):
    """6.4: nobody sleeps."""
    arm(scoro, "slow", seconds=90)
    before = scoro.clock.now()
    assert scoro.ok("users/list")
    assert (scoro.clock.now() - before).total_seconds() == 90


def test_truncated_body_is_no_json(scoro):
    """6.4."""
    arm(scoro, "truncate_body")
    with pytest.raises(json.JSONDecodeError):
        scoro.post("contacts/list").json()


def test_page_of_html_with_status_200(scoro):
    """1.4: what a wrong subdomain shows."""
    arm(scoro, "html_body")
    answer = scoro.post("contacts/list")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_error_envelope_with_status_200(scoro):
    """1.4."""
    arm(scoro, "error_with_200")
    answer = scoro.post("contacts/list")
    assert (answer.status_code, answer.json()["status"]) == (200, "ERROR")


def test_library_agents_are_forbidden(scoro):
    """1.1: Cloudflare's 1010 for default agents; a named agent passes."""
    arm(scoro, "forbidden_agent", count=None)
    answer = scoro.post("contacts/list")
    assert (answer.status_code, answer.text) == (403, "error code: 1010")
    scoro.http.headers["User-Agent"] = "Concord/1"
    assert scoro.post("contacts/list").status_code == 200


def test_keys_and_tokens_can_fail(scoro):
    """6.4: 401 for an expired token, 403 for a revoked key."""
    arm(scoro, "expired_token")
    assert scoro.refused("contacts/list") == (401, ["access_token_expired"])
    arm(scoro, "revoked_token")
    assert scoro.refused("contacts/list")[0] == 403


def test_colleague_edits_between_read_and_write(scoro):
    """6.4: there is no revision number, so the write goes through on top of the edit."""
    before = scoro.ok("invoices/view/1")
    arm(scoro, "stale_token", entity="invoices")
    after = scoro.ok("invoices/modify/1", {"deadline": "2026-12-24"})
    assert after["description"] == f"{before['description']} (checked)".strip()
    assert after["deadline"] == "2026-12-24"
    actors = [entry["actor"]["kind"] for entry in scoro.look("journal")["entries"]]
    assert actors == ["person", "api"]


def test_pages_repeat_shrink_and_shift(scoro):
    """6.4: hostile paging."""
    pages = [scoro.ok("invoices/list", page=page, per_page=10) for page in (1, 2)]
    arm(scoro, "repeat_page")
    assert scoro.ok("invoices/list", page=2, per_page=10) == pages[0]
    arm(scoro, "truncate_page")
    assert scoro.ok("invoices/list", page=2, per_page=10) == pages[1][:5]
    products = [scoro.ok("products/list", page=page, per_page=10) for page in (1, 2)]
    arm(scoro, "row_shift", entity="products", after=1)
    scoro.ok("products/list", page=1, per_page=10)
    assert scoro.ok("products/list", page=2, per_page=10)[0] == products[1][1]


def test_fault_texts_are_localised(scoro):
    """6.4."""
    arm(scoro, "localised")
    assert scoro.refused("contacts/list") == (429, ["Liiga palju päringuid"])


def test_any_refusal_can_be_armed(scoro):
    """1.5: the status is chosen; 400 unless said otherwise."""
    arm(scoro, "refused", body="403")
    assert scoro.post("contacts/list").status_code == 403
    arm(scoro, "refused")
    assert scoro.refused("contacts/list")[0] == 400


def test_people_do_what_the_screens_let_them(scoro):
    """The control surface's `person`: create, edit, delete, restore, receipt, credit."""
    product = scoro.person("create", module="products", fields={"name": "Mug"})
    assert scoro.person("edit", module="products", id=product["product_id"], fields={"name": "Cup"})["name"] == "Cup"
    invoice = scoro.invoice(lines=[{"comment": "x", "price": 100, "amount": 1}])
    scoro.person("receipt", module="invoices", id=invoice["id"], sum="30")
    credit = scoro.person("credit", module="invoices", id=invoice["id"])
    assert (credit["credited_invoices"], credit["sum"], credit["receivable_sum"]) == ([invoice["id"]], -100, -30)
    assert scoro.ok(f"invoices/view/{invoice['id']}")["status"] == "paid"
    scoro.person("delete", module="products", id=product["product_id"])
    assert scoro.person("restore", module="products", id=product["product_id"])["is_deleted"] == 0
    scoro.person("create", module="financeObjects", fields={"name": "Fairs"})
    assert scoro.ok("financeObjects/list")[0]["name"] == "Fairs"
    assert scoro.http.post("/_control/person", json={"action": "fly"}).status_code == 400
    assert scoro.http.post("/_control/person", json={"action": "edit", "module": "x"}).status_code == 400


def test_journal_tells_every_accepted_write_and_no_refused_one(scoro):
    """Who, what, before and after."""
    invoice = scoro.invoice()
    scoro.refused(f"invoices/modify/{invoice['id']}", {"date": "never"})
    scoro.person("edit", module="invoices", id=invoice["id"], fields={"description": "x"})
    scoro.ok(f"invoices/delete/{invoice['id']}")
    entries = scoro.look("journal")["entries"]
    assert [entry["operation"] for entry in entries] == ["create", "modify", "delete"]
    assert [entry["actor"]["kind"] for entry in entries] == ["api", "person", "api"]
    assert (entries[0]["before"], entries[1]["before"]["description"], entries[1]["after"]["description"]) == (
        None,
        "",
        "x",
    )
    assert [entry["operation"] for entry in scoro.look("journal?since=2")["entries"]] == ["delete"]


def test_stats_count_requests_and_writes_by_place(scoro):
    """A person's edits are no API writes."""
    scoro.control("stats/reset")
    scoro.ok("contacts/list")
    invoice = scoro.invoice()
    scoro.person("edit", module="invoices", id=invoice["id"], fields={"description": "x"})
    stats = scoro.look("stats")
    assert (stats["requests"], stats["writes"], stats["statuses"]) == (2, 1, {"200": 2})
    places = {(row["entity"], row["operation"]): (row["requests"], row["writes"]) for row in stats["by"]}
    assert places == {("contacts", "list"): (1, 0), ("invoices", "create"): (1, 1)}


def test_reset_goes_back_to_the_same_start(scoro):
    """Deterministic: rows, keys, clock, counts."""
    start = scoro.all("invoices", detailed_response=None), scoro.key
    scoro.invoice()
    scoro.clock.advance(86_400)
    scoro.control("reset", {"seed": "agency", "profile": "us", "state": 1})
    assert (scoro.all("invoices", detailed_response=None), scoro.control("key")) == start
    assert scoro.look("clock")["now"] == "2026-11-02T09:00:00+00:00"
    assert scoro.look("journal")["entries"] == []
    scoro.control("reset", {"seed": "empty", "profile": "uk"})
    scoro.key = scoro.control("key")
    assert scoro.ok("contacts/list") == []
    assert scoro.ok("vatCodes/list")
    assert scoro.ok("companyAccount/list")[0]["base_currency"] == "GBP"
    assert scoro.http.post("/_control/reset", json={"seed": "nothing"}).status_code == 400


def test_key_can_be_had_for_every_company(scoro):
    """Credentials without the browser."""
    other = scoro.control("key", {"company_account_id": "harbourlane"})
    assert other["apiKey"] != scoro.key["apiKey"]
    scoro.key = other
    assert "CHF" in scoro.ok("companyAccount/list")[0]["active_currencies"]


def test_state_survives_a_restart(make_scoro, tmp_path):
    """`--state PATH`: rows, payments, clock, switches."""
    path = tmp_path / "scoro.state"
    scoro = make_scoro(state_path=path)
    invoice = scoro.invoice()
    scoro.pay(invoice, 20)
    scoro.clock.advance(5)
    scoro.app.extensions["sandbox"].close()
    again = make_scoro(state_path=path)
    assert again.ok(f"invoices/view/{invoice['id']}")["paid_sum"] == 20
    again.pay(invoice, 5)
    assert again.ok(f"invoices/view/{invoice['id']}")["paid_sum"] == 25
    assert again.clock.now() == scoro.clock.now()
    assert int(again.invoice()["no"]) == int(invoice["no"]) + 1
    again.app.extensions["sandbox"].close()


def test_state_of_an_earlier_version_is_taken_up(make_scoro, tmp_path):
    """Rows that lack newer fields, in one list instead of pieces, and switches that were not known yet."""
    scoro = make_scoro()
    invoice = scoro.invoice()
    sandbox = scoro.app.extensions["sandbox"]
    old = sandbox.snapshot() | {"behaviours": {"html_entities": False}, "world": frozen_world(sandbox.core.world)}
    for site in old["world"].values():
        rows = site["tables"][("invoices", "northlight")] if site["name"] == "northlight" else []
        rows[:] = [{name: value for name, value in row.items() if name not in ("fine", "creator")} for row in rows]
    StateFile(tmp_path / "old").save(old)
    again = make_scoro(state_path=tmp_path / "old")
    assert again.ok(f"invoices/modify/{invoice['id']}", {"description": "<x>"})["description"] == "<x>"
    assert again.ok(f"invoices/view/{invoice['id']}")["fine"] == ""
    again.app.extensions["sandbox"].close()


def test_behaviours_are_checked(scoro):
    """A switch that does not exist, or a value of another type, is refused."""
    assert scoro.http.post("/_control/behaviours", json={"no_such": True}).status_code == 400
    assert scoro.http.post("/_control/behaviours", json={"html_entities": "yes"}).status_code == 400
    assert scoro.http.post("/_control/behaviours", json={"order": "by_heart"}).status_code == 400
    assert scoro.look("behaviours")["html_entities"] is True
