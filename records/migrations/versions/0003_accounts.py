"""Managed accounts: requests, contacts, managements, and the vendor's words."""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "account_requests",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("api_key", sa.String(length=200), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.Integer(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("process", "number", name=op.f("pk_account_requests")),
    )
    op.create_index("ix_account_requests_partner_id_received_at", "account_requests", ["partner_id", "received_at"])
    op.create_index("ix_account_requests_api_key", "account_requests", ["api_key"])
    op.create_table(
        "account_contacts",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("process", "number", name=op.f("pk_account_contacts")),
        sa.UniqueConstraint("message_id", name=op.f("uq_account_contacts_message_id")),
    )
    op.create_table(
        "managements",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("client_confirmed_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("why", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("process", "number", name=op.f("pk_managements")),
    )
    op.create_index(
        "ix_managements_one_partner",
        "managements",
        ["account"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_managements_account_client_confirmed_at", "managements", ["account", "client_confirmed_at"])
    op.create_index("ix_managements_partner_id", "managements", ["partner_id"])
    op.create_table(
        "vendor_words",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.CheckConstraint("word IN ('confirmed', 'declined')", name=op.f("ck_vendor_words_word")),
        sa.PrimaryKeyConstraint("process", "number", "at", name=op.f("pk_vendor_words")),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("vendor_words")
    op.drop_table("managements")
    op.drop_table("account_contacts")
    op.drop_table("account_requests")
