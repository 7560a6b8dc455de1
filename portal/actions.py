"""What a partner can say about its lead: that it is still at work, how it goes, that it gives up.

The words are kept in SQL; how they reach the process is in `portal/telling.py`.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.answering_once import Answer, IdempotencyKey
from portal.answers import Taken
from portal.callers import ByKey, Caller, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.leads import LeadInPath, visible_lead
from portal.problems import responses
from portal.requests import ProgressReport, Remark
from portal.telling import Addressee, noted, say
from portal.temporal import Received
from states.lead import LEAD

router = APIRouter(
    prefix="/v1/leads/{lead_id}",
    route_class=KeyedRoute,
    tags=["partner actions"],
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
)


@router.post(
    "/renewal-notice",
    status_code=202,
    response_model=Taken,
    summary="Give notice for a renewal",
    openapi_extra=needs(Scope.PARTNER),
)
async def renewal_notice(
    lead_id: LeadInPath,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    remark: Remark | None = None,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Give notice that the lead is still being worked, so that staff may renew it. The moment of receipt counts."""
    said = remark or Remark()
    return await _once(request, received, portal, caller, lead_id, idempotency_key, "give_notice", said)


@router.post(
    "/progress-reports",
    status_code=202,
    response_model=Taken,
    summary="Report progress",
    openapi_extra=needs(Scope.PARTNER),
)
async def progress_report(
    lead_id: LeadInPath,
    report: ProgressReport,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Report progress on a lead that the partner closes itself."""
    return await _once(request, received, portal, caller, lead_id, idempotency_key, "report_progress", report)


@router.post(
    "/withdrawal",
    status_code=202,
    response_model=Taken,
    summary="Withdraw the lead",
    openapi_extra=needs(Scope.PARTNER),
)
async def withdrawal(
    lead_id: LeadInPath,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    remark: Remark | None = None,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Withdraw the lead for good."""
    return await _once(request, received, portal, caller, lead_id, idempotency_key, "withdraw", remark or Remark())


async def _once(
    request: Request,
    received: Received,
    portal: Portal,
    caller: Caller,
    lead_id: str,
    key: str,
    action: str,
    said: Remark | ProgressReport,
) -> Response:
    lead = await run_in_threadpool(visible_lead, portal, caller, lead_id)
    to = Addressee(lead.process, LEAD, lead.state, f"The lead {lead.lead_id}")
    kept = noted(portal, lead.process, lead.partner_id, action, received, said.text)

    async def act(request_id: str) -> Answer:
        says = await say(portal, received, to, action, request_id, kept, _NAMES[action])
        body = Taken(lead_id=lead.lead_id, received_at=received.at, says=says)
        return Answer(202, body, location=f"/v1/leads/{lead.lead_id}")

    return await portal.once.answer(request, caller.id, key, said, act)


_NAMES = {"give_notice": "notice", "report_progress": "progress report", "withdraw": "withdrawal"}
