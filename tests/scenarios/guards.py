"""The guards of the rules R1–R43: what is taken out, and the scenario of the same number that has to go red then.

``python -m tests.scenarios.guards [--only R13] [--jobs 2]`` takes each out in a copy of the tree. Each is the smallest real
removal of a rule: the program still runs, and does what the rule forbids, or does not do what it asks for.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.proofs.mutations import main
from tests.proofs.planted import Mutation
from tests.scenarios.guards_of_failures import FAILURES

SERVICES, MAPPING = "engine/services", "engine/mapping"


def _rule(number: int, scenario: str, test: str, file: str, old: str, new: str) -> Mutation:
    path = f"tests/scenarios/test_r{number:02}_{scenario}.py"
    return Mutation(f"R{number}: {test.replace('_', ' ')} ({Path(file).stem})", file, old, new, f"{path}::test_{test}")


RULES: tuple[Mutation, ...] = (
    # Connecting.
    _rule(
        1, "connect_by_oauth", "answer_meant_for_another_browser_connects_nothing", "app/setup/consent.py",
        "if found.session_hash != session_hash():", "if False:",
    ),
    _rule(
        1, "connect_by_oauth", "consent_connects_the_chosen_company", f"{SERVICES}/setup/connecting.py",
        "connection.quickbooks_secret = deps.vault.seal(tokens)", "connection.quickbooks_secret = tokens",
    ),
    _rule(
        2, "currencies_have_to_match", "missing_currency_refuses_activation_and_names_the_remedies",
        f"{SERVICES}/setup/saving.py", "if not check.ok:", "if False:",
    ),
    _rule(
        3, "accounts_and_rates_from_quickbooks", "every_account_of_quickbooks_is_a_finance_account_in_scoro",
        f"{SERVICES}/setup/connecting.py", "enabled=category is Category.REFERENCE,", "enabled=False,",
    ),
    _rule(
        4, "rates_and_accounts_belong_to_quickbooks", "edited_tax_rate_is_put_back", f"{SERVICES}/observing/edits.py",
        "if row.category == Category.REFERENCE and", "if False and",
    ),
    _rule(
        5, "old_tax_rates_wait", "rate_that_quickbooks_no_longer_uses_is_old", f"{MAPPING}/taxes.py",
        'if known.get("active") is False:', "if False:",
    ),
    # Categories.
    _rule(
        6, "each_category_has_its_switch", "switching_a_category_off_stops_what_was_on_its_way",
        f"{SERVICES}/scope.py", "if not category.enabled:", "if False:",
    ),
    *(
        _rule(number, scenario, test, "engine/core/policy.py", "Replica(actor).system is self.source", "True")
        for number, scenario, test in (
            (7, "products_one_direction", "edit_on_the_other_side_is_held"),
            (7, "products_one_direction", "edit_in_scoro_is_held_when_quickbooks_is_the_source"),
            (9, "contacts_one_direction", "edit_on_the_other_side_is_held"),
            (9, "contacts_one_direction", "edit_in_scoro_is_held_when_quickbooks_is_the_source"),
            (17, "invoices_one_direction", "edit_on_the_other_side_is_held"),
            (17, "invoices_one_direction", "edit_in_scoro_is_held_when_quickbooks_is_the_source"),
            (20, "receipts_one_direction", "edit_in_quickbooks_is_held"),
            (20, "receipts_one_direction", "edit_in_scoro_is_held"),
            (21, "bills_one_direction", "edit_in_quickbooks_is_held"),
            (21, "bills_one_direction", "edit_in_scoro_is_held"),
        )
    ),
    _rule(
        8, "products_of_documents", "product_goes_ahead_of_its_invoice", f"{SERVICES}/planning.py",
        "PULLED = frozenset({Kind.CONTACT, Kind.PRODUCT})", "PULLED = frozenset({Kind.CONTACT})",
    ),
    _rule(
        10, "clients_and_suppliers", "client_becomes_a_customer", f"{MAPPING}/contact.py",
        'if state.get("is_supplier") is True:\n        wanted', "if True:\n        wanted",
    ),
    _rule(
        10, "clients_and_suppliers", "contact_on_neither_list_is_excluded_with_the_reason", f"{SERVICES}/scope.py",
        "return Reason.NOT_CLIENT_NOR_SUPPLIER", "return Reason.NONE",
    ),
    _rule(
        11, "both_client_and_supplier", "customer_keeps_the_plain_name_and_the_vendor_is_marked",
        f"{MAPPING}/contact.py", "mark = VENDOR_MARK if", 'mark = "" if',
    ),
    _rule(
        12, "individuals_become_persons", "individual_becomes_a_person", f"{MAPPING}/contact.py",
        "person = not company and bool(given or family)", "person = False",
    ),
    _rule(
        13, "currency_of_a_contact", "currency_of_the_client_profile", f"{MAPPING}/contact.py",
        'CODE.read(data.get("profile_currency"), "Currency", reading) or', "",
    ),
    _rule(
        13, "currency_of_a_contact", "later_change_is_shown_and_never_sent", f"{SERVICES}/locks.py",
        'return [Lock(Reason.CURRENCY_FIXED, frozenset({"currency"}))] if thing.kind is Kind.CONTACT else []', "return []",
    ),
    _rule(
        14, "contacts_of_documents", "client_goes_ahead_of_its_invoice", f"{SERVICES}/planning.py",
        "PULLED = frozenset({Kind.CONTACT, Kind.PRODUCT})", "PULLED = frozenset({Kind.PRODUCT})",
    ),
    _rule(
        15, "projects_only_to_scoro", "the_other_direction_can_be_chosen_nowhere", f"{SERVICES}/setup/categories.py",
        "if form.source not in _allowed(category):", "if False:",
    ),
    _rule(
        16, "projects_are_matched", "same_name_of_another_client_gets_a_contact_and_a_project_of_its_own",
        f"{MAPPING}/project.py", "|{state.get('contact', '')}", "",
    ),
    _rule(
        18, "credit_notes", "credit_invoice_becomes_a_credit_memo_applied_to_its_invoice", f"{SERVICES}/sync.py",
        "if not due:\n        return 0", "if True:\n        return 0",
    ),
    _rule(
        19, "invoice_with_several_projects", "two_projects_are_none_and_the_page_says_so",
        f"{MAPPING}/scoro_document.py", "if len(projects) == 1 else", "if projects else",
    ),
    _rule(
        22, "projects_on_lines_of_bills", "each_line_keeps_its_project_on_the_way_to_quickbooks",
        f"{MAPPING}/quickbooks_lines.py", 'if self.purchase and "project" in fields:', "if False:",
    ),
    _rule(
        22, "projects_on_lines_of_bills", "each_line_keeps_its_project_on_the_way_to_scoro",
        f"{MAPPING}/scoro_lines.py", "_PURCHASE = cells((*_COLUMNS, _PROJECT)", "_PURCHASE = cells(_COLUMNS",
    ),
    _rule(
        23, "classes_only_to_scoro", "the_other_direction_can_be_chosen_nowhere", f"{SERVICES}/directions.py",
        "if Category(row.category) in ONE_WAY:", "if False:",
    ),
    _rule(
        24, "class_tracking", "cannot_be_enabled_without_tracking_per_line", f"{SERVICES}/setup/categories.py",
        "if category is Category.CLASSES and", "if False and",
    ),
    _rule(
        24, "class_tracking", "every_run_looks_again", f"{SERVICES}/feeds.py",
        "if tells_of_settings(page.records):", "if False:",
    ),
    # Type, date, manual work.
    _rule(
        25, "every_five_minutes", "change_arrives_within_five_minutes_without_anybody", "engine/store/tables.py",
        "interval_seconds: int = 300", "interval_seconds: int = 3_000",
    ),
    _rule(
        25, "every_five_minutes", "category_set_to_manual_waits", f"{SERVICES}/sync.py",
        "return [case for case in cases if job.context.category(case.thing.kind).automatic]", "return list(cases)",
    ),
    _rule(
        26, "synchronize_now", "everything_that_is_enabled_goes", f"{SERVICES}/sync.py",
        "if run.trigger not in SCHEDULED:\n        return list(cases)", "if False:\n        return list(cases)",
    ),
    _rule(
        26, "synchronize_now", "cannot_be_started_twice", f"{SERVICES}/sync.py",
        "if open_run is not None:", "if open_run is not None and False:",
    ),
    _rule(
        27, "one_object_by_hand", "sent_while_the_category_is_off", "engine/core/decide.py",
        "if guards.excluded is not Reason.NONE and guards.explicit is None and", "if guards.excluded is not Reason.NONE and",
    ),
    _rule(
        28, "invoice_until_paid", "the_server_refuses_what_the_page_could_not_know", f"{SERVICES}/locks.py",
        "paid = thing.kind in DOCUMENTS and", "paid = thing.kind is Kind.BILL and",
    ),
    _rule(
        29, "bill_until_paid", "the_server_refuses_too", f"{SERVICES}/locks.py",
        "paid = thing.kind in DOCUMENTS and", "paid = thing.kind is Kind.INVOICE and",
    ),
    _rule(
        30, "contact_at_any_time", "contact_with_paid_invoices_can_be_sent", f"{SERVICES}/locks.py",
        'Lock(Reason.CURRENCY_FIXED, frozenset({"currency"}))', "Lock(Reason.CURRENCY_FIXED)",
    ),
    _rule(
        31, "receipts_until_fully_received", "fully_received_is_refused_with_the_reason", f"{SERVICES}/push.py",
        'if str(scoro.facts.get("balance", "")) in {"0", "0.00"}:', "if False:",
    ),
    _rule(
        31, "receipts_until_fully_received", "every_payment_of_the_invoice_is_pulled", f"{SERVICES}/push.py",
        "ids[RECEIPT_TYPES[linked[\"TxnType\"]]].append(str(linked[\"TxnId\"]))",
        "ids[RECEIPT_TYPES[linked[\"TxnType\"]]] = [str(linked[\"TxnId\"])]",
    ),
    _rule(
        32, "start_date", "what_is_older_is_excluded_with_the_reason", f"{SERVICES}/scope.py",
        "if _is_before_start(category, row, bindings):", "if False:",
    ),
    _rule(
        33, "earliest_start_date", "earlier_date_is_refused_and_the_earliest_is_named", f"{SERVICES}/setup/categories.py",
        "if form.start_date and earliest and", "if False and earliest and form.start_date and",
    ),
    _rule(
        33, "earliest_start_date", "connecting_again_does_not_move_that_day", f"{SERVICES}/setup/connecting.py",
        "connection.first_connected_at = connection.first_connected_at or now", "connection.first_connected_at = now",
    ),
    _rule(
        34, "historical_import", "confirmed_period_is_carried_over_and_nothing_else", f"{SERVICES}/scope.py",
        'or row.facts.get("imported") or', "or",
    ),
    _rule(
        34, "historical_import", "confirmed_period_is_carried_over_and_nothing_else", f"{SERVICES}/history.py",
        "(col(Object.document_date) >= first) & (col(Object.document_date) <= last)", 'col(Object.document_date) != ""',
    ),
    _rule(
        35, "start_date_is_fixed", "is_read_only_from_the_first_run_on", f"{SERVICES}/setup/categories.py",
        "if row.start_fixed and form.start_date != row.start_date:", "if False:",
    ),
    # Filters and defaults.
    _rule(
        36, "bookmarks", "only_what_the_bookmark_shows_goes", f"{SERVICES}/scope.py",
        "return scoro is not None and _is_among(category.scope.get(MEMBERS, ()), scoro.remote_id)", "return scoro is not None",
    ),
    _rule(
        36, "bookmarks", "bookmark_that_is_gone_stops_its_category_only", f"{SERVICES}/bookmarks.py",
        "except (Misconfigured, RemoteRejected, RemoteMissing) as error:", "except RemoteRejected as error:",
    ),
    _rule(
        36, "bookmarks", "without_a_users_token_only_the_category_stops", f"{SERVICES}/locks.py",
        "unknown = is_limited(category) and TROUBLE in category.scope", "unknown = False",
    ),
    _rule(
        37, "users_filter_is_ignored", "invoices_of_every_user_go", "engine/connectors/scoro/bookmarks.py",
        "return {owner: [NOBODY, *users]} |", "return {} |",
    ),
    _rule(
        38, "status_filter_is_ignored", "invoices_of_every_receipt_status_go", "engine/connectors/scoro/bookmarks.py",
        '({"status": list(STATUSES)} if module.name == "invoices" else {})', "{}",
    ),
    _rule(
        39, "automatic_sends_bookmarked", "automatic_run_leaves_out_what_is_not_in_the_bookmark", f"{SERVICES}/scope.py",
        "return scoro is not None and _is_among(category.scope.get(MEMBERS, ()), scoro.remote_id)", "return scoro is not None",
    ),
    _rule(
        40, "bookmarked_documents_by_hand", "by_synchronize_now", f"{SERVICES}/sync.py",
        "if run.trigger not in SCHEDULED:\n        return list(cases)", "if False:\n        return list(cases)",
    ),
    _rule(
        40, "bookmarked_documents_by_hand", "by_selecting_them_and_each_tells_what_happened", f"{SERVICES}/push.py",
        'outcomes.append(PushOutcome(object_id, row.title, "refused", error.message, error.hint))', "raise error",
    ),
    _rule(
        41, "default_income_account", "new_product_gets_the_default_account", f"{MAPPING}/product.py",
        'started.body.setdefault("IncomeAccountRef", _default_income(started.writing))', "pass",
    ),
    _rule(
        41, "default_income_account", "account_of_the_product_card_comes_first", f"{MAPPING}/product.py",
        'started.body.setdefault("IncomeAccountRef", _default_income(started.writing))',
        'started.body["IncomeAccountRef"] = _default_income(started.writing)',
    ),
    _rule(
        42, "default_expense_account", "account_of_the_line_comes_first", f"{MAPPING}/quickbooks_lines.py",
        'account = str(fields.get("account", "")) or', "account =",
    ),
    _rule(
        43, "save_completes_the_setup", "nothing_is_synced_before_save_even_when_somebody_asks", f"{SERVICES}/sync.py",
        'if connection.state == "setup" and not dry:', "if False:",
    ),
)  # fmt: skip

GUARDS = (*RULES, *FAILURES)

if __name__ == "__main__":
    sys.exit(main(mutations=GUARDS))
