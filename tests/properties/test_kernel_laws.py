"""Laws of the pure kernel: vectors, differences, overlays, fingerprints, observing, and the log as a fold."""

from __future__ import annotations

from collections.abc import Mapping

from deepdiff import DeepDiff
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.diff import changed_paths, describe, narrow
from engine.core.fingerprint import canonical_bytes, fingerprint
from engine.core.objects import CausalBinding, CausalObject, clear, overlay
from engine.core.observe import Effect, first_sight, observe
from engine.core.records import EXISTS, VOID, Kind, Path, Replica, Scalar, line_root
from engine.core.vector import Dot, Ordering, VersionVector

S, Q = Replica.SCORO, Replica.QUICKBOOKS
ACTORS = ("scoro", "quickbooks", "quickbooks.vendor", "hub")
vectors = st.dictionaries(st.sampled_from(ACTORS), st.integers(1, 5)).map(VersionVector)
dots = st.builds(Dot, st.sampled_from(ACTORS), st.integers(1, 6))
values = st.one_of(st.sampled_from(["", "a", "b", "12.50"]), st.integers(0, 2), st.booleans())
HEADERS = ("name", "email")


@st.composite
def lines(draw) -> dict[Path, Scalar]:
    state: dict[Path, Scalar] = {}
    for key in draw(st.sets(st.sampled_from(["1", "2", "q3"]))):
        state[f"lines/{key}"] = True
        state |= {f"lines/{key}/{name}": draw(values) for name in draw(st.sets(st.sampled_from(["quantity", "tax"])))}
    return state


@st.composite
def states(draw) -> dict[Path, Scalar]:
    """A record that exists, void or not, with or without lines; never a field of a line that is not there."""
    header = draw(st.dictionaries(st.sampled_from(HEADERS), values))
    void: dict[Path, Scalar] = {VOID: True} if draw(st.booleans()) else {}
    return {EXISTS: True, **void, **header, **draw(lines())}


# Vectors.


@given(vectors, vectors, vectors)
def test_vectors_are_partially_ordered(a, b, c):
    """Reflexive, antisymmetric, transitive."""
    assert a.dominates(a)
    if a.dominates(b) and b.dominates(a):
        assert a == b
        assert hash(a) == hash(b)
    if a.dominates(b) and b.dominates(c):
        assert a.dominates(c)


@given(vectors, vectors)
def test_comparison_is_the_order_seen_from_both_ends(a, b):
    """Swapping the two swaps before and after, and nothing else."""
    mirror = {Ordering.BEFORE: Ordering.AFTER, Ordering.AFTER: Ordering.BEFORE}
    assert a.compare(b) is mirror.get(b.compare(a), b.compare(a))
    assert (a.compare(b) is Ordering.EQUAL) == (a == b)
    assert (a.compare(b) is Ordering.CONCURRENT) == (not a.dominates(b) and not b.dominates(a))


@given(vectors, vectors, vectors)
def test_join_is_the_least_upper_bound(a, b, c):
    """It includes both, and whatever includes both includes it; the order of joining does not matter."""
    joined = a.join(b)
    assert joined.dominates(a)
    assert joined.dominates(b)
    if c.dominates(a) and c.dominates(b):
        assert c.dominates(joined)
    assert joined == b.join(a)
    assert a.join(a) == a
    assert a.join(b).join(c) == a.join(b.join(c))


@given(vectors, st.sampled_from(ACTORS), st.integers(0, 10))
def test_next_dot_is_strictly_after_everything_known(vector, actor, seconds):
    """Also when the clock stands still or goes back; and never behind the clock, so that nothing is issued twice."""
    dot = vector.next_dot(actor, seconds)
    assert not vector.includes(dot)
    assert dot.counter > vector[actor]
    assert dot.counter >= seconds
    after = vector.with_dot(dot)
    assert after.includes(dot)
    assert after.compare(vector) is Ordering.AFTER
    assert not after.includes(after.next_dot(actor, 0))


@given(vectors, dots)
def test_restored_backup_never_issues_a_number_twice(vector, dot):
    """An older vector with a later clock goes beyond what the newer one had issued at its own clock."""
    newer = vector.with_dot(vector.next_dot(dot.actor, 100))
    assert not newer.includes(vector.next_dot(dot.actor, 101))


@given(vectors, dots)
def test_adding_a_dot_keeps_everything_else(vector, dot):
    """It joins the vector of that dot alone."""
    assert vector.with_dot(dot) == vector.join(VersionVector({dot.actor: dot.counter}))
    assert 0 not in vector.with_dot(dot).counters.values()


