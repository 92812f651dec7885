"""What invoices, credit notes, bills and vendor credits have in common: the header, and the way from and to their lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.connectors.base import Operation, RemoteRecord
from engine.core.money import HUNDRED, ONE, ZERO, decimal_text, money_text, net_total, percent_off
from engine.core.records import VOID, Kind, Path, Replica, Scalar, State, line_fields, line_keys
from engine.errors import MappingError
from engine.mapping import lines, normal, quickbooks_lines, scoro_lines, taxes
from engine.mapping.base import FieldRule, KindMapping, Payload, Picture, Reading, Writing
from engine.mapping.columns import ONLY_QUICKBOOKS, ONLY_SCORO, Column, cells, read_cells, write_cells
from engine.mapping.forms import CODE, DAY, LINE_TEXT, Draft, number_of, scoro_id, text_form
from engine.mapping.parts import both, draft, finish, gone, live, nothing, removal
from engine.mapping.projects import customer_or_project
from engine.mapping.wire import (
    Json,
    as_flag,
    as_id,
    as_list,
    as_map,
    as_number,
    as_text,
    json_number,
    plain,
    ref,
    ref_id,
)

NUMBER_LIMIT = 21
VOIDED = "Voided"
_PARAGRAPHS = text_form(normal.paragraphs)


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of document differs from the others. ``negative``: Scoro tells its amounts below zero."""

    kind: Kind
    scoro: str
    quickbooks: str
    purchase: bool = False
    negative: bool = False

    @property
    def party(self) -> tuple[str, Replica]:
        """Whom the document is with: the QuickBooks type and replica of the contact."""
        return ("Vendor", Replica.VENDOR) if self.purchase else ("Customer", Replica.CUSTOMER)

    @property
    def party_key(self) -> str:
        """QuickBooks' field for the party."""
        return f"{self.party[0]}Ref"


_NUMBER_LIMITS = "21 characters in QuickBooks, digits only in Scoro; otherwise the other system numbers by itself"
_DATE = Column(FieldRule("date", "Date", "date", "date", "TxnDate"), DAY, DAY)
_DUE = Column(FieldRule("due_date", "Due date", "date", "deadline", "DueDate"), DAY, DAY)
_DUE_SCORO = Column(
    FieldRule(
        "due_date", "Due date", "date", "deadline", "", limits="QuickBooks' credits have none", carried=ONLY_SCORO
    ),
    DAY,
)
_CURRENCY = Column(
    FieldRule(
        "currency",
        "Currency",
        "code",
        "currency",
        "CurrencyRef",
        transformation="the home currency where none is told",
        limits="the contact's",
    )
)
_EXCHANGE = Column(
    FieldRule(
        "exchange_rate",
        "Exchange rate",
        "rate",
        "currency_rate",
        "ExchangeRate",
        transformation="home units for one of the document's; none in the home currency",
        limits="not carried where the two systems have different base currencies",
        money=True,
    )
)
_INCLUSIVE = Column(
    FieldRule(
        "amounts_include_tax",
        "Amounts include tax",
        "flag",
        "",
        "GlobalTaxCalculation",
        transformation="prices are carried without tax",
        limits="not in US companies",
        carried=ONLY_QUICKBOOKS,
    )
)
_SALES_COLUMNS = (
    Column(FieldRule("number", "Number", "text", "no", "DocNumber", limits=_NUMBER_LIMITS)),
    _DATE,
    Column(
        FieldRule(
            "contact",
            "Client",
            "reference",
            "company_id",
            "CustomerRef",
            transformation="a project row stands for its customer",
            reference=Kind.CONTACT,
        )
    ),
    _CURRENCY,
    _EXCHANGE,
    Column(
        FieldRule(
            "discount",
            "Discount",
            "rate",
            "discount, discount2, discount3",
            "Line.DiscountLineDetail",
            transformation="percent of the whole; several are one, an amount becomes its percentage",
            money=True,
        )
    ),
    _INCLUSIVE,
    Column(
        FieldRule(
            "message", "Message to the client", "text", "description", "CustomerMemo.value", limits="1000 in QuickBooks"
        ),
        _PARAGRAPHS,
        text_form(normal.paragraphs, 1000),
    ),
    Column(
        FieldRule(
            "memo",
            "Private note",
            "text",
            "",
            "PrivateNote",
            limits="4000 in QuickBooks; Scoro has none",
            carried=ONLY_QUICKBOOKS,
        ),
        None,
        text_form(normal.paragraphs, 4000),
    ),
    Column(
        FieldRule(
            "reference", "Reference", "text", "reference_no", "", limits="QuickBooks has none", carried=ONLY_SCORO
        ),
        LINE_TEXT,
    ),
    Column(
        FieldRule(
            "project",
            "Project",
            "reference",
            "project_id",
            "ProjectRef",
            transformation="none where a document has several (R19)",
            reference=Kind.PROJECT,
        )
    ),
)
_PURCHASE_COLUMNS = (
    Column(
        FieldRule(
            "number",
            "Number",
            "text",
            "no, reference_no",
            "DocNumber",
            transformation="the vendor's number; one with letters is Scoro's reference",
            limits=_NUMBER_LIMITS,
        )
    ),
    _DATE,
    Column(FieldRule("contact", "Supplier", "reference", "company_id", "VendorRef", reference=Kind.CONTACT)),
    _CURRENCY,
    _EXCHANGE,
    Column(
        FieldRule(
            "discount",
            "Discount",
            "rate",
            "discount, discount2, discount3",
            "Line.UnitPrice",
            transformation="percent of the whole; taken off every line in QuickBooks",
            money=True,
        )
    ),
    _INCLUSIVE,
    Column(
        FieldRule("memo", "Note", "text", "description", "PrivateNote", limits="4000 in QuickBooks"),
        _PARAGRAPHS,
        text_form(normal.paragraphs, 4000),
    ),
    Column(
        FieldRule(
            "reference",
            "Payment reference",
            "text",
            "reference_no",
            "",
            transformation="digits only",
            limits="QuickBooks has none",
            carried=ONLY_SCORO,
        )
    ),
)
_VOID_RULE = FieldRule(
    "@void",
    "Voided",
    "flag",
    "description",
    "PrivateNote",
    transformation="total zero and a note that starts with “Voided”",
    money=True,
)
_EXISTS_RULE = FieldRule("@exists", "Exists", "flag", "is_deleted", "status")


