"""Review, the line for a prospect, the affiliate link."""

from datetime import timedelta

import pytest

from states.lead import LEAD
from states.lifecycle import GRACE
from states.messages import Refusal
from states.staff import Role
from tests.states.simulate import DAY, FACTORS, SECOND, LeadTrial, World, end_of, ny


def registered(at: str = "2027-01-05 10:00") -> tuple[World, LeadTrial]:
    world = World(ny(at))
    return world, world.submit()


# -- review ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("submitted", "reminded", "overdue"),
    [
        ("2027-01-05 10:00", "2027-01-07", "2027-01-12"),  # a Tuesday
        ("2027-01-14 10:00", "2027-01-19", "2027-01-22"),  # a weekend and Martin Luther King's day between
        ("2027-03-12 23:59", "2027-03-16", "2027-03-19"),  # the clocks change between
        ("2027-12-23 08:00", "2027-12-28", "2028-01-03"),  # Christmas and New Year, both observed on a Friday
    ],
)
def test_staff_are_reminded_after_2_and_5_business_days(submitted: str, reminded: str, overdue: str) -> None:
    world, lead = registered(submitted)
    world.until(end_of(reminded) - SECOND)
    assert "remind_review" not in lead.triggers
    world.until(end_of(reminded))
    assert lead.at_of("remind_review") == end_of(reminded)
    assert not lead.data.is_overdue()
    world.until(end_of(overdue))
    assert lead.at_of("review_overdue") == end_of(overdue)
    assert lead.data.is_overdue()
    assert lead.state == "in_review"
    assert lead.templates.count("review_reminder") == 1
    assert lead.templates.count("review_overdue") == 1


def test_no_reminder_for_a_review_that_was_done_in_the_same_second() -> None:
    world, lead = registered()
    world.until(end_of("2027-01-07") - SECOND)
    lead.say("accept")
    world.until(end_of("2027-01-12") + SECOND)
    assert {"review_reminder", "review_overdue"}.isdisjoint(lead.templates)


def test_staff_accept_with_the_factors() -> None:
    world, lead = registered()
    world.until(ny("2027-01-08 15:00"))
    assert lead.say("accept") == "accepted"
    assert lead.data.accepted_at == ny("2027-01-08 15:00")
    assert lead.data.factors == {"timely": "yes", "relationship": "deep", "accurate": "yes", "engaged": "nobody"}
    assert lead.data.valid_until == end_of("2027-04-05"), "the 90 days run from registration"
    assert lead.data.terms is not None


def test_staff_reject_with_a_reason_from_the_list() -> None:
    world, lead = registered()
    assert lead.say("reject", engaged="vendor", because="already_engaged", reason="in talks") == "rejected"
    assert lead.data.factors["because"] == "already_engaged"
    assert lead.data.why_ended == "in talks"
    assert world.register.holder("shop.example") is None
    assert "lead_rejected" in lead.templates


def test_the_share_is_that_of_the_moment_of_acceptance_and_stays() -> None:
    world, lead = registered()
    world.until(ny("2027-01-06 10:00"))
    world.register.share = "15"
    lead.say("accept")
    world.register.share = "20"
    world.until(ny("2027-03-20 10:00"))
    lead.say("give_notice")
    lead.say("renew")
    lead.say("client_paid")
    assert lead.data.terms is not None
    assert lead.data.terms["percent"] == "15"
    assert lead.data.terms["at"] == ny("2027-01-06 10:00").isoformat()


def test_a_lead_that_is_reviewed_once_more_keeps_the_share_of_its_acceptance() -> None:
    world, lead = registered()
    accepted = world.now
    lead.say("accept")
    world.until(ny("2027-02-01 10:00"))
    lead.say("void")
    other = world.submit("2", partner="south")
    other.say("accept")
    assert lead.say("reinstate") == "in_line"
    other.say("void")
    world.until(ny("2027-02-10 10:00"))
    world.register.share = "20"
    assert lead.say("accept", relationship="some") == "accepted"
    assert (lead.data.accepted_at, lead.data.factors["relationship"]) == (accepted, "some")
    assert lead.data.terms is not None
    assert (lead.data.terms["percent"], lead.data.terms["at"]) == ("10", accepted.isoformat())


