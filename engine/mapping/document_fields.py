"""The header fields of documents, as the field table shows them, and what makes one kind of document differ from another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.core.money import decimal_text
from engine.core.records import Kind, Path, Replica, Scalar, State
from engine.errors import MappingError
from engine.mapping import normal
from engine.mapping.base import FieldRule, Reading
from engine.mapping.columns import ONLY_QUICKBOOKS, ONLY_SCORO, Column
from engine.mapping.forms import DAY, LINE_TEXT, Draft, text_form
from engine.mapping.wire import (
    Json,
    as_number,
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
VOID_RULE = FieldRule(
    "@void",
    "Voided",
    "flag",
    "description",
    "PrivateNote",
    transformation="total zero and a note that starts with “Voided”",
    money=True,
)
EXISTS_RULE = FieldRule("@exists", "Exists", "flag", "is_deleted", "status")


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


NO_EXTRA = Extra()


def read_rate(value: object, state: dict[Path, Scalar], home: str) -> None:
    """The exchange rate; none in the home currency."""
    rate = as_number(value, "Exchange rate")
    if rate and state["currency"] != home:
        state["exchange_rate"] = decimal_text(rate)


def put_text(state: dict[Path, Scalar], path: Path, text: str) -> None:
    """Set a text that is not empty."""
    if text:
        state[path] = text


def party_id(started: Draft, replica: Replica) -> str:
    """Remote id of the document's contact."""
    contact = started.text("contact")
    if not contact:
        raise MappingError(
            "The document has no contact.", hint="Choose a client or supplier on the document.", code="contact_missing"
        )
    return started.writing.locate(contact, replica)


def currency_of(state: State) -> str:
    """The document's currency."""
    return str(state.get("currency", ""))
