"""What a QuickBooks company says about itself (reference 3.1, 3.2, 3.9), asked in one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.connectors.base import CompanyProfile
from engine.connectors.quickbooks.client import QuickBooksClient, Reply, items_by_id, unanswered
from engine.connectors.quickbooks.faults import faults_of, to_error
from engine.core.records import System

Facts = Mapping[str, Any]

STATEMENTS = {
    "CompanyInfo": "SELECT * FROM CompanyInfo",
    "Preferences": "SELECT * FROM Preferences",
    "CompanyCurrency": "SELECT * FROM CompanyCurrency MAXRESULTS 1000",
}


def fetch_profile(client: QuickBooksClient, realm_id: str) -> CompanyProfile:
    """The company's profile. A company without multicurrency may refuse its list of currencies; it then has one."""
    reply = client.ask(list(STATEMENTS.values()))
    answers = items_by_id(reply)
    company = _only(answers.get("0"), "CompanyInfo", reply)
    preferences = _only(answers.get("1"), "Preferences", reply)
    home = str(_at(preferences, "CurrencyPrefs", "HomeCurrency", "value") or "USD")
    return CompanyProfile(
        system=System.QUICKBOOKS,
        id=realm_id,
        name=str(company.get("CompanyName", "")),
        country=str(company.get("Country", "")),
        home_currency=home,
        currencies=_currencies(home, answers.get("2") or {}),
        time_zone=str(company.get("DefaultTimeZone") or "UTC"),
        features=_features(company, preferences),
    )


def _only(answer: Facts | None, type: str, reply: Reply) -> Facts:
    if answer is None:
        raise unanswered(reply, writes=False)
    if faults := faults_of(answer):
        raise to_error(faults, request_id=reply.request_id)
    rows = (answer.get("QueryResponse") or {}).get(type) or [{}]
    first: Facts = rows[0]
    return first


def _currencies(home: str, answer: Facts) -> tuple[str, ...]:
    rows = (answer.get("QueryResponse") or {}).get("CompanyCurrency") or []
    active = {str(row["Code"]) for row in rows if row.get("Active", True)}
    return (home, *sorted(active - {home}))


def _features(company: Facts, preferences: Facts) -> dict[str, str]:
    accounting = preferences.get("AccountingInfoPrefs") or {}
    tax = preferences.get("TaxPrefs") or {}
    other = _pairs(_at(preferences, "OtherPrefs", "NameValue"))
    plan = _pairs(company.get("NameValue")).get("OfferingSku", "")
    return {
        "multicurrency": _flag(_at(preferences, "CurrencyPrefs", "MultiCurrencyEnabled")),
        "classes_per_line": _flag(accounting.get("ClassTrackingPerTxnLine")),
        "classes_per_document": _flag(accounting.get("ClassTrackingPerTxn")),
        "projects": _flag(other.get("ProjectsEnabled")),
        "custom_numbers": _flag(_at(preferences, "SalesFormsPrefs", "CustomTxnNumbers")),
        "sales_tax": _flag(tax.get("UsingSalesTax")),
        "automated_sales_tax": _flag(tax.get("PartnerTaxEnabled")),
        "warn_duplicate_numbers": _flag(other.get("WarnDuplicateBillNumber")),
        "book_close_date": str(accounting.get("BookCloseDate") or ""),
        "default_item": _id(other.get("SalesFormsPrefs.DefaultItem")),
        "plan": plan,
    }


def _pairs(rows: Iterable[Facts] | None) -> dict[str, str]:
    return {str(row.get("Name", "")): str(row.get("Value", "")) for row in rows or []}


def _at(tree: Any, *path: str) -> Any:
    for name in path:
        tree = (tree or {}).get(name)
    return tree


def _id(value: object) -> str:
    """An id; "" where the preference says only yes or no."""
    return str(value) if str(value).isdigit() else ""


def _flag(value: object) -> str:
    return "true" if str(value).lower() == "true" else "false"
