"""Renewal (2022 guide), and the duty of self-closed deals to report progress."""

from datetime import timedelta

import pytest

from states.lead import LEAD
from states.lifecycle import GRACE
from states.staff import Role
from tests.states.simulate import DAY, SECOND, LeadTrial, World, end_of, ny

WINDOW_END = end_of("2027-04-05")


def accepted(*, self_closed: bool = False) -> tuple[World, LeadTrial]:
    """Registered on Tuesday, 2027-01-05, accepted at once."""
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit(self_closed=self_closed)
    lead.say("accept")
    return world, lead


def noticed(at: str) -> tuple[World, LeadTrial]:
    world, lead = accepted()
    world.until(ny(at))
    assert lead.say("give_notice") == "renewal_asked"
    return world, lead


# -- renewal -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", ["2027-04-01 10:00", "2027-04-05 23:59:59", "2027-04-14 23:59:59"])
def test_the_new_window_starts_where_the_old_one_ends(answered: str) -> None:
    world, lead = noticed("2027-03-31 10:00")
    world.until(ny(answered))
    assert lead.say("renew") == "accepted"
    assert lead.data.valid_until == end_of("2027-07-04")  # the ninetieth day after April 5
    world.until(end_of("2027-07-04") + GRACE)
    assert lead.state == "expired"
    assert lead.at_of("expire") == end_of("2027-07-04")


def test_renewed_again_and_again_without_a_limit() -> None:
    world, lead = accepted()
    ends = ["2027-07-04", "2027-10-02", "2027-12-31", "2028-03-30"]  # through November's change and a leap day
    for end in ends:
        world.until(lead.data.valid_until - DAY)
        lead.say("give_notice")
        lead.say("renew")
        assert lead.data.valid_until == end_of(end)
    assert lead.data.renewals == 4
    reminders = [step.at for step in lead.steps if step.trigger == "remind_window"]
    assert len(reminders) == 8, "each window has its own reminders"


@pytest.mark.parametrize(
    ("notice", "last_day"),
    [
        ("2027-04-05 23:59:59", "2027-04-19"),
        ("2027-04-01 10:00", "2027-04-15"),
        ("2027-05-20 10:00", None),
    ],
)
def test_notice_keeps_the_window_open_for_10_business_days(notice: str, last_day: str | None) -> None:
    if last_day is None:  # Memorial Day between, in a renewed window that ends on July 4
        world, lead = noticed("2027-03-01 10:00")
        lead.say("renew")
        world.until(ny("2027-06-29 10:00"))
        lead.say("give_notice")
        last_day = "2027-07-14"  # July 5 is a holiday: July 4 is a Sunday
    else:
        world, lead = noticed(notice)
    world.until(end_of(last_day) + GRACE - SECOND)
    assert lead.state == "renewal_asked"
    world.until(end_of(last_day) + GRACE)
    assert lead.state == "expired"
    assert lead.at_of("renewal_unanswered") == end_of(last_day)
    assert "renewal_unanswered" in lead.templates
    assert "lead_expired" in lead.templates


def test_staffs_delay_costs_nothing_while_the_window_is_open() -> None:
    world, lead = noticed("2027-02-01 10:00")
    world.until(end_of("2027-02-16") + GRACE)  # Presidents' Day between
    assert lead.at_of("renewal_unanswered") == end_of("2027-02-16")
    assert lead.state == "renewal_asked"
    assert lead.data.is_overdue()
    world.until(WINDOW_END - SECOND)
    assert lead.state == "renewal_asked"
    assert lead.say("renew") == "accepted"
    assert not lead.data.is_overdue()
    assert lead.data.valid_until == end_of("2027-07-04")


def test_unanswered_to_the_end_of_the_window_it_expires_then() -> None:
    world, lead = noticed("2027-02-01 10:00")
    world.until(WINDOW_END + GRACE)
    assert lead.state == "expired"
    assert lead.data.since == WINDOW_END


