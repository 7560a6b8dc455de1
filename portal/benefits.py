"""What a partner's standing gives it, and where each benefit stands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from portal.callers import ByKey, KeyedRoute, Scope, needs
from portal.environment import Here, Portal
from portal.partners import PartnerInPath
from portal.problems import Problem, responses
from program.benefits import Given, benefits_at
from program.edition import Tier, Track, edition
from program.evaluation import Standing
from records.benefits import BenefitStands, benefits_of
from records.partners import Partner, partner
from states.benefit import BENEFIT

router = APIRouter(prefix="/v1/partners", route_class=KeyedRoute, tags=["partners"])

BenefitState = Literal["given", "being prepared", "for chosen partners", "not yet", "declined", "ending"]


class BenefitShown(BaseModel):
    """A benefit, how far it goes at the partner's standing, and where it stands."""

    benefit: str = Field(description="its code")
    title: str
    how_far: str = Field(description="yes, limited, prioritised, quarterly …; empty for one that ends")
    state: BenefitState
    since: datetime | None = Field(description="since when it is so, where somebody has to do with it (UTC)")
    says: str = Field(description="where it stands, in a sentence")


class BenefitsShown(BaseModel):
    """What a partner's standing gives it besides money."""

    partner_id: str
    track: Track
    tier: Tier
    benefits: list[BenefitShown]


@router.get(
    "/{partner_id}/benefits",
    summary="Read a partner's benefits",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.PARTNER, Scope.READ, Scope.ADMIN),
)
def read_benefits(partner_id: PartnerInPath, portal: Here, caller: ByKey) -> BenefitsShown:
    """What the partner's standing gives it. What people carry out says how far they are."""
    found = partner(portal.engine, partner_id) if caller.knows(partner_id) else None
    if found is None:
        raise Problem("not-found", f"There is no partner {partner_id}.")
    return BenefitsShown(partner_id=found.id, track=found.track, tier=found.tier, benefits=shown(portal, found))


def shown(portal: Portal, found: Partner) -> list[BenefitShown]:
    """The benefits of a partner, in the order of the edition's table; then those that end."""
    standing = Standing(found.track, found.tier) if found.active else None
    given = benefits_at(edition(portal.edition), standing)
    processes = benefits_of(portal.engine, found.id)
    known = {each.code for each in given}
    ending = [each for each in processes.values() if each.code not in known and each.state == "to_take_back"]
    return [
        *(_given(each, processes.get(each.code)) for each in given),
        *(_shown(each.code, str(each.facts["benefit"]), "", "ending", each) for each in ending),
    ]


_STATES: dict[str, BenefitState] = {
    "given": "given",
    "to_agree": "being prepared",
    "to_do": "being prepared",
    "declined": "declined",
    "to_take_back": "ending",
    "offered": "for chosen partners",
}


def _given(given: Given, process: BenefitStands | None) -> BenefitShown:
    match given.way:
        case "at once":
            state: BenefitState = "given"
        case "not yet":
            state = "not yet"
        case "by choice":
            state = "for chosen partners"
        case "by a task":
            state = "being prepared"
    if process is not None and given.way in ("by a task", "by choice"):
        state = _STATES.get(process.state, state)
    return _shown(given.code, given.title, given.level, state, process)


def _shown(code: str, title: str, level: str, state: BenefitState, process: BenefitStands | None) -> BenefitShown:
    says = {
        "given": "The partner has it.",
        "being prepared": "The vendor prepares it.",
        "for chosen partners": "At this tier it is for partners that the vendor chooses.",
        "not yet": "It is announced for this tier.",
        "declined": "The partner does not want it.",
        "ending": BENEFIT.phases["to_take_back"].says,
    }
    return BenefitShown(
        benefit=code, title=title, how_far=level, state=state, since=process.since if process else None,
        says=says[state],
    )  # fmt: skip