def columns_of(shape: Shape) -> tuple[Column, ...]:
    """The header rows of a kind."""
    due = _DUE_SCORO if shape.quickbooks in ("CreditMemo", "VendorCredit") else _DUE
    return (*(_PURCHASE_COLUMNS if shape.purchase else _SALES_COLUMNS), due)


@dataclass(frozen=True, slots=True)
class Extra:
    """What a kind adds to the common mapping: further fields when reading, and to the body when writing."""

    columns: tuple[Column, ...] = ()
    read_scoro: Callable[[Json, Reading, dict[Path, Scalar]], None] | None = None
    read_quickbooks: Callable[[Json, Reading, dict[Path, Scalar]], None] | None = None
    write_scoro: Callable[[Draft], None] | None = None


def document_mapping(
    shape: Shape, owns: Callable[[RemoteRecord], bool], extra: Extra = Extra()
) -> KindMapping:  # a frozen value
    """The mapping of one kind of document."""
    columns = (*columns_of(shape), *extra.columns)
    paper = _Paper(shape, extra, cells(columns, Replica.SCORO), cells(columns, Replica.QUICKBOOKS))
    line_rules = lines.PURCHASE_RULES if shape.purchase else lines.SALES_RULES
    return KindMapping(
        kind=shape.kind,
        version=1,
        types={shape.scoro: Replica.SCORO, shape.quickbooks: Replica.QUICKBOOKS},
        rules=(_EXISTS_RULE, _VOID_RULE, *(column.rule for column in columns), *line_rules),
        read={shape.scoro: paper.from_scoro, shape.quickbooks: paper.from_quickbooks},
        write={Replica.SCORO: paper.to_scoro, Replica.QUICKBOOKS: paper.to_quickbooks},
        owns=owns,
        replicas=both,
        keys=keys,
        title=title,
        amount=amount,
        references=references,
    )


def keys(state: State) -> tuple[tuple[str, str], ...]:
    """Number, date and amount together with the contact; a number alone is no proof."""
    if "number" not in state:
        return ()
    return (
        ("number", f"{state['number']}|{state.get('contact', '')}|{money_text(net_total(state), currency_of(state))}"),
    )


