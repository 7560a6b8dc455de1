"""What is sent and shown of a partner's standing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from portal.words import Instant, Line
from program.edition import Tier, Track
from program.evaluation import Appraisal, Finding
from program.fact_kinds import WhatIsSaid
from program.standing_words import TITLES, checklist, missing, told
from records.standing import StandingInFull


class PartnerFactReport(BaseModel):
    """A fact about a partner: who says it, under which id of theirs, since when it is so, and what it is."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "source": "academy",
                    "fact_id": "certificate-4711",
                    "occurred_at": "2026-01-20T15:30:00Z",
                    "fact": {
                        "kind": "certification", "course": "product", "person": "e-17", "percent": 92,
                        "until": "2027-01-31",
                    },
                }
            ]
        },
    )  # fmt: skip

    source: Line = Field(max_length=60, description="the system that says it")
    fact_id: Line = Field(description="its id for this fact; nothing personal")
    occurred_at: Instant = Field(description="from when it is so")
    fact: WhatIsSaid = Field(description="what is so")


class PartnerFactTaken(BaseModel):
    """A fact about a partner that was taken in."""

    source: str
    fact_id: str
    partner_id: str
    known_before: bool = Field(description="whether the same fact had been reported already")
    says: str


class RequirementShown(BaseModel):
    """One requirement of one tier."""

    requirement: str
    title: str
    met: bool
    needed: Decimal | None = Field(description="dollars a month; null for what is to be had or not")
    found: Decimal | None
    missing: Decimal | None = Field(description="dollars a month; null for what is to be had or not")
    waived: str = Field(description="why nothing is asked here; empty where something is")
    says: str


class TierShown(BaseModel):
    """A tier held against the partner's facts."""

    track: Track
    tier: Tier
    met: bool
    checklist: str = Field(description="in one line, such as Gold: 8 of 9; missing: $340 SMS MRR referred")
    requirements: list[RequirementShown]


class RiskShown(BaseModel):
    """What the next adjustment would do on today's facts."""

    on: date
    track: Track
    tier: Tier
    missing: list[str] = Field(description="what the tier held asks and the facts do not have")


class HeldShown(BaseModel):
    """A track and tier that the partner held."""

    track: Track
    tier: Tier
    since: datetime
    until: datetime | None
    why: str


GONE = {
    "left": "It is no partner any more: it has left the program.",
    "merged": "It is no partner any more: it has become a part of another one.",
}


class StandingShown(BaseModel):
    """Where a partner stands, why, and what it would take to get further."""

    partner_id: str
    track: Track
    tier: Tier
    since: datetime
    why: str
    state: str = Field(description="member, at_risk, by_hand, suspended, left or merged")
    edition: str
    says: str
    next: TierShown | None = Field(
        description="the next tier on the partner's track; null at the top, and for who is no partner any more"
    )
    at_risk: RiskShown | None
    could_be: str = Field(description="a master tier that the facts give an advisor and that ranks lower, or empty")
    tiers: list[TierShown]
    history: list[HeldShown] = Field(description="what was held, the newest first")


def shown(found: StandingInFull) -> StandingShown:
    """A standing as its partner may see it."""
    held, evaluation = found.outlook.held.standing, found.outlook.evaluation
    current = found.history[0]
    further = evaluation.of(found.outlook.next) if found.outlook.next else None
    gone = GONE.get(found.state)
    says = f"{held.tier.capitalize()} on the {held.track} track."
    if gone is not None:
        further, says = None, f"{gone} It was {held.tier} on the {held.track} track."
    elif further is not None:
        says += f" {checklist(further)}."
    return StandingShown(
        partner_id=found.partner_id,
        track=held.track,
        tier=held.tier,
        since=current.since,
        why=current.why,
        state=found.state,
        edition=evaluation.edition,
        says=says,
        next=_tier(further) if further else None,
        at_risk=None if gone else _risk(found),
        could_be="" if gone else str(found.outlook.as_master or ""),
        tiers=[_tier(each) for each in evaluation.appraisals],
        history=[
            HeldShown(track=Track(each.track), tier=Tier(each.tier), since=each.since, until=each.until, why=each.why)
            for each in found.history
        ],
    )


def _tier(appraisal: Appraisal) -> TierShown:
    track, tier = appraisal.standing
    requirements = [_requirement(finding) for finding in appraisal.findings]
    return TierShown(
        track=track, tier=tier, met=appraisal.met, checklist=checklist(appraisal), requirements=requirements
    )


def _requirement(finding: Finding) -> RequirementShown:
    return RequirementShown(
        requirement=finding.requirement,
        title=TITLES[finding.requirement],
        met=finding.met,
        needed=finding.needed,
        found=finding.amount,
        missing=None if finding.needed is None else finding.missing,
        waived=finding.waived,
        says=told(finding),
    )


def _risk(found: StandingInFull) -> RiskShown | None:
    down = found.outlook.down
    if not down.moves:
        return None
    track, tier = down.becomes
    lost = [missing(finding) for finding in down.evaluation.of(down.held).missing]
    return RiskShown(on=found.adjustment, track=track, tier=tier, missing=lost)
