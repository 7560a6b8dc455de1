"""The page on which a client answers, opened by the link in a mail. Reading it changes nothing.

Programs that look into mail follow links, send forms and run scripts: none of that answers anything, because whoever
answers retypes the code that stands in the mail. An answer counts from the moment of its receipt, and it is
acknowledged only when Temporal holds it, whether workers run or not; the same answer again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.client_words import ACTIONS, Answer, Words, words_on
from portal.environment import Here, Portal, Stamp
from portal.forms import text_of
from portal.link_pages import (
    AWAY,
    CHOOSE,
    NO_CODE,
    NoSuchLink,
    PageRoute,
    note,
    page_of_link,
    repeatable,
    see,
    wrong_code,
)
from portal.temporal import Received
from program.calendar import program_date
from records.client_page import Asked, asked
from records.links import PURPOSES, links_sent_anew_on, note_answer, try_code, written
from workflows.doors import TemporalAway

OVER = ("The request was just ended, so your answer came too late to count.", "Nothing is asked of you any more.")
SENT = ("If you can have another link today, it is on its way by mail, with a new code. The locked one stays locked.",)

router = APIRouter(prefix="/client/{purpose}/{token}", route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that somebody has opened with a token, and what its page says."""

    token: str
    asked: Asked
    words: Words


@router.api_route("", methods=["GET", "HEAD"])
def read(purpose: str, token: str, received: Stamp, portal: Here) -> Response:
    """How things stand, and what can be answered."""
    return _shown(_open(portal, received, purpose, token))


@router.post("")
async def answer(purpose: str, token: str, request: Request, received: Stamp, portal: Here) -> Response:
    """Take an answer in, if it comes with the code."""
    form = await request.form()
    wished, typed = text_of(form, "answer"), text_of(form, "code")
    opened = await run_in_threadpool(_open, portal, received, purpose, token)
    link = opened.asked.link
    if opened.asked.is_being_recorded and link.answer == wished:
        return see(request)
    chosen = next((each.answer for each in opened.words.choices if each.answer == wished), None)
    code = written(typed)
    if not opened.words.choices:
        return _shown(opened, status=409)
    if chosen is None or code is None:
        return _shown(opened, status=422, wished=wished, typed=typed, mistake=CHOOSE if chosen is None else NO_CODE)
    limit = opened.asked.rules.wrong_codes_lock_link
    tried = await run_in_threadpool(try_code, portal.engine, link.nonce, code, at=received.at, wrong_codes_lock=limit)
    match tried:
        case "wrong":
            left = limit - link.wrong_codes - 1
            return _shown(opened, status=422, wished=wished, mistake=wrong_code(left, "you get a new link by mail"))
        case "locked":
            await _send_new_link(portal, received, opened.asked)
            return _shown(await run_in_threadpool(_open, portal, received, purpose, token), status=422)
    try:
        told = await _tell(portal, received, opened.asked, chosen)
    except TemporalAway:
        return repeatable(_shown(opened, status=503, wished=wished, typed=typed, mistake=AWAY))
    if not told:
        return note(opened.words.title, OVER, status=409)
    await run_in_threadpool(note_answer, portal.engine, link.nonce, chosen, at=received.at)
    return see(request)


@router.post("/new-link")
async def new_link(purpose: str, token: str, request: Request, received: Stamp, portal: Here) -> Response:
    """Send another link in place of a locked one, to the address that we have anyway."""
    opened = await run_in_threadpool(_open, portal, received, purpose, token)
    if not opened.words.may_have_new_link:
        return see(request)
    await _send_new_link(portal, received, opened.asked)
    return note(opened.words.title, SENT)


def _open(portal: Portal, received: Received, purpose: str, token: str) -> Opened:
    nonce = portal.signer.read(purpose, token) if purpose in PURPOSES else None
    found = asked(portal.engine, nonce) if isinstance(nonce, str) else None
    if found is None or found.link.purpose != purpose:
        raise NoSuchLink
    today = program_date(received.at)
    sent = links_sent_anew_on(portal.engine, found.link.process, today)
    return Opened(token, found, words_on(found, at=received.at, sent_anew_today=sent))


async def _tell(portal: Portal, received: Received, asked: Asked, chosen: Answer) -> bool:
    message = {"id": f"client:{asked.link.name}:{chosen}", "at": received.at.isoformat(), "by": "client"}
    return await portal.temporal.tell(received, asked.link.process, ACTIONS[chosen], message)


async def _send_new_link(portal: Portal, received: Received, asked: Asked) -> None:
    """Ask for a new link: once a day for the same locked one, however often somebody asks."""
    message = {
        "id": f"client:{asked.link.name}:new-link:{program_date(received.at)}",
        "at": received.at.isoformat(),
        "by": "client",
        "purpose": "revoke" if asked.link.purpose == "revoke" else "answer",
    }
    await portal.temporal.tell(received, asked.link.process, "new_link", message)


def _shown(opened: Opened, *, status: int = 200, wished: str = "", typed: str = "", mistake: str = "") -> Response:
    known = {"token": opened.token, "asked": opened.asked, "words": opened.words}
    known |= {"wished": wished, "typed": typed, "mistake": mistake}
    return page_of_link("client.html", status=status, **known)
