"""Where a project stands in the place of a customer: in QuickBooks a project is a Customer row (reference 11.3)."""

from __future__ import annotations

from engine.core.records import Replica, State
from engine.errors import MappingError
from engine.mapping.base import Reading, Writing


def is_project(state: State) -> bool:
    """Whether this is a project's state: contacts belong to no contact."""
    return "contact" in state


def customer_or_project(remote_id: str, reading: Reading) -> tuple[str, str]:
    """Object ids of the contact and the project that a QuickBooks customer id names; "" for the project where it is none."""
    object_id = reading.resolve("Customer", remote_id)
    state = reading.lookup(object_id)
    return (str(state["contact"]), object_id) if is_project(state) else (object_id, "")


def customer_of_project(project: str, writing: Writing) -> str:
    """QuickBooks id of the customer that a project belongs to, "" where it is not known."""
    contact = writing.lookup(project).get("contact")
    try:
        return writing.locate(str(contact), Replica.CUSTOMER) if contact else ""
    except MappingError:
        return ""
