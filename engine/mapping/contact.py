"""Contacts: a Scoro company or person, its QuickBooks customer and its QuickBooks vendor (R9–R14)."""

from __future__ import annotations

from typing import Any

from engine.connectors.base import Operation, RemoteRecord
from engine.core.money import ZERO, decimal_text
from engine.core.records import Kind, Path, Replica, Scalar, State
from engine.errors import MappingError
from engine.mapping import normal
from engine.mapping.address import (
    read_quickbooks_address,
    read_scoro_address,
    write_quickbooks_address,
    write_scoro_address,
)
from engine.mapping.base import KindMapping, Payload, Picture, Reading, Writing
from engine.mapping.columns import cells, read_cells, rules, write_cells
from engine.mapping.contact_fields import COLUMNS, CUSTOMER, VENDOR
from engine.mapping.forms import CODE, EMAIL, LINE_TEXT, Draft, Form, shortened, text_form, whole_text_form
from engine.mapping.parts import (
    deactivation,
    display_name,
    draft,
    finish,
    gone,
    inactive,
    live,
    named,
    no_amount,
    nothing,
    references_to,
    removal,
    speakable,
)
from engine.mapping.wire import Json, as_flag, as_list, as_map, as_number, as_text

NAME_LIMIT = 100
VENDOR_MARK = " (v)"
_SCORO = cells(COLUMNS, Replica.SCORO)
_CUSTOMER = cells(COLUMNS, CUSTOMER)
_VENDOR = cells(COLUMNS, VENDOR)
_MEANS: tuple[tuple[str, Form], ...] = (
    ("email", EMAIL),
    ("phone", LINE_TEXT),
    ("mobile", LINE_TEXT),
    ("website", text_form(normal.website)),
)
_TAX_KEYS = {CUSTOMER: ("PrimaryTaxIdentifier", 40), VENDOR: ("TaxIdentifier", 20)}
_TYPES = {CUSTOMER: "Customer", VENDOR: "Vendor"}


def from_scoro(record: RemoteRecord, reading: Reading) -> Picture:
    """A Scoro contact. ``profile_currency`` in the record is its client profile's, joined by the connector."""
    if gone(record):
        return nothing()
    data = record.data
    state = live()
    _read_scoro_name(data, state)
    state |= {
        "is_client": as_flag(data.get("is_client"), "is_client"),
        "is_supplier": as_flag(data.get("is_supplier"), "is_supplier"),
    }
    read_cells(_SCORO, data, reading, state)
    extras = _read_means(data, reading, state)
    extras |= read_scoro_address(data, state)
    state["currency"] = str(
        CODE.read(data.get("profile_currency"), "Currency", reading) or reading.settings.scoro_currency
    )
    return Picture(state, {"name": named(state)}, extras=extras)


def _read_scoro_name(data: Json, state: dict[Path, Scalar]) -> None:
    person = data.get("contact_type") == "person"
    state["is_person"] = person
    first, last = (normal.one_line(as_text(data.get(key), key)) for key in ("name", "lastname"))
    if person:
        _set_person(state, first, last)
    elif first:
        state["name"] = first


def _set_person(state: dict[Path, Scalar], given: str, family: str) -> None:
    parts = {"given_name": given, "family_name": family, "name": f"{given} {family}".strip()}
    state |= {path: text for path, text in parts.items() if text}


def _read_means(data: Json, reading: Reading, state: dict[Path, Scalar]) -> dict[str, Any]:
    """The first of each kind is ours; what else is there is carried back when the whole is replaced."""
    means = as_map(data.get("means_of_contact"), "means_of_contact")
    rest: dict[str, list[str]] = {}
    for kind, held in means.items():
        values = _texts(held, kind)
        rest[kind] = values
    for kind, form in _MEANS:
        _read_first(rest, kind, form, reading, state)
    kept = {kind: values for kind, values in rest.items() if values}
    return {"means": kept} if kept else {}


def _texts(held: object, kind: str) -> list[str]:
    values = [held] if isinstance(held, str) else as_list(held, kind)
    return [text for text in (as_text(value, kind) for value in values) if text.strip()]


def _read_first(rest: dict[str, list[str]], kind: str, form: Form, reading: Reading, state: dict[Path, Scalar]) -> None:
    values = rest.get(kind)
    if not values:
        return
    value = form.read(values.pop(0), kind, reading)
    if value is not None:
        state[kind] = value


def from_customer(record: RemoteRecord, reading: Reading) -> Picture:
    """A QuickBooks customer; an inactive one is gone."""
    return _from_quickbooks(record, reading, CUSTOMER)


def from_vendor(record: RemoteRecord, reading: Reading) -> Picture:
    """A QuickBooks vendor; an inactive one is gone. The mark of R11 is not part of the name."""
    return _from_quickbooks(record, reading, VENDOR)