def test_the_first_acceptance_pins_the_share_also_when_the_database_hears_of_both_at_once() -> None:
    world, lead = registered()
    accepted = world.now
    world.database_away = True
    lead.say("accept")
    lead.say("stand_in_line", id="outbox-1")
    lead.say("come_up", id="outbox-2")
    world.until(ny("2027-01-08 10:00"))
    lead.say("accept")
    world.database_returns()
    assert lead.data.terms is not None
    assert (lead.data.accepted_at, lead.data.terms["at"]) == (accepted, accepted.isoformat())


def outlasting() -> tuple[World, LeadTrial]:
    """In review still when the window has ended."""
    world, lead = registered()
    world.until(end_of("2027-04-05") + DAY)
    assert lead.state == "in_review"
    assert lead.data.outlasted
    assert lead.data.is_overdue()
    assert lead.triggers.count("outlast_window") == 1
    return world, lead


def test_a_lead_in_review_does_not_expire_for_the_vendors_delay() -> None:
    world, lead = outlasting()
    world.until(ny("2028-01-05 10:00"))
    assert lead.state == "in_review"
    assert "window_ended_in_review" in lead.templates


@pytest.mark.parametrize("accepted", ["2027-04-06 00:00:01", "2027-04-09 16:00", "2027-11-01 10:00"])
def test_accepted_after_its_window_it_gets_14_days_from_acceptance(accepted: str) -> None:
    world, lead = registered()
    world.until(ny(accepted))
    assert lead.say("accept") == "accepted"
    last_day = ny(accepted).date() + timedelta(days=14) if "00:00" not in accepted else None
    expected = end_of(f"{last_day:%Y-%m-%d}") if last_day else end_of("2027-04-20")
    assert lead.data.valid_until == expected
    world.until(expected + GRACE)
    assert lead.state == "expired"
    reminders = [step.at for step in lead.steps if step.trigger == "remind_window"]
    assert all(ny(accepted) < at < expected for at in reminders)
    assert reminders, "at least the reminder 3 days before the end is still to come"


def test_accepted_in_the_last_second_of_its_window_it_keeps_it() -> None:
    world, lead = registered()
    world.until(end_of("2027-04-05") - SECOND)
    lead.say("accept")
    assert lead.data.valid_until == end_of("2027-04-05")
    world.until(end_of("2027-04-05") + GRACE)
    assert lead.state == "expired"


def test_a_lead_accepted_late_can_be_renewed_from_the_end_of_its_14_days() -> None:
    _world, lead = outlasting()
    lead.say("accept")
    lead.say("give_notice")
    assert lead.say("renew") == "accepted"
    assert lead.data.valid_until == end_of("2027-07-20")  # 90 days after April 21


@pytest.mark.parametrize("paid", ["2027-01-06 10:00", "2027-04-05 23:59:59"])
def test_accepted_late_it_is_credited_when_the_client_paid_inside_the_window(paid: str) -> None:
    world, lead = outlasting()
    lead.say("client_paid", at=ny(paid))
    assert lead.state == "in_review"
    assert lead.say("accept") == "credited"
    assert world.register.first_payment["shop.example"] == ny(paid)


def test_accepted_late_it_is_credited_also_for_a_payment_during_the_vendors_delay() -> None:
    _world, lead = outlasting()
    lead.say("client_paid", at=ny("2027-04-06 12:00"))
    assert lead.say("accept") == "credited"


@pytest.mark.parametrize(("fact", "state"), [("opportunity_opened", "opportunity"), ("opportunity_won", "won")])
def test_accepted_late_it_counts_when_it_became_an_opportunity_inside_the_window(fact: str, state: str) -> None:
    _world, lead = outlasting()
    lead.say(fact, at=ny("2027-03-01 12:00"))
    assert lead.say("accept") == state
    assert lead.data.opportunity_at == ny("2027-03-01 12:00")
    assert lead.say("client_paid") == "credited"


