"""The evaluation agrees with a second one, written from the description alone, on partners at random."""

from datetime import date, timedelta
from random import Random

import pytest

from program.elite_checklist import elite_checklist
from program.evaluation import evaluate
from program.moves import adjusted, upward
from tests.program import by_hand
from tests.program.partners_at_random import DAYS, an_edition, nearly_all_there, some_facts, something_held


def agree_on(seed: int) -> tuple[str, str, bool]:
    chance = Random(seed)
    edition, day = an_edition(chance), chance.choice(DAYS)
    facts = chance.choice([some_facts, nearly_all_there])(chance, day)
    adjustment = day + timedelta(days=chance.choice([7, 16]))
    held = something_held(chance, adjustment)
    case = (seed, edition.name, day, held, facts)

    found = [str(each.standing) for each in evaluate(edition, facts, day).appraisals if each.met]
    sms_counts = day >= date(2022, 4, 1)
    assert found == by_hand.everything_reached(facts, day, edition.name, sms_counts), case
    up = str(upward(edition, facts, day, held).becomes)
    assert up == by_hand.up(facts, day, edition.name, held), case
    down = str(adjusted(edition, facts, day, adjustment, held).becomes)
    assert down == by_hand.down(facts, day, adjustment, edition.name, held), case
    elite = elite_checklist(edition, facts, day).met
    assert elite == by_hand.elite(facts, day, edition.name), case
    return up, down, elite


def test_it_agrees_on_five_thousand_partners() -> None:
    seen = [agree_on(seed) for seed in range(5_000)]
    assert len({up for up, _, _ in seen}) == len({down for _, down, _ in seen}) == 8
    assert {elite for _, _, elite in seen} == {True, False}


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_it_agrees_on_a_hundred_thousand_partners() -> None:
    for seed in range(1_000_000, 1_100_000):
        agree_on(seed)
