"""Where a person opens a record in its own system: in the sandbox's own site, or in QuickBooks."""

from __future__ import annotations

from urllib.parse import urlencode

from app.settings import Settings
from engine.core.records import System
from engine.store.tables import Binding, Connection

_QUICKBOOKS_PAGES = {
    "Customer": "app/customerdetail?nameId={}",
    "Vendor": "app/vendordetail?nameId={}",
    "Invoice": "app/invoice?txnId={}",
    "CreditMemo": "app/creditmemo?txnId={}",
    "Bill": "app/bill?txnId={}",
    "VendorCredit": "app/vendorcredit?txnId={}",
    "Payment": "app/recvpayment?txnId={}",
    "BillPayment": "app/billpayment?txnId={}",
}


def record_link(settings: Settings, connection: Connection, binding: Binding) -> str:
    """The address of the record's page in its own system; "" where it is gone or no page is known."""
    if binding.gone:
        return ""
    kind, identity = binding.remote_type, binding.remote_id
    match System(binding.system):
        case System.SCORO:
            site = settings.sandbox_scoro_url.rstrip("/") if connection.sandbox else ""
            return _in_company(f"{site}/{kind}/{identity}", connection.scoro_account) if site else ""
        case System.QUICKBOOKS:
            site = settings.sandbox_quickbooks_url.rstrip("/") if connection.sandbox else ""
            if site:
                return _in_company(f"{site}/books/{kind}/{identity}", connection.quickbooks_realm)
            page = _QUICKBOOKS_PAGES.get(kind)
            return f"{settings.quickbooks_web_url}/{page.format(identity)}" if page else ""


def sandbox_sites(settings: Settings, connection: Connection | None) -> dict[System, str]:
    """The two sandboxes' own sites, for a connection between them; empty for every other."""
    if connection is None or not connection.sandbox:
        return {}
    sites = {
        System.SCORO: (settings.sandbox_scoro_url, connection.scoro_account),
        System.QUICKBOOKS: (settings.sandbox_quickbooks_url, connection.quickbooks_realm),
    }
    return {system: _in_company(f"{url.rstrip('/')}/", company) for system, (url, company) in sites.items() if url}


def _in_company(address: str, company: str) -> str:
    """The address with the company it is about: several of a sandbox have a record of one number."""
    return f"{address}?{urlencode({'company': company})}" if company else address
