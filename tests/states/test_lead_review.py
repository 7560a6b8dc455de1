"""Staff review a lead: reminders, factors, and a window that ends meanwhile."""

from datetime import timedelta

import pytest

from states.lifecycle import GRACE
from states.messages import Refusal
from tests.states.simulate import DAY, FACTORS, SECOND, LeadTrial, World, end_of, ny


def registered(at: str = "2027-01-05 10:00") -> tuple[World, LeadTrial]:
    world = World(ny(at))
    return world, world.submit()


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


def test_the_factors_are_asked_of_every_decision() -> None:
    _, lead = registered()
    for factor in ("timely", "relationship", "accurate", "engaged"):
        said = {name: value for name, value in FACTORS.items() if name != factor}
        with pytest.raises(Refusal, match=f"«{factor}» is missing"):
            lead.follow("accept", said)
        assert lead.state == "in_review"
