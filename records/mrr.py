"""What clients are worth to partners: managed MRR, referred MRR, and the MRR of single accounts.

Everything is asked as of an instant and as it was known at another, so that an adjustment sees what had been loaded by
its cut-off and nothing that was corrected later. A thousand partners cost one query.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from program.calendar import last_day, months_earlier
from records.database import reading
from records.tables import client_accounts, managements, mrr, mrr_corrections, referrals
from states.lead_data import PROSPECT

PARTNERS_AT_ONCE = 1_000

_THESE: BindParameter[Any] = bindparam("these", expanding=True)
_MONTH: BindParameter[str] = bindparam("in_month")
_AS_OF = bindparam("as_of", type_=mrr.c.loaded_at.type)
_KNOWN_BY = bindparam("known_by", type_=mrr.c.loaded_at.type)
_SINCE = bindparam("since", type_=mrr.c.loaded_at.type)


@dataclass(frozen=True, slots=True)
class PartnerMrr:
    """A partner's MRR in dollars a month. `referred_sms` is a part of `referred`.

    `first_paid` is the first payment of the oldest referral that counts: the first one to leave the window.
    """

    referred: Decimal = Decimal(0)
    referred_sms: Decimal = Decimal(0)
    managed: Decimal = Decimal(0)
    managed_accounts: int = 0
    managed_accounts_with_sms: int = 0
    first_paid: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountMrr:
    """An account's latest known MRR in dollars, and the month that it is of, such as 2027-01."""

    month: str
    email: Decimal
    sms: Decimal


def mrr_of_partners(
    engine: Engine, partner_ids: Sequence[str], *, as_of: datetime, known_by: datetime, months: int
) -> dict[str, PartnerMrr]:
    """Every partner's MRR as of an instant, on what had been loaded by the instant `known_by`.

    Referred: the prospects credited to it whose first payment lies in the `months` before `as_of`, each with the latest
    MRR of all its accounts. Managed: the accounts whose clients had confirmed it and not ended it then. A client that
    has left is one whose latest month is 0.
    """
    with reading(engine) as connection:
        return mrr_in(connection, partner_ids, as_of=as_of, known_by=known_by, months=months)


def mrr_in(
    connection: Connection, partner_ids: Sequence[str], *, as_of: datetime, known_by: datetime, months: int
) -> dict[str, PartnerMrr]:
    """The same inside somebody's transaction."""
    found: dict[str, PartnerMrr] = {}
    since = months_earlier(as_of, months)
    for start in range(0, len(partner_ids), PARTNERS_AT_ONCE):
        these = partner_ids[start : start + PARTNERS_AT_ONCE]
        rows = connection.execute(_BOTH, {**_asked(these, as_of, known_by), "since": since})
        of = {(row.share, row.partner_id): row for row in rows}
        found.update({each: _partner_mrr(of.get(("managed", each)), of.get(("referred", each))) for each in these})
    return found


def mrr_of_accounts(
    engine: Engine, accounts: Collection[str], *, as_of: datetime, known_by: datetime
) -> dict[str, AccountMrr]:
    """The latest MRR of each of these accounts of which any had been loaded."""
    with reading(engine) as connection:
        rows = connection.execute(_OF_ACCOUNTS, _asked(accounts, as_of, known_by))
        return {row.account: AccountMrr(row.month, _dollars(row.email), _dollars(row.sms)) for row in rows}


def _asked(these: Collection[str], as_of: datetime, known_by: datetime) -> dict[str, Any]:
    # An end of a day belongs to that day, and so to its month.
    return {"these": list(these), "as_of": as_of, "known_by": known_by, "in_month": f"{last_day(as_of):%Y-%m}"}


def _partner_mrr(managed: Any, referred: Any) -> PartnerMrr:
    return PartnerMrr(
        referred=_dollars(referred.cents) if referred else Decimal(0),
        referred_sms=_dollars(referred.sms) if referred else Decimal(0),
        first_paid=referred.first_paid if referred else None,
        managed=_dollars(managed.cents) if managed else Decimal(0),
        managed_accounts=managed.accounts if managed else 0,
        managed_accounts_with_sms=managed.with_sms if managed else 0,
    )


