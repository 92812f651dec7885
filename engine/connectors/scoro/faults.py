"""What Scoro means when it refuses: an envelope with two status fields, or no envelope at all (reference 1.4, 1.5, 1.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from engine.connectors.http import Answer, Call
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    Misconfigured,
    RemoteMissing,
    RemoteRejected,
    Retryable,
    Throttled,
)

DETAIL = 2000
WINDOW = 2.0
"""Length of the short rate-limit window, in seconds."""

_AGAIN = "It is tried again by itself."


def classify(answer: Answer, call: Call, now: datetime) -> ConcordError | None:
    """What an answer means; None when it is the success that was asked for. HTTP 200 can be an error."""
    envelope = _envelope(answer)
    code = _code(answer, envelope)
    if envelope is not None and code == 200:
        return None
    if code == 429:
        return _throttled(answer, envelope, now)
    if envelope is None:
        return _no_envelope(answer, call)
    return _refused(code, envelope, call, answer.request_id)


def _envelope(answer: Answer) -> Mapping[str, Any] | None:
    try:
        parsed = answer.json
    except ValueError:
        return None
    return parsed if isinstance(parsed, Mapping) and "status" in parsed else None


def _code(answer: Answer, envelope: Mapping[str, Any] | None) -> int:
    """The worst of the status fields: either may be missing, a text, or more cheerful than the other."""
    if envelope is None:
        return answer.status
    told = str(envelope.get("statusCode") or "")
    codes = [answer.status, *([int(told)] if told.isdigit() else [])]
    worst = max(codes)
    if str(envelope.get("status", "")).upper() == "OK" and worst < 400:
        return 200
    return worst if worst >= 400 else 400


def _refused(code: int, envelope: Mapping[str, Any], call: Call, request_id: str) -> ConcordError:
    told = {"detail": _words(envelope)[:DETAIL], "request_id": request_id, "code": str(code)}
    match code:
        case 401 | 403 if call.writes:
            return RemoteRejected("Scoro does not permit this write.", hint=_PERMIT, **told)
        case 401 | 403:
            return AuthorizationLost("Scoro refuses the API key.", hint="Enter a valid key in the settings.", **told)
        case 404:
            return RemoteMissing("The record is not in Scoro any more.", hint="Check the record in Scoro.", **told)
        case 408 | 500 | 502 | 503 | 504:
            return Retryable(
                "Scoro had a passing fault.",
                after=None,
                maybe_applied=call.writes,
                hint=_AGAIN,
                **told,
            )
        case _:
            return RemoteRejected(
                "Scoro refuses the record.", hint="Read its reason, correct the record and send it again.", **told
            )


_PERMIT = (
    "Check the user's permissions, whether the period is locked, and that Scoro's own QuickBooks integration is off: "
    "it protects taxes and accounts."
)


def _throttled(answer: Answer, envelope: Mapping[str, Any] | None, now: datetime) -> Throttled:
    """The daily quota returns at midnight UTC, the short window after seconds. A refused request had no effect."""
    daily = answer.headers.get("x-daily-requests-remaining") == "0"
    told = {"detail": _words(envelope or {})[:DETAIL], "request_id": answer.request_id, "code": "429"}
    if daily:
        return Throttled(
            "Scoro's daily number of requests is used up.",
            after=_seconds(answer, "x-daily-requests-reset") or until_midnight(now),
            maybe_applied=False,
            hint="It goes on after midnight UTC. A longer interval between runs needs fewer requests.",
            **told,
        )
    after = _seconds(answer, "retry-after") or _seconds(answer, "x-ratelimit-reset") or WINDOW
    return Throttled("Scoro asked us to slow down.", after=after, maybe_applied=False, hint=_AGAIN, **told)


def until_midnight(now: datetime) -> float:
    """Seconds until the day rolls, at 00:00 UTC."""
    return (datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo) - now).total_seconds()


def _no_envelope(answer: Answer, call: Call) -> ConcordError:
    told = {"request_id": answer.request_id, "code": str(answer.status)}
    if answer.status == 403 and b"error code: 1010" in answer.body:
        return Misconfigured(
            "The protection in front of Scoro refuses programs like this one.",
            hint="Ask Scoro's support to admit Concord's user agent.",
            **told,
        )
    if _is_html(answer) and answer.status < 500 and answer.status != 408:
        return Misconfigured(
            "There is no Scoro site at this address: a web page answered.",
            hint="Check the site address; it looks like https://yourcompany.scoro.com.",
            **told,
        )
    return Retryable(
        f"Scoro answered with something else than data (HTTP {answer.status}).",
        after=None,
        maybe_applied=call.writes,
        hint=_AGAIN,
        **told,
    )


def _is_html(answer: Answer) -> bool:
    return "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<"


def _seconds(answer: Answer, header: str) -> float | None:
    value = answer.headers.get(header, "")
    return float(value) if value.isdigit() else None


def _words(envelope: Mapping[str, Any]) -> str:
    """Everything that was said, with the fields it was said about."""
    return "; ".join([*_flat(envelope.get("messages")), *_flat(envelope.get("errors"))])


def _flat(node: Any, field: str = "") -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, part in node.items():
            yield from _flat(part, "" if name == "error" else str(name))
    elif isinstance(node, list):
        for part in node:
            yield from _flat(part, field)
    elif node:
        yield f"{field} {node}".strip()
