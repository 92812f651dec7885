"""Bad input: each gives a sentence that a person can act on, and loses nothing."""

from __future__ import annotations

import pytest

from engine.errors import ConcordError
from engine.services import setup, sync
from engine.store.database import reading
from engine.store.tables import Connection
from tests.support.scenes import make_invoice, object_of, quickbooks_query, scoro_create, untaxed
from tests.support.world import PERSON, SCORO, World


@pytest.mark.parametrize("account", [True, False], ids=["wrong key", "wrong account"])
def test_wrong_scoro_credentials_are_named_and_change_nothing(world: World, account: bool) -> None:
    """The test call fails with a way out, and the working keys stay."""
    key = "ScoroAPI_0123456789abcde" if account else world.scoro.control("key")["apiKey"]
    name = world.account if account else "nobody"
    with pytest.raises(ConcordError) as refused:
        setup.save_scoro(world.deps, world.connection_id, url=SCORO, account=name, key=key, person=PERSON)
    assert refused.value.message
    assert refused.value.hint
    with reading(world.deps.database) as session:
        assert session.get_one(Connection, world.connection_id).scoro_account == world.account
    world.sync()


@pytest.mark.parametrize("kind", ["html_body", "truncate_body", "error_with_200", "http_503"])
@pytest.mark.parametrize("side", ["scoro", "quickbooks"])
def test_broken_answers_fail_the_run_with_a_sentence_and_lose_nothing(world: World, side: str, kind: str) -> None:
    """HTML instead of JSON, half an answer, an error in disguise: said plainly; the next run carries on."""
    make_invoice(world)
    broken = world.scoro if side == "scoro" else world.quickbooks
    broken.control("faults", [{"kind": kind, "match": {}, "count": 500}])
    run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
    run = sync.run_to_end(world.deps, run_id)
    broken.clear_faults()
    if run.state != "done":
        assert run.error.endswith((".", "!")), run.error
    world.tick(900)
    for _ in range(3):
        world.sync()
        world.tick(900)
    assert len(quickbooks_query(world, "select * from Invoice")) == 1
    assert all(row.disposition in {"in_step", "excluded"} for row in world.objects())


def test_line_without_product_or_account_and_name_with_a_colon(world: World) -> None:
    """A free text line without a product is either carried or named; a colon in a name is replaced visibly (F30)."""
    contact = scoro_create(world, "contacts", name="Acme: North", contact_type="company", is_client=1)
    line = {"product_id": 0, "comment": "free text", "price": 10, "amount": 1, "vat_code_id": untaxed(world)}
    made = scoro_create(world, "invoices", company_id=contact["contact_id"], date="2026-11-02", lines=[line])
    world.sync()
    (customer,) = [
        row for row in quickbooks_query(world, "select * from Customer") if row["DisplayName"].startswith("Acme")
    ]
    assert ":" not in customer["DisplayName"]
    (written,) = [row for row in world.outbox(kind="contact") if row.title.startswith("Acme")]
    assert any("characters" in note for note in written.notes)
    thing = object_of(world, "scoro", "invoices", made["id"])
    told = thing.facts.get("problem") or thing.facts.get("refused") or {}
    assert thing.disposition == "in_step" or (told["message"] and told["hint"])
