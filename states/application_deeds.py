"""How an application's data change when something happens to it. Each deed is done before the state changes.

A deed may refuse (`Refusal`) what depends on who says it, or on what exactly is said: guards know only the data.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from program.addresses import address_key
from program.calendar import business_days_between, business_deadline, is_business_day, program_date, window_end
from states.application_data import Application
from states.lifecycle import Event
from states.messages import Refusal

# -- review and its clock ----------------------------------------------------------------------------------------------


def begin_review(application: Application, event: Event) -> None:
    """Staff have their business days from the submission, or from when they learn of it."""
    application.days_used = 0
    application.overdue = False
    _count_from(application, max(event.at, application.submitted_at))


def remind_review(application: Application, event: Event) -> None:  # noqa: ARG001
    """The reminder is out."""
    application.remind_at = None


def review_is_overdue(application: Application, event: Event) -> None:  # noqa: ARG001
    """The review's deadline has passed; staff's delay only makes it overdue."""
    application.remind_at = application.overdue_at = None
    application.overdue = True


def ask_information(application: Application, event: Event) -> None:
    """The clock stops: the business days up to and including this one are used."""
    counted_from = application.counted_from or event.at
    application.days_used += business_days_between(program_date(counted_from), program_date(event.at))
    application.counted_from = None
    application.asked += 1
    application.information_by = window_end(event.at, application.rules.information_days)


def take_information(application: Application, event: Event) -> None:
    """The information is here, and the remaining business days go on; staff have them from when they learn of it."""
    application.information_by = None
    _count_from(application, max(event.at, event.handled_at))


def take_late_information(application: Application, event: Event) -> None:
    """It came in time, but was heard of only after the denial."""
    undo(application, event)
    if application.days_used < application.rules.review_reminder_business_days:
        application.remind_at = event.at  # still to come; when, is counted below
    take_information(application, event)


def _count_from(application: Application, start: datetime) -> None:
    rules = application.rules
    application.counted_from = start
    # A reminder that is out, and an overdue review, stay so.
    if application.remind_at is not None or application.days_used == 0:
        application.remind_at = _end_of_remaining(application, start, rules.review_reminder_business_days)
    if not application.overdue:
        application.overdue_at = _end_of_remaining(application, start, rules.review_deadline_business_days)


def _end_of_remaining(application: Application, start: datetime, days: int) -> datetime:
    """When what is left of so many business days ends; of no days left, the first on which anybody works."""
    remaining = max(0, days - application.days_used)
    if remaining == 0 and not is_business_day(program_date(start)):
        remaining = 1
    return business_deadline(start, remaining)


# -- the decision ------------------------------------------------------------------------------------------------------


def approve(application: Application, event: Event) -> None:
    """The portal opens, and onboarding begins."""
    _end_review(application)
    application.approved_at = event.at
    application.because = application.denied_by = ""
    _watch_onboarding(application, event)


def deny(application: Application, event: Event) -> None:
    """Staff deny, for one of the edition's reasons."""
    _deny(application, event, str(event.message.details()["because"]) if event.message else "")


def deny_for_silence(application: Application, event: Event) -> None:
    """The information has not come."""
    _deny(application, event, application.rules.information_missing_reason)


def deny_onboarding(application: Application, event: Event) -> None:
    """The applicant has not answered to schedule the conversation or webinar."""
    _deny(application, event, application.rules.onboarding_denial_reason)


def approve_appeal(application: Application, event: Event) -> None:
    """Somebody else has looked once more, and approves."""
    _insist_on_somebody_else(application, event)
    approve(application, event)


def deny_appeal(application: Application, event: Event) -> None:
    """Somebody else has looked once more, and denies too."""
    _insist_on_somebody_else(application, event)
    deny(application, event)


def appeal(application: Application, event: Event) -> None:
    """One more look, with the days of a review."""
    application.appeals += 1
    application.appeal_until = application.undo_until = None
    application.outcome = application.why_ended = ""
    application.days_used, application.overdue = 0, False
    _count_from(application, max(event.at, event.handled_at))