def test_declined_inside_the_window_it_stays_valid_to_its_end() -> None:
    world, lead = noticed("2027-03-01 10:00")
    assert lead.say("decline_renewal") == "accepted"
    assert lead.data.valid_until == WINDOW_END
    world.until(ny("2027-03-22 09:00"))
    assert lead.triggers[-1] == "remind_window", "the reminders that are still to come come"
    assert lead.say("give_notice") == "renewal_asked", "and it may ask again"


def test_declined_after_the_window_it_is_expired() -> None:
    world, lead = noticed("2027-04-05 10:00")
    world.until(ny("2027-04-08 10:00"))
    assert lead.say("decline_renewal", reason="nothing moves") == "expired"
    assert lead.data.why_ended == "nothing moves"
    assert "notice for this window was given before" in lead.refusal("give_notice", at=ny("2027-04-05 12:00"))


@pytest.mark.parametrize(
    ("fact", "state"),
    [("client_paid", "credited"), ("opportunity_opened", "opportunity"), ("opportunity_won", "won")],
)
def test_while_notice_keeps_the_window_open_facts_count(fact: str, state: str) -> None:
    world, lead = noticed("2027-04-05 10:00")
    world.until(ny("2027-04-12 10:00"))
    assert lead.say(fact) == state
    assert lead.data.answer_by is None


@pytest.mark.parametrize(("fact", "state"), [("client_paid", "credited"), ("opportunity_opened", "opportunity")])
def test_also_when_they_are_heard_of_after_the_answer(fact: str, state: str) -> None:
    world, lead = noticed("2027-04-05 10:00")
    world.until(ny("2027-04-12 10:00"))
    lead.say("decline_renewal")
    assert lead.say(fact, at=ny("2027-04-12 10:00") - SECOND) == state


def test_notice_that_arrives_after_the_lead_expired_gives_staff_their_10_days() -> None:
    world, lead = accepted()
    world.until(ny("2027-04-12 10:00"))
    assert lead.state == "expired"
    assert lead.say("give_notice", at=ny("2027-04-05 23:59:59")) == "renewal_asked"
    assert lead.data.answer_by == end_of("2027-04-26")
    assert lead.say("renew") == "accepted"
    assert lead.data.valid_until == end_of("2027-07-04")


@pytest.mark.parametrize("fact", ["opportunity_opened", "opportunity_won"])
def test_a_payment_that_is_with_staff_already_stays_there_when_more_is_heard_of(fact: str) -> None:
    world, lead = accepted()
    world.until(ny("2027-04-12 10:00"))
    assert lead.say("client_paid", at=ny("2027-04-07 10:00")) == "expired"
    assert lead.say(fact, at=ny("2027-04-05 10:00")) == "expired"
    assert lead.data.opportunity_at == ny("2027-04-05 10:00")
    assert lead.data.decide
    assert lead.say("reinstate") == "credited"


@pytest.mark.parametrize("then", ["renew", "opportunity_opened", "opportunity_won"])
def test_a_payment_that_was_too_late_counts_once_notice_in_time_is_heard_of_and_followed(then: str) -> None:
    world, lead = accepted()
    world.until(ny("2027-04-12 10:00"))
    assert lead.say("client_paid", at=ny("2027-04-07 10:00")) == "expired"
    assert lead.say("give_notice", at=ny("2027-04-05 10:00")) == "renewal_asked"
    assert lead.data.decide == "The client paid on 2027-04-07: renewing credits the lead."
    assert lead.say(then) == "credited"
    assert lead.data.outcome == "credited"


def test_after_its_second_window_an_older_notice_counts_for_nothing() -> None:
    world, lead = noticed("2027-03-31 10:00")
    world.until(end_of("2027-04-14") + GRACE)
    assert lead.state == "expired"
    assert "notice for this window was given before" in lead.refusal("give_notice", at=ny("2027-04-02 10:00"))


def test_who_answers_a_notice() -> None:
    _world, lead = noticed("2027-03-31 10:00")
    assert LEAD.waits_for(lead.data) is Role.MANAGER
    assert "renewal_asked" in lead.templates
    assert "«renewal asked»" in lead.refusal("give_notice")
    for action in ("renew", "decline_renewal"):
        assert set(LEAD.actions[action].who) == {Role.REVIEWER, Role.MANAGER}


