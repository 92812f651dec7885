"""Observing: what an edit seen on one side does to the object, by the vectors and never by the clock."""

from __future__ import annotations

import pytest

from engine.core.objects import lagging
from engine.core.records import EXISTS, System
from engine.core.rules import settle
from tests.unit.core.samples import FIELDS, FROM_QUICKBOOKS, STATE, C, Q, S, V, in_step

EDIT_A, EDIT_B = {"email": "b@x"}, {"email": "c@x"}
GONE = {"lines/1": "taken", "lines/1/quantity": "taken"}
CASES = [
    ("an edit is taken", [(S, EDIT_A)], [{"email": "taken"}], set()),
    ("the same state again is nothing", [(S, EDIT_A), (S, EDIT_A)], [{"email": "taken"}, {}], set()),
    (
        "edits of different fields are both taken",
        [(S, EDIT_A), (Q, {"name": "Bo"})],
        [{"email": "taken"}, {"name": "taken"}],
        set(),
    ),
    ("equal edits converge", [(S, EDIT_A), (Q, EDIT_A)], [{"email": "taken"}, {"email": "converged"}], set()),
    (
        "different edits of one field are contested",
        [(S, EDIT_A), (Q, EDIT_B)],
        [{"email": "taken"}, {"email": "contested"}],
        {"email"},
    ),
    (
        "a contest ends when the sides say the same",
        [(S, EDIT_A), (Q, EDIT_B), (Q, EDIT_A)],
        [{"email": "taken"}, {"email": "contested"}, {"email": "converged"}],
        set(),
    ),
    (
        "late convergence: equal edits, then one side edits again, is no conflict",
        [(S, EDIT_A), (Q, EDIT_A), (S, EDIT_B)],
        [{"email": "taken"}, {"email": "converged"}, {"email": "taken"}],
        set(),
    ),
    (
        "clearing a field is an edit",
        [(S, {"email": None}), (Q, EDIT_A)],
        [{"email": "taken"}, {"email": "contested"}],
        {"email"},
    ),
    (
        "both clear it",
        [(S, {"email": None}), (Q, {"email": None})],
        [{"email": "taken"}, {"email": "converged"}],
        set(),
    ),
    (
        "a removal meets a later edit",
        [(S, {EXISTS: None}), (Q, EDIT_A)],
        [{EXISTS: "taken"}, {"email": "contested"}],
        {EXISTS},
    ),
    (
        "an edit meets a later removal",
        [(Q, EDIT_A), (S, {EXISTS: None})],
        [{"email": "taken"}, {EXISTS: "contested"}],
        {EXISTS},
    ),
    ("both remove", [(S, {EXISTS: None}), (Q, {EXISTS: None})], [{EXISTS: "taken"}, {EXISTS: "converged"}], set()),
    (
        "a record comes back before anybody heard that it was gone",
        [(S, {EXISTS: None}), (S, {EXISTS: True})],
        [{EXISTS: "taken"}, {EXISTS: "taken"}],
        set(),
    ),
    (
        "a removal is taken back",
        [(S, {EXISTS: None}), (Q, EDIT_A), (S, {EXISTS: True})],
        [{EXISTS: "taken"}, {"email": "contested"}, {EXISTS: "converged"}],
        set(),
    ),
    (
        "edits of different lines are both taken",
        [(S, {"lines/1/quantity": "5"}), (Q, {"lines/2/quantity": "6"})],
        [{"lines/1/quantity": "taken"}, {"lines/2/quantity": "taken"}],
        set(),
    ),
    ("a line is removed with its fields", [(S, {"lines/1": None})], [GONE], set()),
    (
        "a removed line meets an edit of it",
        [(S, {"lines/1": None}), (Q, {"lines/1/quantity": "5"})],
        [GONE, {"lines/1/quantity": "contested"}],
        {"lines/1"},
    ),
    (
        "an edited line meets its removal",
        [(Q, {"lines/1/quantity": "5"}), (S, {"lines/1": None})],
        [{"lines/1/quantity": "taken"}, dict.fromkeys(GONE, "contested")],
        {"lines/1"},
    ),
    (
        "a removed record meets an edit of a line",
        [(S, {EXISTS: None}), (Q, {"lines/1/quantity": "5"})],
        [{EXISTS: "taken"}, {"lines/1/quantity": "contested"}],
        {EXISTS},
    ),
    (
        "a removal of one line leaves edits of another alone",
        [(S, {"lines/1": None}), (Q, {"lines/2/quantity": "5"})],
        [GONE, {"lines/2/quantity": "taken"}],
        set(),
    ),
    (
        "a price meets a quantity of the same line: nobody has agreed to the sum",
        [(S, {"lines/1/quantity": "5"}), (Q, {"lines/1/unit_price": "9"})],
        [{"lines/1/quantity": "taken"}, {"lines/1/unit_price": "contested"}],
        {"lines/1/quantity", "lines/1/unit_price"},
    ),
    (
        "prices that differ are asked for, and whoever answers sees the discount that goes along",
        [(S, {"lines/1/discount": "5", "lines/1/unit_price": "8"}), (Q, {"lines/1/unit_price": "9"})],
        [{"lines/1/discount": "taken", "lines/1/unit_price": "taken"}, {"lines/1/unit_price": "contested"}],
        {"lines/1/unit_price"},
    ),
    (
        "the same price on both sides, and a quantity on one",
        [(S, {"lines/1/unit_price": "9"}), (Q, {"lines/1/quantity": "5", "lines/1/unit_price": "9"})],
        [
            {"lines/1/unit_price": "taken"},
            {"lines/1/quantity": "taken", "lines/1/unit_price": "converged"},
        ],
        set(),
    ),
    (
        "a removed line meets an edit of its price",
        [(S, {"lines/1": None}), (Q, {"lines/1/unit_price": "9"})],
        [GONE, {"lines/1/unit_price": "contested"}],
        {"lines/1"},
    ),
    (
        "removing a record whose field is contested asks too",
        [(S, EDIT_A), (Q, EDIT_B), (S, {EXISTS: None})],
        [{"email": "taken"}, {"email": "contested"}, {EXISTS: "contested"}],
        {"email", EXISTS},
    ),
]


