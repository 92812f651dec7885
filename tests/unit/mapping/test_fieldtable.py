"""The table of fields in the documentation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.core.records import EXISTS, Kind, Replica, System
from engine.mapping.fieldtable import field_table
from engine.mapping.left_out import LEFT_OUT
from engine.mapping.registry import MAPPINGS, kind_of, mapping_for, rule_for, types_of
from tests.unit.mapping.desk import full_desk, quickbooks, scoro

PAGE = Path(__file__).parents[3] / "docs" / "fields.md"


def test_the_page_is_what_the_mappings_say() -> None:
    """docs/fields.md is never out of date: write it anew with `field_table()`."""
    assert PAGE.read_text(encoding="utf-8") == field_table()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_section_and_rules_with_words_a_person_reads(kind: Kind) -> None:
    """Every row has a label, a type the screens know, and a place on at least one side."""
    types = {"text", "money", "rate", "quantity", "date", "flag", "reference", "code"}
    for rule in mapping_for(kind).rules:
        assert rule.label
        assert rule.type in types
        assert rule.scoro or rule.quickbooks or rule.path.startswith("is_")
        assert (rule.type == "reference") == bool(rule.reference)
        assert len(rule.carried) > 0


@pytest.mark.parametrize("kind", list(Kind))
def test_no_path_has_two_rules(kind: Kind) -> None:
    """One row for each field."""
    paths = [rule.path for rule in MAPPINGS[kind].rules]
    assert len(paths) == len(set(paths))


def test_a_line_s_field_has_the_rule_of_all_lines() -> None:
    """`lines/s1/quantity` is found in the table."""
    rule = rule_for(Kind.INVOICE, "lines/s1/quantity")
    assert rule is not None
    assert rule.money
    root = rule_for(Kind.INVOICE, "lines/s1")
    assert root is not None
    assert root.path == "lines/*"
    assert rule_for(Kind.INVOICE, "nonsense") is None


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (quickbooks("Customer", {"DisplayName": "A"}), Kind.CONTACT),
        (quickbooks("Customer", {"DisplayName": "A", "Job": True}), Kind.CONTACT),
        (quickbooks("Customer", {"DisplayName": "A", "Job": True, "IsProject": True}), Kind.PROJECT),
        (quickbooks("Item", {"Type": "Service"}), Kind.PRODUCT),
        (quickbooks("Item", {"Type": "Group"}), None),
        (quickbooks("Item", {"Type": "Category"}), None),
        (quickbooks("Estimate", {}), None),
        (scoro("invoices", {"credited_invoices": []}), Kind.INVOICE),
        (scoro("invoices", {"credited_invoices": [7]}), Kind.CREDIT_NOTE),
        (scoro("bills", {"sum": "12.50"}), Kind.BILL),
        (scoro("bills", {"sum": -12.5}), Kind.VENDOR_CREDIT),
        (scoro("receipts", {"sum": 0}), None),
        (scoro("receipts", {"sum": 5, "sales_doc_type": "bills"}), Kind.RECEIPT),
        (scoro("receipts", {"sum": 5, "sales_doc_type": "expenses"}), None),
        (
            quickbooks("Payment", {"TotalAmt": 0, "PrivateNote": "Created by QB Online to link credits to charges."}),
            None,
        ),
        (quickbooks("Payment", {"TotalAmt": 0, "PrivateNote": "Voided"}), Kind.RECEIPT),
        (quickbooks("BillPayment", {"TotalAmt": 3}), Kind.RECEIPT),
    ],
)
def test_a_record_is_of_the_kind_its_content_tells(record, kind) -> None:
    """Shared remote types are told apart by what is in them (F28: zero payments are no receipts)."""
    assert kind_of(record) is kind


def test_types_of_a_system_are_named_once() -> None:
    """Invoices and credit notes are one list in Scoro, customers and projects one in QuickBooks."""
    assert types_of(System.SCORO, [Kind.INVOICE, Kind.CREDIT_NOTE]) == ("invoices",)
    assert types_of(System.QUICKBOOKS, [Kind.CONTACT, Kind.PROJECT]) == ("Customer", "Vendor")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_deleted_record_reads_as_nothing(kind: Kind) -> None:
    """A record that is gone has the empty state, which belongs to no replica."""
    mapping = MAPPINGS[kind]
    for type, replica in mapping.types.items():
        make = scoro if replica is Replica.SCORO else quickbooks
        gone = replace(make(type, {}), deleted=True)
        assert full_desk().read(kind, gone).state == {}
    assert mapping.replicas({}) == frozenset()
    assert mapping.replicas({EXISTS: True, "is_client": True, "rate": "0"}) >= {Replica.SCORO}


def test_what_is_not_carried_is_named_with_its_reason() -> None:
    """Terms, receipt accounts and the application of vendor credits stay where they are, and the page says why."""
    left_out = [line for line in field_table().splitlines() if "| not carried |" in line]
    assert len(left_out) == sum(len(rows) for rows in LEFT_OUT.values()) > 4
    assert all(row.reason and (row.scoro or row.quickbooks) for rows in LEFT_OUT.values() for row in rows)
