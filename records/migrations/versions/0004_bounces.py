"""Mails to clients are found by their Message-ID when they come back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_index(
        "ix_outbox_to_clients",
        "outbox",
        ["message_id"],
        sqlite_where=sa.text("\"to\" = 'client'"),
        postgresql_where=sa.text("\"to\" = 'client'"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_outbox_to_clients", table_name="outbox")
