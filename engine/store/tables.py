"""Every table of the engine. Rows are plain: meaning lives in ``core``, queries in the modules beside this one.

Amounts for lists and sums are integers in the currency's minor unit. Moments are aware UTC. JSON columns hold values
that the
core made and only the core reads; they are replaced as wholes, never changed in place.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, SQLModel

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


class Moment(sa.TypeDecorator[datetime]):
    """An aware UTC moment, also on SQLite, which knows no zones. Naive values are refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return (value if value.tzinfo is UTC else value.astimezone(UTC)).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _json(**kwargs: Any) -> Any:
    return Field(sa_column=sa.Column(Json, nullable=False), default_factory=dict, **kwargs)


_LIVING: dict[str, Any] = {"sqlite_where": sa.text("gone IS 0"), "postgresql_where": sa.text("gone IS false")}


class Connection(SQLModel, table=True):
    """One Scoro company account paired with one QuickBooks company.

    ``state``: setup · active · paused · unauthorised · disconnected. ``first_connected_at`` never moves (R33).
    ``wizard`` keeps the latest preview of the set-up.
    ``log_sequence``/``log_hash`` are the head of this connection's change log. The lease keeps runs apart: a holder may
    write only while its ``lease_token`` is the one stored here.
    """

    __tablename__ = "connections"

    id: str = Field(primary_key=True)
    name: str
    state: str = "setup"
    sandbox: bool = False
    scoro_url: str = ""
    scoro_account: str = ""
    scoro_secret: str = ""
    scoro_profile: dict[str, Any] = _json()
    quickbooks_realm: str = ""
    quickbooks_secret: str = ""
    quickbooks_profile: dict[str, Any] = _json()
    quickbooks_token_version: int = 0
    authorised_at: datetime | None = Field(default=None, sa_type=Moment)
    first_connected_at: datetime | None = Field(default=None, sa_type=Moment)
    settings: dict[str, Any] = _json()
    wizard: dict[str, Any] = _json()
    budget: dict[str, Any] = _json()
    interval_seconds: int = 300
    next_run_at: datetime | None = Field(default=None, sa_type=Moment)
    wake_requested_at: datetime | None = Field(default=None, sa_type=Moment)
    last_run_at: datetime | None = Field(default=None, sa_type=Moment)
    webhook_token: str = ""
    log_sequence: int = 0
    log_hash: str = ""
    lease_token: int = 0
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)


class CategorySettings(SQLModel, table=True):
    """One row of the settings screen. ``epoch`` grows with every flip of the direction.

    ``scope``: ``{}`` everything, ``{"bookmark": id}`` a Scoro bookmark, ``{"rules": [...]}`` a filter of our own (R36–R39).
    ``conflicts``: ask · source · newest; ``conflict_fields`` overrides it per path. ``deletions``: follow · ask ·
    never.
    ``matched_at``: when a person settled the matching of this category; before that nothing is created.
    """

    __tablename__ = "categories"

    connection_id: str = Field(primary_key=True, foreign_key="connections.id")
    category: str = Field(primary_key=True)
    enabled: bool = False
    source: str = "scoro"
    epoch: int = 1
    automatic: bool = True
    start_date: date | None = None
    start_fixed: bool = False
    scope: dict[str, Any] = _json()
    conflicts: str = "ask"
    conflict_fields: dict[str, Any] = _json()
    deletions: str = "ask"
    matched_at: datetime | None = Field(default=None, sa_type=Moment)


