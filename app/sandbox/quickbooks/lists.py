"""Items, accounts, classes, departments, terms, payment methods, currencies and rates (reference 3.5 to 3.9)."""

from __future__ import annotations

from decimal import Decimal

from app.sandbox.quickbooks import contacts, currency, faults, references, uniqueness
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.profiles import CURRENCY_NAMES
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
MAX_LEVELS = 5
CLASSIFICATION = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Non-Posting": "Asset",
}
_SUB_TYPES = {
    "UndepositedFunds": "Other Current Asset",
    "Checking": "Bank",
    "Savings": "Bank",
    "SalesOfProductIncome": "Income",
    "ServiceFeeIncome": "Income",
    "SuppliesMaterialsCogs": "Cost of Goods Sold",
    "AdvertisingPromotional": "Expense",
    "CreditCard": "Credit Card",
    "AccountsReceivable": "Accounts Receivable",
    "AccountsPayable": "Accounts Payable",
    "Inventory": "Other Current Asset",
}
_PARENT_FLAGS = {"Class": "SubClass", "Department": "SubDepartment", "Item": "SubItem"}


def item_defaults(company: Company) -> Json:
    return {
        "Active": True,
        "Taxable": False,
        "UnitPrice": ZERO,
        "Type": "Service",
        "PurchaseCost": ZERO,
        "TrackQtyOnHand": False,
        "DeferredRevenue": False,
    }


def account_defaults(company: Company) -> Json:
    return {"Active": True, "SubAccount": False, "CurrentBalance": ZERO, "CurrentBalanceWithSubAccounts": ZERO}


def active_defaults(company: Company) -> Json:
    return {"Active": True}


def class_defaults(company: Company) -> Json:
    return {"Active": True, "SubClass": False}


def department_defaults(company: Company) -> Json:
    return {"Active": True, "SubDepartment": False}


def agency_defaults(company: Company) -> Json:
    return {"TaxTrackedOnSales": True, "TaxTrackedOnPurchases": False, "TaxAgencyConfig": "USER_DEFINED"}


def prepare(booking: Booking, draft: Draft) -> None:
    """What every name list shares; the kinds add their own rules before it."""
    label = "DisplayName" if draft.kind.name == "TaxAgency" else "Name"
    if not draft.data.get(label):
        raise faults.missing(label)
    references.check(booking, draft)
    if "ParentRef" in draft.kind.fields:
        _settle_parent(booking, draft)
    contacts.settle_active(booking, draft, label)
    uniqueness.check_name(booking, draft)


def _settle_parent(booking: Booking, draft: Draft) -> None:
    data = draft.data
    _refuse_characters(draft)
    parent = booking.company.find(draft.kind.name, draft.ref("ParentRef"))
    flag = _PARENT_FLAGS.get(draft.kind.name, "SubAccount")
    if parent is None:
        if draft.body.get(flag) and flag in draft.kind.fields and not draft.kind.fields[flag].read_only:
            raise faults.fault(
                "6150", f"ParentRef Required Validation Error : {flag} is true without ParentRef.", "ParentRef"
            )
        data["FullyQualifiedName"] = data["Name"]
        data.pop("Level", None)
        if flag != "SubItem":
            data[flag] = False
        return
    lineage = list(booking.company.family(parent))
    if draft.before is not None and draft.before.key in {each.key for each in lineage}:
        raise faults.fault("900", "Parent cannot be child", "ParentRef")
    if len(lineage) >= MAX_LEVELS:
        raise faults.fault("6180", "Sub Level Limit : a hierarchy may have at most five levels.", "ParentRef")
    data.update({flag: True, "FullyQualifiedName": f"{parent.data['FullyQualifiedName']}:{data['Name']}"})
    if draft.kind.name == "Item":
        data["Level"] = len(lineage)


def _refuse_characters(draft: Draft) -> None:
    banned = {":", '"'} if draft.kind.name == "Account" else {":"}
    if (draft.before is None or draft.changed("Name")) and banned & set(draft.data["Name"]):
        raise faults.fault("2040", "Invalid String : Name contains characters that are not allowed.", "Name")


