"""The line behind the lead that holds a prospect: who stands in it, and who comes up."""

from datetime import timedelta

import pytest

from states.lifecycle import GRACE
from tests.states.simulate import DAY, LeadTrial, World, end_of, ny
from tests.states.test_lead_review import registered


def two(second_after: timedelta = DAY) -> tuple[World, LeadTrial, LeadTrial]:
    """Two partners register the same prospect."""
    world, first = registered()
    world.until(world.now + second_after)
    return world, first, world.submit("2", partner="south")


def test_a_second_registration_stands_in_line_and_goes_to_staff_with_the_first_one_named() -> None:
    _world, first, second = two()
    assert (first.state, second.state) == ("in_review", "in_line")
    assert second.data.behind == "lead:1"
    assert second.data.facts()["claim"] == "in line behind lead:1"
    assert {"lead_in_line", "lead_in_line_partner"} <= set(second.templates)
    assert "«in line»" in second.refusal("accept")


def test_of_two_in_review_the_earlier_registration_has_precedence_whatever_arrived_first() -> None:
    world = World(ny("2027-01-06 10:00"))
    later = world.submit("2", at=ny("2027-01-06 09:59"))
    earlier = world.submit("1", at=ny("2027-01-06 09:58"))
    assert (earlier.state, later.state) == ("in_review", "in_line")
    assert later.data.behind == "lead:1"


def test_an_accepted_lead_is_not_displaced_by_an_earlier_registration() -> None:
    world = World(ny("2027-01-06 10:00"))
    later = world.submit("2", at=ny("2027-01-06 09:59"))
    later.say("accept")
    earlier = world.submit("1", at=ny("2027-01-06 09:58"))
    assert (earlier.state, later.state) == ("in_line", "accepted")


def test_an_acceptance_that_crosses_with_a_displacement_does_not_count() -> None:
    world = World(ny("2027-01-06 10:00"))
    later = world.submit("2", at=ny("2027-01-06 09:59"))
    world.database_away = True
    later.say("accept")
    world.register.rows["shop.example"][0].held = False
    world.database_away = False
    earlier = world.submit("1", at=ny("2027-01-06 09:58"))
    later.commit()
    assert (earlier.state, later.state) == ("in_review", "in_line")
    assert later.data.accepted_at is None
    assert "lead_accepted" not in later.templates
    earlier.say("reject")
    assert later.state == "in_review"


def test_an_acceptance_that_waits_for_the_database_survives_older_news_of_the_line() -> None:
    world = World(ny("2027-01-06 10:00"))
    lead = world.submit("2", at=ny("2027-01-06 09:59"))
    lead.say("client_paid")
    world.database_away = True
    assert lead.say("accept") == "credited"
    lead.say("stand_in_line", id="outbox-1")
    lead.say("come_up", id="outbox-2")
    assert lead.state == "credited"
    world.database_returns()
    assert lead.state == "credited"
    assert world.register.credited == {"shop.example": "lead:2"}


@pytest.mark.parametrize("end", ["reject", "void", "withdraw"])
def test_when_the_holders_claim_ends_without_credit_the_next_comes_up_for_review(end: str) -> None:
    world, first, second = two()
    world.until(ny("2027-02-01 12:00"))
    first.say(end)
    assert second.state == "in_review"
    assert second.data.holds_since == ny("2027-02-01 12:00")
    assert second.data.valid_until == end_of("2027-04-06"), "its own 90 days run from its own registration"
    world.until(end_of("2027-02-03"))
    assert second.at_of("remind_review") == end_of("2027-02-03"), "staff have their days from now on"
    assert second.say("accept") == "accepted"


def test_the_next_comes_up_when_the_holder_expires() -> None:
    world, first, second = two()
    first.say("accept")
    world.until(end_of("2027-04-05") + GRACE)
    assert (first.state, second.state) == ("expired", "in_review")
    assert second.data.holds_since == end_of("2027-04-05")


def test_one_whose_own_window_has_ended_does_not_come_up() -> None:
    world, first, second = two()
    first.say("accept")
    first.say("opportunity_opened")
    world.until(end_of("2027-04-06") + GRACE)
    assert second.state == "expired"
    assert second.data.why_ended == "The window ended in line behind lead:1."
    first.say("opportunity_lost")
    assert second.state == "expired"
    assert "nothing to bring it back to" in second.refusal("reinstate")


def test_a_window_that_ends_in_the_same_second_as_the_holders_claim_is_over() -> None:
    world, first, second = two(timedelta(hours=1))
    third = world.submit("3", partner="west")
    first.say("accept")
    world.until(end_of("2027-04-05") + GRACE)
    assert [lead.state for lead in (first, second, third)] == ["expired", "expired", "expired"]
    assert world.register.holder("shop.example") is None


