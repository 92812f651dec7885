"""The sandbox's books as plain values, for the state file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.sandbox.quickbooks import uniqueness
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.oauth import Access, Grant
from app.sandbox.quickbooks.requestid import Stored
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.settlements import links_of

Plain = dict[str, Any]
_VERSION = 1


def dump(sandbox: QuickBooksSandbox) -> Plain:
    companies = {}
    for realm, company in sandbox.companies.items():
        with company.lock:
            companies[realm] = _dump_company(company)
    return {
        "version": _VERSION,
        "offset": sandbox.clock.offset.total_seconds(),
        "companies": companies,
        "replays": [(key, each.at, each.content, each.answer) for key, each in sandbox.replays.stored.items()],
        "secrets": sandbox.authority.serial,
        "grants": [_dump_grant(sandbox, grant) for grant in sandbox.authority.grants],
    }


def _dump_company(company: Company) -> Plain:
    rows = [
        (
            row.entity,
            row.id,
            row.token,
            row.created,
            row.updated,
            row.data,
            row.revision,
            row.lines_issued,
            row.modified_by,
            row.posted,
        )
        for table in company.rows.values()
        for row in table.values()
    ]
    return {
        "rows": rows,
        "tombstones": {entity: dict(gone) for entity, gone in company.tombstones.items()},
        "counters": dict(company.counters),
        "revision": company.revision,
        "last_number": dict(company.last_number),
        "subscription_ended": company.subscription_ended,
        "access_lost": company.access_lost,
        "mails": dict(company.mails),
        "project_ids": dict(company.project_ids),
        "project_details": dict(company.project_details),
    }


def _dump_grant(sandbox: QuickBooksSandbox, grant: Grant) -> Plain:
    recent = sandbox.clock.now() - timedelta(days=1)
    tokens = sandbox.authority.access.items()
    access = {token: each.expires for token, each in tokens if each.grant is grant and each.expires > recent}
    return {
        "realm": grant.realm,
        "user": grant.user,
        "scopes": sorted(grant.scopes),
        "born": grant.born,
        "refresh": grant.refresh,
        "issued": grant.issued,
        "extended": grant.extended,
        "dead": grant.dead,
        "old": sorted(grant.old),
        "access": access,
    }


def load(sandbox: QuickBooksSandbox, snapshot: Plain) -> None:
    """Replace the books by those of a snapshot; companies the snapshot does not know stay as seeded."""
    if snapshot.get("version") != _VERSION:
        raise ValueError("this state file was written by another version of the sandbox")
    sandbox.clock.offset = timedelta(seconds=snapshot["offset"])
    for realm, books in snapshot["companies"].items():
        if realm in sandbox.companies:
            _load_company(sandbox.companies[realm], books)
    for key, *stored in snapshot["replays"]:
        sandbox.replays.stored[key] = Stored(*stored)
    sandbox.authority.serial = snapshot["secrets"]
    for grant in snapshot["grants"]:
        _load_grant(sandbox, grant)


def _load_company(company: Company, books: Plain) -> None:
    for index in (
        company.rows,
        company.names,
        company.numbers,
        company.applied,
        company.children,
        company.tombstones,
        company.mails,
    ):
        index.clear()
    company.counters = dict(books["counters"])
    company.revision = books["revision"]
    company.last_number = dict(books["last_number"])
    company.subscription_ended = books["subscription_ended"]
    company.access_lost = books["access_lost"]
    company.mails.update(books.get("mails", {}))
    company.project_ids = dict(books["project_ids"])
    company.project_details = dict(books["project_details"])
    for entity, gone in books["tombstones"].items():
        company.tombstones[entity] = dict(gone)
    for values in books["rows"]:
        row = Row(*values)
        company.rows[row.entity][row.id] = row
    _index(company, dict(books["last_number"]))


def _index(company: Company, last_number: dict[str, int]) -> None:
    """Indexes are not stored; they follow from the rows."""
    call = Booking(company)
    for table in company.rows.values():
        for row in table.values():
            uniqueness.index_name(company, row, None)
            uniqueness.index_number(call, row, None)
            if row.ref("ParentRef"):
                company.children[row.entity, row.ref("ParentRef")][row.id] = None
            for key, amount in links_of(row.data).items() if row.entity in {"Payment", "BillPayment"} else ():
                company.applied[key][row.key] = amount
    company.last_number = last_number


def _load_grant(sandbox: QuickBooksSandbox, saved: Plain) -> None:
    authority = sandbox.authority
    grant = Grant(
        saved["realm"], saved["user"], frozenset(saved["scopes"]), saved["born"], saved["refresh"],
        saved["issued"], saved["extended"], saved["dead"], set(saved["old"]),
    )  # fmt: skip
    authority.grants.append(grant)
    for token in (grant.refresh, *grant.old):
        authority.refresh[token] = grant
    for token, expires in saved["access"].items():
        authority.access[token] = Access(grant, expires)
