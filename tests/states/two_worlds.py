"""What all state machines of hypothesis share: everything is said twice, and must be answered and end the same.

Of the two, the second goes through JSON after every step, as a process does that continues as new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar, Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from states.effects import Step
from states.lifecycle import GRACE
from states.messages import Refusal
from tests.states.simulate import SECOND, Kind, Trial, World


class Told(Protocol):
    """A process to which something can be said."""

    steps: list[Step]

    def say(self, action: str, at: datetime | None = None, **fields: Any) -> str:
        """Say it; the answer. Raises `Refusal`."""


def told_to_both(both: Sequence[Told], action: str, at: datetime | None, *, repeated: bool, **fields: Any) -> str:
    """Say the same to both (`repeated`: twice), and hear the same from both: an answer, or a refusal's sentence."""
    answers = []
    for each in both:
        try:
            answers.append(each.say(action, at, **fields))
            steps = len(each.steps)
            if repeated:
                each.say(action, at, **fields)
                assert len(each.steps) == steps, "a repeated message does nothing"
        except Refusal as refusal:
            answers.append(str(refusal))
    assert answers[0] == answers[1]
    return answers[0]


class TwoWorlds(RuleBasedStateMachine):
    """Processes of a kind in two worlds, which begin in the subclass; time, deadlines and the database are here."""

    kind: ClassVar[Kind[Any]]

    def __init__(self) -> None:
        super().__init__()
        self.worlds: tuple[World, World]
        self.seen: dict[str, int] = {}
        phases = self.kind.lifecycle.phases.values()
        self.deadlines = {deadline.trigger for phase in phases for deadline in phase.deadlines}

    @property
    def world(self) -> World:
        """The first of them."""
        return self.worlds[0]

    def trials(self, world: World | None = None) -> list[Trial[Any]]:
        """The processes of the kind, in the first world unless told."""
        return [each for each in (world or self.world).processes.values() if each.kind is self.kind]

    def told(self, trial: Trial[Any], action: str, at: datetime | None, *, repeated: bool, **fields: Any) -> None:
        """Say the same in both worlds, and hear the same from both."""
        both = [world.processes[trial.process] for world in self.worlds]
        told_to_both(both, action, at, repeated=repeated, **fields)

    def pass_time(self, span: timedelta) -> None:
        """Let time pass in both."""
        for world in self.worlds:
            world.until(world.now + span)

    @precondition(lambda self: any(self.kind.lifecycle.next_deadline(each.data) for each in self.trials()))
    @rule(around=st.sampled_from([-SECOND, 0 * SECOND, SECOND, GRACE - SECOND, GRACE, GRACE + SECOND]))
    def let_time_pass_to_a_deadline(self, around: timedelta) -> None:
        due = min(due.at for each in self.trials() if (due := self.kind.lifecycle.next_deadline(each.data)))
        for world in self.worlds:
            world.until(max(world.now, due + around))

    @rule()
    def the_database_goes_or_comes(self) -> None:
        for world in self.worlds:
            if world.database_away:
                world.database_returns()
            else:
                world.database_away = True

    @invariant()
    def both_worlds_are_the_same(self) -> None:
        for one, other in zip(self.trials(), self.trials(self.worlds[1]), strict=True):
            assert one.data == other.data
            assert one.steps == other.steps
            assert one.mails == other.mails

    def heard_anew(self, trial: Trial[Any]) -> tuple[list[Step], list[Step]]:
        """The steps since the last look, and those among them that a deadline caused: at their time, in order."""
        new = trial.steps[self.seen.get(trial.process, 0) :]
        self.seen[trial.process] = len(trial.steps)
        fired = [step for step in new if step.trigger in self.deadlines]
        for step in fired:
            assert step.at <= step.handled_at
        for before, after in pairwise(new):
            if before in fired and after in fired:
                assert before.at <= after.at
        return new, fired

    def long_afterwards(self) -> None:
        """The database is back, and years have passed: what had to happen has happened, and the same in both."""
        for world in self.worlds:
            world.database_returns()
            world.until(world.now + timedelta(days=2_000))
        self.both_worlds_are_the_same()