# Differences and overlays.


@given(states(), states())
def test_changed_paths_are_what_deepdiff_finds(before, after):
    """Deepdiff over lines as nested records is the oracle; a line that comes or goes is its root alone."""
    found = DeepDiff(
        _nested(before), _nested(after), ignore_type_in_groups=[(int, bool)], threshold_to_diff_deeper=0, view="tree"
    )
    expected = {_path(item.path(output_format="list")) for items in found.values() for item in items}
    assert changed_paths(before, after) == expected
    assert bool(describe(before, after)) >= bool(expected)


def _nested(state: Mapping[Path, Scalar]) -> dict[str, object]:
    result: dict[str, object] = {path: value for path, value in state.items() if not path.startswith("lines/")}
    rows: dict[str, dict[str, Scalar]] = {
        path[6:]: {} for path in state if path.startswith("lines/") and line_root(path) is None
    }
    for path, value in state.items():
        if (root := line_root(path)) is not None:
            rows[root[6:]][path[len(root) + 1 :]] = value
    result["lines"] = rows
    return result


def _path(parts: list[str]) -> Path:
    return "/".join(parts)


@given(states(), states())
def test_laying_the_difference_over_the_old_state_gives_the_new_one(before, after):
    """Difference and overlay are inverse, lines included."""
    paths = changed_paths(before, after)
    whole = paths | {path for path in after if line_root(path) in paths}
    assert overlay(before, narrow(after, whole)) == after  # type: ignore[arg-type]  # narrow keeps scalars
    assert overlay(before, {}) == before
    assert changed_paths(before, before) == set()


@given(states(), st.sampled_from(["1", "2", "q3"]))
def test_clearing_a_line_takes_its_fields_and_nothing_else(state, key):
    """No field is left without its line."""
    before = dict(state)
    clear(state, f"lines/{key}")
    gone = before.keys() - state.keys()
    assert all(path == f"lines/{key}" or path.startswith(f"lines/{key}/") for path in gone)
    assert not any(path.startswith(f"lines/{key}/") for path in state)


# Fingerprints.


@given(states(), st.randoms(use_true_random=False))
def test_fingerprint_does_not_depend_on_order(state, random):
    """The same fields in any order are the same record."""
    items = list(state.items())
    random.shuffle(items)
    assert fingerprint(dict(items)) == fingerprint(state)
    assert canonical_bytes(dict(items)) == canonical_bytes(state)


@given(states(), states())
def test_fingerprints_differ_when_anything_differs(before, after):
    """Equal fingerprints mean that nobody edited anything; also after a change of type only."""
    same = {path: (type(value), value) for path, value in before.items()} == {
        path: (type(value), value) for path, value in after.items()
    }
    assert (fingerprint(before) == fingerprint(after)) == same


# Observing.


def _in_step(base: Mapping[Path, Scalar]) -> tuple[CausalObject, CausalBinding, CausalBinding]:
    seen = first_sight(CausalObject("o", Kind.INVOICE), CausalBinding(S), base, Dot("scoro", 1))
    return seen.thing, seen.binding, CausalBinding(Q, dict(base), seen.thing.vector)


def _see(thing: CausalObject, binding: CausalBinding, state: Mapping[Path, Scalar]):
    return observe(thing, binding, state, thing.vector.next_dot(binding.actor, 0))


@given(states(), states())
def test_one_side_unchanged_gives_the_other(base, edited):
    """Both ways; nothing is contested, every edit is taken, and the edited side lacks nothing."""
    thing, scoro, quickbooks = _in_step(base)
    for binding in (scoro, quickbooks):
        seen = _see(thing, binding, edited)
        assert seen.thing.fields == edited
        assert not seen.thing.contests
        assert {change.effect for change in seen.changes} <= {Effect.TAKEN}
        assert seen.binding.shadow == edited
        assert thing.vector == seen.thing.vector or seen.binding.seen.dominates(seen.thing.vector)


@given(states(), states())
def test_observing_the_same_state_twice_changes_nothing(base, edited):
    """The second picture brings no change, no dot and no entry."""
    thing, scoro, _ = _in_step(base)
    once = _see(thing, scoro, edited)
    twice = _see(once.thing, once.binding, edited)
    assert twice.thing is once.thing
    assert twice.binding is once.binding
    assert twice.changes == ()


@given(states(), states())
def test_equal_edits_never_conflict(base, edited):
    """The same change on both sides converges."""
    thing, scoro, quickbooks = _in_step(base)
    first = _see(thing, scoro, edited)
    second = _see(first.thing, quickbooks, edited)
    assert not second.thing.contests
    assert second.thing.fields == edited