class Object(SQLModel, table=True):
    """The canonical thing both systems describe, its causal state and its one disposition.

    ``dots``: path → [actor, counter], ``"*"`` for every path not named. ``contests``: the open conflict, path → contest.
    ``version`` is the compare-and-swap counter of this row. ``dirty``: its decision has to be made anew.
    ``merged_into``: the object this one was linked into; such rows are kept for the log's sake and listed nowhere.
    """

    __tablename__ = "objects"
    __table_args__ = (
        sa.Index("objects_by_disposition", "connection_id", "disposition", "kind", "id"),
        sa.Index("objects_by_kind", "connection_id", "kind", "id"),
        sa.Index("objects_by_title", "connection_id", "kind", "title"),
        sa.Index("objects_by_date", "connection_id", "kind", "document_date", "id"),
        sa.Index(
            "objects_named",
            "connection_id",
            "kind",
            "id",
            "title",
            sqlite_where=sa.text("merged_into = ''"),
            postgresql_where=sa.text("merged_into = ''"),
        ),
        sa.Index(
            "objects_counted",
            "connection_id",
            "category",
            "disposition",
            sqlite_where=sa.text("merged_into = ''"),
            postgresql_where=sa.text("merged_into = ''"),
        ),
        sa.Index(
            "objects_dirty", "connection_id", "dirty", sqlite_where=sa.text("dirty"), postgresql_where=sa.text("dirty")
        ),
    )

    id: str = Field(primary_key=True)
    connection_id: str = Field(foreign_key="connections.id")
    kind: str
    category: str
    title: str = ""
    amount_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    currency: str = ""
    document_date: str = ""
    fields: dict[str, Any] = _json()
    dots: dict[str, Any] = _json()
    vector: dict[str, Any] = _json()
    contests: dict[str, Any] = _json()
    disposition: str = "pending"
    reason: str = ""
    facts: dict[str, Any] = _json()
    retry_at: datetime | None = Field(default=None, sa_type=Moment)
    failures: int = 0
    parked_by: str = ""
    assigned_to: str = ""
    accepted_variance: str = ""
    required: bool = False
    dirty: bool = True
    merged_into: str = ""
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class Binding(SQLModel, table=True):
    """Which remote record is which replica of an object, and what it said when last heard.

    ``shadow`` is the canonical form last observed or acknowledged, ``fingerprint`` its hash, ``seen`` the version
    vector it
    has caught up with. ``digest`` is a hash of the raw record, the fastest path. ``gone``: the record does not exist
    any more.
    ``mapping_version`` is that of the reading mapping.
    """

    __tablename__ = "bindings"
    __table_args__ = (
        sa.UniqueConstraint("connection_id", "system", "remote_type", "remote_id", name="bindings_one_record_once"),
        sa.UniqueConstraint("object_id", "replica", name="bindings_one_replica_once"),
        sa.Index("bindings_living", "connection_id", "system", "object_id", **_LIVING),
        sa.Index("bindings_sides", "object_id", "system", **_LIVING),
    )

    id: str = Field(primary_key=True)
    connection_id: str = Field(foreign_key="connections.id")
    object_id: str = Field(foreign_key="objects.id")
    replica: str
    system: str
    remote_type: str
    remote_id: str
    revision: str = ""
    shadow: dict[str, Any] = _json()
    fingerprint: str = ""
    digest: str = ""
    seen: dict[str, Any] = _json()
    line_ids: list[Any] = Field(sa_column=sa.Column(Json, nullable=False), default_factory=list)
    facts: dict[str, Any] = _json()
    extras: dict[str, Any] = _json()
    gone: bool = False
    mapping_version: int = 1
    remote_created_at: datetime | None = Field(default=None, sa_type=Moment)
    remote_modified_at: datetime | None = Field(default=None, sa_type=Moment)
    observed_at: datetime = Field(sa_type=Moment)


class Reference(SQLModel, table=True):
    """``object_id`` points to ``target_id``: which documents use a contact, what a document depends on."""

    __tablename__ = "object_references"
    __table_args__ = (sa.Index("references_by_target", "target_id"),)

    object_id: str = Field(primary_key=True)
    target_id: str = Field(primary_key=True)
    connection_id: str


class MatchKey(SQLModel, table=True):
    """An exact natural key of an object that is bound on one side only."""

    __tablename__ = "match_keys"
    __table_args__ = (sa.Index("match_keys_by_value", "connection_id", "kind", "name", "value"),)

    object_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    connection_id: str
    kind: str
    system: str


class Suggestion(SQLModel, table=True):
    """Two objects that may be one. ``state``: suggested · accepted · ignored · applied. ``evidence``: the keys that
    are equal."""

    __tablename__ = "suggestions"
    __table_args__ = (
        sa.UniqueConstraint("connection_id", "scoro_object_id", "quickbooks_object_id", name="suggestions_once"),
        sa.Index("suggestions_by_state", "connection_id", "kind", "state", "id"),
    )

    id: str = Field(primary_key=True)
    connection_id: str = Field(foreign_key="connections.id")
    kind: str
    scoro_object_id: str
    quickbooks_object_id: str
    evidence: dict[str, Any] = _json()
    differences: dict[str, Any] = _json()
    exact: bool = False
    ambiguous: bool = False
    state: str = "suggested"
    decided_by: str = ""
    title: str = ""


class Change(SQLModel, table=True):
    """An entry of the append-only canonical change log, chained by hash within its connection.

    ``action``: created · edited · acknowledged · linked · resolved · reopened · written · relinked · settings · note.
    ``fields``: list of [path, before, after, effect]; effect: taken · converged · contested · echoed · superseded.
    ``noticed``: poll · webhook · sweep · manual · receipt · rule. ``context`` is the replica's seen vector before.
    """

    __tablename__ = "changes"
    __table_args__ = (sa.Index("changes_by_object", "object_id", "sequence"),)

    connection_id: str = Field(primary_key=True, foreign_key="connections.id")
    sequence: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: datetime = Field(sa_type=Moment)
    run_id: str = ""
    actor: str = ""
    person: str = ""
    action: str
    object_id: str = ""
    kind: str = ""
    counter: int = Field(default=0, sa_type=sa.BigInteger)
    vector: dict[str, Any] = _json()
    context: dict[str, Any] = _json()
    fields: list[Any] = Field(sa_column=sa.Column(Json, nullable=False), default_factory=list)
    details: dict[str, Any] = _json()
    revision: str = ""
    noticed: str = ""
    hash: str = ""


