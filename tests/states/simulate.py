"""Processes without Temporal and without a database: the driver's rules of time, with a register in memory.

A `World` has a clock that only moves forwards. Messages may be stamped earlier than they arrive, deadlines fire when
they are armed, commits are answered at once (or, with `database_away`, when it comes back), and whatever a commit
tells another process arrives at once. After every step a process's data go through JSON and back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal
from zoneinfo import ZoneInfo

from states.effects import Effect, Mail, Receipt, Step
from states.lead import LEAD
from states.lead_data import Lead, learn
from states.lifecycle import Event, Lifecycle, M
from states.messages import Message, Refusal
from tests.states.register import Register
from workflows.lead import effects_of

NEW_YORK = ZoneInfo("America/New_York")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

REVIEWER = {"by": "reviewer@vendor.example", "reason": "we looked at it"}
FACTORS = {**REVIEWER, "timely": "yes", "relationship": "deep", "accurate": "yes", "engaged": "nobody"}
SAYS: dict[str, dict[str, Any]] = {
    "accept": FACTORS,
    "reject": {**FACTORS, "because": "too_late"},
    **dict.fromkeys(
        ("renew", "decline_renewal", "keep_credit", "take_credit", "wait_longer", "give_up", "reinstate", "void"),
        REVIEWER,
    ),
    "stand_in_line": {"behind": "lead:other"},
    "change_partner": {"to": "isar", "merged": "elbe"},
}


def ny(text: str) -> datetime:
    """The instant (UTC) written in New York's time: "2027-01-05 10:00", or a date for its start."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def end_of(day: str) -> datetime:
    """The end of a day, which is the start of the next one."""
    return (datetime.fromisoformat(day) + DAY).replace(tzinfo=NEW_YORK).astimezone(UTC)


@dataclass(frozen=True)
class Kind(Generic[M]):
    """What the driver knows of a process, and what is said by default with its actions."""

    lifecycle: Lifecycle[M]
    effects: Callable[[M, Step], tuple[Effect, ...]]
    learn: Callable[[M, Receipt], tuple[str, Message] | None]
    says: Mapping[str, dict[str, Any]]


LEADS = Kind(LEAD, effects_of, learn, SAYS)


class World:
    """Processes, their clock, and what they caused. With `continues`, each goes on with data that were JSON."""

    def __init__(self, now: datetime, *, continues: bool = False) -> None:
        self.now = now
        self.continues = continues
        self.register = Register()
        self.processes: dict[str, Trial[Any]] = {}
        self.database_away = False

    @property
    def leads(self) -> dict[str, Trial[Lead]]:
        """The leads among the processes."""
        return {name: each for name, each in self.processes.items() if each.kind is LEADS}

    def submit(
        self,
        lead_id: str = "1",
        *,
        partner: str = "north",
        domain: str = "shop.example",
        at: datetime | None = None,
        edition: str = "2022",
        origin: Literal["form", "affiliate"] = "form",
        self_closed: bool = False,
    ) -> Trial[Lead]:
        """A partner submits a lead (or a prospect signs up); it begins now."""
        data = Lead.register(
            lead_id, partner, domain, at or self.now,
            edition_name=edition, lifecycle_version=1, origin=origin, self_closed=self_closed,
        )  # fmt: skip
        return self.begin(LEADS, data)

    def begin(self, kind: Kind[M], data: M) -> Trial[M]:
        """A process begins now."""
        begun = Trial(self, kind, data)
        self.processes[begun.process] = begun
        begun.take(kind.lifecycle.fire(data, Event("begin", data.since, self.now)))
        begun.commit()
        return begun

    def until(self, instant: datetime) -> None:
        """Let time pass: everything fires that is armed until then, in the order of the clock."""
        assert instant >= self.now, f"{instant} is past: it is {self.now}"
        while (nearest := min(self._armed(), key=lambda found: found[0], default=None)) and nearest[0] <= instant:
            self.now = max(self.now, nearest[0])
            nearest[1].wake()
        self.now = instant

    def database_returns(self) -> None:
        """The database answers again, and everything that waited is written."""
        self.database_away = False
        for each in list(self.processes.values()):
            each.commit()

    def _armed(self) -> Iterator[tuple[datetime, Trial[Any]]]:
        for each in self.processes.values():
            if not each.stuck and (due := each.kind.lifecycle.next_deadline(each.data)):
                yield due.armed_at, each