def test_coming_up_in_time_counts_also_when_the_news_is_late() -> None:
    world, first, second = two()
    second.follow = lambda *_: None  # type: ignore[method-assign]
    world.until(ny("2027-04-06 12:00"))
    first.say("reject")
    del second.follow
    world.until(end_of("2027-04-06") + GRACE)
    assert second.state == "expired"
    assert second.say("come_up", at=ny("2027-04-06 12:00")) == "in_review"
    assert second.data.claim == "held"
    assert second.say("accept") == "accepted"


@pytest.mark.parametrize("handled_first", [0, 1, 2])
def test_after_an_outage_the_next_has_its_turn_whichever_end_is_handled_first(handled_first: int) -> None:
    world, first, second = two(3 * DAY)
    third = world.submit("3", partner="west")
    first.say("accept")
    leads = [first, second, third]
    world.until(end_of("2027-04-05"))
    for lead in leads:
        lead.stuck = True
    world.until(end_of("2027-04-08") + DAY)
    for lead in leads[handled_first:] + leads[:handled_first]:
        lead.freed()
    assert [lead.state for lead in leads] == ["expired", "in_review", "expired"]
    assert second.data.holds_since == end_of("2027-04-05")
    assert second.say("accept") == "accepted"


def test_one_that_expired_in_line_before_the_claim_ended_does_not_come_up() -> None:
    world, first, second = two()
    first.say("accept")
    first.say("opportunity_opened")
    world.until(end_of("2027-04-06") + GRACE)
    first.say("opportunity_lost")
    assert (second.state, world.register.holder("shop.example")) == ("expired", None)


def test_the_third_comes_up_after_the_second() -> None:
    world, first, second = two()
    third = world.submit("3", partner="west")
    assert third.data.behind == "lead:1"
    first.say("reject")
    assert (second.state, third.state) == ("in_review", "in_line")
    second.say("reject")
    assert third.state == "in_review"


def test_when_the_holder_is_credited_the_line_is_closed_with_that_reason() -> None:
    _world, first, second = two()
    first.say("accept")
    first.say("client_paid")
    assert (first.state, second.state) == ("credited", "closed_out")
    assert second.data.why_ended == "The prospect was credited to another lead."
    assert "line_closed" in second.templates


def test_a_prospect_that_was_credited_leaves_no_line_to_stand_in() -> None:
    world, first, _ = two()
    first.say("accept")
    first.say("client_paid")
    assert world.submit("3", partner="west").state == "closed_out"


def test_a_payment_in_line_waits_for_the_reviewer_beyond_the_window() -> None:
    world, first, second = two()
    world.until(ny("2027-04-01 10:00"))
    for lead in (first, second):
        lead.say("client_paid", at=ny("2027-03-31 12:00"))
    assert (first.state, second.state) == ("in_review", "in_line")
    assert second.data.decide
    world.until(ny("2027-05-01 10:00"))
    assert second.state == "in_line", "staff's delay with the first costs the second nothing"
    first.say("reject")
    assert second.state == "in_review"
    assert second.say("accept") == "credited"


@pytest.mark.parametrize("waits", [timedelta(), 30 * DAY])
def test_one_that_comes_up_after_its_window_is_not_overdue_before_staff_have_had_their_days(waits: timedelta) -> None:
    world, first, second = two(timedelta(hours=1))
    world.until(ny("2027-04-01 10:00"))
    second.say("client_paid", at=ny("2027-03-31 12:00"))
    world.until(end_of("2027-04-05") + waits)
    first.say("reject")
    world.until(world.now + timedelta(minutes=5))
    assert second.state == "in_review"
    assert not second.data.is_overdue()
    assert "window_ended_in_review" not in second.templates
    world.until(world.now + 10 * DAY)
    assert second.data.is_overdue()


def accepted_on_coming_up() -> LeadTrial:
    """One that came up on 20 January and was accepted at once."""
    world, first, second = two()
    world.until(ny("2027-01-20 10:00"))
    first.say("reject")
    second.say("accept")
    return second


def test_a_payment_from_before_coming_up_that_is_heard_of_late_goes_to_staff() -> None:
    second = accepted_on_coming_up()
    assert second.say("client_paid", at=ny("2027-01-10 10:00")) == "credit_in_question"
    assert "before this lead held the prospect" in second.data.decide
    assert second.say("keep_credit") == "credited"


def test_an_opportunity_from_before_coming_up_counts() -> None:
    second = accepted_on_coming_up()
    assert second.say("opportunity_opened", at=ny("2027-01-10 10:00")) == "opportunity"
