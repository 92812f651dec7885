"""The settings of one connection, gathered once per job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, select

from engine.core.policy import ConflictPolicy, DeletionPolicy, Policy
from engine.core.records import CATEGORY_OF, Category, Kind, System
from engine.errors import Refused
from engine.mapping.base import Settings
from engine.store.tables import CategorySettings, Connection


@dataclass(frozen=True, slots=True)
class Context:
    """A connection with its categories and the settings its mappings depend on. Rows are detached: read only."""

    connection: Connection
    categories: Mapping[Category, CategorySettings]
    settings: Settings
    policies: dict[Category, Policy] = field(init=False, default_factory=dict)

    @property
    def id(self) -> str:
        """The connection's id."""
        return self.connection.id

    def category(self, kind: Kind) -> CategorySettings:
        """The settings row that rules ``kind``."""
        return self.categories[CATEGORY_OF[kind]]

    def policy(self, kind: Kind) -> Policy:
        """The same as the core sees it, worked out once."""
        category = CATEGORY_OF[kind]
        if category not in self.policies:
            self.policies[category] = policy_of(self.categories[category])
        return self.policies[category]


def policy_of(row: CategorySettings) -> Policy:
    """A settings row in the core's terms."""
    return Policy(
        source=System(row.source),
        enabled=row.enabled,
        epoch=row.epoch,
        conflicts=ConflictPolicy(row.conflicts),
        conflict_fields={path: ConflictPolicy(rule) for path, rule in row.conflict_fields.items()},
        deletions=DeletionPolicy(row.deletions),
    )


def load_context(session: Session, connection_id: str) -> Context:
    """Everything above for one connection. Raises ``Refused`` when there is none."""
    connection = session.get(Connection, connection_id)
    if connection is None:
        raise Refused("There is no such connection.", hint="Choose one from the list of connections.")
    rows = session.exec(select(CategorySettings).where(CategorySettings.connection_id == connection_id)).all()
    context = Context(connection, {Category(row.category): row for row in rows}, mapping_settings(connection))
    session.expunge_all()
    return context


def polled_kinds(context: Context) -> tuple[Kind, ...]:
    """Kinds to listen for: the enabled categories. What documents need beyond them is read when it is referred to."""
    return tuple(kind for kind in Kind if context.category(kind).enabled or kind in _ALWAYS)


_ALWAYS = frozenset({Kind.ACCOUNT, Kind.TAX_RATE})


def mapping_settings(connection: Connection) -> Settings:
    """What the mappings may depend on, from the profiles and the accounts chosen at set-up."""
    scoro, quickbooks, chosen = connection.scoro_profile, connection.quickbooks_profile, connection.settings
    features: dict[str, str] = dict(quickbooks.get("features", {}))
    return Settings(
        home_currency=quickbooks.get("home_currency", "USD"),
        scoro_currency=scoro.get("home_currency", "USD"),
        multicurrency=features.get("multicurrency") == "true",
        tax_model=_tax_model(quickbooks.get("country", ""), features),
        time_zone=str(chosen.get("time_zone") or scoro.get("time_zone") or "UTC"),
        default_income_account=str(chosen.get("income_account", "")),
        default_expense_account=str(chosen.get("expense_account", "")),
        default_deposit_account=str(chosen.get("deposit_account", "")),
        features=features,
    )


def _tax_model(country: str, features: Mapping[str, str]) -> str:
    """The sales tax model of the company (QuickBooks reference 11.2)."""
    if features.get("sales_tax") == "false":
        return "none"
    if country.upper() not in {"US", "USA", ""}:
        return "vat"
    return "us_automated" if features.get("automated_sales_tax") == "true" else "us_manual"
