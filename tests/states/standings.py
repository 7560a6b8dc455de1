"""A standing whose evaluations are answered from facts, as the records do it, and the book of what it held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from program.edition import edition
from program.evaluation import Standing
from program.facts import Facts
from records.standing import outlook, told
from states import partner_data
from states.effects import Evaluate, Leave, Receipt, Step, TakeStanding
from states.lifecycle import Event
from states.messages import Message
from states.partner import PARTNER
from states.partner_data import Partner
from tests.states.alone import Trial


class Turn(NamedTuple):
    """A step, and what was held before and after it."""

    step: Step
    before: Standing
    after: Standing


@dataclass
class Interval:
    """A standing held since an instant, and until another."""

    standing: Standing
    since: datetime
    until: datetime | None = None


class Evaluated:
    """One partner: its process, its facts, every turn that it took, and the intervals that were written down.

    While the database is `away`, what steps ask for is answered later.
    """

    def __init__(self, trial: Trial[Partner], facts: Facts) -> None:
        self.trial, self.facts = trial, facts
        self.away = False
        self.turns: list[Turn] = []
        self.asked: list[Evaluate] = []
        self.book = [Interval(trial.data.standing, trial.data.held_since)]
        if trial.state in ("left", "merged"):
            self.book[0].until = trial.now
        self._read = len(trial.steps)
        self._stood = trial.data.standing

    @property
    def data(self) -> Partner:
        return self.trial.data

    def say(self, action: str, at: datetime | None = None, **fields: Any) -> str:
        try:
            return self.trial.say(action, at, **fields)
        finally:
            self.settle()

    def until(self, instant: datetime) -> None:
        while (due := PARTNER.next_deadline(self.data)) and due.armed_at <= instant:
            self.trial.until(max(self.trial.now, due.armed_at))
            self.settle()
        self.trial.until(max(instant, self.trial.now))

    def settle(self) -> None:
        """Write down what happened, and answer what was asked, and what that asks."""
        self._write_down()
        while self.asked and not self.away:
            if follows := self.answer(self.asked.pop(0)):
                self._take(*follows)
                self._write_down()

    def answer(self, asked: Evaluate) -> tuple[str, Message] | None:
        """What an evaluation finds, and what would follow from it."""
        rules, held = edition(self.data.edition), self.data.held
        found = outlook(rules, self.facts, asked.on, held._replace(standing=Standing.named(asked.held)))
        return partner_data.learn(self.data, Receipt(found={partner_data.STANDING: told(rules, found, asked)}))

    def _take(self, trigger: str, message: Message) -> None:
        now = self.trial.now
        self.trial.take(PARTNER.fire(self.data, Event(trigger, now, now, message=message)))

    def _write_down(self) -> None:
        new = self.trial.steps[self._read :]
        self._read += len(new)
        for step in new:
            before = self._stood
            for effect in step.effects:
                if isinstance(effect, Evaluate):
                    self.asked.append(effect)
                elif isinstance(effect, Leave):
                    self.book[-1].until = effect.at
                elif isinstance(effect, TakeStanding):
                    self._stood = Standing.named(f"{effect.track} {effect.tier}")
                    self._stand(effect)
            self.turns.append(Turn(step, before, self._stood))

    def _stand(self, effect: TakeStanding) -> None:
        last = self.book[-1]
        if last.until is None and last.standing == self._stood:
            return
        if last.until is None:
            last.until = effect.since
        self.book.append(Interval(self._stood, effect.since))
