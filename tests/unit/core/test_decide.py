"""The ladder of decisions, rung by rung: one table of cases is the test."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.core.decide import (
    AwaitMatch,
    Blocked,
    Conflict,
    Create,
    Decision,
    Delete,
    DeletedThere,
    Excluded,
    Hold,
    InStep,
    Lock,
    Parked,
    Propagate,
    Update,
    Variance,
    Void,
    disposition_of,
    reached_vector,
)
from engine.core.policy import DeletionPolicy, Policy
from engine.core.reasons import Disposition, Reason
from engine.core.records import EXISTS, HUB, Path, Replica, Scalar, System
from engine.core.vector import VersionVector
from tests.unit.core.samples import FROM_QUICKBOOKS, FROM_SCORO, STATE, C, Q, S, Story, V, in_step

EDIT = {"email": "b@x"}
VOIDED = {"@void": True}
FOLLOW = Policy(System.SCORO, deletions=DeletionPolicy.FOLLOW)
NEVER = Policy(System.SCORO, deletions=DeletionPolicy.NEVER)
BOTH = frozenset({S, Q})


def story(*steps: tuple[Replica, Mapping[Path, Scalar | None]]) -> Story:
    told = in_step()
    for replica, changes in steps:
        told.sees(replica, changes)
    return told


def alone(replica: Replica = S) -> Story:
    """An object that lives on one side only."""
    return in_step(replica)


def resolved(choice: Scalar | None, *steps: tuple[Replica, Mapping[Path, Scalar | None]]) -> Story:
    told = story(*steps)
    told.resolves({EXISTS: choice})
    return told


def decided_void(choice: Scalar | None) -> Story:
    """Voided in Scoro, and a person has said whether it shall be."""
    told = story((S, VOIDED))
    told.resolves({"@void": choice})
    return told


def deleted_everywhere() -> Story:
    return story((S, {EXISTS: None}), (Q, {EXISTS: None}))


LOCK = Lock(Reason.PERIOD_LOCKED)
EMAIL_LOCK = Lock(Reason.CURRENCY_FIXED, frozenset({"email"}))
LINE_LOCK = Lock(Reason.PAYMENT_ATTACHED, frozenset({"lines/quantity"}))
CREATE_LOCK = Lock(Reason.CLASS_TRACKING_OFF, creates=True)
WHOLE = dict(STATE)

CASES: list[tuple[str, Story, Policy, dict[str, object], Decision]] = [
    # Set aside, out of scope, unreadable.
    (
        "parked before anything else",
        story((S, EDIT)),
        FROM_SCORO,
        {"parked": True, "excluded": Reason.CATEGORY_OFF},
        Parked(),
    ),
    (
        "parked, yet sent by hand",
        story((S, EDIT)),
        FROM_SCORO,
        {"parked": True, "explicit": System.QUICKBOOKS},
        Propagate((Update(Q, EDIT),)),
    ),
    ("excluded", story((S, EDIT)), FROM_SCORO, {"excluded": Reason.CATEGORY_OFF}, Excluded(Reason.CATEGORY_OFF)),
    (
        "excluded, yet a document needs it",
        story((S, EDIT)),
        FROM_SCORO,
        {"excluded": Reason.CATEGORY_OFF, "required": True},
        Propagate((Update(Q, EDIT),)),
    ),
    (
        "excluded, yet sent by hand",
        story((S, EDIT)),
        FROM_SCORO,
        {"excluded": Reason.NOT_IN_BOOKMARK, "explicit": System.QUICKBOOKS},
        Propagate((Update(Q, EDIT),)),
    ),
    ("unreadable", story((S, EDIT)), FROM_SCORO, {"unreadable": Reason.CANNOT_MAP}, Blocked(Reason.CANNOT_MAP, Q)),
    (
        "unreadable, even by hand",
        story((S, EDIT)),
        FROM_SCORO,
        {"unreadable": Reason.CANNOT_MAP, "explicit": System.QUICKBOOKS},
        Blocked(Reason.CANNOT_MAP, Q),
    ),
    # Contested.
    (
        "the same field edited on both sides",
        story((S, EDIT), (Q, {"email": "c@x"})),
        FROM_SCORO,
        {},
        Conflict(frozenset({"email"}), Reason.SAME_FIELD_EDITED),
    ),
    (
        "an open contest holds back edits of other fields",
        story((S, {**EDIT, "name": "Bo"}), (Q, {"email": "c@x"})),
        FROM_SCORO,
        {},
        Conflict(frozenset({"email"}), Reason.SAME_FIELD_EDITED),
    ),
    (
        "edited and deleted",
        story((S, {EXISTS: None}), (Q, EDIT)),
        FOLLOW,
        {},
        Conflict(frozenset({EXISTS}), Reason.EDITED_AND_DELETED),
    ),
    (
        "contested, even by hand",
        story((S, EDIT), (Q, {"email": "c@x"})),
        FROM_SCORO,
        {"explicit": System.SCORO},
        Conflict(frozenset({"email"}), Reason.SAME_FIELD_EDITED),
    ),
    # Deleted.
    ("deleted everywhere", deleted_everywhere(), FROM_SCORO, {}, InStep(Reason.GONE_EVERYWHERE)),
    (
        "deleted at the source, asking",
        story((S, {EXISTS: None})),
        FROM_SCORO,
        {},
        DeletedThere(Reason.DELETED_AT_SOURCE, frozenset({Q})),
    ),
    ("deleted at the source, followed", story((S, {EXISTS: None})), FOLLOW, {}, Propagate((Delete(Q),))),
    (
        "deleted at the source, never followed",
        story((S, {EXISTS: None})),
        NEVER,
        {},
        Excluded(Reason.DELETION_NOT_FOLLOWED),
    ),
    (
        "deleted at the source, but paid",
        story((S, {EXISTS: None})),
        FOLLOW,
        {"paid": True},
        DeletedThere(Reason.DELETED_BUT_PAID, frozenset({Q})),
    ),
    (
        "deleted on the other side",
        story((Q, {EXISTS: None})),
        FOLLOW,
        {},
        DeletedThere(Reason.DELETED_ON_OTHER_SIDE, frozenset({S})),
    ),
    (
        "deleted on the other side, never followed",
        story((Q, {EXISTS: None})),
        NEVER,
        {},
        DeletedThere(Reason.DELETED_ON_OTHER_SIDE, frozenset({S})),
    ),
    ("a person follows the deletion", resolved(None, (Q, {EXISTS: None})), FROM_SCORO, {}, Propagate((Delete(S),))),
    (
        "a person follows the deletion, though paid",
        resolved(None, (S, {EXISTS: None})),
        FOLLOW,
        {"paid": True},
        Propagate((Delete(Q),)),
    ),
    (
        "a person keeps it: it is made again",
        resolved(True, (Q, {EXISTS: None})),
        FROM_SCORO,
        {},
        Propagate((Create(Q, WHOLE),)),
    ),
    (
        "the deletion sent by hand",
        story((S, {EXISTS: None})),
        FROM_SCORO,
        {"explicit": System.QUICKBOOKS},
        Propagate((Delete(Q),)),
    ),
    (
        "sending by hand to where it was deleted deletes nothing",
        story((S, {EXISTS: None})),
        FROM_SCORO,
        {"explicit": System.SCORO},
        DeletedThere(Reason.DELETED_AT_SOURCE, frozenset({Q})),
    ),
    (
        "the same, though deletions are followed",
        story((S, {EXISTS: None})),
        FOLLOW,
        {"explicit": System.SCORO},
        DeletedThere(Reason.DELETED_AT_SOURCE, frozenset({Q})),
    ),
    (
        "what Concord never writes is not deleted either",
        story((S, {EXISTS: None})),
        FOLLOW,
        {"readonly": frozenset({Q})},
        InStep(),
    ),
    (
        "a locked record is not deleted",
        story((S, {EXISTS: None})),
        FOLLOW,
        {"locks": {Q: (LOCK,)}},
        Blocked(Reason.PERIOD_LOCKED, Q),
    ),
    # One side moved.
    ("an edit at the source", story((S, EDIT)), FROM_SCORO, {}, Propagate((Update(Q, EDIT),))),
    (
        "a cleared field at the source",
        story((S, {"email": None})),
        FROM_SCORO,
        {},
        Propagate((Update(Q, {"email": None}),)),
    ),
    ("a void at the source, followed", story((S, VOIDED)), FOLLOW, {}, Propagate((Void(Q),))),
    (
        "a void at the source, asking",
        story((S, VOIDED)),
        FROM_SCORO,
        {},
        DeletedThere(Reason.VOIDED_AT_SOURCE, frozenset({Q})),
    ),
    ("a void that is never followed", story((S, VOIDED)), NEVER, {}, Excluded(Reason.DELETION_NOT_FOLLOWED)),
    ("a void that a person follows", decided_void(True), FROM_SCORO, {}, Propagate((Void(Q),))),
    ("a void that a person takes back", decided_void(None), FROM_SCORO, {}, Propagate((Update(S, {"@void": None}),))),
    (
        "a void that a person sends",
        story((S, VOIDED)),
        FROM_SCORO,
        {"explicit": System.QUICKBOOKS},
        Propagate((Void(Q),)),
    ),
    (
        "a void after an edit that was not sent",
        story((S, EDIT), (S, {"@void": True})),
        FROM_SCORO,
        {},
        Propagate((Update(Q, EDIT),)),
    ),
    (
        "an edit on the other side",
        story((Q, EDIT)),
        FROM_SCORO,
        {},
        Hold(frozenset({"email"}), Reason.AGAINST_DIRECTION),
    ),
    ("the same after a flip", story((Q, EDIT)), FROM_QUICKBOOKS, {}, Propagate((Update(S, EDIT),))),
    (
        "the other side's edit sent by hand",
        story((Q, EDIT)),
        FROM_SCORO,
        {"explicit": System.SCORO},
        Propagate((Update(S, EDIT),)),
    ),
    (
        "sending by hand the way nothing is lacking",
        story((Q, EDIT)),
        FROM_SCORO,
        {"explicit": System.QUICKBOOKS},
        Hold(frozenset({"email"}), Reason.AGAINST_DIRECTION),
    ),
    ("both moved the same", story((S, EDIT), (Q, EDIT)), FROM_SCORO, {}, InStep()),
    (
        "both moved, different fields: one goes, one is held",
        story((S, EDIT), (Q, {"name": "Bo"})),
        FROM_SCORO,
        {},
        Propagate((Update(Q, EDIT),)),
    ),
    (
        "a line removed at the source",
        story((S, {"lines/1": None})),
        FROM_SCORO,
        {},
        Propagate((Update(Q, {"lines/1": None}),)),
    ),
    # Locks and what is never written.
    ("locked", story((S, EDIT)), FROM_SCORO, {"locks": {Q: (LOCK,)}}, Blocked(Reason.PERIOD_LOCKED, Q)),
    (
        "a lock of the field that is written",
        story((S, EDIT)),
        FROM_SCORO,
        {"locks": {Q: (EMAIL_LOCK,)}},
        Blocked(Reason.CURRENCY_FIXED, Q),
    ),
    (
        "a lock of another field",
        story((S, {"name": "Bo"})),
        FROM_SCORO,
        {"locks": {Q: (EMAIL_LOCK,)}},
        Propagate((Update(Q, {"name": "Bo"}),)),
    ),
    (
        "a lock of a line field names any line",
        story((S, {"lines/2/quantity": "9"})),
        FROM_SCORO,
        {"locks": {Q: (LINE_LOCK,)}},
        Blocked(Reason.PAYMENT_ATTACHED, Q),
    ),
    (
        "a lock of the other replica",
        story((S, EDIT)),
        FROM_SCORO,
        {"locks": {S: (LOCK,)}},
        Propagate((Update(Q, EDIT),)),
    ),
    ("read only", story((S, EDIT)), FROM_SCORO, {"readonly": frozenset({Q})}, InStep()),
    # Missing replicas.
    ("only at the source", alone(), FROM_SCORO, {"wanted": BOTH}, Propagate((Create(Q, WHOLE),))),
    (
        "only at the source, but something there may be the same",
        alone(),
        FROM_SCORO,
        {"wanted": BOTH, "candidates": True},
        AwaitMatch(Reason.MATCH_SUGGESTED),
    ),
    (
        "only at the source, matching not finished",
        alone(),
        FROM_SCORO,
        {"wanted": BOTH, "unsettled": True},
        AwaitMatch(Reason.MATCH_UNSETTLED),
    ),
    (
        "needed by a document before matching is finished",
        alone(),
        FROM_SCORO,
        {"wanted": BOTH, "unsettled": True, "required": True},
        Propagate((Create(Q, WHOLE),)),
    ),
    (
        "needed by a document, yet something there may be the same",
        alone(),
        FROM_SCORO,
        {"wanted": BOTH, "candidates": True, "required": True},
        AwaitMatch(Reason.MATCH_SUGGESTED),
    ),
    (
        "sent by hand while something there may be the same",
        alone(),
        FROM_SCORO,
        {"wanted": BOTH, "candidates": True, "explicit": System.QUICKBOOKS},
        AwaitMatch(Reason.MATCH_SUGGESTED),
    ),
    (
        "only on the other side",
        alone(Q),
        FROM_SCORO,
        {"wanted": BOTH},
        Hold(frozenset({EXISTS}), Reason.ONLY_ON_OTHER_SIDE),
    ),
    (
        "only on the other side, and perhaps the same",
        alone(Q),
        FROM_SCORO,
        {"wanted": BOTH, "candidates": True},
        AwaitMatch(Reason.MATCH_SUGGESTED),
    ),
    (
        "only on the other side, sent by hand",
        alone(Q),
        FROM_SCORO,
        {"wanted": BOTH, "explicit": System.SCORO},
        Propagate((Create(S, WHOLE),)),
    ),
    (
        "only on the other side, demanded by a document",
        alone(Q),
        FROM_SCORO,
        {"wanted": BOTH, "demanded": frozenset({S})},
        Propagate((Create(S, WHOLE),)),
    ),
    (
        "a create is stopped by a lock of creates",
        alone(),
        FROM_SCORO,
        {"wanted": BOTH, "locks": {Q: (CREATE_LOCK,)}},
        Blocked(Reason.CLASS_TRACKING_OFF, Q),
    ),
    (
        "a create is not stopped by any other lock",
        alone(),
        FROM_SCORO,
        {"wanted": BOTH, "locks": {Q: (LOCK,)}},
        Propagate((Create(Q, WHOLE),)),
    ),
    (
        "its owner has none, and Concord makes none",
        alone(Q),
        FROM_SCORO,
        {"wanted": BOTH, "readonly": frozenset({S})},
        Excluded(Reason.NOT_WRITTEN_BY_CONCORD),
    ),
    (
        "that system lets no program make one",
        alone(),
        FROM_SCORO,
        {"wanted": BOTH, "readonly": frozenset({Q})},
        Blocked(Reason.CANNOT_CREATE_THERE, Q),
    ),
    # Nothing to do.
    ("in step", story(), FROM_SCORO, {}, InStep()),
    ("in step, but the totals differ", story(), FROM_SCORO, {"variance": True}, Variance()),
    (
        "pending comes before a variance",
        story((S, EDIT)),
        FROM_SCORO,
        {"variance": True},
        Propagate((Update(Q, EDIT),)),
    ),
]


@pytest.mark.parametrize(
    ("told", "policy", "guards", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_decision(told, policy, guards, expected):
    """Each rung of the ladder, with what comes before it."""
    assert told.decides(policy, **guards) == expected


def test_every_disposition_is_reached_by_the_table():
    """No disposition but "failed", which tells of attempts, is beyond the ladder."""
    reached = {disposition_of(case[4])[0] for case in CASES}
    assert reached == set(Disposition) - {Disposition.FAILED}


def test_every_write_has_a_cause_of_its_own():
    """The list says what will be done."""
    writes = Create(Q, {}), Update(Q, {}), Delete(Q), Void(Q)
    causes = [disposition_of(Propagate((write,))) for write in writes]
    expected = Reason.TO_CREATE, Reason.TO_UPDATE, Reason.TO_DELETE, Reason.TO_VOID
    assert causes == [(Disposition.PENDING, reason) for reason in expected]


def test_reached_vector_leaves_out_what_is_held():
    """A write under a direction has not brought the other side's edits along; a person's sending has brought everything."""
    told = story((S, EDIT), (Q, {"name": "Bo"}))
    told.resolves({"phone": "1"})
    vector = told.thing.vector
    assert reached_vector(told.thing, FROM_SCORO, None) == VersionVector({"scoro": vector["scoro"], HUB: vector[HUB]})
    assert reached_vector(told.thing, FROM_QUICKBOOKS, None) == VersionVector(
        {"quickbooks": vector["quickbooks"], HUB: vector[HUB]}
    )
    assert reached_vector(told.thing, FROM_SCORO, System.SCORO) == vector


def test_void_is_made_after_the_edit_that_came_before_it():
    """What a voided document lacks is written before it is voided, and the void is not taken for made."""
    told = story((S, EDIT), (S, {"@void": True}))
    told.receives(Q, EDIT)
    assert told.decides(FOLLOW) == Propagate((Void(Q),))


def test_held_edit_survives_the_sources_edit_of_another_field():
    """Only the source's field is written; the other stays held."""
    told = story((Q, {"name": "Bo"}), (S, EDIT))
    assert told.decides() == Propagate((Update(Q, EDIT),))
    told.receives(Q, EDIT)
    assert told.decides() == Hold(frozenset({"name"}), Reason.AGAINST_DIRECTION)


