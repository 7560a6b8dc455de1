"""What is asked often looks through no table that grows: lists by receipt, and what is known of a subject.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_LISTED = ("lead_details", "account_requests")


def upgrade() -> None:
    """Two indexes more, and one that begins with the subject."""
    for table in _LISTED:
        op.create_index(f"ix_{table}_received_at", table, ["received_at"], unique=False)
    op.drop_index("ix_facts_kind_subject_occurred_at", table_name="facts")
    op.create_index("ix_facts_subject_kind_occurred_at", "facts", ["subject", "kind", "occurred_at"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_facts_subject_kind_occurred_at", table_name="facts")
    op.create_index("ix_facts_kind_subject_occurred_at", "facts", ["kind", "subject", "occurred_at"], unique=False)
    for table in _LISTED:
        op.drop_index(f"ix_{table}_received_at", table_name=table)
