"""Pages for everybody, and the mailbox of a portal without a mail server."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from portal.environment import Here, Portal
from portal.problems import KINDS, Problem
from portal.showing import HEADERS, TEMPLATES, page
from portal.visitors import PublicRoute
from records.mailbox import Delivered, delivered_mail, delivered_mails

# Our own mails carry their style with them. Nothing in them may run, and nothing may be loaded.
_MAIL_HEADERS = HEADERS | {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; form-action 'none'; frame-ancestors 'none'"
    )
}

public = APIRouter(include_in_schema=False)
mailbox = APIRouter(include_in_schema=False, route_class=PublicRoute)
without_staff = APIRouter(include_in_schema=False, route_class=PublicRoute)


@public.get("/portal.css")
def style() -> FileResponse:
    """The style of all pages."""
    return FileResponse(TEMPLATES / "portal.css", media_type="text/css")


@public.get("/problems")
def problems() -> HTMLResponse:
    """What the types of problem documents mean."""
    return page("problems.html", kinds=KINDS.values())


@without_staff.get("/")
def start() -> Response:
    """The first page of a portal that serves no staff pages."""
    return RedirectResponse("/me", status_code=303, headers={"Cache-Control": "no-store"})


@mailbox.get("/mailbox")
def mails(portal: Here, to: Annotated[str, "an address that the mails must name"] = "") -> HTMLResponse:
    """The mails that were delivered here, the newest first."""
    found = delivered_mails(portal.engine, to=to or None) if to.isprintable() else []
    return page("mailbox.html", mails=found, to=to)


@mailbox.get("/mailbox/{message_id:path}")
def mail(message_id: str, portal: Here) -> HTMLResponse:
    """One mail, as text."""
    return page("mail.html", mail=_delivered(portal, message_id))


@mailbox.get("/mailbox-html/{message_id:path}")
def mail_html(message_id: str, portal: Here) -> HTMLResponse:
    """One mail, as its reader sees it."""
    return HTMLResponse(_delivered(portal, message_id).html, headers=_MAIL_HEADERS)


def _delivered(portal: Portal, message_id: str) -> Delivered:
    # PostgreSQL can't even be asked for a text with a NUL in it.
    found = delivered_mail(portal.engine, message_id) if message_id.isprintable() else None
    if found is None:
        raise Problem("not-found", "There is no such mail.")
    return found