def test_only_an_accepted_lead_is_renewed() -> None:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit()
    assert "«in review»" in lead.refusal("give_notice")
    world.submit("2", partner="south")
    assert "«in line»" in world.leads["lead:2"].refusal("give_notice")


# -- progress of self-closed deals -------------------------------------------------------------------------------------

FIRST, SECOND_REQUEST, SILENCE = end_of("2027-02-04"), end_of("2027-02-15"), end_of("2027-02-26")


def test_silence_is_asked_about_twice_and_then_goes_to_staff() -> None:
    world, lead = accepted(self_closed=True)
    world.until(FIRST - SECOND)
    assert "ask_progress" not in lead.triggers
    world.until(FIRST)  # 30 days without a report
    assert lead.at_of("ask_progress") == FIRST
    world.until(SECOND_REQUEST)  # sent on February 5, 10 days to answer
    assert lead.at_of("ask_progress") == SECOND_REQUEST
    assert lead.templates.count("progress_asked") == 2
    world.until(SILENCE + GRACE - SECOND)
    assert lead.state == "accepted"
    world.until(SILENCE + GRACE)
    assert lead.state == "credit_in_question"
    assert lead.data.since == SILENCE
    assert LEAD.waits_for(lead.data) is Role.REVIEWER
    assert lead.data.decide == "2 requests for a progress report were not answered."


def in_question() -> tuple[World, LeadTrial]:
    world, lead = accepted(self_closed=True)
    world.until(SILENCE + timedelta(hours=10))
    assert lead.state == "credit_in_question"
    return world, lead


@pytest.mark.parametrize("reported", [FIRST - SECOND, FIRST + SECOND, SECOND_REQUEST + SECOND, SILENCE - SECOND])
def test_a_report_begins_the_30_days_anew(reported: object) -> None:
    world, lead = accepted(self_closed=True)
    world.until(reported)  # type: ignore[arg-type]
    lead.say("report_progress")
    assert lead.data.progress_asked == 0
    world.until(SILENCE + GRACE)
    assert lead.state == "accepted"


@pytest.mark.parametrize("arrives", [GRACE - SECOND, GRACE + SECOND, 2 * DAY])
def test_a_report_of_the_last_second_counts_in_either_order_of_arrival(arrives: timedelta) -> None:
    world, lead = accepted(self_closed=True)
    world.until(SILENCE + arrives)
    assert lead.say("report_progress", at=SILENCE - SECOND) == "accepted"
    assert lead.data.decide == ""
    assert lead.data.progress_due_at == end_of("2027-03-28")
    assert lead.data.valid_until == WINDOW_END


def test_a_report_a_second_too_late_is_for_staff_to_weigh() -> None:
    _world, lead = in_question()
    assert lead.say("report_progress", at=SILENCE + SECOND) == "credit_in_question"
    assert "after the time to answer" in lead.data.decide


def test_an_older_report_that_arrives_after_a_newer_one_changes_nothing() -> None:
    world, lead = accepted(self_closed=True)
    world.until(ny("2027-01-25 10:00"))
    lead.say("report_progress")
    due = lead.data.progress_due_at
    lead.say("report_progress", at=ny("2027-01-10 10:00"))
    assert lead.data.progress_due_at == due


def test_staff_decide_whether_the_lead_keeps_its_credit() -> None:
    world, lead = in_question()
    assert lead.say("keep_credit") == "accepted"
    assert lead.data.progress_due_at == end_of("2027-03-29"), "the duty begins anew"
    world, lead = in_question()
    assert lead.say("take_credit") == "credit_lost"
    assert "credit_lost" in lead.templates
    assert world.register.holder("shop.example") is None


def test_reminders_that_passed_meanwhile_are_not_sent_afterwards() -> None:
    world, lead = in_question()
    world.until(ny("2027-03-23 10:00"))
    lead.say("keep_credit")
    world.until(WINDOW_END)
    assert [step.at for step in lead.steps if step.trigger == "remind_window"] == [ny("2027-04-02 09:00")]


