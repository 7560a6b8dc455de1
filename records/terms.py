"""What a partner's track and tier were at an instant, and the referral's terms that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, null, or_, select

from program.edition import Tier, Track, edition
from records.refusal import Refused
from records.tables import partners, terms, tier_intervals
from records.upsert import chosen, insert_or_replace

_PIN = insert_or_replace(terms)

_AT = bindparam("at", type_=tier_intervals.c["from"].type)
# What is known of the instant; otherwise how the partner stands now.
_STANDING = (
    select(
        func.coalesce(tier_intervals.c.track, partners.c.track).label("track"),
        func.coalesce(tier_intervals.c.tier, partners.c.tier).label("tier"),
    )
    .select_from(
        partners.outerjoin(
            tier_intervals,
            and_(
                tier_intervals.c.partner_id == partners.c.id,
                tier_intervals.c["from"] <= _AT,
                or_(tier_intervals.c.to.is_(null()), tier_intervals.c.to > _AT),
            ),
        )
    )
    .where(partners.c.id == bindparam("partner_id"))
    .order_by(tier_intervals.c["from"].desc())
    .limit(1)
)
_PINNED = select(terms).where(terms.c.process == bindparam("process"))


@dataclass(frozen=True, slots=True)
class Terms:
    """A referral's share: `percent` of MRR for `months`, from the standing (`track`, `tier`) held at `at` (UTC)."""

    percent: Decimal
    months: int
    track: str
    tier: str
    at: datetime

    def shown(self) -> dict[str, Any]:
        """As a receipt carries it: JSON values, the percentage as text."""
        return {"percent": str(self.percent), "months": self.months, "track": self.track, "tier": self.tier}


def pin_terms(connection: Connection, process: str, partner_id: str, edition_name: str, at: datetime) -> Terms:
    """Fix a process's terms at an instant; pinned again, the new ones count.

    Raises `Refused` when the partner or the edition is unknown.
    """
    standing = connection.execute(_STANDING, {"partner_id": partner_id, "at": at}).first()
    if standing is None:
        raise Refused(f"The partner {partner_id} is not in the list of partners, so no terms can be pinned.")
    try:
        share = edition(edition_name).referred_terms(Track(standing.track), Tier(standing.tier))
    except ValueError as error:
        raise Refused(f"No terms can be pinned for {process}: {error}") from None
    pinned = Terms(share.percent, share.months, standing.track, standing.tier, at)
    connection.execute(
        chosen(_PIN, connection),
        {
            "process": process,
            "percent": pinned.percent,
            "months": pinned.months,
            "track": pinned.track,
            "tier": pinned.tier,
            "at": at,
        },
    )
    return pinned


def pinned_terms(connection: Connection, process: str) -> Terms | None:
    """The terms that were pinned for a process, if any were."""
    row = connection.execute(_PINNED, {"process": process}).first()
    return None if row is None else Terms(row.percent, row.months, row.track, row.tier, row.at)
