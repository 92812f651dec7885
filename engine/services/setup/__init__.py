"""Setting up a connection: both systems, currencies, categories, accounts, and the Save that starts everything
(R1–R6, R32–R43)."""

from engine.services.setup.accounts import AccountChoice, MappingGap, account_choices, mapping_gaps, save_accounts
from engine.services.setup.categories import CategoryForm, CategoryRow, category_rows, save_categories, scope_count
from engine.services.setup.connecting import (
    REMEDIES,
    CurrencyCheck,
    ScoroKeys,
    add_connection,
    adopt_tokens,
    authorize_url,
    check_currencies,
    complete_authorization,
    create_connection,
    disconnect,
    is_only_one_of_its_company,
    refresh_profiles,
    save_scoro,
)
from engine.services.setup.saving import WizardState, activate, wizard_state
from engine.services.setup.settings import CATEGORIES, SHOWN

__all__ = [
    "CATEGORIES",
    "REMEDIES",
    "SHOWN",
    "AccountChoice",
    "CategoryForm",
    "CategoryRow",
    "CurrencyCheck",
    "MappingGap",
    "ScoroKeys",
    "WizardState",
    "account_choices",
    "activate",
    "add_connection",
    "adopt_tokens",
    "authorize_url",
    "category_rows",
    "check_currencies",
    "complete_authorization",
    "create_connection",
    "disconnect",
    "is_only_one_of_its_company",
    "mapping_gaps",
    "refresh_profiles",
    "save_accounts",
    "save_categories",
    "save_scoro",
    "scope_count",
    "wizard_state",
]