def _insist_on_somebody_else(application: Application, event: Event) -> None:
    somebody_else = address_key(event.by) != address_key(application.denied_by)
    if application.rules.appeal_is_read_by_somebody_else and not somebody_else:
        raise Refusal(
            f"«{event.trigger}» can't be done now: {application.denied_by} denied this application, and an appeal is "
            "decided by somebody else. Possible now: approve, deny, by another reviewer."
        )


def _deny(application: Application, event: Event, because: str) -> None:
    rules = application.rules
    _leave(application, event, "denied")
    application.because = because
    if application.left_from != "appealed":  # of two who denied, the first one may not decide the appeal
        application.denied_by = event.by
    known_at = max(event.at, event.handled_at)
    application.undo_until = window_end(known_at, rules.undo_days)
    may_appeal = application.appeals < rules.appeals
    application.appeal_until = window_end(known_at, rules.appeal_days) if may_appeal else None


# -- onboarding --------------------------------------------------------------------------------------------------------


def assign(application: Application, event: Event) -> None:
    """A specialist reaches out: the one that is named, or whoever says so."""
    named = str(event.message.details().get("specialist", "")) if event.message else ""
    application.specialist = named or event.by
    _watch_onboarding(application, event)


def acknowledge(application: Application, event: Event) -> None:
    """The applicant acknowledges the agreement; the first time counts. Refuses a version that is not in force."""
    version = str(event.message.details()["version"]) if event.message else ""
    if version != application.rules.agreement_version:
        raise Refusal(
            f"«acknowledge agreement» can't be done now: the version in force is "
            f"{application.rules.agreement_version}, not {version}."
        )
    if not application.agreement_version:
        application.agreement_version, application.agreement_at = version, event.at
    _watch_onboarding(application, event)


def converse(application: Application, event: Event) -> None:
    """The onboarding conversation is held."""
    _meet(application, event, "conversation")


def attend_webinar(application: Application, event: Event) -> None:
    """The applicant has attended the onboarding webinar."""
    _meet(application, event, "webinar")


def onboarding_stalls(application: Application, event: Event) -> None:  # noqa: ARG001
    """Nothing has moved for too long: staff are asked."""
    application.stalls_at = None
    application.overdue = True


def _meet(application: Application, event: Event, how: Literal["conversation", "webinar"]) -> None:
    application.met = how
    _watch_onboarding(application, event)


def _watch_onboarding(application: Application, event: Event) -> None:
    application.overdue = False
    application.stalls_at = window_end(event.at, application.rules.onboarding_stalls_days)
    if not application.missing():
        application.stalls_at = None
        application.outcome = "member"


# -- ends, and the way back --------------------------------------------------------------------------------------------


def apply_again(application: Application, event: Event) -> None:  # noqa: ARG001
    """The same company has applied once more, which is this application."""
    application.applied_again += 1


def withdraw(application: Application, event: Event) -> None:
    """The applicant gives up."""
    _leave(application, event, "withdrawn")
    application.undo_until = application.appeal_until = None


def void(application: Application, event: Event) -> None:
    """Staff take the application out."""
    _leave(application, event, "voided")
    application.undo_until = window_end(event.at, application.rules.undo_days)


def undo(application: Application, event: Event) -> None:  # noqa: ARG001
    """Back to where it was."""
    application.outcome = application.why_ended = application.because = application.left_from = ""
    application.undo_until = application.appeal_until = None


def back_to_review(application: Application, event: Event) -> None:
    """A review that ended wrongly begins anew; an appeal is still for somebody else than who denied."""
    undo(application, event)
    begin_review(application, event)


def back_to_onboarding(application: Application, event: Event) -> None:
    """Onboarding goes on with what is done already."""
    undo(application, event)
    application.denied_by = ""
    _watch_onboarding(application, event)


def _leave(application: Application, event: Event, outcome: str) -> None:
    application.left_from = application.state
    application.outcome = outcome
    application.why_ended = event.message.reason if event.message else ""
    application.stalls_at = application.information_by = None
    _end_review(application)


def _end_review(application: Application) -> None:
    application.remind_at = application.overdue_at = application.counted_from = None
    application.overdue = False
