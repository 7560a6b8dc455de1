"""A partner's standing over HTTP: the facts that it depends on come in, and where it stands is told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from portal.answering_once import Answer, IdempotencyKey
from portal.callers import ByKey, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.partners import PartnerInPath
from portal.problems import Problem, responses
from portal.standing_shown import PartnerFactReport, PartnerFactTaken, StandingShown, shown
from portal.temporal import Received
from portal.words import not_in_future
from records.partner_told import take_partner_fact
from records.partners import partner
from records.refusal import Refused
from records.standing import standing_in_full

router = APIRouter(prefix="/v1/partners", route_class=KeyedRoute, tags=["partners"])

FactInBody = Annotated[PartnerFactReport, Field()]


@router.post(
    "/{partner_id}/facts",
    status_code=202,
    response_model=PartnerFactTaken,
    summary="Report a fact about a partner",
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=needs(Scope.CRM),
)
async def report_partner_fact(
    partner_id: PartnerInPath,
    report: FactInBody,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Report a certification, a website that was checked, a team, a health score …

    Its source and fact_id make it one fact, however often it is sent. What it means for the partner's tier is decided
    within seconds. Of one kind the newest counts, by `occurred_at`; certifications and case studies add up.
    """
    caller.acts_for_all()

    async def act(_request_id: str) -> Answer:
        not_in_future("occurred_at", report.occurred_at, received.at)
        return Answer(202, await run_in_threadpool(_take, portal, received, partner_id, report))

    return await portal.once.answer(request, caller.id, idempotency_key, report, act)


@router.get(
    "/{partner_id}/standing",
    summary="Read where a partner stands",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.PARTNER, Scope.READ, Scope.ADMIN),
)
def read_standing(partner_id: PartnerInPath, portal: Here, caller: ByKey) -> StandingShown:
    """Track and tier, every requirement with what was found and what is missing, and the history with its reasons."""
    known = caller.knows(partner_id)
    found = standing_in_full(portal.engine, partner_id, now=portal.now(), otherwise=portal.edition) if known else None
    if found is None:
        raise Problem("not-found", f"There is no partner {partner_id} that holds a tier.")
    return shown(found)


def _take(portal: Portal, received: Received, partner_id: str, report: PartnerFactReport) -> PartnerFactTaken:
    if partner(portal.engine, partner_id) is None:
        raise Problem("not-found", f"There is no partner {partner_id}.")
    try:
        recorded = take_partner_fact(
            portal.engine,
            source=report.source,
            fact_id=report.fact_id,
            partner_id=partner_id,
            said=report.fact,
            at=report.occurred_at,
            now=received.at,
        )
    except Refused as refused:
        raise Problem("over", str(refused)) from None
    if recorded == "conflict":
        raise Problem(
            "other-fact",
            f"The fact {report.fact_id} of {report.source} was reported before with other content, which stands; "
            "report what is new under a fact_id of its own.",
        )
    again = " It had been reported before." if recorded == "same" else ""
    return PartnerFactTaken(
        source=report.source,
        fact_id=report.fact_id,
        partner_id=partner_id,
        known_before=recorded == "same",
        says=f"Recorded: {report.fact.kind.replace('_', ' ')} of {partner_id}.{again}",
    )
