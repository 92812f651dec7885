"""What the API takes and answers. Amounts are decimal texts with their currency; moments are UTC; unknown members are refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from engine.core.reasons import Disposition
from engine.core.records import Category, Kind


def _plain(text: str) -> str:
    if any(ord(sign) < 32 for sign in text):
        raise ValueError("control characters are not accepted")
    return text


Text = Annotated[str, Field(max_length=200), AfterValidator(_plain)]
Id = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_plain)]
Value = str | int | bool | None
Side = Literal["scoro", "quickbooks"]
Day = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Cursor = Annotated[str, Field(max_length=500, description="`next` of the page before; empty for the first page.")]
Limit = Annotated[int, Field(ge=1, le=200)]
RunState = Literal["", "queued", "running", "halted", "done", "failed", "stopped"]


class Given(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(from_attributes=True)


class Problem(Told):
    """A refusal: what, why, and the way out."""

    error: str
    reason: str = ""
    way_out: str = ""
    detail: str = ""


class PageQuery(Given):
    after: Cursor = ""
    limit: Limit = 50


class ObjectQuery(PageQuery):
    search: Text = ""
    kind: Kind | Literal[""] = ""
    category: Category | Literal[""] = ""
    disposition: Disposition | Literal[""] = ""
    reason: Text = ""
    side: Literal["", "both", "scoro", "quickbooks"] = ""
    first: Day = ""
    last: Day = ""


class ConflictQuery(PageQuery):
    order: Literal["money", "age"] = "money"
    kind: Kind | Literal[""] = ""
    search: Text = ""


class RunQuery(PageQuery):
    state: RunState = ""


class ChangeQuery(PageQuery):
    kind: Kind | Literal[""] = ""
    person: Text = ""
    object_id: Text = ""


class FollowUp(Given):
    follow: bool


class Direction(Given):
    to: Side


class Bulk(Given):
    to: Side
    objects: Annotated[list[Id], Field(min_length=1, max_length=200)]


class RunRequest(Given):
    categories: Annotated[list[Category], Field(max_length=10)] = []
    dry: bool = False


class Cause(Given):
    reason: Text


class Epoch(Given):
    epoch: Annotated[int, Field(ge=1, le=2**31 - 1)]


class Choice(Given):
    """One field of a conflict: the side whose value stays, or a value of its own."""

    side: Side | Literal["base", "both", "quickbooks.customer", "quickbooks.vendor"] | None = None
    value: Annotated[str, Field(max_length=4000)] | None = None


class Choices(Given):
    choices: Annotated[dict[str, Choice], Field(max_length=500)]


class Resolution(Choices):
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]


class Connection(Told):
    id: str
    name: str
    state: str
    sandbox: bool
    last_run_at: datetime | None
    next_run_at: datetime | None


class CategoryState(Told):
    category: Category
    enabled: bool
    source: Side
    epoch: int
    automatic: bool
    start_date: date | None
    counts: dict[Disposition, int]


class ConnectionState(Connection):
    categories: list[CategoryState]


class Record(Told):
    id: str
    kind: Kind
    category: Category
    title: str
    amount: str | None
    currency: str
    document_date: str
    disposition: Disposition
    reason: str
    updated_at: datetime


class Records(Told):
    items: list[Record]
    next: str


class FieldSides(Told):
    path: str
    label: str
    agreed: Value
    values: dict[str, Value]
    differs: list[str]
    contested: bool


class Bound(Told):
    replica: str
    system: Side
    remote_type: str
    remote_id: str
    gone: bool


class RecordInFull(Record):
    sentence: str
    way_out: str
    bindings: list[Bound]
    fields: list[FieldSides]


class Rung(Told):
    question: str
    answer: str
    decisive: bool


class Option(Told):
    system: Side
    verb: str
    allowed: bool
    sentence: str


class Outcome(Told):
    object_id: str
    title: str
    state: str
    sentence: str
    hint: str


class Done(Told):
    done: bool = True


class ConflictLine(Record):
    paths: list[str]


class ConflictLines(Told):
    items: list[ConflictLine]
    next: str


class Contest(Told):
    path: str
    label: str
    base: Value
    sides: dict[str, Value]


class Conflict(Told):
    object_id: str
    kind: Kind
    title: str
    version: int
    sentence: str
    contests: list[Contest]


class ResolutionPreview(Told):
    totals: dict[str, str]
    imbalance: str
    writes: dict[str, dict[str, Value]]


class Run(Told):
    id: str
    trigger: str
    state: str
    phase: str
    dry: bool
    plan_id: str
    counts: dict[str, Any]
    error: str
    hint: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Runs(Told):
    items: list[Run]
    next: str


class RunStarted(Told):
    run_id: str


class Change(Told):
    sequence: int
    at: datetime
    run_id: str
    actor: str
    person: str
    action: str
    object_id: str
    kind: str
    fields: list[Any]
    hash: str


class Changes(Told):
    items: list[Change]
    next: str


class CauseLine(Told):
    disposition: Disposition
    reason: str
    code: str
    count: int
    message: str
    since: datetime


class Flip(Told):
    category: Category
    source: Side
    new_source: Side
    epoch: int
    becoming_pending: int
    becoming_held: int
    meeting_in_conflict: int
    queued_refused: int


class NewEpoch(Told):
    epoch: int
