"""Facts of partners, suspended partners, and jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from records.columns import Instant, Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "partner_facts",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("fact_id", sa.String(length=200), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("said", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("struck_at", Instant()),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_facts_partner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "fact_id", name=op.f("pk_partner_facts")),
    )
    op.create_index("ix_partner_facts_partner_id_at", "partner_facts", ["partner_id", "at"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("args", Json, nullable=False),
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("signal", sa.String(length=60), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("result", Json, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.Column("lease_until", Instant()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_unfinished",
        "jobs",
        ["created_at"],
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    )
    op.add_column("partners", sa.Column("suspended", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("partners", sa.Column("left_at", Instant()))


def downgrade() -> None:
    """Back."""
    op.drop_column("partners", "left_at")
    op.drop_column("partners", "suspended")
    op.drop_index("ix_jobs_unfinished", table_name="jobs")
    op.drop_table("jobs")
    op.drop_index("ix_partner_facts_partner_id_at", table_name="partner_facts")
    op.drop_table("partner_facts")
