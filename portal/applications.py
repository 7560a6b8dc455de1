"""Applications over HTTP, for the vendor's website and systems: hand in, list, read, and what the applicant can say."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from portal.answering_applicants import acknowledgement, say_for_applicant, words
from portal.answering_once import Answer, IdempotencyKey
from portal.application_answers import (
    ApplicationInFull,
    ApplicationPage,
    ApplicationTaken,
    Applied,
    applied,
    in_full,
    summary,
)
from portal.applying import apply
from portal.callers import ByKey, Caller, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.problems import Problem, responses, wrong
from portal.requests import Acknowledgement, ApplicationSubmission, Remark, Said
from portal.telling import Kept
from portal.temporal import Received
from portal.words import ApplicationId
from records.applications import (
    Application,
    acknowledgements_of,
    application,
    further_of,
    list_applications,
)
from records.history import history_of
from records.notes import notes_on
from records.refusal import Refused
from states.application import APPLICATION

router = APIRouter(prefix="/v1/applications", route_class=KeyedRoute, tags=["applications"])

ApplicationState = StrEnum(  # type: ignore[misc]
    "ApplicationState", [(name.upper(), name) for name in APPLICATION.phases]
)
ApplicationInPath = Annotated[ApplicationId, Path(description="the application's id")]
_TAKEN: dict[str, Any] = {
    "status_code": 202,
    "response_model": ApplicationTaken,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": needs(Scope.APPLY),
}


@router.post(
    "",
    status_code=202,
    response_model=Applied,
    summary="Apply to the program",
    responses={
        200: {"model": Applied, "description": "The application that the company has already"},
        **responses(400, 401, 403, 413, 422, 503),
    },
    openapi_extra=needs(Scope.APPLY),
)
async def hand_in(
    submission: ApplicationSubmission,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Hand in an application. Answered when it is durable; the moment of receipt counts.

    202 with the new application's address, or 200 when the company (by its web domain or tax number) has one.
    """
    caller.acts_for_all()

    async def act(_request_id: str) -> Answer:
        made = await apply(portal, received, submission.form())
        known = await run_in_threadpool(_known, portal, made.application_id)
        body = applied(made, known, received.at)
        return Answer(200 if made.existing else 202, body, location=f"/v1/applications/{made.application_id}")

    return await portal.once.answer(request, caller.id, idempotency_key, submission, act)


@router.get(
    "",
    summary="List applications",
    responses=responses(401, 403, 422, 503),
    openapi_extra=needs(Scope.APPLY, Scope.READ, Scope.ADMIN),
)
def list_of_applications(
    portal: Here,
    caller: ByKey,
    state: Annotated[ApplicationState | None, Query(description="only those in this state")] = None,
    page: Annotated[str, Query(max_length=400, description="the next_page of the page before")] = "",
) -> ApplicationPage:
    """Applications, the newest first, fifty at a time."""
    caller.acts_for_all()
    try:
        found = list_applications(portal.engine, state=state.value if state else None, page=page)
    except Refused as refused:
        raise wrong("page", str(refused)) from None
    return ApplicationPage(applications=[summary(each) for each in found.found], next_page=found.next)


@router.get(
    "/{application_id}",
    summary="Read an application",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=needs(Scope.APPLY, Scope.READ, Scope.ADMIN),
)
def read_application(application_id: ApplicationInPath, portal: Here, caller: ByKey) -> ApplicationInFull:
    """An application with its deadline, its history, and what the applicant wrote."""
    caller.acts_for_all()
    found = _known(portal, application_id)
    return in_full(
        found,
        history_of(portal.engine, found.process),
        notes_on(portal.engine, found.process),
        further_of(portal.engine, application_id),
        acknowledgements_of(portal.engine, application_id),
    )


@router.post("/{application_id}/information", summary="Give the information that was asked for", **_TAKEN)
async def give_information(
    application_id: ApplicationInPath,
    said: Said,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Give the information that staff asked for; the review goes on."""
    told = _Told(request, received, portal, caller, idempotency_key)
    return await told.say(application_id, "give_information", said, said.text)


@router.post("/{application_id}/appeal", summary="Appeal a denial", **_TAKEN)
async def appeal(
    application_id: ApplicationInPath,
    said: Said,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Appeal a denial as an error: somebody else looks once more."""
    told = _Told(request, received, portal, caller, idempotency_key)
    return await told.say(application_id, "appeal", said, said.text)


@router.post("/{application_id}/withdrawal", summary="Withdraw the application", **_TAKEN)
async def withdraw(
    application_id: ApplicationInPath,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    remark: Remark | None = None,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Withdraw the application for good."""
    told = _Told(request, received, portal, caller, idempotency_key)
    said = remark or Remark()
    return await told.say(application_id, "withdraw", said, said.text)


@router.post("/{application_id}/agreement", summary="Acknowledge the agreement", **_TAKEN)
async def acknowledge(
    application_id: ApplicationInPath,
    agreed: Acknowledgement,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Acknowledge the agreement in a version, by somebody who is named."""
    told = _Told(request, received, portal, caller, idempotency_key)
    return await told.acknowledge(application_id, agreed)


class _Told:
    """One request that says something to an application."""

    def __init__(self, request: Request, received: Received, portal: Portal, caller: Caller, key: str) -> None:
        caller.acts_for_all()
        self._request, self._received, self._portal = request, received, portal
        self._caller, self._key = caller, key

    async def say(self, application_id: str, action: str, said: BaseModel, text: str) -> Response:
        to = await run_in_threadpool(_known, self._portal, application_id)
        return await self._once(to, action, said, words(self._portal, to, action, self._received, text))

    async def acknowledge(self, application_id: str, agreed: Acknowledgement) -> Response:
        to = await run_in_threadpool(_known, self._portal, application_id)
        kept = acknowledgement(self._portal, to, self._received, agreed.version, agreed.name)
        return await self._once(to, "acknowledge_agreement", agreed, kept)

    async def _once(self, to: Application, action: str, content: BaseModel, kept: Kept) -> Response:
        async def act(request_id: str) -> Answer:
            says = await say_for_applicant(self._portal, self._received, to, action, request_id, kept)
            body = ApplicationTaken(application_id=to.application_id, received_at=self._received.at, says=says)
            return Answer(202, body, location=f"/v1/applications/{to.application_id}")

        return await self._portal.once.answer(self._request, self._caller.id, self._key, content, act)


def _known(portal: Portal, application_id: str) -> Application:
    found = application(portal.engine, application_id)
    if found is None:
        raise Problem("not-found", f"There is no application {application_id}.")
    return found
