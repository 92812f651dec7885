"""Indexes of searching by name, and of what lives in one system only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LISTED = sa.text("merged_into = ''")


def upgrade() -> None:
    op.create_index(
        "objects_named", "objects", ["connection_id", "kind", "id", "title"],
        sqlite_where=LISTED, postgresql_where=LISTED,
    )  # fmt: skip
    for name, columns in (
        ("bindings_living", ["connection_id", "system", "object_id"]),
        ("bindings_sides", ["object_id", "system"]),
    ):
        op.create_index(
            name, "bindings", columns,
            sqlite_where=sa.text("gone IS 0"), postgresql_where=sa.text("gone IS false"),
        )  # fmt: skip


def downgrade() -> None:
    op.drop_index("bindings_sides", "bindings")
    op.drop_index("bindings_living", "bindings")
    op.drop_index("objects_named", "objects")
