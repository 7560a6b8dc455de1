"""Partners over HTTP, for administration."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from portal.answers import PartnerShown
from portal.callers import ByKey, Caller, KeyedRoute, Scope, needs
from portal.environment import Here
from portal.problems import Problem, responses, wrong
from portal.requests import PartnerEntry
from portal.words import PartnerId, not_in_future
from records.entering import NoSuchStanding, enter_partner
from records.partners import Partner, partner
from records.refusal import Refused

router = APIRouter(prefix="/v1/partners", route_class=KeyedRoute, tags=["partners"])

LEFT_AS_IT_IS = frozenset({"track", "tier", "joined_at"})
PartnerInPath = Annotated[PartnerId, Path(description="the partner's id, chosen by you; it stays")]


@router.put(
    "/{partner_id}",
    summary="Add or correct a partner",
    responses={
        201: {"model": PartnerShown, "description": "Added"},
        **responses(400, 401, 403, 404, 409, 413, 422, 503),
    },
    openapi_extra=needs(Scope.ADMIN),
)
def enter(
    partner_id: PartnerInPath, entry: PartnerEntry, portal: Here, caller: ByKey, response: Response
) -> PartnerShown:
    """Add a partner, or correct one: the whole entry is replaced, but for what is left out of track, tier, joined_at.

    Its standing is a process of its own from then on, which moves it as its facts say. May be repeated.
    """
    _insist_on_seeing(caller, partner_id)
    now = portal.now()
    if entry.joined_at is not None:
        not_in_future("joined_at", entry.joined_at, now)
    given = entry.model_dump(exclude_none=True)
    try:
        entered, new = enter_partner(
            portal.engine,
            Partner.model_validate({"joined_at": now, **given, "id": partner_id}),
            edition=portal.edition,
            now=now,
            left_out=LEFT_AS_IT_IS - given.keys(),
        )
    except NoSuchStanding as refused:
        raise wrong("tier", str(refused)) from None
    except Refused as refused:
        raise Problem("conflict", str(refused)) from None
    if new:
        response.status_code = 201
    return _shown(entered)


@router.get(
    "/{partner_id}",
    summary="Read a partner",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.ADMIN),
)
def read(partner_id: PartnerInPath, portal: Here, caller: ByKey) -> PartnerShown:
    """A partner as it is entered."""
    _insist_on_seeing(caller, partner_id)
    found = partner(portal.engine, partner_id)
    if found is None:
        raise Problem("not-found", f"There is no partner {partner_id}.")
    return _shown(found)


def _insist_on_seeing(caller: Caller, partner_id: str) -> None:
    if not caller.knows(partner_id):
        raise Problem("not-found", f"There is no partner {partner_id}.")


def _shown(found: Partner) -> PartnerShown:
    return PartnerShown(**found.model_dump())
