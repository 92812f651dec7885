"""Observing a page of remote records: load in sets, hash first, diff only what changed, log in bulk, all in one
transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.connectors.base import RemoteRecord
from engine.core.encoding import canonical_json
from engine.core.fingerprint import fingerprint
from engine.core.objects import CausalBinding, CausalObject
from engine.core.observe import Doubt, Effect, Observation, first_sight, observe
from engine.core.records import (
    CATEGORY_OF,
    EXISTS,
    HUB,
    LINES,
    WAVE,
    Category,
    Kind,
    Path,
    Replica,
    Scalar,
    State,
    System,
)
from engine.core.rules import reassert, settle, winners
from engine.errors import MappingError, MissingReference
from engine.mapping.base import Picture, Reading
from engine.mapping.registry import MAPPINGS, kind_of, rule_for
from engine.services.context import Context
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.listing import listing_columns, match_key_rows, reference_rows
from engine.store import log
from engine.store.causal import causal_binding, causal_object, object_columns
from engine.store.database import new_id, writing
from engine.store.pages import RowPage
from engine.store.tables import Binding, MatchKey, Object, Outbox, Reference


@dataclass(slots=True)
class Observed:
    """What a page brought: objects that changed, references that could not be resolved, and counts for the run's
    page."""

    touched: set[str] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    waiting: list[RemoteRecord] = field(default_factory=list)
    records: int = 0
    edited: int = 0
    created: int = 0
    vanished: int = 0
    conflicts: int = 0

    def absorb(self, other: Observed) -> None:
        """Add up."""
        self.touched |= other.touched
        self.missing |= other.missing
        self.waiting += other.waiting
        for name in ("records", "edited", "created", "vanished", "conflicts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class _Page:
    """The working state of one transaction."""

    session: Session
    rows: RowPage
    deps: Deps
    context: Context
    directory: Directory
    noticed: str
    run_id: str
    now: datetime
    settle: bool = False
    result: Observed = field(default_factory=Observed)
    entries: list[log.Entry] = field(default_factory=list)
    new_objects: list[dict[str, Any]] = field(default_factory=list)
    new_bindings: list[dict[str, Any]] = field(default_factory=list)
    new_keys: list[dict[str, Any]] = field(default_factory=list)
    new_references: list[dict[str, Any]] = field(default_factory=list)


def observe_records(
    deps: Deps,
    context: Context,
    directory: Directory,
    records: Iterable[RemoteRecord],
    *,
    noticed: str,
    run_id: str = "",
    settle: bool = False,
) -> Observed:
    """Take a page of records in; commits once.

    Records that point to something not yet read come back in ``waiting``; with ``settle`` they are remembered as
    unreadable.
    """
    latest = list(_latest(records).values())
    with writing(deps.database) as session:
        connection = log.lock(session, context.id)
        rows = RowPage(session.connection())
        page = _Page(session, rows, deps, context, directory, noticed, run_id, deps.clock.now(), settle)
        news = sorted(_news(page, latest), key=lambda one: _order(one[0]))
        rows.load([row.id for _, row, _ in news if row], list({row.object_id for _, row, _ in news if row}))
        doubts = _load_doubts(session, context.id)
        for record, row, digest in news:
            _observe_one(page, record, row, digest, doubts)
        _flush(page)
        log.append(session, connection, page.entries, page.now)
    directory.forget(page.result.touched or {""})
    return page.result


def _latest(records: Iterable[RemoteRecord]) -> dict[tuple[str, str], RemoteRecord]:
    """One picture per record: feeds repeat, the last one counts."""
    return {(record.type, record.id): record for record in records}


def _order(record: RemoteRecord) -> tuple[int, int, str]:
    """What is referred to first: parents before children, contacts before documents."""
    kind = kind_of(record)
    return (WAVE[kind] if kind is not None else 9, len(record.id), record.id)


def digest_of(record: RemoteRecord) -> str:
    """A hash of the raw record: the fastest way to know that nothing happened at all."""
    return blake2b(canonical_json(record.data, default=str), digest_size=12).hexdigest()


def _load_bindings(page: _Page, records: Sequence[RemoteRecord]) -> dict[tuple[str, str, str], Any]:
    """The bindings of a page in one query per type, as plain rows."""
    by_type: dict[tuple[str, str], list[str]] = {}
    for record in records:
        by_type.setdefault((record.system.value, record.type), []).append(record.id)
    found: dict[tuple[str, str, str], Any] = {}
    for (system, type), ids in by_type.items():
        for start in range(0, len(ids), 500):
            statement = sa.select(*_BINDING_COLUMNS).where(
                col(Binding.connection_id) == page.context.id,
                col(Binding.system) == system,
                col(Binding.remote_type) == type,
                col(Binding.remote_id).in_(ids[start : start + 500]),
            )
            for row in page.session.connection().execute(statement):
                found[(system, type, row.remote_id)] = row
    return found


_BINDING_COLUMNS = tuple(
    getattr(Binding, name)
    for name in (
        "id", "object_id", "remote_id", "revision", "digest", "gone", "remote_modified_at",
    )
)  # fmt: skip


def _load_doubts(session: Session, connection_id: str) -> dict[tuple[str, str], tuple[Doubt, Mapping[str, int]]]:
    """Writes whose answer never came: (object, replica) → values sent."""
    statement = select(Outbox.object_id, Outbox.replica, Outbox.values, Outbox.target_vector).where(
        Outbox.connection_id == connection_id, Outbox.state == "sent"
    )
    return {(object_id, replica): (values, target) for object_id, replica, values, target in session.exec(statement)}


def _news(page: _Page, records: Sequence[RemoteRecord]) -> list[tuple[RemoteRecord, Any, str]]:
    """Records that say something new, with the row of their binding (None: never seen) and the digest they have now."""
    known = _load_bindings(page, records)
    page.result.records = len(records)
    news: list[tuple[RemoteRecord, Any, str]] = []
    for record in records:
        row = known.get((record.system.value, record.type, record.id))
        if row is None:
            if not record.deleted:
                news.append((record, None, ""))
            continue
        digest = digest_of(record)
        if not (row.digest == digest and row.gone == record.deleted) and not is_older(record, row):
            news.append((record, row, digest))
    return news


def _observe_one(
    page: _Page,
    record: RemoteRecord,
    row: Any,
    digest: str,
    doubts: Mapping[tuple[str, str], tuple[Doubt, Mapping[str, int]]],
) -> None:
    if row is None:
        _meet(page, record)
        return
    binding, thing = page.rows.binding(row.id), page.rows.object(row.object_id)
    picture = _read(page, record, Kind(thing.kind), binding)
    if picture is None:
        return
    _take(page, record, thing, binding, picture, _doubt(doubts, binding))
    binding.digest = digest
    page.rows.change(binding=binding)


def _doubt(doubts: Mapping[tuple[str, str], tuple[Doubt, Mapping[str, int]]], binding: Binding) -> Doubt | None:
    """What may be an echo in the next picture; once an edit was seen after the send, equal values are edits too."""
    values, target = doubts.get((binding.object_id, binding.replica), (None, {}))
    return None if edited_since(binding, target) else values


def edited_since(binding: Binding | None, target: Mapping[str, int]) -> bool:
    """Whether an edit of this replica was observed after a write with this target vector was decided."""
    return binding is not None and binding.seen.get(binding.replica, 0) > target.get(binding.replica, 0)


def is_older(record: RemoteRecord, row: Any) -> bool:
    """A late picture: its revision, or its stamp where revisions cannot be ordered, is older than what we know."""
    if record.revision.isdigit() and row.revision.isdigit() and not record.deleted:
        return int(record.revision) < int(row.revision)
    stamp, known = record.modified_at, row.remote_modified_at
    return stamp is not None and known is not None and stamp < known


def _read(page: _Page, record: RemoteRecord, kind: Kind, binding: Binding | None) -> Picture | None:
    """The record in canonical form; None when it has to wait for a reference. A record that cannot be read is
    remembered with
    the reason, so that it is listed and not lost."""
    if record.deleted:
        return Picture({})
    reading = reading_of(page.context, page.directory, record.system, binding, lenient=page.settle)
    try:
        return MAPPINGS[kind].read[record.type](record, reading)
    except MissingReference as missing:
        if page.settle:
            _remember_unreadable(page, record, kind, binding, missing)
            return None
        page.result.missing.add((missing.type, missing.id))
        page.result.waiting.append(record)
    except MappingError as error:
        _remember_unreadable(page, record, kind, binding, error)
    return None


def reading_of(
    context: Context, directory: Directory, system: System, binding: Binding | None, *, lenient: bool = True
) -> Reading:
    """The look-ups for reading one record."""
    return Reading(
        settings=context.settings,
        resolve=lambda type, id: directory.resolve(system, type, id),
        lookup=directory.state,
        previous=binding.shadow if binding else {},
        line_ids=dict(binding.line_ids) if binding else {},
        lenient=lenient,
    )


def _remember_unreadable(
    page: _Page, record: RemoteRecord, kind: Kind, binding: Binding | None, error: MappingError
) -> None:
    unreadable = {"message": error.message, "hint": error.hint, "code": error.code, "system": record.system.value}
    if binding is None:
        picture = Picture({})
        thing = CausalObject(new_id(page.now), kind)
        row = _object_row(page, thing, picture)
        row |= {
            "title": str(record.data.get("DocNumber") or record.data.get("name") or record.id),
            "facts": {"unreadable": unreadable},
        }
        page.new_objects.append(row)
        page.new_bindings.append(_binding_row(page, record, thing, CausalBinding(_replica(record, kind)), picture))
        page.result.touched.add(thing.id)
        return
    known = page.rows.object(binding.object_id)
    known.facts = {**known.facts, "unreadable": unreadable}
    known.dirty = True
    page.rows.change(object=known)
    page.result.touched.add(known.id)


def _replica(record: RemoteRecord, kind: Kind) -> Replica:
    return MAPPINGS[kind].types[record.type]


def _meet(page: _Page, record: RemoteRecord) -> None:
    """A record never seen before becomes an object of its own; matching may link it later."""
    kind = kind_of(record)
    if kind is None:
        return
    picture = _read(page, record, kind, None)
    if picture is None or EXISTS not in picture.state:
        return
    replica = _replica(record, kind)
    thing = CausalObject(new_id(page.now), kind)
    dot = thing.vector.next_dot(replica.value, int(page.now.timestamp()))
    seen = first_sight(thing, CausalBinding(replica), picture.state, dot)
    page.new_objects.append(_object_row(page, seen.thing, picture))
    page.new_bindings.append(_binding_row(page, record, seen.thing, seen.binding, picture))
    page.new_keys += match_key_rows(page.context.id, seen.thing, record.system)
    page.new_references += reference_rows(page.context.id, seen.thing)
    page.entries.append(_entry(page, "created", seen, {}, record.revision, replica.value))
    page.directory.learn(record.system.value, record.type, record.id, thing.id, replica)
    page.result.touched.add(thing.id)
    page.result.created += 1


def _object_row(page: _Page, thing: CausalObject, picture: Picture) -> dict[str, Any]:
    return {
        "id": thing.id, "connection_id": page.context.id, "kind": thing.kind.value,
        "category": CATEGORY_OF[thing.kind].value, "disposition": "pending", "reason": "", "facts": {}, "failures": 0,
        "parked_by": "", "assigned_to": "", "accepted_variance": "", "required": False, "dirty": True,
        "merged_into": "", "version": 1, "created_at": page.now, "updated_at": page.now, "retry_at": None,
        **listing_columns(thing, picture.facts), **object_columns(thing),
    }  # fmt: skip


def _binding_row(
    page: _Page, record: RemoteRecord, thing: CausalObject, binding: CausalBinding, picture: Picture
) -> dict[str, Any]:
    return {
        "id": new_id(page.now), "connection_id": page.context.id, "object_id": thing.id,
        "replica": binding.replica.value, "system": record.system.value, "remote_type": record.type,
        "remote_id": record.id, "digest": digest_of(record), "gone": False,
        "remote_created_at": record.created_at, **binding_columns(thing.kind, binding, record, picture, page.now),
    }  # fmt: skip


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


def _take(
    page: _Page, record: RemoteRecord, row: Object, binding: Binding, picture: Picture, doubt: Doubt | None
) -> None:
    """A known record: nothing happened, or its edits are taken in."""
    before, known = causal_binding(binding), binding.fingerprint
    state = picture.state
    if binding.mapping_version != MAPPINGS[Kind(row.kind)].version:
        before = _adopt_new_mapping(before, causal_object(row), state)
        known = fingerprint(before.shadow)
    gone = EXISTS not in state
    if fingerprint(state) == known or (gone and EXISTS not in before.shadow):
        _renew(page, record, row, binding, before, picture)
        return
    thing = causal_object(row)
    dot = thing.vector.next_dot(before.actor, int(page.now.timestamp()))
    seen = observe(thing, before, state, dot, doubt)
    context = dict(before.seen.counters)
    binding.gone = gone
    page.result.edited += 1
    page.result.vanished += gone
    page.entries.append(_entry(page, "edited", seen, context, record.revision, before.actor, dot.counter))
    settled = _apply_rules(page, row, binding, seen, record)
    _store(page, record, row, binding, settled, picture)
    page.result.conflicts += bool(settled.thing.contests)


def _adopt_new_mapping(binding: CausalBinding, thing: CausalObject, state: Mapping[Path, Scalar]) -> CausalBinding:
    """A newer mapping reads more or less than the shadow holds: paths on which the canonical value agrees, or that
    only the
    mapping made appear or vanish, are adopted without anyone having edited."""
    adopted = {
        path: value
        for path, value in state.items()
        if path in binding.shadow or thing.fields.get(path) in (None, value)
    }
    kept = {path: binding.shadow[path] for path in binding.shadow if path in state}
    return binding.advanced({**adopted, **kept}, binding.seen)


def _renew(
    page: _Page, record: RemoteRecord, row: Object, binding: Binding, before: CausalBinding, picture: Picture
) -> None:
    """Nobody edited anything; what the remote computes may have moved all the same (balance, paid, deposited)."""
    if "unreadable" in row.facts and EXISTS in picture.state:
        row.facts = {key: value for key, value in row.facts.items() if key != "unreadable"}
        row.dirty = True
    if binding.facts != picture.facts:
        row.dirty = True
        page.result.touched.add(row.id)
    row_columns = binding_columns(Kind(row.kind), before, record, picture, page.now)
    for name, value in row_columns.items():
        setattr(binding, name, value)
    page.rows.change(object=row if row.dirty else None, binding=binding)


def _apply_rules(page: _Page, row: Object, binding: Binding, seen: Observation, record: RemoteRecord) -> Observation:
    """What settings say about this edit at once: QuickBooks owns reference data (R4), and policies that need no
    person."""
    thing, policy = seen.thing, page.context.policy(Kind(row.kind))
    taken = frozenset(change.path for change in seen.changes if change.effect is not Effect.ECHOED)
    if row.category == Category.REFERENCE and seen.binding.replica.system is not policy.source and taken:
        return _put_back(page, row, seen, taken, policy.source)
    if not thing.contests:
        return seen
    decided = winners(thing, policy, _edited_at(page, row.id, binding, record))
    if not decided:
        return seen
    entry_fields = [
        [path, None, thing.contests[path].sides[actor].value, "superseded"] for path, actor in decided.items()
    ]
    page.entries.append(_note(page, "resolved", thing, entry_fields, {"rule": policy.conflicts.value}))
    return Observation(settle(thing, decided), seen.binding, seen.changes)


def _put_back(page: _Page, row: Object, seen: Observation, paths: frozenset[Path], owner: System) -> Observation:
    source = next((one for one in page.rows.bindings_of(row.id) if one.system == owner.value), None)
    if source is None:
        return seen
    dot = seen.thing.vector.next_dot(HUB, int(page.now.timestamp()))
    restored = reassert(seen.thing, paths, source.shadow, dot)
    fields = [[path, seen.thing.fields.get(path), source.shadow.get(path), "superseded"] for path in sorted(paths)]
    page.entries.append(_note(page, "resolved", restored, fields, {"rule": "R4"}, HUB, dot.counter))
    return Observation(restored, seen.binding, seen.changes)


def _edited_at(page: _Page, object_id: str, binding: Binding, record: RemoteRecord) -> dict[str, datetime | None]:
    known = {row.replica: row.remote_modified_at for row in page.rows.bindings_of(object_id)}
    return {**known, binding.replica: record.modified_at}


def _store(
    page: _Page, record: RemoteRecord, row: Object, binding: Binding, seen: Observation, picture: Picture
) -> None:
    previous, contested = row.fields, list(row.contests)
    for name, value in {**object_columns(seen.thing), **listing_columns(seen.thing, picture.facts)}.items():
        setattr(row, name, value)
    row.facts = {key: value for key, value in row.facts.items() if key not in {"unreadable", "refused"}}
    row.version += 1
    row.dirty, row.updated_at = True, page.now
    kept = picture if EXISTS in picture.state else Picture({}, {}, dict(binding.line_ids), binding.extras)
    for name, value in binding_columns(Kind(row.kind), seen.binding, record, kept, page.now).items():
        setattr(binding, name, value)
    page.rows.change(object=row, binding=binding)
    page.result.touched.add(row.id)
    _renew_references(page, previous, seen.thing, [*contested, *(change.path for change in seen.changes)])
    _renew_match_keys(page, seen.thing, record.system)


def _can_refer(kind: Kind, path: Path) -> bool:
    """Whether a change of ``path`` can change what an object points to; a whole line brings its references along."""
    rule = rule_for(kind, path)
    is_line = path.startswith(LINES) and path.count("/") == 1
    return rule is None or is_line or rule.type == "reference"


def _renew_references(page: _Page, before: State, after: CausalObject, moved: Iterable[Path]) -> None:
    references = MAPPINGS[after.kind].references
    if not any(_can_refer(after.kind, path) for path in moved) or references(before) == references(after.fields):
        return
    page.session.connection().execute(sa.delete(Reference).where(col(Reference.object_id) == after.id))
    page.new_references += reference_rows(page.context.id, after)


def _renew_match_keys(page: _Page, thing: CausalObject, system: System) -> None:
    """Only objects that live on one side have match keys."""
    if page.rows.has_keys(thing.id):
        page.rows.renew_keys(thing.id, match_key_rows(page.context.id, thing, system))


def state_if_contested(seen: Observation) -> dict[str, Any]:
    """What became of contested fields is not told by the fields alone: such an entry keeps the whole state, so that the
    log can be folded."""
    contested = any(change.effect is Effect.CONTESTED for change in seen.changes)
    return {"state": dict(seen.thing.fields)} if contested else {}


def _entry(
    page: _Page, action: str, seen: Observation, context: Mapping[str, int], revision: str, actor: str, counter: int = 0
) -> log.Entry:
    """The log entry of one observation."""
    return log.Entry(
        action=action,
        object_id=seen.thing.id,
        kind=seen.thing.kind.value,
        actor=actor,
        counter=counter or seen.thing.vector[actor],
        vector=dict(seen.thing.vector.counters),
        context=context,
        fields=[[change.path, change.before, change.after, change.effect.value] for change in seen.changes],
        details=state_if_contested(seen),
        revision=revision,
        noticed=page.noticed,
        run_id=page.run_id,
    )


def _note(
    page: _Page,
    action: str,
    thing: CausalObject,
    fields: list[list[Any]],
    details: Mapping[str, Any],
    actor: str = HUB,
    counter: int = 0,
) -> log.Entry:
    return log.Entry(
        action=action,
        object_id=thing.id,
        kind=thing.kind.value,
        actor=actor,
        counter=counter,
        vector=dict(thing.vector.counters),
        fields=fields,
        details=details,
        noticed="rule",
        run_id=page.run_id,
    )


def _flush(page: _Page) -> None:
    """Write the page in bulk, referred rows first."""
    page.rows.flush()
    connection = page.session.connection()
    for table, rows in (
        (Object, page.new_objects),
        (Binding, page.new_bindings),
        (MatchKey, page.new_keys),
        (Reference, page.new_references),
    ):
        if rows:
            connection.execute(sa.insert(table), rows)
