"""The fault catalogue: codes, texts, types and HTTP statuses of reference sections 2.5 and 10, and their bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from app.sandbox.quickbooks.wire import Json

VALIDATION = "ValidationFault"

MESSAGES = {
    "100": "General Authentication Error",
    "110": "Authentication OAuth Error",
    "120": "Authorization Failure",
    "130": "Accessing Wrong Cluster",
    "140": "Company Locked Out",
    "150": "Company Under Maintenance",
    "500": "Unsupported Operation",
    "600": "Duplicate Request ID",
    "610": "Object Not Found",
    "620": "Txn ID Cannot Be Linked",
    "630": "Duplicate Object",
    "700": "Parent Reference Invalid",
    "800": "Cannot delete object",
    "900": "Parent cannot be child",
    "1000": "Operation failed",
    "1010": "Create failed",
    "1020": "Update failed",
    "1040": "Batch size exceeds allowed limit",
    "1050": "Invalid Content Type",
    "2000": "Invalid or unsupported object name",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String",
    "2050": "String length is either shorter or longer than supported by specification",
    "2060": "Invalid Date Format",
    "2070": "Invalid Date",
    "2080": "Invalid Number Format",
    "2090": "Invalid Number",
    "2100": "Invalid Decimal Format",
    "2110": "Invalid Decimal",
    "2120": "Invalid Type",
    "2130": "Invalid Request Id Format",
    "2140": "Invalid Amount",
    "2150": "Invalid Percent",
    "2160": "Invalid Quantity",
    "2170": "Invalid Enumeration",
    "2180": "Invalid String Range",
    "2190": "Invalid Date Range",
    "2200": "Malformed Website Address Format",
    "2210": "Invalid Email Address Format",
    "2220": "Invalid Currency Type",
    "2230": "Invalid Boolean",
    "2240": "Invalid Number Range",
    "2250": "Missing lines",
    "2280": "MissingTaxAmount",
    "2290": "NegativeAmount",
    "2300": "Amount on debits not equal to credits",
    "2310": "ObjectParserError",
    "2500": "Invalid Reference Id",
    "2600": "Invalid Request Conflict Element in Request",
    "3000": "Invalid Custom Field",
    "3202": "EmptyField",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "4002": "Error processing query",
    "5000": "Deprecated field",
    "5010": "Stale Object Error",
    "5020": "Permission Denied",
    "5030": "Feature Not Supported",
    "6000": "A business validation error has occurred while processing your request",
    "6010": "Invalid Account.AccountType && Account.SubType",
    "6030": "Attachment too large",
    "6040": "Attachment of an invalid type",
    "6041": "Attachment without a file name",
    "6050": "Attachment could not be stored",
    "6060": "OpenBalanceDate needed with OpenBalance",
    "6070": "Amount calculation incorrect in the request",
    "6080": "No Name Provided",
    "6090": "Discount Line missing required info",
    "6100": "Invalid Line TaxCode in the request",
    "6110": "MAS transaction cannot be updated",
    "6120": "MAS transaction cannot be deleted",
    "6130": "Cannot change who customer bills with",
    "6140": "Duplicate Document Number Error",
    "6150": "ParentRef Required Validation Error",
    "6160": "Invalid TaxCodeRef Error",
    "6170": "Invalid TxnTaxDetail Error",
    "6180": "Sub Level Limit",
    "6190": "Invalid Company Status",
    "6200": "Account Period Closed",
    "6210": "Account Period Closed, Cannot Update Through Services API",
    "6220": "Delete List Has Balance Error",
    "6230": "Invalid TaxCodeRef Error",
    "6240": "Duplicate Name Exists Error",
    "6250": "InvalidSalesCustomer",
    "6270": "InventoryTxnDatedBeforeItemStartDate",
    "6280": "Delete Customer Has Unbilled Expenses Error",
    "6310": "MissingCustomer",
    "6320": "InvalidBillable",
    "6400": "Deleting linkedPurchase results in invalid Invoice",
    "6420": "Email address is required",
    "6430": "Invalid account type used",
    "6440": "Transaction Detail Information Required",
    "6450": "Attempt to Void Transaction failed",
    "6470": "TaxLiabilityAccount or TaxRateError",
    "6480": "Matched Transaction Delete Error",
    "6520": "Missing Tracked Inventory Item Quantity",
    "6530": "raw card number found",
    "6540": "Deposited Transaction cannot be changed",
    "6560": "CustomerRef is missing in the request",
    "10000": "An application error has occurred while processing your request",
    "10100": "Result Set Big",
    "10200": "Company Reset",
}

# What the catalogue does not answer with 400 and a ValidationFault.
_STATUSES = {
    "100": 401, "110": 401, "120": 401, "130": 401, "140": 403, "150": 503, "3202": 401, "5020": 403,
    "1000": 500, "1010": 500, "1020": 500, "4002": 500, "10000": 500, "10100": 500,
}  # fmt: skip
_TYPES = {
    "100": "AuthenticationFault",
    "110": "AuthenticationFault",
    "120": "AuthorizatonFault",  # the service's spelling
    "130": "AuthenticationFault",
    "140": "SystemFault",
    "150": "SystemFault",
    "3202": "AuthenticationFault",
    "4002": "Service",
    "10000": "SystemFault",
    "10100": "SystemFault",
}
_DETAILS = {
    "100": "AuthenticationErrorGeneral: SRV+Internal+Error, statusCode: 401",
    "110": "AuthenticationOAuthError: invalid token, statusCode: 401",
    "130": "WrongClusterError: the company is served elsewhere, statusCode: 401",
    "140": "CompanyLockedOut: the company file is locked, statusCode: 403",
    "150": "CompanyUnderMaintenance: please try again later, statusCode: 503",
    "6000": "Business Validation Error: An unexpected error occurred while accessing or saving your data. "
    "Please wait a few minutes and try again.",
    "10000": "System Failure Error: an unexpected error happened",
}
ONE_NAME_AT_A_TIME = "You can only add or edit one name at a time. Please try again."

FRENCH = {
    "610": ("Objet introuvable", "Un élément que vous essayez d'utiliser a été rendu inactif."),
    "5010": ("Erreur d'objet périmé", "Vous et un autre utilisateur avez modifié cet élément en même temps."),
    "6140": ("Numéro de document en double", "Vous devez indiquer un numéro différent. Ce numéro est déjà utilisé."),
    "6240": ("Erreur : ce nom existe déjà", "Le nom indiqué existe déjà."),
}

INACTIVE_TEXT = (
    "Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)


class Style(Enum):
    """Which of the body shapes of reference 2.5 a fault takes."""

    BUSINESS = "business"
    GATEWAY = "gateway"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class FaultError:
    code: str
    message: str
    detail: str | None = None
    element: str | None = ""

    def body(self) -> Json:
        parts: Json = {"Message": self.message}
        if self.detail is not None:
            parts["Detail"] = self.detail
        parts["code"] = self.code
        if self.element is not None:
            parts["element"] = self.element
        return parts


@dataclass
class Fault(Exception):
    """A refusal, raised anywhere below the transport and turned into a body by it."""

    errors: Sequence[FaultError]
    status: int = 400
    type: str = VALIDATION
    style: Style = Style.BUSINESS
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.errors[0].code

    def body(self) -> Json:
        return {"Fault": {"Error": [error.body() for error in self.errors], "type": self.type}}

    def in_french(self) -> Fault:
        return Fault([_french(error) for error in self.errors], self.status, self.type, self.style, self.headers)


def _french(error: FaultError) -> FaultError:
    if error.code not in FRENCH:
        return error
    message, detail = FRENCH[error.code]
    tail = error.detail.rpartition("DocNumber=")[1:] if error.detail and "DocNumber=" in error.detail else ()
    return FaultError(error.code, message, f"{message} : {detail} {''.join(tail)}".strip(), error.element)


def fault(code: str, detail: str | None = None, element: str | None = "", *, status: int | None = None) -> Fault:
    """A fault of the catalogue, with its message, status and type."""
    error = FaultError(code, MESSAGES[code], detail, element)
    return Fault([error], status or _STATUSES.get(code, 400), _TYPES.get(code, VALIDATION))


def of_catalogue(code: str, detail: str | None = None) -> Fault:
    """Any fault of the catalogue by its code, as the dials make it; raises ValueError for a code it does not have."""
    match code:
        case "3001":
            return throttled()
        case "3100":
            return wrong_realm()
        case "3200":
            return token_refused("Invalid token")
        case _ if code in MESSAGES:
            return fault(code, detail or _DETAILS.get(code, MESSAGES[code]))
        case _:
            raise ValueError(f"the catalogue has no code {code!r}")


def gateway_body(failure: Fault, epoch_ms: int) -> Json:
    """The lower-case envelope of the gateway, reference 2.5 (b)."""
    errors = [{"message": e.message, "detail": e.detail, "code": e.code, "element": None} for e in failure.errors]
    empty: dict[str, Any] = {"report": None, "queryResponse": None, "batchItemResponse": [], "attachableResponse": []}
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": errors, "type": failure.type},
        **empty,
        "syncErrorResponse": None,
        "requestId": None,
        "time": epoch_ms,
        "status": None,
        "cdcresponse": [],
    }


def token_refused(detail: str) -> Fault:
    error = FaultError("3200", "message=AuthenticationFailed; errorCode=003200; statusCode=401", detail)
    headers = {"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'}
    return Fault([error], 401, "AUTHENTICATION", Style.GATEWAY, headers)


def wrong_realm() -> Fault:
    message = "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"
    return Fault([FaultError("3100", message, "", None)], 403, "SERVICE", Style.MIXED)


def throttled(*, status: int = 429) -> Fault:
    message = f"message=ThrottleExceeded; errorCode=003001; statusCode={status}"
    return Fault(
        [FaultError("3001", message, "The request limit was reached.  Try again later", None)], status, "SERVICE"
    )


def permission_denied(detail: str) -> Fault:
    return fault("5020", f"Permission Denied Error : {detail}")


def feature_missing(detail: str) -> Fault:
    return fault("5030", f"Feature Not Supported Error : {detail}")


def business(text: str) -> Fault:
    return fault("6000", f"Business Validation Error: {text}")


def access_lost(sku: str) -> Fault:
    """The connecting user is no longer an administrator of the company."""
    detail = f"AuthorizationFailure: -11014-You do not have access to use {sku}."
    return fault("120", detail)


def subscription_ended(sku: str) -> Fault:
    return fault(
        "6190",
        "Subscription period has ended or canceled or there was a billing problem : "
        f"You can't add data to {sku} because your trial or subscription period ended",
    )


def stale(other: str) -> Fault:
    """`other` is the display name of whoever changed the object last."""
    detail = (
        f"Stale Object Error : You and {other} were working on this at the same time. "
        f"{other} finished before you did, so your work was not saved."
    )
    return fault("5010", detail)


def inactive_or_missing() -> Fault:
    return fault("610", f"Object Not Found : {INACTIVE_TEXT}")


def deleted_transaction() -> Fault:
    return fault("610", "Object Not Found : Another user has deleted this transaction.")


def missing(parameter: str) -> Fault:
    return fault("2020", f"Required parameter {parameter} is missing in the request", parameter)


def bad_reference(plural: str, identity: str, element: str) -> Fault:
    return fault("2500", f"Invalid Reference Id : {plural} element id {identity} not found", element)


def unlinkable(reason: str) -> Fault:
    return fault("620", f"TxnID Cannot Be Linked : Cannot validate linked transactions: {reason}")


def unsupported(what: str) -> Fault:
    return fault("500", f"Operation {what} is not supported.", None)


def duplicate_name(holders: str) -> Fault:
    return fault(
        "6240",
        f"The name supplied already exists. : Another {holders} is already using this name. Please use a different name.",
    )


def duplicate_number(number: str, entity: str, identity: str) -> Fault:
    return fault(
        "6140",
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        f"DocNumber={number} is assigned to TxnType={entity} with TxnId={identity}",
    )


def too_long(limit: int, supplied: int, element: str) -> Fault:
    detail = (
        "String length specified does not match the supported length. "
        f"Min:0 Max:{limit:,} supported. Supplied length:{supplied:,}"
    )
    return fault("2050", detail, element)


def unknown_property(name: str, entity: str, known: Sequence[str]) -> Fault:
    listed = ", ".join(f'"{each}"' for each in known)
    detail = (
        f'Property Name:Unrecognized field "{name}" (class com.intuit.schema.finance.v3.{entity}), '
        f"not marked as ignorable ({len(known)} known properties: {listed} [truncated]])\n specified is unsupported or invalid"
    )
    return fault("2010", detail, None)


def closed_period() -> Fault:
    return fault(
        "6210",
        "The account period has closed and the account books cannot be updated through the QuickBooks Online "
        "Services API. Please make sure to change the transaction date to a date after the closing date.",
    )


def bad_query(detail: str) -> Fault:
    return fault("4001", f"QueryValidationError: {detail}", None)


def unparsable_query(detail: str) -> Fault:
    return fault("4000", detail, None)
