"""The staff's pages of applications and of benefits: the cards in the Web UI lead here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from portal.answers import state_says
from portal.applications import ApplicationInPath, ApplicationState
from portal.environment import Here
from portal.problems import Problem, wrong
from portal.queues import process_link
from portal.staff_frame import staff_page
from portal.visitors import Staff, StaffRoute
from program.edition import edition
from records.applications import acknowledgements_of, application, further_of, list_applications
from records.benefits import benefits_of
from records.history import history_of
from records.notes import notes_on
from records.partners import partner
from records.refusal import Refused
from states.application import APPLICATION
from states.benefit import BENEFIT

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get("/applications")
def applications(
    portal: Here,
    staff: Staff,
    state: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """All applications, the newest first, fifty at a time."""
    chosen = state if state in set(ApplicationState) else ""
    try:
        found = list_applications(portal.engine, state=chosen or None, page=page)
    except Refused as refused:
        raise wrong("page", str(refused)) from None
    return staff_page(
        "staff_applications.html", staff, "/applications", applications=found.found, next=found.next, begun=page,
        states=list(ApplicationState), chosen=chosen, now=portal.now(),
    )  # fmt: skip


@router.get("/applications/{application_id}")
def application_page(application_id: ApplicationInPath, portal: Here, staff: Staff) -> Response:
    """Everything about an application."""
    found = application(portal.engine, application_id)
    if found is None:
        raise Problem("not-found", f"There is no application {application_id}.")
    notes = notes_on(portal.engine, found.process)
    return staff_page(
        "application.html",
        staff,
        "/applications",
        application=found,
        says=state_says(APPLICATION, found.state),
        questions=edition(portal.edition).joining.questions,
        further=further_of(portal.engine, application_id),
        acknowledged=acknowledgements_of(portal.engine, application_id),
        history=history_of(portal.engine, found.process),
        notes=notes,
        said={note.id: note.text for note in notes},
        link=process_link(portal.ui_url, portal.namespace, found.process),
    )


@router.get("/benefits/{benefit_id}")
def benefit_page(benefit_id: str, portal: Here, staff: Staff) -> Response:
    """Everything about a benefit of a partner."""
    partner_id, _, code = benefit_id.rpartition(":")
    found = benefits_of(portal.engine, partner_id).get(code)
    if found is None:
        raise Problem("not-found", f"There is no benefit {benefit_id}.")
    return staff_page(
        "benefit.html",
        staff,
        "",
        benefit=found,
        partner_id=partner_id,
        partner=partner(portal.engine, partner_id),
        says=state_says(BENEFIT, found.state),
        history=history_of(portal.engine, found.process),
        said={},
        link=process_link(portal.ui_url, portal.namespace, found.process),
    )
