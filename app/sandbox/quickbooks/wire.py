"""What goes over the wire: JSON numbers, time stamps in Pacific time, XML for callers that do not ask for JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
XML_NAMESPACE = "http://schema.intuit.com/finance/v3"

Json = dict[str, Any]


def parse_json(text: str) -> Any:
    """Parse with every number as Decimal or int; raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def dump_json(body: Any) -> str:
    return json.dumps(body, default=_number, ensure_ascii=False, separators=(",", ":"))


def _number(value: object) -> int | float:
    """The only place a Decimal becomes a binary float: its shortest form prints the same digits up to 15 of them."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} does not belong in an answer")
    return int(value) if value == value.to_integral_value() else float(value)


def stamp(moment: datetime) -> str:
    """MetaData form: whole seconds with the Pacific offset of that day."""
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")


def started(moment: datetime) -> str:
    """Envelope `time`: the start of the request, in milliseconds."""
    return moment.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def company_day(moment: datetime) -> date:
    return moment.astimezone(PACIFIC).date()


def whole_second(moment: datetime, *, later: bool) -> datetime:
    """Round down, or up when `later`, to the second."""
    floor = moment.replace(microsecond=0)
    return floor + timedelta(seconds=1) if later and moment.microsecond else floor


def parse_moment(text: str) -> datetime:
    """A date or date-time as the API accepts it; without an offset it is company (Pacific) time. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)


def to_xml(body: Mapping[str, Any], time: str) -> str:
    inner = "".join(_element(name, value) for name, value in body.items() if name != "time")
    return f'<?xml version="1.0" encoding="UTF-8"?><IntuitResponse time="{time}" xmlns="{XML_NAMESPACE}">{inner}</IntuitResponse>'


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return _node(name, value)
    if isinstance(value, list | tuple):
        return "".join(_element(name, each) for each in value)
    return "" if value is None else f"<{name}>{_text(value)}</{name}>"


def _node(name: str, value: Mapping[str, Any]) -> str:
    if name == "Error":
        inner = "".join(_element(key, each) for key, each in value.items() if key not in {"code", "element"})
        return f'<Error code="{escape(str(value.get("code", "")))}">{inner}</Error>'
    if name == "Fault":
        return f'<Fault type="{escape(str(value["type"]))}">{_element("Error", value["Error"])}</Fault>'
    if name.endswith("Ref") and "value" in value:
        return f"<{name}>{_text(value['value'])}</{name}>"
    return f"<{name}>{''.join(_element(key, each) for key, each in value.items())}</{name}>"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))
