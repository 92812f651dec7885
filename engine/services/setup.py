"""Setting up a connection: both systems, currencies, categories, accounts, and the Save that starts everything
(R1–R6, R32–R43)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from engine.connectors.base import CompanyProfile
from engine.core.records import HUB, ONE_WAY, Category, Kind, Replica, System
from engine.errors import ConcordError, Refused
from engine.services.context import load_context
from engine.services.deciding import mark_dirty
from engine.services.deps import Deps
from engine.services.previews import approve_plan
from engine.services.profiles import stored_profile
from engine.services.scope import FILTERED, in_scope
from engine.services.sync import request_run
from engine.store import log
from engine.store.database import new_id, reading, writing
from engine.store.tables import Binding, CategorySettings, Connection, Object

CATEGORIES = tuple(Category)
SHOWN = tuple(category for category in Category if category is not Category.REFERENCE)
"""The rows of the settings screen; reference data has no switch (R3)."""

REMEDIES = (
    "In Scoro, change the base or active currencies: Settings, Sales and finance, Currencies.",
    "In QuickBooks, switch on multicurrency and add the currency: Settings, Advanced, Currency.",
)


@dataclass(frozen=True, slots=True)
class ScoroKeys:
    """What is sealed of a Scoro account: the company key, and a user's token where bookmarks are used."""

    key: str = field(default="", repr=False)
    user_token: str = field(default="", repr=False)

    def to_text(self) -> str:
        """For the vault."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> ScoroKeys:
        """From the vault."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class CurrencyCheck:
    """R2: whether every active currency of Scoro is one of QuickBooks'."""

    ok: bool
    scoro: tuple[str, ...]
    quickbooks: tuple[str, ...]
    unmatched: tuple[str, ...]
    remedies: tuple[str, ...] = REMEDIES


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One row of the settings screen. ``gate``: a sentence why it cannot be switched on, or ""."""

    category: str
    enabled: bool
    source: str
    sources_allowed: tuple[str, ...]
    automatic: bool
    start_date: date | None
    earliest_start: date | None
    start_fixed: bool
    scope: Mapping[str, Any]
    conflicts: str
    deletions: str
    epoch: int
    gate: str = ""


@dataclass(frozen=True, slots=True)
class CategoryForm:
    """What a person wants a row to be. The direction of a category that has run before is changed by a flip, not
    here."""

    category: str
    enabled: bool
    source: str
    automatic: bool = True
    start_date: date | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)
    conflicts: str = "ask"
    deletions: str = "ask"


def create_connection(deps: Deps, name: str, person: str, *, sandbox: bool = False) -> str:
    """An empty connection with all categories off. Returns its id."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = Connection(
            id=new_id(now),
            name=name.strip() or "Connection",
            sandbox=sandbox,
            created_at=now,
            webhook_token=new_id(now) + new_id(now),
        )
        session.add(connection)
        session.flush()
        session.add_all(_category_defaults(connection.id, category) for category in CATEGORIES)
        log.append(session, connection, [_settings_entry(person, {"created": connection.name})], now)
        return connection.id


def _category_defaults(connection_id: str, category: Category) -> CategorySettings:
    source = ONE_WAY.get(category, System.SCORO)
    return CategorySettings(
        connection_id=connection_id, category=category.value, source=source.value,
        enabled=category is Category.REFERENCE, conflicts="ask",
    )  # fmt: skip


def _settings_entry(person: str, details: Mapping[str, Any]) -> log.Entry:
    return log.Entry("settings", actor=HUB, person=person, details=details, noticed="manual")


def save_scoro(
    deps: Deps, connection_id: str, *, url: str, account: str, key: str, user_token: str = "", person: str
) -> CompanyProfile:
    """Keep the keys of a Scoro account, sealed, after a test call. When the test fails nothing changes and the error
    says why."""
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        before = (connection.scoro_url, connection.scoro_account, connection.scoro_secret)
        connection.scoro_url, connection.scoro_account = url.strip(), account.strip()
        connection.scoro_secret = deps.vault.seal(ScoroKeys(key.strip(), user_token.strip()).to_text())
        session.add(connection)
    try:
        profile = _profile(deps, connection_id, System.SCORO)
    except ConcordError:
        with writing(deps.database) as session:
            connection = log.lock(session, connection_id)
            connection.scoro_url, connection.scoro_account, connection.scoro_secret = before
            session.add(connection)
        raise
    _store_profile(deps, connection_id, profile, person)
    return profile


def _profile(deps: Deps, connection_id: str, system: System) -> CompanyProfile:
    connector = deps.connect(connection_id, system)
    try:
        return connector.profile()
    finally:
        connector.close()


