"""Replays of `requestid`: the same id and content get the stored first answer (reference 2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.wire import Json

LIMIT = 50
BATCH_LIMIT = 36
_FORM = re.compile(r"[\w.:-]+")


@dataclass(frozen=True, slots=True)
class Stored:
    at: datetime
    content: str
    answer: Json


@dataclass
class Replays:
    """Answers by (realm, request id, batch item); an answer is forgotten after `hours`."""

    hours: int = 24
    stored: dict[tuple[str, str, str], Stored] = field(default_factory=dict)

    def once(self, key: tuple[str, str, str], content: str, now: datetime, perform: Callable[[], Json]) -> Json:
        """Perform and keep the answer, or give the kept one; raises 600 when the id came with other content."""
        found = self.stored.get(key)
        if found is None or now - found.at > timedelta(hours=self.hours):
            answer = perform()
            self.stored[key] = Stored(now, content, answer)
            return answer
        if found.content != content:
            raise faults.fault("600", "Duplicate Request ID : this request id was used with other content.", None)
        return found.answer


def check_form(request_id: str, limit: int = LIMIT) -> None:
    if len(request_id) > limit or not _FORM.fullmatch(request_id):
        raise faults.fault(
            "2130", f"Request Id should be at most {limit} characters. Supplied value:{request_id}", None
        )
