"""Walking through lists that tell neither their length nor their order (reference 1.4, 3)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from engine.connectors.scoro.client import DETAILED, PLAIN, Filter, ScoroClient
from engine.connectors.scoro.modules import Module, Row, row_id
from engine.errors import Retryable

WALKS = 3
"""How often a list is walked through before it is given up as too restless."""

CAPS = frozenset({10, 25, 50})
"""Page sizes that a site may impose: a first page of such a length is not taken for the last."""


@dataclass(slots=True)
class _Walk:
    """What was seen on the way: ids, and whether they came in order."""

    seen: set[str] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)

    def new(self, module: Module, rows: Sequence[Row]) -> list[Row]:
        """The rows that are seen for the first time."""
        fresh = [row for row in rows if row_id(module, row) not in self.seen]
        self.ids += [row_id(module, row) for row in fresh]
        self.seen.update(self.ids[len(self.ids) - len(fresh) :])
        return fresh

    def in_order(self) -> bool:
        """Whether the list seems to be sorted by id."""
        numbers = [int(id) for id in self.ids if id.isdigit()]
        ordered = sorted(numbers)
        return len(numbers) == len(self.ids) and numbers in (ordered, ordered[::-1])


def walk(
    client: ScoroClient, module: Module, filter: Filter, *, detailed: bool, strict: bool = True
) -> Iterator[list[Row]]:
    """Every row of a list by pages, some perhaps twice, none left out.

    The page size stays the same; a short page is the last. Deleted rows stay in the list, so they shift nothing; new rows at the
    front shift rows to later pages, where they are seen again. A row that is edited may jump from a later page to the first, so
    that is read once more in the end; a page that repeats, or a changed first page, starts the walk again. Who polls again for
    what was modified since the walk began need not be ``strict``: a list that came in the order of its ids is then believed.
    """
    for _ in range(WALKS):
        if (yield from _walk_once(client, module, filter, detailed, strict)):
            return
    raise Retryable(
        f"The list of {module.name} changed {WALKS} times while it was read.",
        hint="It is read again by itself.",
        code="restless",
    )


def _walk_once(
    client: ScoroClient, module: Module, filter: Filter, detailed: bool, strict: bool
) -> Generator[list[Row], None, bool]:
    walked = _Walk()
    first = rows = client.page(module, number=1, detailed=detailed, filter=filter)
    yield walked.new(module, first)
    size = len(first)
    if size < (DETAILED if detailed else PLAIN) and size not in CAPS:
        return True
    number = 1
    while len(rows) >= size:
        number += 1
        rows = client.page(module, number=number, detailed=detailed, filter=filter)
        fresh = walked.new(module, rows)
        if rows and not fresh:
            return False
        yield fresh
    if number == 2 and not rows:
        return True
    if walked.in_order() and not strict:
        return True
    return first == client.page(module, number=1, detailed=detailed, filter=filter)