def _store_profile(deps: Deps, connection_id: str, profile: CompanyProfile, person: str) -> None:
    stored = stored_profile(profile)
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        if profile.system is System.SCORO:
            connection.scoro_profile = stored
        else:
            connection.quickbooks_profile = stored
        if person:
            log.append(session, connection, [_settings_entry(person, {"connected": profile.name})], deps.clock.now())
        session.add(connection)


def refresh_profiles(deps: Deps, connection_id: str) -> tuple[CompanyProfile, CompanyProfile]:
    """Both systems as they are now: (Scoro, QuickBooks)."""
    found = tuple(_profile(deps, connection_id, system) for system in (System.SCORO, System.QUICKBOOKS))
    for profile in found:
        _store_profile(deps, connection_id, profile, "")
    return found[0], found[1]


def authorize_url(deps: Deps, connection_id: str, *, redirect_uri: str, state: str) -> str:
    """Where the browser goes to authorise QuickBooks (R1)."""
    with reading(deps.database) as session:
        load_context(session, connection_id)
    return deps.authorizer.authorize_url(redirect_uri=redirect_uri, state=state)


def complete_authorization(
    deps: Deps, connection_id: str, *, code: str, realm_id: str, redirect_uri: str, person: str
) -> CompanyProfile:
    """Trade the code for tokens, keep them sealed, and look at the company. The same company is found again after a
    disconnect; another
    company is refused for a connection that has objects, so that nothing of the first is touched."""
    _refuse_other_company(deps, connection_id, realm_id)
    tokens = deps.authorizer.exchange(code=code, redirect_uri=redirect_uri)
    return adopt_tokens(deps, connection_id, tokens=tokens, realm_id=realm_id, person=person)


def adopt_tokens(deps: Deps, connection_id: str, *, tokens: str, realm_id: str, person: str) -> CompanyProfile:
    """Keep a grant, sealed, and look at the company. ``tokens`` is the text of the authorizer."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        connection.quickbooks_secret = deps.vault.seal(tokens)
        connection.quickbooks_realm = realm_id
        connection.authorised_at = now
        connection.first_connected_at = connection.first_connected_at or now
        if connection.state in {"unauthorised", "disconnected"}:
            connection.state = "active"
        session.add(connection)
    profile = _profile(deps, connection_id, System.QUICKBOOKS)
    _store_profile(deps, connection_id, profile, person)
    return profile


def _refuse_other_company(deps: Deps, connection_id: str, realm_id: str) -> None:
    with reading(deps.database) as session:
        connection = session.get_one(Connection, connection_id)
        if connection.quickbooks_realm in {"", realm_id}:
            return
        if session.exec(select(Object.id).where(Object.connection_id == connection_id).limit(1)).first():
            raise Refused(
                "This connection belongs to another QuickBooks company.",
                hint="Authorise the company it was made with, or begin a new connection for the other one under Connections.",
            )


def check_currencies(deps: Deps, connection_id: str) -> CurrencyCheck:
    """Compare the currencies as both systems have them now (R2)."""
    scoro, quickbooks = refresh_profiles(deps, connection_id)
    unmatched = tuple(code for code in scoro.currencies if code not in set(quickbooks.currencies))
    return CurrencyCheck(not unmatched, scoro.currencies, quickbooks.currencies, unmatched)


def category_rows(deps: Deps, connection_id: str) -> list[CategoryRow]:
    """The settings screen."""
    with reading(deps.database) as session:
        context = load_context(session, connection_id)
    earliest = context.connection.first_connected_at
    return [
        CategoryRow(
            category=category.value,
            enabled=row.enabled,
            source=row.source,
            sources_allowed=_allowed(category),
            automatic=row.automatic,
            start_date=row.start_date,
            earliest_start=earliest.date() if earliest else None,
            start_fixed=row.start_fixed,
            scope=row.scope,
            conflicts=row.conflicts,
            deletions=row.deletions,
            epoch=row.epoch,
            gate=_gate(category, context.settings.features),
        )
        for category in SHOWN
        for row in (context.categories[category],)
    ]


def _allowed(category: Category) -> tuple[str, ...]:
    return (ONE_WAY[category].value,) if category in ONE_WAY else (System.SCORO.value, System.QUICKBOOKS.value)


def _gate(category: Category, features: Mapping[str, str]) -> str:
    """Why a category cannot be switched on (R24)."""
    if category is Category.CLASSES and features.get("classes_per_line") != "true":
        return (
            "QuickBooks does not track classes per line. Switch it on there: Settings, Account and settings, Advanced, "
            "Categories, Track classes, one to each row in transaction."
        )
    if category is Category.PROJECTS and features.get("projects") == "false":
        return "QuickBooks has no projects switched on: Settings, Account and settings, Advanced, Projects."
    return ""


def save_categories(deps: Deps, connection_id: str, forms: Sequence[CategoryForm], person: str) -> None:
    """Check every row against the rules, then keep all or none. Raises ``Refused`` naming the row."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        context = load_context(session, connection_id)
        changes: dict[str, Any] = {}
        for form in forms:
            _check_form(form, context.categories[Category(form.category)], connection, context.settings.features)
            row = session.get_one(CategorySettings, (connection_id, form.category))
            changes[form.category] = _apply_form(row, form)
            session.add(row)
        connection = log.lock(session, connection_id)
        log.append(session, connection, [_settings_entry(person, {"categories": changes})], now)
        mark_dirty(session, connection_id)


