"""The links with which clients answer, and the codes beside them."""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "client_links",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("request", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("anew", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("dies_at", Instant(), nullable=True),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("locked_at", Instant(), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.CheckConstraint("purpose IN ('confirm', 'reconfirm', 'revoke')", name=op.f("ck_client_links_purpose")),
        sa.PrimaryKeyConstraint("process", "request", "purpose", "number", name=op.f("pk_client_links")),
        sa.UniqueConstraint("nonce", name=op.f("uq_client_links_nonce")),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("client_links")
