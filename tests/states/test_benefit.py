"""A benefit's life: granted, carried out, due again, withdrawn, taken back."""

from datetime import timedelta

import pytest

from states.effects import Mail
from tests.states.benefit_situations import a_benefit, after
from tests.states.simulate import end_of, ny


def test_a_task_is_reminded_of_after_five_business_days_and_overdue_after_ten() -> None:
    # The Friday before Memorial Day, which is no business day.
    benefit = a_benefit("directory_listing", "2027-05-28 16:00")
    benefit.say("grant")
    assert benefit.data.due_at == end_of("2027-06-14")
    benefit.until(end_of("2027-06-07"))
    assert benefit.at_of("remind_task") == end_of("2027-06-07")
    benefit.until(end_of("2027-06-14"))
    assert benefit.mails == [
        ("benefit_reminder", "manager"), ("benefit_overdue", "manager"), ("benefit_overdue", "staff:manager"),
    ]  # fmt: skip
    assert benefit.data.is_overdue()
    assert benefit.say("carry_out") == "given"
    assert not benefit.data.is_overdue()
    assert benefit.mails[-1] == ("benefit_given", "partner")


def test_staff_have_their_days_from_when_they_learn_of_it() -> None:
    benefit = a_benefit("directory_listing", "2027-04-01 00:00")
    benefit.until(ny("2027-05-03 10:00"))
    benefit.say("grant", at=ny("2027-04-01 00:00"))
    assert benefit.data.granted_at == ny("2027-04-01 00:00")
    assert benefit.data.due_at == end_of("2027-05-17")


def test_a_reminder_leaves_only_while_something_is_to_be_done() -> None:
    benefit = after("directory_listing", "grant", until="2027-04-20 10:00")()
    mails = [effect for effect in benefit.effects if isinstance(effect, Mail)]
    assert {mail.only_while for mail in mails} == {("to_agree", "to_do", "to_take_back")}


def test_withdrawn_while_its_task_is_open_the_task_is_cancelled_and_granted_later_it_begins_anew() -> None:
    benefit = after("directory_listing", "grant")()
    assert benefit.say("withdraw") == "not_given"
    assert benefit.lifecycle.next_deadline(benefit.data) is None
    benefit.until(ny("2027-10-01 00:00"))
    assert benefit.say("grant") == "to_do"
    assert benefit.data.due_at == end_of("2027-10-18")  # Columbus Day lies between


def test_granted_again_before_it_was_taken_back_it_was_there_all_the_time() -> None:
    benefit = after("directory_listing", "grant", "carry_out", "withdraw")()
    assert benefit.say("grant") == "given"
    assert benefit.lifecycle.next_deadline(benefit.data) is None
    assert (benefit.data.times, benefit.data.level) == (1, "yes")


def test_a_withdrawal_said_twice_gives_staff_no_more_time() -> None:
    benefit = after("directory_listing", "grant", "carry_out", "withdraw")()
    due = benefit.data.due_at
    benefit.until(ny("2027-04-05 10:00"))
    benefit.say("withdraw")
    assert benefit.data.due_at == due


def test_leadership_meets_an_elite_partner_every_quarter() -> None:
    benefit = after("leadership_access", "grant", level="prioritised")()
    benefit.say("carry_out")
    assert benefit.data.again_at is None
    benefit.until(ny("2027-10-01 00:00"))
    assert benefit.say("grant", level="quarterly") == "to_do", "what has become a repeated one is due at once"
    benefit.until(ny("2027-10-11 10:00"))
    benefit.say("carry_out")
    benefit.until(ny("2028-01-01 00:00"))
    assert (benefit.state, benefit.at_of("due_again")) == ("to_do", ny("2028-01-01 00:00"))
    assert benefit.data.due_at == end_of("2028-01-14")
    benefit.say("carry_out")
    assert benefit.say("grant", level="limited") == "given", "elite no more: no further quarter"
    assert benefit.lifecycle.next_deadline(benefit.data) is None


def test_a_trophy_for_every_year_of_elite_and_none_is_taken_back() -> None:
    benefit = after("yearly_trophy", "grant", level="yearly")()
    benefit.until(ny("2027-04-12 10:00"))
    benefit.say("carry_out")
    for year in (2028, 2029):
        benefit.until(ny(f"{year}-04-01 00:00"))
        assert benefit.at_of("due_again") == ny(f"{year}-04-01 00:00"), "on the anniversary of the standing"
        benefit.until(ny(f"{year}-04-05 10:00"))
        benefit.say("carry_out")
    assert benefit.data.times == 3
    assert benefit.say("withdraw") == "not_given"


def test_a_trophy_sent_a_year_late_is_due_on_the_next_anniversary() -> None:
    benefit = after("yearly_trophy", "grant", level="yearly", until="2028-05-02 10:00")()
    benefit.say("carry_out")
    assert benefit.data.again_at == ny("2029-04-01 00:00")


def test_a_promotion_is_agreed_with_the_partner_before_anything_is_done() -> None:
    benefit = after("social_promotion", "grant")()
    assert benefit.refusal("carry_out").startswith("«carry out» can't be done now: this benefit is in the state")
    benefit.say("agree")
    assert benefit.say("carry_out") == "given"


@pytest.mark.parametrize("code", ["partner_manager", "success_manager"])
def test_a_manager_for_chosen_partners_is_staff_s_choice(code: str) -> None:
    benefit = after(code, "offer")()
    assert benefit.lifecycle.waits_for(benefit.data) is None, "nobody has to choose"
    benefit.until(ny("2027-06-01 10:00"))
    assert benefit.triggers == ["begin", "offer"]
    assert benefit.say("choose") == "to_do"
    benefit.say("carry_out")
    assert benefit.say("grant") == "given", "platinum: it goes on"
    assert benefit.say("offer") == "given", "gold again: chosen it was"


def test_a_manager_that_platinum_brought_is_staff_s_choice_at_gold() -> None:
    benefit = after("partner_manager", "grant", "carry_out", "offer")()
    assert benefit.state == "to_take_back"
    assert benefit.refusal("choose", by="").startswith("«by» is empty")
    assert benefit.say("choose") == "given"
    assert benefit.data.chosen
    other = after("partner_manager", "grant", "carry_out", "offer", "take_back")()
    assert other.say("choose") == "to_do"


def test_development_funds_by_invitation_need_nobody_to_carry_them_out() -> None:
    benefit = after("development_funds", "offer")()
    assert benefit.say("choose") == "given"
    assert benefit.mails == [("benefit_given", "partner")]
    assert benefit.lifecycle.next_deadline(benefit.data) is None


def test_whoever_did_not_do_it_after_all_has_it_back() -> None:
    benefit = after("directory_listing", "grant", "carry_out")()
    benefit.until(ny("2027-04-10 10:00"))
    assert benefit.say("reopen") == "to_do"
    assert (benefit.data.times, benefit.data.due_at) == (0, end_of("2027-04-23"))


def test_what_arrives_twice_is_followed_once() -> None:
    benefit = a_benefit("directory_listing")
    benefit.say("grant", id="outbox-1")
    benefit.until(benefit.now + timedelta(days=1))
    due = benefit.data.due_at
    benefit.say("grant", id="outbox-1")
    assert (benefit.triggers, benefit.data.due_at) == (["begin", "grant"], due)