def _check_form(form: CategoryForm, row: CategorySettings, connection: Connection, features: Mapping[str, str]) -> None:
    category = Category(form.category)
    name = form.category.title()
    if form.source not in _allowed(category):
        raise Refused(f"{name} go only from QuickBooks to Scoro.", hint="Leave the direction as it is (R15, R23).")
    if form.enabled and (gate := _gate(category, features)):
        raise Refused(f"{name} cannot be switched on.", hint=gate)
    if row.start_fixed and form.source != row.source:
        raise Refused(
            f"The direction of {name} is changed by a flip.", hint="Use “Flip the direction”, which shows what it does."
        )
    if row.start_fixed and form.start_date != row.start_date:
        raise Refused(
            f"The start date of {name} is fixed since the first run.",
            hint="Use the historical import for older data (R34, R35).",
        )
    earliest = connection.first_connected_at
    if form.start_date and earliest and form.start_date < earliest.date():
        raise Refused(
            f"The start date of {name} cannot be earlier than {earliest.date().isoformat()}.",
            hint="That is the day QuickBooks was first connected. Use the historical import for older data (R33, R34).",
        )
    if form.scope and category not in FILTERED:
        raise Refused(
            f"{name} cannot be limited by a bookmark or filter.", hint="Only contacts, invoices and bills can (R36)."
        )


def _apply_form(row: CategorySettings, form: CategoryForm) -> dict[str, Any]:
    values: dict[str, Any] = {
        "enabled": form.enabled, "source": form.source, "automatic": form.automatic, "start_date": form.start_date,
        "scope": dict(form.scope), "conflicts": form.conflicts, "deletions": form.deletions,
    }  # fmt: skip
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in changed.items()}


def scope_count(deps: Deps, connection_id: str, category: str, scope: Mapping[str, Any]) -> int:
    """How many known objects of a category a filter would let through."""
    with reading(deps.database) as session:
        context = load_context(session, connection_id)
        row = context.categories[Category(category)]
        row.scope = dict(scope)
        statement = select(Object.fields, Binding).join(Binding, col(Binding.object_id) == Object.id)
        statement = statement.where(
            Object.connection_id == connection_id, Object.category == category, Binding.system == System.SCORO.value
        )
        return sum(in_scope(row, fields, {Replica.SCORO: binding}) for fields, binding in session.exec(statement))


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """An account that can be chosen as a default."""

    id: str
    name: str
    number: str
    account_class: str


def account_choices(deps: Deps, connection_id: str) -> dict[str, list[AccountChoice]]:
    """Accounts by purpose: ``income``, ``expense``, ``deposit`` (R41, R42)."""
    with reading(deps.database) as session:
        statement = select(Object.id, Object.fields).where(
            Object.connection_id == connection_id, Object.kind == Kind.ACCOUNT.value, Object.merged_into == ""
        )
        found = [_account(object_id, fields) for object_id, fields in session.exec(statement)]
    found.sort(key=lambda account: (account.number, account.name))
    purposes = {"income": {"income"}, "expense": {"expense"}, "deposit": {"bank", "asset"}}
    return {
        name: [account for account in found if account.account_class in classes] for name, classes in purposes.items()
    }


def _account(object_id: str, fields: Mapping[str, Any]) -> AccountChoice:
    return AccountChoice(
        object_id, str(fields.get("name", "")), str(fields.get("number", "")), str(fields.get("account_class", ""))
    )


def save_accounts(
    deps: Deps, connection_id: str, *, income: str, expense: str, deposit: str = "", time_zone: str = "", person: str
) -> None:
    """The default accounts, as object ids."""
    chosen = {"income_account": income, "expense_account": expense, "deposit_account": deposit, "time_zone": time_zone}
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        for name, object_id in list(chosen.items())[:3]:
            thing = session.get(Object, object_id) if object_id else None
            if object_id and (
                thing is None or thing.connection_id != connection_id or thing.kind != Kind.ACCOUNT.value
            ):
                raise Refused(
                    f"The {name.replace('_', ' ')} is not an account of QuickBooks.", hint="Choose one from the list."
                )
        connection.settings = {**connection.settings, **{name: value for name, value in chosen.items() if value}}
        log.append(session, connection, [_settings_entry(person, chosen)], deps.clock.now())
        session.add(connection)
        mark_dirty(session, connection_id)


