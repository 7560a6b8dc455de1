"""Leads by the affiliate link: no review, and a payment inside the window credits them."""

from datetime import timedelta

import pytest

from states.lead import LEAD
from states.lifecycle import GRACE
from states.staff import Role
from tests.states.simulate import DAY, SECOND, LeadTrial, World, end_of, ny
from tests.states.test_lead_review import registered


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
    assert lead.templates[-1] == "affiliate_not_new"


def test_a_domain_that_somebody_holds_is_not_net_new() -> None:
    world, _ = registered()
    lead = world.submit("2", partner="south", origin="affiliate")
    assert lead.state == "closed_out"
    assert "not net-new" in lead.data.why_ended
    assert lead.templates[-1] == "affiliate_not_new"


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
