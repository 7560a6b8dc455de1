"""What callers get of applications. Nothing here names a member of staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from portal.answers import Deadline, Happened, Wrote, happened, instant, state_says
from portal.words import moment
from records.applications import Acknowledgement, Application, Further, Submission
from records.history import Happening
from records.notes import Note
from states.application import APPLICATION


class Applied(BaseModel):
    """An application that Temporal holds."""

    application_id: str
    domain: str
    state: str
    received_at: datetime
    existing: bool = Field(description="whether the company had this application already")
    says: str = Field(description="what has become of the submission, in a sentence")


class ApplicationTaken(BaseModel):
    """An action that will be followed. Whether the application could follow it stands in its history."""

    application_id: str
    received_at: datetime = Field(description="the stamp that counts, in UTC")
    says: str


class ApplicationSummary(BaseModel):
    """An application and where it stands."""

    application_id: str
    company: str
    domain: str
    country: str
    contact_name: str
    contact_email: str
    service_offerings: str
    technology_partners: str
    client_profile: str
    state: str
    says: str = Field(description="what the state means")
    outcome: str
    denied_because: str = Field(description="information, no_answer or not_a_fit; empty unless it is denied")
    missing: list[str] = Field(description="what an approved applicant still lacks to be a member")
    received_at: datetime
    appeal_until: datetime | None = Field(description="until when a denial can be appealed")
    deadline: Deadline | None
    waits_for: str = Field(description="who has to act: applicant, reviewer, manager, or nobody (empty)")
    overdue: bool = Field(description="whether staff are late")


class AppliedAgain(BaseModel):
    """The same company, applying once more while its application is open."""

    company: str
    domain: str
    contact_name: str
    contact_email: str
    at: datetime


class Acknowledged(BaseModel):
    """Who acknowledged which version of the agreement."""

    version: str
    name: str
    at: datetime


class ApplicationInFull(ApplicationSummary):
    """An application, what happened to it, what the applicant wrote, and who applied for the same company."""

    history: list[Happened]
    notes: list[Wrote]
    applied_again: list[AppliedAgain]
    agreement: list[Acknowledged]


class ApplicationPage(BaseModel):
    """Some applications, the newest first."""

    applications: list[ApplicationSummary]
    next_page: str = Field(description="the value of `page` for the applications after these; empty on the last page")


def applied(made: Submission, known: Application, stamp: datetime) -> Applied:
    """What a submission is answered; `stamp` is when it was received."""
    since = moment(known.received_at)
    says = (
        f"The application of {known.form.company} is received as of {moment(stamp)} (New York)."
        if not made.existing
        else f"{known.form.domain} has an application already, since {since}: this is that one. "
        f"{state_says(APPLICATION, known.state)}"
    )
    return Applied(
        application_id=made.application_id,
        domain=known.form.domain,
        state=known.state,
        received_at=known.received_at,
        existing=made.existing,
        says=says.strip(),
    )


def summary(application: Application) -> ApplicationSummary:
    """An application for lists."""
    return ApplicationSummary(**_summary(application))


def in_full(
    application: Application,
    history: list[Happening],
    notes: list[Note],
    further: list[Further],
    acknowledgements: list[Acknowledgement],
) -> ApplicationInFull:
    """An application with everything that the vendor's systems may see."""
    return ApplicationInFull(
        **_summary(application),
        history=[happened(APPLICATION, each) for each in history],
        notes=[Wrote(kind=note.kind, at=note.at, text=note.text) for note in notes],
        applied_again=[
            AppliedAgain(
                company=each.company,
                domain=each.domain,
                contact_name=each.contact_name,
                contact_email=each.contact_email,
                at=each.at,
            )
            for each in further
        ],
        agreement=[Acknowledged(version=each.version, name=each.name, at=each.at) for each in acknowledgements],
    )


def _summary(application: Application) -> dict[str, Any]:
    form, facts = application.form, application.facts
    missing = str(facts.get("missing") or "")
    return {
        "application_id": application.application_id,
        "company": form.company,
        "domain": form.domain,
        "country": form.country,
        "contact_name": form.contact_name,
        "contact_email": form.contact_email,
        "service_offerings": form.service_offerings,
        "technology_partners": form.technology_partners,
        "client_profile": form.client_profile,
        "state": application.state,
        "says": state_says(APPLICATION, application.state),
        "outcome": application.outcome,
        "denied_because": str(facts.get("denied because") or ""),
        "missing": missing.split(", ") if missing else [],
        "received_at": application.received_at,
        "appeal_until": instant(facts.get("can be appealed until")),
        "deadline": Deadline(at=application.due_at, says=application.due_summary) if application.due_at else None,
        "waits_for": application.waits_for,
        "overdue": application.overdue,
    }
