"""What people do and see in Scoro, in an accountant's words. Rows are as Scoro's own interface tells them."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.support.scenes import scoro_create, scoro_delete, scoro_edit, scoro_view
from tests.support.world import World

Row = dict[str, Any]
TODAY = "2026-11-02"
PATIENCE = 60
"""How many seconds a person waits for Scoro to answer again."""


def client(world: World, name: str, **fields: Any) -> Row:
    """A company on the clients list."""
    return scoro_create(world, "contacts", **{"name": name, "contact_type": "company", "is_client": 1, **fields})


def supplier(world: World, name: str, **fields: Any) -> Row:
    """A company on the suppliers list."""
    return client(world, name, **{"is_client": 0, "is_supplier": 1, **fields})


def person(world: World, first: str, last: str, **fields: Any) -> Row:
    """A person on the clients list."""
    return client(world, first, lastname=last, contact_type="person", **fields)


def product(world: World, name: str, price: float = 100, **fields: Any) -> Row:
    """A service with a price."""
    return scoro_create(
        world, "products", **{"name": name, "code": name[:20], "price": price, "is_service": 1, **fields}
    )


def project(world: World, name: str, client: Row | None = None) -> Row:
    """A project, of a client or of nobody."""
    owner = {"company_id": client["contact_id"]} if client else {}
    return scoro_create(world, "projects", project_name=name, **owner)


def line(world: World, price: float = 100, *, of: Row | None = None, **fields: Any) -> Row:
    """A line of a document, untaxed unless ``vat_code_id`` says otherwise."""
    what = {"product_id": of["product_id"]} if of else {}
    return {"comment": "Work", "price": price, "amount": 1, "vat_code_id": rate(world, 0), **what, **fields}


def invoice(world: World, to: Row, *lines: Row, **fields: Any) -> Row:
    """An invoice of today; over 100 when no lines are given."""
    return _document(world, "invoices", to, lines, fields)


def bill(world: World, of: Row, *lines: Row, **fields: Any) -> Row:
    """A bill of today; over 100 when no lines are given."""
    return _document(world, "bills", of, lines, fields)


def _document(world: World, module: str, party: Row, lines: tuple[Row, ...], fields: Row) -> Row:
    rows = [_with_product(world, row) if module == "invoices" else row for row in list(lines) or [line(world)]]
    dates = {"date": TODAY, "deadline": "2026-11-16"}
    return scoro_create(world, module, **{"company_id": party["contact_id"], **dates, "lines": rows, **fields})


def _with_product(world: World, row: Row) -> Row:
    """QuickBooks wants a product on every line that is sold."""
    if "product_id" in row:
        return row
    known = named(world, "products", "Work") or [product(world, "Work")]
    return row | {"product_id": known[0]["product_id"]}


def pay(world: World, module: str, document: Row, amount: float | None = None) -> Row:
    """A payment of an invoice or bill: the amount, or all that is due."""
    part = {} if amount is None else {"sum": amount}
    return _act(world, action="receipt", module=module, id=document["id"], **part)


def credit(world: World, invoice: Row) -> Row:
    """A credit invoice over the whole of an invoice."""
    return _act(world, action="credit", id=invoice["id"])


def _act(world: World, **body: Any) -> Row:
    return dict(world.scoro.person(**body, company_account_id=world.account or None)["object"])


def edit(world: World, module: str, id: int | str, **fields: Any) -> Row:
    """Somebody edits a record."""
    return scoro_edit(world, module, id, **fields)


def see(world: World, module: str, id: int | str) -> Row:
    """A record as Scoro shows it."""
    return scoro_view(world, module, id)


def rows(world: World, module: str) -> list[Row]:
    """Every living record of a module, in full."""
    found: list[Row] = []
    for page in count(1):
        part = call(world, f"{module}/list", {}, detailed_response=True, per_page=25, page=page)
        found += part
        if len(part) < 25:
            break
    return found


def call(world: World, path: str, request: Row, **more: Any) -> Any:
    """The data of an answer of the API itself, asked for with a key of the account; again when that was too often."""
    key = world.scoro.control("key", {"company_account_id": world.account} if world.account else {})
    known = {"apiKey": key["apiKey"], "company_account_id": key["company_account_id"], "lang": "eng"}
    for _ in range(PATIENCE):
        answer = world.scoro.http.post(f"/api/v2/{path}", json={**known, "request": request, **more})
        if answer.status_code != 429:
            break
        world.tick(1)
    return answer.json()["data"]


def named(world: World, module: str, name: str) -> list[Row]:
    """Living records of this name."""
    keys = ("name", "project_name", "vat_name")
    return [row for row in rows(world, module) if name in {str(row.get(key)) for key in keys}]


def rate(world: World, percent: float) -> int:
    """The id of the first tax rate with this percentage."""
    return next(int(row["vat_code_id"]) for row in rows(world, "vatCodes") if float(row["percent"]) == percent)


def bookmark(world: World, title: str, module: str) -> str:
    """The id of a saved view."""
    key = world.scoro.control("key", {"company_account_id": world.account})
    body = {"user_token": key["user_token"], "company_account_id": world.account, "request": {"module": module}}
    found = world.scoro.http.post("/api/v2/bookmarks/list", json=body).json()["data"]
    return next(str(row["bookmark_id"]) for row in found if row["title"] == title)


def save_view(world: World, title: str, module: str, **filter: Any) -> str:
    """Somebody saves a filtered list as a bookmark; its id."""
    fields = {"title": title, "module": module, "filter": filter}
    return str(_act(world, action="create", module="bookmarks", fields=fields)["bookmark_id"])


def delete(world: World, module: str, id: int | str) -> None:
    """Somebody deletes a record."""
    scoro_delete(world, module, id)


def restore(world: World, module: str, id: int | str) -> None:
    """Somebody brings a deleted record back."""
    _act(world, action="restore", module=module, id=id)


def remove_view(world: World, bookmark: str) -> None:
    """Somebody deletes a bookmark."""
    scoro_delete(world, "bookmarks", bookmark)
