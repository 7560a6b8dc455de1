"""Partners' notes, and submissions that Temporal has not acknowledged yet."""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_process_at", "notes", ["process", "at"])
    op.add_column("lead_details", sa.Column("pending", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Back."""
    op.drop_column("lead_details", "pending")
    op.drop_index("ix_notes_process_at", table_name="notes")
    op.drop_table("notes")
