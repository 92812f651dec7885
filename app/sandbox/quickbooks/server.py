"""The factory of the simulated QuickBooks server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flask import Flask

from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.control import control_blueprint
from app.sandbox.common.state import Autosave, StateFile
from app.sandbox.common.transport import DropConnections, serve_app
from app.sandbox.quickbooks import state as saved_state
from app.sandbox.quickbooks.behaviours import Behaviours
from app.sandbox.quickbooks.graphql import graphql_blueprint
from app.sandbox.quickbooks.oauth_routes import oauth_blueprint
from app.sandbox.quickbooks.routes import api_blueprint
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.site import site_blueprint

_TEMPLATES = Path(__file__).resolve().parents[3] / "templates"


def create_quickbooks_sandbox(
    *,
    profile: str = "us",
    seed: str = "agency",
    state: int = 1,
    clock: SandboxClock | None = None,
    state_path: Path | None = None,
    behaviours: Behaviours | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Flask:
    """A WSGI application with several companies; `app.extensions["quickbooks"]` is the sandbox behind it.

    The same seed, profile and state give the same books. Slow answers move the clock instead of waiting unless
    `sleep` is given. With `state_path` the books survive a restart.
    """
    moving = clock or SandboxClock()
    sandbox = QuickBooksSandbox(moving, behaviours or Behaviours())
    sandbox.reset(seed, profile, state)
    app = Flask("quickbooks_sandbox", template_folder=str(_TEMPLATES), static_folder=None)
    app.secret_key = "sandbox"  # noqa: S105  # sample people sign in without a password
    app.extensions["quickbooks"] = sandbox
    app.register_blueprint(control_blueprint(sandbox, "token"))
    app.register_blueprint(api_blueprint(sandbox, sleep or moving.advance))
    app.register_blueprint(oauth_blueprint(sandbox))
    app.register_blueprint(graphql_blueprint(sandbox))
    app.register_blueprint(site_blueprint(sandbox))
    if state_path is not None:
        _keep(sandbox, StateFile(state_path))
    app.wsgi_app = DropConnections(app.wsgi_app)  # type: ignore[method-assign]  # the way Flask takes middleware
    return app


def _keep(sandbox: QuickBooksSandbox, file: StateFile) -> None:
    snapshot = file.load()
    if snapshot is not None:
        saved_state.load(sandbox, snapshot)
    sandbox.autosave = Autosave(file, lambda: saved_state.dump(sandbox))


def serve(
    port: int = 9001,
    profile: str = "us",
    seed: str = "agency",
    state: Path | None = None,
    ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve on loopback until interrupted, with real limits and real waiting."""
    behaviours = replace(Behaviours(), throttle=True)
    app = create_quickbooks_sandbox(
        profile=profile, seed=seed, state_path=state, behaviours=behaviours, sleep=time.sleep
    )
    sandbox: QuickBooksSandbox = app.extensions["quickbooks"]
    try:
        serve_app(app, port, ready)
    finally:
        if sandbox.autosave is not None:
            sandbox.autosave.close()