def test_in_question_the_window_still_ends() -> None:
    world, lead = in_question()
    world.until(WINDOW_END + GRACE)
    assert lead.state == "expired"


@pytest.mark.parametrize(
    ("fact", "kept"),
    [("client_paid", "credited"), ("opportunity_opened", "opportunity"), ("opportunity_won", "won")],
)
def test_in_question_a_fact_goes_to_staff_and_the_window_ends_nothing(fact: str, kept: str) -> None:
    world, lead = in_question()
    assert lead.say(fact) == "credit_in_question"
    world.until(WINDOW_END + DAY)
    assert lead.state == "credit_in_question"
    assert lead.say("keep_credit") == kept


@pytest.mark.parametrize(
    ("fact", "state"),
    [("client_paid", "credited"), ("opportunity_opened", "opportunity"), ("opportunity_won", "won")],
)
@pytest.mark.parametrize("arrives", [SILENCE + GRACE + DAY, WINDOW_END + GRACE + DAY])
def test_what_happened_before_the_question_needs_no_decision(fact: str, state: str, arrives: object) -> None:
    world, lead = accepted(self_closed=True)
    world.until(arrives)  # type: ignore[arg-type]
    assert lead.say(fact, at=SILENCE - SECOND) == state


@pytest.mark.parametrize("fact", ["opportunity_opened", "opportunity_won"])
@pytest.mark.parametrize(("known", "state"), [("client_paid", "credited"), ("opportunity_won", "won")])
def test_an_opportunity_from_before_the_question_leads_to_what_is_known_since(
    fact: str, known: str, state: str
) -> None:
    _, lead = in_question()
    lead.say(known)
    assert lead.say(fact, at=SILENCE - SECOND) == state


def test_a_payment_after_the_question_heard_of_after_the_window_goes_to_staff() -> None:
    world, lead = in_question()
    world.until(WINDOW_END + DAY)
    assert lead.say("client_paid", at=WINDOW_END - SECOND) == "expired"
    assert lead.data.decide
    assert lead.say("reinstate") == "credited"


def test_notice_given_in_question_waits_behind_it() -> None:
    world, lead = in_question()
    world.until(ny("2027-04-05 23:00"))
    assert lead.say("give_notice") == "credit_in_question"
    assert "given before" in lead.refusal("give_notice")
    world.until(ny("2027-04-10 10:00"))
    assert lead.say("keep_credit") == "renewal_asked"
    assert lead.say("renew") == "accepted"
    assert lead.data.valid_until == end_of("2027-07-04")


def test_notice_given_in_question_does_not_keep_the_window_open_for_longer() -> None:
    world, lead = in_question()
    world.until(ny("2027-04-05 23:00"))
    lead.say("give_notice")
    world.until(end_of("2027-04-19") + GRACE)
    assert lead.state == "expired"
    assert lead.data.since == end_of("2027-04-19")


def test_a_report_in_time_that_is_heard_of_late_leads_on_to_the_notice() -> None:
    _world, lead = in_question()
    lead.say("give_notice")
    assert lead.say("report_progress", at=SILENCE - SECOND) == "renewal_asked"


def test_renewal_begins_the_duty_to_report_anew() -> None:
    world, lead = accepted(self_closed=True)
    world.until(ny("2027-02-03 10:00"))
    lead.say("give_notice")
    lead.say("report_progress")
    world.until(ny("2027-02-10 10:00"))
    lead.say("renew")
    assert lead.data.progress_due_at == end_of("2027-03-12")


def test_a_lead_with_a_sales_representative_has_no_such_duty() -> None:
    world, lead = accepted()
    world.until(WINDOW_END)
    assert "ask_progress" not in lead.triggers
    assert "sales representative" in lead.refusal("report_progress")


def test_no_request_goes_out_for_a_lead_that_has_converted_in_the_same_second() -> None:
    world, lead = accepted(self_closed=True)
    world.until(FIRST - SECOND)
    lead.say("opportunity_opened")
    world.until(FIRST + SECOND)
    assert "progress_asked" not in lead.templates
