"""The oracle of the machine: plain dicts over what both systems really wrote down, made from the guarantee and not from the code.

Every accepted write of either system is in its journal, with who made it and what the record said before and after. From that
alone follows who could have seen what: each copy of a field has the edits it *covers*, those that its value is or came after.
Concord may overwrite a person's edit only with a value whose maker covers that edit, or when a person decided it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Value = str | None
EXISTS, VOID, TOTAL = "@exists", "@void", "@total"
SILENT = frozenset({TOTAL})
"""What is compared when both sides rest, and is nobody's edit by itself."""


class Violation(AssertionError):
    """The guarantee does not hold."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One record in plain words. ``marker`` names the thing for ever; "" when nobody of this history made it."""

    family: str
    replica: str
    marker: str
    fields: Mapping[str, Value]


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

    def decide(self, key: Key, *, everything: bool = False) -> None:
        """A person decided about this thing by hand, knowing what Concord knew (or what both systems say right now)."""
        until = len(self.edits) if everything else self.known_until
        self.explicit.add(key)
        self.decided[key] = self.decided.get(key, frozenset()) | frozenset(range(until))

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
            known = ((named.family, named.marker), named.replica)
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

    def _copy(self, known: tuple[Key, str], name: str) -> Copy:
        return self.copies[known[0]].setdefault(known[1], {}).setdefault(name, Copy())

    def _edited(self, known: tuple[Key, str], changes: Mapping[str, Value], where: str) -> None:
        for name, value in changes.items():
            if name in SILENT:
                self._copy(known, name).become(value, frozenset())
                continue
            copy = self._copy(known, name)
            covers = copy.covers | {len(self.edits)}
            if name == EXISTS and value is None and known[0] not in self.shared:
                covers = frozenset()  # Concord never had to do with it: it is as if it had not been
            if _ends(known[0], name, value):
                covers |= self._all_covers(known)
            self.edits.append(f"{where}: {name} = {value!r}")
            copy.become(value, covers)

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


# How a record reads, in plain words. Markers are K-numbers that nobody edits.

_MARKER = re.compile(r"\bK\d+\b")


def number(value: Any) -> Value:
    """A number in one form."""
    if value in (None, ""):
        return None
    return format(Decimal(str(value)).normalize(), "f")


def _marker(*texts: Any) -> str:
    return next((found.group() for text in texts if (found := _MARKER.search(str(text or "")))), "")


def _text(value: Any) -> Value:
    return str(value).replace("&amp;", "&").strip() or None if value else None


def _first(row: Row, name: str) -> Value:
    means = row.get("means_of_contact") or {}
    return _text((means.get(name) or [None])[0]) if isinstance(means, Mapping) else None


def _name(text: Any) -> Value:
    return _text(str(text or "").replace(" (deleted)", "").replace(" (v)", ""))


def _scoro_contact(row: Row) -> Picture:
    fields = {EXISTS: _yes(not int(row["is_deleted"])), "name": _name(row["name"])}
    fields |= {"email": _first(row, "email"), "phone": _first(row, "phone")}
    return Picture("contact", "scoro", _marker(row["name"]), fields)


def _yes(value: Any) -> Value:
    return "yes" if value else None


def _quickbooks_contact(replica: str, row: Row) -> Picture:
    if row.get("IsProject"):
        return Picture("project", replica, "", {})
    fields = {
        EXISTS: _yes(row.get("Active", True)),
        "name": _name(row.get("DisplayName")),
        "email": _text((row.get("PrimaryEmailAddr") or {}).get("Address")),
        "phone": _text((row.get("PrimaryPhone") or {}).get("FreeFormNumber")),
    }
    return Picture("contact", replica, _marker(row.get("DisplayName")), fields)


def _scoro_product(row: Row) -> Picture:
    fields = {
        EXISTS: _yes(not int(row["is_deleted"]) and int(row["is_active"])),
        "name": _name(row["name"]),
        "price": number(row["price"] or 0),
        "description": _text(row["description"]),
    }
    return Picture("product", "scoro", _marker(row["code"]), fields)


