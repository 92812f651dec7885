"""Ending contests: by a person, by a category's rule, by the owner of the kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.core.policy import ConflictPolicy, Policy, generic
from engine.core.records import EXISTS, HUB, System
from engine.core.rules import SKEW, reassert, resolve, settle, winners
from engine.core.vector import Dot
from tests.unit.core.samples import C, Q, S, Story, V, in_step

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def contested() -> Story:
    story = in_step()
    story.sees(S, {"email": "s@x"})
    story.sees(Q, {"email": "q@x"})
    return story


def test_resolution_dominates_both_sides_and_closes_the_contest():
    """One new dot of the hub; what the sides said stays in their shadows."""
    story = contested()
    story.resolves({"email": "h@x"})
    assert (story.thing.fields["email"], story.thing.dot("email").actor) == ("h@x", HUB)
    assert story.thing.contests == {}
    assert story.thing.vector.dominates(story.bindings[S].seen.join(story.bindings[Q].seen))


def test_edit_after_a_resolution_that_is_not_there_yet_is_contested_with_it():
    """The side whose value lost did not know of the resolution; the other had its own value confirmed."""
    story = contested()
    story.resolves({"email": "s@x"})
    assert story.sees(S, {"email": "t@x"}) == {"email": "taken"}
    story = contested()
    story.resolves({"email": "s@x"})
    assert story.sees(Q, {"email": "t@x"}) == {"email": "contested"}


def test_removing_a_record_closes_every_contest_inside():
    """Once it is gone by a person's word there is nothing left to ask."""
    story = contested()
    story.sees(S, {EXISTS: None})
    story.resolves({EXISTS: None})
    assert story.thing.contests == {}


def test_choosing_one_field_leaves_other_contests_open():
    """Each is answered for itself."""
    story = contested()
    story.sees(S, {"lines/1/quantity": "5"})
    story.sees(Q, {"lines/1/quantity": "6"})
    story.resolves({"email": "s@x"})
    assert set(story.thing.contests) == {"lines/1/quantity"}
    story.resolves({"lines/1": None})
    assert story.thing.contests == {}
    assert not any(path.startswith("lines/1") for path in story.thing.fields)


def test_resolution_by_hand_of_a_line_without_shadows_keeps_what_is_canonical():
    """Nothing is invented."""
    story = in_step()
    story.sees(Q, {"lines/1/quantity": "5"})
    story.sees(S, {"lines/1": None})
    after = resolve(story.thing, {"lines/1": True}, Dot(HUB, 1))
    assert after.fields["lines/1/quantity"] == "5"


def test_line_that_is_kept_comes_back_as_the_side_that_still_has_it_shows_it():
    """The line was removed by a person's word, edited on both sides before that arrived, and removed again on one."""
    story = in_step()
    story.resolves({"lines/1": None})
    story.sees(Q, {"lines/1/quantity": "5"})
    story.sees(S, {"lines/1/quantity": "6"})
    story.sees(Q, {"lines/1": None})
    assert "lines/1/quantity" not in story.thing.fields
    story.resolves({"lines/1": True})
    assert story.thing.fields["lines/1/quantity"] == "6"
    assert story.thing.contests == {}


CASES = [
    (ConflictPolicy.ASK, System.SCORO, NOON, NOON + timedelta(hours=1), None),
    (ConflictPolicy.SOURCE, System.SCORO, NOON, NOON, "scoro"),
    (ConflictPolicy.SOURCE, System.QUICKBOOKS, NOON, NOON, "quickbooks"),
    (ConflictPolicy.NEWEST, System.SCORO, NOON, NOON + SKEW + timedelta(seconds=1), "quickbooks"),
    (ConflictPolicy.NEWEST, System.SCORO, NOON + SKEW + timedelta(seconds=1), NOON, "scoro"),
    (ConflictPolicy.NEWEST, System.SCORO, NOON, NOON + SKEW, None),
    (ConflictPolicy.NEWEST, System.SCORO, NOON, NOON, None),
    (ConflictPolicy.NEWEST, System.SCORO, None, NOON, None),
]


@pytest.mark.parametrize(("rule", "source", "at_scoro", "at_quickbooks", "winner"), CASES)
def test_who_wins_by_rule(rule, source, at_scoro, at_quickbooks, winner):
    """Asking decides nothing; the clock decides only beyond its skew, and only when it is known for all sides."""
    thing, said = contested().thing, {"scoro": at_scoro, "quickbooks": at_quickbooks}
    sides = thing.contests["email"].sides
    edited = {sides[actor].dot: moment for actor, moment in said.items() if moment is not None}
    found = winners(thing, Policy(source, conflicts=rule), edited)
    assert found == ({"email": winner} if winner else {})


def test_rule_of_a_field_comes_before_the_rule_of_its_category():
    """A line field is named without its key."""
    assert (generic("lines/s4/quantity"), generic("lines/s4"), generic("email")) == ("lines/quantity", "lines", "email")
    policy = Policy(System.SCORO, conflict_fields={"email": ConflictPolicy.SOURCE})
    assert winners(contested().thing, policy, {}) == {"email": "scoro"}


def test_removals_and_lines_always_ask():
    """No rule throws a record or a line away."""
    story = in_step()
    story.sees(S, {EXISTS: None})
    story.sees(Q, {"lines/1/quantity": "5"})
    assert winners(story.thing, Policy(System.SCORO, conflicts=ConflictPolicy.SOURCE), {}) == {}


def test_source_that_disagrees_with_itself_asks():
    """Customer and vendor both say something: neither is the source's word."""
    story = in_step(S, C, V)
    for replica, value in ((S, "1"), (C, "2"), (V, "3")):
        story.sees(replica, {"email": value})
    assert winners(story.thing, Policy(System.QUICKBOOKS, conflicts=ConflictPolicy.SOURCE), {}) == {}
    assert winners(story.thing, Policy(System.SCORO, conflicts=ConflictPolicy.SOURCE), {}) == {"email": "scoro"}


def test_resolution_is_never_overruled_by_a_rule():
    """A person's word against a side: people decide."""
    story = contested()
    story.resolves({"email": "h@x"})
    story.sees(Q, {"email": "t@x"})
    assert winners(story.thing, Policy(System.QUICKBOOKS, conflicts=ConflictPolicy.SOURCE), {}) == {}


def test_settling_clears_what_the_winner_cleared():
    """An empty value wins like any other."""
    story = in_step()
    story.sees(S, {"email": None})
    story.sees(Q, {"email": "q@x"})
    assert "email" not in settle(story.thing, {"email": "scoro"}).fields


def test_owner_is_put_back():
    """What QuickBooks owns is written again after an edit elsewhere (R4)."""
    story = in_step()
    story.sees(S, {"name": "Bo"})
    story.thing = reassert(story.thing, frozenset({"name"}), story.bindings[Q].shadow, Dot(HUB, 1))
    assert (story.thing.fields["name"], story.thing.dot("name")) == ("Ann", Dot(HUB, 1))
    assert [write.replica for write in story.decides(Policy(System.QUICKBOOKS)).writes] == [S]  # type: ignore[union-attr]  # a Propagate is expected
