"""Indexes of lists and reports: counts by category and state, documents by date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LISTED = sa.text("merged_into = ''")


def upgrade() -> None:
    op.create_index(
        "objects_counted", "objects", ["connection_id", "category", "disposition"],
        sqlite_where=LISTED, postgresql_where=LISTED,
    )  # fmt: skip
    op.create_index("objects_by_date", "objects", ["connection_id", "kind", "document_date", "id"])


def downgrade() -> None:
    op.drop_index("objects_by_date", "objects")
    op.drop_index("objects_counted", "objects")
