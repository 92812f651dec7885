"""The one HTTP client: what it repeats, what it bears, what it tells."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from engine.clock import ManualClock
from engine.connectors.http import Answer, Call, Endurance, Exchange, HttpClient
from engine.connectors.limits import LocalLimiter
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    Misconfigured,
    RemoteRejected,
    Retryable,
    Throttled,
)
from tests.contract.transports import Scripted, said

READ = Call("GET", "http://remote.test/things", ("remote:1",), params={"q": "secret"})
WRITE = Call("POST", "http://remote.test/things", ("remote:1",), content=b"secret", writes=True, repeatable=False)
KEYED = Call("POST", "http://remote.test/things", ("remote:1",), content=b"secret", writes=True)

ERRORS = {
    401: AuthorizationLost("No."),
    422: RemoteRejected("No."),
    429: Throttled("Slower.", after=60),
    420: Throttled("Slower.", after=2),
}


def judge(answer: Answer, call: Call) -> ConcordError | None:
    if answer.status >= 500:
        return Retryable("Broken.", maybe_applied=call.writes)
    return ERRORS.get(answer.status)


class Bench:
    """A client over a script of answers."""

    def __init__(self, *answers: Any, **endurance: Any) -> None:
        self.clock = ManualClock()
        self.limiter = LocalLimiter(self.clock)
        self.transport = Scripted(*answers)
        self.told: list[Exchange] = []
        self.client = HttpClient(
            classify=judge,
            limiter=self.limiter,
            clock=self.clock,
            jitter=lambda: 0.5,
            transport=self.transport,
            trace_header="trace",
            endurance=Endurance(**endurance),
            observe=self.told.append,
        )

    @property
    def sent(self) -> int:
        return len(self.transport.requests)


@pytest.mark.parametrize("call", [READ, KEYED], ids=["reading", "keyed write"])
def test_a_repeatable_call_outlives_passing_faults(call: Call):
    """Idempotent requests are repeated after server errors and broken connections alike."""
    bench = Bench(said({}, 503), httpx2.ReadError("reset"), said({"ok": 1}))
    assert bench.client.send(call).json == {"ok": 1}
    assert bench.sent == 3


@pytest.mark.parametrize("fault", [said({}, 503), httpx2.ReadError("reset"), httpx2.ReadTimeout("late")])
def test_a_write_without_key_is_not_repeated_once_it_may_have_taken_effect(fault: Any):
    """Nobody knows whether it did, and the error says so."""
    bench = Bench(fault, said({}))
    with pytest.raises(Retryable) as raised:
        bench.client.send(WRITE)
    assert raised.value.maybe_applied
    assert bench.sent == 1


@pytest.mark.parametrize("fault", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("late")])
def test_a_write_that_never_left_is_repeated(fault: Exception):
    """What was not sent cannot have taken effect."""
    bench = Bench(fault, said({"ok": 1}))
    assert bench.client.send(WRITE).status == 200
    assert bench.sent == 2


def test_doubt_about_an_earlier_attempt_is_not_forgotten():
    """First the answer was lost, then the remote was unreachable: the first attempt still may have taken effect."""
    bench = Bench(httpx2.ReadError("reset"), httpx2.ConnectError("refused"))
    with pytest.raises(Retryable) as raised:
        bench.client.send(KEYED)
    assert raised.value.maybe_applied


def test_losing_the_authorisation_after_a_lost_answer_is_a_doubt():
    """To say that it is not authorised would mean that nothing was sent."""
    bench = Bench(httpx2.ReadError("reset"), said({}, 401))
    with pytest.raises(Retryable) as raised:
        bench.client.send(KEYED)
    assert raised.value.maybe_applied


def test_attempts_are_bounded_and_further_and_further_apart():
    """Four attempts; pauses double and are spread by the jitter."""
    bench = Bench(said({}, 500))
    with pytest.raises(Retryable):
        bench.client.send(READ)
    assert bench.sent == 4
    assert bench.clock.elapsed == pytest.approx((0.5 + 1 + 2) * 1.5)


def test_a_refusal_is_final():
    """Sending the same content again is pointless."""
    bench = Bench(said({}, 422))
    with pytest.raises(RemoteRejected):
        bench.client.send(READ)
    assert bench.sent == 1


def test_an_order_to_slow_down_pauses_everyone_under_the_key():
    """The next call does not even go out, until the pause is over."""
    bench = Bench(said({}, 429), said({}))
    with pytest.raises(Throttled):
        bench.client.send(READ)
    with pytest.raises(Throttled) as raised:
        bench.client.send(READ)
    assert bench.sent == 1
    assert raised.value.after == pytest.approx(60)
    bench.clock.advance(61)
    assert bench.client.send(READ).status == 200


def test_a_short_pause_is_waited_out():
    """A window of seconds is no reason to give a job up."""
    bench = Bench(said({}, 420), said({}))
    assert bench.client.send(READ).status == 200
    assert bench.clock.elapsed >= 2


def test_an_answer_beyond_the_limit_is_cut_off():
    """A hostile or broken remote must not fill the memory."""
    bench = Bench(said(b"x" * 2000), max_bytes=1000, attempts=1)
    with pytest.raises(Retryable) as raised:
        bench.client.send(READ)
    assert raised.value.code == "too_large"


def test_redirects_are_not_followed():
    """They could lead into our own network with the credentials in hand."""
    bench = Bench(said({}, 302, location="http://127.0.0.1/"))
    assert bench.client.send(READ).status == 302
    assert bench.sent == 1


def test_the_client_says_who_it_is():
    """Scoro's protection refuses the agents of libraries."""
    bench = Bench(said({}))
    bench.client.send(READ)
    assert bench.transport.requests[0].headers["user-agent"].startswith("Concord/")


def test_the_trace_id_comes_with_the_answer():
    """It is the one handle that support accepts."""
    assert Bench(said({}, trace="1-abc")).client.send(READ).request_id == "1-abc"


def test_an_observer_learns_nothing_of_the_content():
    """F24: neither bodies nor queries, which hold names and tokens."""
    bench = Bench(said({"a": "secret"}, trace="1-abc"))
    bench.client.send(READ)
    bench.client.send(KEYED)
    assert "secret" not in repr(bench.told) + repr(READ.headers) + repr(KEYED)
    assert [(told.path, told.status, told.request_id) for told in bench.told] == [("/things", 200, "1-abc")] * 2


def test_an_address_that_is_none_is_a_matter_of_settings():
    """A person has to correct it; trying again is pointless."""
    bench = Bench(httpx2.UnsupportedProtocol("gopher"))
    with pytest.raises(Misconfigured):
        bench.client.send(READ)
