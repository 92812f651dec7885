"""A refusal of the API."""

from __future__ import annotations


class ApiError(Exception):
    """Becomes an ERROR envelope with this status and these texts."""

    def __init__(self, status: int, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.status = status
        self.messages = messages
