"""The words of the screens: how the terms of the engine are written for the people who use it."""

from __future__ import annotations

from dataclasses import dataclass

SYSTEMS = {"scoro": "Scoro", "quickbooks": "QuickBooks"}

REPLICAS = {
    "scoro": "Scoro",
    "quickbooks": "QuickBooks",
    "quickbooks.customer": "QuickBooks customer",
    "quickbooks.vendor": "QuickBooks vendor",
    "hub": "Concord",
}

KINDS = {
    "account": "Account",
    "tax_rate": "Tax rate",
    "tracking_class": "Class",
    "product": "Product",
    "contact": "Contact",
    "project": "Project",
    "invoice": "Invoice",
    "bill": "Bill",
    "credit_note": "Credit note",
    "vendor_credit": "Vendor credit",
    "receipt": "Receipt",
}

KINDS_MANY = {
    "account": "Accounts",
    "tax_rate": "Tax rates",
    "tracking_class": "Classes",
    "product": "Products",
    "contact": "Contacts",
    "project": "Projects",
    "invoice": "Invoices",
    "bill": "Bills",
    "credit_note": "Credit notes",
    "vendor_credit": "Vendor credits",
    "receipt": "Receipts",
}

CATEGORIES = {
    "reference": "Accounts and tax rates",
    "classes": "Classes",
    "products": "Products",
    "contacts": "Contacts",
    "projects": "Projects",
    "invoices": "Invoices",
    "bills": "Bills",
    "receipts": "Receipts",
}

ROLES = {
    "viewer": ("Viewer", "Sees everything, changes nothing."),
    "operator": ("Operator", "Also starts runs, sends and pulls single records."),
    "reviewer": ("Reviewer", "Also settles conflicts and sees what the two systems answered in full."),
    "administrator": ("Administrator", "Also connects companies, changes settings and invites people."),
}


@dataclass(frozen=True, slots=True)
class DispositionWords:
    """How a disposition is written and drawn. ``tone`` names its colours in the style sheet, ``mark`` its sign."""

    label: str
    tone: str
    mark: str
    meaning: str


DISPOSITIONS = {
    "in_step": DispositionWords("In step", "good", "✓", "Both systems say the same."),
    "pending": DispositionWords("Pending", "busy", "→", "An edit is on its way to the other system."),
    "held": DispositionWords("Held", "hold", "‖", "Edited on the side that is not the source; kept and listed."),
    "conflict": DispositionWords("Conflict", "ask", "≠", "Both systems were edited apart; a person has to choose."),
    "variance": DispositionWords("Variance", "ask", "±", "The totals differ by a rounding; a person accepts or corrects it."),
    "blocked": DispositionWords("Blocked", "stop", "!", "Something has to be put right before this can go on."),
    "failed": DispositionWords("Failed", "stop", "×", "The other system refused it, or did not answer."),
    "deleted_there": DispositionWords("Deleted there", "ask", "−", "Deleted on one side; a person decides about the other."),
    "awaiting_match": DispositionWords("Awaiting match", "quiet", "?", "Waits until a person has matched it."),
    "excluded": DispositionWords("Excluded", "quiet", "○", "The settings leave it out."),
    "parked": DispositionWords("Parked", "quiet", "P", "A person set it aside."),
}  # fmt: skip

RUN_STATES = {
    "queued": ("Waiting to start", "busy"),
    "running": ("Running", "busy"),
    "halted": ("Halted", "ask"),
    "done": ("Done", "good"),
    "failed": ("Failed", "stop"),
    "stopped": ("Stopped", "quiet"),
}

CONNECTION_STATES = {
    "setup": ("Being set up", "busy"),
    "active": ("Active", "good"),
    "paused": ("Paused", "quiet"),
    "unauthorised": ("Needs authorisation", "stop"),
    "disconnected": ("Disconnected", "quiet"),
}

LOCALES = {
    "en_GB": "English (1,234.50 · 31 Jan 2026)",
    "en_US": "English, US (1,234.50 · Jan 31, 2026)",
    "de_DE": "German (1.234,50 · 31.01.2026)",
    "fr_FR": "French (1 234,50 · 31 janv. 2026)",
    "et_EE": "Estonian (1 234,50 · 31. jaan 2026)",
}

THEMES = {"auto": "As the device", "light": "Light", "dark": "Dark"}


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: ``1 contact``, ``214 contacts``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def spoken(items: list[str]) -> str:
    """A list as a sentence has it: ``a, b and c``."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else ""
