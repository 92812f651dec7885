"""What QuickBooks means when it refuses: the six shapes of a fault body, and one sentence and one way out per code.

The shapes are those of reference 2.5: (a) ``Fault``, (b) the gateway's lower-case ``fault``, (c) both mixed, (d) XML, (e) HTML or
nothing, (f) localised texts. Hence only the code decides, never the text. The whole body is parsed before anything is cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from engine.connectors.base import Operation
from engine.connectors.http import Answer, Call
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    DuplicateRemote,
    Misconfigured,
    RemoteMissing,
    RemoteRejected,
    Retryable,
    StaleRevision,
    Throttled,
)

PAUSE = 60.0
"""Seconds to wait after a throttled request that names no time (reference 9)."""

DETAIL = 2000
"""How much of the remote's own words is kept."""

EXPIRED = "3200"
"""The access token is not valid any more; a refresh may help."""

_HOLDER = re.compile(r"\b(?:TxnId|Id)=(\d+)")


class Sense(StrEnum):
    """What a code asks us to do."""

    REAUTHORIZE = "reauthorize"
    CONFIGURE = "configure"
    REJECT = "reject"
    STALE = "stale"
    GONE = "gone"
    DUPLICATE = "duplicate"
    RETRY = "retry"
    THROTTLE = "throttle"


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of a fault: the remote's code (without leading zeros), its own words, and the field it names."""

    code: str
    text: str
    element: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A code's meaning for us, said in two sentences."""

    sense: Sense
    message: str
    hint: str


def _reject(message: str, hint: str) -> Verdict:
    return Verdict(Sense.REJECT, message, hint)


_RECONNECT = "Connect QuickBooks again in the settings."
_CORRECT = "Correct the value, then send the record again."
_REPORT = "Report this with the trace number; sending it again will not help."
_WAIT = "It is tried again by itself."

_UNKNOWN_REFERENCE = _reject(
    "The record points to something that QuickBooks does not have or that is inactive there.",
    "Activate it in QuickBooks or choose another account, product, contact or tax code.",
)
_CLOSED = _reject(
    "The books are closed for this date in QuickBooks.",
    "Change the date or open the period in QuickBooks, then send the record again.",
)
_PROCESSED = _reject(
    "The payment was processed by QuickBooks Payments and cannot be changed from outside.",
    "Change it in QuickBooks.",
)
_TAX = _reject("QuickBooks does not accept the tax on a line.", "Map the tax rate to a QuickBooks tax code that fits.")
_FEATURE = Verdict(
    Sense.REJECT,
    "The QuickBooks plan or the connecting user does not have this feature.",
    "Switch the feature on in QuickBooks or exclude the category.",
)
_OURS = _reject("QuickBooks did not understand the request.", _REPORT)
_LOST = Verdict(Sense.REAUTHORIZE, "QuickBooks no longer accepts the connection's authorisation.", _RECONNECT)
_PASSING = Verdict(Sense.RETRY, "QuickBooks had a passing fault.", _WAIT)

