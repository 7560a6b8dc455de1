"""A suspended partner earns no new tier, and what a season grants it waits; answers that come late."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from program.calendar import program_date
from program.edition import Tier
from program.facts import Facts, Pass
from states.effects import Evaluate, Mail, TakeStanding
from states.messages import Refusal
from tests.states.partner_situations import SITUATIONS
from tests.states.simulate import ny
from tests.states.standings import Evaluated

SILVER = Facts(
    country="US",
    application_approved=True,
    agreement_signed=True,
    passes=tuple(Pass(course, "e1", Decimal(90), date(2026, 1, 1), None) for course in ("product", "partner")),
    referred_mrr=Decimal(300),
)
GRANT, LIFTED, ENDS = ny("2027-04-01 00:00"), ny("2027-05-10 10:00"), ny("2028-04-01 00:00")
GRANTED: dict[str, Any] = {
    "since": GRANT.isoformat(),
    "until": ENDS.isoformat(),
    "why": "elite granted by the season 2027-H1",
}


def suspended(situation: str = "suspended") -> Evaluated:
    """A suspended partner whose facts give next to nothing."""
    partner = Evaluated(SITUATIONS[situation](), Facts(country="US"))
    partner.until(GRANT)
    return partner


def mails(partner: Evaluated) -> list[tuple[str, str]]:
    return [mail for mail in partner.trial.mails if mail[0].startswith("elite")]


def test_a_grant_waits_until_the_suspension_is_lifted_and_counts_from_then_on() -> None:
    partner = suspended()
    before = partner.data.standing
    partner.say("grant_elite", **GRANTED)
    assert (partner.data.state, partner.data.standing, partner.data.granted_until) == ("suspended", before, ENDS)
    assert mails(partner) == [("elite_waits", "partner"), ("elite_waits", "manager")]
    partner.until(LIFTED)
    partner.say("lift_suspension")
    assert (partner.data.state, str(partner.data.standing)) == ("member", "master elite")
    assert (partner.data.held_since, partner.data.elite_until, partner.data.granted_until) == (LIFTED, ENDS, None)
    assert partner.book[-1].since == LIFTED
    assert mails(partner)[2:] == [("elite_granted", "partner"), ("elite_granted", "manager")]
    [told, _] = [mail for mail in partner.trial.effects if isinstance(mail, Mail) and mail.template == "elite_granted"]
    assert (told.about["grant_date"], told.about["again"]) == (program_date(LIFTED).isoformat(), False)


def test_a_grant_takes_the_place_of_a_tier_set_by_hand_once_it_counts() -> None:
    partner = suspended("suspended, by hand")
    partner.say("grant_elite", **GRANTED)
    partner.say("lift_suspension")
    assert (partner.data.state, str(partner.data.standing)) == ("member", "master elite")
    assert partner.data.hand_until is None


def test_a_year_that_has_passed_meanwhile_is_over() -> None:
    partner = suspended()
    before = partner.data.standing
    partner.say("grant_elite", **GRANTED)
    partner.until(ENDS)
    partner.say("lift_suspension")
    assert (partner.data.state, partner.data.standing, partner.data.granted_until) == ("at_risk", before, None)


@pytest.mark.parametrize("ends", ["leave", "end_partnership", "end_elite"])
def test_a_grant_that_waits_ends_with_the_partnership_or_by_the_next_season(ends: str) -> None:
    partner = suspended()
    partner.say("grant_elite", **GRANTED)
    asked = len([effect for effect in partner.trial.effects if isinstance(effect, Evaluate)])
    partner.say(ends)
    assert partner.data.granted_until is None
    assert len([effect for effect in partner.trial.effects if isinstance(effect, Evaluate)]) == asked
    partner.say("rejoin" if partner.data.state == "left" else "lift_suspension")
    assert partner.data.tier is not Tier.ELITE


def test_another_year_is_no_new_tier_and_does_not_wait() -> None:
    partner = suspended("suspended, elite")
    since, until = partner.data.held_since, ny("2029-04-01 00:00")
    partner.say("grant_elite", **{**GRANTED, "since": ENDS.isoformat(), "until": until.isoformat()}, at=GRANT)
    assert (partner.data.state, partner.data.elite_until, partner.data.granted_until) == ("suspended", until, None)
    assert partner.data.held_since == since
    assert mails(partner)[-2:] == [("elite_granted", "partner"), ("elite_granted", "manager")]
    assert [mail for mail in partner.trial.effects if isinstance(mail, Mail)][-1].about["again"] is True


def test_an_elite_that_is_not_confirmed_ends_suspended_or_not() -> None:
    partner = suspended("suspended, elite")
    partner.say("end_elite")
    assert (partner.data.state, str(partner.data.standing)) == ("suspended", "advisor partner")
    taken = [effect for effect in partner.trial.effects if isinstance(effect, TakeStanding)]
    assert (taken[-1].tier, taken[-1].since) == ("partner", GRANT)
    with pytest.raises(Refusal, match="the partner is not elite"):
        partner.say("end_elite")


def test_what_staff_say_of_a_suspension_is_what_its_mails_say() -> None:
    partner = suspended("member, elite")  # it has moved once, and that move had reasons of its own
    for action, template in (("suspend", "partner_suspended"), ("lift_suspension", "suspension_lifted")):
        partner.say(action)
        [mail] = [each for each in partner.trial.effects if isinstance(each, Mail) and each.template == template]
        assert mail.about["reason"] == "we looked at it"


@pytest.mark.parametrize("said", [("leave",), ("suspend", "leave")], ids=" ".join)
def test_what_was_asked_before_it_left_is_nothing_to_it_any_more(said: tuple[str, ...]) -> None:
    partner = Evaluated(SITUATIONS["member"](), SILVER)
    partner.away = True
    partner.say("facts_changed")
    for action in said:
        partner.say(action)
    partner.away = False
    before = partner.data.model_copy(deep=True)
    partner.settle()
    assert (partner.data, partner.data.changes_at) == (before, None)


def test_what_staff_set_by_hand_again_stays_although_an_older_answer_comes() -> None:
    partner = Evaluated(SITUATIONS["by hand"](), SILVER)
    partner.away = True
    partner.until(ny("2027-07-02 10:00"))
    partner.say("set_tier", until="2027-12-31")
    partner.away = False
    partner.settle()
    assert (partner.data.state, str(partner.data.standing)) == ("by_hand", "advisor platinum")


def test_no_adjustment_moves_one_whose_tier_was_set_by_hand() -> None:
    partner = Evaluated(SITUATIONS["by hand"](), Facts(country="US"))
    partner.say("suspend")
    with pytest.raises(Refusal, match="staff have set its tier"):
        partner.say("adjust", track="advisor", tier="partner", half="2027-H1", judged=str(partner.data.standing))
