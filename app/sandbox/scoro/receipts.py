"""Receipts: groups of payments, in and out, and what they do to documents (reference 2.15, Q1, Q9, Q10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.common.journal import Actor
from app.sandbox.scoro.documents import PAYABLE, payment_state
from app.sandbox.scoro.documents_table import RECEIPT_PART
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import FieldError, kept_id, read_value, starting_values
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.rules import Rules
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import Settled

_DETACHED = Actor("system", "deleted document")
_TYPES = ("invoices", "bills", "expenses")


class ReceiptRules(Rules):
    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        super().prepare(before, draft, patch)
        if draft["sales_doc_type"] not in _TYPES:
            raise ApiError(400, f"sales_doc_type must be one of {', '.join(_TYPES)}")
        draft["date"] = draft["date"] or self.office.today().isoformat()
        draft["currency"] = draft["currency"] or self.office.entity.base_currency
        if "receipts" in patch:
            draft["receipts"] = self._parts(before, draft, patch["receipts"])
        self._check_sums(draft)

    def saved(self, before: Row | None, after: Row) -> None:
        payments = self.office.entity.payments
        former = {part_target(part) for part in (before or {}).get("receipts", ())}
        for target in former:
            payments[target].pop(after["id"], None)
        for part in after["receipts"]:
            paid = payments[part_target(part)]
            paid[after["id"]] = paid.get(after["id"], Decimal()) + part["sum"]
        settle_documents(self.office, former | {part_target(part) for part in after["receipts"]})

    def deleted(self, row: Row) -> None:
        targets = {part_target(part) for part in row["receipts"]}
        for target in targets:
            self.office.entity.payments[target].pop(row["id"], None)
        settle_documents(self.office, targets)

    def _parts(self, before: Row | None, draft: Row, sent: Any) -> list[Row]:
        if not isinstance(sent, list) or not all(isinstance(each, Mapping) for each in sent):
            raise ApiError(400, "receipts must be a list of objects")
        known = {part["receipt_id"] for part in (before or {}).get("receipts", ())}
        return [self._part(draft, each, known) for each in sent]

    def _part(self, draft: Row, sent: Mapping[str, Any], known: set[int]) -> Row:
        part = starting_values(RECEIPT_PART) | _part_values(sent)
        part["sales_doc_type"] = part["sales_doc_type"] or draft["sales_doc_type"]
        part["date"] = part["date"] or draft["date"]
        part["contact_id"] = part["contact_id"] or draft["contact_id"]
        part["receipt_id"] = kept_id(sent, "receipt_id", known) or self.office.entity.site.next_id("receipt parts")
        self._check_target(part)
        return part

    def _check_target(self, part: Row) -> None:
        path, id = part_target(part)
        document = self.office.entity.row(path, id) if path in PAYABLE else None
        if document is None or document.get("is_deleted"):
            raise ApiError(400, f"{path} {id} does not exist")
        is_automatic = self.office.hand.actor.kind == "system"
        if part["sum"] < 0 and not is_automatic and not self.office.behaviours.negative_receipts_allowed:
            raise ApiError(400, "sum must be positive")
        due = document.get("receivable_sum")
        if due is not None and _is_beyond(part["sum"], due) and not self.office.behaviours.overpayment_allowed:
            raise ApiError(400, f"sum is more than the {due} that is due")

    def _check_sums(self, draft: Row) -> None:
        parts = sum((part["sum"] for part in draft["receipts"]), Decimal())
        if self.office.behaviours.receipts_must_match_parts and parts != draft["sum"]:
            raise ApiError(400, "sum must equal the sum of receipts")


def _is_beyond(amount: Decimal, due: Decimal) -> bool:
    """More than is due; what is due to the client is negative."""
    return amount > due if due >= 0 else amount < due


def _part_values(sent: Mapping[str, Any]) -> Row:
    try:
        return {name: read_value(RECEIPT_PART[name], name, sent[name]) for name in RECEIPT_PART if name in sent}
    except FieldError as problem:
        raise ApiError(400, f"receipts: {problem}") from problem


def part_target(part: Row) -> Settled:
    """The document that a part pays."""
    if part["prepayment_id"] and not part["invoice_id"]:
        return "prepayments", part["prepayment_id"]
    return part["sales_doc_type"], part["invoice_id"]


def settle_documents(office: Office, targets: Iterable[Settled]) -> None:
    """Recalculate paid, due and status of documents whose receipts changed (Q1)."""
    for path, id in targets:
        document = office.entity.row(path, id)
        if document is not None:
            state = payment_state(office.entity, path, document)
            office.touch(path, document, state, bump=office.behaviours.receipts_bump_documents)


def detach(office: Office, path: str, id: int) -> None:
    """Take a deleted document out of the receipts that paid it."""
    for receipt_id in list(office.entity.payments.pop((path, id), {})):
        receipt = office.entity.row("receipts", receipt_id)
        if receipt is not None:
            kept = [part for part in receipt["receipts"] if part_target(part) != (path, id)]
            office.touch("receipts", receipt, {"receipts": kept}, bump=True, by=_DETACHED)
