"""Clients' accounts, their MRR, its corrections, and what managers have been told of it."""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "client_accounts",
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("known_from", Instant(), nullable=False),
        sa.Column("known_until", Instant()),
        sa.Column("domain", sa.String(length=200)),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("account", "known_from", name=op.f("pk_client_accounts")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_client_accounts_one_open",
        "client_accounts",
        ["account"],
        unique=True,
        sqlite_where=sa.text("known_until IS NULL"),
        postgresql_where=sa.text("known_until IS NULL"),
    )
    op.create_index("ix_client_accounts_domain", "client_accounts", ["domain"])
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "mrr",
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("email_cents", sa.BigInteger(), nullable=False),
        sa.Column("sms_cents", sa.BigInteger(), nullable=False),
        sa.Column("first_loaded_at", Instant(), nullable=False),
        sa.Column("loaded_at", Instant(), nullable=False),
        sa.Column("import_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("account", "month", name=op.f("pk_mrr")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mrr_corrections",
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("import_id", sa.String(length=40), nullable=False),
        sa.Column("replaced_at", Instant(), nullable=False),
        sa.Column("new_email_cents", sa.BigInteger(), nullable=False),
        sa.Column("new_sms_cents", sa.BigInteger(), nullable=False),
        sa.Column("old_email_cents", sa.BigInteger(), nullable=False),
        sa.Column("old_sms_cents", sa.BigInteger(), nullable=False),
        sa.Column("old_loaded_at", Instant(), nullable=False),
        sa.Column("old_import_id", sa.String(length=40), nullable=False),
        sa.Column("marked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account", "month", "import_id", name=op.f("pk_mrr_corrections")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "client_lines",
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id", "account", "line", name=op.f("pk_client_lines")),
    )


def downgrade() -> None:
    """Back."""
    for table in ("client_lines", "mrr_corrections", "mrr", "imports", "client_accounts"):
        op.drop_table(table)
