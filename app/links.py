"""Where a person opens a record in its own system: in the sandbox's own site, or in QuickBooks."""

from __future__ import annotations

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
            site = sandbox_sites(settings, connection).get(System.SCORO, "")
            return f"{site}/{kind}/{identity}" if site else ""
        case System.QUICKBOOKS:
            site = sandbox_sites(settings, connection).get(System.QUICKBOOKS, "")
            if site:
                return f"{site}/books/{kind}/{identity}"
            page = _QUICKBOOKS_PAGES.get(kind)
            return f"{settings.quickbooks_web_url}/{page.format(identity)}" if page else ""


def sandbox_sites(settings: Settings, connection: Connection | None) -> dict[System, str]:
    """The two sandboxes' own sites, for a connection between them; empty for every other."""
    if connection is None or not connection.sandbox:
        return {}
    sites = {System.SCORO: settings.sandbox_scoro_url, System.QUICKBOOKS: settings.sandbox_quickbooks_url}
    return {system: address.rstrip("/") for system, address in sites.items() if address}