def title(state: State) -> str:
    """Number and date."""
    return " · ".join(str(state[path]) for path in ("number", "date") if path in state)


def amount(state: State) -> tuple[str, str]:
    """Total without tax, with its currency."""
    return money_text(net_total(state), currency_of(state)), currency_of(state)


def references(state: State) -> frozenset[str]:
    """Contact, project, credited invoice, and what the lines name."""
    found = [state[path] for path in ("contact", "project", "credits") if path in state]
    for key in line_keys(state):
        fields = line_fields(state, key)
        found += [fields[name] for name in ("product", "tax", "account", "class", "project") if name in fields]
    return frozenset(str(id) for id in found)


def currency_of(state: State) -> str:
    """The document's currency."""
    return str(state.get("currency", ""))


@dataclass(frozen=True, slots=True)
class _Paper:
    """The four functions of one kind of document."""

    shape: Shape
    extra: Extra
    scoro_cells: tuple[Any, ...]
    quickbooks_cells: tuple[Any, ...]

    def from_scoro(self, record: RemoteRecord, reading: Reading) -> Picture:
        """A Scoro document with its lines; needs a complete record."""
        if gone(record):
            return nothing()
        data, shape = record.data, self.shape
        state = live()
        read_cells(self.scoro_cells, data, reading, state)
        _read_scoro_header(data, reading, state, shape)
        if self.extra.read_scoro:
            self.extra.read_scoro(data, reading, state)
        seen = scoro_lines.read_lines(data, reading, purchase=shape.purchase, negative=shape.negative)
        line_keys = lines.align(seen, reading.previous, reading.line_ids, "s", lines.as_is)
        line_ids = lines.assemble(state, seen, line_keys, lines.as_is, reading.previous)
        facts = _scoro_facts(data, shape, currency_of(state))
        state = _voided(state, reading.previous, _void_note(state, shape) and not as_number(data.get("sum"), "sum"))
        return Picture(state, facts, line_ids, _extras({line.id: line.extras for line in seen}))

    def from_quickbooks(self, record: RemoteRecord, reading: Reading) -> Picture:
        """A QuickBooks document with its lines."""
        if gone(record):
            return nothing()
        data, shape = record.data, self.shape
        state = live()
        read_cells(self.quickbooks_cells, data, reading, state)
        _read_quickbooks_header(data, reading, state, shape)
        if self.extra.read_quickbooks:
            self.extra.read_quickbooks(data, reading, state)
        sheet = quickbooks_lines.read_sheet(data, reading, currency_of(state))
        line_ids = _read_quickbooks_lines(sheet, reading, state, shape)
        facts = _quickbooks_facts(data, currency_of(state))
        state = _voided(
            state,
            reading.previous,
            _void_note(state, shape, "memo") and not as_number(data.get("TotalAmt"), "TotalAmt"),
        )
        return Picture(state, facts, line_ids, _sheet_extras(data, sheet))

    def to_scoro(self, writing: Writing, operation: Operation) -> Payload:
        """A Scoro document: changed header fields, and all lines when a line changed."""
        shape = self.shape
        if operation is Operation.DELETE:
            return removal(shape.scoro, operation)
        started = draft(writing, Replica.SCORO, operation)
        if operation is Operation.VOID:
            return _void_scoro(started, shape)
        write_cells(self.scoro_cells, started)
        _write_scoro_header(started, shape)
        if self.extra.write_scoro:
            self.extra.write_scoro(started)
        if started.creates or lines.lines_changed(writing.changed):
            scoro_lines.write_lines(started, purchase=shape.purchase, negative=shape.negative)
        return finish(started, shape.scoro, operation)

    def to_quickbooks(self, writing: Writing, operation: Operation) -> Payload:
        """A QuickBooks document: sparse (F32), with the whole line array when lines or figures changed (F31)."""
        shape = self.shape
        if operation is Operation.DELETE:
            return removal(shape.quickbooks, operation)
        if operation is Operation.VOID:
            return _void_quickbooks(shape)
        started = draft(writing, Replica.QUICKBOOKS, operation)
        write_cells(self.quickbooks_cells, started)
        _write_quickbooks_header(started, shape)
        if started.creates or _moves_figures(writing.changed):
            quickbooks_lines.write_lines(started, purchase=shape.purchase)
            taxes.write_document(started)
            _note_projects(started)
        return finish(started, shape.quickbooks, operation)


