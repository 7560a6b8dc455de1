"""Elite seasons: lists, looks through all partners, cases, and the years of elite that were granted.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant, Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "season_list",
        sa.Column("season", sa.String(length=10), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("look", sa.Integer(), nullable=False),
        sa.Column("reevaluation", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("points", Json, nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_season_list_partner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("season", "partner_id", name=op.f("pk_season_list")),
    )
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
    op.create_table(
        "nomination_cases",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("links", Json, nullable=False),
        sa.PrimaryKeyConstraint("process", "number", name=op.f("pk_nomination_cases")),
    )
    op.create_table(
        "elite_years",
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("season", sa.String(length=10), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_elite_years_partner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("partner_id", "season", name=op.f("pk_elite_years")),
    )


def downgrade() -> None:
    """Back."""
    for table in ("elite_years", "nomination_cases", "season_looks", "season_list"):
        op.drop_table(table)
