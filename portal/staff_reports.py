"""Reports, for staff: the half-years that there are, and of each the page that `partnerflow report` writes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse

from portal.environment import Here
from portal.problems import Problem
from portal.showing import HEADERS
from portal.staff_frame import staff_page
from portal.visitors import Staff, StaffRoute
from program.calendar import Half, program_date
from program.edition import edition
from reports.season import page

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

MOST = 6
# A report carries its style and its pictures with it. Nothing in it may run, and nothing may be loaded.
_HEADERS = HEADERS | {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; form-action 'none'; "
        "frame-ancestors 'none'"
    )
}


@router.get("/reports")
def reports(portal: Here, staff: Staff) -> Response:
    """The half-years of which there can be a report, the one in course first."""
    half, known = Half.of(program_date(portal.now())), []
    for _ in range(MOST):
        known.append(str(half))
        half = half.previous()
    return staff_page("staff_reports.html", staff, "/reports", halves=known)


@router.get("/reports/{half}")
def report(half: Annotated[str, Path(pattern=r"^\d{4}-H[12]$")], portal: Here, staff: Staff) -> Response:  # noqa: ARG001
    """The report of a half-year, as of now or of its end."""
    which, now = Half.parse(half), portal.now()
    if which > Half.of(program_date(now)):
        raise Problem("not-found", f"{half} has not begun yet.")
    return HTMLResponse(page(portal.engine, which, now=now, rules=edition(portal.edition)), headers=_HEADERS)
