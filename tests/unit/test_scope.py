"""Whether a bookmark shows a record, among as many as there may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from engine.core.records import Replica
from engine.services.scope import MEMBERS, in_scope
from engine.store.tables import Binding, CategorySettings

NUMBER = 100_000


class Counted(Sequence[str]):
    """Ids in order, as they are kept, which count how often one is looked at."""

    def __init__(self, ids: list[str]) -> None:
        self.ids, self.looks = ids, 0

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, position: Any) -> Any:
        self.looks += 1
        return self.ids[position]


def test_members_of_a_large_bookmark_are_found_in_a_few_looks():
    """R36: with 100,000 members, deciding on one object looks at a handful of them, not at all of them."""
    members = Counted(sorted(str(id) for id in range(0, NUMBER * 2, 2)))
    settings = CategorySettings(connection_id="c", category="invoices", source="scoro", enabled=True)
    settings.scope = {"bookmark": "7", MEMBERS: members}
    shown = [id for id in range(1000, 1100) if in_scope(settings, {}, bound(str(id)))]
    assert shown == list(range(1000, 1100, 2))
    assert members.looks < 100 * 25


def bound(id: str) -> dict[Replica, Binding]:
    """A record of Scoro, bound."""
    binding = Binding(
        id=id, connection_id="c", object_id=id, replica="scoro", system="scoro", remote_type="invoices", remote_id=id,
        observed_at=datetime(2026, 11, 2, tzinfo=UTC),
    )  # fmt: skip
    return {Replica.SCORO: binding}
