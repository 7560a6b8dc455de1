"""What a partner can say about its lead: that it is still at work, how it goes, that it gives up.

The words are kept in SQL; the process gets the id under which they are kept and the moment of receipt.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.answering_once import Answer, IdempotencyKey
from portal.answers import Taken, moment
from portal.callers import ByKey, Caller, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.leads import LeadInPath, visible_lead
from portal.problems import Problem, responses
from portal.requests import ProgressReport, Remark
from portal.temporal import Received
from records.leads import Lead
from records.notes import Note, drop_note, keep_note
from states.lead import LEAD
from workflows.doors import TemporalAway

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

    async def act(request_id: str) -> Answer:
        return await _say(portal, received, lead, action, said.text, request_id)

    return await portal.once.answer(request, caller.id, key, said, act)


async def _say(portal: Portal, received: Received, lead: Lead, action: str, text: str, request_id: str) -> Answer:
    message_id = f"portal:{request_id}"
    if text:
        note = Note(message_id, lead.process, action, lead.partner_id, received.at, text)
        await run_in_threadpool(keep_note, portal.engine, note)
    payload = {"id": message_id, "at": received.at.isoformat(), "by": "partner"}
    try:
        told = await portal.temporal.tell(received, lead.process, action, payload)
    except TemporalAway:
        # What Temporal does not hold was not said. Sent again under its key, the note gets its id and a new stamp.
        await run_in_threadpool(drop_note, portal.engine, message_id)
        raise
    if not told:
        await run_in_threadpool(drop_note, portal.engine, message_id)
        raise Problem(
            "over", f"The lead {lead.lead_id} is over ({_words(lead.state)}); nothing can be said to it any more."
        )
    body = Taken(lead_id=lead.lead_id, received_at=received.at, says=_says(lead, action, moment(received.at)))
    return Answer(202, body, location=f"/v1/leads/{lead.lead_id}")


def _says(lead: Lead, action: str, stamp: str) -> str:
    """What was taken in. What the lead makes of it, only its process decides; the last known state is a hint."""
    taken = f"The {_NAMES[action]} was received as of {stamp} (New York)."
    follows = any(move.trigger == action and lead.state in move.sources for move in LEAD.moves)
    if follows or lead.state == "received":
        return taken
    return f"{taken} As last recorded the lead is {_words(lead.state)}, where it has no effect; its history will tell."


_NAMES = {"give_notice": "notice", "report_progress": "progress report", "withdraw": "withdrawal"}


def _words(name: str) -> str:
    return name.replace("_", " ")
