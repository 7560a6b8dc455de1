"""Lifecycles: statecharts with durable delayed transitions, on the `transitions` library.

A `Lifecycle` is a table that a program manager can read: states with their deadlines, moves between them, and the
actions that people and systems may take. It is built once per module, on a `Machine` without a model, and fired on the
data of any process. "After 90 days: expire" stands in the same table as "staff: accept".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from transitions import EventData, Machine, MachineError, State
from transitions.extensions.states import add_state_features

from states.effects import Step
from states.messages import Message, Refusal
from states.staff import Role

# How long after its due time a deadline is armed that costs somebody a right. The portal answers 503 unless Temporal
# has acknowledged a message within one minute of its stamp, so a message stamped in time is in the history by then.
GRACE = timedelta(minutes=2)

SYSTEM = "partnerflow"


class ProcessData(BaseModel):
    """What every process carries. Subclasses add their own fields; nothing personal, all instants aware and in UTC.

    What happens to a process assigns its fields and never changes a value in place, so that a shallow copy is a copy.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    partner_id: str
    edition: str
    lifecycle_version: int = 1
    state: str
    since: datetime

    def subject(self) -> str:
        """The business key of what the process is about, such as a web domain."""
        return self.id

    def facts(self) -> dict[str, Any]:
        """What people should see, label by label: texts, numbers, aware instants; None is left out."""
        return {}

    def is_overdue(self) -> bool:
        """Whether staff are late."""
        return False


M = TypeVar("M", bound=ProcessData)


@dataclass(frozen=True, slots=True)
class Event:
    """Why a transition happens: a message that somebody sent, or a deadline (then without a message)."""

    trigger: str
    at: datetime
    handled_at: datetime
    by: str = SYSTEM
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Guard(Generic[M]):
    """A condition on the data at an instant, and the sentence for whoever fails it.

    The sentence is a text or a function of the data.
    """

    holds: Callable[[M, datetime], bool]
    otherwise: str | Callable[[M], str]

    def why_not(self, data: M) -> str:
        """The sentence for whoever fails it."""
        return self.otherwise(data) if callable(self.otherwise) else self.otherwise


@dataclass(frozen=True, slots=True)
class Deadline(Generic[M]):
    """A delayed transition: `trigger` fires at `due(data)` (UTC; None: not now).

    `summary` words the timer on the timeline. One that `costs_a_right` is armed `GRACE` after its due time.
    """

    trigger: str
    due: Callable[[M], datetime | None]
    summary: str
    costs_a_right: bool = False


