"""The table of fields in the documentation, written by the mappings themselves, so that it is always true."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.records import Kind, Replica, System
from engine.mapping.base import FieldRule, KindMapping
from engine.mapping.left_out import LEFT_OUT, LeftOut
from engine.mapping.registry import MAPPINGS

_HEAD = """# Fields

What Concord carries between Scoro and QuickBooks Online, field by field. This page is written by the mappings themselves
(`engine/mapping/fieldtable.py`). “lines/*” stands for every line of a document. A field that one side does not have stays on
the other, and never counts as a difference.
"""

_COLUMNS = ("Field", "Scoro", "QuickBooks", "Direction", "Transformation", "Limits")
_KIND_NAMES = {
    Kind.ACCOUNT: "Accounts",
    Kind.TAX_RATE: "Tax rates",
    Kind.TRACKING_CLASS: "Tracking classes",
    Kind.PRODUCT: "Products",
    Kind.CONTACT: "Contacts",
    Kind.PROJECT: "Projects",
    Kind.INVOICE: "Invoices",
    Kind.BILL: "Bills",
    Kind.CREDIT_NOTE: "Credit notes",
    Kind.VENDOR_CREDIT: "Vendor credits",
    Kind.RECEIPT: "Receipts",
}
_DIRECTIONS = {"both": "both ways"}
_PARTIAL = {
    frozenset({Replica.SCORO}): "stays in Scoro",
    frozenset({Replica.QUICKBOOKS}): "stays in QuickBooks",
    frozenset({Replica.SCORO, Replica.CUSTOMER}): "both ways, customers",
    frozenset({Replica.SCORO, Replica.VENDOR}): "both ways, vendors",
}


def field_table() -> str:
    """The whole page as Markdown: a section for each kind, a row for each field."""
    return "\n".join([_HEAD, *(_section(kind, mapping) for kind, mapping in MAPPINGS.items())])


def _section(kind: Kind, mapping: KindMapping) -> str:
    head = [f"## {_KIND_NAMES[kind]}", "", _types(mapping), "", _row(_COLUMNS), _row("---" for _ in _COLUMNS)]
    left_out = (_left_out(row) for row in LEFT_OUT.get(kind, ()))
    return "\n".join([*head, *(_rule(rule) for rule in mapping.rules), *left_out, ""])


def _types(mapping: KindMapping) -> str:
    by_system = {
        system: ", ".join(f"`{type}`" for type, replica in mapping.types.items() if replica.system is system)
        for system in System
    }
    return f"Scoro: {by_system[System.SCORO]}. QuickBooks: {by_system[System.QUICKBOOKS]}."


def _rule(rule: FieldRule) -> str:
    direction = _PARTIAL.get(rule.carried, _DIRECTIONS.get(rule.direction, rule.direction))
    names = (_code(rule.scoro), _code(rule.quickbooks))
    return _row((f"{rule.label} (`{rule.path}`)", *names, direction, rule.transformation, rule.limits))


def _left_out(row: LeftOut) -> str:
    return _row((row.label, _code(row.scoro), _code(row.quickbooks), "not carried", "", row.reason))


def _code(name: str) -> str:
    return ", ".join(f"`{part}`" for part in name.split(", ")) if name else "–"


def _row(values: Iterable[str]) -> str:
    return "| " + " | ".join(value.replace("|", "\\|") for value in values) + " |"
