"""Receipts: Scoro's receipt groups ↔ Payment of invoices and BillPayment of bills (R20, R31, F28)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.connectors.base import Operation, RemoteRecord
from engine.core.money import ZERO, decimal_text, money_text
from engine.core.records import VOID, Kind, Path, Replica, Scalar, State, line_keys
from engine.errors import MappingError
from engine.mapping import lines, normal
from engine.mapping.base import KindMapping, Payload, Picture, Reading, Writing
from engine.mapping.columns import cells, read_cells, rules, write_cells
from engine.mapping.document_fields import EXISTS_RULE, VOIDED, currency_of, party_id, put_text, read_rate
from engine.mapping.forms import CODE, Draft, number_of, scoro_id, whole_text_form
from engine.mapping.parts import both, draft, finish, gone, live, nothing, removal
from engine.mapping.projects import customer_or_project
from engine.mapping.quickbooks_document import missing_rate
from engine.mapping.receipt_fields import COLUMNS, VOID_RULE
from engine.mapping.settlement import Settled, parts_of, read_settled, unapplied
from engine.mapping.wire import Json, as_flag, as_id, as_map, as_number, as_rows, as_text, json_number, ref, ref_id

INVOICES, BILLS = "invoices", "bills"
PAYMENT, BILL_PAYMENT = "Payment", "BillPayment"
_TYPES = {INVOICES: PAYMENT, BILLS: BILL_PAYMENT}
_DOCUMENTS = {PAYMENT: "Invoice", BILL_PAYMENT: "Bill"}
_CREDITS = {PAYMENT: "CreditMemo", BILL_PAYMENT: "VendorCredit"}
_CARD = "credit_card"

_SCORO = cells(COLUMNS, Replica.SCORO)
_QUICKBOOKS = cells(COLUMNS, Replica.QUICKBOOKS)
_REFERENCE = whole_text_form(normal.one_line, 21)


def from_scoro(record: RemoteRecord, reading: Reading) -> Picture:
    """A receipt group. Parts below zero are credits; parts for prepayments settle nothing yet."""
    if gone(record):
        return nothing()
    data = record.data
    state = live()
    read_cells(_SCORO, data, reading, state)
    state["document_type"] = _document_type(data)
    state["currency"] = str(CODE.read(data.get("currency"), "Currency", reading) or reading.settings.scoro_currency)
    contact = as_id(data.get("contact_id"), "contact_id")
    put_text(state, "contact", reading.resolve("contacts", contact) if contact else "")
    settled = Settled()
    for row in as_rows(data.get("receipts"), "receipts"):
        _sort_scoro(row, str(state["document_type"]), settled, reading)
    line_ids, extras = read_settled(settled, state)
    return Picture(state, _facts(state), line_ids, extras)


def _document_type(data: Json) -> str:
    return as_text(data.get("sales_doc_type"), "sales_doc_type") or INVOICES


def _sort_scoro(row: Json, type: str, settled: Settled, reading: Reading) -> None:
    document, amount = as_id(row.get("invoice_id"), "invoice_id"), as_number(row.get("sum"), "sum") or ZERO
    if not document:
        settled.others.append(row)
    elif amount < 0:
        settled.credit -= amount
        settled.credits.append(row)
    else:
        settled.parts.append(
            (as_id(row.get("receipt_id"), "receipt_id"), document, reading.resolve(type, document), amount)
        )


def from_payment(record: RemoteRecord, reading: Reading) -> Picture:
    """A payment of invoices."""
    return _from_quickbooks(record, reading, INVOICES)


def from_bill_payment(record: RemoteRecord, reading: Reading) -> Picture:
    """A payment of bills, by cheque or card."""
    return _from_quickbooks(record, reading, BILLS)


def _from_quickbooks(record: RemoteRecord, reading: Reading, type: str) -> Picture:
    if gone(record):
        return nothing()
    data = record.data
    state = live()
    read_cells(_QUICKBOOKS, data, reading, state)
    state["document_type"] = type
    _read_party(data, reading, state)
    currency = as_map(data.get("CurrencyRef"), "CurrencyRef").get("value")
    state["currency"] = str(CODE.read(currency, "Currency", reading) or reading.settings.home_currency)
    read_rate(data.get("ExchangeRate"), state, reading.settings.home_currency)
    key = "PaymentRefNum" if type == INVOICES else "DocNumber"
    put_text(state, "reference", normal.one_line(as_text(data.get(key), key)))
    account = _account_ref(data)
    put_text(state, "account", reading.resolve("Account", account) if account else "")
    settled = _settled(data, _TYPES[type], reading)
    line_ids, extras = read_settled(settled, state)
    extras["type"] = _TYPES[type]
    facts = _facts(state) | _quickbooks_facts(data, currency_of(state))
    if _is_void(data):
        state = {**(reading.previous or state), VOID: True}
    return Picture(state, facts, line_ids, extras)


def _read_party(data: Json, reading: Reading, state: dict[Path, Scalar]) -> None:
    customer, vendor = ref_id(data.get("CustomerRef"), "CustomerRef"), ref_id(data.get("VendorRef"), "VendorRef")
    if customer:
        state["contact"] = customer_or_project(customer, reading)[0]
    elif vendor:
        state["contact"] = reading.resolve("Vendor", vendor)


def _account_ref(data: Json) -> str:
    cheque, card = (as_map(data.get(key), key) for key in ("CheckPayment", "CreditCardPayment"))
    for held in (data.get("DepositToAccountRef"), cheque.get("BankAccountRef"), card.get("CCAccountRef")):
        account = ref_id(held, "account")
        if account:
            return account
    return ""


def _settled(data: Json, type: str, reading: Reading) -> Settled:
    settled = Settled()
    for row in as_rows(data.get("Line"), "Line"):
        links = as_rows(row.get("LinkedTxn"), "LinkedTxn")
        link = links[0] if links else {}
        id, amount = as_id(link.get("TxnId"), "TxnId"), as_number(row.get("Amount"), "Amount") or ZERO
        if link.get("TxnType") == _DOCUMENTS[type]:
            settled.parts.append((id, id, reading.resolve(_DOCUMENTS[type], id), amount))
        elif link.get("TxnType") == _CREDITS[type]:
            settled.credit += amount
            settled.credits.append(_bare(row))
        else:
            settled.others.append(_bare(row))
    return settled


def _bare(row: Json) -> dict[str, Any]:
    """A line without the noise of answers (reference 3.12)."""
    return {key: row[key] for key in ("Amount", "LinkedTxn") if key in row}


def _is_void(data: Json) -> bool:
    note = as_text(data.get("PrivateNote"), "PrivateNote")
    return note.startswith(VOIDED) and not as_number(data.get("TotalAmt"), "TotalAmt")


def _facts(state: State) -> dict[str, Scalar]:
    currency = currency_of(state)
    return {"total": money_text(number_of(state.get("amount")), currency), "unapplied": unapplied(state)}


def _quickbooks_facts(data: Json, currency: str) -> dict[str, Scalar]:
    links = as_rows(data.get("LinkedTxn"), "LinkedTxn")
    card = as_map(data.get("CreditCardPayment"), "CreditCardPayment")
    facts: dict[str, Scalar] = {
        "deposited": any(link.get("TxnType") == "Deposit" for link in links),
        "processed": as_flag(data.get("ProcessPayment"), "ProcessPayment") or bool(card.get("CreditChargeResponse")),
    }
    open_amount, home = (
        as_number(data.get("UnappliedAmt"), "UnappliedAmt"),
        as_number(data.get("HomeTotalAmt"), "HomeTotalAmt"),
    )
    if open_amount is not None:
        facts["unapplied"] = money_text(open_amount, currency)
    if home is not None:
        facts["home_total"] = decimal_text(home)
    return facts


def to_scoro(writing: Writing, operation: Operation) -> Payload:
    """A receipt group, with all its parts when one changed."""
    if operation is Operation.DELETE:
        return removal("receipts", operation)
    if operation is Operation.VOID:
        return removal("receipts", Operation.DELETE)
    started = draft(writing, Replica.SCORO, operation)
    write_cells(_SCORO, started)
    if started.creates or started.wants("contact"):
        started.body["contact_id"] = scoro_id(party_id(started, Replica.SCORO))
    if started.wants("currency"):
        started.body["currency"] = currency_of(writing.state)
    if started.wants("document_type"):
        started.body["sales_doc_type"] = started.text("document_type")
    if started.creates or lines.lines_changed(writing.changed):
        started.body["receipts"] = _scoro_parts(started)
    return finish(started, "receipts", operation)


def _scoro_parts(started: Draft) -> list[dict[str, Any]]:
    writing = started.writing
    ids: dict[str, str] = {}
    for id, key in writing.line_ids.items():
        ids.setdefault(key, id)
    shares = writing.extras.get("shares", {})
    parts: list[dict[str, Any]] = []
    for object_id, amount in parts_of(writing.state):
        document = writing.locate(object_id, Replica.SCORO)
        total = amount + number_of(shares.get(document))
        part: dict[str, Any] = {"invoice_id": scoro_id(document), "sum": json_number(total)}
        parts.append(({"receipt_id": scoro_id(ids[object_id])} if object_id in ids else {}) | part)
    if not parts:
        raise _nothing_settled("Scoro's receipts")
    return [*parts, *writing.extras.get("credits", ()), *writing.extras.get("others", ())]


def _nothing_settled(what: str) -> MappingError:
    return MappingError(
        f"{what} always pay documents, and this one settles none yet.",
        hint="Apply the payment to an invoice or a bill; it goes over by itself then.",
        code="nothing_settled",
    )


def to_quickbooks(writing: Writing, operation: Operation) -> Payload:
    """A Payment or a BillPayment, by what it settles. The exchange rate always goes along (reference 11.1)."""
    type = str(writing.extras.get("type", "")) or _TYPES.get(str(writing.state.get("document_type", INVOICES)), PAYMENT)
    if operation in (Operation.DELETE, Operation.VOID):
        return removal(type, operation)
    if number_of(writing.state.get("amount")) < ZERO:
        raise _refund()
    started = draft(writing, Replica.QUICKBOOKS, operation)
    write_cells(_QUICKBOOKS, started)
    _write_party(started, type)
    if started.wants("reference"):
        key = "PaymentRefNum" if type == PAYMENT else "DocNumber"
        started.body[key] = _REFERENCE.write(writing.state.get("reference"), "The reference", started)
    if started.creates or started.wants("account"):
        _write_account(started, type)
    if writing.settings.multicurrency:
        _write_currency(started)
    if started.creates or lines.lines_changed(writing.changed):
        started.body["Line"] = _quickbooks_parts(started, type)
    return finish(started, type, operation)


def _refund() -> MappingError:
    return MappingError(
        "This receipt is below zero: a refund, and QuickBooks has no payments below zero.",
        hint="Enter the refund in QuickBooks as a refund receipt or a cheque, and set this one aside here.",
        code="refund",
    )


def _write_party(started: Draft, type: str) -> None:
    if started.creates or started.wants("contact"):
        key, replica = ("CustomerRef", Replica.CUSTOMER) if type == PAYMENT else ("VendorRef", Replica.VENDOR)
        started.body[key] = ref(_payer(started, replica))


def _payer(started: Draft, replica: Replica) -> str:
    """QuickBooks links a payment only to documents of its own contact (fault 620): where these all belong to another one there,
    as after a merge of contacts that only Scoro has made, the payment does too."""
    writing, own = started.writing, party_id(started, replica)
    told = [writing.facts_of(key, Replica.QUICKBOOKS).get("party") for key in line_keys(writing.state)]
    parties = {str(party) for party in told if party}
    if len(parties) != 1 or None in told or own in parties:
        return own
    started.note("What it pays belongs to another contact in QuickBooks, and so does the payment there.")
    return parties.pop()


def _write_account(started: Draft, type: str) -> None:
    """Payments may be left to QuickBooks' own default account; payments of bills may not (reference 3.14)."""
    writing = started.writing
    account = started.text("account") or writing.settings.default_deposit_account
    if not account:
        if type == BILL_PAYMENT:
            raise MappingError(
                "QuickBooks has to know from which account a bill was paid.",
                hint="Choose a default deposit account in the settings.",
                code="account_missing",
            )
        return
    located = ref(writing.locate(account, Replica.QUICKBOOKS))
    if type == PAYMENT:
        started.body["DepositToAccountRef"] = located
    elif writing.lookup(account).get("account_class") == _CARD:
        started.body |= {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": located}}
    else:
        started.body |= {"PayType": "Check", "CheckPayment": {"BankAccountRef": located}}


def _write_currency(started: Draft) -> None:
    currency = currency_of(started.writing.state)
    if started.wants("currency"):
        started.body["CurrencyRef"] = ref(currency)
    if currency != started.writing.settings.home_currency:
        started.body["ExchangeRate"] = json_number(_rate(started.writing, currency))


def _rate(writing: Writing, currency: str) -> Decimal:
    """The receipt's own rate, else that of a document it settles."""
    known = writing.state.get("exchange_rate")
    if known is None:
        found = (writing.lookup(key).get("exchange_rate") for key in line_keys(writing.state))
        known = next((rate for rate in found if rate is not None), None)
    if known is None:
        raise missing_rate(currency)
    return number_of(known)


def _quickbooks_parts(started: Draft, type: str) -> list[dict[str, Any]]:
    writing = started.writing
    shares = writing.extras.get("shares", {})
    parts: list[dict[str, Any]] = []
    for object_id, amount in parts_of(writing.state):
        document = writing.locate(object_id, Replica.QUICKBOOKS)
        total = _at_most_open(started, object_id, amount) + number_of(shares.get(document))
        parts.append({"Amount": json_number(total), "LinkedTxn": [{"TxnId": document, "TxnType": _DOCUMENTS[type]}]})
    if not parts and type == BILL_PAYMENT:
        raise _nothing_settled("QuickBooks' payments of bills")
    return [*parts, *writing.extras.get("credits", ()), *writing.extras.get("others", ())]


def _at_most_open(started: Draft, object_id: str, amount: Decimal) -> Decimal:
    """QuickBooks applies no more than is open; an overpayment, and what a rounding of the tax makes of it, stays unapplied."""
    told = started.writing.facts.get(f"open/{object_id}")
    if told is None:
        return amount
    started.note(f"{told} are open on the document in QuickBooks; the rest of the payment stays unapplied there.")
    return number_of(told)


def owns(record: RemoteRecord) -> bool:
    """Money only: QuickBooks' and Scoro's own zero payments apply credits (F28); Scoro's may also pay expenses."""
    data = record.data
    if not data:
        return True
    if record.type == "receipts":
        return _document_type(data) in _TYPES and bool(as_number(data.get("sum"), "sum"))
    return bool(as_number(data.get("TotalAmt"), "TotalAmt")) or _is_void(data)


def title(state: State) -> str:
    """Amount, currency and date."""
    shown = [f"{amount(state)[0]} {currency_of(state)}".strip(), str(state.get("date", ""))]
    return " · ".join(part for part in shown if part)


def amount(state: State) -> tuple[str, str]:
    """The money that moved."""
    return money_text(number_of(state.get("amount")), currency_of(state)), currency_of(state)


def keys(state: State) -> tuple[tuple[str, str], ...]:
    """What it settles, when and how much: no single field tells one receipt from another."""
    settled = ",".join(sorted(line_keys(state)))
    return (
        ("payment", "|".join([str(state.get("date", "")), *amount(state), str(state.get("contact", "")), settled])),
    )


def references(state: State) -> frozenset[str]:
    """Contact, account and the settled documents."""
    found = [str(state[path]) for path in ("contact", "account") if path in state]
    return frozenset([*found, *line_keys(state)])


RECEIPT = KindMapping(
    kind=Kind.RECEIPT,
    version=1,
    types={"receipts": Replica.SCORO, PAYMENT: Replica.QUICKBOOKS, BILL_PAYMENT: Replica.QUICKBOOKS},
    rules=(EXISTS_RULE, VOID_RULE, *rules(COLUMNS)),
    read={"receipts": from_scoro, PAYMENT: from_payment, BILL_PAYMENT: from_bill_payment},
    write={Replica.SCORO: to_scoro, Replica.QUICKBOOKS: to_quickbooks},
    owns=owns,
    replicas=both,
    keys=keys,
    title=title,
    amount=amount,
    references=references,
)