@dataclass(frozen=True, slots=True)
class Phase(Generic[M]):
    """A state: what it means, whom it waits for (a role, or a function of the data), and what happens by itself."""

    name: str
    says: str
    waits_for: Role | Callable[[M], Role | None] | None = None
    deadlines: tuple[Deadline[M], ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Move(Generic[M]):
    """A transition. `dest` None stays in the state without leaving it. The first move whose guards hold is taken."""

    trigger: str
    source: str | tuple[str, ...]
    dest: str | None
    when: tuple[Guard[M], ...] = ()
    do: Callable[[M, Event], None] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The states it starts from."""
        return (self.source,) if isinstance(self.source, str) else self.source


@dataclass(frozen=True, slots=True)
class Action:
    """Something that somebody may do: declared here once, and nowhere else."""

    name: str
    message: type[Message]
    who: tuple[Role, ...]
    help: str
    example: Mapping[str, Any]

    @property
    def by_staff(self) -> bool:
        """Whether people of the vendor take this action."""
        return any(role.is_staff for role in self.who)

    @property
    def short_example(self) -> str:
        """The example in the short form, as JSON text that can be pasted into the Web UI."""
        return json.dumps(self.message.short(self.example), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline with its instants: `at` is what is recorded, `armed_at` when it fires if nobody acts."""

    trigger: str
    at: datetime
    armed_at: datetime
    summary: str


class WaitingState(State):
    """The state feature: a state of `transitions` that knows its deadlines and whom it waits for."""

    def __init__(self, *args: Any, phase: Phase[Any], **kwargs: Any) -> None:
        self.phase = phase
        super().__init__(*args, **kwargs)


@add_state_features(WaitingState)
class LifecycleMachine(Machine):
    """`Machine` whose states carry their phase."""


class Lifecycle(Generic[M]):
    """A process's table of states, moves and actions, checked when it is made.

    `data` is the model class, `initial` the first state, `version` rises with every change of a released table.
    `on_cancel` names the action that a cancellation from the Web UI stands for, if there is one.
    Raises `MalformedLifecycle` (a sentence) for a table that can't be right.
    """

    def __init__(
        self,
        name: str,
        *,
        version: int,
        data: type[M],
        initial: str,
        phases: Sequence[Phase[M]],
        moves: Sequence[Move[M]],
        actions: Sequence[Action],
        on_cancel: str | None = None,
    ) -> None:
        self.name = name
        self.version = version
        self.data = data
        self.initial = initial
        self.phases = {phase.name: phase for phase in phases}
        self.moves = tuple(moves)
        self.actions = {action.name: action for action in actions}
        self.on_cancel = on_cancel
        from states.wellformed import check  # it reads whole lifecycles, so it comes after them

        check(self, phases, actions)
        self.machine = self.machine_of(LifecycleMachine)
        self._leading: dict[tuple[str, str], list[Move[M]]] = {}
        for move in self.moves:
            for source in move.sources:
                self._leading.setdefault((source, move.trigger), []).append(move)

    def machine_of(self, machine_class: type[Machine], **options: Any) -> Machine:
        """The table as a machine of `transitions`, without a model; `options` are those of `machine_class`."""
        knows_phases = issubclass(machine_class, LifecycleMachine)
        states = [
            {"name": phase.name, "final": phase.final} | ({"phase": phase} if knows_phases else {})
            for phase in self.phases.values()
        ]
        machine = machine_class(
            model=None, states=states, initial=self.initial, auto_transitions=False, queued=False, send_event=True,
            **options,
        )  # fmt: skip
        for move in self.moves:
            machine.add_transition(
                move.trigger,
                list(move.sources),
                move.dest,
                conditions=[_condition(guard) for guard in move.when],
                before=[_deed(move.do)] if move.do else [],
            )
        return machine

    # -- what happens ------------------------------------------------------------------------------------------------

    def fire(self, data: M, event: Event) -> Step:
        """Take the transition of `event` on `data` and say what happened; `Refusal` when there is none."""
        source = data.state
        try:
            taken = self.machine.events[event.trigger].trigger(data, event=event)
        except MachineError:
            taken = False
        if not taken:
            raise Refusal(self._why_not(data, event))
        if data.state != source:
            data.since = event.at
        message = event.message
        return Step(
            trigger=event.trigger,
            source=source,
            dest=data.state,
            at=event.at,
            handled_at=event.handled_at,
            by=event.by,
            reason=message.reason if message else "",
            message_id=message.id if message else "",
            details=message.details() if message else {},
        )

    def advance(self, data: M, before: datetime, handled_at: datetime) -> Iterator[Step]:
        """Fire every deadline due before the instant `before`, in due order, each recorded at its due time.

        One step at a time, so that the caller sees the data as they are after each.
        """
        for _ in range(1_000):
            due = self.next_deadline(data)
            if due is None or due.at >= before:
                return
            yield self.fire(data, Event(due.trigger, due.at, handled_at))
        raise RuntimeError(f"The deadlines of {self.name} in state {data.state} never come to rest.")

    def wake(self, data: M, now: datetime) -> Iterator[Step]:
        """Fire what is armed at `now`: the nearest deadline, and whatever then has become the nearest."""
        for _ in range(1_000):
            due = self.next_deadline(data)
            if due is None or due.armed_at > now:
                return
            yield self.fire(data, Event(due.trigger, due.at, now))
        raise RuntimeError(f"The deadlines of {self.name} in state {data.state} never come to rest.")

    # -- what could happen -------------------------------------------------------------------------------------------

    def next_deadline(self, data: M) -> Due | None:
        """The nearest deadline of the present state, by due time."""
        nearest: Due | None = None
        for deadline in self.phases[data.state].deadlines:
            at = deadline.due(data)
            if at is not None and (nearest is None or at < nearest.at):
                armed_at = at + GRACE if deadline.costs_a_right else at
                nearest = Due(deadline.trigger, at, armed_at, deadline.summary)
        return nearest

    def deadlines(self, data: M) -> list[Due]:
        """All deadlines of the present state that have a due time, nearest first."""
        found = [
            Due(deadline.trigger, at, at + GRACE if deadline.costs_a_right else at, deadline.summary)
            for deadline in self.phases[data.state].deadlines
            if (at := deadline.due(data)) is not None
        ]
        return sorted(found, key=lambda due: due.at)

    def waits_for(self, data: M) -> Role | None:
        """The role that has to act now, if any."""
        waits_for = self.phases[data.state].waits_for
        return waits_for(data) if callable(waits_for) else waits_for

    def possible(self, data: M, at: datetime) -> list[Action]:
        """The actions that would be followed at `at`, in the order of the table."""
        return [action for action in self.actions.values() if self.can(data, action.name, at)]

    def can(self, data: M, trigger: str, at: datetime) -> bool:
        """Whether `trigger` leads anywhere at the instant `at`."""
        return any(all(guard.holds(data, at) for guard in move.when) for move in self._moves_from(data.state, trigger))

    def is_final(self, data: M) -> bool:
        """Whether nothing more is expected to happen."""
        return self.phases[data.state].final

    def _moves_from(self, state: str, trigger: str) -> Sequence[Move[M]]:
        return self._leading.get((state, trigger), ())

    def _why_not(self, data: M, event: Event) -> str:
        """What is wrong, and what is possible. Of several moves the last one asks least, so its guard is named."""
        unmet = [
            next(guard.why_not(data) for guard in move.when if not guard.holds(data, event.at))
            for move in self._moves_from(data.state, event.trigger)
        ]
        shown = event.trigger.replace("_", " ")
        wrong = f"«{shown}» can't be done now: " + (
            unmet[-1] if unmet else f"this {self.name} is in the state «{data.state.replace('_', ' ')}»."
        )
        action = self.actions.get(event.trigger)
        open_to = set(action.who) if action else set()
        possible = [action.name for action in self.possible(data, event.at) if open_to & set(action.who)]
        return f"{wrong} " + (
            f"Possible now: {', '.join(possible)}." if possible else "Nothing of this kind is possible now."
        )


class MalformedLifecycle(Exception):
    """A table of states and moves that can't be right; the text says what is wrong and what would mend it."""


def _condition(guard: Guard[Any]) -> Callable[[EventData], bool]:
    def holds(occasion: EventData) -> bool:
        return guard.holds(occasion.model, occasion.kwargs["event"].at)

    return holds


def _deed(do: Callable[[Any, Event], None]) -> Callable[[EventData], None]:
    def deed(occasion: EventData) -> None:
        do(occasion.model, occasion.kwargs["event"])

    return deed