CODES: Mapping[str, Verdict] = {
    "100": _LOST,
    "110": _LOST,
    "120": Verdict(
        Sense.REAUTHORIZE, "The user who connected QuickBooks has no access to this company any more.", _RECONNECT
    ),
    "130": Verdict(
        Sense.CONFIGURE,
        "The company belongs to another QuickBooks environment.",
        "Check whether the sandbox or the production address is set.",
    ),
    "140": Verdict(Sense.RETRY, "The QuickBooks company is locked at the moment.", _WAIT),
    "150": Verdict(Sense.RETRY, "The QuickBooks company is under maintenance.", _WAIT),
    "500": _OURS,
    "600": Verdict(Sense.RETRY, "QuickBooks is still busy with the same request.", _WAIT),
    "610": Verdict(
        Sense.GONE,
        "The record is not in QuickBooks any more, or something it uses was made inactive.",
        "Check the record in QuickBooks.",
    ),
    "620": _reject(
        "The payment cannot be linked to this document.",
        "Check that the document is open and belongs to the same contact and currency.",
    ),
    "630": Verdict(Sense.DUPLICATE, "QuickBooks already has such a record.", "Link the two records."),
    "800": _reject("The record cannot be deleted because others depend on it.", "Remove what depends on it first."),
    "1000": _PASSING,
    "1010": _PASSING,
    "1020": _PASSING,
    "2020": _reject("A required value is missing.", "Fill it in, then send the record again."),
    "2040": _reject("A text holds characters that QuickBooks does not allow, such as a colon in a name.", _CORRECT),
    "2050": _reject("A text is too long for QuickBooks.", "Shorten it, then send the record again."),
    "2140": _reject("An amount is not valid in QuickBooks.", _CORRECT),
    "2150": _reject("A percentage is not valid in QuickBooks.", _CORRECT),
    "2160": _reject("A quantity is not valid in QuickBooks.", _CORRECT),
    "2200": _reject("The website's address is not valid.", _CORRECT),
    "2210": _reject("The e-mail address is not valid.", _CORRECT),
    "2250": _reject("The document has no lines.", "Add a line, then send it again."),
    "2280": _TAX,
    "2290": _reject("QuickBooks does not accept a negative amount here.", "Use a credit note instead."),
    "2500": _UNKNOWN_REFERENCE,
    "3001": Verdict(Sense.THROTTLE, "QuickBooks asked us to slow down.", _WAIT),
    "3100": Verdict(Sense.REAUTHORIZE, "Concord is not authorised for this QuickBooks company.", _RECONNECT),
    EXPIRED: _LOST,
    "3202": _LOST,
    "4002": Verdict(Sense.RETRY, "QuickBooks could not finish a query.", _WAIT),
    "5010": Verdict(Sense.STALE, "Somebody changed the record in QuickBooks first.", "It is read and decided again."),
    "5020": _FEATURE,
    "5030": _FEATURE,
    "6000": _reject("QuickBooks refuses the record by one of its business rules.", "Read its reason and correct it."),
    "6070": _reject("The amount of a line is not its quantity times its price.", _REPORT),
    "6080": _reject("The contact has no name.", "Give it a name, then send it again."),
    "6100": _TAX,
    "6110": _PROCESSED,
    "6120": _PROCESSED,
    "6140": Verdict(
        Sense.DUPLICATE, "The document number is already used in QuickBooks.", "Link the two or change the number."
    ),
    "6160": _TAX,
    "6190": Verdict(
        Sense.CONFIGURE,
        "The QuickBooks subscription has ended, so nothing can be written.",
        "Renew the subscription in QuickBooks.",
    ),
    "6200": _CLOSED,
    "6210": _CLOSED,
    "6220": _reject("The contact has an open balance.", "Settle the balance, then deactivate the contact."),
    "6230": _TAX,
    "6240": Verdict(
        Sense.DUPLICATE,
        "The name is already used in QuickBooks by another customer, vendor, employee or item.",
        "Link the two or change the name.",
    ),
    "6250": _UNKNOWN_REFERENCE,
    "6430": _reject("The account has the wrong type for this use.", "Choose another account."),
    "6440": _reject("A line has neither product nor account.", "Choose one for each line."),
    "6450": _reject("The document cannot be voided because it is settled.", "Remove its payment first."),
    "6470": _TAX,
    "6480": _reject("The transaction is matched with the bank feed.", "Unmatch it in QuickBooks first."),
    "6540": _reject("The payment sits in a bank deposit.", "Remove it from the deposit in QuickBooks first."),
    "10000": _PASSING,
    "10100": _PASSING,
    "10200": Verdict(
        Sense.CONFIGURE, "The QuickBooks company was reset; its records are new ones.", "Set the connection up again."
    ),
}
"""The codes that mean something particular (reference 10). Any other is a refusal of the content."""

_OTHER = _reject("QuickBooks refuses the record.", "Read its reason and correct it.")


def classify(answer: Answer, call: Call) -> ConcordError | None:
    """What an answer means; None when it is the success that was asked for."""
    faults = faults_in(answer)
    if faults:
        return to_error(
            faults, request_id=answer.request_id, status=answer.status, writes=call.writes, after=_after(answer)
        )
    if answer.status == 200 and _is_json(answer):
        return None
    return _by_status(answer, call)


def to_error(
    faults: list[Fault],
    *,
    request_id: str = "",
    status: int = 400,
    writes: bool = False,
    after: float | None = None,
) -> ConcordError:
    """The error that a fault is. The first error with a known code decides; all their words are the detail."""
    decisive = next((fault for fault in faults if fault.code in CODES), faults[0])
    verdict = _verdict(decisive, status)
    detail = "; ".join(fault.text for fault in faults)[:DETAIL]
    told = {"hint": verdict.hint, "detail": detail, "request_id": request_id, "code": decisive.code}
    match verdict.sense:
        case Sense.THROTTLE:
            return Throttled(verdict.message, after=after or PAUSE, maybe_applied=writes, **told)
        case Sense.RETRY:
            return Retryable(verdict.message, after=after, maybe_applied=writes, **told)
        case Sense.REAUTHORIZE:
            return AuthorizationLost(verdict.message, **told)
        case Sense.CONFIGURE:
            return Misconfigured(verdict.message, **told)
        case Sense.STALE:
            return StaleRevision(verdict.message, **told)
        case Sense.GONE:
            return RemoteMissing(verdict.message, **told)
        case Sense.DUPLICATE:
            return DuplicateRemote(verdict.message, existing_id=_holder(detail), **told)
        case Sense.REJECT:
            return RemoteRejected(verdict.message, **told)
        case _:
            assert_never(verdict.sense)


