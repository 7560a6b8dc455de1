"""People of partners, links to sign in, and sessions."""

import sqlalchemy as sa
from alembic import op

import records.columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. Each partner's contact is the first of its people."""
    people = op.create_table(
        "partner_people",
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_people_partner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("partner_id", "person_id", name=op.f("pk_partner_people")),
    )
    op.create_index("ix_partner_people_address_key", "partner_people", ["address_key"])
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("onward", sa.Text(), nullable=False),
        sa.Column("asked_at", records.columns.Instant(), nullable=False),
        sa.Column("used_at", records.columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
    )
    op.create_index("ix_sign_ins_address_key_asked_at", "sign_ins", ["address_key", "asked_at"])
    op.create_index("ix_sign_ins_client_asked_at", "sign_ins", ["client", "asked_at"])
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("since", records.columns.Instant(), nullable=False),
        sa.Column("seen_at", records.columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_sessions_id")),
    )
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"])

    partners = sa.table("partners", *(sa.column(name) for name in ("id", "contact_name", "contact_email")))
    contacts = [
        {
            "partner_id": row.id,
            "person_id": "contact",
            "name": row.contact_name,
            "address": row.contact_email,
            "address_key": row.contact_email.strip().casefold(),
        }
        for row in op.get_bind().execute(sa.select(partners))
    ]
    op.bulk_insert(people, contacts)


def downgrade() -> None:
    """Back."""
    op.drop_table("sessions")
    op.drop_table("sign_ins")
    op.drop_table("partner_people")
