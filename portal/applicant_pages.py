"""The applicant's pages: the public form, and the page of an application that a link in a mail opens. No script."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from portal.answering_applicants import NAMES, acknowledgement, say_for_applicant, words
from portal.answers import state_says
from portal.applying import apply
from portal.environment import Here, Portal, Stamp
from portal.forms import Mistaken, filled_in, new_once, once_of, read, text_of
from portal.problems import Mistake, Problem
from portal.refusals import RETRY_AFTER
from portal.requests import Acknowledgement, ApplicationSubmission, Said
from portal.showing import page
from portal.telling import Kept
from portal.temporal import Received
from portal.visitors import PublicRoute
from program.edition import edition
from records.applications import Application, acknowledgements_of, application
from records.database import is_away
from records.history import history_of
from states.application import APPLICATION, OPEN
from workflows.doors import TemporalAway

router = APIRouter(include_in_schema=False, route_class=PublicRoute)

AWAY = "We could not take this in just now. What you wrote is still here: please send it again in a minute."
TOO_MANY = "That was a lot of forms from one address. What you wrote is still here: please send it again later."
LOST = "This link opens no application. Please use the one in our latest mail to you, whole and on one line."
DEEDS = {
    "information": "give_information",
    "appeal": "appeal",
    "agreement": "acknowledge_agreement",
    "withdrawal": "withdraw",
}
CALLED = {
    "company": "Company",
    "website": "Web address",
    "country": "Country",
    "tax_number": "Tax number",
    "contact_name": "Your name",
    "contact_email": "Your e-mail address",
    "service_offerings": "Which services do you offer?",
    "technology_partners": "Which technology partners do you work with?",
    "client_profile": "Who is your typical client?",
    "text": "Your words",
    "name": "Your name",
}


@router.get("/apply")
def form() -> Response:
    """The form to apply with."""
    return _form({"country": "US"})


@router.post("/apply")
async def send_form(request: Request, received: Stamp, portal: Here) -> Response:
    """Apply. Whoever sends the same twice has applied once."""
    given = filled_in(await request.form(), *ApplicationSubmission.model_fields)
    if (wait := _wait(request, portal)) > 0:
        return _form(given, status=429, says=TOO_MANY, retry_after=wait)
    try:
        submission = read(ApplicationSubmission, {**given, "country": given["country"].strip().upper()}, CALLED)
        await apply(portal, received, submission.form())
    except Mistaken as mistaken:
        return _form(given, status=422, mistakes=mistaken.mistakes)
    except (TemporalAway, SQLAlchemyError) as error:
        return _form(given, status=503, says=_away(error), retry_after=int(RETRY_AFTER["Retry-After"]))
    # No link and nothing about an earlier application: who fills in a form may be anybody.
    return RedirectResponse("/apply/received", status_code=303)


@router.get("/apply/received")
def thanks(portal: Here) -> Response:
    """What is said to whoever has applied."""
    return page("applied.html", days=edition(portal.edition).joining.review_deadline_business_days)


@router.get("/my-application/{token}")
def own_page(token: str, portal: Here, said: str = "") -> Response:
    """Where an application stands, and what its applicant can do."""
    return _own(portal, token, _opened(portal, token), said=said)


@router.post("/my-application/{token}/{deed}")
async def say_on_own_page(token: str, deed: str, request: Request, received: Stamp, portal: Here) -> Response:
    """Say something about one's own application. The moment of receipt counts."""
    form = await request.form()
    if deed not in DEEDS:
        raise Problem("not-found", LOST)
    found = await run_in_threadpool(_opened, portal, token)
    given = filled_in(form, "text", "name")

    async def again(status: int, **known: Any) -> Response:
        return await run_in_threadpool(_own, portal, token, found, status=status, given=given, **known)

    if (wait := _wait(request, portal)) > 0:
        return await again(429, says=TOO_MANY, retry_after=wait)
    # The form was made with this word, so that sending it twice says it once.
    request_id = sha256(f"{token}\n{deed}\n{once_of(form)}".encode()).hexdigest()[:24]
    try:
        kept = _kept(portal, found, deed, received, form)
        await say_for_applicant(portal, received, found, DEEDS[deed], request_id, kept)
    except Mistaken as mistaken:
        return await again(422, mistakes=mistaken.mistakes)
    except (TemporalAway, SQLAlchemyError) as error:
        return await again(503, says=_away(error), retry_after=int(RETRY_AFTER["Retry-After"]))
    except Problem as problem:
        return await again(problem.kind.status, says=problem.detail)
    return RedirectResponse(f"/my-application/{token}?said={deed}", status_code=303)


def _kept(portal: Portal, to: Application, deed: str, received: Received, form: FormData) -> Kept:
    """What goes with the message. Raises `Mistaken`."""
    if deed == "withdrawal":
        return words(portal, to, DEEDS[deed], received, "")
    if deed == "agreement":
        agreed = read(Acknowledgement, filled_in(form, "version", "name"), CALLED)
        if text_of(form, "agreed") != "yes":
            raise Mistaken([Mistake(field="agreed", detail="Please mark that you acknowledge the agreement.")])
        return acknowledgement(portal, to, received, agreed.version, agreed.name)
    said = read(Said, filled_in(form, "text"), CALLED)
    return words(portal, to, DEEDS[deed], received, said.text)


def _form(
    given: dict[str, str],
    *,
    status: int = 200,
    mistakes: list[Mistake] | None = None,
    says: str = "",
    retry_after: int = 0,
) -> Response:
    answer = page("apply.html", status=status, called=CALLED, values=given, mistakes=mistakes or [], says=says)
    return _later(answer, retry_after)


def _own(
    portal: Portal,
    token: str,
    found: Application,
    *,
    status: int = 200,
    said: str = "",
    mistakes: list[Mistake] | None = None,
    says: str = "",
    given: dict[str, str] | None = None,
    retry_after: int = 0,
) -> Response:
    rules = edition(portal.edition).joining
    questions = [each.reason for each in history_of(portal.engine, found.process) if each.trigger == "ask_information"]
    missing = str(found.facts.get("missing") or "")
    on_the_way = found.state in ("onboarding", "prospect")
    answer = page(
        "my_application.html",
        status=status,
        token=token,
        application=found,
        meaning=state_says(APPLICATION, found.state),
        question=questions[-1] if questions and found.state == "information_asked" else "",
        appeal_until=found.facts.get("can be appealed until") if found.state == "denied" else None,
        reasons={reason.code: reason.text for reason in rules.denial_reasons},
        missing=missing if on_the_way else "",
        agreement=rules.agreement_version if on_the_way and "agreement" in missing else "",
        acknowledged=acknowledgements_of(portal.engine, found.application_id),
        can_withdraw=found.state in OPEN,
        received=NAMES.get(DEEDS.get(said, ""), ""),
        once=new_once(),
        values=given or {},
        mistakes=mistakes or [],
        says=says,
    )
    return _later(answer, retry_after)


def _later(answer: Response, seconds: int) -> Response:
    if seconds:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _opened(portal: Portal, token: str) -> Application:
    application_id = portal.links.application_in(token)
    found = application(portal.engine, application_id) if application_id else None
    if found is None:
        raise Problem("not-found", LOST)
    return found


def _away(error: TemporalAway | SQLAlchemyError) -> str:
    """What is said while Temporal or the database is away; any other mistake is ours, and goes on."""
    if isinstance(error, SQLAlchemyError) and not is_away(error):
        raise error
    return AWAY


def _wait(request: Request, portal: Portal) -> int:
    return portal.forms_of_visitors.wait(request.client.host if request.client else "")