def _dollars(cents: int | Decimal) -> Decimal:
    # A sum of PostgreSQL's big integers is `numeric`.
    return Decimal(int(cents)).scaleb(-2)


# -- the queries -------------------------------------------------------------------------------------------------------

_months = mrr.alias("months")


def _latest(account: ColumnElement[str]) -> ColumnElement[bool]:
    """Of an account, the latest month of which anything had been loaded."""
    latest = select(func.max(_months.c.month)).where(
        _months.c.account == account, _months.c.month <= _MONTH, _months.c.first_loaded_at <= _KNOWN_BY
    )
    return and_(mrr.c.account == account, mrr.c.month == latest.scalar_subquery())


# What has been replaced since stands in the correction that replaced it.
_REPLACED = and_(
    mrr_corrections.c.account == mrr.c.account,
    mrr_corrections.c.month == mrr.c.month,
    mrr_corrections.c.old_loaded_at <= _KNOWN_BY,
    mrr_corrections.c.replaced_at > _KNOWN_BY,
)


def _as_known(now: ColumnElement[int], before: ColumnElement[int]) -> ColumnElement[int]:
    return case((mrr.c.account.is_(None), 0), (mrr.c.loaded_at <= _KNOWN_BY, now), else_=before)


_EMAIL = _as_known(mrr.c.email_cents, mrr_corrections.c.old_email_cents)
_SMS = _as_known(mrr.c.sms_cents, mrr_corrections.c.old_sms_cents)


def _with_mrr(accounts: FromClause, account: ColumnElement[str]) -> FromClause:
    return accounts.outerjoin(mrr, _latest(account)).outerjoin(mrr_corrections, _REPLACED)


_MANAGED = (
    select(
        literal("managed").label("share"),
        managements.c.partner_id,
        func.sum(_EMAIL + _SMS).label("cents"),
        func.sum(_SMS).label("sms"),
        func.count().label("accounts"),
        func.sum(case((_SMS > 0, 1), else_=0)).label("with_sms"),
        func.min(managements.c.client_confirmed_at).label("first_paid"),
    )
    .select_from(_with_mrr(managements, managements.c.account))
    .where(
        managements.c.partner_id.in_(_THESE),
        managements.c.client_confirmed_at <= _AS_OF,
        or_(managements.c.ended_at.is_(None), managements.c.ended_at > _AS_OF),
    )
    .group_by(managements.c.partner_id)
)

_REFERRED = (
    select(
        literal("referred").label("share"),
        referrals.c.partner_id,
        func.sum(_EMAIL + _SMS).label("cents"),
        func.sum(_SMS).label("sms"),
        func.count().label("accounts"),
        func.sum(case((_SMS > 0, 1), else_=0)).label("with_sms"),
        func.min(referrals.c.first_payment_at).label("first_paid"),
    )
    .select_from(
        _with_mrr(
            referrals.join(
                client_accounts,
                and_(
                    client_accounts.c.domain == referrals.c.subject,
                    client_accounts.c.known_from <= _KNOWN_BY,
                    or_(client_accounts.c.known_until.is_(None), client_accounts.c.known_until > _KNOWN_BY),
                ),
            ),
            client_accounts.c.account,
        )
    )
    .where(
        referrals.c.kind == PROSPECT,
        referrals.c.partner_id.in_(_THESE),
        referrals.c.first_payment_at >= _SINCE,
        referrals.c.first_payment_at <= _AS_OF,
    )
    .group_by(referrals.c.partner_id)
)

_BOTH = union_all(_MANAGED, _REFERRED)

_OF_ACCOUNTS = (
    select(mrr.c.account, mrr.c.month, _EMAIL.label("email"), _SMS.label("sms"))
    .select_from(mrr.outerjoin(mrr_corrections, _REPLACED))
    .where(mrr.c.account.in_(_THESE), _latest(mrr.c.account))
)
