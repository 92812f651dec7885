"""The simulated Scoro as one object: its controls, its saved state, its application."""

from __future__ import annotations

import atexit
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from flask import Flask

from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.control import ControlError, control_blueprint
from app.sandbox.common.faults import FaultScript
from app.sandbox.common.journal import Journal
from app.sandbox.common.state import Autosave, StateFile
from app.sandbox.common.stats import Stats
from app.sandbox.common.transport import DropConnections, serve_app
from app.sandbox.common.webhooks import DeliveryMode, WebhookQueue, http_sender
from app.sandbox.scoro import people
from app.sandbox.scoro.api import api_blueprint
from app.sandbox.scoro.auth import issue_token
from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.core import Core
from app.sandbox.scoro.hooks import encode
from app.sandbox.scoro.limits import Limits
from app.sandbox.scoro.saved import frozen_world, packed_world, thawed_world, unpacked_world
from app.sandbox.scoro.seeding import seeded_world
from app.sandbox.scoro.site import site_blueprint

Json = dict[str, Any]
Soon = Callable[[Callable[[], object]], object]
"""Has a job done: at once, or beside the request that asks for it."""
TEMPLATES = Path(__file__).parents[3] / "templates"


class ScoroSandbox:
    """Implements the control surface over one core."""

    def __init__(self, core: Core, start: tuple[str, str, int], state_path: Path | None, soon: Soon) -> None:
        self.core = core
        self._start = start
        self._soon = soon
        self._delivery: DeliveryMode | None = None
        self._autosave = Autosave(StateFile(state_path), self.snapshot) if state_path else None
        if self._autosave is not None:
            atexit.register(self._autosave.close)

    @property
    def clock(self) -> SandboxClock:
        return self.core.clock

    @property
    def stats(self) -> Stats:
        return self.core.stats

    @property
    def journal(self) -> Journal:
        return self.core.journal

    @property
    def faults(self) -> FaultScript:
        return self.core.faults

    @property
    def webhooks(self) -> WebhookQueue:
        return self.core.webhooks

    def reset(self, seed: str, profile: str, state: int) -> Json:
        with self.core.lock:
            self.core.world = seeded_world(seed, profile, state)
            self.core.limits.clear()
            self.core.calls.clear()
            self._start = (seed, profile, state)
        return {"seed": seed, "profile": profile, "state": state}

    def issue_credentials(self, body: Json) -> Json:
        with self.core.lock:
            entity = people.desk_of(self.core, body).entity
            users = list(entity.table("users").rows())
            wanted = body.get("user") or users[0]["username"]
            user = next((row for row in users if wanted in (row["username"], row["id"])), None)
            if user is None:
                raise ControlError(f"there is no user {wanted!r}")
            return {
                "apiKey": entity.site.api_key,
                "company_account_id": entity.account_id,
                "user_token": issue_token(entity.site, user["id"]),
            }

    def configure_webhooks(self, body: Json) -> Json:
        """`{"at_once": true, "mode"?}` delivers after every write; addresses come from `webhooks/subscribe`."""
        if "at_once" in body:
            self._delivery = DeliveryMode(str(body.get("mode", "normal"))) if body["at_once"] else None
        return {
            "at_once": self._delivery is not None,
            "mode": self._delivery.value if self._delivery else "",
            "waiting": self.core.webhooks.waiting,
        }

    def act_as_person(self, body: Json) -> Json:
        with self.core.lock:
            return people.act(self.core, body)

    def read_behaviours(self) -> Json:
        return self.core.behaviours.as_json()

    def set_behaviours(self, body: Json) -> Json:
        with self.core.lock:
            self.core.behaviours = self.core.behaviours.changed(body)
        return self.read_behaviours()

    def changed(self) -> None:
        """After a request: deliver what waits where that is wished, and save before long."""
        mode = self._delivery
        if mode is not None and self.core.webhooks.waiting:
            self._soon(lambda: self.core.webhooks.deliver(mode))
        if self._autosave is not None:
            self._autosave.changed()

    def snapshot(self) -> Json:
        with self.core.lock:
            snapshot: Json = {
                "start": self._start,
                "offset": self.core.clock.offset,
                "behaviours": self.core.behaviours.as_json(),
                "delivery": self._delivery.value if self._delivery else "",
                "world": frozen_world(self.core.world),
            }
        return snapshot | {"world": packed_world(snapshot["world"])}  # the long part, beside further requests

    def restore(self, snapshot: Json) -> None:
        self._start = snapshot["start"]
        self.core.clock.offset = snapshot["offset"]
        self.core.behaviours = Behaviours().changed(snapshot["behaviours"])
        delivery = snapshot.get("delivery")
        self._delivery = DeliveryMode(delivery) if delivery else None
        self.core.world = thawed_world(unpacked_world(snapshot["world"]))

    def close(self) -> None:
        """Save what is not saved yet, now instead of at the end of the program."""
        if self._autosave is not None:
            self._autosave.close()
            atexit.unregister(self._autosave.close)


