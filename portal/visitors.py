"""Who is visiting the pages: a person of a partner or a member of staff, by a session.

A page names what it needs by the class of its routes. `PartnerRoute` lets in whoever acts for the partner in the path,
`StaffRoute` staff in the roles that `for_roles` names. Forms are taken from our own pages only.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from portal.callers import Caller
from portal.environment import Portal
from portal.problems import Problem
from records.people import Membership, memberships_of
from records.sessions import LONGEST, Session, session
from records.sign_ins import digest
from states.staff import Role

_ROLES = "x-roles"
CSRF_FIELD = "csrf"


def for_roles(*roles: Role) -> dict[str, Any]:
    """The part of a staff page's declaration that says who may open it: any one of these roles, and admins."""
    return {_ROLES: [role.value for role in roles]}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in. `csrf` goes with every form of theirs."""

    session: Session
    csrf: str
    partners: tuple[Membership, ...]
    is_staff: bool

    def acting_for(self, partner_id: str) -> Caller:
        """The person as the API knows callers: bound to one partner."""
        return Caller(f"session:{self.session.id}", partner_id)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """The member of staff who visits. Where no staff list is configured nobody signs in, and `address` is empty."""

    address: str
    csrf: str
    is_open: bool
    roles: frozenset[Role] = frozenset()

    def may_open(self, roles: Collection[Role]) -> bool:
        """Whether what is for these roles is for this member; no roles mean everybody."""
        return not roles or self.is_open or Role.ADMIN in self.roles or not self.roles.isdisjoint(roles)


class SignInFirst(Exception):
    """The page is for people who are signed in; `onward` is its path."""

    def __init__(self, onward: str) -> None:
        super().__init__(onward)
        self.onward = onward


class PartnerRoute(APIRoute):
    """A page of a partner, whose id stands in the path: for everybody else there is no such page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See base class."""
        handle = super().get_route_handler()

        async def for_person(request: Request) -> Response:
            portal = _prepare(request)
            visitor = await signed_in(request)
            partner_id = request.path_params.get("partner_id", "")
            if partner_id not in {each.partner_id for each in visitor.partners}:
                raise Problem("not-found", "There is no such page, or it is not yours.")
            await insist_on_own_form(request, portal, visitor.csrf)
            request.state.visitor = visitor
            return await handle(request)

        return for_person


class StaffRoute(APIRoute):
    """A page for staff. Without a staff list it is open to whoever reaches it, which the composition root decides."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See base class."""
        handle = super().get_route_handler()
        roles = tuple(Role(name) for name in (self.openapi_extra or {}).get(_ROLES, ()))

        async def for_staff(request: Request) -> Response:
            portal = _prepare(request)
            if portal.staff.open:
                request.state.staff = StaffMember("", "", True)
                _insist_on_own_page(request, portal)
                return await handle(request)
            visitor = await signed_in(request)
            if not visitor.is_staff:
                raise Problem("not-found", "There is no such page, or it is not yours.")
            address = visitor.session.address
            if roles and (says := portal.staff.objection(address, roles)):
                raise Problem("not-allowed", says)
            await insist_on_own_form(request, portal, visitor.csrf)
            request.state.staff = StaffMember(address, visitor.csrf, False, portal.staff.roles_of(address))
            return await handle(request)

        return for_staff


class PublicRoute(APIRoute):
    """A page for everybody, signed in or not; its forms are taken from our own pages only."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See base class."""
        handle = super().get_route_handler()

        async def for_anybody(request: Request) -> Response:
            portal = _prepare(request)
            _insist_on_own_page(request, portal)
            return await handle(request)

        return for_anybody


async def visiting(request: Request) -> Visitor | None:
    """Who is signed in, if anybody is."""
    portal: Portal = request.app.state.portal
    secret = request.cookies.get(session_cookie(portal), "")
    return await run_in_threadpool(_visitor, portal, secret) if secret else None


async def signed_in(request: Request) -> Visitor:
    """Who is signed in. Raises `SignInFirst` when nobody is."""
    visitor = await visiting(request)
    if visitor is None:
        onward = request.url.path if request.method == "GET" else ""
        raise SignInFirst(onward)
    return visitor


def to_sign_in(_request: Request, first: SignInFirst) -> Response:
    """Where somebody is led who is not signed in."""
    after = f"?onward={quote(first.onward, safe='/')}" if first.onward else ""
    return RedirectResponse(f"/sign-in{after}", status_code=303, headers={"Cache-Control": "no-store"})


async def insist_on_own_form(request: Request, portal: Portal, csrf: str) -> None:
    """Refuse a form that does not come from a page which this session was shown."""
    if request.method in ("GET", "HEAD"):
        return
    _insist_on_own_page(request, portal)
    given = (await request.form()).get(CSRF_FIELD, "")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf.encode()):
        raise Problem("stale-form", "This form belongs to an earlier visit. Open its page again and repeat it there.")


def session_cookie(portal: Portal) -> str:
    """The name of the session's cookie: with TLS one that no other host and no plain connection can set."""
    return "__Host-partnerflow" if portal.with_tls else "partnerflow"


def keep_cookie(response: Response, portal: Portal, name: str, value: str, *, seconds: float) -> None:
    """Give the browser a secret to hold. Lax: a link in a mail shall find its reader signed in."""
    response.set_cookie(
        name, value, max_age=int(seconds), path="/", secure=portal.with_tls, httponly=True, samesite="lax"
    )


def keep_session(response: Response, portal: Portal, secret: str) -> None:
    """Sign the browser in."""
    keep_cookie(response, portal, session_cookie(portal), secret, seconds=LONGEST.total_seconds())


def _visitor(portal: Portal, secret: str) -> Visitor | None:
    found = session(portal.engine, secret, real=portal.real())
    if found is None:
        return None
    return Visitor(
        found,
        # Whoever knows the cookie can compute it; a page elsewhere does not know the cookie.
        digest(f"csrf {secret}"),
        tuple(memberships_of(portal.engine, found.address)),
        is_staff(portal, found.address),
    )


def is_staff(portal: Portal, address: str) -> bool:
    """Whether an address is on the staff list."""
    return not portal.staff.open and bool(portal.staff.roles_of(address))


def _prepare(request: Request) -> Portal:
    portal: Portal = request.app.state.portal
    request.state.received = portal.receive()
    # A page elsewhere that had its own name point here could otherwise read everything.
    asked = request.url.hostname or ""
    if asked not in ("localhost", urlsplit(portal.portal_url).hostname) and not _is_loopback(asked):
        raise Problem("not-found", f"The portal's pages are at {portal.portal_url}.")
    return portal


def _insist_on_own_page(request: Request, portal: Portal) -> None:
    if request.method in ("GET", "HEAD"):
        return
    site, origin = request.headers.get("sec-fetch-site", "same-origin"), request.headers.get("origin")
    own = {portal.portal_url, f"{request.url.scheme}://{request.url.netloc}"}
    if site not in ("same-origin", "none") or (origin is not None and origin not in own):
        raise Problem("stale-form", "This form was not sent from a page of ours, so nothing was done.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _who(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor


def _staff(request: Request) -> StaffMember:
    member: StaffMember = request.state.staff
    return member


Who = Annotated[Visitor, Depends(_who)]
Staff = Annotated[StaffMember, Depends(_staff)]
