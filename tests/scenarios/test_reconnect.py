"""Disconnected and connected again: to the same company everything is found again, another company is not let in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.tokens import tokens_to_text
from engine.connectors.quickbooks.oauth import Tokens
from engine.errors import Refused
from engine.services import setup
from tests.scenarios.test_f21_second_company import SECOND_REALM
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.browser import QuickBooksConsent
from tests.support.world import PERSON, World


def authorise(world: World, realm: str) -> None:
    """What the browser brings back after the consent for one company."""
    token = world.quickbooks.control("token", {"realmId": realm})
    now = world.clock.now()
    tokens = Tokens(
        token["access_token"], token["refresh_token"], now + timedelta(minutes=55), now + timedelta(days=90)
    )
    setup.complete_authorization(
        world.deps,
        world.connection_id,
        code=tokens_to_text(tokens),
        realm_id=token["realmId"],
        redirect_uri="http://127.0.0.1:8000/callback",
        person=PERSON,
    )


def test_same_company_is_found_again_with_what_happened_meanwhile(world: World) -> None:
    """Given an invoice in both and a month without a connection in which either side went on, when the same company is connected
    again, then Scoro's edit arrives, QuickBooks' is held, and nothing is made twice."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    setup.disconnect(world.deps, world.connection_id, PERSON)
    in_scoro.edit(world, "invoices", made["id"], deadline="2026-12-01")
    in_quickbooks.edit(world, "Invoice", remote, PrivateNote="Called them")
    world.tick(30 * 24 * 3600)

    authorise(world, world.realm)
    world.sync()

    (there,) = in_quickbooks.rows(world, "Invoice")
    assert (there["Id"], there["DueDate"], there["PrivateNote"]) == (remote, "2026-12-01", "Called them")
    assert len(in_quickbooks.named(world, "Customer", "Acme Ltd")) == 1
    assert in_concord.is_quiet(world)


def test_another_company_is_refused_and_nothing_of_the_first_is_touched(world: World) -> None:
    """Given a disconnected connection that has records, when another company is authorised for it, then that is refused with the
    way out, and neither company nor Concord's records change."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    setup.disconnect(world.deps, world.connection_id, PERSON)
    before, sent = world.dispositions(), len(world.writes())

    with pytest.raises(Refused) as refusal:
        authorise(world, SECOND_REALM)

    assert "another QuickBooks company" in refusal.value.message
    assert (world.dispositions(), len(world.writes())) == (before, sent)
    authorise(world, world.realm)
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)


class RememberingConsent(QuickBooksConsent):
    """The real one, which also remembers how often it gave something back."""

    given_back = 0

    def revoke(self, tokens: str) -> None:
        self.given_back += 1
        super().revoke(tokens)


def test_other_connection_of_the_same_company_keeps_its_authorisation(world: World) -> None:
    """Given two connections of one company, when one is disconnected, then QuickBooks is not told to take the authorisation back,
    which would take the other's too; with the last one it is."""
    consent = RememberingConsent(world)
    world.deps = replace(world.deps, authorizer=consent)
    first, second = world.connection_id, setup.create_connection(world.deps, "Second", PERSON, sandbox=True)
    token = world.quickbooks.control("token", {"realmId": world.realm})
    tokens = Tokens(token["access_token"], token["refresh_token"], world.clock.now(), world.clock.now())
    setup.adopt_tokens(world.deps, second, tokens=tokens_to_text(tokens), realm_id=world.realm, person=PERSON)
    setup.disconnect(world.deps, second, PERSON)
    assert consent.given_back == 0
    setup.disconnect(world.deps, first, PERSON)
    assert consent.given_back == 1
