"""A move between standings grants and withdraws what the edition's table says, whatever the two standings are."""

from __future__ import annotations

from itertools import product

import pytest

from program.benefits import benefits_at, goes_up, needs_somebody
from program.edition import LATEST, Tier, Track
from program.evaluation import Standing
from states.benefit import BENEFIT
from states.benefit_data import Benefit
from states.effects import Begin, Effect, EndBenefit, GiveByLink, Mail, Tell
from states.granting import benefit_effects, offers
from states.lifecycle import Event
from tests.states.alone import Trial
from tests.states.benefit_situations import SAYS
from tests.states.simulate import ny
from workflows.benefit import effects_of

STANDINGS: list[Standing | None] = [None, *(Standing(row.track, row.tier) for row in LATEST.tiers.requirements)]
AT = ny("2027-04-01 00:00")


def moved(before: Standing | None, after: Standing | None) -> tuple[Effect, ...]:
    return benefit_effects(before, after, "acme", AT, edition_name="2022")


def without_links(effects: tuple[Effect, ...]) -> list[Effect]:
    """What is carried out where the installation has no link: the tasks of people."""
    carried: list[Effect] = []
    for effect in effects:
        match effect:
            case GiveByLink():
                carried += effect.otherwise
            case EndBenefit():
                carried.append(effect.tells[-1])
            case _:
                carried.append(effect)
    return carried


def told(effects: tuple[Effect, ...]) -> dict[str, str]:
    """By benefit: what its process is told where no link gives it."""
    return {
        effect.process.removeprefix("benefit:acme:"): " ".join([effect.signal, *map(str, effect.payload.values())])
        for effect in without_links(effects)
        if isinstance(effect, Tell)
    }


def test_from_silver_advisor_to_gold() -> None:
    assert told(moved(Standing(Track.ADVISOR, Tier.SILVER), Standing(Track.ADVISOR, Tier.GOLD))) == {
        "leadership_access": "grant limited",
        "developer_support": "grant yes",
        "partner_manager": "offer chosen partners",
        "development_funds": "offer by invitation",
    }


def test_from_elite_to_master_gold() -> None:
    assert told(moved(Standing(Track.MASTER, Tier.ELITE), Standing(Track.MASTER, Tier.GOLD))) == {
        "leadership_access": "grant limited",
        "partner_manager": "offer chosen partners",
        "success_manager": "offer chosen partners",
        "priority_support": "withdraw",
        "development_funds": "offer by invitation",
        "social_promotion": "withdraw",
        "yearly_trophy": "withdraw",
    }


def test_joining_and_leaving() -> None:
    joined = moved(None, Standing(Track.ADVISOR, Tier.PARTNER))
    assert told(joined) == {"slack_community": "grant yes"}
    assert [effect.template for effect in joined if isinstance(effect, Mail)] == ["logo_kit"]
    assert told(moved(Standing(Track.ADVISOR, Tier.PARTNER), None)) == {"slack_community": "withdraw"}


@pytest.mark.parametrize("standing", [held for held in STANDINGS if held])
def test_who_is_entered_has_what_is_given_and_is_offered_what_staff_choose(standing: Standing) -> None:
    effects = offers(standing, "acme", AT, edition_name="2022")
    chosen = {given.code: f"offer {given.level}" for given in benefits_at(LATEST, standing) if given.way == "by choice"}
    assert told(effects) == chosen
    assert [effect.process for effect in effects if isinstance(effect, Begin)] == [f"benefit:acme:{c}" for c in chosen]


def test_what_a_link_can_give_is_left_to_the_transaction() -> None:
    joined = moved(None, Standing(Track.ADVISOR, Tier.PARTNER))
    affiliate, slack = [effect for effect in joined if isinstance(effect, GiveByLink)]
    assert (affiliate.code, affiliate.tell, affiliate.otherwise) == ("affiliate_link", None, ())
    assert (slack.code, slack.mail.template) == ("slack_community", "benefit_given")
    assert [effect.do for effect in slack.otherwise] == ["begin", "tell"]
    (left,) = moved(Standing(Track.ADVISOR, Tier.PARTNER), None)
    assert isinstance(left, EndBenefit)
    # Where a link gave it, people take it back: the process knows all that by these two, in this order.
    process = Trial(BENEFIT, BENEFIT.data.model_validate(left.begin.data), AT, effects_of=effects_of, says=SAYS)
    for each in left.tells:
        process.say(each.signal, at=AT, **each.payload)
    assert (process.state, process.mails) == ("to_take_back", [])
    assert process.data.due_at is not None


@pytest.mark.parametrize("held", STANDINGS)
def test_the_same_standing_again_changes_nothing(held: Standing | None) -> None:
    assert moved(held, held) == ()


@pytest.mark.parametrize(("before", "after"), list(product(STANDINGS, STANDINGS)))
def test_every_move_leaves_what_the_table_says(before: Standing | None, after: Standing | None) -> None:
    """Whatever the way to a standing, the processes say in the end what its row says; the logo kit goes with ups."""
    processes: dict[str, Trial[Benefit]] = {}
    kits = 0
    for held, to in ((None, before), (before, after)):
        for effect in without_links(moved(held, to)):
            match effect:
                case Begin():
                    data = BENEFIT.data.model_validate(effect.data)
                    processes.setdefault(
                        effect.process, Trial(BENEFIT, data, AT, effects_of=effects_of, says=SAYS)
                    )  # one that is there stays as it is
                case Tell():
                    processes[effect.process].say(effect.signal, at=AT, **effect.payload)
                case Mail():
                    kits += effect.template == "logo_kit"
    assert kits == goes_up(LATEST, None, before) + goes_up(LATEST, before, after)
    levels = {given.code: given for given in benefits_at(LATEST, after)}
    for benefit in LATEST.benefits.benefits:
        if not needs_somebody(benefit):
            continue
        process = processes.get(f"benefit:acme:{benefit.code}")
        given = levels.get(benefit.code)
        if given is None or given.way == "not yet":
            assert process is None or process.state == "not_given"
        else:
            assert process is not None
            assert process.data.level == given.level
            expected = {"at once": ("given",), "by a task": ("to_do", "to_agree"), "by choice": ("offered",)}[given.way]
            assert process.state in expected


def test_a_benefit_s_process_can_be_begun_from_what_the_effect_says() -> None:
    joined = without_links(moved(None, Standing(Track.ADVISOR, Tier.PARTNER)))
    begin = next(effect for effect in joined if isinstance(effect, Begin))
    data = BENEFIT.data.model_validate(begin.data)
    assert (begin.process, begin.kind) == (f"benefit:{data.id}", BENEFIT.name)
    assert BENEFIT.fire(data, Event("begin", data.since, AT)).dest == "not_given"