def prepare_item(booking: Booking, draft: Draft) -> None:
    data = draft.data
    if draft.before is not None and draft.changed("Type") and draft.was["Type"] in {"Inventory", "Category", "Group"}:
        raise faults.business("The type of this item cannot be changed.")
    if draft.before is None and data["Type"] == "Group":
        raise faults.business("Bundles cannot be created through the API.")
    for name in ("IncomeAccountRef", "ExpenseAccountRef"):
        if draft.ref(name):
            references.refuse_control_account(booking, draft.ref(name), name)
    _require_accounts(draft)
    if data["Type"] == "Inventory":
        _require_stock(booking, draft)
    if data["Type"] == "Category":
        _strip_category(data)
    prepare(booking, draft)


def _require_accounts(draft: Draft) -> None:
    needed = {
        "Service": ("IncomeAccountRef",),
        "Inventory": ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef"),
    }
    for name in needed.get(draft.data["Type"], ()):
        if not draft.ref(name) and not (draft.data["Type"] == "Service" and draft.ref("ExpenseAccountRef")):
            raise faults.missing(name)
    if (
        draft.data["Type"] == "NonInventory"
        and not draft.ref("IncomeAccountRef")
        and not draft.ref("ExpenseAccountRef")
    ):
        raise faults.missing("IncomeAccountRef")


def _require_stock(booking: Booking, draft: Draft) -> None:
    for name in ("InvStartDate", "QtyOnHand"):
        if draft.data.get(name) is None:
            raise faults.missing(name)
    if not draft.data.get("TrackQtyOnHand"):
        raise faults.missing("TrackQtyOnHand")
    cost = booking.company.find("Account", draft.ref("ExpenseAccountRef"))
    if cost is not None and cost.data["AccountType"] != "Cost of Goods Sold":
        raise faults.fault(
            "6430", "Invalid account type used : stock needs a Cost of Goods Sold account.", "ExpenseAccountRef"
        )


def _strip_category(data: Json) -> None:
    for name in ("Taxable", "UnitPrice", "PurchaseCost", "TrackQtyOnHand", "DeferredRevenue"):
        data.pop(name, None)


def prepare_account(booking: Booking, draft: Draft) -> None:
    data = draft.data
    if not data.get("AccountType") and not data.get("AccountSubType"):
        raise faults.fault(
            "6010", "Invalid Account.AccountType && Account.SubType : one of them is required.", "AccountType"
        )
    if not data.get("AccountType"):
        data["AccountType"] = _SUB_TYPES.get(data["AccountSubType"], "Expense")
    data.setdefault("AccountSubType", data["AccountType"].replace(" ", ""))
    data["Classification"] = CLASSIFICATION[data["AccountType"]]
    _check_number(booking, draft)
    _account_currency(booking, draft)
    _keep_system_account(draft)
    prepare(booking, draft)


_SYSTEM_ACCOUNTS = {
    "AccountsReceivable",
    "AccountsPayable",
    "UndepositedFunds",
    "OpeningBalanceEquity",
    "SalesTaxPayable",
}


def _keep_system_account(draft: Draft) -> None:
    """Accounts that QuickBooks books to by itself cannot be made inactive."""
    if draft.was.get("AccountSubType") in _SYSTEM_ACCOUNTS and draft.data.get("Active") is False:
        raise faults.business("You can't make this account inactive because QuickBooks needs it.")


def _check_number(booking: Booking, draft: Draft) -> None:
    number = draft.data.get("AcctNum")
    limit = 7 if booking.company.profile.country in {"US", "GB", "IN"} else 20
    if number and len(number) > limit:
        raise faults.too_long(limit, len(number), "AcctNum")
    if number and draft.changed("AcctNum"):
        for row in booking.company.all("Account"):
            if row.data.get("AcctNum") == number and (draft.before is None or row.id != draft.before.id):
                raise faults.duplicate_name("account")


def _account_currency(booking: Booking, draft: Draft) -> None:
    kept = draft.was.get("CurrencyRef")
    draft.data["CurrencyRef"] = kept or {"value": draft.ref("CurrencyRef") or booking.company.home}
    if kept is None and draft.ref("CurrencyRef") != booking.company.home:
        currency.use_currency(booking.company, draft.ref("CurrencyRef"))


