"""A partner with a past: tiers that it rose to and lost, facts that put it at risk, benefits in every state."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from program.calendar import business_deadline
from program.edition import LATEST, Tier, Track
from records.benefits import BenefitLinks
from records.commits import write_commit
from records.partners import set_tier
from tests.records.making import commit, step
from tests.records.telling import certify, refer, tell

LINKS = BenefitLinks(
    affiliate="https://signup.vendor.example/?partner={partner}", slack="https://slack.example/shared_invite/zt-1"
)
ROSE = (
    "On 2025-09-01: meets MRR referred: $10,000 needed, $10,420 found; meets SMS MRR referred: $1,000 needed, $1,180 "
    "found; meets MRR managed: $10,000 needed, $11,900 found."
)
FELL = (
    "Adjustment of 2026-H1: master platinum misses $8,210 MRR managed. On 2026-03-25: meets MRR referred: $2,500 "
    "needed, $2,640 found; for advisor platinum it misses $7,360 MRR referred."
)


def place(engine: Engine, partner_id: str, today: datetime) -> None:
    """An advisor of the tier gold that was a master of the tier platinum once, as it stands on a day."""

    def ago(days: int) -> datetime:
        return today - timedelta(days=days)

    certify(engine, partner_id, at=ago(500))
    tell(engine, partner_id, "website", at=ago(490), evidence=["badge"])
    refer(engine, partner_id, 2_000, 160, paid=ago(120))
    set_tier(engine, partner_id, Track.MASTER, Tier.PLATINUM, at=ago(518), why=ROSE)
    set_tier(engine, partner_id, Track.ADVISOR, Tier.GOLD, at=ago(306), why=FELL)
    process = {"kind": "partner", "partner_id": partner_id, "subject": partner_id, "state": "at_risk"}
    write_commit(engine, commit(f"partner:{partner_id}", 1, step(), **process, since=ago(20)), now=ago(20))
    due = business_deadline(today, 6)
    _benefit(engine, partner_id, "directory_listing", "given", ago(700))
    _benefit(engine, partner_id, "leadership_access", "to_do", ago(5), to_be_done_by=due.isoformat())
    _benefit(engine, partner_id, "developer_support", "declined", ago(200))
    _benefit(engine, partner_id, "partner_manager", "to_take_back", ago(306), overdue=True)
    _benefit(engine, partner_id, "development_funds", "offered", ago(306))


def _benefit(
    engine: Engine,
    partner_id: str,
    code: str,
    state: str,
    since: datetime,
    *,
    overdue: bool = False,
    to_be_done_by: str = "",
) -> None:
    title = next(each.title for each in LATEST.benefits.benefits if each.code == code)
    told = commit(
        f"benefit:{partner_id}:{code}", 1, step(), kind="benefit", partner_id=partner_id, subject=code, state=state,
        since=since, overdue=overdue, facts={"benefit": title, "to be done by": to_be_done_by or None},
    )  # fmt: skip
    write_commit(engine, told, now=since)
