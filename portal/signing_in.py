"""Signing in by a link to one's mail address, for people of partners and for staff alike.

Whoever asks gets the same answer, known or not. Opening the link signs nobody in, because programs that look into mail
open links; its button does, in the browser that asked. In another one the address has to be typed again, because some
of these programs press buttons too.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool

from portal.environment import Here, Portal
from portal.forms import text_of
from portal.problems import Mistake, Problem
from portal.showing import page
from portal.visitors import (
    PublicRoute,
    insist_on_own_form,
    is_staff,
    keep_cookie,
    keep_session,
    session_cookie,
    signed_in,
)
from portal.words import MailAddress
from program.addresses import address_key
from records.sessions import begin_session, end_session
from records.sign_ins import LASTS, SignIn, ask, digest, sign_in, signed_id, use

router = APIRouter(include_in_schema=False, route_class=PublicRoute)

# Our own paths only: a browser would take "//elsewhere" for another host.
_ONWARD = re.compile(r"/(?!/)[A-Za-z0-9/._:-]{0,300}")
_NETWORK = 64

_OVER = {
    "used": "It has been used already: each link signs in once.",
    "expired": "It was good for fifteen minutes, and these are over.",
    "unknown": "It is none of ours, is damaged, or is older than an hour.",
}


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True)
    address: MailAddress


@router.get("/sign-in")
def sign_in_page(onward: Annotated[str, Query(max_length=400)] = "") -> Response:
    """Where people type their address."""
    return page("sign_in.html", onward=_own_path(onward), values={}, mistakes=[])


@router.post("/sign-in")
async def ask_for_link(request: Request, portal: Here) -> Response:
    """Send a link, to whoever is known."""
    form = await request.form()
    typed, onward = text_of(form, "address"), _own_path(text_of(form, "onward"))
    try:
        address = _Asked(address=typed).address
    except ValidationError:
        mistake = Mistake(
            field="address", detail=f"«{typed[:60]}» is no e-mail address; it looks like name@agency.example."
        )
        return page("sign_in.html", status=422, onward=onward, values={"address": typed}, mistakes=[mistake])
    browser = request.cookies.get(_browser_cookie(portal)) or token_urlsafe(32)
    taken = await run_in_threadpool(_ask, portal, address, browser, _client(request), onward)
    if not taken:
        raise Problem(
            "too-many", "Many links were asked for within the last hour. Look into your mail, or wait an hour."
        )
    answer = page("sign_in_asked.html", address=address)
    keep_cookie(answer, portal, _browser_cookie(portal), browser, seconds=LASTS.total_seconds())
    return answer


@router.get("/sign-in/{token}")
def link_page(token: str, request: Request, portal: Here) -> Response:
    """The page that the link in the mail opens; nothing happens yet."""
    found = sign_in(portal.engine, signed_id(token, portal.signer), real=portal.real())
    if found is None or found.state != "open":
        return _over(found)
    return page("sign_in_link.html", token=token, retype=not _asked_here(request, portal, found), mistakes=[])


@router.post("/sign-in/{token}")
async def follow_link(token: str, request: Request, portal: Here) -> Response:
    """Sign in: the link is used up, the browser gets a session."""
    form = await request.form()
    found = await run_in_threadpool(sign_in, portal.engine, signed_id(token, portal.signer), real=portal.real())
    if found is None or found.state != "open":
        return _over(found)
    typed = text_of(form, "address")
    if not _asked_here(request, portal, found) and address_key(typed) != address_key(found.address):
        mistakes = [Mistake(field="address", detail="The link was sent to another address.")] if typed else []
        return page("sign_in_link.html", status=422, token=token, retype=True, mistakes=mistakes)
    secret = await run_in_threadpool(_begin, portal, found, request.cookies.get(session_cookie(portal), ""))
    if not secret:
        return _over(await run_in_threadpool(sign_in, portal.engine, found.id, real=portal.real()))
    answer = RedirectResponse(found.onward or "/me", status_code=303, headers={"Cache-Control": "no-store"})
    keep_session(answer, portal, secret)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, portal: Here) -> Response:
    """End the session, here and for whoever else has its cookie."""
    visitor = await signed_in(request)
    await insist_on_own_form(request, portal, visitor.csrf)
    await run_in_threadpool(end_session, portal.engine, request.cookies[session_cookie(portal)])
    answer = RedirectResponse("/sign-in", status_code=303, headers={"Clear-Site-Data": '"cache"'})
    keep_cookie(answer, portal, session_cookie(portal), "", seconds=0)
    return answer


@router.get("/me")
async def me(request: Request) -> Response:
    """Where somebody may go who has signed in; straight there when there is one place only."""
    visitor = await signed_in(request)
    places = [f"/my/{each.partner_id}" for each in visitor.partners] + (["/"] if visitor.is_staff else [])
    if len(places) == 1:
        return RedirectResponse(places[0], status_code=303, headers={"Cache-Control": "no-store"})
    return page("me.html", visitor=visitor)


def _ask(portal: Portal, address: str, browser: str, client: str, onward: str) -> bool:
    return ask(
        portal.engine,
        address=address,
        is_staff=is_staff(portal, address),
        browser=browser,
        client=client,
        onward=onward,
        real=portal.real(),
        now=portal.now(),
    )


def _begin(portal: Portal, found: SignIn, before: str) -> str:
    if not use(portal.engine, found.id, real=portal.real()):
        return ""
    return begin_session(portal.engine, found.address, real=portal.real(), instead_of=before)


def _over(found: SignIn | None) -> Response:
    return page("sign_in_over.html", status=410, says=_OVER[found.state if found else "unknown"])


def _asked_here(request: Request, portal: Portal, found: SignIn) -> bool:
    browser = request.cookies.get(_browser_cookie(portal), "")
    return hmac.compare_digest(digest(browser), found.browser)


def _browser_cookie(portal: Portal) -> str:
    return f"{session_cookie(portal)}-asked"


def _client(request: Request) -> str:
    """The network that a request comes from: an address, or what one customer of a provider has in IPv6."""
    host = request.client.host if request.client else ""
    try:
        address: Any = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, _NETWORK), strict=False)) if address.version == 6 else str(address)


def _own_path(onward: str) -> str:
    return onward if _ONWARD.fullmatch(onward) else ""
