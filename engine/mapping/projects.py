"""Where a project stands in the place of a customer: in QuickBooks a project is a Customer row (reference 11.3)."""

from __future__ import annotations

from engine.core.records import Replica, State
from engine.errors import MappingError, MissingReference
from engine.mapping.base import Reading, Writing


def is_project(state: State) -> bool:
    """Whether this is a project's state: contacts belong to no contact."""
    return "contact" in state


def customer_or_project(remote_id: str, reading: Reading) -> tuple[str, str]:
    """Object ids of the contact and the project that a QuickBooks customer id names; "" for the project where it is none."""
    object_id = reading.resolve("Customer", remote_id)
    state = reading.lookup(object_id)
    return (str(state["contact"]), object_id) if is_project(state) else (object_id, "")


def project_named(remote_id: str, reading: Reading) -> str:
    """Object id of the project that a ``ProjectRef`` names. Its ids may be those of the project API, which no customer row bears
    (reference 11.3, U8): when nobody could read it, the document is taken without it."""
    try:
        return reading.resolve("Customer", remote_id)
    except MissingReference:
        if reading.lenient:
            return ""
        raise


def customer_of_project(project: str, writing: Writing) -> str:
    """QuickBooks id of the customer that a project belongs to, "" where it is not known."""
    contact = writing.lookup(project).get("contact")
    try:
        return writing.locate(str(contact), Replica.CUSTOMER) if contact else ""
    except MappingError:
        return ""
