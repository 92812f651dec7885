"""Several writes under way at once, each with exactly one outcome, stopping together when the whole connection has to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from engine.connectors.base import NotWritten, WriteOutcome, WriteRequest
from engine.connectors.http import IN_FLIGHT
from engine.errors import AuthorizationLost, ConcordError, Misconfigured, Retryable, Throttled

STOPS = (AuthorizationLost, Throttled, Misconfigured)
"""What stops a whole connection, as opposed to one write."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """Requests that travel in one exchange, and how they are carried out."""

    requests: tuple[WriteRequest, ...]
    carry: Callable[[], list[WriteOutcome]]


@dataclass(frozen=True, slots=True)
class _Landed:
    outcomes: list[WriteOutcome]
    stop: ConcordError | None = None


def fly(shipments: Sequence[Shipment], *, at_once: int = IN_FLIGHT) -> Iterator[WriteOutcome]:
    """The outcomes of all shipments as they land.

    After an error that stops the connection nothing more takes off; what is in the air lands and is reported, then the error
    is raised. A shipment with a request that may not leave any more stays on the ground. Requests without an outcome were not
    sent. An outcome that carries such an error stops the rest as well.
    """
    halt = threading.Event()
    stop: ConcordError | None = None
    with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(shipments)))) as pool:
        try:
            for future in as_completed([pool.submit(_carry, shipment, halt) for shipment in shipments]):
                landed = future.result()
                stop = stop or landed.stop
                yield from landed.outcomes
        finally:
            halt.set()
    if stop is not None:
        raise stop


def _carry(shipment: Shipment, halt: threading.Event) -> _Landed:
    if halt.is_set() or not all(request.may_leave() for request in shipment.requests):
        return _Landed([])
    landed = _landed(shipment)
    if landed.stop is not None:
        halt.set()
    return landed


def _landed(shipment: Shipment) -> _Landed:
    try:
        outcomes = shipment.carry()
    except STOPS as error:
        return _Landed(_in_doubt(shipment, error), error)
    except ConcordError as error:
        return _Landed([NotWritten(request.key, error) for request in shipment.requests])
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as fault:
        return _Landed([NotWritten(request.key, _not_understood(fault)) for request in shipment.requests])
    return _Landed(outcomes, next(filter(None, map(_stop_of, outcomes)), None))


def _not_understood(fault: Exception) -> Retryable:
    """An answer of a shape that nobody foresaw: the write was sent, so it must have an outcome."""
    return Retryable(
        "The answer to a write could not be understood.",
        maybe_applied=True,
        hint="It is looked at again by itself; report it if this stays.",
        detail=type(fault).__name__,
        code="not_understood",
    )


def _in_doubt(shipment: Shipment, error: ConcordError) -> list[WriteOutcome]:
    if not (isinstance(error, Retryable) and error.maybe_applied):
        return []
    return [NotWritten(request.key, error) for request in shipment.requests]


def _stop_of(outcome: WriteOutcome) -> ConcordError | None:
    if isinstance(outcome, NotWritten) and isinstance(outcome.error, STOPS):
        return outcome.error
    return None
