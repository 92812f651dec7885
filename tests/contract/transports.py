"""Transports that interfere: they act between two requests, answer in the remote's place, or keep what passed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx2

Answer = httpx2.Response | Exception


class Meddling(httpx2.BaseTransport):
    """Lets requests through and does something after the nth of them (counted from 1)."""

    def __init__(self, inner: httpx2.BaseTransport, after: dict[int, Callable[[], object]]) -> None:
        self._inner = inner
        self._after = after
        self.requests: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._inner.handle_request(request)
        self.requests.append(request)
        self._after.get(len(self.requests), lambda: None)()
        return response


class Scripted(httpx2.BaseTransport):
    """Answers with what the script says, in turn; the last answer is repeated."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def said(body: Any, status: int = 200, **headers: str) -> httpx2.Response:
    """An answer with a JSON body, or with the bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, headers=named, content=content)


def paths(requests: Iterable[httpx2.Request]) -> list[str]:
    """Where requests went."""
    return [request.url.path for request in requests]
