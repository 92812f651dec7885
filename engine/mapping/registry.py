"""All kinds, and which kind a remote record is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from engine.connectors.base import RemoteRecord
from engine.core.records import LINES, Kind, Path, System
from engine.errors import MappingError
from engine.mapping.base import FieldRule, KindMapping
from engine.mapping.bill import BILL
from engine.mapping.contact import CONTACT
from engine.mapping.credit_note import CREDIT_NOTE
from engine.mapping.invoice import INVOICE
from engine.mapping.product import PRODUCT
from engine.mapping.project import PROJECT
from engine.mapping.receipt import RECEIPT
from engine.mapping.reference import ACCOUNT, TAX_RATE, TRACKING_CLASS
from engine.mapping.vendor_credit import VENDOR_CREDIT

MAPPINGS: Mapping[Kind, KindMapping] = {
    Kind.ACCOUNT: ACCOUNT,
    Kind.TAX_RATE: TAX_RATE,
    Kind.TRACKING_CLASS: TRACKING_CLASS,
    Kind.PRODUCT: PRODUCT,
    Kind.CONTACT: CONTACT,
    Kind.PROJECT: PROJECT,
    Kind.INVOICE: INVOICE,
    Kind.BILL: BILL,
    Kind.CREDIT_NOTE: CREDIT_NOTE,
    Kind.VENDOR_CREDIT: VENDOR_CREDIT,
    Kind.RECEIPT: RECEIPT,
}

_BY_TYPE: Mapping[tuple[System, str], tuple[Kind, ...]] = {
    (replica.system, type): tuple(kind for kind, mapping in MAPPINGS.items() if type in mapping.types)
    for mapped in MAPPINGS.values()
    for type, replica in mapped.types.items()
}


def mapping_for(kind: Kind) -> KindMapping:
    """The mapping of a kind."""
    return MAPPINGS[kind]


def kind_of(record: RemoteRecord) -> Kind | None:
    """What a remote record is; None when it is nothing that is synced.

    A deletion that brings no data is told as the first kind of its type: whoever has it bound knows better.
    """
    kinds = _BY_TYPE.get((record.system, record.type), ())
    return next((kind for kind in kinds if _may_own(kind, record)), None)


def _may_own(kind: Kind, record: RemoteRecord) -> bool:
    """What cannot be told apart counts as its own: reading it names what is wrong with it, and it is not passed over."""
    try:
        return MAPPINGS[kind].owns(record)
    except MappingError:
        return True


def types_of(system: System, kinds: Iterable[Kind]) -> tuple[str, ...]:
    """The remote types that hold records of these kinds in one system, each once."""
    found = (type for kind in kinds for type, replica in MAPPINGS[kind].types.items() if replica.system is system)
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=4096)
def rule_for(kind: Kind, path: Path) -> FieldRule | None:
    """The rule of a path; lines share theirs: ``lines/s1/quantity`` has the rule of ``lines/*/quantity``."""
    return _RULES[kind].get(_generic(path))


def _generic(path: Path) -> Path:
    if not path.startswith(LINES):
        return path
    _, _, field = path[len(LINES) :].partition("/")
    return f"{LINES}*/{field}" if field else f"{LINES}*"


_RULES: Mapping[Kind, Mapping[Path, FieldRule]] = {
    kind: {rule.path: rule for rule in mapping.rules} for kind, mapping in MAPPINGS.items()
}
