"""Working opportunities, what is won and not paid, and the 14 days in which an end can be undone."""

import pytest

from states.lead import LEAD
from states.lifecycle import GRACE
from states.staff import Role
from tests.states.simulate import DAY, SECOND, LeadTrial, World, end_of, ny

WINDOW_END = end_of("2027-04-05")


def accepted() -> tuple[World, LeadTrial]:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit()
    lead.say("accept")
    return world, lead


def opportunity(opened: str = "2027-02-01 10:00") -> tuple[World, LeadTrial]:
    world, lead = accepted()
    world.until(ny(opened))
    assert lead.say("opportunity_opened") == "opportunity"
    return world, lead


def expired() -> tuple[World, LeadTrial]:
    world, lead = accepted()
    world.until(WINDOW_END + DAY)
    assert lead.state == "expired"
    return world, lead


# -- working opportunities ---------------------------------------------------------------------------------------------


def test_an_opportunity_is_no_longer_bound_to_the_90_days() -> None:
    world, lead = opportunity()
    world.until(ny("2028-06-01"))
    assert lead.state == "opportunity"
    assert lead.say("client_paid") == "credited"


def test_staff_are_asked_about_one_that_has_not_moved_for_180_days() -> None:
    world, lead = opportunity()
    world.until(ny("2027-03-01 10:00"))
    lead.say("opportunity_moved")
    world.until(end_of("2027-08-28") - SECOND)
    assert LEAD.waits_for(lead.data) is None
    world.until(end_of("2027-08-28"))
    assert lead.at_of("ask_stalled") == end_of("2027-08-28")
    assert LEAD.waits_for(lead.data) is Role.REVIEWER
    assert lead.data.decide == "The opportunity has not moved for 180 days."
    world.until(ny("2028-08-28"))
    assert lead.templates.count("opportunity_stalled") == 1, "they are asked once"


def test_staff_may_wait_for_another_180_days_or_give_up() -> None:
    world, lead = opportunity()
    world.until(ny("2027-08-10 10:00"))
    assert lead.triggers[-1] == "ask_stalled"
    assert lead.say("wait_longer") == "opportunity"
    assert lead.data.decide == ""
    world.until(end_of("2028-02-06"))
    assert lead.triggers.count("ask_stalled") == 2
    assert lead.say("give_up") == "lost"


def test_a_movement_answers_the_question() -> None:
    world, lead = opportunity()
    world.until(ny("2027-08-10 10:00"))
    lead.say("report_progress")
    assert lead.data.decide == ""


def test_an_older_movement_that_arrives_later_does_not_bring_the_question_forward() -> None:
    world, lead = opportunity()
    world.until(ny("2027-05-01 10:00"))
    lead.say("opportunity_moved")
    stalled = lead.data.stalled_at
    lead.say("opportunity_moved", at=ny("2027-03-01 10:00"))
    assert lead.data.stalled_at == stalled


@pytest.mark.parametrize(("fact", "state"), [("opportunity_won", "won"), ("opportunity_lost", "lost")])
def test_it_ends_as_won_or_lost(fact: str, state: str) -> None:
    _world, lead = opportunity()
    assert lead.say(fact) == state


def test_won_means_signed_and_the_referral_starts_with_the_first_payment() -> None:
    world, lead = opportunity()
    lead.say("opportunity_won")
    assert world.register.credited == {}
    world.until(ny("2027-02-20 10:00"))
    assert lead.say("client_paid") == "credited"
    assert world.register.first_payment["shop.example"] == ny("2027-02-20 10:00")


def test_won_without_a_payment_for_60_days_goes_to_staff() -> None:
    world, lead = opportunity("2027-01-20 10:00")
    lead.say("opportunity_won")
    world.until(end_of("2027-03-21") - SECOND)
    assert LEAD.waits_for(lead.data) is None
    world.until(end_of("2027-03-21"))
    assert lead.at_of("ask_unpaid") == end_of("2027-03-21")
    assert LEAD.waits_for(lead.data) is Role.REVIEWER
    assert lead.say("wait_longer") == "won"
    world.until(end_of("2027-05-21"))
    assert lead.triggers.count("ask_unpaid") == 2
    assert lead.say("give_up") == "lost"