class Trial(Generic[M]):
    """One process and its history. One that is `stuck` hears nothing and does nothing until it is `freed`."""

    def __init__(self, world: World, kind: Kind[M], data: M) -> None:
        self.world = world
        self.kind = kind
        self.data = data
        self.stuck = False
        self._unheard: list[tuple[str, Mapping[str, Any] | str]] = []
        self.steps: list[Step] = []
        self.mails: list[Mail] = []
        self.notices: list[str] = []
        self._queue: list[Step] = []
        self._seen: set[str] = set()

    @property
    def process(self) -> str:
        return f"{self.kind.lifecycle.name}:{self.data.id}"

    @property
    def state(self) -> str:
        return self.data.state

    @property
    def now(self) -> datetime:
        """The world's time."""
        return self.world.now

    def possible(self) -> list[str]:
        """The actions that would be followed now."""
        return [action.name for action in self.kind.lifecycle.possible(self.data, self.now)]

    @property
    def triggers(self) -> list[str]:
        """What happened, in order."""
        return [step.trigger for step in self.steps]

    @property
    def templates(self) -> list[str]:
        """The mails that left, in order."""
        return [mail.template for mail in self.mails]

    def at_of(self, trigger: str) -> datetime:
        """The recorded instant of the last step of that trigger."""
        return next(step.at for step in reversed(self.steps) if step.trigger == trigger)

    def say(self, action: str, at: datetime | None = None, **fields: Any) -> str:
        """Send a message that arrives now; stamped `at`, or now. Raises `Refusal`; returns the state."""
        payload: dict[str, Any] = {**self.kind.says.get(action, {}), **fields}
        if not self.kind.lifecycle.actions[action].by_staff:
            payload["at"] = (at or self.world.now).isoformat()
        else:
            assert at is None, "staff act when they act"
        self.follow(action, payload)
        return self.state

    def refusal(self, action: str, at: datetime | None = None, **fields: Any) -> str:
        """The sentence with which such a message is refused; nothing else may change."""
        before = self.data.model_copy(deep=True)
        try:
            self.say(action, at, **fields)
        except Refusal as refusal:
            assert self.data == before, "a refused message has changed something"
            return str(refusal)
        raise AssertionError(f"{action} was followed, it is {self.state}")

    def follow(self, action: str, payload: Mapping[str, Any] | str) -> None:
        """As the driver does: first the deadlines due before the message was sent, then the message itself."""
        if self.stuck:
            self._unheard.append((action, payload))
            return
        table = self.kind.lifecycle
        message = table.actions[action].message.parse(payload)
        if message.id and message.id in self._seen:
            return
        at = message.at or self.world.now
        self._advance(at)
        kept, aside = self.data.model_copy(), self.data.model_copy(deep=True)
        try:
            by = message.by or table.actions[action].who[0].value
            self.take(table.fire(self.data, Event(action, at, self.world.now, by=by, message=message)))
            self._seen.add(message.id)
        finally:
            assert kept == aside, "a value was changed in place, so that a shallow copy is no copy"
            self.commit()

    def freed(self) -> None:
        """It works again, and hears what was said meanwhile: messages first, then what is armed."""
        self.stuck = False
        unheard, self._unheard = self._unheard, []
        for action, payload in unheard:
            try:
                self.follow(action, payload)
            except Refusal as refusal:
                self.notices.append(str(refusal))
        self.wake()

    def _advance(self, before: datetime) -> None:
        # One step at a time, because the data may be other ones after it.
        while step := next(self.kind.lifecycle.advance(self.data, before=before, handled_at=self.world.now), None):
            self.take(step)

    def wake(self) -> None:
        """Fire what is armed."""
        while step := next(self.kind.lifecycle.wake(self.data, self.world.now), None):
            self.take(step)
        self.commit()

    def take(self, step: Step) -> None:
        step = step.model_copy(update={"effects": self.kind.effects(self.data, step)})
        self._queue.append(step)
        self.steps.append(step)
        self.remember()

    def remember(self) -> None:
        """As continuing as new does: the data leave as JSON and come back the same."""
        table = self.kind.lifecycle
        again = table.data.model_validate(self.data.model_dump(mode="json"))
        assert again == self.data
        assert table.deadlines(again) == table.deadlines(self.data)
        if self.world.continues:
            self.data = again

    def commit(self) -> None:
        if self.world.database_away or not self._queue:
            return
        steps, self._queue = self._queue, []
        receipt, told, mails = self.world.register.write(self.process, steps)
        self.mails += [mail for mail in mails if not mail.only_while or self.state in mail.only_while]
        if follows := self.kind.learn(self.data, receipt):
            self._answer(*follows)
        for process, signal, payload in told:
            if other := self.world.processes.get(process):
                try:
                    other.follow(signal, payload)
                except Refusal as refusal:
                    other.notices.append(str(refusal))

    def _answer(self, trigger: str, message: Message) -> None:
        now = self.world.now
        try:
            self.take(self.kind.lifecycle.fire(self.data, Event(trigger, now, now, message=message)))
        except Refusal as refusal:
            self.notices.append(str(refusal))
        self.wake()
        self.commit()


LeadTrial = Trial[Lead]