@dataclass(frozen=True, slots=True)
class MappingGap:
    """An account or tax rate that only one side has."""

    id: str
    kind: str
    title: str
    system: str


def mapping_gaps(deps: Deps, connection_id: str) -> list[MappingGap]:
    """Accounts and tax rates without a counterpart, missing ones first."""
    with reading(deps.database) as session:
        statement = (
            sa.select(col(Object.id), col(Object.kind), col(Object.title), func.min(Binding.system))
            .join(Binding, col(Binding.object_id) == Object.id)
            .where(
                col(Object.connection_id) == connection_id,
                col(Object.merged_into) == "",
                col(Object.kind).in_((Kind.ACCOUNT.value, Kind.TAX_RATE.value)),
            )
            .group_by(col(Object.id), col(Object.kind), col(Object.title))
            .having(func.count() == 1)
            .order_by(col(Object.kind), col(Object.title))
        )
        return [MappingGap(*row) for row in session.connection().execute(statement)]


def activate(deps: Deps, connection_id: str, person: str, *, plan_id: str = "") -> str:
    """Save: the connection becomes active and its first run starts (R43), which writes exactly ``plan_id`` where one is given.
    Returns the run.

    Raises ``Refused`` when something is missing.
    """
    check = check_currencies(deps, connection_id)
    if not check.ok:
        raise Refused(
            f"These currencies of Scoro are not in QuickBooks: {', '.join(check.unmatched)}.",
            hint=" ".join(check.remedies),
        )
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        rows = session.exec(select(CategorySettings).where(CategorySettings.connection_id == connection_id)).all()
        if not any(row.enabled and row.category != Category.REFERENCE for row in rows):
            raise Refused("No category is switched on.", hint="Switch on at least one category.")
        for row in rows:
            row.start_fixed = row.start_fixed or row.enabled
            row.matched_at = row.matched_at or now
            session.add(row)
        connection.state, connection.next_run_at = "active", now
        log.append(session, connection, [_settings_entry(person, {"activated": True})], now)
        session.add(connection)
        mark_dirty(session, connection_id)
    if plan_id:
        return approve_plan(deps, plan_id, person)
    return request_run(deps, connection_id, trigger="person", person=person)


def disconnect(deps: Deps, connection_id: str, person: str) -> None:
    """Give QuickBooks' grant back and stop. What is known is kept; connecting the same company again goes on from
    here."""
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        sealed, connection.quickbooks_secret, connection.state = connection.quickbooks_secret, "", "disconnected"
        log.append(session, connection, [_settings_entry(person, {"disconnected": True})], deps.clock.now())
        session.add(connection)
    if sealed:
        deps.authorizer.revoke(deps.vault.open(sealed))


@dataclass(frozen=True, slots=True)
class WizardState:
    """How far the set-up is. Steps: scoro, quickbooks, currencies, categories, accounts, match, preview."""

    done: Mapping[str, bool]
    next_step: str


def wizard_state(deps: Deps, connection_id: str) -> WizardState:
    """From what is stored, so that the set-up can be left and resumed at any step, in any browser."""
    with reading(deps.database) as session:
        context = load_context(session, connection_id)
        bound = (
            session.exec(select(Object.id).where(Object.connection_id == connection_id).limit(1)).first() is not None
        )
    connection = context.connection
    rows = [context.categories[category] for category in SHOWN]
    scoro, quickbooks = (
        connection.scoro_profile.get("currencies", []),
        connection.quickbooks_profile.get("currencies", []),
    )
    done = {
        "scoro": bool(connection.scoro_profile and connection.scoro_secret),
        "quickbooks": bool(connection.quickbooks_profile and connection.quickbooks_secret),
        "currencies": bool(scoro and quickbooks) and set(scoro) <= set(quickbooks),
        "categories": any(row.enabled for row in rows),
        "accounts": bool(connection.settings.get("income_account")),
        "match": bound and all(row.matched_at for row in rows if row.enabled) and any(row.enabled for row in rows),
        "preview": connection.state == "active",
    }
    return WizardState(done, next((step for step, finished in done.items() if not finished), "preview"))


def count_objects(session: Session, connection_id: str) -> Mapping[str, int]:
    """How many objects of each kind are known."""
    statement = (
        select(Object.kind, sa.func.count())
        .where(Object.connection_id == connection_id, Object.merged_into == "")
        .group_by(col(Object.kind))
    )
    return dict(session.exec(statement).all())
