"""The staff's pages of elite seasons: a season with its nominations side by side, and a nomination with its forms.

What is filled in here reaches the same updates as what is typed in the Web UI, and is refused with the same sentences.
Cases and remarks are kept in the records; the processes hear of them by number.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from portal.answers import happened
from portal.comparison_picture import picture
from portal.environment import Here, Portal, Stamp
from portal.forms import new_once, once_of, text_of
from portal.problems import Mistake, Problem
from portal.queues import process_link
from portal.staff_frame import ELITE_READERS, staff_page
from portal.temporal import Received
from portal.visitors import Staff, StaffMember, StaffRoute, for_roles
from program.edition import edition
from program.readable import is_readable
from program.rubric import checked_sheet, read_sheet
from records.history import history_of
from records.nominations import (
    NominationStands,
    cases_of,
    drop_remarks,
    keep_case,
    keep_remarks,
    last_sheet,
    nomination,
    nominations_of,
    seasons,
)
from records.notes import notes_on
from records.season_list import listed
from states.messages import Refusal
from states.nomination import NOMINATION
from states.season import SEASON
from states.staff import Role

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

READERS = for_roles(*ELITE_READERS)
MANAGERS, MEMBERS = for_roles(Role.MANAGER), for_roles(Role.COMMITTEE, Role.CHAIR)

HalfInPath = Annotated[str, Path(pattern=r"^\d{4}-H[12]$")]
NominationInPath = Annotated[str, Path(pattern=r"^\d{4}-H[12]:[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]

LONGEST_CASE = 8_000
MOST_LINKS = 20
_LINK = re.compile(r"https?://[^\s<>\"]{3,500}")


@router.get("/seasons", openapi_extra=READERS)
def newest(portal: Here, staff: Staff) -> Response:
    """The newest season."""
    known = seasons(portal.engine)
    if known:
        return RedirectResponse(f"/seasons/{known[0][0]}", status_code=303, headers={"Cache-Control": "no-store"})
    return staff_page("elite_none.html", staff, "/seasons")


@router.get("/seasons/{half}", openapi_extra=READERS)
def season_page(half: HalfInPath, portal: Here, staff: Staff) -> Response:
    """A season: how far it is, its list, and its nominations side by side."""
    known = {subject: (state, facts) for subject, state, facts in seasons(portal.engine)}
    if half not in known:
        raise Problem("not-found", f"There is no season {half}.")
    state, facts = known[half]
    nominations = nominations_of(portal.engine, half)
    compared = [each for each in nominations if (each.facts.get("marks") or {}).get("areas")]
    rubric = edition(portal.edition).elite.rubric
    return staff_page(
        "elite_season.html", staff, "/seasons",
        half=half, halves=list(known), state=state, says=SEASON.phases[state].says, facts=facts,
        nominations=nominations, compared=compared, areas=rubric.areas, rubric=rubric,
        picture=picture(rubric, compared) if compared else "",
        listed=listed(portal.engine, half), link=process_link(portal.ui_url, portal.namespace, f"elite:{half}"),
    )  # fmt: skip


@router.get("/nominations/{nomination_id}", openapi_extra=READERS)
def nomination_page(nomination_id: NominationInPath, portal: Here, staff: Staff) -> Response:
    """A nomination: its case, the checklist, how it stands, and the rubric as a form."""
    return _shown(portal, staff, nomination_id, new_once(), {}, [])


@router.post("/nominations/{nomination_id}/score", openapi_extra=MEMBERS)
async def score(
    nomination_id: NominationInPath, request: Request, received: Stamp, portal: Here, staff: Staff
) -> Response:
    """Send a member's whole sheet, with its remarks."""
    form = await request.form()
    values = {name: text_of(form, name) for name in form}
    once, rubric = once_of(form), edition(portal.edition).elite.rubric
    if unreadable := _unreadable(values):
        return await _again(portal, staff, nomination_id, once, values, unreadable)
    by = staff.address or text_of(form, "by").strip()
    given = {
        area.area: [text_of(form, f"{area.area}-{number}") for number in range(len(area.questions))]
        for area in rubric.areas
    }
    try:
        sheet = checked_sheet(rubric, {name: [_whole(each) for each in scores] for name, scores in given.items()})
    except ValueError as mistake:
        return await _again(portal, staff, nomination_id, once, values, str(mistake))
    remarks = {
        f"{once}:{area.area}": (area.area, text)
        for area in rubric.areas
        if (text := text_of(form, f"{area.area}-remark").strip()[:4_000])
    }
    said = {"id": once, "by": by, "scores": {name: list(scores) for name, scores in sheet.items()}}
    keep = partial(keep_remarks, portal.engine, f"nomination:{nomination_id}", by=by, remarks=remarks, now=received.at)
    await run_in_threadpool(keep)
    refused = await _ask(portal, received, staff, nomination_id, "score", said, once, values)
    if refused is not None:
        await run_in_threadpool(drop_remarks, portal.engine, list(remarks))
    return refused or _done(nomination_id)


@router.post("/nominations/{nomination_id}/recuse", openapi_extra=MEMBERS)
async def recuse(
    nomination_id: NominationInPath, request: Request, received: Stamp, portal: Here, staff: Staff
) -> Response:
    """Take no part in a decision."""
    return await _reasoned("recuse", nomination_id, request, received, portal, staff)


@router.post("/nominations/{nomination_id}/decline", openapi_extra=MANAGERS)
async def decline(
    nomination_id: NominationInPath, request: Request, received: Stamp, portal: Here, staff: Staff
) -> Response:
    """Do not nominate."""
    return await _reasoned("decline", nomination_id, request, received, portal, staff)