def test_nobody_is_asked_about_a_payment_that_came_in_the_same_second() -> None:
    world, lead = opportunity("2027-01-20 10:00")
    lead.say("opportunity_won")
    world.until(end_of("2027-03-21") - SECOND)
    lead.say("client_paid")
    world.until(end_of("2027-03-21"))
    assert "won_unpaid" not in lead.templates


# -- undo --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["reject", "void"])
def test_what_staff_ended_stays_open_for_14_days(action: str) -> None:
    world = World(ny("2027-03-01 10:00"))
    lead = world.submit()
    lead.say(action)
    assert lead.data.undo_until == end_of("2027-03-15")  # the clocks change on March 14
    world.until(end_of("2027-03-15") - SECOND)
    assert lead.state in ("rejected", "voided")
    world.until(end_of("2027-03-15"))
    assert lead.state == "ended"
    assert "«ended»" in lead.refusal("reinstate")


def test_a_lead_that_expired_is_over_after_14_days() -> None:
    world, lead = expired()
    assert lead.data.undo_until == end_of("2027-04-20"), "counted from the day on which it expired"
    world.until(end_of("2027-04-20"))
    assert lead.state == "ended"
    assert lead.data.outcome == "expired"


def test_the_14_days_are_counted_from_when_an_end_was_handled() -> None:
    world, lead = opportunity()
    world.until(ny("2027-06-01 10:00"))
    lead.say("opportunity_lost", at=ny("2027-03-01 10:00"))
    assert lead.data.since == ny("2027-03-01 10:00")
    assert lead.data.undo_until == end_of("2027-06-15")


def test_rejected_by_mistake_it_is_reviewed_again_with_its_old_dates() -> None:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit()
    world.until(ny("2027-01-06 10:00"))
    lead.say("reject")
    world.until(ny("2027-01-15 10:00"))
    assert lead.say("reinstate") == "in_review"
    assert lead.data.valid_until == WINDOW_END
    assert lead.data.claim == "held"
    assert lead.data.outcome == ""
    assert lead.say("accept") == "accepted"


def test_rejected_and_paid_it_is_credited_by_reinstating_and_accepting() -> None:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit()
    lead.say("reject")
    assert lead.say("client_paid") == "rejected"
    assert LEAD.waits_for(lead.data) is Role.REVIEWER
    assert "paid_needs_decision" in lead.templates
    assert lead.say("reinstate") == "in_review"
    assert lead.say("accept") == "credited"


def test_a_payment_from_before_the_registration_is_nothing_for_a_rejected_lead() -> None:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit()
    lead.say("reject")
    lead.say("client_paid", at=ny("2027-01-01 10:00"))
    assert lead.data.paid_at is None
    assert lead.data.decide == ""


def test_rejected_reinstated_and_its_window_over_it_is_reviewed_as_outlasted() -> None:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit()
    world.until(WINDOW_END - DAY)
    lead.say("reject")
    world.until(WINDOW_END + DAY)
    assert lead.say("reinstate") == "in_review"
    assert lead.data.outlasted
    assert lead.say("accept") == "accepted"
    assert lead.data.valid_until == end_of("2027-04-21")


def test_a_payment_too_late_goes_to_staff_who_have_14_days_from_then_on() -> None:
    world, lead = expired()
    world.until(ny("2027-04-19 10:00"))
    assert lead.say("client_paid", at=WINDOW_END + SECOND) == "expired"
    assert lead.data.undo_until == end_of("2027-05-03")
    assert lead.say("reinstate") == "credited"


def test_an_expired_lead_is_reinstated_into_its_renewal() -> None:
    _world, lead = expired()
    assert lead.say("reinstate") == "renewal_asked"
    assert lead.data.answer_by == end_of("2027-04-21")
    assert lead.say("renew") == "accepted"
    assert lead.data.valid_until == end_of("2027-07-04")


@pytest.mark.parametrize("inside", [True, False])
def test_taken_out_by_mistake_it_comes_back_to_its_window(inside: bool) -> None:
    world, lead = accepted()
    world.until(WINDOW_END - DAY)
    lead.say("void")
    world.until(WINDOW_END + (-SECOND if inside else DAY))
    assert lead.say("reinstate") == ("accepted" if inside else "renewal_asked")
    assert lead.data.valid_until == WINDOW_END


