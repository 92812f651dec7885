"""A contact's currency stands in its client profile; it is joined into the contact's record (R13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from engine.connectors.base import RemoteRecord
from engine.connectors.scoro.client import ScoroClient
from engine.connectors.scoro.listing import walk
from engine.connectors.scoro.modules import module_of

KEY = "profile_currency"
"""The key that is added to a contact's data."""


class ProfileCurrencies:
    """The client profiles of one account, read once when the first contact with a profile comes along."""

    def __init__(self, client: ScoroClient) -> None:
        self._client = client
        self._known: dict[str, str] | None = None
        self._lock = Lock()

    def joined(self, record: RemoteRecord) -> RemoteRecord:
        """The record with its currency; records of other types as they are."""
        profile = str(record.data.get("client_profile_id") or "")
        if record.type != "contacts" or record.deleted or not profile:
            return record
        return replace(record, data={**record.data, KEY: self._currencies().get(profile, "")})

    def all_joined(self, records: Sequence[RemoteRecord]) -> tuple[RemoteRecord, ...]:
        """The same for a page."""
        return tuple(self.joined(record) for record in records)

    def _currencies(self) -> dict[str, str]:
        with self._lock:
            if self._known is None:
                rows = (
                    row for page in walk(self._client, module_of("clientProfiles"), {}, detailed=False) for row in page
                )
                self._known = {str(row["id"]): str(row.get("currency") or "") for row in rows}
            return self._known