@router.post("/nominations/{nomination_id}/nominate", openapi_extra=MANAGERS)
async def nominate(
    nomination_id: NominationInPath, request: Request, received: Stamp, portal: Here, staff: Staff
) -> Response:
    """Nominate, with the case in writing and links to its evidence."""
    form = await request.form()
    values, once = {name: text_of(form, name) for name in form}, once_of(form)
    text, by = text_of(form, "case").strip(), staff.address or text_of(form, "by").strip()
    links = text_of(form, "links").split()
    if unreadable := _unreadable(values):
        return await _again(portal, staff, nomination_id, once, values, unreadable)
    if not text or len(text) > LONGEST_CASE:
        says = f"The case can't be empty or longer than {LONGEST_CASE} letters: say why this partner should be elite."
        return await _again(portal, staff, nomination_id, once, values, says)
    wrong = next((link for link in links if _LINK.fullmatch(link) is None), "")
    if wrong or len(links) > MOST_LINKS:
        says = (
            f"«{wrong[:60]}» is no web address; evidence is one address in a line, such as https://example.com/case."
            if wrong
            else f"There can be at most {MOST_LINKS} links."
        )
        return await _again(portal, staff, nomination_id, once, values, says)
    process = f"nomination:{nomination_id}"
    number = await run_in_threadpool(keep_case, portal.engine, process, by=by, text=text, links=links, now=received.at)
    said = {"id": once, "by": by, "case": number}
    refused = await _ask(portal, received, staff, nomination_id, "nominate", said, once, values)
    return refused or _done(nomination_id)


async def _reasoned(
    action: str, nomination_id: str, request: Request, received: Received, portal: Portal, staff: StaffMember
) -> Response:
    form = await request.form()
    values, once = {name: text_of(form, name) for name in form}, once_of(form)
    if unreadable := _unreadable(values):
        return await _again(portal, staff, nomination_id, once, values, unreadable)
    said = {"id": once, "by": staff.address or text_of(form, "by").strip(), "reason": text_of(form, "reason")}
    refused = await _ask(portal, received, staff, nomination_id, action, said, once, values)
    return refused or _done(nomination_id)


async def _ask(
    portal: Portal, received: Received, staff: StaffMember, nomination_id: str, action: str, said: dict[str, Any],
    once: str, values: dict[str, str],
) -> Response | None:  # fmt: skip
    """Send an update; None when it was followed, otherwise the page again with what was wrong."""
    try:
        answer = await portal.temporal.ask(received, f"nomination:{nomination_id}", action, said)
    except Refusal as refusal:
        return await _again(portal, staff, nomination_id, once, values, str(refusal))
    if answer is None:
        raise Problem("not-found", f"The nomination {nomination_id} is over, or there is none.")
    return None


async def _again(
    portal: Portal, staff: StaffMember, nomination_id: str, once: str, values: dict[str, str], says: str
) -> Response:
    mistakes = [Mistake(field="", detail=says)]
    return await run_in_threadpool(_shown, portal, staff, nomination_id, once, values, mistakes, 422)


def _done(nomination_id: str) -> Response:
    path = f"/nominations/{nomination_id}"
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


def _unreadable(values: dict[str, str]) -> str:
    """What is wrong with a form that holds what nothing can keep; "" for one that can be read."""
    for name, text in values.items():
        if not is_readable(text):
            words = name.replace("-", " ").replace("_", " ")
            return f"«{words}» may hold no control characters; type the place anew where it was pasted."
    return ""


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else -1


def _shown(
    portal: Portal, staff: StaffMember, nomination_id: str, once: str, values: dict[str, str],
    mistakes: list[Mistake], status: int = 200,
) -> Response:  # fmt: skip
    found = nomination(portal.engine, nomination_id)
    if found is None:
        raise Problem("not-found", f"There is no nomination {nomination_id}.")
    half, _, _ = nomination_id.partition(":")
    rubric = edition(portal.edition).elite.rubric
    entry = next((each for each in listed(portal.engine, half) if each.partner_id == found.partner_id), None)
    titles = {area.area: area.title for area in rubric.areas}
    happenings = [happened(NOMINATION, each) for each in history_of(portal.engine, found.process)]
    remarks = [
        (titles.get(note.kind.removeprefix("remark_"), ""), note)
        for note in notes_on(portal.engine, found.process)
        if note.kind.startswith("remark_")
    ]
    return staff_page(
        "elite_nomination.html", staff, "/seasons",
        status=status, found=found, half=half, says=NOMINATION.phases[found.state].says, facts=_facts(found),
        cases=cases_of(portal.engine, found.process), remarks=remarks, entry=entry, rubric=rubric, once=once,
        values=values or _scored(portal, found, staff), mistakes=mistakes,
        may_score=found.state in ("scoring", "extended"),
        may_nominate=found.state in ("to_nominate", "nominated", "declined"),
        may_decline=found.state in ("to_nominate", "nominated"), happenings=happenings,
        link=process_link(portal.ui_url, portal.namespace, found.process),
        scores=range(rubric.lowest_score, rubric.highest_score + 1),
    )  # fmt: skip


def _facts(found: NominationStands) -> dict[str, Any]:
    return {label: value for label, value in found.facts.items() if value is not None and label != "marks"}


def _scored(portal: Portal, found: NominationStands, staff: StaffMember) -> dict[str, str]:
    """What the visiting member scored last, so that the form shows it."""
    said = last_sheet(portal.engine, found.process, staff.address) if staff.address else None
    if said is None:
        return {}
    rubric = edition(portal.edition).elite.rubric
    sheet = said.get("scores") or read_sheet(rubric, str(said.get("sheet", "")))
    return {f"{area}-{number}": str(score) for area, scores in sheet.items() for number, score in enumerate(scores)}
