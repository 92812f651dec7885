"""How stored rows look on the wire: names inside references, meta data, generated extras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from zlib import crc32

from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.profiles import CURRENCY_NAMES
from app.sandbox.quickbooks.wire import Json, stamp

_TARGETS = {
    "CustomerRef": "Customer",
    "VendorRef": "Vendor",
    "ItemRef": "Item",
    "AccountRef": "Account",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
    "APAccountRef": "Account",
    "BankAccountRef": "Account",
    "CCAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "PaymentMethodRef": "PaymentMethod",
}
_LABELS = {"Customer": "DisplayName", "Vendor": "DisplayName"}
_NAMED_TERM = {"Invoice", "CreditMemo"}  # SalesTermRef comes without a name on bills


def render(company: Company, row: Row, *, invoice_link: bool = False) -> Json:
    """The object as read: its data, names in references, and the envelope properties every object has."""
    body: Json = {name: _value(company, name, value) for name, value in row.data.items()}
    body.update(_common(row))
    extra = _EXTRAS.get(row.entity)
    if extra is not None:
        extra(company, row, body)
    if invoice_link and row.entity == "Invoice":
        body["InvoiceLink"] = f"https://connect.intuit.test/t/scs-v1-{company.realm}-{row.id}"
    return body


def deleted(entity: str, identity: str) -> Json:
    return {"domain": "QBO", "status": "Deleted", "Id": identity}


def meta(row: Row) -> Json:
    times: Json = {"CreateTime": stamp(row.created), "LastUpdatedTime": stamp(row.updated)}
    if row.modified_by and row.entity in {"Invoice", "Bill"}:
        times["LastModifiedByRef"] = {"value": str(crc32(row.modified_by.encode()))}
    return times


def _common(row: Row) -> Json:
    if row.entity == "ExchangeRate":
        return {"domain": "QBO", "sparse": False, "SyncToken": str(row.token), "MetaData": meta(row)}
    return {"domain": "QBO", "sparse": False, "Id": row.id, "SyncToken": str(row.token), "MetaData": meta(row)}


def _value(company: Company, name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        if name.endswith("Ref") and "value" in value:
            return _reference(company, name, value)
        return {key: _value(company, key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_value(company, "", each) for each in value]
    return value


def _reference(company: Company, name: str, value: Mapping[str, Any]) -> Json:
    if name == "CurrencyRef":
        return {"value": value["value"], "name": CURRENCY_NAMES.get(value["value"], value["value"])}
    entity = _TARGETS.get(name)
    target = company.find(entity, value["value"]) if entity else None
    if target is None:
        return dict(value)
    label = _LABELS.get(target.entity, "FullyQualifiedName" if "FullyQualifiedName" in target.data else "Name")
    return {**value, "name": target.data[label]}


def _person(company: Company, row: Row, body: Json) -> None:
    body["V4IDPseudonym"] = sha256(f"{company.realm}:{row.id}".encode()).hexdigest()[:32]


def _sales(company: Company, row: Row, body: Json) -> None:
    term = company.find("Term", row.ref("SalesTermRef"))
    if term is not None:
        body["SalesTermRef"] = {"value": term.id, "name": term.data["Name"]}
    for line in body["Line"]:
        if line["DetailType"] == "SalesItemLineDetail":
            _item_account(company, line["SalesItemLineDetail"])


def _item_account(company: Company, inner: Json) -> None:
    item = company.find("Item", str((inner.get("ItemRef") or {}).get("value", "")))
    account = company.find("Account", item.ref("IncomeAccountRef")) if item else None
    if account is not None:
        inner["ItemAccountRef"] = {"value": account.id, "name": account.data["Name"]}


def _expenses(company: Company, row: Row, body: Json) -> None:
    for line in body["Line"]:
        line.setdefault("LinkedTxn", [])
        line.setdefault("CustomExtensions", [])


def _settler(company: Company, row: Row, body: Json) -> None:
    """The remains of the server's own object model that payment lines carry."""
    for line in body["Line"]:
        link = line["LinkedTxn"][0]
        target = company.find(link["TxnType"], link["TxnId"])
        line["LineEx"] = {"any": [_noise(name, value) for name, value in _line_values(link, target, line)]}


def _line_values(link: Json, target: Row | None, line: Json) -> list[tuple[str, str]]:
    values = [("txnId", link["TxnId"])]
    if target is not None:
        values.append(("txnOpenBalance", f"{target.amount('Balance') + line['Amount']:.2f}"))
        if target.data.get("DocNumber"):
            values.append(("txnReferenceNumber", target.data["DocNumber"]))
    return values


def _noise(name: str, value: str) -> Json:
    return {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {"Name": name, "Value": value},
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }


_EXTRAS: dict[str, Callable[[Company, Row, Json], None]] = {
    "Customer": _person,
    "Vendor": _person,
    "Invoice": _sales,
    "CreditMemo": _sales,
    "Bill": _expenses,
    "VendorCredit": _expenses,
    "Payment": _settler,
    "BillPayment": _settler,
}
