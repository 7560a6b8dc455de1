"""The page on which a partner confirms or declines a merger, opened by the link in a mail. Reading it changes nothing.

Each of the two has a link of its own. Whoever answers retypes the code that stands in the mail, as a client does. The
second confirmation is the merger: it is done when the page answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.environment import Here, Portal, Stamp
from portal.forms import text_of
from portal.link_pages import CHOOSE, NO_CODE, NoSuchLink, PageRoute, page_of_link, see, wrong_code
from portal.merger_words import Words, words_on
from portal.temporal import Received
from program.edition import edition
from records.links import try_code, written
from records.merger_page import AskedToMerge, asked_to_merge
from records.mergers import SIDES, say

router = APIRouter(prefix="/merger/{purpose}/{token}", route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that somebody has opened, and what its page says."""

    asked: AskedToMerge
    words: Words


@router.api_route("", methods=["GET", "HEAD"])
def read(purpose: str, token: str, received: Stamp, portal: Here) -> Response:
    """How things stand, what would move, and what can be answered."""
    return _shown(_open(portal, received, purpose, token))


@router.post("")
async def answer(purpose: str, token: str, request: Request, received: Stamp, portal: Here) -> Response:
    """Take an answer in, if it comes with the code."""
    form = await request.form()
    return await run_in_threadpool(
        _answer, portal, received, request, purpose, token, text_of(form, "answer"), text_of(form, "code")
    )


def _answer(
    portal: Portal, received: Received, request: Request, purpose: str, token: str, wished: str, typed: str
) -> Response:
    opened = _open(portal, received, purpose, token)
    asked = opened.asked
    if wished == "confirm" and asked.confirmed_at and asked.merger.state in ("proposed", "done"):
        return see(request)  # the same once more
    chosen = next((each.answer for each in opened.words.choices if each.answer == wished), None)
    code = written(typed)
    if not opened.words.choices:
        return _shown(opened, status=409)
    if chosen is None or code is None:
        return _shown(opened, status=422, wished=wished, typed=typed, mistake=CHOOSE if chosen is None else NO_CODE)
    limit = edition(portal.edition).mergers.wrong_codes_lock_link
    tried = try_code(portal.engine, asked.link.nonce, code, at=received.at, wrong_codes_lock=limit)
    match tried:
        case "wrong":
            left = limit - asked.link.wrong_codes - 1
            return _shown(opened, status=422, wished=wished, mistake=wrong_code(left, "the link is locked"))
        case "locked":
            return _shown(_open(portal, received, purpose, token), status=422)
    say(portal.engine, asked.merger, asked.side, chosen, at=received.at, now=portal.now())
    return see(request)


def _open(portal: Portal, received: Received, purpose: str, token: str) -> Opened:
    nonce = portal.signer.read(purpose, token) if purpose in SIDES else None
    found = asked_to_merge(portal.engine, nonce) if isinstance(nonce, str) else None
    if found is None or found.side != purpose:
        raise NoSuchLink
    return Opened(found, words_on(found, at=received.at))


def _shown(opened: Opened, *, status: int = 200, wished: str = "", typed: str = "", mistake: str = "") -> Response:
    return page_of_link(
        "merger.html", status=status, words=opened.words, into=opened.asked.into.name, merged=opened.asked.merged.name,
        wished=wished, typed=typed, mistake=mistake,
    )  # fmt: skip
