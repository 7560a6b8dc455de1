"""Two partners become one: what is proposed and comes to nothing, and what the one keeps that goes on."""

from datetime import timedelta
from typing import Any

import pytest

from program.calendar import window_end
from program.edition import Tier, Track, edition
from states import partner_data
from states.effects import (
    AskForMergerAgain,
    EndBenefit,
    EndMerger,
    Evaluate,
    Leave,
    Mail,
    ProposeMerger,
    Receipt,
    TakeStanding,
    Tell,
)
from states.partner_data import Partner
from tests.states.alone import Trial
from tests.states.partner_situations import a_partner
from tests.states.simulate import ny

DAYS = edition("2022").mergers.proposal_days


def asked(trial: Trial[Partner], kind: Any) -> list[Any]:
    """The effects of one kind, in order."""
    return [effect for effect in trial.effects if isinstance(effect, kind)]


def proposed(**options: str) -> Trial[Partner]:
    trial = a_partner(**options)
    trial.say("propose_merger")
    return trial


def test_proposed_both_are_asked_until_the_last_day_ends() -> None:
    trial = proposed()
    [effect] = asked(trial, ProposeMerger)
    assert (effect.into, effect.by, effect.reason) == ("isar", "manager@vendor.example", "we looked at it")
    assert effect.lapses_at == window_end(trial.now, DAYS) == trial.data.merger_lapses_at
    assert trial.data.facts()["to be merged into"] == "isar"
    trial.say("resend_merger")
    assert len(asked(trial, AskForMergerAgain)) == 1


def test_not_into_itself_and_not_twice() -> None:
    assert a_partner().refusal("propose_merger", into="acme") == (
        "«propose merger» can't be done now: acme can't be merged into itself; «into» names another partner."
    )
    again = proposed().refusal("propose_merger", into="saale")
    assert "it is proposed already to merge this partner into another one; withdraw that first." in again
    suspended = a_partner()
    suspended.say("suspend")
    assert "this partner is in the state «suspended»" in suspended.refusal("propose_merger")


@pytest.mark.parametrize("into", ["", "a b", "x" * 101, "-acme", "account:x"])
def test_what_is_no_id_is_refused(into: str) -> None:
    assert "«into» can't be" in a_partner().refusal("propose_merger", into=into) or "too long" in a_partner().refusal(
        "propose_merger", into=into
    )


def refused(why: str, trial: Trial[Partner], **found: Any) -> Receipt:
    """The answer that the merger which is proposed now was refused."""
    assert trial.data.merger_proposed_at is not None
    merger = {"into": trial.data.merger_into, "at": trial.data.merger_proposed_at.isoformat(), "why": why}
    return Receipt(found={"merger": merger, **found})


def test_why_the_records_did_not_propose_it_is_shown() -> None:
    trial = proposed()
    assert partner_data.learn(trial.data, refused("There is no partner isar.", trial)) is None
    assert (trial.data.merger_into, trial.data.merger_lapses_at) == ("", None)
    assert trial.data.facts()["no merger"] == "There is no partner isar."
    trial.say("propose_merger")
    assert trial.data.merger_over == ""


def test_with_an_evaluation_in_the_same_answer_both_are_taken_in() -> None:
    trial = proposed()
    found = {"on": trial.now.isoformat(), "held": "advisor silver", "falls_to": "advisor partner"}
    follows = partner_data.learn(trial.data, refused("It is suspended.", trial, standing=found))
    assert follows is not None
    assert follows[0] == "endanger"
    assert trial.data.merger_over == "It is suspended."


def test_withdrawn_and_lapsed() -> None:
    trial = proposed()
    trial.say("withdraw_merger")
    assert trial.data.merger_over == "Withdrawn: we looked at it"
    trial.say("propose_merger")
    ends = trial.data.merger_lapses_at
    assert ends is not None
    trial.until(ends + timedelta(minutes=1))
    assert trial.data.merger_into == "isar", "a word that came in time is there first"
    trial.until(ends + timedelta(minutes=2))
    assert trial.at_of("merger_lapses") == ends
    assert [(effect.how, effect.reason) for effect in asked(trial, EndMerger)] == [
        ("withdrawn", "we looked at it"),
        ("lapsed", "Not both partners confirmed it in time."),
    ]


def test_what_is_said_of_an_earlier_proposal_leaves_a_later_one() -> None:
    trial = proposed()
    first = trial.data.merger_proposed_at
    assert first is not None
    trial.say("withdraw_merger")
    trial.until(trial.now + timedelta(hours=1))
    trial.say("propose_merger")
    trial.say("merger_over", proposed_at=first.isoformat())
    assert trial.data.merger_into == "isar"
    second = trial.data.merger_proposed_at
    assert second is not None
    trial.say("merger_over", proposed_at=second.isoformat())
    assert trial.data.merger_over == "isar has declined it."


@pytest.mark.parametrize("leaves", ["leave", "end_partnership"])
def test_one_that_leaves_is_proposed_for_nothing(leaves: str) -> None:
    trial = proposed()
    trial.say(leaves)
    assert (trial.data.merger_into, trial.data.merger_lapses_at) == ("", None)
    trial.until(trial.now + timedelta(days=60))
    assert "merger_lapses" not in trial.triggers