@given(states(), states(), states())
def test_equal_edits_then_one_more_is_no_conflict(base, edited, later):
    """Late convergence: the value that is overwritten was known to be the same on both sides."""
    thing, scoro, quickbooks = _in_step(base)
    first = _see(thing, scoro, edited)
    second = _see(first.thing, quickbooks, edited)
    third = _see(second.thing, first.binding, later)
    assert not third.thing.contests
    assert third.thing.fields == later


@given(states(), states(), states())
def test_order_of_the_two_sides_does_not_matter(base, left, right):
    """The same fields are contested, and what is not contested is the same, whichever side is heard first."""
    thing, scoro, quickbooks = _in_step(base)
    one = _see(_see(thing, scoro, left).thing, quickbooks, right).thing
    other = _see(_see(thing, quickbooks, right).thing, scoro, left).thing
    assert set(one.contests) == set(other.contests)
    assert _uncontested(one) == _uncontested(other)


def _uncontested(thing: CausalObject) -> dict[Path, Scalar]:
    return {path: value for path, value in thing.fields.items() if not {path, line_root(path)} & set(thing.contests)}


@given(states(), values, values)
def test_edits_of_different_lines_never_conflict(base, left, right):
    """Each line's fields are fields of their own."""
    base |= {"lines/1": True, "lines/1/quantity": "x", "lines/2": True, "lines/2/quantity": "x"}
    thing, scoro, quickbooks = _in_step(base)
    first = _see(thing, scoro, base | {"lines/1/quantity": left})
    second = _see(first.thing, quickbooks, base | {"lines/2/quantity": right})
    assert not second.thing.contests
    assert second.thing.fields == base | {"lines/1/quantity": left, "lines/2/quantity": right}


@given(states(), states(), states())
def test_nothing_that_a_person_wrote_is_forgotten(base, left, right):
    """Each edited value is canonical, or a side of a contest of its field or of its line."""
    thing, scoro, quickbooks = _in_step(base)
    first = _see(thing, scoro, left)
    second = _see(first.thing, quickbooks, right)
    for state in (left, right):
        for path in changed_paths(base, state):
            contested = {path, line_root(path)} & set(second.thing.contests)
            assert contested or second.thing.fields.get(path) == state.get(path) or _same_edit(base, left, right, path)


def _same_edit(
    base: Mapping[Path, Scalar], left: Mapping[Path, Scalar], right: Mapping[Path, Scalar], path: Path
) -> bool:
    return left.get(path) == right.get(path) != base.get(path)


@given(states(), states())
def test_echo_of_a_lost_answer_moves_nothing(base, sent):
    """Fields equal to what was sent are the receipt: no contest, no dot, no entry to propagate."""
    assume(changed_paths(base, sent))
    thing, scoro, quickbooks = _in_step(base)
    edited = _see(thing, scoro, sent)
    doubt = narrow(sent, {*changed_paths(base, sent), *sent})
    again = observe(edited.thing, quickbooks, sent, edited.thing.vector.next_dot("quickbooks", 0), doubt)  # type: ignore[arg-type]  # narrow keeps scalars
    assert again.thing is edited.thing
    assert again.binding.seen == quickbooks.seen
    assert {change.effect for change in again.changes} == {Effect.ECHOED}


# The log.


@given(states(), st.lists(st.tuples(st.sampled_from([S, Q]), states()), max_size=6))
def test_folding_the_log_gives_the_stored_state(base, pictures):
    """Each replica's shadow is the fold of its own entries; the canonical state is the fold of what was taken, while nothing
    was contested; the vector is the join of all dots."""
    seen = first_sight(CausalObject("o", Kind.INVOICE), CausalBinding(S), base, Dot("scoro", 1))
    thing, bindings = seen.thing, {S: seen.binding, Q: CausalBinding(Q, dict(base), seen.thing.vector)}
    canonical, vector = dict(base), thing.vector
    shadows = {S: dict(base), Q: dict(base)}
    for replica, state in pictures:
        dot = thing.vector.next_dot(replica.value, 0)
        seen = observe(thing, bindings[replica], state, dot)
        thing, bindings[replica] = seen.thing, seen.binding
        told = {change.path: change.after for change in seen.changes}
        shadows[replica] = overlay(shadows[replica], told)
        canonical = overlay(canonical, told) if not thing.contests else canonical
        vector = vector.join(VersionVector({dot.actor: dot.counter})) if told else vector
        assert shadows[replica] == state
        assert thing.vector == vector
        if thing.contests:
            return
        assert canonical == thing.fields