def create_scoro_sandbox(
    *,
    profile: str = "us",
    seed: str = "agency",
    state: int = 1,
    clock: SandboxClock | None = None,
    state_path: Path | None = None,
    behaviours: Behaviours | None = None,
    web: httpx2.Client | None = None,
    pause: Callable[[float], None] | None = None,
    soon: Soon = lambda job: job(),
) -> Flask:
    """The simulated service.

    `web` reaches webhook receivers; `pause` spends slow answers (default: on its clock); `soon` delivers
    notifications that go out at once (default: before the answer).
    The `ScoroSandbox` itself is `app.extensions["sandbox"]`. A state file that exists is taken up.
    """
    clock = clock or SandboxClock()
    web = web or httpx2.Client(timeout=10)
    core = Core(
        clock=clock,
        world=seeded_world(seed, profile, state),
        behaviours=behaviours or Behaviours(),
        stats=Stats(),
        journal=Journal(clock),
        faults=FaultScript(),
        webhooks=WebhookQueue(clock, encode, http_sender(web)),
        limits=Limits(),
    )
    sandbox = ScoroSandbox(core, (seed, profile, state), state_path, soon)
    saved = StateFile(state_path).load() if state_path else None
    if saved is not None:
        sandbox.restore(saved)
    return _application(sandbox, web, pause or clock.advance)


def _application(sandbox: ScoroSandbox, web: httpx2.Client, pause: Callable[[float], None]) -> Flask:
    app = Flask("scoro_sandbox", template_folder=str(TEMPLATES), static_folder=None)
    app.register_blueprint(api_blueprint(sandbox.core, web, pause, sandbox.changed))
    app.register_blueprint(control_blueprint(sandbox, "key"))
    app.register_blueprint(site_blueprint(sandbox))
    # Browsers share cookies between the ports of one machine: the name must not collide with the other sandbox.
    app.config.update(
        SECRET_KEY=secrets.token_hex(), SESSION_COOKIE_NAME="scoro_sandbox", SESSION_COOKIE_SAMESITE="Lax"
    )
    app.extensions["sandbox"] = sandbox
    app.wsgi_app = DropConnections(app.wsgi_app)  # type: ignore[method-assign]  # Flask's way to add middleware
    return app


def serve(
    port: int,
    profile: str = "us",
    seed: str = "agency",
    state_path: Path | None = None,
    ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve on loopback until interrupted; slow answers really take their time."""

    def beside(job: Callable[[], object]) -> None:
        threading.Thread(target=job, daemon=True).start()

    app = create_scoro_sandbox(profile=profile, seed=seed, state_path=state_path, pause=time.sleep, soon=beside)
    try:
        serve_app(app, port, ready)
    finally:
        app.extensions["sandbox"].close()
