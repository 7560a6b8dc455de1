"""Addresses are compared without regard to capital letters and nothing else: ß is not ss.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from program.addresses import address_key

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KEYS = {"partner_people": ("partner_id", "person_id"), "sign_ins": ("id",), "sessions": ("hash",)}


def upgrade() -> None:
    """Write anew the keys of addresses that are not plain ASCII."""
    _rewrite(address_key)


def downgrade() -> None:
    """Back."""
    _rewrite(lambda address: address.strip().casefold())


def _rewrite(key_of) -> None:  # type: ignore[no-untyped-def]
    for name, by in _KEYS.items():
        table = sa.table(name, *(sa.column(each) for each in (*by, "address", "address_key")))
        for row in op.get_bind().execute(sa.select(table)).all():
            key = key_of(row.address)
            if key != row.address_key:
                this = sa.and_(*(table.c[each] == getattr(row, each) for each in by))
                op.execute(sa.update(table).where(this).values(address_key=key))
