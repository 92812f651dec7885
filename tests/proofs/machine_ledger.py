"""The oracle of the machine: plain dicts over what both systems really wrote down, made from the guarantee and not from the code.

Every accepted write of either system is in its journal, with who made it and what the record said before and after. From that
alone follows who could have seen what: each copy of a field has the edits it *covers*, those that its value is or came after.
Concord may overwrite a person's edit only with a value whose maker covers that edit, or when a person decided it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.proofs.machine_pictures import EXISTS, READERS, TOTAL, VOID, Picture, Row, Value

SILENT = frozenset({TOTAL})
"""What is compared when both sides rest, and is nobody's edit by itself."""
APART = " of its own"


class Violation(AssertionError):
    """The guarantee does not hold."""


@dataclass(slots=True)
class Copy:
    """One replica's value of one field: the edits it covers, and every value it had before with what that covered."""

    value: Value = None
    covers: frozenset[int] = frozenset()
    history: list[tuple[Value, frozenset[int]]] = field(default_factory=list)

    def become(self, value: Value, covers: frozenset[int]) -> None:
        """A new value."""
        self.value, self.covers = value, covers
        self.history.append((value, covers))


@dataclass(frozen=True, slots=True)
class Made:
    """Who made a record, after how many edits of people, and how many of these Concord could know when it looked last."""

    by_concord: bool
    edits: int
    known: int


Key = tuple[str, str]
CATEGORY = {
    "contact": "contacts", "product": "products", "invoice": "invoices", "credit": "invoices", "bill": "bills",
    "receipt": "receipts",
}  # fmt: skip
DEPENDENCIES = frozenset({"contact", "product"})