@pytest.mark.parametrize(
    ("steps", "effects", "contested"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_effect_of_each_edit_and_what_stays_contested(steps, effects, contested):
    """Informed edits are taken, equal ones converge, others are contested; existence contains its content."""
    story = in_step()
    assert [story.sees(replica, changes) for replica, changes in steps] == effects
    assert set(story.thing.contests) == contested


def test_own_write_whose_answer_was_lost_is_an_echo_and_moves_nothing():
    """Fields equal to what was sent are the receipt, even when the source edited again in between."""
    story = in_step()
    story.sees(S, EDIT_A)
    story.sees(S, EDIT_B)
    seen = story.bindings[Q].seen
    assert story.sees(Q, EDIT_A, doubt=EDIT_A) == {"email": "echoed"}
    assert not story.thing.contests
    assert story.bindings[Q].seen == seen
    assert lagging(story.thing, story.bindings[Q], FIELDS) == EDIT_B


def test_edit_beside_an_echo_is_taken():
    """A person's edit in the same picture as the echo stays an edit."""
    story = in_step()
    story.sees(S, EDIT_A)
    assert story.sees(Q, {**EDIT_A, "name": "Bo"}, doubt=EDIT_A) == {"email": "echoed", "name": "taken"}
    assert story.thing.fields["name"] == "Bo"


def test_deletion_while_a_write_is_in_doubt_is_a_deletion():
    """A record that vanished echoes nothing but a deletion of ours."""
    story = in_step()
    story.sees(S, EDIT_A)
    assert story.sees(Q, {EXISTS: None}, doubt={"email": None}) == {EXISTS: "contested"}
    again = in_step()
    again.sees(S, {EXISTS: None})
    assert again.sees(Q, {EXISTS: None}, doubt={EXISTS: None}) == {EXISTS: "echoed"}


def test_edit_inside_a_removed_record_survives_the_resolution():
    """The edit that contests a removal is canonical once the record lives on, whichever came first."""
    for removed_first in (True, False):
        story = in_step()
        removal, edit = lambda: story.sees(S, {EXISTS: None}), lambda: story.sees(Q, EDIT_A)  # noqa: B023 - called at once
        for act in (removal, edit) if removed_first else (edit, removal, lambda: story.sees(Q, {"name": "Bo"})):  # noqa: B023 - called at once
            act()
        story.resolves({EXISTS: True})
        for path, value in story.bindings[Q].shadow.items():
            assert story.thing.fields[path] == value


def test_edited_line_that_was_removed_elsewhere_survives_the_resolution():
    """A line that is chosen to live on comes back as the side that edited it has it."""
    story = in_step()
    story.sees(S, {"lines/1": None})
    story.sees(Q, {"lines/1/quantity": "5"})
    story.resolves({"lines/1": True})
    assert story.thing.fields["lines/1/quantity"] == "5"
    assert lagging(story.thing, story.bindings[S], FIELDS) == {"lines/1": True, "lines/1/quantity": "5"}
    assert lagging(story.thing, story.bindings[Q], FIELDS) == {}


def test_line_that_lives_on_by_a_persons_word_is_written_whole_whatever_the_direction():
    """Its fields go with it, though the other side edited them."""
    story = in_step()
    story.sees(S, {"lines/1": None})
    story.sees(Q, {"lines/1/quantity": "5"})
    story.resolves({"lines/1": True})
    assert story.decides().writes[0].values == {"lines/1": True, "lines/1/quantity": "5"}  # type: ignore[union-attr]  # a Propagate is expected


def test_line_added_again_after_its_removal_was_decided_is_written_whole():
    """Nothing of the decided quarrel clings to the new line's fields."""
    story = in_step()
    story.sees(S, {"lines/1": None})
    story.sees(Q, {"lines/1/quantity": "5"})
    story.resolves({"lines/1": None})
    story.sees(S, {"lines/1": True, "lines/1/quantity": "7"})
    assert lagging(story.thing, story.bindings[Q], FIELDS) == {"lines/1/quantity": "7"}
    assert story.decides().writes[0].values == {"lines/1/quantity": "7"}  # type: ignore[union-attr]  # a Propagate is expected


def test_line_that_comes_back_meets_the_other_sides_line_field_by_field():
    """A removal taken back does not lay an old line over an edited one."""
    story = in_step()
    story.sees(S, {"lines/1": None})
    story.sees(Q, {"lines/1/quantity": "5"})
    assert story.sees(S, {"lines/1": True, "lines/1/quantity": "1"}) == {
        "lines/1": "converged",
        "lines/1/quantity": "contested",
    }
    assert set(story.thing.contests) == {"lines/1/quantity"}
    assert {side.value for side in story.thing.contests["lines/1/quantity"].sides.values()} == {"1", "5"}


def test_removing_a_line_on_both_sides_ends_the_contests_inside():
    """A field of a line that is nowhere has nothing to ask."""
    story = in_step()
    story.sees(S, {"lines/1/quantity": "5"})
    story.sees(Q, {"lines/1/quantity": "6"})
    story.sees(S, {"lines/1": None})
    assert set(story.thing.contests) == {"lines/1", "lines/1/quantity"}
    story.sees(Q, {"lines/1": None})
    assert story.thing.contests == {}


def test_removed_line_is_lacking_as_a_whole_and_its_fields_go_with_it():
    """Lagging names the root with None; overlaying it takes the fields along."""
    story = in_step()
    story.sees(S, {"lines/1": None})
    assert lagging(story.thing, story.bindings[Q], FIELDS) == {"lines/1": None}


def test_line_that_came_or_went_is_told_with_all_its_fields():
    """The log alone has to be enough to restore it."""
    story = in_step()
    story.sees(S, {"lines/1": None, "lines/9": True, "lines/9/product": "p"})
    assert story.last is not None
    told = {change.path: (change.before, change.after) for change in story.last.changes}
    assert told == {
        "lines/1": (True, None), "lines/1/quantity": ("1", None), "lines/9": (None, True), "lines/9/product": (None, "p"),
    }  # fmt: skip


def test_new_line_is_lacking_with_all_its_fields():
    """The other side lacks the root and every field it can carry, also after an edit of one of them."""
    story = in_step()
    story.sees(S, {"lines/9": True, "lines/9/quantity": "1", "lines/9/product": "p"})
    story.sees(S, {"lines/9/quantity": "2"})
    lacks = {"lines/9": True, "lines/9/quantity": "2", "lines/9/product": "p"}
    assert lagging(story.thing, story.bindings[Q], FIELDS) == lacks
    fewer = FIELDS - {"lines/product"}
    assert lagging(story.thing, story.bindings[Q], fewer) == {"lines/9": True, "lines/9/quantity": "2"}
    assert lagging(story.thing, story.bindings[S], FIELDS) == {}


def test_contested_line_waits_with_its_fields():
    """Neither the root nor a field of a contested line is written."""
    story = in_step()
    story.sees(Q, {"lines/1/quantity": "5"})
    story.sees(S, {"lines/1": None, "name": "Bo"})
    assert lagging(story.thing, story.bindings[Q], FIELDS) == {"name": "Bo"}
    assert lagging(story.thing, story.bindings[S], FIELDS) == {}


def test_three_replicas_contest_one_field_together():
    """Each replica that edited without knowing of the others is a side of its own."""
    story = in_step(S, C, V)
    story.sees(S, {"email": "1"})
    story.sees(C, {"email": "2"})
    story.sees(V, {"email": "3"})
    assert set(story.thing.contests["email"].sides) == {"scoro", "quickbooks.customer", "quickbooks.vendor"}
    assert story.thing.contests["email"].base == "a@x"


def test_contest_follows_further_edits_of_its_sides():
    """The side that edits again is renewed; the canonical value follows its holder."""
    story = in_step()
    story.sees(S, EDIT_A)
    story.sees(Q, EDIT_B)
    story.sees(S, {"email": "d@x"})
    assert story.thing.fields["email"] == "d@x"
    assert {actor: side.value for actor, side in story.thing.contests["email"].sides.items()} == {
        "scoro": "d@x", "quickbooks": "c@x",
    }  # fmt: skip


def test_settled_contest_gives_the_winner_its_own_dot():
    """A rule settles without a new edit, so the direction keeps its say."""
    story = in_step()
    story.sees(S, EDIT_A)
    story.sees(Q, EDIT_B)
    story.thing = settle(story.thing, {"email": "quickbooks"})
    assert story.thing.dot("email").actor == "quickbooks"
    assert lagging(story.thing, story.bindings[S], FIELDS) == EDIT_B
    assert story.decides(FROM_QUICKBOOKS).writes[0].values == EDIT_B  # type: ignore[union-attr]  # a Propagate is expected


def test_deleted_record_remembers_what_it_was():
    """A restored record is compared with what it was, not with nothing."""
    story = in_step()
    story.sees(S, {EXISTS: None})
    assert story.says(S, {**STATE, "name": "Bo"}) == {EXISTS: "taken", "name": "taken"}


def test_record_made_again_after_its_deletion_was_followed_is_created_there():
    """Restoring after the other side followed the deletion makes the record anew."""
    story = in_step()
    story.sees(S, {EXISTS: None})
    story.receives(Q, {EXISTS: None})
    story.sees(S, {EXISTS: True})
    assert [type(write).__name__ for write in story.decides().writes] == ["Create"]  # type: ignore[union-attr]  # a Propagate is expected
    assert story.decides(explicit=System.SCORO) != story.decides()
