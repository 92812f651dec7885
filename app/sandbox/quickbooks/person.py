"""What a person does in QuickBooks itself: the control call `POST /_control/person` and the site use it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.common.control import ControlError
from app.sandbox.quickbooks import batch, effects, faults, operations, projects, rates, uniqueness
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.clean import as_number
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.entities import KINDS, Kind
from app.sandbox.quickbooks.render import render
from app.sandbox.quickbooks.wire import Json, dump_json, parse_json

ZERO = Decimal(0)


def act(company: Company, body: Json, owner: str) -> Json:
    """`{"action", "entity", "id", "body"}`; `name` says who acts. Raises ControlError with the reason of a refusal."""
    action = str(body.get("action", ""))
    if action not in _ACTIONS:
        raise ControlError(f"a person can {', '.join(_ACTIONS)}")
    booking = Booking(company, "person", str(body.get("name") or owner), frozenset(body.get("options") or ()))
    with company.lock:
        try:
            return plain(_ACTIONS[action](booking, body))
        except faults.Fault as refusal:
            raise ControlError(f"{refusal.code}: {refusal.errors[0].detail or refusal.errors[0].message}") from refusal


def plain(body: Json) -> Json:
    """Decimals as JSON numbers."""
    answer: Json = json.loads(dump_json(body))
    return answer


def _kind(body: Mapping[str, Any]) -> Kind:
    name = str(body.get("entity", ""))
    if name not in KINDS:
        raise ControlError(f"no entity is called {name!r}")
    return KINDS[name]


def _row(booking: Booking, body: Mapping[str, Any], name: str = "id") -> Row:
    row = booking.company.find(_kind(body).name, str(body.get(name, "")))
    if row is None:
        raise ControlError(f"there is no {_kind(body).name} {body.get(name)}")
    return row


def _written(body: Mapping[str, Any]) -> Json:
    written = parse_json(dump_json(body.get("body") or {}))
    if not isinstance(written, dict):
        raise ControlError("body must be an object")
    return written


def _create(booking: Booking, body: Json) -> Json:
    return batch.perform(booking, _kind(body), "create", _written(body))


def _edit(booking: Booking, body: Json) -> Json:
    """People do not send tokens: the page they look at is current."""
    row = _row(booking, body)
    changes = {**_written(body), "Id": row.id, "SyncToken": str(row.token), "sparse": True}
    return batch.perform(booking, row.kind, "update", changes)


def _delete(booking: Booking, body: Json) -> Json:
    row = _row(booking, body)
    return batch.perform(booking, row.kind, "delete", {"Id": row.id, "SyncToken": str(row.token)})


def _void(booking: Booking, body: Json) -> Json:
    row = _row(booking, body)
    return batch.perform(booking, row.kind, "void", {"Id": row.id, "SyncToken": str(row.token)})


def _set_active(booking: Booking, body: Json, active: bool) -> Json:
    return _edit(booking, {**body, "body": {"Active": active}})


def _deactivate(booking: Booking, body: Json) -> Json:
    """The user interface first balances what a customer owes with a credit memo (reference 3.3)."""
    row = _row(booking, body)
    if row.entity == "Customer" and row.amount("Balance") > 0:
        batch.perform(booking, KINDS["CreditMemo"], "create", _balancing(booking, row))
    return _set_active(booking, body, False)


def _balancing(booking: Booking, customer: Row) -> Json:
    item = next((row for row in booking.company.all("Item") if row.data["Type"] == "Service"), None)
    if item is None:
        raise ControlError("there is no service to balance the customer with")
    amount = customer.data["Balance"]
    inner: Json = {"ItemRef": {"value": item.id}}
    if booking.company.profile.is_us:
        inner["TaxCodeRef"] = {"value": "NON"}
    return {
        "CustomerRef": {"value": customer.id},
        "CurrencyRef": {"value": customer.ref("CurrencyRef")},
        "GlobalTaxCalculation": "NotApplicable",
        "PrivateNote": "Created by QB Online to adjust balance for deletion",
        "Line": [{"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": inner}],
    }


def _reactivate(booking: Booking, body: Json) -> Json:
    return _set_active(booking, body, True)


def _send(booking: Booking, body: Json) -> Json:
    row = operations.send(booking, _row(booking, body), body.get("to"))
    return {row.entity: render(booking.company, row)}


def _payment(booking: Booking, body: Json) -> Json:
    """Pay a document: `id` of an Invoice or Bill, `amount` (default: all that is open)."""
    row = _row(booking, body)
    amount = row.amount("Balance") if body.get("amount") is None else Decimal(str(body["amount"]))
    line = {"Amount": amount, "LinkedTxn": [{"TxnId": row.id, "TxnType": row.entity}]}
    money: Json = {"TotalAmt": amount, "Line": [line], "CurrencyRef": {"value": row.ref("CurrencyRef")}}
    if row.data.get("ExchangeRate"):
        money["ExchangeRate"] = row.data["ExchangeRate"]
    if body.get("date"):
        money["TxnDate"] = str(body["date"])
    if row.entity == "Bill":
        party = {
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": _bank(booking)},
            "VendorRef": row.data["VendorRef"],
        }
        return batch.perform(booking, KINDS["BillPayment"], "create", {**money, **party})
    return batch.perform(booking, KINDS["Payment"], "create", {**money, "CustomerRef": row.data["CustomerRef"]})


def _bank(booking: Booking) -> Json:
    """The first bank account."""
    return {"value": next(row.id for row in booking.company.all("Account") if row.data["AccountType"] == "Bank")}


def _deposit(booking: Booking, body: Json) -> Json:
    """Put received payments (`ids`) into a bank account; the payments get a link, neither token nor stamp moves."""
    named = body.get("ids") or [body.get("id")]
    payments = [_row(booking, {"entity": "Payment", "id": identity}) for identity in named]
    lines = [_deposit_line(row) for row in payments]
    return batch.perform(booking, KINDS["Deposit"], "create", {"DepositToAccountRef": _bank(booking), "Line": lines})


def _deposit_line(payment: Row) -> Json:
    return {"Amount": payment.data["TotalAmt"], "LinkedTxn": [{"TxnId": payment.id, "TxnType": "Payment"}]}


_POINTERS = {"Customer": "CustomerRef", "Vendor": "VendorRef"}


def _merge(booking: Booking, body: Json) -> Json:
    """Merge `id` into `into`: documents move over, the losing row disappears (reference 3.3)."""
    loser, winner = _row(booking, body), _row(booking, body, "into")
    if loser is winner or loser.entity not in _POINTERS:
        raise ControlError("two different customers or two different vendors can be merged")
    if loser.ref("CurrencyRef") != winner.ref("CurrencyRef"):
        raise ControlError("records in different currencies cannot be merged")
    if (
        booking.company.children[loser.key]
        or loser.data.get("IsProject")
        or loser.ref("ParentRef") != winner.ref("ParentRef")
    ):
        raise ControlError("projects, parents and records of different parents cannot be merged")
    picture = render(booking.company, loser)
    _move_documents(booking, loser, winner)
    _drop(booking, loser)
    winner.posted = _sum(winner.posted, loser.posted)
    booking.company.replace(winner, _with_balance(booking, winner, loser), by=booking.person)
    effects.tell(booking, "Merge", winner, picture, deleted_id=loser.id)
    return {winner.entity: render(booking.company, winner)}


def _move_documents(booking: Booking, loser: Row, winner: Row) -> None:
    name = _POINTERS[loser.entity]
    for kind in KINDS.values():
        if kind.is_transaction and kind.bookkeeping:
            for row in list(booking.company.all(kind.name)):
                moved = _repointed(row.data, name, loser.id, winner.id)
                if moved != row.data:
                    _move(booking, row, moved)


def _repointed(value: Any, name: str, old: str, new: str) -> Any:
    """The same data with every reference `name` to `old` leading to `new`."""
    if isinstance(value, dict):
        return {
            key: {**each, "value": new} if key == name and each["value"] == old else _repointed(each, name, old, new)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_repointed(each, name, old, new) for each in value]
    return value


def _move(booking: Booking, row: Row, moved: Json) -> None:
    before = render(booking.company, row)
    uniqueness.release_number(booking, row.key, row.data)
    booking.company.replace(row, moved, by=booking.person)
    uniqueness.index_number(booking, row, None)
    effects.tell(booking, "Update", row, before)


def _with_balance(booking: Booking, winner: Row, loser: Row) -> Json:
    merged = {**winner.data, "Balance": winner.amount("Balance") + loser.amount("Balance")}
    if winner.entity == "Customer":
        merged["BalanceWithJobs"] = winner.amount("BalanceWithJobs") + loser.amount("BalanceWithJobs")
    return merged


def _sum(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: one.get(name, ZERO) + other.get(name, ZERO) for name in {**one, **other}}


def _drop(booking: Booking, loser: Row) -> None:
    uniqueness.release_name(booking.company, loser, loser.data)
    parent = loser.ref("ParentRef")
    if parent:
        booking.company.children[loser.entity, parent].pop(loser.id, None)
    booking.company.remove(loser)
    if not booking.behaviours.merge_leaves_stub:
        del booking.company.tombstones[loser.entity][loser.id]


def _preferences(booking: Booking, body: Json) -> Json:
    """Settings only the user interface can change: `{"body": {group: {name: value}}}`; null removes one."""
    row = booking.company.get("Preferences", "1")
    changed = dict(row.data)
    for group, values in _written(body).items():
        if group not in changed:
            raise ControlError(f"there is no preference group {group}")
        kept = {**changed[group], **values}
        changed[group] = {name: value for name, value in kept.items() if value is not None}
    booking.company.replace(row, changed, by=booking.person)
    effects.tell(booking, "Update", row, None)
    return {"Preferences": render(booking.company, row)}


def _project(booking: Booking, body: Json) -> Json:
    """A project under customer `id`, named `project`."""
    made = projects.create_project(
        booking, str(body.get("id", "")), str(body.get("project") or (body.get("body") or {}).get("DisplayName", ""))
    )
    row = booking.company.get("Customer", booking.company.project_ids[made])
    return {"Customer": render(booking.company, row), "projectId": made}


def _subscription(booking: Booking, body: Json) -> Json:
    """Let the subscription end (`active` false) or renew it; without one every write is 6190."""
    booking.company.subscription_ended = not body.get("active", False)
    return {"active": not booking.company.subscription_ended}


def _access(booking: Booking, body: Json) -> Json:
    """Take the connecting user's rights away (`allowed` false) or give them back; without them every call is 120."""
    booking.company.access_lost = not body.get("allowed", False)
    return {"allowed": not booking.company.access_lost}


