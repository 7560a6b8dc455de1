"""One process at a time, without Temporal and without a database: the driver's rules of time, for any lifecycle.

A `Trial` has a clock that only moves forwards. Messages may be stamped earlier than they arrive, deadlines fire when
they are armed, and after every step the data go through JSON and back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic

from states.effects import Begin, Effect, Mail, Step
from states.lifecycle import Event, Lifecycle, M
from states.messages import Refusal


class Trial(Generic[M]):
    """A process, its clock, its steps and their effects. `says` has what is said with an action unless told."""

    def __init__(
        self,
        lifecycle: Lifecycle[M],
        data: M,
        now: datetime,
        *,
        effects_of: Callable[[M, Step], tuple[Effect, ...]],
        says: Mapping[str, Mapping[str, Any]],
        continues: bool = False,
    ) -> None:
        self.lifecycle = lifecycle
        self.data = data
        self.now = now
        self.effects_of = effects_of
        self.says = says
        self.continues = continues
        self.steps: list[Step] = []
        self._seen: set[str] = set()
        self.take(lifecycle.fire(data, Event("begin", data.since, now)))

    @property
    def state(self) -> str:
        return self.data.state

    @property
    def triggers(self) -> list[str]:
        """What happened, in order."""
        return [step.trigger for step in self.steps]

    @property
    def effects(self) -> list[Effect]:
        """What the world was told, in order."""
        return [effect for step in self.steps for effect in step.effects]

    @property
    def mails(self) -> list[tuple[str, str]]:
        """The mails that were asked for: template and to whom."""
        return [(effect.template, effect.to) for effect in self.effects if isinstance(effect, Mail)]

    @property
    def begun(self) -> list[str]:
        """The processes that were begun."""
        return [effect.process for effect in self.effects if isinstance(effect, Begin)]

    def at_of(self, trigger: str) -> datetime:
        """The recorded instant of the last step of that trigger."""
        return next(step.at for step in reversed(self.steps) if step.trigger == trigger)

    def possible(self) -> list[str]:
        """The actions that would be followed now."""
        return [action.name for action in self.lifecycle.possible(self.data, self.now)]

    def say(self, action: str, at: datetime | None = None, **fields: Any) -> str:
        """Send a message that arrives now; stamped `at`, or now. Raises `Refusal`; returns the state."""
        payload: dict[str, Any] = {**self.says.get(action, {}), **fields}
        kind = self.lifecycle.actions[action]
        if not kind.by_staff:
            payload["at"] = (at or self.now).isoformat()
        else:
            assert at is None, "staff act when they act"
        message = kind.message.parse(payload)
        if message.id and message.id in self._seen:
            return self.state
        stamp = message.at or self.now
        kept, aside = self.data.model_copy(), self.data.model_copy(deep=True)
        steps = len(self.steps)
        try:
            # As the driver does: first the deadlines due before the message was sent, one by one.
            while step := next(self.lifecycle.advance(self.data, before=stamp, handled_at=self.now), None):
                self.take(step)
            by = message.by or kind.who[0].value
            self.take(self.lifecycle.fire(self.data, Event(action, stamp, self.now, by=by, message=message)))
            self._seen.add(message.id)
        except Refusal:
            assert kept == aside, "a value was changed in place, so that a shallow copy is no copy"
            self.data = kept
            del self.steps[steps:]
            raise
        self.until(self.now)
        return self.state

    def refusal(self, action: str, at: datetime | None = None, **fields: Any) -> str:
        """The sentence with which such a message is refused; nothing else may change."""
        before = self.data.model_copy(deep=True)
        try:
            self.say(action, at, **fields)
        except Refusal as refusal:
            assert self.data == before, "a refused message has changed something"
            return str(refusal)
        raise AssertionError(f"{action} was followed, the state is {self.state}")

    def until(self, instant: datetime) -> None:
        """Let time pass: everything fires that is armed until then."""
        assert instant >= self.now, f"{instant} is past: it is {self.now}"
        while (due := self.lifecycle.next_deadline(self.data)) and due.armed_at <= instant:
            self.now = max(self.now, due.armed_at)
            while step := next(self.lifecycle.wake(self.data, self.now), None):
                self.take(step)
        self.now = instant

    def take(self, step: Step) -> None:
        """Note a step with its effects, and see that the data survive JSON."""
        self.steps.append(step.model_copy(update={"effects": self.effects_of(self.data, step)}))
        again = self.lifecycle.data.model_validate(self.data.model_dump(mode="json"))
        assert again == self.data
        assert self.lifecycle.deadlines(again) == self.lifecycle.deadlines(self.data)
        if self.continues:
            self.data = again
