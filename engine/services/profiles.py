"""What the two systems say about themselves, kept with the connection and renewed when it changes (R2, R24)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engine.connectors.base import CompanyProfile, RemoteRecord
from engine.core.records import System
from engine.services.context import load_context
from engine.services.deciding import mark_dirty
from engine.services.job import Job
from engine.store import log
from engine.store.database import reading, writing

SETTINGS_TYPES = ("Preferences", "CompanyInfo", "CompanyCurrency")
"""QuickBooks' record types that its profile is made of; the change feed tells of them, so that looking costs nothing."""


def stored_profile(profile: CompanyProfile) -> dict[str, Any]:
    """The form in which a profile is kept."""
    return asdict(profile) | {
        "system": profile.system.value, "features": dict(profile.features), "currencies": list(profile.currencies),
    }  # fmt: skip


def tells_of_settings(records: tuple[RemoteRecord, ...]) -> bool:
    """Whether a page of a feed says that the company's settings changed."""
    return any(record.type in SETTINGS_TYPES for record in records)


def renew_profile(job: Job) -> None:
    """Read QuickBooks' settings anew; when they differ, every decision is made anew under them."""
    stored = stored_profile(job.connector(System.QUICKBOOKS).profile())
    with writing(job.deps.database) as session:
        connection = log.lock(session, job.context.id)
        if connection.quickbooks_profile == stored:
            return
        connection.quickbooks_profile = stored
        session.add(connection)
        mark_dirty(session, connection.id)
    with reading(job.deps.database) as session:
        job.context = load_context(session, job.context.id)