def prepare_class(booking: Booking, draft: Draft) -> None:
    if draft.before is None and not booking.company.profile.classes:
        raise faults.permission_denied("Class tracking is not part of this subscription.")
    prefs = booking.company.single("Preferences")["AccountingInfoPrefs"]
    if draft.before is None and not (prefs.get("ClassTrackingPerTxn") or prefs.get("ClassTrackingPerTxnLine")):
        raise faults.feature_missing("Class tracking is turned off.")
    prepare(booking, draft)


def prepare_term(booking: Booking, draft: Draft) -> None:
    if draft.data.get("DueDays") is None and draft.data.get("DayOfMonthDue") is None:
        raise faults.missing("DueDays")
    draft.data["Type"] = "STANDARD" if draft.data.get("DueDays") is not None else "DATE_DRIVEN"
    prepare(booking, draft)


def prepare_payment_method(booking: Booking, draft: Draft) -> None:
    draft.data.setdefault("Type", "NON_CREDIT_CARD")
    prepare(booking, draft)


def prepare_currency(booking: Booking, draft: Draft) -> None:
    if not booking.company.multicurrency:
        raise faults.feature_missing("Multicurrency is not turned on for this company.")
    code = draft.was.get("Code") or draft.data.get("Code")
    if not code:
        raise faults.missing("Code")
    if code not in CURRENCY_NAMES:
        raise faults.fault("2500", f"Invalid Reference Id : Currency element id {code} not found", "Code")
    draft.data.update({"Code": code, "Name": CURRENCY_NAMES[code]})
    uniqueness.check_name(booking, draft)


def prepare_company_info(booking: Booking, draft: Draft) -> None:
    for name in ("CompanyName", "CompanyAddr"):
        if not draft.data.get(name):
            raise faults.missing(name)


def prepare_preferences(booking: Booking, draft: Draft) -> None:
    """Groups are merged property by property in both update modes; what only the user interface may switch stays."""
    merged = dict(draft.was)
    for name, value in draft.was.items():
        asked = draft.body.get(name)
        if isinstance(asked, dict):
            merged[name] = {**value, **asked}
    draft.data = merged
    _merge_pairs(draft)
    _keep_fixed(draft)
    _one_way_of_tracking(draft)


def _one_way_of_tracking(draft: Draft) -> None:
    """Classes are tracked per transaction or per line, never both: the way that was asked for now wins."""
    ways = ("ClassTrackingPerTxn", "ClassTrackingPerTxnLine")
    prefs = draft.data["AccountingInfoPrefs"]
    if all(prefs.get(way) for way in ways):
        kept = next((way for way in ways if not draft.was["AccountingInfoPrefs"].get(way)), ways[1])
        draft.data["AccountingInfoPrefs"] = {**prefs, **{way: way == kept for way in ways}}


_UI_ONLY = {
    "AccountingInfoPrefs": ("UseAccountNumbers", "FirstMonthOfFiscalYear", "TaxYearMonth", "TaxForm", "BookCloseDate"),
    "SalesFormsPrefs": ("AutoApplyCredit", "UsingProgressInvoicing"),
}


def _keep_fixed(draft: Draft) -> None:
    for group, names in _UI_ONLY.items():
        stored, kept = draft.was[group], dict(draft.data[group])
        for name in names:
            if name in stored:
                kept[name] = stored[name]
            else:
                kept.pop(name, None)
        draft.data[group] = kept


def _merge_pairs(draft: Draft) -> None:
    asked = draft.body.get("OtherPrefs")
    if isinstance(asked, dict):
        given = asked.get("NameValue") or []
        if not isinstance(given, list) or not all(isinstance(each, dict) and "Value" in each for each in given):
            raise faults.fault("2010", "Property Name:Can not construct instance of NameValue", None)
        pairs = {str(pair.get("Name")): pair for pair in [*draft.was["OtherPrefs"]["NameValue"], *given]}
        draft.data["OtherPrefs"] = {"NameValue": list(pairs.values())}
