"""Switches for what the real service leaves open. The defaults are the reference's proposals (section 7)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

CHOICES: dict[str, tuple[str | int, ...]] = {
    "include_deleted_places": ("both", "request", "top"),
    "unknown_filters": ("ignored", "refused"),
    "order": ("id_desc", "id_asc", "modified_desc"),
    "unknown_account_status": (400, 403),
    "money_style": ("mixed", "number", "text"),
    "status_code_style": ("mixed", "int", "text"),
    "messages_style": ("list", "by_field"),
    "unstated_stamps": ("naive", "iso"),
}
"""Switches of more than two positions."""

SITE_SETTINGS = (
    "line_taxes",
    "line_discount",
    "round_tax_on_lines",
    "additional_amount",
    "finance_accounts",
    "accounting_objects",
    "margin",
    "product_codes",
    "integration_active",
)
"""Switches that are settings of a real site, too."""


@dataclass(frozen=True, slots=True)
class Behaviours:
    """Each field names its question (Q) or section of the reference; both values are plausible."""

    receipts_bump_documents: bool = True  # Q1
    deletion_bumps_modified: bool = False  # Q2
    include_deleted_places: str = "both"  # Q3: both | request | top
    filter_times: bool = True  # Q4: false reads only the date of from_date and to_date
    filter_includes_ends: bool = True  # Q4: false takes from_date and to_date themselves out of the span
    unknown_filters: str = "ignored"  # Q5: ignored | refused
    order: str = "id_desc"  # Q6: id_desc | id_asc | modified_desc
    detailed_offset_by_asked: bool = False  # Q7: true takes the offset from the per_page that was asked for
    credit_settles_original: bool = True  # Q8: an automatic receipt of type credit
    credit_invoices_by_api: bool = True  # Q8: false leaves crediting to people
    overpayment_allowed: bool = True  # Q9
    negative_receipts_allowed: bool = True  # Q9
    receipts_viewable: bool = False  # Q10
    bills_return_paid_sum: bool = False  # Q11
    integration_active: bool = False  # Q12: Scoro's own integration locks rates and accounts
    persons_need_lastname: bool = False  # Q13
    numbers_settable: bool = True  # Q14: false numbers every new document itself, whatever is sent
    numbers_alphanumeric: bool = False  # Q14
    numbers_unique: bool = True  # Q14
    paid_documents_editable: bool = True  # Q15
    sent_documents_editable: bool = True  # Q15
    own_writes_fire_webhooks: bool = True  # Q17
    key_acts_as_owner: bool = False  # Q17: true counts the key's writes as the first administrator's
    verification_text_required: str = ""  # Q18: what /scoro.txt must contain; empty accepts any text
    rate_is_base_per_unit: bool = True  # Q19: false: document currency per unit of the base
    merge_bumps_documents: bool = True  # Q20
    merge_leaves_loser: bool = True  # Q20: false removes the loser for good, unseen by include_deleted
    means_of_contact_merged: bool = False  # Q21: true merges by kind instead of replacing
    addresses_merged: bool = False  # Q21: true keeps addresses that are not sent
    custom_fields_merged: bool = True  # 2.17: values that are not sent stay
    round_tax_on_lines: bool = True  # Q25, a site setting
    bookmarks_need_user: bool = True  # Q27
    unchanged_modify_bumps: bool = True  # Q28
    inactive_references_accepted: bool = True  # Q29
    receipts_must_match_parts: bool = False  # 2.15: the group's sum equals its parts
    paid_documents_deletable: bool = False  # 6.1
    view_shows_deleted: bool = True  # 3: within the 30 days
    unknown_account_status: int = 400  # 6.2: 400 | 403
    contacts_in_one_list: bool = True  # 2.1, 2.18: false keeps bookmarks of companies and persons apart
    line_taxes: bool = True  # 2.8, a site setting; false: one rate for the whole document
    line_discount: bool = True  # 2.8, a site setting
    additional_amount: bool = False  # 2.8, a site setting
    finance_accounts: bool = True  # 2.8, a site setting
    accounting_objects: bool = True  # 2.8, a site setting
    margin: bool = False  # 2.8, a site setting
    product_codes: bool = True  # 2.8, a site setting
    money_style: str = "mixed"  # 1.4: number | text | mixed (sums as numbers, prices and amounts as texts)
    status_code_style: str = "mixed"  # 1.4: int | text | mixed (429 as a text)
    messages_style: str = "list"  # 1.4: list | by_field
    company_account_in_list: bool = True  # 2.7: false answers the bare object
    html_entities: bool = True  # 1.4
    empty_map_is_list: bool = True  # 1.4
    error_with_200: bool = False  # 1.4
    numbers_as_int: bool = False  # 2.8: `no`
    unstated_stamps: str = "naive"  # 1.7: naive | iso
    retry_after: bool = False  # 1.6
    requests_per_window: int = 40  # Q22
    window_seconds: int = 2  # Q22
    requests_per_day: int = 5_000  # Q22
    url_check: bool = True  # 2.19

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def changed(self, settings: dict[str, Any]) -> Behaviours:
        """With these switches changed; raises ValueError for one that does not exist or a value of another type."""
        known = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in settings.items():
            if name not in known:
                raise ValueError(f"there is no switch {name!r}")
            if type(value) is not known[name]:
                raise ValueError(f"{name} is set by a value of type {known[name].__name__}")
            if value not in CHOICES.get(name, (value,)):
                raise ValueError(f"{name} is one of {', '.join(map(str, CHOICES[name]))}")
        return replace(self, **settings)