def test_equal_edits_of_two_replicas_reach_the_third_in_either_order():
    """What the source says is given on, even if the other side said it last."""
    for order in ((S, C), (C, S)):
        told = in_step(S, C, V)
        for replica in order:
            told.sees(replica, EDIT)
        assert told.decides() == Propagate((Update(V, EDIT),))


def test_edit_of_one_source_replica_reaches_its_sibling():
    """With QuickBooks as the source, customer and vendor are kept in agreement too."""
    told = in_step(S, C, V)
    told.sees(C, EDIT)
    assert told.decides(FROM_QUICKBOOKS) == Propagate((Update(V, EDIT), Update(S, EDIT)))
    assert told.decides(FROM_SCORO) == Hold(frozenset({"email"}), Reason.AGAINST_DIRECTION)


def test_new_replica_gets_the_sources_word_and_not_a_held_edit():
    """A vendor made later does not carry what is held on the customer."""
    told = in_step(S, C)
    told.sees(C, EDIT)
    assert told.decides(wanted=frozenset({S, C, V})) == Propagate((Create(V, WHOLE),))


def test_record_restored_on_the_other_side_is_held_and_not_called_in_step():
    """It lives on one side only: that is listed."""
    told = story((S, {EXISTS: None}))
    told.receives(Q, {EXISTS: None})
    told.sees(Q, {EXISTS: True})
    assert told.decides(FOLLOW) == Hold(frozenset({EXISTS}), Reason.AGAINST_DIRECTION)


def test_replica_with_fewer_fields_is_in_step_when_it_has_what_it_can_carry():
    """What a replica cannot carry never counts as a difference."""
    told = story((S, EDIT))
    fewer = {S: frozenset({EXISTS, "name", "email"}), Q: frozenset({EXISTS, "name"})}
    assert told.decides(carries=fewer) == InStep()


def test_resolution_goes_to_every_side_that_says_otherwise_whatever_the_direction():
    """A person's choice is written even to the source."""
    told = story((S, EDIT), (Q, {"email": "c@x"}))
    told.resolves({"email": "d@x"})
    for policy in (FROM_SCORO, FROM_QUICKBOOKS):
        assert told.decides(policy) == Propagate((Update(Q, {"email": "d@x"}), Update(S, {"email": "d@x"})))
