"""What a rehearsal is given of an installation's records: partners with all that is known of them, and no process.

Leads and accounts that are open there stay there. The rehearsal's records are its own, and the installation is only
read.
"""

from __future__ import annotations

from sqlalchemy import Engine, func, insert, select

from records.database import reading, writing
from records.partners import Partner, list_partners
from records.tables import (
    client_accounts,
    elite_years,
    managements,
    mrr,
    partner_facts,
    partner_people,
    partners,
    referrals,
    tier_intervals,
)
from rehearsal.chance import dice
from rehearsal.past import Payer, way_of

# In an order in which whoever is referred to comes first.
_KNOWN = (
    partners, partner_people, tier_intervals, partner_facts, client_accounts, mrr, referrals, managements, elite_years,
)  # fmt: skip
_AT_ONCE = 500


def copy_known(source: Engine, target: Engine) -> list[Partner]:
    """Copy what is known of partners into migrated, empty records; those that are partners today."""
    with reading(source) as there:
        for table in _KNOWN:
            rows = there.execute(select(table)).mappings()
            while batch := rows.fetchmany(_AT_ONCE):
                with writing(target) as here:
                    here.execute(insert(table), [dict(row) for row in batch])
    return list_partners(target, active_only=True)


def payers_of(engine: Engine, *, seed: int) -> list[Payer]:
    """The accounts that pay, with what they paid last; how that goes on is drawn for each partner's accounts alike."""
    newest = select(mrr.c.account, func.max(mrr.c.month).label("month")).group_by(mrr.c.account).subquery()
    paid = select(mrr).join(newest, (newest.c.account == mrr.c.account) & (newest.c.month == mrr.c.month))
    owners = select(client_accounts.c.account, referrals.c.partner_id).join(
        referrals, referrals.c.subject == client_accounts.c.domain
    )
    managed = select(managements.c.account, managements.c.partner_id).where(managements.c.ended_at.is_(None))
    with reading(engine) as connection:
        whose = {row.account: row.partner_id for wanted in (owners, managed) for row in connection.execute(wanted)}
        return [
            Payer(
                row.account,
                max(0, row.email_cents) // 100,
                max(0, row.sms_cents) // 100,
                way_of(dice(seed, "way", whose.get(row.account, row.account))),
            )
            for row in connection.execute(paid.order_by(mrr.c.account))
        ]
