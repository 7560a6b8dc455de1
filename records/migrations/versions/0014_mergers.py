"""Two partners become one: proposals with what both said, and into whom a partner was merged.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_PROPOSED = sa.text("state = 'proposed'")
_BEFORE = "purpose IN ('confirm', 'reconfirm', 'revoke')"
_SINCE = "purpose IN ('confirm', 'reconfirm', 'revoke', 'merge_from', 'merge_into')"


def upgrade() -> None:
    """Add the table and the column, and let links be for mergers too."""
    op.create_table(
        "mergers",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("into", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lapses_at", Instant(), nullable=False),
        sa.Column("link", sa.Integer(), nullable=False),
        sa.Column("partner_confirmed_at", Instant(), nullable=True),
        sa.Column("into_confirmed_at", Instant(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'done', 'declined', 'withdrawn', 'lapsed')", name=op.f("ck_mergers_state")
        ),
        sa.PrimaryKeyConstraint("process", "number", name=op.f("pk_mergers")),
    )
    for name, column in (("ix_mergers_one_of_partner", "partner_id"), ("ix_mergers_one_into_partner", "into")):
        op.create_index(name, "mergers", [column], unique=True, sqlite_where=_PROPOSED, postgresql_where=_PROPOSED)
    op.add_column("partners", sa.Column("merged_into", sa.String(length=200), nullable=True))
    op.create_index("ix_partners_merged_into", "partners", ["merged_into"], unique=False)
    _purposes(_SINCE)


def downgrade() -> None:
    """Back. Links that are for mergers go with what they are about."""
    op.execute("DELETE FROM client_links WHERE purpose IN ('merge_from', 'merge_into')")
    _purposes(_BEFORE)
    op.drop_index("ix_partners_merged_into", table_name="partners")
    op.drop_column("partners", "merged_into")
    op.drop_table("mergers")


def _purposes(allowed: str) -> None:
    with op.batch_alter_table("client_links") as batch:
        batch.drop_constraint(op.f("ck_client_links_purpose"), type_="check")
        batch.create_check_constraint(op.f("ck_client_links_purpose"), allowed)
