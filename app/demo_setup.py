"""Connecting the demo's two companies the way a person would: both systems, categories, tax rates, matching, Save.

Everything goes through the services of the set-up wizard; only the consent in the browser is replaced by the sandbox's own
credentials.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import httpx2
from sqlmodel import col, select

from app import create_app
from app.accounts import people
from app.runs.words import progress
from app.settings import Settings
from app.tokens import tokens_to_text
from app.wiring import build_deps
from engine.connectors.quickbooks.oauth import Tokens
from engine.services import matching, setup, sync
from engine.services.deps import Deps
from engine.store.database import reading, writing
from engine.store.tables import Connection, Run

PERSON = "demo@concord.example"
NAME = "Demo agency"
LOOK_SECONDS = 0.2
PATIENCE = 100.0  # seconds that the first run is waited for; it takes about ten
CATEGORIES = {
    "classes": "quickbooks",
    "products": "scoro",
    "contacts": "scoro",
    "projects": "quickbooks",
    "invoices": "scoro",
    "bills": "scoro",
    "receipts": "quickbooks",
}


def connect_demo(settings: Settings) -> Sequence[str]:
    """Connect both sandboxes once; a second start finds the connection and goes on. Returns what the person should know."""
    deps = build_deps(settings)
    if not _known(deps):
        _connect(deps, settings)
    return (f"Sign in as {PERSON} with the password {_password(settings, deps)}",)


def first_run(settings: Settings) -> Iterator[str]:
    """While the first run goes on, how far it is; ends with the run, or after ``PATIENCE``."""
    deps = build_deps(settings)
    connection_id, deadline = _known(deps), time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with reading(deps.database) as session:
            mine = select(Run).where(Run.connection_id == connection_id, col(Run.state).in_(("queued", "running")))
            run = session.exec(mine.order_by(col(Run.id)).limit(1)).first()
        if run is None:
            return
        far = progress(run)
        yield f"{far.phase} ({far.done} of {far.total})" if far.total else far.phase


def _password(settings: Settings, deps: Deps) -> str:
    """The demo's administrator, made on the first start with a password of its own."""
    file = settings.concord_home / "secrets" / "demo-password"
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(12))
    password = file.read_text().strip()
    with create_app(settings, deps).app_context(), writing(deps.database) as session:
        if people.nobody_yet(session):
            people.make_administrator(session, PERSON, "Demo", password)
    return password


def _connect(deps: Deps, settings: Settings) -> None:
    connection_id = setup.create_connection(deps, NAME, PERSON, sandbox=True)
    _connect_scoro(deps, settings, connection_id)
    _connect_quickbooks(deps, settings, connection_id)
    setup.refresh_profiles(deps, connection_id)
    setup.save_categories(
        deps,
        connection_id,
        [setup.CategoryForm(category, True, source, deletions="ask") for category, source in CATEGORIES.items()],
        PERSON,
    )
    _match(deps, connection_id)
    setup.activate(deps, connection_id, PERSON)


def _known(deps: Deps) -> str:
    """The connection of an earlier start; one that was left half-way is put aside under another name."""
    with reading(deps.database) as session:
        rows = session.exec(select(Connection).where(Connection.name == NAME)).all()
    done = [row.id for row in rows if row.state == "active"]
    for row in rows:
        if row.state == "setup":
            _put_aside(deps, row.id)
    return done[0] if done else ""


def _put_aside(deps: Deps, connection_id: str) -> None:
    with writing(deps.database) as session:
        row = session.get_one(Connection, connection_id)
        row.name, row.state = f"{NAME} (unfinished)", "disconnected"
        session.add(row)


def _ask(url: str, path: str) -> dict[str, Any]:
    answer = httpx2.post(f"{url}/_control/{path}", json={}, timeout=30)
    answer.raise_for_status()
    return dict(answer.json())


def _connect_scoro(deps: Deps, settings: Settings, connection_id: str) -> None:
    keys = _ask(settings.sandbox_scoro_url, "key")
    setup.save_scoro(
        deps,
        connection_id,
        url=settings.sandbox_scoro_url,
        account=keys["company_account_id"],
        key=keys["apiKey"],
        user_token=keys.get("user_token", ""),
        person=PERSON,
    )


def _connect_quickbooks(deps: Deps, settings: Settings, connection_id: str) -> None:
    given = _ask(settings.sandbox_quickbooks_url, "token")
    now = deps.clock.now()
    tokens = Tokens(
        given["access_token"], given["refresh_token"], now + timedelta(minutes=50), now + timedelta(days=90)
    )
    sealed = tokens_to_text(tokens)
    setup.adopt_tokens(deps, connection_id, tokens=sealed, realm_id=given["realmId"], person=PERSON)


def _match(deps: Deps, connection_id: str) -> None:
    """What a person does in the wizard: read both sides, map the tax rates, accept the contacts with the same e-mail and
    every exact pair; the documents of a contact are found once it is linked."""
    run_id = matching.start_matching(deps, connection_id, PERSON)
    while sync.run_to_end(deps, run_id).state in {"queued", "running"}:
        time.sleep(LOOK_SECONDS)  # a worker was quicker
    for kind in ("tax_rate", "contact"):
        found = matching.suggestions(deps, connection_id, kind=kind, limit=500)
        clear = [view.row.id for view in found if not view.row.ambiguous]
        matching.decide_suggestions(deps, connection_id, clear, "accepted", PERSON)
    _choose_accounts(deps, connection_id)
    matching.apply_matches(deps, connection_id, PERSON)
    while matching.accept_exact(deps, connection_id, "", PERSON):
        matching.apply_matches(deps, connection_id, PERSON)


def _choose_accounts(deps: Deps, connection_id: str) -> None:
    choices = setup.account_choices(deps, connection_id)
    first = {purpose: accounts[0].id if accounts else "" for purpose, accounts in choices.items()}
    setup.save_accounts(
        deps, connection_id, income=first["income"], expense=first["expense"], deposit=first["deposit"], person=PERSON
    )
