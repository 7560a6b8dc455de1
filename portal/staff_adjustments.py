"""The list of a half-year's adjustment, for staff: who would move, from where, to where, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from portal.environment import Here
from portal.problems import Problem
from portal.queues import process_link
from portal.staff_frame import staff_page
from portal.visitors import Staff, StaffRoute
from records.adjusting import late_facts, movers
from records.standing import process_of

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get("/adjustments/{half}")
def adjustment_page(
    half: Annotated[str, Path(pattern=r"^\d{4}-H[12]$", description="the half-year, like 2027-H1")],
    portal: Here,
    staff: Staff,
) -> Response:
    """Who moves at an adjustment, and the facts of its time that came later: the card in the Web UI leads here."""
    process = process_of(portal.engine, f"adjustment:{half}")
    if process is None:
        raise Problem("not-found", f"There is no adjustment of {half} yet.")
    return staff_page(
        "adjustment.html",
        staff,
        "",
        half=half,
        state=process.state,
        facts=process.facts,
        movers=movers(portal.engine, half),
        late=late_facts(portal.engine, half, cut_off=process.facts["cut-off"]),
        link=process_link(portal.ui_url, portal.namespace, f"adjustment:{half}"),
    )
