"""Tables of the engine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Json, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("scoro_url", sa.String(), nullable=False),
        sa.Column("scoro_account", sa.String(), nullable=False),
        sa.Column("scoro_secret", sa.String(), nullable=False),
        sa.Column("scoro_profile", Json, nullable=False),
        sa.Column("quickbooks_realm", sa.String(), nullable=False),
        sa.Column("quickbooks_secret", sa.String(), nullable=False),
        sa.Column(
            "quickbooks_profile",
            Json,
            nullable=False,
        ),
        sa.Column("quickbooks_token_version", sa.Integer(), nullable=False),
        sa.Column("authorised_at", Moment(), nullable=True),
        sa.Column("first_connected_at", Moment(), nullable=True),
        sa.Column("settings", Json, nullable=False),
        sa.Column("wizard", Json, nullable=False),
        sa.Column("budget", Json, nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("next_run_at", Moment(), nullable=True),
        sa.Column("wake_requested_at", Moment(), nullable=True),
        sa.Column("last_run_at", Moment(), nullable=True),
        sa.Column("webhook_token", sa.String(), nullable=False),
        sa.Column("log_sequence", sa.Integer(), nullable=False),
        sa.Column("log_hash", sa.String(), nullable=False),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "match_keys",
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("object_id", "name", "value"),
    )
    with op.batch_alter_table("match_keys", schema=None) as batch_op:
        batch_op.create_index("match_keys_by_value", ["connection_id", "kind", "name", "value"], unique=False)

    op.create_table(
        "object_references",
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("object_id", "target_id"),
    )
    with op.batch_alter_table("object_references", schema=None) as batch_op:
        batch_op.create_index("references_by_target", ["target_id"], unique=False)

    op.create_table(
        "categories",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("start_fixed", sa.Boolean(), nullable=False),
        sa.Column("scope", Json, nullable=False),
        sa.Column("conflicts", sa.String(), nullable=False),
        sa.Column(
            "conflict_fields",
            Json,
            nullable=False,
        ),
        sa.Column("deletions", sa.String(), nullable=False),
        sa.Column("matched_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("connection_id", "category"),
    )
    op.create_table(
        "changes",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("vector", Json, nullable=False),
        sa.Column("context", Json, nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("noticed", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("connection_id", "sequence"),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index("changes_by_object", ["object_id", "sequence"], unique=False)

    op.create_table(
        "checkpoints",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("connection_id", "system", "stream"),
    )
    op.create_table(
        "hints",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("summary", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("connection_id", "id"),
    )
    op.create_table(
        "objects",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("document_date", sa.String(), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("dots", Json, nullable=False),
        sa.Column("vector", Json, nullable=False),
        sa.Column("contests", Json, nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("retry_at", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("parked_by", sa.String(), nullable=False),
        sa.Column("assigned_to", sa.String(), nullable=False),
        sa.Column("accepted_variance", sa.String(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("objects", schema=None) as batch_op:
        batch_op.create_index("objects_by_disposition", ["connection_id", "disposition", "kind", "id"], unique=False)
        batch_op.create_index("objects_by_kind", ["connection_id", "kind", "id"], unique=False)
        batch_op.create_index("objects_by_title", ["connection_id", "kind", "title"], unique=False)
        batch_op.create_index(
            "objects_dirty",
            ["connection_id", "dirty"],
            unique=False,
            sqlite_where=sa.text("dirty"),
            postgresql_where=sa.text("dirty"),
        )

    op.create_table(
        "plans",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("brakes", Json, nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("categories", Json, nullable=False),
        sa.Column("dry", sa.Boolean(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("halt", Json, nullable=False),
        sa.Column("overridden_by", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("stop_requested_by", sa.String(), nullable=False),
        sa.Column("queued_at", Moment(), nullable=False),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("beat_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("runs_by_time", ["connection_id", "id"], unique=False)

    op.create_table(
        "suggestions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scoro_object_id", sa.String(), nullable=False),
        sa.Column("quickbooks_object_id", sa.String(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("differences", Json, nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.Column("ambiguous", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "scoro_object_id", "quickbooks_object_id", name="suggestions_once"),
    )
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.create_index("suggestions_by_state", ["connection_id", "kind", "state", "id"], unique=False)

    op.create_table(
        "bindings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("replica", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("remote_type", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("shadow", Json, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seen", Json, nullable=False),
        sa.Column("line_ids", Json, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("extras", Json, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("remote_created_at", Moment(), nullable=True),
        sa.Column("remote_modified_at", Moment(), nullable=True),
        sa.Column("observed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["objects.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "system", "remote_type", "remote_id", name="bindings_one_record_once"),
        sa.UniqueConstraint("object_id", "replica", name="bindings_one_replica_once"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("replica", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("explicit_by", sa.String(), nullable=False),
        sa.Column("object_version", sa.Integer(), nullable=False),
        sa.Column("base_revision", sa.String(), nullable=False),
        sa.Column("base_fingerprint", sa.String(), nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.Column("target_vector", Json, nullable=False),
        sa.Column("open_slot", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("group_key", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim_token", sa.String(), nullable=False),
        sa.Column("claimed_until", Moment(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("retry_at", Moment(), nullable=True),
        sa.Column("payload", Json, nullable=False),
        sa.Column("remote_type", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("error_detail", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("notes", Json, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["objects.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("open_slot"),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("outbox_by_object", ["object_id", "id"], unique=False)
        batch_op.create_index("outbox_by_run", ["run_id", "id"], unique=False)
        batch_op.create_index("outbox_by_state", ["connection_id", "state", "wave", "id"], unique=False)

    op.create_table(
        "plan_rows",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("replica", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("object_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["plans.id"],
        ),
        sa.PrimaryKeyConstraint("plan_id", "position"),
    )


def downgrade() -> None:
    op.drop_table("plan_rows")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("outbox_by_state")
        batch_op.drop_index("outbox_by_run")
        batch_op.drop_index("outbox_by_object")

    op.drop_table("outbox")
    op.drop_table("bindings")
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.drop_index("suggestions_by_state")

    op.drop_table("suggestions")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("runs_by_time")

    op.drop_table("runs")
    op.drop_table("plans")
    with op.batch_alter_table("objects", schema=None) as batch_op:
        batch_op.drop_index("objects_dirty", sqlite_where=sa.text("dirty"), postgresql_where=sa.text("dirty"))
        batch_op.drop_index("objects_by_title")
        batch_op.drop_index("objects_by_kind")
        batch_op.drop_index("objects_by_disposition")

    op.drop_table("objects")
    op.drop_table("hints")
    op.drop_table("checkpoints")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index("changes_by_object")

    op.drop_table("changes")
    op.drop_table("categories")
    with op.batch_alter_table("object_references", schema=None) as batch_op:
        batch_op.drop_index("references_by_target")

    op.drop_table("object_references")
    with op.batch_alter_table("match_keys", schema=None) as batch_op:
        batch_op.drop_index("match_keys_by_value")

    op.drop_table("match_keys")
    op.drop_table("connections")
