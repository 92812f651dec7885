"""Switches for what the real service is uncertain about, or does so that a test can show it matters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviours:
    """How this company's server behaves. The defaults follow reference section 14; U-numbers name its rows."""

    void_with_payment_allowed: bool = False  # U1
    delete_with_payment_allowed: bool = False  # U2
    total_below_paid_allowed: bool = True  # U3
    cdc_cap: int = 1000  # U4, per entity
    cdc_days: int = 30  # U5
    cdc_checks_age: bool = True  # U5
    noop_transaction_bumps: bool = True  # U6
    large_page_refused: bool = True  # U7, otherwise silently capped
    punish_refresh_reuse: bool = False  # U10
    merge_leaves_stub: bool = True  # U12
    display_name_limit: int = 500  # U13
    foreign_currency_refused: bool = True  # U16
    replay_hours: int = 24  # U18
    mails_per_day: int = 40
    batch_in_order: bool = True  # the real service promises no order; False runs the items backwards
    deleted_suffix: str = " (deleted)"  # U19
    retry_after: bool = False  # U20

    noop_list_update_silent: bool = True
    payment_bumps_document: bool = True
    balance_touches_contact: bool = True
    balance_touches_account: bool = False  # postings move the stamp of their accounts too
    contact_currency_refused: bool = False  # False: a changed CurrencyRef of a contact is silently ignored
    replays_requests: bool = True
    unknown_property_refused: bool = True
    xml_without_accept: bool = True
    bill_number_per_vendor: bool = True
    stamps_after_start: bool = True  # MetaData seconds are rounded up: the commit ends after the request began
    french_faults: bool = True  # localised texts for a company in France
    throttle: bool = False
