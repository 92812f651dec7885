"""What a module demands of a write beyond its table of fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.modules import Module
from app.sandbox.scoro.store import Row

if TYPE_CHECKING:
    from app.sandbox.scoro.office import Office

# Values that point at nothing: no object, each line its own project, a sub-heading.
_NO_TARGET = (None, 0, -1)


class Rules:
    """The rules of a module without any of its own. One object serves one write."""

    def __init__(self, office: Office, module: Module) -> None:
        self.office = office
        self.module = module

    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        """Complete and check a draft before it is stored; raises ApiError."""
        self.check_references(self.module.references, draft, patch)

    def saved(self, before: Row | None, after: Row) -> None:
        """What follows from a stored row."""

    def check_delete(self, row: Row) -> None:
        """Raises ApiError when the row cannot be deleted."""

    def check_restore(self, row: Row) -> None:
        """Raises ApiError when a deletion cannot be taken back."""

    def deleted(self, row: Row) -> None:
        """What follows from a deletion."""

    def check_references(self, references: Mapping[str, str], draft: Row, patch: Mapping[str, Any]) -> None:
        """Every reference that is sent must lead to something alive."""
        for name, path in references.items():
            if name in patch and draft.get(name) not in _NO_TARGET:
                self._check_reference(name, path, draft[name])

    def _check_reference(self, name: str, path: str, id: int) -> None:
        row = self.office.entity.row(path, id)
        if row is None or row.get("is_deleted"):
            raise ApiError(400, f"{name} {id} does not exist")
        if not self.office.behaviours.inactive_references_accepted and row.get("is_active") is False:
            raise ApiError(400, f"{name} {id} is not active")


class IntegrationRules(Rules):
    """Rates and accounts are locked while Scoro's own accounting integration is active."""

    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        self._refuse_when_locked()
        super().prepare(before, draft, patch)

    def check_delete(self, row: Row) -> None:
        self._refuse_when_locked()

    def _refuse_when_locked(self) -> None:
        if self.office.behaviours.integration_active:
            raise ApiError(403, "Managed by the active accounting integration")


class ShareRules(Rules):
    """Products and accounting objects: the entity that makes them has them, unless it names others."""

    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        super().prepare(before, draft, patch)
        if before is None and not draft[self.module.shared_by]:
            draft[self.module.shared_by] = [self.office.entity.account_id]


class BookmarkRules(Rules):
    """Whoever saves a view owns it."""

    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        super().prepare(before, draft, patch)
        if before is None and not draft["user_id"]:
            draft["user_id"] = self.office.hand.user_id


class WebhookRules(Rules):
    """A subscription made by hand is checked like one of the API, but for its address."""

    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        from app.sandbox.scoro.hooks import check_subscription

        super().prepare(before, draft, patch)
        check_subscription(self.office.entity, draft)


def rules_of(path: str) -> type[Rules]:
    from app.sandbox.scoro.contacts import ContactRules
    from app.sandbox.scoro.documents import DocumentRules, InvoiceRules
    from app.sandbox.scoro.projects import ProjectRules
    from app.sandbox.scoro.receipts import ReceiptRules

    special: dict[str, type[Rules]] = {
        "contacts": ContactRules,
        "products": ShareRules,
        "financeObjects": ShareRules,
        "projects": ProjectRules,
        "vatCodes": IntegrationRules,
        "financeAccounts": IntegrationRules,
        "invoices": InvoiceRules,
        "receipts": ReceiptRules,
        "bookmarks": BookmarkRules,
        "webhooks": WebhookRules,
    }
    documents = ("quotes", "orders", "prepayments", "purchaseOrders", "bills", "scheduledInvoices", "expenses")
    return special.get(path, DocumentRules if path in documents else Rules)