def _moves_figures(changed: frozenset[Path]) -> bool:
    return lines.lines_changed(changed) or not changed.isdisjoint({"discount", "amounts_include_tax", "currency"})


# ---- Scoro's header


def _read_scoro_header(data: Json, reading: Reading, state: dict[Path, Scalar], shape: Shape) -> None:
    settings = reading.settings
    contact = as_id(data.get("company_id"), "company_id") or as_id(data.get("person_id"), "person_id")
    _set(state, "contact", reading.resolve("contacts", contact) if contact else "")
    state["currency"] = str(CODE.read(data.get("currency"), "Currency", reading) or settings.scoro_currency)
    if settings.scoro_currency == settings.home_currency:
        _read_rate(data.get("currency_rate"), state, settings.scoro_currency)
    _set(state, "discount", _whole_discount(data))
    _read_scoro_number(data, state, shape)
    if not shape.purchase:
        projects = _scoro_projects(data)
        _set(state, "project", reading.resolve("projects", next(iter(projects))) if len(projects) == 1 else "")


def _read_rate(value: object, state: dict[Path, Scalar], home: str) -> None:
    rate = as_number(value, "Exchange rate")
    if rate and state["currency"] != home:
        state["exchange_rate"] = decimal_text(rate)


def _whole_discount(data: Json) -> str:
    """Up to three discounts one after the other, as one percentage."""
    parts = [as_number(data.get(key), key) or ZERO for key in ("discount", "discount2", "discount3")]
    left = HUNDRED
    for part in parts:
        left = percent_off(left, part)
    return decimal_text(HUNDRED - left) if left != HUNDRED else ""


def _read_scoro_number(data: Json, state: dict[Path, Scalar], shape: Shape) -> None:
    number = normal.one_line(as_text(data.get("no"), "no"))
    if shape.purchase:
        other = normal.one_line(as_text(data.get("reference_no"), "reference_no"))
        digits = other.isdecimal()
        _set(state, "reference", other if digits else "")
        number = number if digits else other or number
    _set(state, "number", number)


def _scoro_projects(data: Json) -> dict[str, None]:
    header = as_id(data.get("project_id"), "project_id")
    rows = (as_id(as_map(row, "lines").get("project_id"), "project_id") for row in as_list(data.get("lines"), "lines"))
    return dict.fromkeys(id for id in (header, *rows) if id)


def _set(state: dict[Path, Scalar], path: Path, text: str) -> None:
    if text:
        state[path] = text


def _scoro_facts(data: Json, shape: Shape, currency: str) -> dict[str, Scalar]:
    sign = -ONE if shape.negative else ONE
    net, tax = ((as_number(data.get(key), key) or ZERO) * sign for key in ("sum", "vat_sum"))
    figures = {"net_total": net, "tax_total": tax, "total": net + tax}
    for name, key in (("paid", "paid_sum"), ("balance", "receivable_sum")):
        value = as_number(data.get(key), key)
        if value is not None:
            figures[name] = value * sign
    if "paid" not in figures and data.get("status") == "paid":
        figures |= {"paid": net + tax, "balance": ZERO}
    number = as_text(data.get("no"), "no")
    projects = len(_scoro_projects(data))
    return {
        **{name: money_text(value, currency) for name, value in figures.items()},
        "name": number,
        "number": number,
        "sent": as_flag(data.get("is_sent"), "is_sent"),
        "projects": projects,
    }


def _write_scoro_header(started: Draft, shape: Shape) -> None:
    state, settings = started.writing.state, started.writing.settings
    if started.wants("contact"):
        started.body["company_id"] = scoro_id(_party(started, Replica.SCORO))
    if started.wants("currency"):
        started.body["currency"] = currency_of(state)
    if started.wants("exchange_rate") and settings.scoro_currency == settings.home_currency:
        started.body["currency_rate"] = json_number(number_of(state.get("exchange_rate", "1")))
    if started.wants("discount"):
        started.body |= {"discount": json_number(number_of(state.get("discount"))), "discount2": 0, "discount3": 0}
    _write_scoro_number(started, shape)
    if not shape.purchase and started.wants("project"):
        project = state.get("project")
        started.body["project_id"] = scoro_id(started.writing.locate(str(project), Replica.SCORO)) if project else 0