def _from_quickbooks(record: RemoteRecord, reading: Reading, replica: Replica) -> Picture:
    data = record.data
    if gone(record) or inactive(data):
        return nothing()
    state = live()
    shown = display_name(data, "DisplayName")
    _read_quickbooks_name(data, shown.removesuffix(VENDOR_MARK) if replica is VENDOR else shown, state)
    state["is_client" if replica is CUSTOMER else "is_supplier"] = True
    read_cells(_CUSTOMER if replica is CUSTOMER else _VENDOR, data, reading, state)
    _read_tax_number(data, reading.previous, replica, state)
    read_quickbooks_address(data, state)
    currency = as_map(data.get("CurrencyRef"), "CurrencyRef").get("value")
    state["currency"] = str(CODE.read(currency, "Currency", reading) or reading.settings.home_currency)
    facts: dict[str, Scalar] = {"name": shown, "owed": decimal_text(as_number(data.get("Balance"), "Balance") or ZERO)}
    return Picture(state, facts, extras=_other_emails(data))


def _read_quickbooks_name(data: Json, name: str, state: dict[Path, Scalar]) -> None:
    given, family = (normal.one_line(as_text(data.get(key), key)) for key in ("GivenName", "FamilyName"))
    company = normal.one_line(as_text(data.get("CompanyName"), "CompanyName"))
    person = not company and bool(given or family)
    state["is_person"] = person
    if person:
        _set_person(state, given, family)
    elif name:
        state["name"] = name


def _read_tax_number(data: Json, previous: State, replica: Replica, state: dict[Path, Scalar]) -> None:
    """QuickBooks masks the number; what was known stays known, because nothing else can be seen (reference 3.3)."""
    key, _ = _TAX_KEYS[replica]
    shown = normal.tax_number(as_text(data.get(key), key))
    known = str(previous.get("vat_number", ""))
    if shown and "XXX" not in shown:
        state["vat_number"] = shown
    elif shown and known:
        state["vat_number"] = known


def _other_emails(data: Json) -> dict[str, Any]:
    """Further addresses in the one e-mail field, carried back when it is written."""
    address = as_map(data.get("PrimaryEmailAddr"), "PrimaryEmailAddr").get("Address")
    others = as_text(address, "Address").replace(";", ",").split(",")[1:]
    return {"emails": [other.strip() for other in others if other.strip()]} if others else {}


def to_scoro(writing: Writing, operation: Operation) -> Payload:
    """A Scoro contact. Addresses and means of contact are replaced as wholes, so they are sent complete."""
    if operation is Operation.DELETE:
        return removal("contacts", operation)
    started = draft(writing, Replica.SCORO, operation)
    _write_scoro_name(started)
    for path in ("is_client", "is_supplier"):
        if started.wants(path):
            started.body[path] = int(writing.state.get(path) is True)
    write_cells(_SCORO, started)
    if started.wants_any(*(kind for kind, _ in _MEANS)):
        started.body["means_of_contact"] = _means(writing)
    write_scoro_address(started)
    _note_currency(started)
    return finish(started, "contacts", operation)


def _write_scoro_name(started: Draft) -> None:
    person = started.writing.state.get("is_person") is True
    if started.wants("is_person"):
        started.body["contact_type"] = "person" if person else "company"
    if started.wants_any("is_person", "name", "given_name", "family_name"):
        first, last = _person_names(started) if person else (started.text("name"), "")
        started.body |= {"name": first, "lastname": last}


def _person_names(started: Draft) -> tuple[str, str]:
    """Scoro wants a first name; a person known by one name has it there."""
    given, family = started.text("given_name"), started.text("family_name")
    return (given, family) if given else (family or started.text("name"), "")


def _means(writing: Writing) -> dict[str, list[str]]:
    means = {kind: list(values) for kind, values in writing.extras.get("means", {}).items()}
    for kind, _ in _MEANS:
        first = writing.state.get(kind)
        means[kind] = ([str(first)] if first else []) + means.get(kind, [])
    return means


def _note_currency(started: Draft) -> None:
    currency = started.text("currency")
    if started.creates and currency and currency != started.writing.settings.scoro_currency:
        started.note(f"The contact's currency is {currency}; choose a client profile with that currency in Scoro.")


def to_customer(writing: Writing, operation: Operation) -> Payload:
    """A QuickBooks customer. Deleting makes it inactive."""
    return _to_quickbooks(writing, operation, CUSTOMER)


def to_vendor(writing: Writing, operation: Operation) -> Payload:
    """A QuickBooks vendor. Deleting makes it inactive."""
    return _to_quickbooks(writing, operation, VENDOR)


def _to_quickbooks(writing: Writing, operation: Operation, replica: Replica) -> Payload:
    type = _TYPES[replica]
    if operation is Operation.DELETE:
        return deactivation(type)
    started = draft(writing, replica, operation)
    _write_quickbooks_name(started)
    write_cells(_CUSTOMER if replica is CUSTOMER else _VENDOR, started)
    _write_emails(started)
    _write_tax_number(started)
    write_quickbooks_address(started)
    _write_currency(started)
    _note_lists(started)
    return finish(started, type, operation)


