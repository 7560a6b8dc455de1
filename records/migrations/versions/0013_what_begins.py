"""The outbox finds by its process what is to begin, or has begun.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_outbox_begins",
        "outbox",
        ["target"],
        unique=False,
        sqlite_where=sa.text("signal = 'begin'"),
        postgresql_where=sa.text("signal = 'begin'"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_outbox_begins", table_name="outbox")
