"""What follows where, for any lifecycle: situations, actions, and the table that people read.

A situation is a way to a state. What is not named in the table is refused, in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from program.calendar import last_day
from states.effects import Step
from states.lifecycle import Lifecycle, ProcessData
from states.messages import Refusal


class Tried(Protocol):
    """A process in a situation: alone, or in a world with others."""

    steps: list[Step]

    @property
    def data(self) -> ProcessData: ...
    @property
    def state(self) -> str: ...
    @property
    def now(self) -> datetime: ...
    def say(self, action: str) -> str: ...
    def refusal(self, action: str) -> str: ...
    def possible(self) -> Sequence[str]: ...


Situations = Mapping[str, Callable[[], Tried]]


def described(lifecycle: Lifecycle[Any], situations: Situations) -> str:
    """What follows where: actions, then what happens by itself."""
    lines = []
    for situation, make in situations.items():
        trial = make()
        lines.append(f"{situation}  ({trial.state})")
        followed = {action: _follow(make, action) for action in lifecycle.actions}
        lines += [f"    {action:<24}{dest}" for action, dest in followed.items() if dest]
        lines += [f"    @ {due.trigger:<22}end of {last_day(due.at)}" for due in lifecycle.deadlines(trial.data)]
        lines.append("")
    return "\n".join(lines)


def _follow(make: Callable[[], Tried], action: str) -> str:
    try:
        return make().say(action)
    except Refusal:
        return ""


def legal(table: Path) -> dict[str, dict[str, str]]:
    """By situation: each action that is followed there, and where it leads."""
    found: dict[str, dict[str, str]] = {}
    for block in table.read_text(encoding="utf-8").strip().split("\n\n"):
        first, *lines = block.splitlines()
        pairs = [line.split(maxsplit=1) for line in lines]
        found[first.partition("  ")[0]] = {action: dest for action, dest in pairs if action != "@"}
    return found


def check_pair(lifecycle: Lifecycle[Any], trial: Tried, action: str, leads_to: str | None) -> None:
    """An action does what the table says, or is refused with a sentence that says what is wrong and what is possible.

    The sentence of a decision that only somebody else may take says who: it is possible, but not for everybody.
    """
    possible = trial.possible()
    if leads_to is not None:
        assert action in possible
        steps = len(trial.steps)
        assert trial.say(action) == leads_to
        assert trial.steps[steps].trigger == action
        assert trial.steps[steps].handled_at == trial.now
        return
    sentence = trial.refusal(action)
    start = f"«{action.replace('_', ' ')}» can't be done now: "
    assert sentence.startswith(start)
    if action not in possible:
        kind = lifecycle.actions[action]
        offered = [name for name in possible if set(lifecycle.actions[name].who) & set(kind.who)]
        end = f" Possible now: {', '.join(offered)}." if offered else " Nothing of this kind is possible now."
        assert sentence.endswith(end)
    assert re.match(r"[a-z«].{10,}", sentence.removeprefix(start).split(". ")[0]), "it says what is wrong"


def undeclared_deadlines_are_refused(lifecycle: Lifecycle[Any], trial: Tried) -> None:
    """A deadline that the state does not have leads nowhere, and changes nothing."""
    before = trial.data.model_copy(deep=True)
    triggers = {deadline.trigger for phase in lifecycle.phases.values() for deadline in phase.deadlines}
    for trigger in triggers:
        if not any(move.trigger == trigger and trial.state in move.sources for move in lifecycle.moves):
            assert not lifecycle.can(trial.data, trigger, trial.now)
    assert trial.data == before