def _write_quickbooks_name(started: Draft) -> None:
    state = started.writing.state
    names = ("name", "is_person", "given_name", "family_name")
    if started.creates or started.wants_any(*names) or (started.replica is VENDOR and started.wants("is_client")):
        started.body["DisplayName"] = _display_name(started)
    if started.wants_any(*names):
        person = state.get("is_person") is True
        started.body |= (
            _person_parts(started)
            if person
            else {"CompanyName": shortened(started.text("name"), NAME_LIMIT, "The company name", started)}
        )
        if person and not started.creates:
            started.body["CompanyName"] = ""
        if not person and started.wants("is_person") and not started.creates:
            started.body |= {"GivenName": "", "FamilyName": ""}


def _person_parts(started: Draft) -> dict[str, str]:
    parts = {"GivenName": started.text("given_name"), "FamilyName": started.text("family_name")}
    return {
        key: shortened(text, NAME_LIMIT, "The name", started)
        for key, text in parts.items()
        if text or not started.creates
    }


def _display_name(started: Draft) -> str:
    """The unique name (R11): the vendor of a contact that is also a client is marked, and shortened before the mark."""
    name = speakable(started.text("name"), "The name", started)
    if not name:
        raise MappingError("The contact has no name.", hint="Give the contact a name.", code="name_missing")
    state = started.writing.state
    mark = VENDOR_MARK if started.replica is VENDOR and state.get("is_client") is True else ""
    return shortened(name, NAME_LIMIT - len(mark), "The name", started) + mark


def _write_emails(started: Draft) -> None:
    others = started.writing.extras.get("emails")
    if others and started.body.get("PrimaryEmailAddr", {}).get("Address"):
        started.body["PrimaryEmailAddr"]["Address"] = ", ".join([started.body["PrimaryEmailAddr"]["Address"], *others])


def _write_tax_number(started: Draft) -> None:
    if started.wants("vat_number"):
        key, limit = _TAX_KEYS[started.replica]
        form = whole_text_form(normal.tax_number, limit)
        started.body[key] = form.write(started.writing.state.get("vat_number"), "The VAT number", started)


def _write_currency(started: Draft) -> None:
    """Sent on create only (R13), and never to a company with one currency (reference 11.1)."""
    if not started.wants("currency"):
        return
    currency, settings = started.text("currency"), started.writing.settings
    if not started.creates:
        raise MappingError(
            "The currency of a contact is fixed once it is in QuickBooks.",
            hint=f"Set the contact's currency back, or use a second contact for {currency or 'the other currency'}.",
            code="currency_fixed",
        )
    if settings.multicurrency:
        started.body["CurrencyRef"] = {"value": currency}
    elif currency != settings.home_currency:
        raise MappingError(
            f"QuickBooks does not work with {currency}: it is set to the one currency {settings.home_currency}.",
            hint="Switch on multicurrency in QuickBooks under Settings, Advanced, Currency.",
            code="currency_unknown",
        )


def _note_lists(started: Draft) -> None:
    """Leaving a list in Scoro does not make anything inactive in QuickBooks, where balances may be open."""
    path, what = ("is_client", "customer") if started.replica is CUSTOMER else ("is_supplier", "vendor")
    if started.wants(path) and started.writing.state.get(path) is not True:
        started.note(f"The contact left the list in Scoro; the {what} stays active in QuickBooks.")


def owns(record: RemoteRecord) -> bool:
    """Customer rows that are projects are no contacts (reference 11.3)."""
    return record.type != "Customer" or not as_flag(record.data.get("IsProject"), "IsProject")


def replicas(state: State) -> frozenset[Replica]:
    """R10: clients have a customer, suppliers a vendor."""
    if not state:
        return frozenset()
    wanted = {Replica.SCORO}
    if state.get("is_client") is True:
        wanted.add(CUSTOMER)
    if state.get("is_supplier") is True:
        wanted.add(VENDOR)
    return frozenset(wanted)


def keys(state: State) -> tuple[tuple[str, str], ...]:
    """Exact natural keys, the surest first."""
    paths = ("vat_number", "registry_code", "email", "name")
    return tuple((path, str(state[path]).casefold()) for path in paths if path in state)


CONTACT = KindMapping(
    kind=Kind.CONTACT,
    version=1,
    types={"contacts": Replica.SCORO, "Customer": CUSTOMER, "Vendor": VENDOR},
    rules=rules(COLUMNS),
    read={"contacts": from_scoro, "Customer": from_customer, "Vendor": from_vendor},
    write={Replica.SCORO: to_scoro, CUSTOMER: to_customer, VENDOR: to_vendor},
    owns=owns,
    replicas=replicas,
    keys=keys,
    title=named,
    amount=no_amount,
    references=references_to(),
)
