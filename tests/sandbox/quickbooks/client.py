"""A plain client of the simulated QuickBooks, for its tests only."""

from __future__ import annotations

from typing import Any

import httpx2
from flask import Flask

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox

Json = dict[str, Any]


class Client:
    """Calls one company as the API does, and the control surface beside it."""

    def __init__(self, app: Flask, clock: SandboxClock, realm: str | None = None) -> None:
        self.app = app
        self.clock = clock
        self.sandbox: QuickBooksSandbox = app.extensions["quickbooks"]
        transport = httpx2.WSGITransport(app=app)
        self.http = httpx2.Client(transport=transport, base_url="http://quickbooks.test")
        self.sign_in(realm)

    def sign_in(self, realm: str | None = None, **options: Any) -> Json:
        credentials: Json = self.control("token", {"realmId": realm, **options})
        self.realm = str(credentials["realmId"])
        self.token = str(credentials["access_token"])
        return credentials

    def company(self, country_or_name: str) -> Client:
        """A client of another company of the same sandbox, found by country or part of its name."""
        for realm, books in self.sandbox.companies.items():
            name = books.single("CompanyInfo")["CompanyName"]
            if realm != self.realm and (books.profile.country == country_or_name or country_or_name in name):
                return Client(self.app, self.clock, realm)
        raise LookupError(country_or_name)

    # -- raw calls

    def headers(self, **extra: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **extra}

    def get(self, path: str, **params: Any) -> httpx2.Response:
        return self.http.get(f"/v3/company/{self.realm}/{path}", params=params, headers=self.headers())

    def post(self, path: str, body: Any = None, **params: Any) -> httpx2.Response:
        return self.http.post(f"/v3/company/{self.realm}/{path}", json=body, params=params, headers=self.headers())

    def control(self, path: str, body: Any = None) -> Any:
        answer = self.http.post(f"/_control/{path}", json=body if body is not None else {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def person(self, action: str, **what: Any) -> Json:
        answer: Json = self.control("person", {"action": action, "realmId": self.realm, **what})
        return answer

    def switch(self, **behaviours: Any) -> None:
        self.control("behaviours", behaviours)

    def fault(self, kind: str, **rule: Any) -> None:
        self.control("faults", [{"kind": kind, **rule}])

    # -- calls that succeed

    def write(self, entity: str, body: Json, **params: Any) -> Json:
        answer = self.post(entity.lower(), body, **params)
        assert answer.status_code == 200, answer.text
        row: Json = answer.json()[entity]
        return row

    def sparse(self, entity: str, row: Json, **changes: Any) -> Json:
        return self.write(entity, {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True, **changes})

    def delete(self, entity: str, row: Json) -> Json:
        return self.write(entity, {"Id": row["Id"], "SyncToken": row["SyncToken"]}, operation="delete")

    def read(self, entity: str, identity: str) -> Json:
        answer = self.get(f"{entity.lower()}/{identity}")
        assert answer.status_code == 200, answer.text
        row: Json = answer.json()[entity]
        return row

    def query(self, statement: str) -> Json:
        answer = self.get("query", query=statement)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()["QueryResponse"]
        return found

    def all(self, entity: str) -> Json:
        return self.query(" ".join(("select * from", entity, "maxresults 1000")))

    def cdc(self, entities: str, since: str) -> list[Json]:
        answer = self.get("cdc", entities=entities, changedSince=since)
        assert answer.status_code == 200, answer.text
        groups: list[Json] = answer.json()["CDCResponse"][0]["QueryResponse"]
        return groups

    # -- the usual objects

    def account(self, account_type: str) -> str:
        statement = f"select * from Account where AccountType = '{account_type}'"
        rows = self.query(statement)
        return str(rows["Account"][0]["Id"])

    def item(self, name: str = "Consulting", **more: Any) -> Json:
        body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": self.account("Income")}, **more}
        return self.write("Item", body)

    def customer(self, name: str = "Acme Ltd", **more: Any) -> Json:
        return self.write("Customer", {"DisplayName": name, **more})

    def vendor(self, name: str = "Supplies Inc", **more: Any) -> Json:
        return self.write("Vendor", {"DisplayName": name, **more})

    def line(self, item: Json, amount: Any = 100, **detail: Any) -> Json:
        inner = {"ItemRef": {"value": item["Id"]}, **detail}
        return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": inner}

    def invoice(self, customer: Json, item: Json, amount: Any = 100, **more: Any) -> Json:
        body = {"CustomerRef": {"value": customer["Id"]}, "Line": [self.line(item, amount)], **more}
        return self.write("Invoice", body)

    def cost(self, amount: Any = 60, **detail: Any) -> Json:
        inner = {"AccountRef": {"value": self.account("Expense")}, **detail}
        return {"DetailType": "AccountBasedExpenseLineDetail", "Amount": amount, "AccountBasedExpenseLineDetail": inner}

    def bill(self, vendor: Json, amount: Any = 60, **more: Any) -> Json:
        return self.write("Bill", {"VendorRef": {"value": vendor["Id"]}, "Line": [self.cost(amount)], **more})

    def pay(self, customer: Json, amount: Any, *parts: tuple[Json, Any], **more: Any) -> Json:
        lines = [{"Amount": part, "LinkedTxn": [{"TxnId": doc["Id"], "TxnType": _kind(doc)}]} for doc, part in parts]
        body = {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": amount, "Line": lines, **more}
        return self.write("Payment", body)


def _kind(document: Json) -> str:
    return "CreditMemo" if "RemainingCredit" in document else "Invoice"


def refusal(answer: httpx2.Response) -> Json:
    """The first error of a fault body; the answer must be one."""
    assert answer.status_code >= 400, answer.text
    error: Json = answer.json()["Fault"]["Error"][0]
    return error


def code(answer: httpx2.Response) -> str:
    return str(refusal(answer)["code"])
