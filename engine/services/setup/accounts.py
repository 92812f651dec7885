"""Default accounts (R41, R42), and the accounts and tax rates that only one side has (R3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from engine.core.records import Kind
from engine.errors import Refused
from engine.services.deciding import mark_dirty
from engine.services.deps import Deps
from engine.services.setup.settings import settings_entry
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Binding, Object


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
        log.append(session, connection, [settings_entry(person, chosen)], deps.clock.now())
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
