"""The two shapes of an answer (reference 1.4), and error texts in other languages."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Response

from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.errors import ApiError

_ESTONIAN = (
    (r"^(\S+) is required$", r"\1 on kohustuslik"),
    (r"^(\S+) is not valid$", r"\1 ei ole korrektne"),
    (r"^Too many requests$", "Liiga palju päringuid"),
    (r"^Object (\d+) not found in (\S+)$", r"Objekti \1 ei leitud (\2)"),
    (r"^Invalid (\S+)$", r"Vigane \1"),
    (r"^no (\S+) is already in use$", r"Number \1 on juba kasutusel"),
)


def success(data: Any, behaviours: Behaviours) -> Response:
    status = _status_code(200, behaviours)
    return _json({"status": "OK", "statusCode": status, "messages": None, "data": data}, 200)


def failure(error: ApiError, behaviours: Behaviours, language: str = "eng") -> Response:
    body = {
        "status": "ERROR",
        "statusCode": _status_code(error.status, behaviours),
        "messages": {"error": [translated(text, language) for text in error.messages]},
        "errors": {},
        "data": None,
    }
    return _json(body, 200 if behaviours.error_with_200 else error.status)


def translated(text: str, language: str) -> str:
    """English texts in the language of the request, as far as this server knows it (`est`)."""
    if language == "est":
        for pattern, replacement in _ESTONIAN:
            if re.search(pattern, text):
                return re.sub(pattern, replacement, text)
    return text


def _status_code(status: int, behaviours: Behaviours) -> int | str:
    is_text = behaviours.status_code_style == "text" or (behaviours.status_code_style == "mixed" and status == 429)
    return str(status) if is_text else status


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=utf-8")
