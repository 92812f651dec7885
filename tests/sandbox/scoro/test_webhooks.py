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


LINES = [{"comment": "x", "price": 1, "amount": 1}]


def heard(scoro):
    deliver(scoro)
    return [got["entityId"] for got in scoro.receiver.got]


def test_bookmark_narrows_a_subscription(scoro):
    """2.19: `bookmark_id`: what the saved view does not show is no news."""
    mark = scoro.person(
        "create", module="bookmarks", fields={"title": "A", "module": "invoices", "filter": {"company_id": 2}}
    )
    subscribe(scoro, bookmark_id=mark["bookmark_id"])
    scoro.invoice(company_id=1)
    shown = scoro.invoice(company_id=2)
    assert heard(scoro) == [shown["id"]]


def test_bookmark_of_another_module_is_no_bookmark_of_the_subscription(scoro):
    """2.19, 2.18."""
    for wrong in (99, 3):  # 3 shows contacts
        assert scoro.refused("webhooks/subscribe", {**HOOK, "bookmark_id": wrong}) == (
            400,
            ["bookmark_id does not exist"],
        )
    assert subscribe(scoro, module="companies", bookmark_id=3)["bookmark_id"] == 3


def test_actors_may_be_a_user_group(scoro):
    """2.19: `group_<id>` means everybody in the group."""
    groups = {row["name"]: row for row in scoro.ok("userGroups/list")}
    assert groups["Members"]["users"] == [2, 3]
    subscribe(scoro, actors=[f"group_{groups['Members']['id']}"])
    scoro.as_user("invoices/modify", {"company_id": 1, "lines": LINES})
    scoro.key = scoro.key | {"user_token": scoro.control("key", {"user": "ben@northlight.example"})["user_token"]}
    mine = scoro.as_user("invoices/modify", {"company_id": 1, "lines": LINES}).json()["data"]
    assert heard(scoro) == [mine["id"]]


def test_owners_may_be_a_user_group(scoro):
    """2.19."""
    group = next(row["id"] for row in scoro.ok("userGroups/list") if row["name"] == "Members")
    subscribe(scoro, owners=[f"group_{group}"], relation_type="owned_by")
    scoro.invoice(owner_id=1)
    theirs = scoro.invoice(owner_id=2)
    assert heard(scoro) == [theirs["id"]]


@pytest.mark.parametrize(
    ("relation", "module", "path", "mine", "other"),
    [
        ("managed_by", "projects", "projects", {"manager_id": 2}, {"manager_id": 1}),
        ("assigned_to", "projects", "projects", {"project_users": [1, 2]}, {"project_users": [1]}),
        ("assigned_to", "companies", "contacts", {"contact_users": [2]}, {"owner_id": 2}),
        ("assigned_to", "tasks", "tasks", {"related_users": [2]}, {"owner_id": 2}),
        ("owned_by", "tasks", "tasks", {"owner_id": 2}, {"related_users": [2]}),
    ],
)
def test_relation_type_says_whose_an_object_is(scoro, relation, module, path, mine, other):
    """2.19: managed_by, assigned_to, owned_by, by the fields of the module."""
    subscribe(scoro, module=module, owners=["2"], relation_type=relation)
    names = {"project_name": "P", "name": "N", "event_name": "E"}
    scoro.ok(f"{path}/modify", names | other)
    made = scoro.ok(f"{path}/modify", names | mine)
    assert heard(scoro) == [next(iter(made.values()))]


def test_relation_created_by_remembers_who_made_it(scoro):
    """2.19: whoever changes it later."""
    subscribe(scoro, action="modify", owners=["1"], relation_type="created_by")
    hers = scoro.as_user("invoices/modify", {"company_id": 1, "lines": LINES}).json()["data"]
    for invoice in (hers, scoro.invoice()):
        scoro.ok(f"invoices/modify/{invoice['id']}", {"description": "x"})
    assert heard(scoro) == [hers["id"]]


def test_unknown_relation_type_is_refused(scoro):
    """2.19."""
    assert scoro.refused("webhooks/subscribe", {**HOOK, "relation_type": "liked_by"})[0] == 400


def test_shared_contact_is_news_to_every_entity(scoro):
    """1.2: contacts are shared across entities, invoices are not."""
    there = {"company_account_id": "northlight-events"}
    scoro.ok("webhooks/subscribe", {**HOOK, "module": "companies"}, **there)
    scoro.ok("webhooks/subscribe", HOOK, **there)
    contact = scoro.contact()
    scoro.invoice()
    assert heard(scoro) == [contact["contact_id"]]


def test_act_of_a_person_counts_as_theirs(scoro):
    """2.19: actors are users, whether they call or click."""
    subscribe(scoro, actors=["2"])
    for person in ("Ada Lindqvist", "Ben Moreau"):
        scoro.person("edit", module="invoices", id=1, fields={"description": person}, person=person)
    deliver(scoro)
    assert [got["entity"]["description"] for got in scoro.receiver.got] == ["Ben Moreau"]


def test_key_may_act_as_its_owner(scoro):
    """Q17, the other answer: the key's writes are those of the first administrator."""
    subscribe(scoro, actors=["1"])
    scoro.invoice()
    scoro.switch(key_acts_as_owner=True)
    made = scoro.invoice()
    assert heard(scoro) == [made["id"]]
