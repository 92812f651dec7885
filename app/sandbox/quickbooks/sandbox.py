"""The whole simulated service: companies, people, tokens, limits, faults, journal and notifications."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import Any

from app.sandbox.common.calls import RecentCalls
from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.control import ControlError
from app.sandbox.common.faults import FaultScript
from app.sandbox.common.journal import Actor, Journal
from app.sandbox.common.state import Autosave
from app.sandbox.common.stats import Stats
from app.sandbox.common.webhooks import WebhookQueue
from app.sandbox.quickbooks import person
from app.sandbox.quickbooks.behaviours import Behaviours
from app.sandbox.quickbooks.company import Change, Company
from app.sandbox.quickbooks.identity import Identity
from app.sandbox.quickbooks.notifications import Notifier
from app.sandbox.quickbooks.oauth import CLIENT_ID, CLIENT_SECRET, DEFAULT_SCOPES, Authority
from app.sandbox.quickbooks.population import User, populate
from app.sandbox.quickbooks.requestid import Replays
from app.sandbox.quickbooks.throttle import Throttle
from app.sandbox.quickbooks.wire import Json, dump_json

_ACTORS: dict[str, Callable[[str], Actor]] = {
    "api": lambda name: Actor("api", name),
    "person": lambda name: Actor("person", name),
    "system": lambda name: Actor("system", name),
}


class QuickBooksSandbox:
    """Everything behind one address. Implements the control surface."""

    def __init__(self, clock: SandboxClock, behaviours: Behaviours) -> None:
        self.clock = clock
        self.behaviours = behaviours
        self.stats = Stats()
        self.journal = Journal(clock)
        self.faults = FaultScript()
        self.recent = RecentCalls()
        self.notifier = Notifier()
        self.webhooks: WebhookQueue = self.notifier.queue(clock)
        self.autosave: Autosave | None = None
        self._telling = threading.Lock()  # companies are locked one by one, the journal is theirs together
        self.throttle = Throttle()
        self.replays = Replays(behaviours.replay_hours)
        self.authority = Authority(clock)
        self.identity = Identity(clock)
        self.companies: dict[str, Company] = {}
        self.users: list[User] = []
        self.default_realm = ""
        self.serials = itertools.count(1)  # one per answer, for intuit_tid

    # -- building

    def reset(self, seed: str, profile: str, state: int) -> Json:
        """Back to the start: companies, tokens and replays are made anew."""
        self.throttle = Throttle()
        self.replays = Replays(self.behaviours.replay_hours)
        self.authority = Authority(self.clock)
        self.authority.punish_reuse = self.behaviours.punish_refresh_reuse
        companies, self.users = populate(seed, profile, state, self.clock.now, self.behaviours)
        self.companies = {company.realm: company for company in companies}
        self.default_realm = companies[0].realm
        for company in companies:
            company.listeners.append(self._hear)
        self.webhooks.clear()
        return self.summary(seed, profile, state)

    def summary(self, seed: str, profile: str, state: int) -> Json:
        realms = [
            {
                "realmId": company.realm,
                "name": company.single("CompanyInfo")["CompanyName"],
                "country": company.profile.country,
            }
            for company in self.companies.values()
        ]
        return {"seed": seed, "profile": profile, "state": state, "realmId": self.default_realm, "realms": realms}

    def _hear(self, change: Change) -> None:
        kind, name = change.actor
        if kind == "seed":
            return
        actor = _ACTORS[kind](CLIENT_ID if kind == "api" else name)
        with self._telling:
            self.journal.record(
                actor,
                entity=change.entity,
                id=change.id,
                operation=change.operation.lower(),
                before=_plain(change.before),
                after=_plain(change.after),
            )
            self.notifier.notice(self.webhooks, change)

    # -- control surface

    def issue_credentials(self, body: Json) -> Json:
        realm = str(body.get("realmId") or self.default_realm)
        if realm not in self.companies:
            raise ControlError(f"no company has the realm {realm}")
        scopes = str(body.get("scope") or DEFAULT_SCOPES)
        seconds = body.get("expires_in")
        with self.authority.lock:
            grant = self.authority.consent(realm, self.owner_of(realm).email, scopes)
            self.authority.start(grant)
            access = self.authority.new_access(grant, None if seconds is None else int(seconds))
        return {
            "access_token": access,
            "refresh_token": grant.refresh,
            "realmId": realm,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }

    def admits(self, realm: str, endpoint: str) -> bool:
        """Whether the limits leave room for one more call of the one registered app."""
        return not self.behaviours.throttle or self.throttle.admit(realm, CLIENT_ID, self.clock.now(), endpoint)

    def owner_of(self, realm: str) -> User:
        return next(user for user in self.users if realm in user.realms)

    def configure_webhooks(self, body: Json) -> Json:
        return self.notifier.configure(body)

    def act_as_person(self, body: Json) -> Json:
        realm = str(body.get("realmId") or self.default_realm)
        if realm not in self.companies:
            raise ControlError(f"no company has the realm {realm}")
        if body.get("action") == "disconnect":
            return {"ended": self.authority.disconnect(realm)}
        return person.act(self.companies[realm], body, self.owner_of(realm).name)

    def read_behaviours(self) -> Json:
        return asdict(self.behaviours)

    def set_behaviours(self, body: Json) -> Json:
        known = {each.name: each.type for each in fields(Behaviours)}
        for name, value in body.items():
            if name not in known:
                raise ControlError(f"no behaviour is called {name!r}")
            if type(value) is not type(getattr(self.behaviours, name)):
                raise ControlError(f"{name} takes a {known[name]}")
        self.behaviours = replace(self.behaviours, **body)
        self.authority.punish_reuse = self.behaviours.punish_refresh_reuse
        self.replays.hours = self.behaviours.replay_hours
        for company in self.companies.values():
            company.behaviours = self.behaviours
        return self.read_behaviours()

    def changed(self) -> None:
        if self.autosave is not None:
            self.autosave.changed()


def _plain(picture: Json | None) -> dict[str, Any] | None:
    """Numbers as JSON has them, so that the journal can be read by anybody."""
    return None if picture is None else json.loads(dump_json(picture))
