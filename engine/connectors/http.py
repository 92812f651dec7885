"""One HTTP client for both systems: paced, bounded, patient, and silent about what it carries.

It never logs a body, a header or a query: an observer learns the method, the path, the status, the duration and the
remote's trace id. What an answer means is told by a classification hook; what is repeated follows from the error and the
call: a repeatable call after any passing fault, any other only when it certainly had no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Any

import httpx2

from engine.clock import Clock
from engine.connectors import wire
from engine.connectors.limits import Limiter
from engine.errors import AuthorizationLost, ConcordError, Misconfigured, Retryable, Throttled

USER_AGENT = f"Concord/{version('concord')} (synchronisation of Scoro and QuickBooks Online)"
TIMEOUT = httpx2.Timeout(connect=10.0, read=130.0, write=30.0, pool=30.0)
"""The read limit is a little above the 120 seconds after which QuickBooks gives up (reference 9)."""

IN_FLIGHT = 10
"""How many requests one connector has under way at most."""

NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``keys`` are the limiter's, the first is the one an order to slow down pauses.

    ``writes``: it may change something over there. ``repeatable``: sending it twice does no more than sending it once.
    """

    method: str
    url: str
    keys: tuple[str, ...]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    writes: bool = False
    repeatable: bool = True


@dataclass(frozen=True)
class Answer:
    """A complete answer. ``request_id`` is the remote's trace id, "" when it gives none. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    request_id: str = ""

    @cached_property
    def json(self) -> Any:
        """The parsed body; ValueError when it is not JSON."""
        return wire.loads(self.body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What may be told about a request: nothing of its content."""

    method: str
    path: str
    status: int | None
    seconds: float
    request_id: str


Classify = Callable[[Answer, Call], ConcordError | None]
Observe = Callable[[Exchange], None]


@dataclass(frozen=True, slots=True)
class Endurance:
    """How much is borne: ``attempts`` in all, pauses of ``patience`` seconds at most, answers of ``max_bytes``."""

    attempts: int = 4
    first_delay: float = 0.5
    patience: float = 15.0
    max_bytes: int = 64 * 1024 * 1024


DEFAULT_ENDURANCE = Endurance()


class HttpClient:
    """Sends calls and answers with complete answers, or raises what ``classify`` says about them. Safe for several threads.

    ``jitter`` gives numbers in [0, 1): delays are spread by it. ``trace_header`` names the header with the trace id.
    """

    def __init__(
        self,
        *,
        classify: Classify,
        limiter: Limiter,
        clock: Clock,
        jitter: Callable[[], float],
        transport: httpx2.BaseTransport | None = None,
        trace_header: str = "",
        endurance: Endurance = DEFAULT_ENDURANCE,
        observe: Observe | None = None,
    ) -> None:
        self._classify = classify
        self._limiter = limiter
        self._clock = clock
        self._jitter = jitter
        self._trace_header = trace_header
        self._endurance = endurance
        self._observe = observe
        self._client = httpx2.Client(
            transport=transport,
            timeout=TIMEOUT,
            limits=httpx2.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            follow_redirects=False,
            trust_env=transport is None,
        )

    def send(self, call: Call) -> Answer:
        """The answer to a call; passing faults are waited out as far as that is safe."""
        doubt = False
        attempt = 1
        while True:
            try:
                return self._once(call)
            except Retryable as error:
                doubt = error.maybe_applied = doubt or error.maybe_applied
                if attempt == self._endurance.attempts or not self._may_repeat(error, call):
                    raise
                self._clock.sleep(self._delay(attempt, error))
                attempt += 1
            except AuthorizationLost as error:
                if doubt:
                    raise _in_doubt(error) from error
                raise

    def close(self) -> None:
        """Give back the sockets."""
        self._client.close()

    def _once(self, call: Call) -> Answer:
        for key in call.keys:
            self._limiter.acquire(key)
        answer = self._exchange(call)
        error = self._classify(answer, call)
        if isinstance(error, Throttled):
            self._limiter.pause(call.keys[0], error.after or self._endurance.patience)
        if error is not None:
            raise error
        return answer

    def _exchange(self, call: Call) -> Answer:
        started = self._clock.monotonic()
        answer: Answer | None = None
        try:
            answer = self._receive(call)
            return answer
        except NOT_SENT as fault:
            raise _unreachable(call) from fault
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as fault:
            raise Misconfigured("The address is not a web address.", hint="Correct it in the settings.") from fault
        except (httpx2.TransportError, httpx2.DecodingError) as fault:
            raise _broken_off(call) from fault
        finally:
            self._tell(call, answer, self._clock.monotonic() - started)

    def _receive(self, call: Call) -> Answer:
        with self._client.stream(
            call.method, call.url, params=dict(call.params), headers=dict(call.headers), content=call.content
        ) as response:
            body = self._bounded(response, call)
            headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, body, headers.get(self._trace_header, ""))

    def _bounded(self, response: httpx2.Response, call: Call) -> bytes:
        parts: list[bytes] = []
        room = self._endurance.max_bytes
        for part in response.iter_bytes():
            room -= len(part)
            if room < 0:
                raise _too_large(call, self._endurance.max_bytes)
            parts.append(part)
        return b"".join(parts)

    def _may_repeat(self, error: Retryable, call: Call) -> bool:
        if (error.after or 0.0) > self._endurance.patience:
            return False
        return call.repeatable or not error.maybe_applied

    def _delay(self, attempt: int, error: Retryable) -> float:
        backoff: float = self._endurance.first_delay * 2 ** (attempt - 1) * (1.0 + self._jitter())
        return max(backoff, error.after or 0.0)

    def _tell(self, call: Call, answer: Answer | None, seconds: float) -> None:
        if self._observe is None:
            return
        path = httpx2.URL(call.url).path
        status, request_id = (answer.status, answer.request_id) if answer else (None, "")
        self._observe(Exchange(call.method, path, status, seconds, request_id))


def _unreachable(call: Call) -> Retryable:
    return Retryable(
        f"{_host(call)} could not be reached.",
        hint="Nothing was sent. It is tried again by itself; check the network if this stays.",
        code="unreachable",
    )


def _broken_off(call: Call) -> Retryable:
    return Retryable(
        f"The connection to {_host(call)} broke off before the answer was complete.",
        maybe_applied=call.writes,
        hint="It is tried again by itself.",
        code="broken_off",
    )


def _too_large(call: Call, limit: int) -> Retryable:
    return Retryable(
        f"The answer of {_host(call)} is larger than {limit // (1024 * 1024)} MB.",
        maybe_applied=call.writes,
        hint="If this stays, ask for fewer records at once.",
        code="too_large",
    )


def _in_doubt(error: AuthorizationLost) -> Retryable:
    return Retryable(
        "The authorisation was lost while it was unknown whether the write had taken effect.",
        maybe_applied=True,
        hint=error.hint,
        request_id=error.request_id,
        code=error.code,
    )


def _host(call: Call) -> str:
    return httpx2.URL(call.url).host