def test_an_opportunity_lost_again_while_staff_review_counts_no_more() -> None:
    _world, lead = registered()
    lead.say("opportunity_won")
    lead.say("opportunity_moved")
    lead.say("opportunity_lost")
    assert lead.say("accept") == "accepted"


def test_a_payment_in_review_is_a_fact_for_the_reviewer_and_accepting_credits_at_once() -> None:
    world, lead = registered()
    world.until(ny("2027-01-06 09:00"))
    assert lead.say("client_paid") == "in_review"
    assert "paid on 2027-01-06" in lead.data.decide
    assert "paid_needs_decision" in lead.templates
    assert lead.say("accept") == "credited"
    assert world.register.credited == {"shop.example": lead.process}


def test_a_payment_from_before_the_registration_credits_nothing() -> None:
    _world, lead = registered()
    lead.say("client_paid", at=ny("2027-01-05 09:59:59"))
    assert "before the lead was registered" in lead.data.decide
    assert lead.say("accept") == "accepted"
    assert lead.say("client_paid", at=ny("2027-01-05 09:00")) == "accepted"
    assert "before the lead was registered" in lead.data.decide


def test_no_decision_before_the_database_has_answered_who_holds_the_prospect() -> None:
    world = World(ny("2027-01-05 10:00"))
    world.database_away = True
    lead = world.submit()
    assert "the database has not answered" in lead.refusal("accept")
    world.database_returns()
    assert lead.say("accept") == "accepted"


# -- the line ----------------------------------------------------------------------------------------------------------


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


def test_a_payment_from_before_coming_up_that_is_heard_of_late_goes_to_staff() -> None:
    world, first, second = two()
    world.until(ny("2027-01-20 10:00"))
    first.say("reject")
    second.say("accept")
    assert second.say("client_paid", at=ny("2027-01-10 10:00")) == "credit_in_question"
    assert "before this lead held the prospect" in second.data.decide
    assert second.say("keep_credit") == "credited"


def test_an_opportunity_from_before_coming_up_counts() -> None:
    world, first, second = two()
    world.until(ny("2027-01-20 10:00"))
    first.say("reject")
    second.say("accept")
    assert second.say("opportunity_opened", at=ny("2027-01-10 10:00")) == "opportunity"


# -- the affiliate link ------------------------------------------------------------------------------------------------


def signed_up(at: str = "2027-01-05 10:00") -> tuple[World, LeadTrial]:
    world = World(ny(at))
    return world, world.submit(origin="affiliate")


@pytest.mark.parametrize("paid", ["2027-01-05 10:00", "2027-04-05 23:59:59"])
@pytest.mark.parametrize("arrives", [GRACE - SECOND, GRACE + SECOND, 10 * DAY])
def test_an_affiliate_lead_that_pays_within_90_days_is_credited_without_review(paid: str, arrives: timedelta) -> None:
    world, lead = signed_up()
    assert lead.state == "signed_up"
    world.until(end_of("2027-04-05") + arrives)
    assert lead.say("client_paid", at=ny(paid)) == "credited"
    assert world.register.credited == {"shop.example": lead.process}


def test_an_affiliate_lead_that_pays_a_second_too_late_goes_to_staff() -> None:
    world, lead = signed_up()
    world.until(end_of("2027-04-05") + SECOND)
    assert lead.say("client_paid", at=world.now) == "expired"
    assert LEAD.waits_for(lead.data) is Role.REVIEWER
    assert lead.say("reinstate") == "credited"


def test_its_share_is_that_of_the_day_the_account_was_opened() -> None:
    world, lead = signed_up()
    world.register.share = "20"
    world.until(ny("2027-02-01 10:00"))
    lead.say("client_paid")
    assert lead.data.terms is not None
    assert lead.data.terms["percent"] == "10"
    assert lead.data.terms["at"] == ny("2027-01-05 10:00").isoformat()


