"""A known record said something new: nobody edited anything after all, or its edits are taken in and rules have their say."""

from __future__ import annotations

from collections.abc import Iterable

from engine.connectors.base import RemoteRecord
from engine.core.fingerprint import fingerprint
from engine.core.objects import CausalBinding, CausalObject, overlay
from engine.core.observe import Doubt, Effect, Observation, observe
from engine.core.records import DOCUMENTS, EXISTS, HUB, LINES, Category, Kind, Path, State, System, line_root
from engine.core.rules import reassert, settle, winners
from engine.mapping.base import Picture
from engine.mapping.registry import MAPPINGS, rule_for
from engine.services.listing import listing_columns, match_key_rows
from engine.services.observing.moments import moment_of_edit, moments_of_sides
from engine.services.observing.page import Page
from engine.services.observing.pictures import binding_columns
from engine.services.observing.telling import tell_observation, tell_rule
from engine.store.causal import causal_binding, causal_object, object_columns
from engine.store.tables import Binding, Object


def take(
    page: Page, record: RemoteRecord, row: Object, binding: Binding, picture: Picture, doubt: Doubt | None
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
    dot = thing.vector.next_dot(before.actor, page.seconds)
    before = _with_arrived_lines(before, doubt or {}, state)
    seen = observe(thing, before, state, dot, doubt)
    binding.gone = gone
    page.result.edited += 1
    page.result.vanished += gone
    when = moment_of_edit(record, binding, picture)
    tell_observation(page, "edited", seen, dict(before.seen.counters), record.revision, before.actor, dot.counter, when)
    settled = _apply_rules(page, row, seen)
    _store(page, record, row, binding, settled, picture)
    page.result.conflicts += bool(settled.thing.contests)


def _with_arrived_lines(binding: CausalBinding, doubt: Doubt, state: State) -> CausalBinding:
    """A line that a write in doubt added is there, so that write arrived: where the line differs from what was sent, it is
    somebody's edit of it, and not another line."""
    roots = {path for path in state if path in doubt and path.startswith(LINES) and path not in binding.shadow}
    arrived = {path: value for path, value in doubt.items() if path in roots or line_root(path) in roots}
    if all(state.get(path) == value for path, value in arrived.items()):
        return binding
    return binding.advanced(overlay(binding.shadow, arrived), binding.seen)


def _adopt_new_mapping(binding: CausalBinding, thing: CausalObject, state: State) -> CausalBinding:
    """A newer mapping reads more or less than the shadow holds: paths on which the canonical value agrees, or that only
    the mapping made appear or vanish, are adopted without anyone having edited."""
    adopted = {
        path: value
        for path, value in state.items()
        if path in binding.shadow or thing.fields.get(path) in (None, value)
    }
    kept = {path: binding.shadow[path] for path in binding.shadow if path in state}
    return binding.advanced({**adopted, **kept}, binding.seen)


def _renew(
    page: Page, record: RemoteRecord, row: Object, binding: Binding, before: CausalBinding, picture: Picture
) -> None:
    """Nobody edited anything; what the remote computes may have moved all the same (balance, paid, deposited)."""
    if "unreadable" in row.facts and EXISTS in picture.state:
        row.facts = {key: value for key, value in row.facts.items() if key != "unreadable"}
        row.dirty = True
    if binding.facts != picture.facts:
        row.dirty = True
        page.result.touched.add(row.id)
    for name, value in binding_columns(Kind(row.kind), before, record, picture, page.now).items():
        setattr(binding, name, value)
    page.rows.change(object=row if row.dirty else None, binding=binding)


def _apply_rules(page: Page, row: Object, seen: Observation) -> Observation:
    """What settings say about this edit at once: QuickBooks owns reference data (R4), and policies that need no
    person."""
    thing, policy = seen.thing, page.context.policy(Kind(row.kind))
    taken = frozenset(change.path for change in seen.changes if change.effect is not Effect.ECHOED)
    if row.category == Category.REFERENCE and seen.binding.replica.system is not policy.source and taken:
        return _put_back(page, row, seen, taken, policy.source)
    if not thing.contests:
        return seen
    decided = winners(thing, policy, moments_of_sides(page, thing))
    if not decided:
        return seen
    fields = [[path, None, thing.contests[path].sides[actor].value, "superseded"] for path, actor in decided.items()]
    gave_way = {
        path: {side: kept.value for side, kept in thing.contests[path].sides.items() if side != actor}
        for path, actor in decided.items()
    }
    tell_rule(page, thing, fields, policy.conflicts.value, gave_way=gave_way)
    return Observation(settle(thing, decided), seen.binding, seen.changes)


def _put_back(page: Page, row: Object, seen: Observation, paths: frozenset[Path], owner: System) -> Observation:
    source = next((one for one in page.rows.bindings_of(row.id) if one.system == owner.value), None)
    if source is None:
        return seen
    dot = seen.thing.vector.next_dot(HUB, page.seconds)
    restored = reassert(seen.thing, paths, source.shadow, dot)
    fields = [[path, seen.thing.fields.get(path), source.shadow.get(path), "superseded"] for path in sorted(paths)]
    tell_rule(page, restored, fields, "R4", dot.counter)
    return Observation(restored, seen.binding, seen.changes)


def _store(
    page: Page, record: RemoteRecord, row: Object, binding: Binding, seen: Observation, picture: Picture
) -> None:
    previous, contested = row.fields, list(row.contests)
    for name, value in {**object_columns(seen.thing), **listing_columns(seen.thing, picture.facts)}.items():
        setattr(row, name, value)
    row.facts = {key: value for key, value in row.facts.items() if key not in {"unreadable", "refused"}}
    row.version += 1
    waits = row.dirty and row.id not in page.settled
    row.dirty, row.updated_at = True, page.now
    kept = picture if EXISTS in picture.state else Picture({}, {}, dict(binding.line_ids), binding.extras)
    for name, value in binding_columns(Kind(row.kind), seen.binding, record, kept, page.now).items():
        setattr(binding, name, value)
    page.rows.change(object=row, binding=binding)
    page.result.touched.add(row.id)
    _renew_match_keys(page, seen.thing, record.system)
    if _refers_elsewhere(previous, seen.thing, [*contested, *(change.path for change in seen.changes)]):
        page.renew_references(seen.thing)
        waits = True
    page.settle_with_page(row, not waits and seen.thing.kind in DOCUMENTS and page.rows.is_paired(row.id))


def _can_refer(kind: Kind, path: Path) -> bool:
    """Whether a change of ``path`` can change what an object points to; a whole line brings its references along."""
    rule = rule_for(kind, path)
    is_line = path.startswith(LINES) and path.count("/") == 1
    return rule is None or is_line or rule.type == "reference"


def _refers_elsewhere(before: State, after: CausalObject, moved: Iterable[Path]) -> bool:
    """Whether the object points to others than before, or a replica does in a contest."""
    if not any(_can_refer(after.kind, path) for path in moved):
        return False
    references = MAPPINGS[after.kind].references
    return references(before) != references(after.fields) or any(
        _can_refer(after.kind, path) for path in after.contests
    )


def _renew_match_keys(page: Page, thing: CausalObject, system: System) -> None:
    """Only objects that live on one side have match keys."""
    if page.rows.has_keys(thing.id):
        page.rows.renew_keys(thing.id, match_key_rows(page.context.id, thing, system))
