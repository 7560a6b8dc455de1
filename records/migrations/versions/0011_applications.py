"""Applications: what applicants write, who applied once more, and who acknowledged the agreement."""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "application_details",
        sa.Column("application_id", sa.String(length=200), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("domain", sa.String(length=200), nullable=False),
        sa.Column("tax_number", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("service_offerings", sa.Text(), nullable=False),
        sa.Column("technology_partners", sa.Text(), nullable=False),
        sa.Column("client_profile", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_application_details")),
    )
    op.create_index(
        "ix_application_details_one_of_domain",
        "application_details",
        ["domain"],
        unique=True,
        sqlite_where=sa.text('"open"'),
        postgresql_where=sa.text('"open"'),
    )
    op.create_index(
        "ix_application_details_one_of_tax_number",
        "application_details",
        ["tax_number"],
        unique=True,
        sqlite_where=sa.text("\"open\" AND tax_number <> ''"),
        postgresql_where=sa.text("\"open\" AND tax_number <> ''"),
    )
    op.create_index("ix_application_details_received_at", "application_details", ["received_at"])
    op.create_table(
        "further_applications",
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("application_id", sa.String(length=200), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("domain", sa.String(length=200), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_further_applications")),
    )
    op.create_index("ix_further_applications_application_id", "further_applications", ["application_id"])
    op.create_table(
        "acknowledgements",
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("application_id", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_acknowledgements")),
    )
    op.create_index("ix_acknowledgements_application_id", "acknowledgements", ["application_id"])


def downgrade() -> None:
    """Back."""
    op.drop_table("acknowledgements")
    op.drop_table("further_applications")
    op.drop_table("application_details")
