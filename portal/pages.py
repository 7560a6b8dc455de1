"""Plain pages for people: no script, no login. The staff's are served only where the composition root says so."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal.answers import state_says
from portal.environment import Here
from portal.leads import LeadInPath
from portal.partners import PartnerInPath
from portal.problems import KINDS, Problem
from portal.queues import process_link, queues
from portal.standing_shown import shown
from portal.way import picture
from portal.words import moment
from records.digest import how_many_wait
from records.leads import lead_with_history
from records.mailbox import delivered_mail, delivered_mails
from records.notes import notes_on
from records.partners import partner
from records.standing import StandingInFull, standing_in_full
from states.lead import LEAD

_HERE = Path(__file__).parent
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# Our own mails carry their style with them. Nothing in them may run, and nothing may be loaded.
_MAIL_HEADERS = _HEADERS | {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; form-action 'none'; frame-ancestors 'none'"
    )
}
_words = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined)


def _shown(value: object) -> str:
    """A fact as people read it; instants in the program's time zone."""
    if isinstance(value, datetime):
        return moment(value)
    try:
        return moment(datetime.fromisoformat(str(value))) if "T" in str(value) else str(value)
    except ValueError:
        return str(value)


_words.filters.update(
    shown=_shown,
    moment=moment,
    words=lambda name: str(name).replace("_", " "),
    in_path=lambda text: quote(text, safe=""),
)


def _page(template: str, **known: Any) -> HTMLResponse:
    return HTMLResponse(_words.get_template(template).render(known), headers=_HEADERS)


def _by_our_name(request: Request, portal: Here) -> None:
    """Refuse a request for another host's name: a page elsewhere that had its name point here could read everything."""
    asked = request.url.hostname or ""
    if asked not in ("localhost", urlsplit(portal.portal_url).hostname) and not _is_loopback(asked):
        raise Problem("not-found", f"The portal's pages are at {portal.portal_url}.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


public = APIRouter(include_in_schema=False)
staff = APIRouter(include_in_schema=False, dependencies=[Depends(_by_our_name)])
mailbox = APIRouter(include_in_schema=False, dependencies=[Depends(_by_our_name)])


@public.get("/portal.css")
def style() -> FileResponse:
    """The style of all pages."""
    return FileResponse(_HERE / "templates" / "portal.css", media_type="text/css")


@public.get("/problems")
def problems() -> HTMLResponse:
    """What the types of problem documents mean."""
    return _page("problems.html", kinds=KINDS.values())


@staff.get("/")
def start(portal: Here) -> HTMLResponse:
    """Where staff begin: the queues, and how much waits."""
    return _page(
        "start.html",
        queues=queues(portal.ui_url, portal.namespace),
        waiting=how_many_wait(portal.engine),
        has_mailbox=portal.mailbox,
        now=portal.now(),
    )


@staff.get("/leads/{lead_id}")
def lead_page(lead_id: LeadInPath, portal: Here) -> HTMLResponse:
    """Everything about a lead, for staff: the card in the Web UI leads here."""
    found = lead_with_history(portal.engine, lead_id)
    if found is None:
        raise Problem("not-found", f"There is no lead {lead_id}.")
    lead, history = found
    notes = notes_on(portal.engine, lead.process)
    return _page(
        "lead.html",
        lead=lead,
        partner=partner(portal.engine, lead.partner_id),
        says=state_says(LEAD, lead.state),
        history=history,
        notes=notes,
        said={note.id: note.text for note in notes},
        link=process_link(portal.ui_url, portal.namespace, lead.process),
    )


@staff.get("/partners/{partner_id}")
def partner_page(partner_id: PartnerInPath, portal: Here) -> HTMLResponse:
    """Where a partner stands, for staff: the card in the Web UI leads here."""
    known = partner(portal.engine, partner_id)
    found = standing_in_full(portal.engine, partner_id, now=portal.now(), otherwise=portal.edition)
    if known is None or found is None:
        raise Problem("not-found", f"There is no partner {partner_id} that holds a tier.")
    return _page(
        "standing.html",
        name=known.name,
        link=process_link(portal.ui_url, portal.namespace, f"partner:{partner_id}"),
        **standing_words(found),
    )


def standing_words(found: StandingInFull) -> dict[str, Any]:
    """What the template of a standing is told; the picture is ours, and its words are escaped."""
    standing = shown(found)
    return {"standing": standing, "picture": Markup(picture(standing.next)) if standing.next else ""}  # noqa: S704


@mailbox.get("/mailbox")
def mails(portal: Here, to: Annotated[str, "an address that the mails must name"] = "") -> HTMLResponse:
    """The mails that were delivered here, the newest first."""
    return _page("mailbox.html", mails=delivered_mails(portal.engine, to=to or None), to=to)


@mailbox.get("/mailbox/{message_id:path}")
def mail(message_id: str, portal: Here) -> HTMLResponse:
    """One mail, as text."""
    found = delivered_mail(portal.engine, message_id)
    if found is None:
        raise Problem("not-found", "There is no such mail.")
    return _page("mail.html", mail=found)


@mailbox.get("/mailbox-html/{message_id:path}")
def mail_html(message_id: str, portal: Here) -> HTMLResponse:
    """One mail, as its reader sees it."""
    found = delivered_mail(portal.engine, message_id)
    if found is None:
        raise Problem("not-found", "There is no such mail.")
    return HTMLResponse(found.html, headers=_MAIL_HEADERS)
