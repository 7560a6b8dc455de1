"""The staff's own pages: where they begin, and everything about a lead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from portal.answers import state_says
from portal.environment import Here, Portal
from portal.leads import LeadInPath, LeadState
from portal.partner_frame import standing_words
from portal.partners import PartnerInPath
from portal.problems import Problem, wrong
from portal.queues import process_link, queues
from portal.staff_frame import staff_page
from portal.visitors import PublicRoute, Staff, StaffMember, StaffRoute, signed_in
from records.benefits import benefits_of
from records.digest import how_many_wait
from records.leads import lead_with_history, list_leads
from records.mergers import mergers_with
from records.notes import notes_on
from records.partners import partner
from records.refusal import Refused
from records.standing import standing_in_full
from states.lead import LEAD

router = APIRouter(include_in_schema=False, route_class=StaffRoute)
start = APIRouter(include_in_schema=False, route_class=PublicRoute)


@start.get("/")
async def first_page(request: Request, portal: Here) -> Response:
    """Where staff begin: the queues, and how much waits. People of partners are led to their own pages."""
    member = StaffMember("", "", True)
    if not portal.staff.open:
        visitor = await signed_in(request)
        if not visitor.is_staff:
            return RedirectResponse("/me", status_code=303, headers={"Cache-Control": "no-store"})
        member = StaffMember(
            visitor.session.address, visitor.csrf, False, portal.staff.roles_of(visitor.session.address)
        )
    return await run_in_threadpool(_queues, portal, member)


@router.get("/leads")
def leads(
    portal: Here,
    staff: Staff,
    state: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """All leads, the newest first, fifty at a time."""
    chosen = state if state in set(LeadState) else ""
    try:
        found = list_leads(portal.engine, state=chosen or None, page=page)
    except Refused as refused:
        raise wrong("page", str(refused)) from None
    return staff_page(
        "staff_leads.html", staff, "/leads", leads=found.found, next=found.next, begun=page,
        states=list(LeadState), chosen=chosen, now=portal.now(),
    )  # fmt: skip


@router.get("/leads/{lead_id}")
def lead_page(lead_id: LeadInPath, portal: Here, staff: Staff) -> Response:
    """Everything about a lead: the card in the Web UI leads here."""
    found = lead_with_history(portal.engine, lead_id)
    if found is None:
        raise Problem("not-found", f"There is no lead {lead_id}.")
    lead, history = found
    notes = notes_on(portal.engine, lead.process)
    return staff_page(
        "lead.html",
        staff,
        "/leads",
        lead=lead,
        partner=partner(portal.engine, lead.partner_id),
        says=state_says(LEAD, lead.state),
        history=history,
        notes=notes,
        said={note.id: note.text for note in notes},
        link=process_link(portal.ui_url, portal.namespace, lead.process),
    )


@router.get("/partners/{partner_id}")
def partner_page(partner_id: PartnerInPath, portal: Here, staff: Staff) -> Response:
    """Where a partner stands: the card in the Web UI leads here."""
    known = partner(portal.engine, partner_id)
    found = standing_in_full(portal.engine, partner_id, now=portal.now(), otherwise=portal.edition)
    if known is None or found is None:
        raise Problem("not-found", f"There is no partner {partner_id} that holds a tier.")
    return staff_page(
        "standing.html",
        staff,
        "",
        name=known.name,
        mergers=mergers_with(portal.engine, partner_id),
        link=process_link(portal.ui_url, portal.namespace, f"partner:{partner_id}"),
        with_process=set(benefits_of(portal.engine, partner_id)),
        partner_id=partner_id,
        now=portal.now(),
        **standing_words(portal, found),
    )


def _queues(portal: Portal, member: StaffMember) -> Response:
    return staff_page(
        "start.html",
        member,
        "/",
        queues=queues(portal.ui_url, portal.namespace),
        waiting=how_many_wait(portal.engine),
        has_mailbox=portal.mailbox,
        now=portal.now(),
    )
