"""Subscriptions and notifications (reference 2.19, Q16 to Q18)."""

from __future__ import annotations

import pytest

HOOK = {"module": "invoices", "action": "any", "url": "https://me.example/hook"}


def subscribe(scoro, **fields):
    return scoro.ok("webhooks/subscribe", {**HOOK, **fields})


def deliver(scoro, mode="normal", **body):
    return scoro.control("webhooks/deliver", {"mode": mode, **body})


def test_subscription_is_checked_listed_and_cancelled(scoro):
    """2.19."""
    hook = subscribe(scoro)
    assert [row["id"] for row in scoro.ok("webhooks/list")] == [hook["id"]]
    scoro.ok(f"webhooks/unsubscribe/{hook['id']}")
    assert scoro.ok("webhooks") == []


@pytest.mark.parametrize(
    "wrong", [{"module": "receipts"}, {"module": "contacts"}, {"action": "explode"}, {"url": "not an address"}]
)
def test_subscription_to_what_has_no_webhooks_is_refused(scoro, wrong):
    """2.19: not receipts, products, vatCodes, financeAccounts; contacts are companies and persons."""
    assert scoro.refused("webhooks/subscribe", {**HOOK, **wrong})[0] == 400


def test_address_must_answer_200(scoro):
    """2.19: the URL must answer HTTP 200 when it is subscribed."""
    scoro.receiver.hook_status = 404
    assert scoro.refused("webhooks/subscribe", HOOK)[0] == 400
    scoro.switch(url_check=False)
    subscribe(scoro)


def test_host_must_prove_itself_by_a_text_file(scoro):
    """2.19, Q18: any text will do, unless a certain one is wanted."""
    scoro.receiver.proof = None
    assert scoro.refused("webhooks/subscribe", HOOK)[0] == 400
    scoro.receiver.proof = "hello"
    subscribe(scoro)
    scoro.switch(verification_text_required="scoro-42")
    assert scoro.refused("webhooks/subscribe", HOOK)[0] == 400


def test_notification_names_type_id_action_and_entity(scoro):
    """Q16: POST JSON `{entityType, entityId, action, entity}`, no signature."""
    subscribe(scoro)
    invoice = scoro.invoice()
    assert deliver(scoro)["statuses"] == [200]
    (got,) = scoro.receiver.got
    assert (got["entityType"], got["entityId"], got["action"]) == ("invoices", invoice["id"], "create")
    assert got["entity"]["no"] == invoice["no"]


def test_action_and_fields_narrow_a_subscription(scoro):
    """2.19: modify fires only if one of the fields changed."""
    subscribe(scoro, action="modify", fields=["deadline"])
    invoice = scoro.invoice()
    scoro.ok(f"invoices/modify/{invoice['id']}", {"description": "x"})
    scoro.ok(f"invoices/modify/{invoice['id']}", {"deadline": "2026-12-24"})
    deliver(scoro)
    assert [got["entity"]["deadline"] for got in scoro.receiver.got] == ["2026-12-24"]


def test_contacts_are_announced_as_companies_or_persons(scoro):
    """2.19."""
    subscribe(scoro, module="persons")
    scoro.contact()
    scoro.contact(contact_type="person", name="Mari")
    deliver(scoro)
    assert [got["entityType"] for got in scoro.receiver.got] == ["persons"]


def test_receipt_is_announced_through_its_invoice(scoro):
    """2.19, Q1: receipts have no webhook of their own; the invoice they settle has changed."""
    subscribe(scoro, action="modify")
    invoice = scoro.invoice()
    scoro.pay(invoice, 10)
    deliver(scoro)
    assert [got["entity"]["paid_sum"] for got in scoro.receiver.got] == [10]


@pytest.mark.parametrize(("fires", "actions"), [(True, ["create", "modify"]), (False, ["modify"])])
def test_own_writes_fire_webhooks(scoro, fires, actions):
    """Q17: a write by the same key fires; the switch keeps silent about the API's writes."""
    scoro.switch(own_writes_fire_webhooks=fires)
    subscribe(scoro)
    invoice = scoro.invoice()
    scoro.person("edit", module="invoices", id=invoice["id"], fields={"description": "x"})
    deliver(scoro)
    assert [got["action"] for got in scoro.receiver.got] == actions


def test_actor_of_a_key_is_nobody(scoro):
    """Q17: a subscription to one user's acts hears that user, not the key."""
    subscribe(scoro, actors=["1"])
    scoro.invoice()
    lines = [{"comment": "x", "price": 1, "amount": 1}]
    scoro.as_user("invoices/modify", {"company_id": 1, "lines": lines})
    assert deliver(scoro)["messages"] == 1


def test_actor_me_and_owners_narrow_a_subscription(scoro):
    """2.19: `me` is the user who subscribed; owners are those of the object."""
    answer = scoro.as_user("webhooks/subscribe", {**HOOK, "actors": ["me"]})
    assert answer.json()["status"] == "OK"
    subscribe(scoro, module="bills", owners=["2"], relation_type="owned_by")
    lines = [{"comment": "x", "price": 1, "amount": 1}]
    scoro.invoice()
    scoro.as_user("invoices/modify", {"company_id": 1, "lines": lines})
    for owner in (1, 2):
        scoro.ok("bills/modify", {"company_id": 1, "owner_id": owner, "lines": lines})
    deliver(scoro)
    assert [got["entityType"] for got in scoro.receiver.got] == ["invoices", "bills"]
    assert scoro.receiver.got[1]["entity"]["owner_id"] == 2


def test_deletion_is_announced(scoro):
    """2.19."""
    subscribe(scoro, action="delete")
    invoice = scoro.invoice()
    scoro.ok(f"invoices/delete/{invoice['id']}")
    deliver(scoro)
    assert [(got["action"], got["entity"]["is_deleted"]) for got in scoro.receiver.got] == [("delete", 1)]


def test_notifications_are_lost_doubled_disordered_and_late(scoro):
    """2.19, 6.4: no ordering, no retry."""
    subscribe(scoro)
    made = [scoro.invoice()["id"] for _ in range(6)]
    deliver(scoro, "reorder", seed=3)
    assert [got["entityId"] for got in scoro.receiver.got] != made
    assert sorted(got["entityId"] for got in scoro.receiver.got) == made
    scoro.receiver.got.clear()
    scoro.invoice()
    assert deliver(scoro, "drop")["messages"] == 0
    assert deliver(scoro)["messages"] == 0
    scoro.invoice()
    assert deliver(scoro, "duplicate")["messages"] == 2
    scoro.invoice()
    deliver(scoro, "late", seconds=300)
    assert deliver(scoro)["messages"] == 0
    scoro.clock.advance(300)
    assert deliver(scoro)["messages"] == 1
    scoro.receiver.hook_status = 500
    scoro.invoice()
    assert deliver(scoro)["statuses"] == [500]
    scoro.clock.advance(86_400)
    assert deliver(scoro)["messages"] == 0


def test_notifications_can_go_out_at_once(scoro):
    """A demo delivers without being asked."""
    subscribe(scoro)
    assert scoro.control("webhooks", {"at_once": True})["mode"] == "normal"
    scoro.invoice()
    assert len(scoro.receiver.got) == 1
    scoro.control("webhooks", {"at_once": True, "mode": "duplicate"})
    scoro.invoice()
    assert len(scoro.receiver.got) == 3
    scoro.control("webhooks", {"at_once": False})
    scoro.invoice()
    assert len(scoro.receiver.got) == 3
