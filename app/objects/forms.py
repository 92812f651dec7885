"""The filters of the list of records."""

from __future__ import annotations

from app.forms import Form
from app.words import CATEGORIES, DISPOSITIONS, KINDS
from engine.core.reasons import Reason
from engine.services.browse.objects import Filters

SIDES = {"": "Anywhere", "both": "In both systems", "scoro": "Only in Scoro", "quickbooks": "Only in QuickBooks"}
NAMES = ("search", "kind", "category", "disposition", "reason", "side", "first", "last")


def filters_of(form: Form) -> Filters:
    """The filters an address names; what it names wrongly is told in the form."""
    first, last = form.day("first"), form.day("last")
    return Filters(
        search=form.text("search", limit=100),
        kind=_one_of(form, "kind", KINDS),
        category=_one_of(form, "category", CATEGORIES),
        disposition=_one_of(form, "disposition", DISPOSITIONS),
        reason=_one_of(form, "reason", [reason.value for reason in Reason]),
        side=_one_of(form, "side", SIDES),
        first=first.isoformat() if first else "",
        last=last.isoformat() if last else "",
    )


def _one_of(form: Form, name: str, allowed: object) -> str:
    if not form.values.get(name):
        return ""
    value = form.choice(name, allowed)  # type: ignore[arg-type]  # any collection of texts
    return value if name not in form.errors else ""


def kept(form: Form) -> dict[str, str]:
    """The filters of an address, to be carried on."""
    return {name: value for name in NAMES if (value := form.values.get(name, ""))}
