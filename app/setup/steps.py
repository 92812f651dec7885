"""The steps of the setup, in order, and where a person stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from app.context import connection, deps
from engine.services import setup


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name in addresses and in the wizard's state, and its title."""

    name: str
    title: str

    @property
    def endpoint(self) -> str:
        """The page of the step."""
        return f"setup.{self.name}"


STEPS = (
    Step("scoro", "Scoro"),
    Step("quickbooks", "QuickBooks"),
    Step("currencies", "Currencies"),
    Step("categories", "Categories"),
    Step("accounts", "Accounts"),
    Step("match", "Match"),
    Step("preview", "Preview and Save"),
)


NEEDS = {
    "currencies": ("scoro", "quickbooks"),
    "categories": ("scoro", "quickbooks"),
    "accounts": ("scoro", "quickbooks"),
    "match": ("scoro", "quickbooks", "categories"),
    "preview": ("scoro", "quickbooks", "categories"),
}
"""The steps that have to be done before another can be opened."""


def progress(cid: str) -> list[dict[str, object]]:
    """What the head of each page shows: every step, and whether it is done, open, or opens later."""
    done = setup.wizard_state(deps(), cid).done
    return [
        {
            "name": step.name,
            "title": step.title,
            "address": url_for(step.endpoint, cid=cid),
            "status": _status(step.name, done),
        }
        for step in STEPS
    ]


def _status(name: str, done: Mapping[str, bool]) -> str:
    if done[name]:
        return "done"
    return "open" if all(done[other] for other in NEEDS.get(name, ())) else "blocked"


def first_open(cid: str) -> str:
    """The name of the first step that is not done; the last one when all are."""
    return setup.wizard_state(deps(), cid).next_step


def missing(cid: str, name: str) -> Step | None:
    """The first step that has to be done before ``name`` can be opened, if any."""
    done = setup.wizard_state(deps(), cid).done
    return next((step for step in STEPS if step.name in NEEDS.get(name, ()) and not done[step.name]), None)


def onward(name: str, cid: str) -> str:
    """Where to go when the step ``name`` is done: to the next one, or back to the settings when the setup is over."""
    if connection().state != "setup":
        return url_for("settings.page", cid=cid)
    names = [step.name for step in STEPS]
    return url_for(STEPS[min(names.index(name) + 1, len(STEPS) - 1)].endpoint, cid=cid)
