"""The 90 days, to the second: what is stamped in time counts, whenever it arrives; what is stamped later does not."""

from datetime import timedelta

import pytest

from states.lifecycle import GRACE
from tests.states.simulate import DAY, SECOND, LeadTrial, World, end_of, ny

# Registered on, and the ninetieth day after it: through winter, both changes of daylight-saving time, a leap day.
WINDOWS = {
    "2027-01-05 10:00": "2027-04-05",  # March 14: an hour is missing
    "2027-08-20 23:59:59": "2027-11-18",  # November 7: an hour comes twice
    "2027-12-20 00:00": "2028-03-19",  # February 29, 2028
    "2028-02-29 12:00": "2028-05-29",
    "2027-04-06 09:00": "2027-07-05",  # summer alone
    "2026-12-14 09:00": "2027-03-14",  # ends on the day of the change
    "2027-08-09 09:00": "2027-11-07",
}
WAYS = {
    "client_paid": "credited",
    "opportunity_opened": "opportunity",
    "opportunity_won": "won",
    "give_notice": "renewal_asked",
}


def accepted(registered: str) -> tuple[World, LeadTrial]:
    world = World(ny(registered))
    lead = world.submit()
    lead.say("accept")
    return world, lead


@pytest.mark.parametrize(("registered", "last_day"), WINDOWS.items())
def test_a_lead_is_valid_until_the_end_of_the_ninetieth_day(registered: str, last_day: str) -> None:
    world, lead = accepted(registered)
    assert lead.data.valid_until == end_of(last_day)
    world.until(end_of(last_day) + GRACE - SECOND)
    assert lead.state == "accepted"
    world.until(end_of(last_day) + GRACE)
    assert lead.state == "expired"
    assert lead.at_of("expire") == end_of(last_day) == lead.data.since
    assert lead.data.outcome == "expired"
    assert "lead_expired" in lead.templates


@pytest.mark.parametrize(("action", "state"), WAYS.items())
@pytest.mark.parametrize(("registered", "last_day"), WINDOWS.items())
@pytest.mark.parametrize("arrives", [timedelta(0), GRACE - SECOND, GRACE + SECOND, 3 * DAY, 14 * DAY - SECOND])
def test_what_is_stamped_in_the_last_second_counts_in_either_order_of_arrival(
    action: str, state: str, registered: str, last_day: str, arrives: timedelta
) -> None:
    world, lead = accepted(registered)
    stamp = end_of(last_day) - SECOND
    world.until(end_of(last_day) + arrives)
    assert lead.state == ("accepted" if arrives < GRACE else "expired")
    assert lead.say(action, at=stamp) == state
    assert lead.data.outcome == ("credited" if state == "credited" else "")
    assert lead.data.undo_until is None
    assert lead.data.valid_until == end_of(last_day)
    holder = world.register.holder("shop.example")
    assert (
        world.register.credited.get("shop.example") if state == "credited" else holder and holder.process
    ) == lead.process


@pytest.mark.parametrize("action", WAYS)
@pytest.mark.parametrize(("registered", "last_day"), WINDOWS.items())
@pytest.mark.parametrize("arrives", [SECOND, GRACE - SECOND, GRACE + SECOND])
def test_what_is_stamped_in_the_first_second_after_comes_too_late(
    action: str, registered: str, last_day: str, arrives: timedelta
) -> None:
    world, lead = accepted(registered)
    world.until(end_of(last_day) + arrives)
    late = end_of(last_day) + SECOND
    if action == "client_paid":
        assert lead.say(action, at=late) == "expired"
        assert "credits nothing by itself" in lead.data.decide
    else:
        with pytest.raises(Exception, match="can't be done now"):
            lead.say(action, at=late)
    assert lead.state == "expired"
    assert lead.at_of("expire") == end_of(last_day)


def test_the_end_of_the_window_itself_is_still_inside() -> None:
    world, lead = accepted("2027-01-05 10:00")
    world.until(lead.data.valid_until + SECOND)
    assert lead.say("client_paid", at=lead.data.valid_until) == "credited"


@pytest.mark.parametrize(
    ("registered", "reminders"),
    [
        ("2027-01-05 10:00", ["2027-03-22 09:00", "2027-04-02 09:00"]),
        ("2026-12-14 09:00", ["2027-02-28 09:00", "2027-03-11 09:00"]),
        ("2027-08-09 09:00", ["2027-10-24 09:00", "2027-11-04 09:00"]),
    ],
)
def test_the_partner_is_reminded_at_nine_14_and_3_days_before(registered: str, reminders: list[str]) -> None:
    world, lead = accepted(registered)
    world.until(lead.data.valid_until)
    assert [step.at for step in lead.steps if step.trigger == "remind_window"] == [ny(at) for at in reminders]
    assert lead.templates.count("window_ends_soon") == 2


def test_no_reminder_for_an_instant_that_is_past_at_acceptance() -> None:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit()
    world.until(ny("2027-03-25 12:00"))
    lead.say("accept")
    world.until(lead.data.valid_until)
    assert [step.at for step in lead.steps if step.trigger == "remind_window"] == [ny("2027-04-02 09:00")]


@pytest.mark.parametrize("fact", ["client_paid", "opportunity_opened"])
def test_no_reminder_goes_out_for_a_lead_that_has_converted_in_the_same_second(fact: str) -> None:
    world, lead = accepted("2027-01-05 10:00")
    world.until(ny("2027-03-22 09:00") - SECOND)
    lead.say(fact)
    world.until(ny("2027-03-22 09:00") + SECOND)
    assert "window_ends_soon" not in lead.templates


def test_without_credit_nothing_is_credited() -> None:
    world, lead = accepted("2027-01-05 10:00")
    world.until(ny("2028-01-01"))
    assert lead.state == "ended"
    assert world.register.credited == {}
    assert lead.data.outcome == "expired"


@pytest.mark.parametrize("registered", ["2027-01-05 00:00:01", "2027-01-05 23:59:59"])
def test_the_first_date_counts_as_day_zero_whatever_its_hour(registered: str) -> None:
    _, lead = accepted(registered)
    assert lead.data.valid_until == end_of("2027-04-05")


# -- edition 2021: must become a client; no working opportunity, no renewal


def accepted_2021() -> tuple[World, LeadTrial]:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit(edition="2021")
    lead.say("accept")
    return world, lead


def test_2021_only_a_client_counts() -> None:
    world, lead = accepted_2021()
    for fact in ("opportunity_opened", "opportunity_won"):
        assert "only a paying client counts" in lead.refusal(fact)
    assert "can't be renewed" in lead.refusal("give_notice")
    world.until(lead.data.valid_until + GRACE)
    assert lead.state == "expired"
    assert "can't be renewed" in lead.refusal("reinstate")
    assert lead.say("client_paid", at=ny("2027-04-01 12:00")) == "credited"


def test_2021_an_opportunity_known_in_review_counts_for_nothing() -> None:
    world = World(ny("2027-01-05 10:00"))
    lead = world.submit(edition="2021")
    assert "only a paying client counts" in lead.refusal("opportunity_opened")
    assert lead.say("accept") == "accepted"
    assert lead.say("client_paid") == "credited"