class Checkpoint(SQLModel, table=True):
    """How far a stream of a change feed is consumed; stored only after what it brought is stored."""

    __tablename__ = "checkpoints"

    connection_id: str = Field(primary_key=True, foreign_key="connections.id")
    system: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    cursor: str
    updated_at: datetime = Field(sa_type=Moment)


class Run(SQLModel, table=True):
    """One execution. ``state``: queued · running · halted · done · failed · stopped. ``trigger``: schedule · person
    · webhook ·
    push · pull · import · matching · plan. ``counts`` and ``phase`` are what the progress shows. ``halt``: the brake's
    figures."""

    __tablename__ = "runs"
    __table_args__ = (sa.Index("runs_by_time", "connection_id", "id"),)

    id: str = Field(primary_key=True)
    connection_id: str = Field(foreign_key="connections.id")
    trigger: str
    state: str = "queued"
    phase: str = ""
    requested_by: str = ""
    categories: list[Any] = Field(sa_column=sa.Column(Json, nullable=False), default_factory=list)
    dry: bool = False
    plan_id: str = ""
    counts: dict[str, Any] = _json()
    halt: dict[str, Any] = _json()
    overridden_by: str = ""
    error: str = ""
    hint: str = ""
    stop_requested_by: str = ""
    queued_at: datetime = Field(sa_type=Moment)
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    beat_at: datetime | None = Field(default=None, sa_type=Moment)


class Plan(SQLModel, table=True):
    """What will be written, fixed by its hash. ``state``: open · approved · applied · superseded."""

    __tablename__ = "plans"

    id: str = Field(primary_key=True)
    connection_id: str = Field(foreign_key="connections.id")
    run_id: str = ""
    state: str = "open"
    digest: str = ""
    counts: dict[str, Any] = _json()
    brakes: list[Any] = Field(sa_column=sa.Column(Json, nullable=False), default_factory=list)
    approved_by: str = ""
    created_at: datetime = Field(sa_type=Moment)


class PlanRow(SQLModel, table=True):
    """One planned write: the object's version it was decided on, and the values it would write."""

    __tablename__ = "plan_rows"

    plan_id: str = Field(primary_key=True, foreign_key="plans.id")
    position: int = Field(primary_key=True)
    object_id: str
    kind: str
    category: str
    replica: str
    operation: str
    object_version: int
    title: str = ""
    amount_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    currency: str = ""
    values: dict[str, Any] = _json()
    before: dict[str, Any] = _json()
    outcome: str = ""


class Outbox(SQLModel, table=True):
    """The durable list of writes. Redis may lose everything; this table may not.

    ``state``: planned → sent (leased) → confirmed | retry | rejected | stale; a row in ``sent`` whose lease ran out
    is in doubt.
    ``values``: path → value that this
    write gives the replica, null for a path it clears. ``target_vector``: what the replica has caught up with once
    confirmed.
    ``generation`` and ``group_key``/``ordinal`` make the idempotency key. ``explicit_by``: the person whose act this
    is, which
    is the only way against the direction. ``open_slot`` is the object and replica while the row is open, else null:
    unique.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("outbox_by_state", "connection_id", "state", "wave", "id"),
        sa.Index("outbox_by_object", "object_id", "id"),
        sa.Index("outbox_by_run", "run_id", "id"),
    )

    id: str = Field(primary_key=True)
    connection_id: str = Field(foreign_key="connections.id")
    run_id: str = ""
    object_id: str = Field(foreign_key="objects.id")
    kind: str
    category: str
    replica: str
    system: str
    operation: str
    wave: int = 0
    epoch: int = 1
    explicit_by: str = ""
    object_version: int
    base_revision: str = ""
    base_fingerprint: str = ""
    values: dict[str, Any] = _json()
    target_vector: dict[str, Any] = _json()
    open_slot: str | None = Field(default=None, unique=True)
    state: str = "planned"
    generation: int = 1
    group_key: str = ""
    ordinal: int = 0
    attempts: int = 0
    claim_token: str = ""
    claimed_until: datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    retry_at: datetime | None = Field(default=None, sa_type=Moment)
    payload: dict[str, Any] = _json()
    remote_type: str = ""
    remote_id: str = ""
    error: str = ""
    hint: str = ""
    error_code: str = ""
    error_detail: str = ""
    request_id: str = ""
    notes: list[Any] = Field(sa_column=sa.Column(Json, nullable=False), default_factory=list)
    title: str = ""
    amount_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    currency: str = ""
    created_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class Hint(SQLModel, table=True):
    """A webhook's hint, kept to recognise repetition, to wake a run, and as evidence for the proposal that follows a merge.
    Never a source of truth."""

    __tablename__ = "hints"

    connection_id: str = Field(primary_key=True, foreign_key="connections.id")
    id: str = Field(primary_key=True)
    system: str
    received_at: datetime = Field(sa_type=Moment)
    summary: dict[str, Any] = _json()
