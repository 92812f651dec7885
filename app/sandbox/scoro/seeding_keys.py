"""Which row became of which item of the seed."""

from __future__ import annotations


class Keys:
    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}

    def remember(self, path: str, key: str, id: int) -> None:
        self._ids[(path, key)] = id

    def id(self, path: str, key: str | None) -> int:
        """The row's id; 0 for what is not in Scoro."""
        return self._ids.get((path, key or ""), 0)
