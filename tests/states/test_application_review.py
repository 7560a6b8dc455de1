"""The review's clock: business days, over weekends, holidays and shifts of the clock; it stands still for questions."""

from datetime import timedelta

import pytest

from program.edition import EDITIONS
from states.application_messages import Denial
from states.effects import Mail
from tests.states.application_situations import an_application
from tests.states.simulate import DAY, SECOND, end_of, ny


@pytest.mark.parametrize(
    ("submitted", "reminder", "deadline"),
    [
        ("2027-01-05 10:00", "2027-01-07", "2027-01-12"),  # a Tuesday; a weekend lies between
        ("2027-01-08 23:59", "2027-01-12", "2027-01-15"),  # a Friday, one minute before its end
        ("2027-01-09 12:00", "2027-01-12", "2027-01-15"),  # a Saturday
        ("2027-01-14 09:00", "2027-01-19", "2027-01-22"),  # Martin Luther King Day lies between
        ("2027-12-22 09:00", "2027-12-27", "2027-12-30"),  # Christmas is a Saturday, observed on the Friday
        ("2027-03-11 09:00", "2027-03-15", "2027-03-18"),  # clocks go forward on March 14
        ("2027-11-04 09:00", "2027-11-08", "2027-11-12"),  # clocks go back on November 7; Veterans Day
    ],
)
def test_reminded_after_two_business_days_and_overdue_after_five(submitted: str, reminder: str, deadline: str) -> None:
    application = an_application(submitted)
    application.until(end_of(reminder) - SECOND)
    assert application.triggers == ["begin"]
    application.until(end_of(deadline))
    assert application.triggers == ["begin", "remind_review", "review_overdue"]
    assert (application.at_of("remind_review"), application.at_of("review_overdue")) == (
        end_of(reminder), end_of(deadline),
    )  # fmt: skip
    assert application.data.is_overdue()
    assert application.mails == [
        ("application_received", "applicant"),
        ("application_to_review", "staff:reviewer"),
        ("application_overdue", "staff:reviewer"),
        ("application_overdue", "staff:team_lead"),
    ]


def test_reminders_leave_only_while_somebody_is_to_review() -> None:
    application = an_application()
    application.until(end_of("2027-01-12"))
    mails = [effect for effect in application.effects if isinstance(effect, Mail) and effect.to.startswith("staff")]
    assert {mail.only_while for mail in mails} == {("in_review", "appealed")}


@pytest.mark.parametrize(
    ("asked", "answered", "reminder", "deadline"),
    [
        # Submitted on a Tuesday. Asked on the same day, none is used.
        ("2027-01-05 15:00", "2027-01-11 10:00", "2027-01-13", "2027-01-19"),  # the 18th is a holiday
        # Asked and answered on one day: as if nothing had been asked.
        ("2027-01-06 09:00", "2027-01-06 17:00", "2027-01-07", "2027-01-12"),
        # One day used; four remain for the decision, one for the reminder.
        ("2027-01-06 09:00", "2027-01-14 10:00", "2027-01-15", "2027-01-21"),
        # Two days used, the reminder of that day is not out yet: it goes out at the end of the day of the answer.
        ("2027-01-07 09:00", "2027-01-11 10:00", "2027-01-11", "2027-01-14"),
        # Asked on a Saturday: the Friday before is used, the Saturday is no business day.
        ("2027-01-09 09:00", "2027-01-13 10:00", None, "2027-01-15"),
        # Asked on the last day: what is left of it is the rest of a day, and of a Sunday that is the Monday.
        ("2027-01-12 09:00", "2027-01-14 10:00", None, "2027-01-14"),
        ("2027-01-12 09:00", "2027-01-24 10:00", None, "2027-01-25"),
    ],
)
def test_the_clock_stands_still_while_information_is_asked_for(
    asked: str, answered: str, reminder: str | None, deadline: str
) -> None:
    application = an_application("2027-01-05 10:00")
    application.until(ny(asked))
    reminded = "remind_review" in application.triggers
    assert application.say("ask_information") == "information_asked"
    assert application.lifecycle.waits_for(application.data) == "applicant"
    application.until(ny(answered))
    assert application.triggers[-1] == "ask_information", "nothing happens to a review that stands still"
    assert application.say("give_information") == "in_review"
    assert application.data.overdue_at == end_of(deadline)
    assert application.data.remind_at == (end_of(reminder) if reminder else None)
    assert reminded == (reminder is None)


def test_a_second_question_goes_on_from_what_the_first_left() -> None:
    application = an_application("2027-01-05 10:00")
    for asked, answered in (("2027-01-06 09:00", "2027-01-11 10:00"), ("2027-01-12 09:00", "2027-01-20 10:00")):
        application.until(ny(asked))
        application.say("ask_information")
        application.until(ny(answered))
        application.say("give_information")
    assert application.data.days_used == 2
    assert application.data.overdue_at == end_of("2027-01-25")
    assert application.data.facts()["information asked"] == "2 times"


def test_an_overdue_review_is_overdue_again_when_the_information_is_there() -> None:
    application = an_application("2027-01-05 10:00")
    application.until(ny("2027-01-14 10:00"))
    application.say("ask_information")
    assert not application.data.is_overdue(), "staff are not late while they wait for the applicant"
    application.until(ny("2027-01-20 10:00"))
    application.say("give_information")
    assert application.data.is_overdue()
    assert application.lifecycle.next_deadline(application.data) is None


