"""A partner's leads as pages: the list, a lead with its history, and what can be said, through the API's doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from portal import actions
from portal.answers import in_full
from portal.environment import Here, Portal, Stamp
from portal.forms import AWAY, Mistaken, filled_in, new_once, once_of, read, text_of
from portal.leads import LeadInPath, LeadState, register_lead, visible_lead
from portal.partner_frame import PartnerInPath, done, partner_page, possible
from portal.problems import Mistake, Problem, wrong
from portal.requests import LeadSubmission, ProgressReport, Remark
from portal.visitors import PartnerRoute, Visitor, Who
from records.history import history_of
from records.leads import Lead, list_leads
from records.notes import notes_on
from records.refusal import Refused
from states.lead import LEAD
from workflows.doors import TemporalAway

router = APIRouter(prefix="/my/{partner_id}", include_in_schema=False, route_class=PartnerRoute)

_CALLED = {
    "company": "The prospect's name",
    "website": "Its web address",
    "contact_name": "Whom you talk to",
    "contact_email": "That person's e-mail address",
    "note": "What the reviewers should know",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a partner can say about a lead: a form, and the address to which it is sent."""

    action: str
    path: str
    title: str
    says: str
    needs_text: bool = False
    asked: bool = True


DEEDS = (
    Deed("give_notice", "renewal-notice", "Give notice for a renewal",
         "Say that you are still at work on it, before its window ends. Our staff then decide on another window."),
    Deed("report_progress", "progress-reports", "Report progress",
         "Tell us how it goes: a lead that you close yourself needs a report now and then.", needs_text=True),
    Deed("withdraw", "withdrawal", "Withdraw the lead", "You give it up for good; somebody else may register it.",
         asked=False),
)  # fmt: skip


@router.get("/leads")
def leads(
    partner_id: PartnerInPath,
    portal: Here,
    who: Who,
    state: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """The partner's leads, the newest first, fifty at a time."""
    chosen = state if state in set(LeadState) else ""
    try:
        found = list_leads(portal.engine, partner_id=partner_id, state=chosen or None, page=page)
    except Refused as refused:
        raise wrong("page", str(refused)) from None
    return partner_page(
        "partner_leads.html", portal, who, partner_id, "/leads",
        leads=found.found, next=found.next, begun=page, states=list(LeadState), chosen=chosen,
    )  # fmt: skip


@router.get("/leads/{lead_id}")
def lead(partner_id: PartnerInPath, lead_id: LeadInPath, portal: Here, who: Who) -> Response:
    """One lead: where it stands, what comes next, what the partner can do, what happened."""
    return _shown(portal, who, _its_lead(portal, who, partner_id, lead_id), new_once())


def _shown(
    portal: Portal, who: Visitor, found: Lead, once: str, typed: dict[str, str] | None = None,
    mistakes: Sequence[Mistake] = (), status: int = 200,
) -> Response:  # fmt: skip
    follows = possible(LEAD, found.state)
    deeds = [each for each in DEEDS if each.action in follows]
    shown = in_full(found, history_of(portal.engine, found.process), notes_on(portal.engine, found.process))
    return partner_page(
        "partner_lead.html", portal, who, found.partner_id, "/leads", status=status, typed=typed or {},
        mistakes=list(mistakes), lead=shown, since=found.since, once=once, deeds=deeds,
    )  # fmt: skip


@router.get("/new-lead")
def new_lead(partner_id: PartnerInPath, portal: Here, who: Who) -> Response:
    """The form with which a lead is registered."""
    return _form(portal, who, partner_id, new_once(), {}, [])


@router.post("/new-lead")
async def register(partner_id: PartnerInPath, request: Request, received: Stamp, portal: Here, who: Who) -> Response:
    """Register a lead."""
    form = await request.form()
    once, values = once_of(form), filled_in(form, *_CALLED, "self_closed")
    content = {**values, "partner_id": partner_id, "self_closed": values["self_closed"] == "yes"}
    try:
        submission = read(LeadSubmission, content, _CALLED)
    except Mistaken as mistaken:
        return _form(portal, who, partner_id, once, values, mistaken.mistakes, status=422)
    act = register_lead(submission, request, received, portal, who.acting_for(partner_id), once)
    try:
        return await done(act, portal, who, partner_id, "/leads", "/leads", "To your leads")
    except TemporalAway:
        return _form(portal, who, partner_id, once, values, [AWAY], status=503)


@router.post("/leads/{lead_id}/{deed}")
async def say(
    partner_id: PartnerInPath, lead_id: LeadInPath, deed: str, request: Request, received: Stamp, portal: Here, who: Who
) -> Response:
    """Say something about a lead."""
    form = await request.form()
    found = await run_in_threadpool(_its_lead, portal, who, partner_id, lead_id)
    text, once, caller = text_of(form, "text"), once_of(form), who.acting_for(partner_id)
    called = {"text": "What our staff should know"}
    try:
        match deed:
            case "renewal-notice":
                act = actions.renewal_notice(
                    lead_id, request, received, portal, caller, read(Remark, {"text": text}, called), once
                )
            case "progress-reports":
                report = read(ProgressReport, {"text": text}, called)
                act = actions.progress_report(lead_id, report, request, received, portal, caller, once)
            case "withdrawal":
                act = actions.withdrawal(
                    lead_id, request, received, portal, caller, read(Remark, {"text": text}, called), once
                )
            case _:
                raise Problem("not-found", "There is no such page, or it is not yours.")
        return await done(act, portal, who, partner_id, "/leads", f"/leads/{lead_id}", "To the lead")
    except Mistaken as mistaken:
        mistakes, status = [Mistake(field=f"text-{deed}", detail=each.detail) for each in mistaken.mistakes], 422
    except TemporalAway:
        mistakes, status = [AWAY], 503
    return await run_in_threadpool(_shown, portal, who, found, once[:24], {deed: text}, mistakes, status)


def _its_lead(portal: Portal, who: Visitor, partner_id: str, lead_id: str) -> Lead:
    return visible_lead(portal, who.acting_for(partner_id), lead_id)


def _form(
    portal: Portal, who: Visitor, partner_id: str, once: str, values: dict[str, str], mistakes: list[Mistake],
    status: int = 200,
) -> Response:  # fmt: skip
    return partner_page(
        "partner_new_lead.html", portal, who, partner_id, "/leads",
        status=status, once=once, values=values, mistakes=mistakes,
    )  # fmt: skip
