"""The people of partners over HTTP, for administration: who may sign in to a partner's pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from portal.answers import PeopleShown, PersonShown
from portal.callers import ByKey, Caller, KeyedRoute, Scope, needs
from portal.environment import Here, Portal
from portal.partners import PartnerInPath
from portal.problems import Problem, responses
from portal.requests import PersonEntry
from portal.words import PartnerId
from records.partners import partner
from records.people import Person, people_of, put_person, remove_person
from records.refusal import Refused

router = APIRouter(prefix="/v1/partners/{partner_id}/people", route_class=KeyedRoute, tags=["partners"])

PersonInPath = Annotated[PartnerId, Path(description="the person's id, chosen by you; nothing personal")]


@router.get(
    "",
    summary="List the people of a partner",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.ADMIN),
)
def list_people(partner_id: PartnerInPath, portal: Here, caller: ByKey) -> PeopleShown:
    """Everybody who may sign in to the partner's pages; its contact is the first."""
    _insist_on_partner(portal, caller, partner_id)
    return PeopleShown(people=[_shown(each) for each in people_of(portal.engine, partner_id)])


@router.put(
    "/{person_id}",
    summary="Add or correct a person of a partner",
    responses={
        201: {"model": PersonShown, "description": "Added"},
        **responses(400, 401, 403, 404, 409, 413, 422, 503),
    },
    openapi_extra=needs(Scope.ADMIN),
)
def enter_person(
    partner_id: PartnerInPath,
    person_id: PersonInPath,
    entry: PersonEntry,
    portal: Here,
    caller: ByKey,
    response: Response,
) -> PersonShown:
    """Add a person, or correct one. They may sign in at once; one address may serve several partners."""
    _insist_on_partner(portal, caller, partner_id)
    person = Person(person_id, entry.name, entry.address)
    try:
        if put_person(portal.engine, partner_id, person):
            response.status_code = 201
    except Refused as refused:
        raise Problem("conflict", str(refused)) from None
    return _shown(person)


@router.delete(
    "/{person_id}",
    summary="Remove a person of a partner",
    responses=responses(401, 403, 404, 409, 422, 503),
    openapi_extra=needs(Scope.ADMIN),
)
def remove(partner_id: PartnerInPath, person_id: PersonInPath, portal: Here, caller: ByKey) -> PersonShown:
    """Remove a person, who sees nothing of the partner from now on, signed in or not."""
    _insist_on_partner(portal, caller, partner_id)
    try:
        removed = remove_person(portal.engine, partner_id, person_id)
    except Refused as refused:
        raise Problem("conflict", str(refused)) from None
    if removed is None:
        raise Problem("not-found", f"{partner_id} has nobody of the id {person_id}.")
    return _shown(removed)


def _insist_on_partner(portal: Portal, caller: Caller, partner_id: str) -> None:
    if not caller.knows(partner_id) or partner(portal.engine, partner_id) is None:
        raise Problem("not-found", f"There is no partner {partner_id}.")


def _shown(person: Person) -> PersonShown:
    return PersonShown(id=person.id, name=person.name, address=person.address)
