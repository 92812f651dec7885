"""Connecting both systems: a connection, its keys and grants, and what the companies say of themselves (R1, R2)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlmodel import Session, select

from engine.connectors.base import CompanyProfile
from engine.core.records import ONE_WAY, Category, System
from engine.errors import ConcordError, Refused
from engine.services.context import load_context
from engine.services.deps import Deps
from engine.services.profiles import stored_profile
from engine.services.setup.settings import CATEGORIES, settings_entry
from engine.store import log
from engine.store.database import new_id, reading, writing
from engine.store.tables import CategorySettings, Connection, Object

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


def create_connection(deps: Deps, name: str, person: str, *, sandbox: bool = False) -> str:
    """An empty connection with all categories off. Returns its id."""
    with writing(deps.database) as session:
        return add_connection(session, name, person, sandbox=sandbox, now=deps.clock.now())


def add_connection(session: Session, name: str, person: str, *, sandbox: bool, now: datetime) -> str:
    """The same within a transaction of the caller's."""
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
    log.append(session, connection, [settings_entry(person, {"created": connection.name})], now)
    return connection.id


def _category_defaults(connection_id: str, category: Category) -> CategorySettings:
    source = ONE_WAY.get(category, System.SCORO)
    return CategorySettings(
        connection_id=connection_id, category=category.value, source=source.value,
        enabled=category is Category.REFERENCE, conflicts="ask",
    )  # fmt: skip


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
            log.append(session, connection, [settings_entry(person, {"connected": profile.name})], deps.clock.now())
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
    """Trade the code for tokens, keep them sealed, and look at the company. The same company is found again
    after a disconnect; another company is refused for a connection that has objects, so that nothing of the
    first is touched."""
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


def disconnect(deps: Deps, connection_id: str, person: str) -> None:
    """Stop, and give QuickBooks' grant back unless another connection lives on it. What is known is kept; connecting the same
    company again goes on from here."""
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        sealed = connection.quickbooks_secret if is_only_one_of_its_company(session, connection) else ""
        connection.quickbooks_secret, connection.state = "", "disconnected"
        log.append(session, connection, [settings_entry(person, {"disconnected": True})], deps.clock.now())
        session.add(connection)
    if sealed:
        deps.authorizer.revoke(deps.vault.open(sealed))


def is_only_one_of_its_company(session: Session, connection: Connection) -> bool:
    """QuickBooks takes an authorisation back for the whole company, also from another connection that lives on it."""
    others = select(Connection.id).where(
        Connection.id != connection.id,
        Connection.quickbooks_realm == connection.quickbooks_realm,
        Connection.quickbooks_secret != "",
    )
    return session.exec(others.limit(1)).first() is None