def _write_scoro_number(started: Draft, shape: Shape) -> None:
    """Digits only (reference 2.8); a vendor's number with letters has its place in the reference."""
    if not started.wants("number"):
        return
    number = started.text("number")
    if number.isascii() and number.isdigit() and not number.startswith("0"):
        started.body["no"] = number
    elif shape.purchase:
        started.body["reference_no"] = number
    elif number:
        started.note(
            f"Scoro takes digits only as a number; the document keeps the number {number} in QuickBooks and has its own in Scoro."
        )


def _void_scoro(started: Draft, shape: Shape) -> Payload:
    """Scoro has no void: amounts of zero and the note that QuickBooks gives voided documents."""
    note = started.text("memo" if shape.purchase else "message")
    started.body["description"] = f"{VOIDED} - {note}" if note else VOIDED
    scoro_lines.write_lines(started, purchase=shape.purchase, negative=shape.negative, void=True)
    return finish(started, shape.scoro, Operation.UPDATE)


# ---- QuickBooks' header


def _read_quickbooks_header(data: Json, reading: Reading, state: dict[Path, Scalar], shape: Shape) -> None:
    _set(state, "number", normal.one_line(as_text(data.get("DocNumber"), "DocNumber")))
    _read_quickbooks_party(data, reading, state, shape)
    currency = as_map(data.get("CurrencyRef"), "CurrencyRef").get("value")
    state["currency"] = str(CODE.read(currency, "Currency", reading) or reading.settings.home_currency)
    _read_rate(data.get("ExchangeRate"), state, reading.settings.home_currency)
    if data.get("GlobalTaxCalculation") == taxes.INCLUSIVE:
        state["amounts_include_tax"] = True


def _read_quickbooks_party(data: Json, reading: Reading, state: dict[Path, Scalar], shape: Shape) -> None:
    party = ref_id(data.get(shape.party_key), shape.party_key)
    if not party:
        return
    if shape.purchase:
        state["contact"] = reading.resolve("Vendor", party)
        return
    contact, project = customer_or_project(party, reading)
    named = ref_id(data.get("ProjectRef"), "ProjectRef")
    state["contact"] = contact
    _set(state, "project", reading.resolve("Customer", named) if named else project)


def _read_quickbooks_lines(
    sheet: quickbooks_lines.Sheet, reading: Reading, state: dict[Path, Scalar], shape: Shape
) -> dict[str, str]:
    """Lines in the form known before where they cost the same; on purchases the document's discount is inside the prices."""
    previous, currency = reading.previous, currency_of(state)
    folded = number_of(previous.get("discount")) if shape.purchase else ZERO
    fit = lines.net_fit(currency, folded)
    keys = lines.align(sheet.seen, previous, reading.line_ids, "q", fit)
    if folded and not _all_kept(sheet, keys, previous, currency, folded):
        folded, fit = ZERO, lines.net_fit(currency, ZERO)
    discount = (
        decimal_text(folded)
        if folded
        else ""
        if shape.purchase
        else quickbooks_lines.read_discount(sheet, previous, currency)
    )
    _set(state, "discount", discount)
    return lines.assemble(state, sheet.seen, keys, fit, previous)


def _all_kept(sheet: quickbooks_lines.Sheet, keys: list[str], previous: State, currency: str, folded: Decimal) -> bool:
    pairs = zip(sheet.seen, keys, strict=True)
    return all(lines.keeps_figures(line, line_fields(previous, key), currency, folded) for line, key in pairs)


def _quickbooks_facts(data: Json, currency: str) -> dict[str, Scalar]:
    total = as_number(data.get("TotalAmt"), "TotalAmt") or ZERO
    tax = as_number(as_map(data.get("TxnTaxDetail"), "TxnTaxDetail").get("TotalTax"), "TotalTax") or ZERO
    balance = as_number(data.get("Balance"), "Balance")
    figures = {"total": total, "tax_total": tax, "net_total": total - tax}
    if balance is not None:
        figures |= {"balance": balance, "paid": total - balance}
    facts: dict[str, Scalar] = {name: money_text(value, currency) for name, value in figures.items()}
    home = as_number(data.get("HomeTotalAmt"), "HomeTotalAmt")
    if home is not None:
        facts["home_total"] = decimal_text(home)
    number = as_text(data.get("DocNumber"), "DocNumber")
    return facts | {"name": number, "number": number, "sent": data.get("EmailStatus") == "EmailSent"}


