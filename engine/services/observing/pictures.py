"""Remote records as pictures: whether one is new, what it is read with, and what of it a binding keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

from engine.connectors.base import RemoteRecord
from engine.core.encoding import canonical_json
from engine.core.fingerprint import fingerprint
from engine.core.objects import CausalBinding
from engine.core.records import Kind, System
from engine.mapping.base import Picture, Reading
from engine.mapping.registry import MAPPINGS
from engine.services.context import Context
from engine.services.directory import Directory
from engine.store.tables import Binding


def digest_of(record: RemoteRecord) -> str:
    """A hash of the raw record: the fastest way to know that nothing happened at all."""
    return blake2b(canonical_json(record.data, default=str), digest_size=12).hexdigest()


def is_older(record: RemoteRecord, row: Any) -> bool:
    """A late picture: its revision, or its stamp where revisions cannot be ordered, is older than what we know."""
    if record.revision.isdigit() and row.revision.isdigit() and not record.deleted:
        return int(record.revision) < int(row.revision)
    stamp, known = record.modified_at, row.remote_modified_at
    return stamp is not None and known is not None and stamp < known


def edited_since(binding: Binding | None, target: Mapping[str, int]) -> bool:
    """Whether an edit of this replica was observed after a write with this target vector was decided."""
    return binding is not None and binding.seen.get(binding.replica, 0) > target.get(binding.replica, 0)


def reading_of(
    context: Context, directory: Directory, system: System, binding: Binding | None, *, lenient: bool = True
) -> Reading:
    """The look-ups for reading one record."""
    return Reading(
        settings=context.settings,
        resolve=partial(directory.resolve, system),
        lookup=directory.state,
        previous=binding.shadow if binding else {},
        line_ids=dict(binding.line_ids) if binding else {},
        lenient=lenient,
    )


def binding_columns(
    kind: Kind, binding: CausalBinding, record: RemoteRecord, picture: Picture, now: datetime
) -> dict[str, Any]:
    """The columns of a binding that every observation and every receipt renews."""
    return {
        "revision": record.revision,
        "shadow": dict(binding.shadow),
        "fingerprint": fingerprint(binding.shadow),
        "seen": dict(binding.seen.counters),
        "line_ids": [list(pair) for pair in picture.line_ids.items()],
        "facts": picture.facts,
        "extras": picture.extras,
        "mapping_version": MAPPINGS[kind].version,
        "remote_modified_at": record.modified_at,
        "observed_at": now,
    }
