"""The six shapes of a QuickBooks fault (reference 2.5) and what each code means for us."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.connectors.http import Answer, Call
from engine.connectors.quickbooks.faults import CODES, DETAIL, classify
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

READ = Call("GET", "http://quickbooks.test/x", ())
WRITE = Call("POST", "http://quickbooks.test/x", (), writes=True)


def judged(body: Any, status: int = 400, call: Call = READ, **headers: str) -> ConcordError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = classify(Answer(status, headers, content, "1-trace"), call)
    assert error is not None
    return error


def business(code: Any, message: str = "Message", detail: str = "Detail") -> dict[str, Any]:
    error = {"Message": message, "Detail": detail, "code": code, "element": "Line"}
    return {"Fault": {"Error": [error], "type": "ValidationFault"}, "time": "2026-05-05T02:00:00.000-07:00"}


def test_shape_a_business_fault():
    """Capital ``Fault`` with a list of errors."""
    error = judged(business("5010", "Stale Object Error", "You and Ada were working on this"))
    assert isinstance(error, StaleRevision)
    assert (error.code, error.request_id) == ("5010", "1-trace")
    assert "Ada" in error.detail


def test_shape_a_with_a_code_that_is_a_number():
    """Seen in the wild."""
    assert isinstance(judged(business(610)), RemoteMissing)


def test_shape_a_with_nothing_but_a_code():
    """Message, detail, element and time may each be missing."""
    assert isinstance(judged({"Fault": {"Error": [{"code": "6240"}]}}), DuplicateRemote)


def test_shape_b_the_gateways_lower_case_fault():
    """A client that reads ``Fault`` only would crash here."""
    body: dict[str, Any] = {
        "warnings": None,
        "fault": {
            "error": [
                {
                    "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                    "detail": "Token expired: AB0",
                    "code": "3200",
                    "element": None,
                }
            ],
            "type": "AUTHENTICATION",
        },
        "batchItemResponse": [],
        "time": 1601391072830,
    }
    error = judged(body, 401)
    assert isinstance(error, AuthorizationLost)
    assert error.code == "3200"


def test_shape_c_mixed_case():
    """Capital keys around the gateway's words."""
    body = {
        "Fault": {
            "Error": [{"Message": "message=ApplicationAuthorizationFailed", "Detail": "", "code": "3100"}],
            "type": "SERVICE",
        },
        "requestId": None,
    }
    assert isinstance(judged(body, 403), AuthorizationLost)


THROTTLED_XML = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<IntuitResponse time="2026-05-05T02:00:00.000-07:00" xmlns="http://schema.intuit.com/finance/v3">'
    b'<Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>'
    b"<Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>"
)


def test_shape_d_xml():
    """With a name space, and the code in an attribute."""
    error = judged(THROTTLED_XML, 429)
    assert isinstance(error, Throttled)
    assert (error.code, error.after) == ("3001", 60)
    assert "request limit" in error.detail


def test_shape_d_xml_that_attacks_is_not_read():
    """Entities that grow without end are refused by the parser; the status still says what to do."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x><Fault><Error code="5010">&b;</Error></Fault></x>'
    assert isinstance(judged(bomb, 503), Retryable)


@pytest.mark.parametrize("status", [400, 403, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"<html><body>502 Bad Gateway</body></html>", b"", b'{"Fault": {"Err'])
def test_shape_e_html_nothing_or_half_an_answer_passes(status: int, body: bytes):
    """Only the edge answers so."""
    error = judged(body, status, WRITE)
    assert isinstance(error, Retryable)
    assert error.maybe_applied


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"", b'{"Invoice": {"Id": "1", "Li', b"[]", b'"text"'])
def test_a_success_that_is_no_data_is_none(body: bytes):
    """A truncated body with HTTP 200 must not pass for an empty answer."""
    assert isinstance(judged(body, 200), Retryable)


def test_shape_f_localised_texts_make_no_difference():
    """A French company speaks French; only the code counts."""
    body = business(
        "6140", "Numéro de document en double", "DocNumber=1037 est attribué à TxnType=Invoice avec TxnId=130"
    )
    error = judged(body)
    assert isinstance(error, DuplicateRemote)
    assert error.existing_id == "130"


def test_a_fault_is_parsed_before_it_is_cut():
    """F23: the decisive part may stand behind a very long text."""
    body = business("5010", "x" * 50_000, "y" * 50_000)
    error = judged(body)
    assert isinstance(error, StaleRevision)
    assert len(error.detail) == DETAIL


def test_a_fault_inside_a_success_is_a_fault():
    """HTTP 200 proves nothing."""
    assert isinstance(judged(business("10000"), 200), Retryable)


def test_of_several_errors_the_first_that_is_known_decides():
    """And every one is kept for the reviewer."""
    body = business("99999", "Odd")
    body["Fault"]["Error"].append({"Message": "Duplicate", "code": "6240"})
    error = judged(body)
    assert isinstance(error, DuplicateRemote)
    assert "Odd" in error.detail
    assert "Duplicate" in error.detail


def test_an_unknown_code_is_a_refusal_of_the_content():
    """Trying again unchanged is pointless; its own words are kept."""
    error = judged(business("6999", "Novelty"))
    assert isinstance(error, RemoteRejected)
    assert error.code == "6999"


def test_an_unknown_code_of_a_server_error_passes():
    """The status says more than the code."""
    assert isinstance(judged(business("6999"), 500), Retryable)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("120", AuthorizationLost),
        ("130", Misconfigured),
        ("3100", AuthorizationLost),
        ("6190", Misconfigured),
        ("10200", Misconfigured),
        ("600", Retryable),
        ("2500", RemoteRejected),
        ("6210", RemoteRejected),
        ("6540", RemoteRejected),
    ],
)
def test_codes_of_the_catalogue(code: str, kind: type[ConcordError]):
    """Reference 10: who has to act."""
    assert isinstance(judged(business(code)), kind)


def test_retry_after_is_kept():
    """Honoured where it is present, 60 seconds where it is not."""
    error = judged(business("3001"), 429, READ, **{"retry-after": "17"})
    assert isinstance(error, Throttled)
    assert error.after == 17


def test_a_throttled_write_may_have_taken_effect():
    """Reference 9: seen to happen; the request id makes the repetition harmless."""
    error = judged(business("3001"), 429, WRITE)
    assert isinstance(error, Throttled)
    assert error.maybe_applied


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_sentence_and_a_way_out(code: str):
    """And neither quotes the remote, whose words may hold customers' data (F24)."""
    error = judged(business(code, "Ada Lovelace", "ada@example.com"))
    assert error.message.endswith(".")
    assert error.hint.endswith(".")
    assert "Ada" not in str(error) + error.hint
    assert "Ada" in error.detail