def for_operation(error: ConcordError, operation: Operation) -> ConcordError:
    """The error as this operation means it: of what is being created, only a reference can be "not found"."""
    if operation is not Operation.CREATE or not isinstance(error, RemoteMissing):
        return error
    verdict = _UNKNOWN_REFERENCE
    return RemoteRejected(
        verdict.message, hint=verdict.hint, detail=error.detail, request_id=error.request_id, code=error.code
    )


def faults_in(answer: Answer) -> list[Fault]:
    """The errors of a fault body in any of its shapes; empty when the body holds none."""
    try:
        return faults_of(answer.json)
    except ValueError:
        return _xml_faults(answer.body)


def faults_of(parsed: object) -> list[Fault]:
    """The errors of a parsed body, or of one item of a batch or of a change feed."""
    if not isinstance(parsed, Mapping):
        return []
    fault = parsed.get("Fault") or parsed.get("fault")
    if not isinstance(fault, Mapping):
        return []
    errors = fault.get("Error") or fault.get("error") or [{}]
    return [_fault(error) for error in (errors if isinstance(errors, list) else [errors])]


def _fault(error: Mapping[str, Any]) -> Fault:
    lower = {name.lower(): value for name, value in error.items()}
    message, detail, element = (str(lower.get(name) or "") for name in ("message", "detail", "element"))
    text = ": ".join(part for part in (message, detail) if part) + (f" [{element}]" if element else "")
    return Fault(_code(lower.get("code")), text, element)


def _code(code: object) -> str:
    return str(code or "").strip().lstrip("0")


def _xml_faults(body: bytes) -> list[Fault]:
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        return []
    return [_xml_fault(node) for node in root.iter() if _tag(node) == "error"]


def _xml_fault(node: Element) -> Fault:
    parts = {_tag(child): child.text or "" for child in node}
    return _fault({**parts, **node.attrib})


def _tag(node: Element) -> str:
    return str(node.tag).rpartition("}")[2].lower()


def _verdict(fault: Fault, status: int) -> Verdict:
    """A code unknown to us is judged by the status."""
    if fault.code in CODES:
        return CODES[fault.code]
    return _STATUSES.get(status, _PASSING if status >= 500 else _OTHER)


_STATUSES: Mapping[int, Verdict] = {
    401: _LOST,
    403: _LOST,
    404: Verdict(
        Sense.CONFIGURE, "QuickBooks does not know this address.", "Check the QuickBooks address in the settings."
    ),
    413: _reject("The record is too large for QuickBooks.", "Make it smaller, then send it again."),
    429: Verdict(Sense.THROTTLE, "QuickBooks asked us to slow down.", _WAIT),
}


def _by_status(answer: Answer, call: Call) -> ConcordError:
    """An answer without a readable fault. Only the gateway sends those, and what it says passes (reference 2.5 e)."""
    faults = [Fault("", f"HTTP {answer.status} with an answer that cannot be read.")]
    if answer.status in (401, 404, 413, 429):
        return to_error(
            faults,
            status=answer.status,
            request_id=answer.request_id,
            writes=call.writes,
            after=_after(answer),
        )
    return Retryable(
        f"QuickBooks answered with something else than data (HTTP {answer.status}).",
        after=_after(answer),
        maybe_applied=call.writes,
        hint="It is tried again by itself; check the QuickBooks address if this stays.",
        request_id=answer.request_id,
        code="unreadable",
    )


def _is_json(answer: Answer) -> bool:
    try:
        return isinstance(answer.json, dict)
    except ValueError:
        return False


def _after(answer: Answer) -> float | None:
    """What ``Retry-After`` says in seconds, where it is there."""
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isdigit() else None


def _holder(detail: str) -> str | None:
    """The id of the record that holds the name or number; the token is the same in every language."""
    found = _HOLDER.search(detail)
    return found.group(1) if found else None
