"""Who is calling: a key for each system, with scopes, and for some with one partner to whom it is bound.

Keys are checked before a body is read. An endpoint names its scopes once, in `needs`: from there come the check and
the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from portal.problems import Problem, wrong
from records.keys import verify_key, whose_merger_ended


class Scope(StrEnum):
    """What a key may do."""

    PARTNER = "partner"
    CRM = "crm"
    READ = "read"
    ADMIN = "admin"
    APPLY = "apply"


SAYS = {
    Scope.PARTNER: "a partner portal: register leads, submit accounts, act on them and read them, read standings",
    Scope.CRM: "the CRM and the mail system: report sign-ups, facts, client accounts, MRR, mails that came back",
    Scope.READ: "reports and dashboards: read leads, accounts, standings, benefits and applications",
    Scope.ADMIN: "administration: add and correct partners and their people, read what they have and who applies",
    Scope.APPLY: "the vendor's website: hand in applications, and what applicants say about them",
}

SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "api_key": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "the same key, as X-Api-Key"},
}
_SCOPES = "x-scopes"


def needs(*scopes: Scope) -> dict[str, Any]:
    """The part of an endpoint's declaration that says which scopes may call it: any one of these."""
    return {_SCOPES: [scope.value for scope in scopes], "security": [{"bearer": []}, {"api_key": []}]}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls: a system by its key, or a person of a partner by a session.

    `id` is that of the key or session, which is no secret; `only_partner` the partner to whom it is bound, if it is.
    """

    id: str
    only_partner: str | None

    def knows(self, partner_id: str) -> bool:
        """Whether what belongs to this partner exists for the caller."""
        return self.only_partner in (None, partner_id)

    def acts_for(self, partner_id: str) -> None:
        """Refuse to act in the name of a partner to whom the key is not bound."""
        if not self.knows(partner_id):
            raise Problem(
                "not-allowed",
                f"This key is bound to the partner {self.only_partner}; it can't act for {partner_id}.",
            )

    def acts_for_all(self) -> None:
        """Refuse a bound key what concerns every partner."""
        if self.only_partner is not None:
            raise Problem(
                "not-allowed",
                f"This key is bound to the partner {self.only_partner}; this concerns all partners.",
            )


class KeyedRoute(APIRoute):
    """A route that stamps each request, and lets nobody in without a key that has one of its scopes."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See base class."""
        handle = super().get_route_handler()
        # A route that forgot to say which scopes it needs lets nobody in.
        scopes = frozenset((self.openapi_extra or {}).get(_SCOPES, ()))
        asks = sorted(_asked_by(self.dependant))

        async def with_key(request: Request) -> Response:
            # The stamp first: looking up the key may take a moment, which must not cost anybody a deadline.
            request.state.received = request.app.state.portal.receive()
            request.state.caller = await _identified(request, scopes)
            _insist_on_known_query(request, asks)
            return await handle(request)

        return with_key


def _asked_by(dependant: Dependant) -> Iterator[str]:
    """What stands behind the ? in an address that is asked as documented."""
    for parameter in dependant.query_params:
        yield parameter.alias
    for needed in dependant.dependencies:
        yield from _asked_by(needed)


def _insist_on_known_query(request: Request, asks: Sequence[str]) -> None:
    """Refuse a question about something else: without its misspelt filter it would be answered with everything."""
    for name in request.query_params:
        if name not in asks:
            possible = f"possible are {', '.join(asks)}" if asks else "nothing is asked for behind the ?"
            raise wrong(name[:60], f"«{name[:60]}» is unknown here; {possible}.")


async def _identified(request: Request, scopes: frozenset[str]) -> Caller:
    text = _key_text(request)
    key = await run_in_threadpool(verify_key, request.app.state.portal.engine, text) if text else None
    if key is None:
        says = await run_in_threadpool(_why_not, request.app.state.portal.engine, text) if text else "No key was given."
        raise Problem(
            "no-key",
            f"{says} Send yours as Authorization: Bearer KEY, or as X-Api-Key: KEY.",
            headers={"WWW-Authenticate": 'Bearer realm="partnerflow"'},
        )
    if not key.scopes & scopes:
        has = ", ".join(sorted(key.scopes)) or "none"
        raise Problem("not-allowed", f"This needs the scope {' or '.join(sorted(scopes))}; the key has {has}.")
    return Caller(key.id, key.partner_id)


def _why_not(engine: Engine, text: str) -> str:
    """Why a key lets nobody in."""
    merged = whose_merger_ended(engine, text)
    if merged is None:
        return "This key is unknown or has been revoked."
    return f"This key ended when its partner {merged[0]} was merged into {merged[1]}; {merged[1]} has keys of its own."


def _key_text(request: Request) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return credentials.strip()
    return request.headers.get("x-api-key", "").strip()


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


ByKey = Annotated[Caller, Depends(_caller)]
