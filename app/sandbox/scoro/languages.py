"""Texts in the language of the request, as far as this server knows it: English and Estonian (reference 1.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

ENGLISH = "eng"
_ESTONIAN_ERRORS = (
    (r"^(\S+) is required$", r"\1 on kohustuslik"),
    (r"^(\S+) is not valid$", r"\1 ei ole korrektne"),
    (r"^Too many requests$", "Liiga palju päringuid"),
    (r"^Object (\d+) not found in (\S+)$", r"Objekti \1 ei leitud (\2)"),
    (r"^Invalid (\S+)$", r"Vigane \1"),
    (r"^no (\S+) is already in use$", r"Number \1 on juba kasutusel"),
)
_STATUSES: Mapping[str, Mapping[str, str]] = {
    "est": {
        "Pending": "Ootel",
        "In progress": "Töös",
        "Completed": "Lõpetatud",
        "Cancelled": "Tühistatud",
        "Future": "Tulevikus",
        "Confirmed": "Kinnitatud",
        "Not started": "Alustamata",
    }
}


def error_text(text: str, language: str) -> str:
    """A reason for a refusal; texts that are not known stay English."""
    if language == "est":
        for pattern, replacement in _ESTONIAN_ERRORS:
            if re.search(pattern, text):
                return re.sub(pattern, replacement, text)
    return text


def status_name(name: str, language: str) -> str:
    """The name of a status; names that a site made itself stay as they are."""
    return _STATUSES.get(language, {}).get(name, name)
