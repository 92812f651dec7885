"""The two shapes of an answer (reference 1.4)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import Response

from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.languages import ENGLISH, error_text


def success(data: Any, behaviours: Behaviours) -> Response:
    status = _status_code(200, behaviours)
    return _json({"status": "OK", "statusCode": status, "messages": None, "data": data}, 200)


def failure(error: ApiError, behaviours: Behaviours, language: str = ENGLISH) -> Response:
    body = {
        "status": "ERROR",
        "statusCode": _status_code(error.status, behaviours),
        "messages": {"error": _messages(error.messages, behaviours, language)},
        "errors": {},
        "data": None,
    }
    return _json(body, 200 if behaviours.error_with_200 else error.status)


def _messages(texts: Iterable[str], behaviours: Behaviours, language: str) -> Any:
    """A list of texts or, where the site does that, texts by the field they begin with."""
    if behaviours.messages_style != "by_field":
        return [error_text(text, language) for text in texts]
    by_field: dict[str, list[str]] = {}
    for text in texts:
        field, _, reason = error_text(text, language).partition(" ")
        by_field.setdefault(field, []).append(reason)
    return by_field


def _status_code(status: int, behaviours: Behaviours) -> int | str:
    is_text = behaviours.status_code_style == "text" or (behaviours.status_code_style == "mixed" and status == 429)
    return str(status) if is_text else status


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=utf-8")
