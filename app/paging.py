"""The two addresses that lead through a list: the next page, and back to the first."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.forms import Form

ROWS = 18
"""Rows of a list that comes as a fragment: it stays below 20 kB, whatever stands in the rows."""


def pages(endpoint: str, cursor: str, form: Form, **values: Any) -> dict[str, Any]:
    """``next_page`` and ``first_page`` for the pager; ``values`` are the address's parts and the filters to carry on."""
    return {
        "next_page": url_for(endpoint, **values, after=cursor) if cursor else "",
        "first_page": url_for(endpoint, **values) if "after" in form.values else "",
    }