def _item(row: Row) -> Picture:
    fields = {
        EXISTS: _yes(row.get("Active", True)),
        "name": _name(row.get("Name")),
        "price": number(row.get("UnitPrice") or 0),
        "description": _text(row.get("Description")),
    }
    return Picture("product", "quickbooks", _marker(row.get("Sku")), fields)


def _line(name: str, quantity: Any, price: Any) -> dict[str, Value]:
    return {f"{name}/quantity": number(abs(Decimal(str(quantity)))), f"{name}/price": number(price)}


def _amount(name: str, amount: Any) -> dict[str, Value]:
    return {f"{name}/amount": number(abs(Decimal(str(amount))))}


def _scoro_document(family: str, row: Row) -> Picture:
    if row.get("credited_invoices"):
        family = "credit"
    fields: dict[str, Value] = {
        EXISTS: _yes(not int(row["is_deleted"])),
        "message": _text(row["description"]),
        TOTAL: number(abs(Decimal(str(row["sum"])) + Decimal(str(row["vat_sum"])))),
    }
    if family != "credit":
        fields["due"] = _text(row["deadline"])
    for line in row["lines"]:
        if name := _line_name(line.get("comment")):
            is_bill = family == "bill"
            fields |= _amount(name, line["sum"]) if is_bill else _line(name, line["amount"], line["price"])
    return Picture(family, "scoro", _marker(*(line.get("comment") for line in row["lines"])), fields)


def _line_name(text: Any) -> str:
    found = re.search(r"\bK\d+\.\d+\b", str(text or ""))
    return found.group() if found else ""


def _quickbooks_document(family: str, row: Row) -> Picture:
    lines = [line for line in row.get("Line") or () if _line_name(line.get("Description"))]
    note = row.get("PrivateNote") if family == "bill" else (row.get("CustomerMemo") or {}).get("value")
    fields: dict[str, Value] = {EXISTS: "yes", "message": _text(note), TOTAL: number(row["TotalAmt"])}
    if family != "credit":
        fields["due"] = _text(row.get("DueDate"))
    for line in lines:
        name = _line_name(line["Description"])
        detail = line.get("SalesItemLineDetail")
        if detail is None:
            fields |= _amount(name, line["Amount"])
        else:
            fields |= _line(name, detail.get("Qty", 1), detail.get("UnitPrice", line["Amount"]))
    marker = _marker(*(line["Description"] for line in lines))
    if _is_void(row):
        return Picture(family, "quickbooks", marker, {EXISTS: "yes", VOID: "yes", TOTAL: "0"})
    return Picture(family, "quickbooks", marker, fields)


def _is_void(row: Row) -> bool:
    return not Decimal(str(row["TotalAmt"])) and str(row.get("PrivateNote") or "").startswith("Voided")


def _scoro_receipt(row: Row) -> Picture:
    amount = number(row["sum"])
    fields = {EXISTS: _yes(not int(row["is_deleted"])), "date": _text(row["date"]), "amount": amount}
    return Picture("receipt", "scoro", _paid(amount), fields)


def _payment(row: Row) -> Picture:
    amount = number(row["TotalAmt"])
    fields = {EXISTS: "yes", "date": _text(row["TxnDate"]), "amount": amount}
    if _is_void(row):
        fields = {EXISTS: "yes", VOID: "yes"}
    return Picture("receipt", "quickbooks", _paid(amount), fields)


def _paid(amount: Value) -> str:
    """Every payment of a history has its own amount; nothing at all is a credit applied."""
    return amount if amount and amount != "0" else ""


READERS = {
    "contacts": _scoro_contact,
    "Customer": lambda row: _quickbooks_contact("quickbooks.customer", row),
    "Vendor": lambda row: _quickbooks_contact("quickbooks.vendor", row),
    "products": _scoro_product,
    "Item": _item,
    "invoices": lambda row: _scoro_document("invoice", row),
    "bills": lambda row: _scoro_document("bill", row),
    "Invoice": lambda row: _quickbooks_document("invoice", row),
    "CreditMemo": lambda row: _quickbooks_document("credit", row),
    "Bill": lambda row: _quickbooks_document("bill", row),
    "receipts": _scoro_receipt,
    "Payment": _payment,
    "BillPayment": _payment,
}
"""Remote type → how its rows read."""
