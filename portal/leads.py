"""Leads over HTTP: register, list, read."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.answering_once import Answer, IdempotencyKey
from portal.answers import LeadInFull, LeadPage, Registered, in_full, registered_at, state_says, summary
from portal.callers import ByKey, Caller, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.hearing import hear_of
from portal.problems import Problem, responses, wrong
from portal.registering import NewLead, register
from portal.requests import AffiliateSignup, LeadSubmission
from portal.words import LeadId, PartnerId, moment, not_in_future
from records.history import history_of
from records.leads import Lead, lead, list_leads
from records.notes import notes_on
from records.refusal import Refused
from states.lead import LEAD

router = APIRouter(prefix="/v1", route_class=KeyedRoute, tags=["leads"])

LeadState = StrEnum("LeadState", [(name.upper(), name) for name in LEAD.phases])  # type: ignore[misc]
LeadInPath = Annotated[LeadId, Path(description="the lead's id")]


@router.post(
    "/leads",
    status_code=202,
    response_model=Registered,
    summary="Register a lead",
    responses={
        200: {"model": Registered, "description": "The partner's existing lead"},
        **responses(400, 401, 403, 413, 422, 503),
    },
    openapi_extra=needs(Scope.PARTNER),
)
async def register_lead(
    submission: LeadSubmission,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Register a lead for a partner. Answered when it is durable; the moment of receipt counts.

    202 with the new lead's address, or 200 when the partner has a lead for this prospect already.
    """
    caller.acts_for(submission.partner_id)

    async def act(_request_id: str) -> Answer:
        new = NewLead(
            partner_id=submission.partner_id,
            domain=submission.website,
            registered_at=received.at,
            origin="form",
            company=submission.company,
            contact_name=submission.contact_name,
            contact_email=submission.contact_email,
            note=submission.note,
            self_closed=submission.self_closed,
        )
        lead_id, existing = await register(portal, received, new)
        return await _registered(portal, new, lead_id, existing)

    return await portal.once.answer(request, caller.id, idempotency_key, submission, act)


@router.post(
    "/affiliate-signups",
    status_code=202,
    response_model=Registered,
    summary="Report an account that was opened through an affiliate link",
    responses={
        200: {"model": Registered, "description": "The partner's existing lead"},
        **responses(400, 401, 403, 413, 422, 503),
    },
    openapi_extra=needs(Scope.CRM),
)
async def report_signup(
    signup: AffiliateSignup,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Report a sign-up. The window runs from `opened_at`; payments that were reported before are taken into account."""
    caller.acts_for(signup.partner_id)

    async def act(_request_id: str) -> Answer:
        not_in_future("opened_at", signup.opened_at, received.at)
        new = NewLead(
            partner_id=signup.partner_id,
            domain=signup.domain,
            registered_at=signup.opened_at,
            origin="affiliate",
            company=signup.company or signup.domain,
            contact_name=signup.contact_name,
            contact_email=signup.contact_email,
            note=f"Account {signup.account}, opened through the affiliate link by the {signup.opened_by}.",
        )
        lead_id, existing = await register(portal, received, new)
        remark = await hear_of(portal, received, signup.account, source="affiliate", domain=signup.domain)
        return await _registered(portal, new, lead_id, existing, remark)

    return await portal.once.answer(request, caller.id, idempotency_key, signup, act)


@router.get(
    "/leads",
    summary="List leads",
    responses=responses(401, 403, 422, 503),
    openapi_extra=needs(Scope.PARTNER, Scope.READ),
)
def list_of_leads(
    portal: Here,
    caller: ByKey,
    partner_id: Annotated[PartnerId | None, Query(description="only this partner's")] = None,
    state: Annotated[LeadState | None, Query(description="only those in this state")] = None,
    page: Annotated[str, Query(max_length=400, description="the next_page of the page before")] = "",
) -> LeadPage:
    """Leads, the newest first, fifty at a time. A key that is bound to a partner sees that partner's."""
    if partner_id is not None and not caller.knows(partner_id):
        return LeadPage(leads=[], next_page="")
    whose = partner_id or caller.only_partner
    try:
        found = list_leads(portal.engine, partner_id=whose, state=state.value if state else None, page=page)
    except Refused as refused:
        raise wrong("page", str(refused)) from None
    return LeadPage(leads=[summary(each) for each in found.found], next_page=found.next)


@router.get(
    "/leads/{lead_id}",
    summary="Read a lead",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.PARTNER, Scope.READ),
)
def read_lead(lead_id: LeadInPath, portal: Here, caller: ByKey) -> LeadInFull:
    """A lead with its deadline, its history, and what the partner wrote."""
    found = visible_lead(portal, caller, lead_id)
    return in_full(found, history_of(portal.engine, found.process), notes_on(portal.engine, found.process))


def visible_lead(portal: Portal, caller: Caller, lead_id: str) -> Lead:
    """The lead, if there is one that the caller may know of."""
    found = lead(portal.engine, lead_id)
    if found is None or not caller.knows(found.partner_id):
        raise Problem("not-found", f"There is no lead {lead_id}.")
    return found


async def _registered(portal: Portal, new: NewLead, lead_id: str, existing: bool, remark: str = "") -> Answer:
    known = await run_in_threadpool(lead, portal.engine, lead_id) if existing else None
    state, since = (known.state, registered_at(known)) if known else ("received", new.registered_at)
    body = Registered(
        lead_id=lead_id,
        partner_id=new.partner_id,
        domain=new.domain,
        state=state,
        registered_at=since,
        says=(
            f"{new.partner_id} has {new.domain} already, since {moment(since)}: this is that lead. "
            f"{state_says(LEAD, state)}"
            if existing
            else f"{new.domain} is registered for {new.partner_id} as of {moment(since)} (New York)."
        )
        + remark,
    )
    return Answer(200 if existing else 202, body, location=f"/v1/leads/{lead_id}")
