"""Laws of the evaluation and of both ways to move, on partners at random; and the rules one by one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.edition import Edition, Tier, Track, edition
from program.evaluation import Evaluation, Standing, evaluate, sms_exempt
from program.facts import Facts, Pass
from program.moves import Decision, Held, adjusted, next_tier, possible_as_master, recovered, upward
from program.rules.tiers import Requirements
from program.standing_words import checklist, ticked, told
from tests.program.partners_at_random import DAYS, an_edition, nearly_all_there, some_facts, something_held

E2021, E2022 = edition("2021"), edition("2022")
TODAY = date(2027, 1, 20)
CUT_OFF, ADJUSTMENT = date(2027, 3, 25), date(2027, 4, 1)
MRR = ("referred_mrr", "referred_sms_mrr", "managed_mrr")

RANDOM = st.randoms(use_true_random=False, note_method_calls=False)


def standing(name: str) -> Standing:
    track, tier = name.split()
    return Standing(Track(track), Tier(tier))


def rank(of: Standing) -> int:
    return E2022.rank(of.tier)


def somebody(chance: Random) -> tuple[Edition, date, Facts, Held]:
    day = chance.choice(DAYS)
    facts = chance.choice([some_facts, nearly_all_there])(chance, day)
    return an_edition(chance), day, facts, something_held(chance, day)


WAYS: list[Callable[[Edition, Facts, date, Held], Standing]] = [
    lambda edition, facts, day, held: upward(edition, facts, day, held).becomes,
    lambda edition, facts, day, held: adjusted(edition, facts, day, day, held).becomes,
    lambda edition, facts, day, _: evaluate(edition, facts, day).gives,
]

# ---- laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS, ids=["up", "down", "gives"])
@given(chance=RANDOM)
def test_more_mrr_never_lowers_a_rank(way: Callable[..., Standing], chance: Random) -> None:
    known, day, facts, held = somebody(chance)
    for name in MRR:
        richer = replace(facts, **{name: getattr(facts, name) + chance.choice([1, 250, 500, 10_000])})
        assert rank(way(known, richer, day, held)) >= rank(way(known, facts, day, held))


def without(known: Edition, index: int, **relaxed: object) -> Edition:
    rows = list(known.tiers.requirements)
    rows[index] = rows[index].except_that(**relaxed)
    return known.except_that(tiers=known.tiers.except_that(requirements=tuple(rows)))


RELAXED: list[dict[str, object]] = [
    {"referred_mrr": None},
    {"referred_sms_mrr": None},
    {"managed_mrr": None},
    {"visible_on_website": False},
    {"approved_and_signed": False},
    {"services_acknowledged": False},
    {"certifications": ()},
]
EASIER = [without(E2022, index, **relaxed) for index, relaxed in product(range(8), RELAXED)]


@pytest.mark.parametrize("way", WAYS, ids=["up", "down", "gives"])
@given(chance=RANDOM)
def test_removing_a_requirement_never_lowers_a_rank(way: Callable[..., Standing], chance: Random) -> None:
    _, day, facts, held = somebody(chance)
    strict = rank(way(E2022, facts, day, held))
    for easier in chance.sample(EASIER, 8):
        assert rank(way(easier, facts, day, held)) >= strict


@given(chance=RANDOM)
def test_the_explanation_agrees_with_the_result(chance: Random) -> None:
    known, day, facts, _ = somebody(chance)
    found = evaluate(known, facts, day)
    assert [each.standing for each in found.appraisals] == [Standing(row.track, row.tier) for row in rows(known)]
    for each in found.appraisals:
        assert each.met == (not each.missing) == all(finding.met for finding in each.findings)
        for finding in each.findings:
            assert finding.met == (bool(finding.waived) or finding.missing == 0) or finding.needed is None
            if finding.needed is not None and finding.amount is not None and not finding.waived:
                assert finding.missing == max(Decimal(0), finding.needed - finding.amount)
    reached = [each for each in found.appraisals if each.met and each.standing.tier is not Tier.ELITE]
    highest = max((each.rank for each in reached), default=0)
    assert rank(found.gives) == highest
    assert found.best() is None or found.of(found.gives).met


def rows(known: Edition) -> tuple[Requirements, ...]:
    return known.tiers.requirements


@given(chance=RANDOM)
def test_a_move_is_explained_by_what_is_met_and_a_stay_by_what_is_missing(chance: Random) -> None:
    known, day, facts, held = somebody(chance)
    up = upward(known, facts, day, held)
    if up.moves:
        assert up.evaluation.of(up.becomes).met
    elif not held.asked_to_be_master:
        above = [each for each in up.evaluation.appraisals if each.rank > rank(held.standing)]
        assert all(each.missing or each.standing.tier is Tier.ELITE for each in above)
    down = adjusted(known, facts, day, day, held)
    if down.moves and held.standing.tier is not Tier.ELITE:
        assert down.evaluation.of(held.standing).missing


@given(chance=RANDOM)
def test_up_and_then_down_at_the_same_facts_comes_to_rest(chance: Random) -> None:
    known, day, facts, held = somebody(chance)
    risen = upward(known, facts, day, held)
    if risen.moves:
        after = Held(risen.becomes, asked_to_be_master=held.asked_to_be_master)
        assert not adjusted(known, facts, day, day, after).moves
        assert not upward(known, facts, day, after).moves
    fallen = adjusted(known, facts, day, day, Held(risen.becomes, held.elite_until))
    assert rank(fallen.becomes) <= rank(risen.becomes)
    again = Held(fallen.becomes, held.elite_until)
    assert not adjusted(known, facts, day, day, again).moves


@given(chance=RANDOM)
def test_nobody_becomes_elite_by_itself_and_nobody_is_moved_down_between_adjustments(chance: Random) -> None:
    known, day, facts, held = somebody(chance)
    risen = upward(known, facts, day, held).becomes
    assert rank(risen) >= rank(held.standing)
    if held.standing.tier is not Tier.ELITE:
        assert Tier.ELITE not in (risen.tier, adjusted(known, facts, day, day, held).becomes.tier)


# ---- the rules, one by one -------------------------------------------------------------------------------------------


def passes(*courses: str, on: date = date(2026, 5, 1), until: date | None = None) -> tuple[Pass, ...]:
    return tuple(Pass(course, "p1", Decimal(80), on, until) for course in courses)


def partner(referred: int = 0, sms: int = 0, managed: int = 0, **other: object) -> Facts:
    whole = Facts(
        country="US",
        application_approved=True,
        agreement_signed=True,
        services=("implementation",),
        website=("badge",),
        passes=passes("product", "partner"),
        referred_mrr=Decimal(referred),
        referred_sms_mrr=Decimal(sms),
        managed_mrr=Decimal(managed),
    )
    return replace(whole, **other)  # type: ignore[arg-type]


def gives(facts: Facts, on: date = TODAY, known: Edition = E2022) -> str:
    return str(evaluate(known, facts, on).gives)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (partner(), "advisor partner"),
        (partner(249), "advisor partner"),
        (partner(250), "advisor silver"),
        (partner(2_500), "advisor gold"),
        (partner(10_000), "advisor platinum"),
        (partner(250, managed=250), "master silver"),
        (partner(2_500, 500, 2_500), "master gold"),
        (partner(2_500, 499, 2_500), "advisor gold"),
        (partner(10_000, 1_000, 10_000), "master platinum"),
        (partner(50_000, 9_000, 50_000), "master platinum"),
        (partner(10_000, 1_000, 300), "advisor platinum"),
        (partner(2_500, website=()), "advisor silver"),
        (partner(2_500, 500, 2_500, website=()), "master silver"),
        (partner(2_500, website=("billboard",)), "advisor silver"),
        (partner(2_500, 500, 2_500, services=()), "advisor gold"),
        (partner(2_500, passes=passes("product")), "advisor partner"),
        (partner(2_500, agreement_signed=False), "advisor partner"),
    ],
)
def test_the_table(facts: Facts, expected: str) -> None:
    assert gives(facts) == expected


def test_a_certification_counts_with_eighty_percent_until_the_end_of_its_last_day() -> None:
    short = (*passes("product"), Pass("partner", "p1", Decimal("79.99"), date(2026, 5, 1)))
    assert gives(partner(250, passes=short)) == "advisor partner"
    until_today = (*passes("product"), *passes("partner", until=TODAY))
    assert gives(partner(250, passes=until_today)) == "advisor silver"
    assert gives(partner(250, passes=until_today), TODAY + timedelta(days=1)) == "advisor partner"
    assert gives(partner(250, passes=passes("product", "partner", on=TODAY + timedelta(days=1)))) == "advisor partner"


def test_in_2021_the_product_certification_comes_first() -> None:
    early, late = date(2021, 3, 1), date(2021, 4, 1)
    wrong = (*passes("partner", on=early), *passes("product", on=late))
    right = (*passes("partner", on=late), *passes("product", on=early, until=date(2021, 3, 15)))
    renewed = (*right, *passes("product", on=late))
    day = date(2021, 5, 1)
    assert gives(partner(250, passes=wrong), day, E2021) == "advisor partner"
    assert gives(partner(250, passes=wrong), day, E2022) == "advisor silver"
    assert gives(partner(250, passes=right), day, E2021) == "advisor partner", "the product certification has expired"
    assert gives(partner(250, passes=renewed), day, E2021) == "advisor silver"


def test_where_sms_is_not_sold_no_sms_is_asked() -> None:
    abroad = partner(10_000, 0, 10_000, country="DE")
    assert sms_exempt(E2022, abroad)
    assert gives(abroad) == "master platinum"
    assert gives(replace(abroad, country="GB")) == "advisor platinum"
    finding = evaluate(E2022, abroad, TODAY).of(standing("master platinum")).findings[1]
    assert told(finding) == "SMS MRR referred: nothing needed (not sold in the partner's country)"


def test_the_sms_minimum_comes_in_two_steps() -> None:
    facts = partner(2_500, 0, 2_500, passes=passes("product", "partner", on=date(2022, 1, 10)))
    gold = Held(standing("master gold"))
    silver = Held(standing("master silver"))
    assert str(upward(E2022, facts, date(2022, 3, 31), silver).becomes) == "master gold"
    assert str(upward(E2022, facts, date(2022, 4, 1), silver).becomes) == "advisor gold"
    assert not adjusted(E2022, facts, date(2022, 3, 25), date(2022, 4, 1), gold).moves
    # The cut-off lies before October 1, the adjustment does not.
    assert str(adjusted(E2022, facts, date(2022, 9, 15), date(2022, 10, 1), gold).becomes) == "advisor gold"
    # What isn't asked of those who hold a tier lifts nobody into it at an adjustment.
    assert not adjusted(E2022, facts, date(2022, 3, 25), date(2022, 4, 1), silver).moves


def test_an_advisor_becomes_a_master_as_soon_as_that_ranks_as_high() -> None:
    facts = partner(2_500, 0, 300)
    as_silver = upward(E2022, replace(facts, website=()), TODAY, Held(standing("advisor silver")))
    assert str(as_silver.becomes) == "master silver"
    as_gold = upward(E2022, facts, TODAY, Held(standing("advisor gold")))
    assert not as_gold.moves
    assert str(possible_as_master(E2022, as_gold.evaluation, as_gold.held)) == "master silver"
    assert possible_as_master(E2022, as_silver.evaluation, as_silver.becomes) is None


def test_a_master_rises_on_the_other_track_unless_it_asked_to_be_a_master() -> None:
    facts, mine = partner(10_000, 500, 2_500), standing("master gold")
    assert str(upward(E2022, facts, TODAY, Held(mine)).becomes) == "advisor platinum"
    assert not upward(E2022, facts, TODAY, Held(mine, asked_to_be_master=True)).moves
    richer = partner(10_000, 1_000, 10_000)
    assert str(upward(E2022, richer, TODAY, Held(mine, asked_to_be_master=True)).becomes) == "master platinum"


def test_a_master_without_managed_mrr_falls_to_the_best_tier_of_either_track() -> None:
    def fallen(facts: Facts) -> str:
        return str(adjusted(E2022, facts, CUT_OFF, ADJUSTMENT, Held(standing("master platinum"))).becomes)

    assert fallen(partner(10_000, 1_000, 0)) == "advisor platinum"
    assert fallen(partner(2_500, 1_000, 400)) == "advisor gold"
    assert fallen(partner(300, 0, 400)) == "master silver"
    assert fallen(partner()) == "advisor partner"
    assert fallen(partner(agreement_signed=False)) == "advisor partner"


def test_elite_is_left_alone_while_it_is_retained() -> None:
    nothing, elite = partner(), standing("master elite")

    def after(until: date | None) -> tuple[str, bool]:
        decision = adjusted(E2022, nothing, CUT_OFF, ADJUSTMENT, Held(elite, elite_until=until))
        return str(decision.becomes), decision.retained

    assert after(None) == ("master elite", True)
    assert after(ADJUSTMENT + timedelta(days=1)) == ("master elite", True)
    assert after(ADJUSTMENT) == ("master elite", True), "on the anniversary it is the season that decides"
    assert after(ADJUSTMENT - timedelta(days=1)) == ("advisor partner", False)
    assert not upward(E2022, partner(50_000, 9_000, 50_000), TODAY, Held(standing("master platinum"))).moves


def test_a_recovery_after_the_cut_off_counts_and_a_decline_waits() -> None:
    held = Held(standing("advisor platinum"))

    def on(referred: int) -> Standing:
        return recovered(E2022, judged(300), judged(referred)).becomes

    def judged(referred: int) -> Decision:
        return adjusted(E2022, partner(referred), CUT_OFF, ADJUSTMENT, held)

    assert str(on(300)) == "advisor silver"
    assert str(on(2_500)) == "advisor gold"
    assert str(on(10_000)) == "advisor platinum"
    assert str(on(0)) == "advisor silver"
    assert not recovered(E2022, judged(10_000), judged(0)).moves


def test_a_recovery_keeps_the_tier_although_the_facts_of_the_cut_off_give_one_that_ranks_the_same() -> None:
    held = Held(standing("master gold"))

    def judged(referred: int, managed: int) -> Decision:
        facts = partner(referred, 600, managed, services=("implementation",))
        return adjusted(E2022, facts, CUT_OFF, ADJUSTMENT, held)

    assert str(judged(2_600, 2_400).becomes) == "advisor gold"
    assert not recovered(E2022, judged(2_600, 2_400), judged(2_600, 2_500)).moves
    still = recovered(E2022, judged(2_600, 2_400), judged(2_600, 2_450))
    assert str(still.becomes) == "advisor gold"
    # What gets worse meanwhile waits, and so does what only changes the track.
    assert str(recovered(E2022, judged(2_600, 2_400), judged(300, 2_400)).becomes) == "advisor gold"
    assert str(recovered(E2022, judged(300, 0), judged(300, 300)).becomes) == "advisor silver"


def test_an_evaluation_takes_at_most_two_hundred_microseconds() -> None:
    chance = Random(7)
    many = [nearly_all_there(chance, TODAY) for _ in range(1_000)]
    rounds = []
    for _ in range(3):
        began = process_time()
        for facts in many:
            evaluate(E2022, facts, TODAY)
        rounds.append((process_time() - began) / len(many))
    assert min(rounds) < 200e-6


def words(found: Evaluation, name: str) -> str:
    return checklist(found.of(standing(name)))


def test_the_checklist_in_words() -> None:
    found = evaluate(E2022, partner(2_500, 160, 2_500), TODAY)
    assert words(found, "master gold") == "Gold: 8 of 9; missing: $340 SMS MRR referred"
    assert words(found, "advisor gold") == "Gold: 6 of 6, all met"
    assert words(found, "advisor platinum") == "Platinum: 5 of 6; missing: $7,500 MRR referred"
    assert str(next_tier(E2022, found, standing("advisor gold"))) == "advisor platinum"
    assert str(next_tier(E2022, found, standing("master silver"))) == "master gold"
    assert next_tier(E2022, found, standing("master elite")) is None
    lines = [told(finding) for finding in found.of(standing("master gold")).findings]
    assert lines[:4] == [
        "MRR referred: $2,500 needed, $2,500 found",
        "SMS MRR referred: $500 needed, $160 found",
        "MRR managed: $2,500 needed, $2,500 found",
        "visible on the website: badge",
    ]
    assert lines[-1] == "product certification: 1 passed"
    assert ticked(found.of(standing("master gold")))[:2] == (f"✓ {lines[0]}", f"○ {lines[1]}")