def test_no_information_in_fourteen_days_is_a_denial_for_that_reason() -> None:
    application = an_application("2027-01-05 10:00")
    application.say("ask_information")
    application.until(end_of("2027-01-19") + timedelta(minutes=2))
    assert (application.state, application.data.because) == ("denied", "information")
    assert application.at_of("information_missing") == end_of("2027-01-19")
    assert application.mails[-1] == ("application_denied", "applicant")


@pytest.mark.parametrize("minutes_late", [0, 1, 60 * 24])
def test_information_stamped_in_time_counts_whenever_it_arrives(minutes_late: int) -> None:
    application = an_application("2027-01-05 10:00")
    application.until(ny("2027-01-06 10:00"))
    application.say("ask_information")
    application.until(end_of("2027-01-20") + timedelta(minutes=minutes_late))
    assert application.say("give_information", at=end_of("2027-01-20") - SECOND) == "in_review"
    assert application.data.because == ""
    assert application.data.overdue_at is not None
    assert application.data.remind_at is not None


def test_information_that_comes_too_late_is_refused_with_what_is_possible() -> None:
    application = an_application("2027-01-05 10:00")
    application.say("ask_information")
    application.until(end_of("2027-01-25"))
    sentence = application.refusal("give_information")
    assert sentence == (
        "«give information» can't be done now: that was after the application had been denied. "
        "Possible now: appeal, withdraw."
    )


def test_a_denial_takes_one_of_the_edition_s_reasons() -> None:
    assert an_application().refusal("deny", because="too_small").startswith("«because» can't be «too_small»")
    for edition in EDITIONS.values():
        codes = {reason.code for reason in edition.joining.denial_reasons}
        assert set(Denial.model_json_schema()["properties"]["because"]["enum"]) == codes
        assert {edition.joining.information_missing_reason, edition.joining.onboarding_denial_reason} <= codes


def test_an_application_that_was_applied_for_again_stays_one() -> None:
    application = an_application()
    application.say("apply_again", id="portal-1")
    application.say("apply_again", id="portal-1")
    assert application.data.applied_again == 1
    assert application.mails[-1] == ("applied_again", "staff:reviewer")
    assert application.data.overdue_at == end_of("2027-01-12"), "the clock goes on"


# -- denied, appealed, undone ------------------------------------------------------------------------------------------


def test_an_appeal_is_decided_by_somebody_else() -> None:
    application = an_application()
    application.say("deny")
    application.until(application.now + 3 * DAY)
    assert application.say("appeal") == "appealed"
    for action in ("approve", "deny"):
        assert application.refusal(action, by="Reviewer@vendor.example") == (
            f"«{action}» can't be done now: reviewer@vendor.example denied this application, and an appeal is decided "
            "by somebody else. Possible now: approve, deny, by another reviewer."
        )
    assert application.say("approve", by="second@vendor.example") == "onboarding"


def test_the_second_look_is_the_last() -> None:
    application = an_application()
    application.say("deny")
    application.say("appeal")
    assert application.say("deny", by="second@vendor.example") == "denied"
    assert application.refusal("appeal").startswith(
        "«appeal» can't be done now: this denial has been appealed already, and the second look is the last."
    )
    application.until(application.now + 20 * DAY)
    assert (application.state, application.data.outcome) == ("closed", "denied")


def test_undone_by_mistake_the_second_denial_is_still_not_for_the_first_one_s_author() -> None:
    application = an_application()
    application.say("deny")
    application.say("appeal")
    application.say("deny", by="second@vendor.example")
    assert application.say("reinstate") == "appealed"
    assert "reviewer@vendor.example denied" in application.refusal("approve")
    assert application.say("approve", by="second@vendor.example") == "onboarding"


def test_an_appeal_has_thirty_days_and_then_a_review_s_time() -> None:
    application = an_application("2027-01-05 10:00")
    application.say("deny")
    application.until(end_of("2027-02-04"))
    assert application.say("appeal", at=end_of("2027-02-04") - SECOND) == "appealed"
    assert application.data.overdue_at == end_of("2027-02-12"), "from when staff learn of it"
    other = an_application("2027-01-05 10:00")
    other.say("deny")
    other.until(end_of("2027-02-04") + timedelta(minutes=2))
    assert other.state == "closed"
    assert "in the state «closed»" in other.refusal("appeal")


def test_a_denial_by_the_clock_may_be_decided_on_appeal_by_anybody() -> None:
    application = an_application()
    application.say("ask_information")
    application.until(end_of("2027-01-20"))
    assert application.say("appeal") == "appealed"
    assert application.say("approve") == "onboarding"


def test_a_review_that_ended_by_mistake_begins_anew() -> None:
    application = an_application("2027-01-05 10:00")
    application.say("deny")
    application.until(ny("2027-01-19 23:00"))
    assert application.say("reinstate") == "in_review"
    assert application.data.overdue_at == end_of("2027-01-26")
    assert application.data.outcome == ""
    assert application.mails[-1] == ("application_reinstated", "applicant")
