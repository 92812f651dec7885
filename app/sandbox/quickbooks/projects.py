"""Projects: customer rows with IsProject, and the richer record GraphQL shows (reference 11.3)."""

from __future__ import annotations

from typing import Any

from app.sandbox.quickbooks import faults, operations
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.wire import Json

_FIRST_ID = 39_298_034
STATUSES = ("OPEN", "IN_PROGRESS", "BLOCKED", "CANCELED", "COMPLETE", "OTHER")


def create_project(booking: Booking, customer: str, name: str, **details: Any) -> str:
    """A project under a customer; answers its own eight-digit id. Raises the faults of a customer create."""
    if not booking.company.other_preference("ProjectsEnabled"):
        raise faults.feature_missing("Projects are not enabled for this company.")
    body: Json = {
        "DisplayName": name,
        "Job": True,
        "BillWithParent": True,
        "IsProject": True,
        "ParentRef": {"value": customer},
    }
    parent = booking.company.find("Customer", customer)
    if parent is None:
        raise faults.bad_reference("Customers", customer, "ParentRef")
    body["CurrencyRef"] = {"value": parent.ref("CurrencyRef")}
    row = operations.create(booking, KINDS["Customer"], body)
    return register(booking.company, row, **details)


def register(company: Company, row: Row, **details: Any) -> str:
    """Give a customer row its place among the projects."""
    project = str(_FIRST_ID + 7 * len(company.project_ids))
    company.project_ids[project] = row.id
    company.project_details[project] = {
        "status": "OPEN",
        **{key: value for key, value in details.items() if value is not None},
    }
    return project


def view(company: Company, project: str) -> Json:
    """A project as GraphQL answers it."""
    row = company.get("Customer", company.project_ids[project])
    details = company.project_details[project]
    return {
        "id": project,
        "name": row.data["DisplayName"],
        "description": None,
        "startDate": None,
        "dueDate": None,
        "completionRate": 0,
        "priority": 0,
        "pinned": False,
        **details,
        "customer": {"id": row.ref("ParentRef")},
        "account": {"id": company.realm},
        "version": row.token,
    }


def project_of(company: Company, customer_row: str) -> str | None:
    """The project id of a customer row."""
    return next((project for project, row in company.project_ids.items() if row == customer_row), None)
