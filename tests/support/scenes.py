"""What people do in the two systems, in the words of a story; used by scenarios of the whole engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.world import World


@dataclass(frozen=True)
class Invoice:
    """An invoice made in Scoro, by the ids there."""

    id: int
    contact: int
    product: int


def scoro_create(world: World, module: str, **fields: Any) -> dict[str, Any]:
    """A person makes a record in Scoro; the row as Scoro shows it."""
    answer = world.scoro.person(action="create", module=module, fields=fields, company_account_id=world.account or None)
    return dict(answer["object"])


def scoro_edit(world: World, module: str, id: int | str, **fields: Any) -> dict[str, Any]:
    """A person edits a record in Scoro."""
    answer = world.scoro.person(
        action="edit", module=module, id=id, fields=fields, company_account_id=world.account or None
    )
    return dict(answer["object"])


def scoro_delete(world: World, module: str, id: int | str) -> None:
    """A person deletes a record in Scoro."""
    world.scoro.person(action="delete", module=module, id=id, company_account_id=world.account or None)


def quickbooks_edit(world: World, entity: str, id: str, **body: Any) -> dict[str, Any]:
    """A person edits a record in QuickBooks."""
    return dict(world.quickbooks.person(action="edit", entity=entity, id=id, body=body, realmId=world.realm))


def quickbooks_create(world: World, entity: str, **body: Any) -> dict[str, Any]:
    """A person makes a record in QuickBooks; the record."""
    answer = world.quickbooks.person(action="create", entity=entity, body=body, realmId=world.realm)
    return dict(answer.get(entity, answer))


def quickbooks_delete(world: World, entity: str, id: str) -> None:
    """A person deletes a record in QuickBooks."""
    world.quickbooks.person(action="delete", entity=entity, id=id, realmId=world.realm)


def quickbooks_read(world: World, entity: str, id: str) -> dict[str, Any]:
    """A record as QuickBooks shows it, read by a program that is not Concord."""
    token = world.quickbooks.control("token", {"realmId": world.realm})["access_token"]
    answer = world.quickbooks.http.get(
        f"/v3/company/{world.realm}/{entity.lower()}/{id}",
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
    )
    return dict(answer.json().get(entity, {}))


def quickbooks_query(world: World, statement: str) -> list[dict[str, Any]]:
    """Rows of a query."""
    token = world.quickbooks.control("token", {"realmId": world.realm})["access_token"]
    answer = world.quickbooks.http.get(
        f"/v3/company/{world.realm}/query",
        params={"query": statement},
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
    )
    found = answer.json()["QueryResponse"]
    return [row for rows in found.values() if isinstance(rows, list) for row in rows]


def scoro_view(world: World, module: str, id: int | str) -> dict[str, Any]:
    """A record as Scoro shows it, read by a program that is not Concord."""
    key = world.scoro.control("key", {"company_account_id": world.account})
    body = {"apiKey": key["apiKey"], "company_account_id": world.account, "lang": "eng", "request": {}}
    return dict(world.scoro.http.post(f"/api/v2/{module}/view/{id}", json=body).json()["data"])


def make_invoice(world: World, *, name: str = "Acme Ltd", price: float = 100, lines: int = 2, **fields: Any) -> Invoice:
    """A client, a service and an invoice over some lines, all made in Scoro."""
    contact = scoro_create(world, "contacts", name=name, contact_type="company", is_client=1)
    product = scoro_create(
        world, "products", name=f"Design for {name}", code=f"D-{contact['contact_id']}", price=price, is_service=1
    )
    rows = [
        {
            "product_id": product["product_id"],
            "comment": f"Part {n}",
            "price": price * n,
            "amount": n,
            "vat_code_id": untaxed(world),
        }
        for n in range(1, lines + 1)
    ]
    made = scoro_create(
        world,
        "invoices",
        company_id=contact["contact_id"],
        date="2026-11-02",
        deadline="2026-11-16",
        lines=rows,
        **fields,
    )
    return Invoice(made["id"], contact["contact_id"], product["product_id"])


def untaxed(world: World) -> int:
    """Scoro's rate of zero percent."""
    key = world.scoro.control("key", {"company_account_id": world.account} if world.account else {})
    body = {"apiKey": key["apiKey"], "company_account_id": key["company_account_id"], "lang": "eng", "request": {}}
    rows = world.scoro.http.post("/api/v2/vatCodes/list", json=body).json()["data"]
    return next(int(row["vat_code_id"]) for row in rows if float(row["percent"]) == 0)


def object_of(world: World, system: str, type: str, id: int | str) -> Any:
    """The engine's object of a remote record."""
    from sqlmodel import col, select

    from engine.store.database import reading
    from engine.store.tables import Binding, Object

    with reading(world.deps.database) as session:
        statement = (
            select(Object)
            .join(Binding, col(Binding.object_id) == Object.id)
            .where(Binding.system == system, Binding.remote_type == type, Binding.remote_id == str(id))
        )
        return session.exec(statement).one()


def quickbooks_id(world: World, system: str, type: str, id: int | str, replica: str = "quickbooks") -> str:
    """The QuickBooks id of what a record is bound to."""
    return world.bindings(object_of(world, system, type, id).id)[replica].remote_id