# -- the one that goes on ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs", "stands"),
    [
        ("advisor silver", "advisor gold", "advisor gold"),
        ("advisor gold", "master silver", "advisor gold"),
        ("advisor gold", "master gold", "advisor gold"),
        ("master silver", "advisor platinum", "advisor platinum"),
        ("advisor partner", "master elite", "master platinum"),
        ("master platinum", "master elite", "master platinum"),
    ],
)
def test_it_keeps_the_higher_standing(mine: str, theirs: str, stands: str) -> None:
    track, _, tier = mine.partition(" ")
    trial = a_partner(track, tier)
    other_track, _, other_tier = theirs.partition(" ")
    trial.say("take_over", track=other_track, tier=other_tier)
    assert str(trial.data.standing) == stands
    assert trial.data.elite_until is None
    assert asked(trial, TakeStanding)[-1].tier == stands.partition(" ")[2]
    moved = [effect.to for effect in asked(trial, Mail) if effect.template == "standing_changed"]
    assert moved == (["partner", "manager"] if stands != mine else [])
    assert isinstance(trial.steps[-1].effects[-1], Evaluate)


def test_only_an_adjustment_takes_it() -> None:
    trial = a_partner()
    trial.say("take_over")
    trial.say("endanger")
    assert (trial.state, str(trial.data.standing)) == ("at_risk", "master gold")
    adjusted: dict[str, Any] = {"judged": "master gold", "track": "advisor", "tier": "silver"}
    trial.say("adjust", **adjusted)
    assert str(trial.data.standing) == "advisor silver"


def test_an_adjustment_that_judged_what_it_held_before_leaves_it() -> None:
    trial = a_partner()
    trial.say("take_over")
    assert "the adjustment judged advisor silver, but the partner is master gold by now" in trial.refusal("adjust")


def test_what_was_set_by_hand_ends() -> None:
    trial = a_partner()
    trial.say("set_tier")
    trial.say("take_over")
    assert (trial.state, str(trial.data.standing), trial.data.hand_until) == ("member", "advisor platinum", None)


def test_elite_goes_over_for_the_rest_of_its_year() -> None:
    until = ny("2027-10-01 00:00")
    trial = a_partner("master", "gold")
    trial.say("take_over", tier="elite", until=until.isoformat())
    assert (str(trial.data.standing), trial.data.elite_until) == ("master elite", until)
    trial.until(until + timedelta(days=1))
    assert (trial.data.tier, trial.data.elite_until) == (Tier.ELITE, None), "until a season has decided"


@pytest.mark.parametrize(("theirs", "kept"), [("2028-10-01", "2028-10-01"), ("2027-10-01", "2028-04-01")])
def test_of_two_years_of_elite_the_longer_one_holds(theirs: str, kept: str) -> None:
    trial = a_partner("master", "platinum")
    trial.say("grant_elite")
    trial.say("take_over", tier="elite", until=ny(f"{theirs} 00:00").isoformat())
    assert trial.data.elite_until == ny(f"{kept} 00:00")
    trial.say("take_over", tier="gold")
    assert trial.data.elite_until == ny(f"{kept} 00:00")


def test_a_suspended_one_stays_so_and_one_that_has_left_stays_gone() -> None:
    trial = a_partner()
    trial.say("suspend")
    assert trial.say("take_over") == "suspended"
    trial.say("leave")
    effects = len(trial.effects)
    assert trial.say("take_over") == "left"
    assert len(trial.effects) == effects


# -- the one that ends -------------------------------------------------------------------------------------------------


def test_it_ends_for_good_with_what_can_not_be_moved() -> None:
    trial = a_partner("master", "gold")
    offered = asked(trial, Tell)
    trial.say("propose_merger")
    trial.say("merge")
    assert (trial.state, trial.data.outcome, trial.data.merged_into) == ("merged", "merged", "isar")
    [leave] = asked(trial, Leave)
    assert leave.because == "The partner was merged into isar."
    told = [*asked(trial, Tell)[len(offered) :], *(effect.tells[-1] for effect in asked(trial, EndBenefit))]
    withdrawn = [effect for effect in told if effect.signal == "withdraw"]
    assert len(withdrawn) == len(told) > 3
    assert all(effect.process.startswith("benefit:acme:") for effect in withdrawn)
    assert [effect.template for effect in asked(trial, Mail)] == [], "the merger has told both"
    assert trial.possible() == []
    assert "Nothing of this kind is possible now." in trial.refusal("rejoin")


def test_one_that_has_left_meanwhile_is_merged_all_the_same() -> None:
    trial = a_partner()
    trial.say("leave")
    left_at, effects = trial.data.left_at, len(trial.effects)
    trial.until(trial.now + timedelta(minutes=1))
    trial.say("merge")
    assert (trial.state, trial.data.left_at) == ("merged", left_at)
    assert len(trial.effects) == effects
    assert Track.ADVISOR is trial.data.track
