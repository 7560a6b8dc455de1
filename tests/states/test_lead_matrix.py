"""Every state and every action, legal and illegal, against a table that people have read."""

import re

import pytest

from states.lead import LEAD
from states.lifecycle import Event
from states.messages import Refusal
from tests.states.lead_situations import MATRIX, SITUATIONS, described
from tests.states.simulate import SAYS


def _legal() -> dict[str, dict[str, str]]:
    legal: dict[str, dict[str, str]] = {}
    for block in MATRIX.read_text(encoding="utf-8").strip().split("\n\n"):
        first, *lines = block.splitlines()
        pairs = [line.split(maxsplit=1) for line in lines]
        legal[first.partition("  ")[0]] = {action: dest for action, dest in pairs if action != "@"}
    return legal


LEGAL = _legal()


def test_the_table_is_the_one_that_was_read() -> None:
    assert MATRIX.read_text(encoding="utf-8") == described(), (
        "What follows where has changed. Run `python -m tests.states.lead_situations`, read the difference, and commit "
        "it if it is what the program's rules say."
    )


def test_every_state_has_a_situation() -> None:
    assert {make().state for make in SITUATIONS.values()} == set(LEAD.phases)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("action", LEAD.actions)
def test_a_pair_of_situation_and_action(situation: str, action: str) -> None:
    lead = SITUATIONS[situation]()
    possible = [possible.name for possible in LEAD.possible(lead.data, lead.world.now)]
    if action in LEGAL[situation]:
        assert action in possible
        steps = len(lead.steps)
        assert lead.say(action) == LEGAL[situation][action]
        assert lead.steps[steps].trigger == action
        assert lead.steps[steps].handled_at == lead.world.now
        return
    assert action not in possible
    sentence = lead.refusal(action)
    kind = LEAD.actions[action]
    offered = [name for name in possible if set(LEAD.actions[name].who) & set(kind.who)]
    assert sentence.startswith(f"«{action.replace('_', ' ')}» can't be done now: ")
    assert sentence.endswith(
        f" Possible now: {', '.join(offered)}." if offered else " Nothing of this kind is possible now."
    )
    wrong = sentence.removeprefix(f"«{action.replace('_', ' ')}» can't be done now: ").split(". ")[0]
    assert re.fullmatch(r"[a-z«].{10,}", wrong), "it says what is wrong"


def test_nobody_may_send_what_only_time_decides() -> None:
    triggers = {deadline.trigger for phase in LEAD.phases.values() for deadline in phase.deadlines}
    assert triggers.isdisjoint(LEAD.actions)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_deadline_that_the_state_does_not_have_is_refused(situation: str) -> None:
    lead = SITUATIONS[situation]()
    own = {deadline.trigger for deadline in LEAD.phases[lead.state].deadlines}
    triggers = {deadline.trigger for phase in LEAD.phases.values() for deadline in phase.deadlines}
    before = lead.data.model_copy(deep=True)
    for trigger in triggers - own:
        if not any(move.trigger == trigger and lead.state in move.sources for move in LEAD.moves):
            with pytest.raises(Refusal):
                LEAD.fire(lead.data, Event(trigger, lead.world.now, lead.world.now))
    assert lead.data == before


def test_what_the_tests_say_is_what_the_actions_take() -> None:
    for name, said in SAYS.items():
        LEAD.actions[name].message.parse(
            {**said, **({} if LEAD.actions[name].by_staff else {"at": "2027-01-05T09:00:00Z"})}
        )
