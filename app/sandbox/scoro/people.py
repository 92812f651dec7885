"""What people do in Scoro's own screens: the body of `POST /_control/person`, and the sandbox's site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.sandbox.common.calls import Call
from app.sandbox.common.control import ControlError
from app.sandbox.common.journal import Actor
from app.sandbox.scoro.contacts import merge_contacts
from app.sandbox.scoro.core import SYSTEM, Core, Hand
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import MODULES, Entity

Body = Mapping[str, Any]


def act(core: Core, body: Body) -> dict[str, Any]:
    """Do one act and answer the row it left behind; raises ControlError with the reason why not.

    `{"action": create|edit|delete|restore|merge|receipt|credit|lock_period, "module", "id", "fields",
    "company_account_id"?, "person"?}`; `into` names the winner of a merge, `sum` the amount of a receipt,
    `until` the last day of a locked period.
    """
    action = str(body.get("action", "edit"))
    if action not in _ACTS:
        raise ControlError(f"there is no action {action!r}; there are {', '.join(_ACTS)}")
    desk = desk_of(core, body)
    try:
        row = _ACTS[action](desk, body)
    except ApiError as refusal:
        raise ControlError(str(refusal)) from refusal
    if row is None:
        return {"done": action}
    module = MODULES[_path_after(action, body)]
    return {"done": action, "object": desk.writer.write(module, row, detailed=True)}


def desk_of(core: Core, body: Body) -> Office:
    """Where a person works: an entity, the first one unless the body names another."""
    account_id = str(body.get("company_account_id") or _first_account(core))
    entity = core.world.entity(account_id)
    if entity is None:
        raise ControlError(f"there is no company account {account_id!r}")
    person = str(body.get("person") or _first_person(entity))
    call = Call(SYSTEM, "person", str(body.get("module", "")), str(body.get("action", "edit")))
    return Office(core, entity, Hand(Actor("person", person), call, _user_id(entity, person)))


def _first_account(core: Core) -> str:
    site = next(iter(core.world.sites.values()))
    return next(iter(site.entities))


def _first_person(entity: Entity) -> str:
    return next((str(row["full_name"]) for row in entity.table("users").rows()), "Somebody")


def _user_id(entity: Entity, person: str) -> int:
    """Of the user with this name; 0 for somebody without a sign-in."""
    return next((row["id"] for row in entity.table("users").rows() if row["full_name"] == person), 0)


def _path_after(action: str, body: Body) -> str:
    special = {"receipt": "receipts", "credit": "invoices", "merge": "contacts"}
    return special.get(action, str(body.get("module", "")))


def _path(body: Body) -> str:
    path = str(body.get("module", ""))
    if path not in MODULES:
        raise ControlError(f"there is no module {path!r}")
    return path


def _id(body: Body, name: str = "id") -> int:
    try:
        return int(str(body[name]))
    except (KeyError, ValueError) as problem:
        raise ControlError(f"{name} must be the number of an object") from problem


def _fields(body: Body) -> dict[str, Any]:
    fields = body.get("fields", {})
    if not isinstance(fields, Mapping):
        raise ControlError("fields must be an object")
    return dict(fields)


def _create(desk: Office, body: Body) -> Row | None:
    return desk.create(_path(body), _fields(body))


def _edit(desk: Office, body: Body) -> Row | None:
    return desk.modify(_path(body), _id(body), _fields(body))


def _delete(desk: Office, body: Body) -> Row | None:
    path, id = _path(body), _id(body)
    desk.delete(path, id)
    return desk.entity.row(path, id)


def _restore(desk: Office, body: Body) -> Row | None:
    return desk.restore(_path(body), _id(body))


def _merge(desk: Office, body: Body) -> Row | None:
    return merge_contacts(desk, _id(body, "into"), _id(body))


def _receipt(desk: Office, body: Body) -> Row | None:
    """A payment of one document: the given sum, else all that is due."""
    path = str(body.get("module", "invoices"))
    document = desk.existing(path, _id(body))
    amount = Decimal(str(body["sum"])) if "sum" in body else due_of(desk.entity, path, document)
    is_prepayment = path == "prepayments"
    return desk.create("receipts", {
        "date": body.get("date"),
        "contact_id": document["company_id"],
        "sum": amount,
        "currency": document["currency"],
        "sales_doc_type": "invoices" if is_prepayment else path,
        "receipt_account_id": body.get("receipt_account_id") or _first_bank(desk.entity),
        "receipts": [{"prepayment_id" if is_prepayment else "invoice_id": document["id"], "sum": amount}],
    })  # fmt: skip


def due_of(entity: Entity, path: str, document: Row) -> Decimal:
    """What is still to be paid of an invoice, prepayment, bill or expense."""
    tax = document["tax_sum" if path == "expenses" else "vat_sum"]
    paid = sum(entity.payments.get((path, document["id"]), {}).values(), Decimal())
    total: Decimal = document["sum"] + tax
    return total - paid


def _first_bank(entity: Entity) -> int:
    return next((row["id"] for row in entity.table("receiptAccounts").rows()), 0)


def _credit(desk: Office, body: Body) -> Row | None:
    """A credit invoice over the whole of an invoice."""
    original = desk.existing("invoices", _id(body))
    lines = [dict(line) | {"id": None, "amount": -line["amount"]} for line in original["lines"]]
    kept = ("company_id", "person_id", "currency", "currency_rate", "project_id", "vat_code_id", "discount")
    patch = {name: original[name] for name in kept}
    return desk.create("invoices", patch | {"lines": lines, "credited_invoices": [original["id"]]})


def _lock_period(desk: Office, body: Body) -> Row | None:
    until = body.get("until")
    desk.entity.locked_until = date.fromisoformat(str(until)) if until else None
    return None


_ACTS: dict[str, Callable[[Office, Body], Row | None]] = {
    "create": _create,
    "edit": _edit,
    "delete": _delete,
    "restore": _restore,
    "merge": _merge,
    "receipt": _receipt,
    "credit": _credit,
    "lock_period": _lock_period,
}
