"""Several writes under way at once, and how they stop together."""

from __future__ import annotations

import threading

import pytest

from engine.connectors.base import NotWritten, Operation, RemoteRecord, WriteOutcome, WriteRequest, Written
from engine.connectors.flight import Shipment, fly
from engine.core.records import System
from engine.errors import AuthorizationLost, ConcordError, RemoteRejected, Retryable, Throttled


def request(key: str) -> WriteRequest:
    return WriteRequest(key, "thing", Operation.CREATE, {})


def done(key: str) -> WriteOutcome:
    return Written(key, RemoteRecord(System.SCORO, "thing", key, "", {}))


class Field:
    """Shipments that note who took off."""

    def __init__(self) -> None:
        self.off: list[str] = []

    def shipment(self, key: str, error: ConcordError | None = None) -> Shipment:
        def carry() -> list[WriteOutcome]:
            self.off.append(key)
            if error is not None:
                raise error
            return [done(key)]

        return Shipment((request(key),), carry)


def keys(outcomes: list[WriteOutcome]) -> list[str]:
    return sorted(outcome.key for outcome in outcomes)


def test_each_shipment_has_its_outcomes():
    """A refusal of one is no matter of the others."""
    field = Field()
    shipments = [field.shipment("a"), field.shipment("b", RemoteRejected("No.")), field.shipment("c")]
    outcomes = list(fly(shipments))
    assert keys(outcomes) == ["a", "b", "c"]
    assert [outcome.key for outcome in outcomes if isinstance(outcome, NotWritten)] == ["b"]


def test_nothing_takes_off_after_the_connection_has_stopped():
    """What has no outcome was certainly not sent."""
    field = Field()
    shipments = [
        field.shipment("a"),
        field.shipment("b", AuthorizationLost("Over.")),
        field.shipment("c"),
        field.shipment("d"),
    ]
    outcomes: list[WriteOutcome] = []
    with pytest.raises(AuthorizationLost):
        outcomes.extend(fly(shipments, at_once=1))
    assert field.off == ["a", "b"]


def test_what_may_have_taken_effect_is_reported_before_the_stop():
    """A write that was throttled may have taken effect all the same."""
    field = Field()
    doubt = Throttled("Slower.", after=60, maybe_applied=True)
    outcomes = []
    with pytest.raises(Throttled):
        for outcome in fly([field.shipment("a", doubt), field.shipment("b")], at_once=1):
            outcomes.append(outcome)
    assert keys(outcomes) == ["a"]


def test_what_was_certainly_not_sent_has_no_outcome():
    """So that it is simply sent the next time."""
    field = Field()
    outcomes = []
    with pytest.raises(Throttled):
        for outcome in fly([field.shipment("a", Throttled("Slower.", after=60))], at_once=1):
            outcomes.append(outcome)
    assert outcomes == []


def test_an_outcome_inside_a_batch_can_stop_the_connection_too():
    """A throttled item of a batch throttles what follows."""
    field = Field()
    stopped = Shipment((request("a"),), lambda: [NotWritten("a", Throttled("Slower.", after=60, maybe_applied=True))])
    outcomes = []
    with pytest.raises(Throttled):
        for outcome in fly([stopped, field.shipment("b")], at_once=1):
            outcomes.append(outcome)
    assert keys(outcomes) == ["a"]
    assert field.off == []


def test_an_answer_of_an_unforeseen_shape_is_an_outcome_too():
    """The write was sent; dropping the others' outcomes with it would be worse than the oddity."""

    def carry() -> list[WriteOutcome]:
        raise KeyError("Id")

    outcomes = list(fly([Shipment((request("a"),), carry), Field().shipment("b")], at_once=1))
    assert keys(outcomes) == ["a", "b"]
    (odd,) = [outcome.error for outcome in outcomes if isinstance(outcome, NotWritten)]
    assert isinstance(odd, Retryable)
    assert odd.maybe_applied


def test_a_passing_fault_does_not_stop_the_others():
    """It concerns one request."""
    field = Field()
    shipments = [field.shipment("a", Retryable("Broken.", maybe_applied=True)), field.shipment("b")]
    assert keys(list(fly(shipments, at_once=1))) == ["a", "b"]


def test_shipments_are_under_way_at_the_same_time():
    """Each waits for all the others to have taken off."""
    together = threading.Barrier(5, timeout=10)

    def carry(key: str) -> Shipment:
        def meet() -> list[WriteOutcome]:
            together.wait()
            return [done(key)]

        return Shipment((request(key),), meet)

    assert keys(list(fly([carry(str(n)) for n in range(5)]))) == ["0", "1", "2", "3", "4"]


def test_no_shipments_are_no_work():
    """An empty plan is carried out at once."""
    assert list(fly([])) == []
