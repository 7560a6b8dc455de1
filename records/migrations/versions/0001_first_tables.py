"""The first tables: processes and their records, claims and referrals, partners and leads, outbox and keys."""

import sqlalchemy as sa
from alembic import op

from records.columns import Exact, Instant, Json, Serial

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
    )
    op.create_table(
        "audit",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("dest", sa.String(length=60), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("handled_at", Instant(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.PrimaryKeyConstraint("process", "chain", "number", "index", name=op.f("pk_audit")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "claims",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("firm", sa.Boolean(), nullable=False),
        sa.CheckConstraint("status IN ('held', 'in_line')", name=op.f("ck_claims_status")),
        sa.PrimaryKeyConstraint("kind", "subject", "process", name=op.f("pk_claims")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_claims_one_holder",
        "claims",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("status = 'held'"),
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_table(
        "commits",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("receipt", Json, nullable=False),
        sa.PrimaryKeyConstraint("process", "chain", "number", name=op.f("pk_commits")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "facts",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("fact_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("process", sa.String(length=200), nullable=True),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("source", "fact_id", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_kind_subject_occurred_at", "facts", ["kind", "subject", "occurred_at"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response", Json, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False)
    op.create_table(
        "lead_details",
        sa.Column("lead_id", sa.String(length=200), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("domain", sa.String(length=200), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_lead_details")),
    )
    op.create_index(op.f("ix_lead_details_domain"), "lead_details", ["domain"], unique=False)
    op.create_index(
        "ix_lead_details_one_open",
        "lead_details",
        ["partner_id", "domain"],
        unique=True,
        sqlite_where=sa.text('"open"'),
        postgresql_where=sa.text('"open"'),
    )
    op.create_index(
        "ix_lead_details_partner_id_received_at", "lead_details", ["partner_id", "received_at"], unique=False
    )
    op.create_table(
        "mailbox",
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Serial, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("about", Json, nullable=False),
        sa.Column("only_while", Json, nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("signal", sa.String(length=60), nullable=False),
        sa.Column("payload", Json, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('mail', 'signal')", name=op.f("ck_outbox_kind")),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'superseded', 'dropped')", name=op.f("ck_outbox_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["kind", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "ix_outbox_waiting_for_target",
        "outbox",
        ["target", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting' AND kind = 'signal'"),
        postgresql_where=sa.text("status = 'waiting' AND kind = 'signal'"),
    )
    op.create_table(
        "parked",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("commit", Json, nullable=False),
        sa.Column("parked_at", Instant(), nullable=False),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("process", "chain", "number", name=op.f("pk_parked")),
    )
    op.create_table(
        "partners",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("manager_address", sa.Text(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("track", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
    )
    op.create_table(
        "processes",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("lifecycle_version", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("waits_for", sa.String(length=40), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("due_summary", sa.Text(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_processes")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_processes_partner_id", "processes", ["partner_id"], unique=False)
    op.create_index(
        "ix_processes_waiting",
        "processes",
        ["waits_for", "due_at"],
        unique=False,
        sqlite_where=sa.text("waits_for <> ''"),
        postgresql_where=sa.text("waits_for <> ''"),
    )
    op.create_table(
        "referrals",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("percent", Exact(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("first_payment_at", Instant(), nullable=False),
        sa.Column("credited_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_referrals")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_referrals_kind_subject")),
    )
    op.create_index(op.f("ix_referrals_partner_id"), "referrals", ["partner_id"], unique=False)
    op.create_table(
        "terms",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("percent", Exact(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_terms")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tier_intervals",
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("from", Instant(), nullable=False),
        sa.Column("to", Instant(), nullable=True),
        sa.Column("track", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_tier_intervals_partner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("partner_id", "from", name=op.f("pk_tier_intervals")),
    )
    op.create_index(
        "ix_tier_intervals_one_open",
        "tier_intervals",
        ["partner_id"],
        unique=True,
        sqlite_where=sa.text('"to" IS NULL'),
        postgresql_where=sa.text('"to" IS NULL'),
    )


def downgrade() -> None:
    """Remove everything."""
    op.drop_index(
        "ix_tier_intervals_one_open",
        table_name="tier_intervals",
        sqlite_where=sa.text('"to" IS NULL'),
        postgresql_where=sa.text('"to" IS NULL'),
    )
    op.drop_table("tier_intervals")
    op.drop_table("terms")
    op.drop_index(op.f("ix_referrals_partner_id"), table_name="referrals")
    op.drop_table("referrals")
    op.drop_index(
        "ix_processes_waiting",
        table_name="processes",
        sqlite_where=sa.text("waits_for <> ''"),
        postgresql_where=sa.text("waits_for <> ''"),
    )
    op.drop_index("ix_processes_partner_id", table_name="processes")
    op.drop_table("processes")
    op.drop_table("partners")
    op.drop_table("parked")
    op.drop_index(
        "ix_outbox_waiting_for_target",
        table_name="outbox",
        sqlite_where=sa.text("status = 'waiting' AND kind = 'signal'"),
        postgresql_where=sa.text("status = 'waiting' AND kind = 'signal'"),
    )
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_table("outbox")
    op.drop_table("mailbox")
    op.drop_index("ix_lead_details_partner_id_received_at", table_name="lead_details")
    op.drop_index(
        "ix_lead_details_one_open",
        table_name="lead_details",
        sqlite_where=sa.text('"open"'),
        postgresql_where=sa.text('"open"'),
    )
    op.drop_index(op.f("ix_lead_details_domain"), table_name="lead_details")
    op.drop_table("lead_details")
    op.drop_index(op.f("ix_idempotency_created_at"), table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index("ix_facts_kind_subject_occurred_at", table_name="facts")
    op.drop_table("facts")
    op.drop_table("commits")
    op.drop_index(
        "ix_claims_one_holder",
        table_name="claims",
        sqlite_where=sa.text("status = 'held'"),
        postgresql_where=sa.text("status = 'held'"),
    )
    op.drop_table("claims")
    op.drop_table("audit")
    op.drop_table("api_keys")