def _write_quickbooks_header(started: Draft, shape: Shape) -> None:
    state, settings = started.writing.state, started.writing.settings
    if started.wants("contact"):
        started.body[shape.party_key] = ref(_party(started, shape.party[1]))
    if not shape.purchase and started.wants("project"):
        project = state.get("project")
        started.body["ProjectRef"] = ref(started.writing.locate(str(project), Replica.QUICKBOOKS)) if project else None
    if settings.multicurrency:
        _write_currency(started, shape)
    _write_quickbooks_number(started, shape)


def _party(started: Draft, replica: Replica) -> str:
    contact = started.text("contact")
    if not contact:
        raise MappingError(
            "The document has no contact.", hint="Choose a client or supplier on the document.", code="contact_missing"
        )
    return started.writing.locate(contact, replica)


def _write_currency(started: Draft, shape: Shape) -> None:
    """The rate goes along always: credits without one are booked at 1 (reference 11.1)."""
    state = started.writing.state
    if started.wants("currency"):
        started.body["CurrencyRef"] = ref(currency_of(state))
    foreign = currency_of(state) != started.writing.settings.home_currency
    if foreign and "exchange_rate" in state and (started.creates or started.wants_any("exchange_rate", "currency")):
        started.body["ExchangeRate"] = json_number(number_of(state["exchange_rate"]))
    elif foreign and started.creates and shape.quickbooks in ("CreditMemo", "VendorCredit"):
        raise missing_rate(currency_of(state))


def missing_rate(currency: str) -> MappingError:
    """A credit or a payment in a foreign currency whose rate nobody told."""
    return MappingError(
        f"There is no exchange rate for {currency}, and without one QuickBooks would book it at 1.",
        hint="Enter the exchange rate on the document.",
        code="exchange_rate_missing",
    )


def _write_quickbooks_number(started: Draft, shape: Shape) -> None:
    """Left to QuickBooks where it numbers by itself or the number does not fit (reference 3.10)."""
    if not started.wants("number"):
        return
    number, settings = started.text("number"), started.writing.settings
    if len(number) > NUMBER_LIMIT:
        started.note(f"The number {number} is longer than {NUMBER_LIMIT} characters; QuickBooks gives its own.")
    elif not shape.purchase and settings.features.get("custom_numbers") == "false":
        started.note(f"QuickBooks numbers its documents by itself; {number} has its own number there.")
    else:
        started.body["DocNumber"] = number


def _void_quickbooks(shape: Shape) -> Payload:
    if shape.quickbooks == "Invoice":
        return removal(shape.quickbooks, Operation.VOID)
    raise MappingError(
        "QuickBooks lets nobody void this kind of document over its interface.",
        hint="Delete it in QuickBooks, or void it there by hand.",
        code="void_not_possible",
    )


def _note_projects(started: Draft) -> None:
    projects = started.writing.facts.get("projects", 0)
    if isinstance(projects, int) and projects > 1:
        started.note(f"The document has {projects} projects; in QuickBooks it belongs to none of them.")


# ---- both


def _void_note(state: State, shape: Shape, path: str = "") -> bool:
    path = path or ("memo" if shape.purchase else "message")
    return str(state.get(path, "")).startswith(VOIDED)


def _voided(state: dict[Path, Scalar], previous: State, void: bool) -> dict[Path, Scalar]:
    """A voided document is what it was before, and void: its emptied lines are nobody's edit."""
    if not void:
        return state
    if not previous:
        return state | {VOID: True}
    return {**previous, VOID: True}


def _extras(by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    kept = {id: plain(extras) for id, extras in by_id.items() if id and extras}
    return {"lines": kept} if kept else {}


def _sheet_extras(data: Json, sheet: quickbooks_lines.Sheet) -> dict[str, Any]:
    extras = _extras({line.id: line.extras for line in sheet.seen})
    for name, kept in (("discount", sheet.discount), ("groups", sheet.groups), ("others", sheet.others)):
        if kept:
            extras[name] = plain(kept)
    if data.get("GlobalTaxCalculation") == taxes.NOT_APPLICABLE:
        extras["tax"] = taxes.NOT_APPLICABLE
    return extras
