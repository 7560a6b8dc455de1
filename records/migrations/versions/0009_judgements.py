"""What adjustments found of partners."""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant, Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "judgements",
        sa.Column("half", sa.String(length=10), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("held", sa.String(length=40), nullable=False),
        sa.Column("becomes", sa.String(length=40), nullable=False),
        sa.Column("retained", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("judged_at", Instant(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("became", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("half", "partner_id", name=op.f("pk_judgements")),
    )
    op.create_index("ix_judgements_half_becomes", "judgements", ["half", "becomes"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_judgements_half_becomes", table_name="judgements")
    op.drop_table("judgements")
