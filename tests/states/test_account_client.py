"""The client's answer, to the second: asked, reminded, in time or too late, and asked once more a year later."""

from datetime import timedelta

import pytest

from program.calendar import at_hour, program_date
from program.edition import LATEST
from states.lifecycle import GRACE
from states.messages import Refusal
from tests.states.accounts import AccountTrial, managing, submit
from tests.states.simulate import DAY, SECOND, World, end_of, ny

RULES = LATEST.accounts

# Submitted on, and the thirtieth day after it: through both changes of daylight-saving time, and a leap day.
REQUESTS = {
    "2027-01-05 10:00": "2027-02-04",
    "2027-02-28 23:59:59": "2027-03-30",  # March 14: an hour is missing
    "2027-10-20 00:00": "2027-11-19",  # November 7: an hour comes twice
    "2027-02-12 09:00": "2027-03-14",  # ends on the day of the change
    "2028-02-10 12:00": "2028-03-11",  # February 29, 2028
}
ANSWERS = {"client_confirms": "active", "client_denies": "denied"}


def waiting(submitted: str = "2027-01-05 10:00") -> tuple[World, AccountTrial]:
    world = World(ny(submitted))
    return world, submit(world)


@pytest.mark.parametrize(("submitted", "last_day"), REQUESTS.items())
def test_a_request_lapses_at_the_end_of_the_thirtieth_day(submitted: str, last_day: str) -> None:
    world, account = waiting(submitted)
    world.until(end_of(last_day) + GRACE - SECOND)
    assert account.state == "waiting"
    world.until(end_of(last_day) + GRACE)
    assert account.state == "lapsed"
    assert account.at_of("lapse") == end_of(last_day)
    assert account.templates[-1] == "account_lapsed"


@pytest.mark.parametrize(("answer", "state"), ANSWERS.items())
@pytest.mark.parametrize(("submitted", "last_day"), REQUESTS.items())
@pytest.mark.parametrize("arrives", [timedelta(0), GRACE - SECOND, GRACE + SECOND, 3 * DAY, 14 * DAY - SECOND])
def test_an_answer_of_the_last_second_counts_in_either_order_of_arrival(
    answer: str, state: str, submitted: str, last_day: str, arrives: timedelta
) -> None:
    world, account = waiting(submitted)
    stamp = end_of(last_day) - SECOND
    world.until(end_of(last_day) + arrives)
    assert account.state == ("waiting" if arrives < GRACE else "lapsed")
    assert account.say(answer, at=stamp) == state
    assert account.data.client_confirmed_at == (stamp if state == "active" else None)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(("submitted", "last_day"), REQUESTS.items())
def test_an_answer_of_the_first_second_after_it_does_not(answer: str, submitted: str, last_day: str) -> None:
    world, account = waiting(submitted)
    world.until(end_of(last_day) + SECOND)
    with pytest.raises(Refusal, match="the request had lapsed by then"):
        account.say(answer, at=end_of(last_day) + SECOND)
    world.until(end_of(last_day) + GRACE)
    assert account.state == "lapsed"


def test_after_the_days_to_undo_a_lapsed_request_is_over() -> None:
    world, account = waiting()
    world.until(end_of("2027-02-04") + 20 * DAY)
    assert account.state == "ended"
    assert "in the state «ended»" in account.refusal("client_confirms", at=end_of("2027-02-04") - SECOND)


@pytest.mark.parametrize("submitted", REQUESTS)
def test_the_client_is_reminded_after_three_seven_and_fourteen_days(submitted: str) -> None:
    world, account = waiting(submitted)
    world.until(ny(submitted) + 29 * DAY)
    reminded = [step.at for step in account.steps if step.trigger == "remind_client"]
    day = program_date(ny(submitted))
    assert RULES.reminder_days == (3, 7, 14)
    assert reminded == [at_hour(day + days * DAY, RULES.reminder_hour) for days in RULES.reminder_days]
    assert account.templates.count("account_reminder") == 3


