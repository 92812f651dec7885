"""The fields of contacts, as the field table shows them."""

from __future__ import annotations

from engine.core.records import Replica
from engine.mapping import normal
from engine.mapping.address import FIELDS
from engine.mapping.base import FieldRule
from engine.mapping.columns import Column
from engine.mapping.forms import EMAIL, LINE_TEXT, text_form, whole_text_form

CUSTOMER, VENDOR = Replica.CUSTOMER, Replica.VENDOR

_WITH_CUSTOMER = frozenset({Replica.SCORO, CUSTOMER})
_WITH_VENDOR = frozenset({Replica.SCORO, VENDOR})
_TAX_NUMBER = text_form(normal.tax_number)

COLUMNS = (
    Column(
        FieldRule(
            "name",
            "Name",
            "text",
            "name, lastname",
            "DisplayName, CompanyName",
            transformation="a person's is put together from the two names; "
            "a vendor who is also a customer gets “ (v)” (R11); “ (deleted)” is left out",
            limits="100 in QuickBooks; colon, tab and < > replaced",
        )
    ),
    Column(
        FieldRule(
            "is_person",
            "Person",
            "flag",
            "contact_type",
            "CompanyName",
            transformation="in QuickBooks: no company name, but a given or family name (R12)",
        )
    ),
    Column(
        FieldRule(
            "given_name",
            "Given name",
            "text",
            "name",
            "GivenName",
            transformation="persons only",
            limits="100 in QuickBooks",
        )
    ),
    Column(
        FieldRule(
            "family_name",
            "Family name",
            "text",
            "lastname",
            "FamilyName",
            transformation="persons only",
            limits="100 in QuickBooks",
        )
    ),
    Column(
        FieldRule(
            "is_client",
            "Client",
            "flag",
            "is_client",
            "",
            transformation="having a Customer (R10)",
            carried=_WITH_CUSTOMER,
        )
    ),
    Column(
        FieldRule(
            "is_supplier",
            "Supplier",
            "flag",
            "is_supplier",
            "",
            transformation="having a Vendor (R10)",
            carried=_WITH_VENDOR,
        )
    ),
    Column(
        FieldRule(
            "email",
            "E-mail",
            "text",
            "means_of_contact.email",
            "PrimaryEmailAddr.Address",
            transformation="the first one, in lower case",
            limits="100 in QuickBooks",
        ),
        None,
        EMAIL,
    ),
    Column(
        FieldRule(
            "phone",
            "Phone",
            "text",
            "means_of_contact.phone",
            "PrimaryPhone.FreeFormNumber",
            transformation="the first one",
            limits="30 in QuickBooks",
        ),
        None,
        whole_text_form(normal.one_line, 30),
    ),
    Column(
        FieldRule(
            "mobile",
            "Mobile",
            "text",
            "means_of_contact.mobile",
            "Mobile.FreeFormNumber",
            transformation="the first one",
            limits="30 in QuickBooks",
        ),
        None,
        whole_text_form(normal.one_line, 30),
    ),
    Column(
        FieldRule(
            "website",
            "Website",
            "text",
            "means_of_contact.website",
            "WebAddr.URI",
            transformation="the first one, without closing slash",
            limits="1000 in QuickBooks",
        ),
        None,
        whole_text_form(normal.website, 1000),
    ),
    Column(
        FieldRule(
            "vat_number",
            "VAT number",
            "text",
            "vatno",
            "PrimaryTaxIdentifier, TaxIdentifier",
            transformation="capitals, no separators",
            limits="20 for vendors; QuickBooks shows the last digits only: a change there cannot be read",
        ),
        _TAX_NUMBER,
    ),
    Column(
        FieldRule(
            "registry_code",
            "Registry code",
            "text",
            "id_code",
            "BusinessNumber",
            transformation="capitals, no separators",
            limits="10 in QuickBooks",
            carried=_WITH_CUSTOMER,
        ),
        _TAX_NUMBER,
        whole_text_form(normal.tax_number, 10),
    ),
    Column(
        FieldRule(
            "account_number",
            "Account number",
            "text",
            "reference_no",
            "AcctNum",
            limits="100 in QuickBooks",
            carried=_WITH_VENDOR,
        ),
        LINE_TEXT,
        whole_text_form(normal.one_line, 100),
    ),
    Column(
        FieldRule("notes", "Notes", "text", "comments", "Notes", limits="2000 in QuickBooks", carried=_WITH_CUSTOMER),
        text_form(normal.paragraphs),
        text_form(normal.paragraphs, 2000),
    ),
    Column(
        FieldRule(
            "currency",
            "Currency",
            "code",
            "client profile",
            "CurrencyRef",
            transformation="the client profile's, else the site's default (R13)",
            limits="fixed once the contact is in QuickBooks",
        ),
        None,
        None,
    ),
    *(
        Column(
            FieldRule(
                f"address/{name}",
                label,
                "text",
                f"addresses.{scoro}",
                f"BillAddr.{quickbooks}",
                transformation=how,
                limits=limits,
            )
        )
        for name, label, scoro, quickbooks, how, limits in FIELDS
    ),
)
