"""What a partner's standing gives it, gave it before, and where each benefit stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from portal.callers import ByKey, KeyedRoute, Scope, needs
from portal.environment import Here, Portal
from portal.partners import PartnerInPath
from portal.problems import Problem, responses
from program.benefits import BY_LINK, Given, benefits_at
from program.edition import Edition, Tier, Track, edition
from program.evaluation import Standing
from records.benefits import BenefitStands, benefits_of, benefits_to_come
from records.partners import Partner, partner
from records.standing import PREFIX, Interval, history_of_standing, process_of

router = APIRouter(prefix="/v1/partners", route_class=KeyedRoute, tags=["partners"])

BenefitState = Literal[
    "given", "being prepared", "for chosen partners", "not yet", "declined", "ending", "withdrawn"
]  # fmt: skip
WaitsFor = Literal["", "an agreement with the partner", "the vendor's team", "the vendor's choice"]


class BenefitShown(BaseModel):
    """A benefit, how far it goes at the partner's standing, and where it stands."""

    benefit: str = Field(description="its code")
    title: str
    how_far: str = Field(description="yes, limited, prioritised, quarterly …; empty for one that ends or has ended")
    state: BenefitState
    since: datetime | None = Field(description="since when it is so (UTC); null where nothing has begun or ended")
    waits_for: WaitsFor = Field(description="what has to happen next, or empty")
    due: datetime | None = Field(description="by when that is planned (UTC); null where no day is set, or it is late")
    link: str = Field(description="the partner's own link, where a link is the benefit; otherwise empty")
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
    """What the partner's standing gives it, and what it gave before. What people carry out says how far they are."""
    found = partner(portal.engine, partner_id) if caller.knows(partner_id) else None
    if found is None:
        raise Problem("not-found", f"There is no partner {partner_id}.")
    return BenefitsShown(partner_id=found.id, track=found.track, tier=found.tier, benefits=shown(portal, found))


def shown(portal: Portal, found: Partner) -> list[BenefitShown]:
    """The benefits of a partner, in the order of the edition's table; then those that end, or have ended."""
    standing = process_of(portal.engine, f"{PREFIX}{found.id}")
    rules = edition(standing.edition if standing else portal.edition)
    history = history_of_standing(portal.engine, found.id)
    processes = benefits_of(portal.engine, found.id)
    given = benefits_at(rules, Standing(found.track, found.tier) if found.active else None)
    known = {each.code for each in given}
    # A partner that was entered with its tier has what the tier gives: of that no process has begun.
    coming = benefits_to_come(portal.engine, found.id, known - set(processes)) if standing else known
    return [
        *(
            _held(each, rules, history, processes.get(each.code), link=portal.benefit_links.of(each.code, found.id),
                  is_coming=each.code in coming)
            for each in given
        ),
        *_over(rules, history, processes, known),
    ]  # fmt: skip


_STATES: dict[str, BenefitState] = {
    "given": "given",
    "to_agree": "being prepared",
    "to_do": "being prepared",
    "declined": "declined",
    "to_take_back": "ending",
    "offered": "for chosen partners",
}
_WAITS_FOR: dict[str, WaitsFor] = {
    "to_agree": "an agreement with the partner",
    "to_do": "the vendor's team",
    "to_take_back": "the vendor's team",
    "offered": "the vendor's choice",
}
_SAYS: dict[BenefitState, str] = {
    "given": "It is there.",
    "being prepared": "It comes with the tier, and has to be carried out.",
    "for chosen partners": "At this tier it is for chosen partners.",
    "not yet": "It is announced for this tier.",
    "declined": "It was declined; the vendor's team can take it up again.",
    "ending": "The tier does not give it any more, and it is taken back.",
    "withdrawn": "The tier does not give it any more.",
}
NO_LINK = "This portal has no affiliate links yet, so there is none to pass on."


def _held(
    given: Given,
    rules: Edition,
    history: Sequence[Interval],
    process: BenefitStands | None,
    *,
    link: str,
    is_coming: bool,
) -> BenefitShown:
    """A benefit that the standing gives. `is_coming`: its process is about to begin; `link` gives it here, or is ""."""
    if given.code in BY_LINK and given.way == "at once" and not link:
        return _shown(given.code, given.title, given.level, "not yet", says=NO_LINK)
    if process is not None and given.way in ("by a task", "by choice"):
        untold: BenefitState = "being prepared" if given.way == "by a task" else "for chosen partners"
        return _by_people(given.code, given.title, given.level, process, link=link, untold=untold)
    match given.way:
        case "not yet":
            state: BenefitState = "not yet"
        case "by choice":
            state = "for chosen partners"
        case "by a task" if is_coming and not link:
            state = "being prepared"
        case _:
            state = "given"
    if state != "given":
        return _shown(given.code, given.title, given.level, state)
    since = _given_since(rules, history, given.code)
    return _shown(given.code, given.title, given.level, state, since=since, link=link)


def _by_people(
    code: str, title: str, level: str, process: BenefitStands, *, link: str = "", untold: BenefitState = "ending"
) -> BenefitShown:
    """A benefit as its own process stands; `untold` is how one stands that is about to be told of it."""
    state, due = _STATES.get(process.state, untold), process.facts.get("to be done by")
    says, waits = _SAYS[state], _WAITS_FOR.get(process.state, "")
    if process.state == "to_agree":
        says = "It is agreed with the partner before anything is done."
    if state == "ending" and level:
        says = "At this tier it is for chosen partners: it is taken back, unless this partner is chosen."
    if process.overdue:
        says += " This takes longer than planned."
    return _shown(
        code, title, level, state, since=process.since if process.state in _STATES else None, says=says,
        waits_for=waits, due=datetime.fromisoformat(due) if due else None, link=link if state == "given" else "",
    )  # fmt: skip


def _over(
    rules: Edition, history: Sequence[Interval], processes: Mapping[str, BenefitStands], known: set[str]
) -> list[BenefitShown]:
    """What an earlier standing gave and this one does not, the last to end first; of choices only what was carried out.

    One that the vendor's team still has to take back is ending.
    """
    over: dict[str, BenefitShown] = {}
    for each in processes.values():
        if each.code not in known and each.state == "to_take_back":
            over[each.code] = _by_people(each.code, str(each.facts["benefit"]), "", each)
    for interval in history:
        for given in benefits_at(rules, Standing(Track(interval.track), Tier(interval.tier))):
            ended = interval.until is not None and given.way in ("at once", "by a task")
            if ended and given.code not in known and given.code not in over:
                over[given.code] = _shown(given.code, given.title, "", "withdrawn", since=interval.until)
    return list(over.values())


def _given_since(rules: Edition, history: Sequence[Interval], code: str) -> datetime | None:
    """Since when the standings held without a gap have given a benefit at once or by a task; newest first."""
    since: datetime | None = None
    for interval in history:
        held = benefits_at(rules, Standing(Track(interval.track), Tier(interval.tier)))
        gives = any(given.code == code and given.way in ("at once", "by a task") for given in held)
        if not gives or (since is not None and interval.until != since):
            break
        since = interval.since
    return since


def _shown(
    code: str,
    title: str,
    level: str,
    state: BenefitState,
    *,
    since: datetime | None = None,
    says: str = "",
    waits_for: WaitsFor = "",
    due: datetime | None = None,
    link: str = "",
) -> BenefitShown:
    return BenefitShown(
        benefit=code, title=title, how_far=level, state=state, since=since, waits_for=waits_for, due=due, link=link,
        says=says or _SAYS[state],
    )  # fmt: skip