@dataclass
class Ledger:
    """All that is known without Concord. ``sources``: the direction in force; ``policies``: how conflicts are settled."""

    sources: dict[str, str]
    policies: dict[str, str] = field(default_factory=dict)
    copies: dict[Key, dict[str, dict[str, Copy]]] = field(default_factory=lambda: defaultdict(dict))
    records: dict[tuple[str, str, str], tuple[Key, str]] = field(default_factory=dict)
    edits: list[str] = field(default_factory=list)
    places: list[tuple[Key, str]] = field(default_factory=list)
    explicit: set[Key] = field(default_factory=set)
    decided: dict[Key, frozenset[int]] = field(default_factory=dict)
    merged: set[Key] = field(default_factory=set)
    shared: set[Key] = field(default_factory=set)
    made: dict[tuple[str, str, str], Made] = field(default_factory=dict)
    known_until: int = 0
    writes: int = 0

    def adopt(self, system: str, type: str, id: str, row: Row) -> None:
        """A record that was there from the beginning, in step: nobody's edit."""
        picture = READERS[type](row)
        if not picture.marker:
            return
        known = ((picture.family, picture.marker), picture.replica)
        self.records[system, type, id] = known
        self.shared.add(known[0])
        for name, value in picture.fields.items():
            self._copy(known, name).become(value, frozenset())

    def observe_begins(self) -> None:
        """Concord looks: edits made from now on may be unknown to it for a while."""
        self.known_until = len(self.edits)

    def decide(self, key: Key, *, everything: bool = False, shown: Collection[str] = ()) -> None:
        """A person decided about this thing by hand, knowing what Concord knew when it began to look, and all that the
        replicas ``shown`` say (or what both systems say right now)."""
        until = len(self.edits) if everything else self.known_until
        seen = {number for number, place in enumerate(self.places) if place[0] == key and place[1] in shown}
        self.explicit.add(key)
        self.decided[key] = self.decided.get(key, frozenset()) | seen | frozenset(range(until))

    def is_twice(self, one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
        """Whether Concord made one of these although it could know the other. What people do twice is theirs."""
        start = Made(False, -1, 0)
        first, second = sorted((self.made.get(one, start), self.made.get(other, start)), key=lambda made: made.edits)
        if first.by_concord or not second.by_concord:
            return first.by_concord and second.by_concord
        return first.edits < second.known

    def key_of(self, system: str, type: str, id: str) -> Key | None:
        """Which thing a record is."""
        found = self.records.get((system, type, id))
        return found[0] if found else None

    def hear(self, system: str, entries: Iterable[Row]) -> None:
        """What a system wrote down, in order."""
        for entry in entries:
            self._hear(system, entry)

    def _hear(self, system: str, entry: Row) -> None:
        type, id = entry["entity"], entry["id"]
        read = READERS.get(type)
        if read is None:
            return
        by_concord = entry["actor"]["kind"] == "api"
        self.writes += by_concord
        after = read(entry["after"]) if entry["after"] and entry["operation"] != "delete" else None
        named = after or (read(entry["before"]) if entry["before"] else None)
        if named is None:
            return
        known = self.records.get((system, type, id))
        if known is None:
            if not named.marker:
                return
            known = (self._thing_named(named, by_concord), named.replica)
            if by_concord and known[0] not in self.shared:
                self._set_apart(known, named)
            self.records[system, type, id] = known
            self.made[system, type, id] = Made(by_concord, len(self.edits), self.known_until)
        if entry["operation"] == "delete" or after is None:
            changes: dict[str, Value] = {EXISTS: None}
        else:
            changes = _changes(after, self.copies[known[0]].get(known[1], {}))
        where = f"{known[0][0]} {known[0][1]} in {known[1]}"
        if by_concord:
            self._check_direction(system, known, changes, where)
            self._written(known, changes, where)
            self.shared.add(known[0])
        else:
            self._edited(known, changes, where)
        self._join(known[0], changes)

    def _thing_named(self, named: Picture, by_concord: bool) -> Key:
        """What a new record is; Concord may have made it for one that was set apart and bears the same name."""
        apart = (named.family, f"{named.marker}{APART}")
        names = {copies["name"].value for copies in self.copies.get(apart, {}).values()}
        is_for_it = by_concord and named.replica not in self.copies.get(apart, ()) and named.fields.get("name") in names
        return apart if is_for_it else (named.family, named.marker)

    def _set_apart(self, known: tuple[Key, str], made: Picture) -> None:
        """What people made on both sides, and then deleted or gave another name on one before Concord had to do with it, is
        two things: nothing tells that they were one."""
        copies = self.copies[known[0]].get(known[1], {})
        if any(copies[name].value != made.fields.get(name) for name in ("name", EXISTS) if name in copies):
            self.part(known)

    def part(self, known: tuple[Key, str]) -> None:
        """This record and those of the other side are two things."""
        (family, marker), replica = known
        apart = (family, f"{marker}{APART}")
        self.copies[apart][replica] = self.copies[known[0]].pop(replica)
        self.records |= {place: (apart, replica) for place, one in self.records.items() if one == known}

    def _copy(self, known: tuple[Key, str], name: str) -> Copy:
        return self.copies[known[0]].setdefault(known[1], {}).setdefault(name, Copy())

    def _edited(self, known: tuple[Key, str], changes: Mapping[str, Value], where: str) -> None:
        for name, value in changes.items():
            if name in SILENT:
                self._copy(known, name).become(value, frozenset())
                continue
            copy = self._copy(known, name)
            covers = copy.covers | {len(self.edits)}
            if _ends(known[0], name, value):
                covers |= self._all_covers(known)
            self.edits.append(f"{where}: {name} = {value!r}")
            self.places.append(known)
            copy.become(value, covers)
            if name == VOID and value is None:
                self._say_all_anew(known)

    def _say_all_anew(self, known: tuple[Key, str]) -> None:
        """Who gives a voided document its amounts again says all that it says by knowing that it was void."""
        for copy in self.copies[known[0]][known[1]].values():
            copy.become(copy.value, copy.covers | self._all_covers(known))

    def _all_covers(self, known: tuple[Key, str]) -> frozenset[int]:
        copies = self.copies[known[0]].get(known[1], {})
        return frozenset(number for copy in copies.values() for number in copy.covers)

    def _others(self, known: tuple[Key, str], name: str) -> Iterator[Copy]:
        for replica, copies in self.copies[known[0]].items():
            if replica != known[1] and name in copies:
                yield copies[name]

    def _written(self, known: tuple[Key, str], changes: Mapping[str, Value], where: str) -> None:
        free = self.policies.get(CATEGORY[known[0][0]], "ask") != "ask"
        decided = self.decided.get(known[0], frozenset())
        for name, value in changes.items():
            copy = self._copy(known, name)
            if name in SILENT:
                copy.become(value, frozenset())
                continue
            lost = self._all_covers(known) if _ends(known[0], name, value) else copy.covers
            sources = [covers for other in self._others(known, name) for was, covers in other.history if was == value]
            sources += [other.covers for other in self._others(known, VOID) if other.value]
            covering = [covers for covers in sources if lost <= covers | decided]
            if lost - decided and not covering and not free:
                self._lost(name, value, lost - decided, sources, where)
            copy.become(value, lost.union(*(covering or sources or [frozenset()])))

    def _lost(self, name: str, value: Value, lost: frozenset[int], sources: list[frozenset[int]], where: str) -> None:
        best = min((lost - covers for covers in sources), key=len, default=lost)
        edits = "; ".join(self.edits[number] for number in sorted(best))
        raise Violation(f"Concord wrote {where}: {name} = {value!r} over an edit its maker had not seen: {edits}")

    def _check_direction(self, system: str, known: tuple[Key, str], changes: Mapping[str, Value], where: str) -> None:
        """Nothing is written to the source, but by a person's act, for a document, or from the same system's other copy."""
        key, replica = known
        if self.sources.get(CATEGORY[key[0]]) != system or key in self.explicit:
            return
        if key[0] in DEPENDENCIES and replica not in self.copies[key]:
            return
        moved = {name: value for name, value in changes.items() if name not in SILENT}
        siblings = [copies for name, copies in self.copies[key].items() if name != replica and side_of(name) == system]
        if all(any(self._says(copies, name, value) for copies in siblings) for name, value in moved.items()):
            return
        raise Violation(f"Concord wrote against the direction: {where}: {moved}")

    @staticmethod
    def _says(copies: Mapping[str, Copy], name: str, value: Value) -> bool:
        return name in copies and any(was == value for was, _ in copies[name].history)

    def _join(self, key: Key, names: Iterable[str]) -> None:
        """Copies that say the same share what they cover: equal values never conflict."""
        replicas = list(self.copies[key].values())
        for name in names:
            by_value: dict[Value, list[Copy]] = defaultdict(list)
            for copies in replicas:
                if name in copies:
                    by_value[copies[name].value].append(copies[name])
            for equal in by_value.values():
                covers = frozenset[int]().union(*(copy.covers for copy in equal))
                for copy in equal:
                    if copy.covers != covers:
                        copy.become(copy.value, covers)


def side_of(replica: str) -> str:
    """The system of a replica."""
    return "scoro" if replica == "scoro" else "quickbooks"


def _ends(key: Key, name: str, value: Value) -> bool:
    """Whether this change takes everything with it. What a product loses by it can be had again: it is only set inactive."""
    return name == VOID or (name == EXISTS and value is None and key[0] != "product")


def _changes(after: Picture, known: Mapping[str, Copy]) -> dict[str, Value]:
    """What a write changed, counted from what is known of the record; one that is new says everything."""
    old = {name: copy.value for name, copy in known.items()}
    names = {VOID, TOTAL} & after.fields.keys() if VOID in after.fields else {*known, *after.fields}
    return {name: after.fields.get(name) for name in sorted(names) if old.get(name) != after.fields.get(name)}
