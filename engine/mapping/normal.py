"""One form for each meaning: what both systems write differently becomes equal here, so that form never conflicts.

Every function is idempotent, takes any text and raises nothing but ``MappingError``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pycountry

from engine.errors import MappingError

_PLAIN = re.compile(r"[!-%'-~]+(?: [!-%'-~]+)*")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_DELETED = " (deleted)"
_SEPARATORS = re.compile(r"[\s.\-/]+")


def _settle(step: Callable[[str], str], text: str) -> str:
    """Repeat ``step`` until nothing changes: unescaping may bring forth what has to be stripped, and the other way round."""
    while (done := step(text)) != text:
        text = done
    return text


def _clean(text: str) -> str:
    unescaped = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
    return unicodedata.normalize("NFC", _CONTROLS.sub("", unescaped))


def _one_line(text: str) -> str:
    return " ".join(_INVISIBLE.sub("", _clean(text)).split())


def _paragraphs(text: str) -> str:
    lines = (" ".join(line.split()) for line in _BREAKS.sub("\n", _clean(text)).split("\n"))
    return "\n".join(lines).strip("\n")


def one_line(text: str) -> str:
    """A name or a short text: entities unescaped, NFC, one space between words, nothing invisible."""
    return text if _PLAIN.fullmatch(text) else _settle(_one_line, text)


def paragraphs(text: str) -> str:
    """A longer text: as ``one_line``, but lines stay lines and joiners inside words stay."""
    return text if _PLAIN.fullmatch(text) else _settle(_paragraphs, text)


def without_deleted(name: str) -> str:
    """A name without the suffix QuickBooks gives to rows made inactive (reference 3.0)."""
    return name[: -len(_DELETED)].rstrip() if name.endswith(_DELETED) else name


def email(text: str) -> str:
    """An address in lower case; the first one where several stand in one field."""
    return one_line(text).lower().replace(";", ",").split(",", 1)[0].strip().removeprefix("mailto:")


def website(text: str) -> str:
    """An address with scheme and host in lower case and without a closing slash."""
    address = one_line(text).rstrip("/ ")
    scheme, mark, rest = address.rpartition("://")
    host, slash, path = rest.partition("/")
    return scheme.lower() + mark + host.lower() + slash + path


def tax_number(text: str) -> str:
    """A VAT or registry number: capitals, no separators."""
    return _SEPARATORS.sub("", one_line(text)).upper()


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Every spelling we know of a country → its alpha-2 code."""
    codes = {}
    for country in pycountry.countries:
        spellings = (country.alpha_2, country.alpha_3, country.name)
        more = (getattr(country, "common_name", ""), getattr(country, "official_name", ""))
        codes.update({text.casefold(): country.alpha_2 for text in (*spellings, *more) if text})
    return codes | {"u.s.a.": "US", "u.s.": "US", "uk": "GB", "great britain": "GB", "england": "GB"}


@lru_cache(maxsize=2048)
def country(text: str) -> str:
    """ISO alpha-2 for any spelling of a known country; another text stays as it is."""
    plain = one_line(text)
    return _countries().get(plain.casefold(), plain)


@lru_cache(maxsize=512)
def alpha_3(code: str) -> str:
    """ISO alpha-3 for alpha-2; another text stays as it is."""
    found = pycountry.countries.get(alpha_2=code) if len(code) == 2 else None
    return str(found.alpha_3) if found else code


@lru_cache(maxsize=8192)
def day(text: str, zone: str) -> str:
    """``YYYY-MM-DD`` of a date or a moment; a moment with an offset is told in ``zone``. "" for an empty date."""
    plain = text.strip()
    if not plain or plain.startswith("0000-00-00"):
        return ""
    try:
        return _day(plain, zone).isoformat()
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        raise _no_date(plain) from None


def _no_date(text: str) -> MappingError:
    return MappingError(
        f"“{text[:40]}” is not a date.", hint="Correct the date where it was entered.", code="not_a_date"
    )


def _day(text: str, zone: str) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.date() if moment.tzinfo is None else moment.astimezone(ZoneInfo(zone)).date()
