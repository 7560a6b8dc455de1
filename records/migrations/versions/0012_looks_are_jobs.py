"""A season's looks through all partners are jobs like every other; the next one does what was left undone.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant, Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the table."""
    op.drop_table("season_looks")


def downgrade() -> None:
    """Back."""
    op.create_table(
        "season_looks",
        sa.Column("season", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("grant_date", sa.Date(), nullable=False),
        sa.Column("begins", sa.Boolean(), nullable=False),
        sa.Column("times", Json, nullable=False),
        sa.Column("roster", Json, nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("after", sa.String(length=200), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("season", "number", name=op.f("pk_season_looks")),
    )