def test_who_answers_in_the_second_of_a_reminder_is_not_reminded() -> None:
    world, account = waiting()
    reminder = at_hour(program_date(world.now) + 3 * DAY, RULES.reminder_hour)
    world.until(reminder - SECOND)
    account.say("client_confirms")
    world.until(reminder + 20 * DAY)
    assert "account_reminder" not in account.templates


def test_a_reminder_that_waited_for_the_database_does_not_leave_after_the_answer() -> None:
    world, account = waiting()
    world.database_away = True
    world.until(at_hour(program_date(world.now) + 3 * DAY, RULES.reminder_hour))
    account.say("client_denies")
    world.database_returns()
    assert "account_reminder" not in account.templates
    assert account.templates[-1] == "account_denied"


def test_a_corrected_contact_gets_a_new_link_and_no_new_days() -> None:
    world, account = waiting()
    world.until(world.now + 10 * DAY)
    account.say("mail_bounced")
    assert account.data.bounced_at == world.now
    account.say("contact_corrected", contact=2)
    corrected = account.data
    assert (corrected.contact, corrected.link, corrected.bounced_at) == (2, 2, None)
    asked = [mail.about for mail in account.mails if mail.template == "account_asked"]
    assert [(about["contact"], about["link_number"]) for about in asked] == [(1, 1), (2, 2)]
    world.until(end_of("2027-02-04") + GRACE)
    assert account.state == "lapsed"


def test_a_bounce_of_a_contact_that_was_corrected_meanwhile_says_nothing() -> None:
    _, account = waiting()
    account.say("contact_corrected", contact=2)
    account.say("mail_bounced", contact=1)
    assert account.data.bounced_at is None
    assert "account_mail_back" not in account.templates


def test_at_most_three_new_links_leave_on_one_day() -> None:
    world, account = waiting("2027-01-05 23:00")
    assert RULES.new_links_a_day == 3
    for _ in range(3):
        account.say("new_link")
    assert "tomorrow there may be more" in account.refusal("new_link")
    world.until(ny("2027-01-06 00:00"))
    account.say("new_link")
    assert account.data.link == 5


# -- the client's word ages --------------------------------------------------------------------------------------------

# Confirmed on, and the day at whose end that is twelve months old.
CONSENTS = {
    "2027-01-05 10:00": "2028-01-05",
    "2027-03-14 03:30": "2028-03-14",
    "2028-02-29 12:00": "2029-02-28",
}


@pytest.mark.parametrize(("confirmed", "asked"), CONSENTS.items())
def test_after_twelve_months_the_client_is_asked_once_more_and_silence_changes_nothing(
    confirmed: str, asked: str
) -> None:
    world, account = waiting(confirmed)
    account.say("client_confirms")
    account.say("confirm_for_vendor")
    world.until(end_of(asked) - SECOND)
    assert account.data.consent_asked_at is None
    world.until(end_of(asked))
    assert account.data.consent_asked_at == end_of(asked)
    assert account.templates[-1] == "account_asked_once_more"

    world.until(end_of(asked) + (RULES.reconfirm_answer_days + 2) * DAY)
    assert (account.state, account.data.is_overdue()) == ("active", True)
    assert account.kind.lifecycle.waits_for(account.data) == "manager"
    world.until(end_of(asked) + 900 * DAY)
    assert managing(world) == ["north"]

    account.say("client_confirms")
    assert (account.data.overdue, account.kind.lifecycle.waits_for(account.data)) == (False, None)
    assert account.data.client_confirmed_at == ny(confirmed)


def test_staff_may_have_the_client_asked_again_and_it_may_still_revoke() -> None:
    world, account = waiting()
    account.say("client_confirms")
    assert "fresh" in account.refusal("remind_of_consent")
    world.until(ny("2028-03-01 10:00"))
    account.say("remind_of_consent")
    assert not account.data.overdue
    assert account.templates[-1] == "account_asked_once_more"
    assert account.say("client_revokes") == "revoked"
    assert managing(world) == []
