"""A newer mapping reads what an older one did not: nobody has edited anything, so nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlmodel import col, func, select

from engine.connectors.base import RemoteRecord
from engine.core.records import Kind
from engine.mapping.base import Picture, Reading
from engine.mapping.registry import MAPPINGS, rule_for
from engine.services.deciding import carried_fields
from engine.store.database import reading
from engine.store.tables import Binding, Object
from tests.support import in_concord, in_scoro
from tests.support.world import World

CLIENTS = 500
"""Each is bound on both sides."""

Read = Callable[[RemoteRecord, Reading], Picture]


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Brings the next version of the contacts' mapping, which both systems can carry one more field of."""
    old = MAPPINGS[Kind.CONTACT]
    field = replace(next(rule for rule in old.rules if rule.path == "registry_code"), path="birthday")
    new = replace(
        old, version=old.version + 1, rules=(*old.rules, field),
        read={**old.read, "contacts": with_birthday(old.read["contacts"])},
    )  # fmt: skip

    def bring() -> None:
        monkeypatch.setitem(MAPPINGS, Kind.CONTACT, new)
        carried_fields.cache_clear()
        rule_for.cache_clear()

    yield bring
    monkeypatch.undo()
    carried_fields.cache_clear()
    rule_for.cache_clear()


def test_thousand_bindings_are_read_anew_and_nothing_is_written(world: World, upgrade: Callable[[], None]) -> None:
    """Given a thousand bindings, when a mapping of the next version reads one more field in Scoro and all its records are seen
    again, then nothing is written, and the next real edit is sent alone."""
    made = [in_scoro.client(world, f"Client {number} Ltd") for number in range(CLIENTS)]
    world.sync()
    sent = len(world.writes())
    upgrade()
    for row in made:
        in_scoro.edit(world, "contacts", row["contact_id"], birthday="1990-01-01")

    world.sync()
    assert len(world.writes()) == sent
    assert versions(world) == {1: CLIENTS, 2: CLIENTS}
    assert in_concord.is_quiet(world)

    in_scoro.edit(world, "contacts", made[0]["contact_id"], id_code="GB 1234")
    world.sync()
    (write,) = world.outbox(kind="contact")[CLIENTS:]
    assert (write.operation, list(write.values)) == ("update", ["registry_code"])
    assert in_concord.is_quiet(world)


def with_birthday(read: Read) -> Read:
    """Reads a field that was passed over before."""

    def anew(record: RemoteRecord, handed: Reading) -> Picture:
        picture = read(record, handed)
        return replace(picture, state={**picture.state, "birthday": record.data["birthday"]})

    return anew


def versions(world: World) -> dict[int, int]:
    """How many bindings were read by which version of the mapping."""
    counts = select(Binding.mapping_version, func.count())
    ours = counts.join(Object, col(Object.id) == col(Binding.object_id)).where(Object.kind == Kind.CONTACT)
    with reading(world.deps.database) as session:
        return dict(session.exec(ours.group_by(col(Binding.mapping_version))).all())