@pytest.mark.parametrize(("fact", "state"), [("opportunity_opened", "opportunity"), ("opportunity_won", "won")])
@pytest.mark.parametrize("end", ["void", "give_up"])
def test_an_opportunity_ended_by_mistake_goes_on(fact: str, state: str, end: str) -> None:
    world, lead = accepted()
    lead.say(fact)
    lead.say(end)
    world.until(world.now + 14 * DAY)
    assert lead.say("reinstate") == state
    world.until(ny("2027-09-30"))
    assert lead.triggers[-1] == ("ask_stalled" if state == "opportunity" else "ask_unpaid")


def test_a_payment_from_before_the_loss_counts_whenever_it_is_heard_of() -> None:
    world, lead = opportunity()
    world.until(ny("2027-03-01 10:00"))
    lead.say("give_up")
    world.until(ny("2027-03-10 10:00"))
    assert lead.say("client_paid", at=ny("2027-02-20 10:00")) == "credited"
    world, lead = opportunity()
    lead.say("give_up")
    world.until(ny("2027-02-10 10:00"))
    assert lead.say("client_paid", at=ny("2027-02-09 10:00")) == "lost"
    assert lead.data.decide


def test_credit_that_was_taken_can_be_given_back() -> None:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit(self_closed=True)
    lead.say("accept")
    world.until(ny("2027-03-01 10:00"))
    lead.say("take_credit")
    assert lead.say("reinstate") == "accepted"
    assert lead.data.progress_due_at == end_of("2027-03-31")


def test_a_withdrawn_lead_is_over_at_once() -> None:
    _world, lead = accepted()
    assert lead.say("withdraw") == "withdrawn"
    assert LEAD.is_final(lead.data)
    assert lead.data.undo_until is None
    assert "«withdrawn»" in lead.refusal("reinstate")


# -- the way back while another lead holds the prospect ----------------------------------------------------------------


def taken_over() -> tuple[World, LeadTrial, LeadTrial]:
    """The first has expired, and the second, which stood in line, was accepted."""
    world, first = accepted()
    world.until(ny("2027-01-20 10:00"))
    second = world.submit("2", partner="south")
    world.until(WINDOW_END + GRACE)
    assert (first.state, second.state) == ("expired", "in_review")
    second.say("accept")
    return world, first, second


def test_a_late_payment_finds_another_holder_and_goes_to_staff() -> None:
    world, first, second = taken_over()
    assert first.say("client_paid", at=WINDOW_END - SECOND) == "in_line"
    assert first.data.behind == "lead:2"
    assert "but another lead holds the prospect" in first.data.decide
    assert world.register.credited == {}
    world.until(ny("2027-04-20 10:00"))
    assert first.state == "in_line", "it waits for the decision, not for a clock"
    second.say("void")
    assert first.state == "credited"
    assert first.data.terms is not None
    assert first.data.terms["at"] == ny("2027-01-05 10:00").isoformat(), "the share is that of its acceptance"


def test_a_reinstated_lead_whose_window_is_over_can_not_stand_in_line() -> None:
    _world, first, second = taken_over()
    first.say("reinstate")
    assert first.state == "expired"
    assert first.data.why_ended == "The window ended in line behind lead:2."
    assert second.state == "accepted"


def test_a_reinstated_lead_whose_window_is_open_stands_in_line() -> None:
    world, first = accepted()
    world.until(ny("2027-01-06 10:00"))
    first.say("void")
    second = world.submit("2", partner="south")
    assert second.state == "in_review"
    first.say("reinstate")
    assert (first.state, second.state) == ("accepted", "in_line"), "the earlier registration has precedence"
    first.say("void")
    second.say("accept")
    first.say("reinstate")
    assert (first.state, second.state) == ("in_line", "accepted")


def test_reinstating_after_another_was_credited_closes_it() -> None:
    _world, first, second = taken_over()
    second.say("client_paid")
    first.say("reinstate")
    assert first.state == "closed_out"