def _tax(booking: Booking, body: Json) -> Json:
    """A new tax code out of new rates: one for sales and, outside the US, one for purchases.

    With `ReverseCharge` the buyer accounts for the tax: nothing on sales, the rate and its opposite on purchases.
    """
    written = _written(body)
    name, percent = str(written.get("Name", "")), written.get("RateValue")
    levied = [("Sales", "Sales", percent)]
    if not booking.company.profile.is_us:
        levied.append(("Purchase", "Purchase", percent))
    if written.get("ReverseCharge"):
        opposite = -as_number(percent, "RateValue")
        levied = [("Sales", "Sales", 0), *levied[1:], ("Purchase reversed", "Purchase", opposite)]
    details = [
        {"TaxRateName": f"{name} {label}", "RateValue": rate, "TaxAgencyId": "1", "TaxApplicableOn": side}
        for label, side, rate in levied
    ]
    return rates.make_tax_code(booking, {"TaxCode": name, "TaxRateDetails": details})


_ACTIONS: dict[str, Callable[[Booking, Json], Json]] = {
    "create": _create,
    "edit": _edit,
    "delete": _delete,
    "void": _void,
    "merge": _merge,
    "payment": _payment,
    "deposit": _deposit,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "send": _send,
    "preferences": _preferences,
    "project": _project,
    "tax": _tax,
    "subscription": _subscription,
    "access": _access,
}