def test_a_domain_that_paid_before_is_not_net_new() -> None:
    world = World(ny("2027-01-05 10:00"))
    world.register.paid_before.add("shop.example")
    lead = world.submit(origin="affiliate")
    assert lead.state == "closed_out"
    assert "not net-new" in lead.data.why_ended


def test_a_domain_that_somebody_holds_is_not_net_new() -> None:
    world, _ = registered()
    lead = world.submit("2", partner="south", origin="affiliate")
    assert lead.state == "closed_out"
    assert "not net-new" in lead.data.why_ended


def test_no_review_no_renewal_and_no_opportunity_for_affiliate_leads() -> None:
    world, lead = signed_up()
    for action in ("accept", "give_notice", "opportunity_opened", "report_progress", "reinstate"):
        assert "can't be done now" in lead.refusal(action)
    world.until(lead.data.valid_until + GRACE)
    assert lead.state == "expired"
    for action in ("give_notice", "reinstate"):
        assert "can't be done now" in lead.refusal(action)


def test_an_affiliate_lead_taken_out_by_mistake_comes_back_with_its_old_dates() -> None:
    world, lead = signed_up()
    world.until(ny("2027-01-10 10:00"))
    lead.say("void")
    assert lead.say("reinstate") == "signed_up"
    assert lead.data.valid_until == end_of("2027-04-05")
    assert lead.data.claim == "held"
    assert lead.say("client_paid") == "credited"


def overtaken() -> tuple[World, LeadTrial, LeadTrial]:
    """Paid in time and reported late, when another partner's registration has been accepted."""
    world, lead = signed_up()
    world.until(ny("2027-04-07 10:00"))
    assert lead.state == "expired"
    other = world.submit("2", partner="south")
    other.say("accept")
    world.until(ny("2027-04-09 10:00"))
    lead.say("client_paid", at=ny("2027-04-03 10:00"))
    return world, lead, other


def test_a_sign_up_whose_payment_is_reported_when_another_holds_the_prospect_stands_in_line() -> None:
    world, lead, other = overtaken()
    assert (lead.state, lead.data.behind) == ("in_line", other.process)
    assert LEAD.waits_for(lead.data) is Role.REVIEWER
    assert "paid on 2027-04-03" in lead.data.decide
    assert "lead_in_line" in lead.templates
    other.say("void")
    assert lead.state == "credited"
    assert world.register.first_payment == {"shop.example": ny("2027-04-03 10:00")}


def test_one_whose_prospect_was_credited_meanwhile_is_closed_with_that_reason() -> None:
    world, lead = signed_up()
    world.until(ny("2027-04-07 10:00"))
    other = world.submit("2", partner="south")
    other.say("accept")
    other.say("client_paid")
    lead.say("client_paid", at=ny("2027-04-03 10:00"))
    assert lead.state == "closed_out"
    assert lead.data.why_ended == "The prospect was credited to another lead."


def test_a_sign_up_that_comes_up_from_the_line_waits_for_its_payment_and_nobody_displaces_it() -> None:
    world, lead = signed_up()
    lead.say("void")
    world.until(ny("2027-01-10 10:00"))
    other = world.submit("2", partner="south")
    other.say("accept")
    assert lead.say("reinstate") == "in_line"
    assert "only a paying client counts" in lead.refusal("opportunity_opened")
    other.say("void")
    assert (lead.state, lead.data.claim, lead.data.behind) == ("signed_up", "held", "")
    holder = world.register.holder("shop.example")
    assert holder is not None
    assert (holder.process, holder.firm) == (lead.process, True)
    assert world.submit("3", partner="west", at=ny("2027-01-04 10:00")).state == "in_line"
    assert lead.say("client_paid") == "credited"


def test_the_factors_are_asked_of_every_decision() -> None:
    _, lead = registered()
    for factor in ("timely", "relationship", "accurate", "engaged"):
        said = {name: value for name, value in FACTORS.items() if name != factor}
        with pytest.raises(Refusal, match=f"«{factor}» is missing"):
            lead.follow("accept", said)
        assert lead.state == "in_review"
