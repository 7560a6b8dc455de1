"""The driver: the only code that knows both Temporal and lifecycles.

A process is its data, moved by messages and deadlines along its lifecycle. The driver waits durably, lets messages
in, carries effects out, and shows where things stand. Everything in it is deterministic; see `docs/driver.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from temporalio import workflow
from temporalio.exceptions import FailureError

from activities import metrics
from program.clock import ProgramClock
from states.card import Notice, Recording, card, moment
from states.effects import Commit, Effect, Projection, Receipt, Step
from states.lifecycle import Action, Due, Event, Lifecycle, ProcessData
from states.messages import Message, Refusal
from states.staff import Role
from workflows import recording
from workflows.lateness import Lateness
from workflows.search_attributes import Attributes, attributes_of
from workflows.surroundings import HERE

M = TypeVar("M", bound=ProcessData)

MESSAGES_REMEMBERED = 1_000
NOTICES_SHOWN = 3
# Temporal's server counts nanoseconds since 1970, until 2262.
LONGEST_TIMER = timedelta(days=36_500)
SHORTEST_TIMER = timedelta(milliseconds=1)
FUTURE_TOLERATED = timedelta(minutes=5)


class Unchecked(BaseModel):
    """A staff member's signal that waits until the staff list has been asked; `message` is its parsed form as JSON."""

    model_config = ConfigDict(frozen=True)
    action: str
    message: dict[str, Any]
    at: datetime


class Carried(BaseModel):
    """What continues as new besides the data: nothing may be lost, nothing done twice."""

    number: int = 0
    pending: Commit | None = None
    queue: list[Step] = Field(default_factory=list)
    unchecked: list[Unchecked] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)
    notices: list[Notice] = Field(default_factory=list)
    parked: str = ""


class Start(BaseModel):
    """The argument of every process: its data as JSON, the program clock, and how it leaves this run.

    `lifecycle_version` inside the data names the table; `continue_after` (messages and deadlines handled in one run)
    forces continue-as-new, for tests. A process takes it in when it is made; a worker then lets go of it (`Lean`).
    """

    model_config = ConfigDict(frozen=True)
    data: dict[str, Any]
    clock: ProgramClock
    carried: Carried | None = None
    continue_after: int | None = None


class Outcome(BaseModel):
    """The result of a process."""

    state: str
    outcome: str


class Snapshot(BaseModel):
    """How a process stands, for `partnerflow doctor` and for tests: the answer to the query `snapshot`.

    `number` is that of the last commit made in the run chain `chain`; `waiting` says that a commit is not yet written.
    """

    data: dict[str, Any]
    projection: Projection
    chain: str
    number: int
    waiting: bool
    parked: str
    notices: list[Notice]


@contextmanager
def _nothing_but_refusals() -> Iterator[None]:
    """Make a refusal of whatever goes wrong with a message: it must never wedge its process."""
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        workflow.logger.exception("A message could not be handled")
        kind = type(error).__name__
        raise Refusal(f"The message could not be handled ({kind}); its values may be out of range.") from None


@lru_cache(maxsize=16)
def _shared(clock: ProgramClock) -> ProgramClock:
    """The first of equal clocks: in a worker mostly all are equal, and every open process would keep its own."""
    return clock


def _ended(task: asyncio.Task[None] | None) -> bool:
    return task is not None and task.done()


class Process(Generic[M]):
    """Base of all process workflows.

    A subclass names its `lifecycles` by version, its `effects` (what follows from a step) and `learn` (what a commit's
    receipt means), defines `__init__` and `run` with Temporal's decorators, and is adorned with `handlers`, below
    `@workflow.defn`.
    """

    lifecycles: ClassVar[Mapping[int, Lifecycle[Any]]]

    def effects(self, data: M, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        raise NotImplementedError

    def learn(self, data: M, receipt: Receipt) -> tuple[str, Message] | None:
        """Take in what a commit decided; the trigger and message that follow, if any."""
        raise NotImplementedError

    def __init__(self, start: Start) -> None:
        carried = start.carried or Carried()
        self._lifecycle: Lifecycle[M] = self._table(start)
        self._data: M = self._lifecycle.data.model_validate(start.data)
        self._clock = _shared(start.clock)
        self._lateness = Lateness(self._lifecycle, self._clock)
        self._continue_after = start.continue_after
        self._number = carried.number
        self._pending = carried.pending
        self._queue = list(carried.queue)
        self._unchecked = list(carried.unchecked)
        self._seen = dict.fromkeys(carried.seen)
        self._notices = list(carried.notices)
        self._parked = carried.parked
        self._handled = 0
        # What runs inside a workflow task, one at a time: of several local activities that end across a heartbeat of
        # their task, replay may not keep the order.
        self._inside = asyncio.Lock()
        self._changed = True
        self._due: Due | None = None
        # A coroutine that waits takes three kilobytes of an open process, so there are no more than there is to do.
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_for: Due | None = None
        self._carrying: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        if start.carried is None:
            now = self.now()
            self._take(self._lifecycle.fire(self._data, Event("begin", self._data.since, now)))
        else:
            self._look_ahead()
        self._shown = self.attributes()  # the start request brought them, where they are free
        # pydantic keeps the names of the fields that were set, for whoever asks; here nobody does.
        self._data.model_fields_set.clear()

    def _table(self, start: Start) -> Lifecycle[M]:
        version = int(start.data["lifecycle_version"])
        if version not in self.lifecycles:
            known = ", ".join(str(known) for known in self.lifecycles)
            raise RuntimeError(f"This worker knows the versions {known} of the lifecycle, not {version}: upgrade it.")
        return self.lifecycles[version]

    def now(self) -> datetime:
        """The present instant in program time (UTC), as of this workflow task."""
        return self._clock.program(workflow.now())

    # -- the life of a run -------------------------------------------------------------------------------------------

    async def drive(self) -> Outcome:
        """Wait, follow and carry out until the state is final, everything is done and all handlers have returned."""
        while True:
            try:
                await workflow.wait_condition(self._has_news)
            except asyncio.CancelledError:
                self._cancel()
                continue
            self._hear_of_ends()
            if self._done():
                return self._end()
            at_rest = self._next() is None
            while (begin := self._next()) is not None:
                begin()
            if at_rest and self._has_to_show():  # what begins now may change more
                self._refresh()

    def _has_news(self) -> bool:
        return self._done() or self._has_to_show() or self._next() is not None

    def _next(self) -> Callable[[], None] | None:
        """What there is to begin first, if anything."""
        if _ended(self._carrying) or _ended(self._checking):
            return self._hear_of_ends
        if self._alarm_is_wrong():
            return self._keep_time
        if (self._pending or self._queue) and self._carrying is None:
            return self._carry_on
        if self._unchecked and self._checking is None:
            return self._check_on
        return None

    def _hear_of_ends(self) -> None:
        """Take note of what has ended; where something went wrong, that fails the workflow task loudly."""
        for task in (self._alarm, self._carrying, self._checking):
            if task is not None and task.done():
                task.result()
        self._carrying = None if _ended(self._carrying) else self._carrying
        self._checking = None if _ended(self._checking) else self._checking

    def _end(self) -> Outcome:
        self._refresh()
        if not self._over():
            successor = self._successor()
            workflow.continue_as_new(successor, search_attributes=self._shown_by(successor).at_start())
        return Outcome(state=self._data.state, outcome=getattr(self._data, "outcome", ""))

    def _done(self) -> bool:
        return (self._over() or self._leaving()) and workflow.all_handlers_finished()

    def _over(self) -> bool:
        idle = not (self._queue or self._pending or self._unchecked)
        return idle and self._lifecycle.is_final(self._data)

    def _leaving(self) -> bool:
        if self._inside.locked():
            return False
        if self._continue_after is not None and self._handled >= self._continue_after:
            return True
        return workflow.info().is_continue_as_new_suggested()

    def _successor(self) -> Start:
        newest = max(self.lifecycles)
        data = self._data.model_dump(mode="json", exclude_none=True) | {"lifecycle_version": newest}
        carried = Carried(
            number=self._number,
            pending=self._pending,
            queue=self._queue,
            unchecked=self._unchecked,
            seen=list(self._seen),
            notices=self._notices,
            parked=self._parked,
        )
        return Start(data=data, clock=self._clock, carried=carried, continue_after=self._continue_after)

    def _shown_by(self, start: Start) -> Attributes:
        lifecycle = self._table(start)
        return attributes_of(lifecycle, lifecycle.data.model_validate(start.data))

    # -- time --------------------------------------------------------------------------------------------------------

    def _alarm_is_wrong(self) -> bool:
        """Whether the alarm rang, or is set to another deadline than the nearest.

        One that is still set when a run is about to end is left alone: its timer ends with the run.
        """
        if _ended(self._alarm):
            return True
        at_rest = self._due is None and self._lifecycle.is_final(self._data)
        return self._due != self._alarm_for and not at_rest

    def _keep_time(self) -> None:
        """Fire what is due, in due order, and set the alarm to the next deadline."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._wake()
        due = self._alarm_for = self._due
        self._alarm = None if due is None else asyncio.create_task(self._sleep_until(due))

    def _sleep_until(self, due: Due) -> Coroutine[Any, Any, None]:
        wait = self._clock.real_delay(due.armed_at - self.now())
        summary = f"{moment(due.at)}: {due.summary}"
        return workflow.sleep(max(SHORTEST_TIMER, min(wait, LONGEST_TIMER)), summary=summary)

    def _wake(self) -> None:
        for step in self._lifecycle.wake(self._data, self.now()):
            self._take(step)

    def _look_ahead(self) -> None:
        self._due = self._lifecycle.next_deadline(self._data)
        self._changed = True

    # -- messages ----------------------------------------------------------------------------------------------------

    def signalled(self, action: Action, payload: Any) -> None:
        """Follow a signal, or show why not. Staff's are followed once the staff list has been asked."""
        try:
            with _nothing_but_refusals():
                message = action.message.parse(payload)
            if action.by_staff:
                sent = message.model_dump(mode="json")
                self._unchecked.append(Unchecked(action=action.name, message=sent, at=self.now()))
            else:
                self._follow(action, message, self.now())
        except Refusal as refusal:
            self._refuse(action.name, refusal)

    def updated(self, action: Action, payload: Any) -> str:
        """Follow an update that the validator has let through; the answer is a sentence."""
        self._follow(action, action.message.parse(payload), self.now())
        state = self._lifecycle.phases[self._data.state]
        return f"Done: {self._data.state.replace('_', ' ')}. {state.says}"

    def validate(self, action: Action, payload: Any) -> None:
        """Try an update on a copy; `Refusal` says what is wrong. Nothing is written."""
        with _nothing_but_refusals():
            message = action.message.parse(payload)
            if action.by_staff and (objection := HERE.staff.objection(message.by, action.who)):
                raise Refusal(objection)
            for _ in self._steps(self._data.model_copy(), action, message, self.now()):
                pass

    def stray(self, name: str) -> Refusal:
        """What to say to a message whose name means nothing here."""
        possible = self._lifecycle.possible(self._data, self.now())
        names = ", ".join(action.name for action in possible if Role.SYSTEM not in action.who)
        return Refusal(f"«{name[:60]}» is no message of this process. Possible now: {names or 'nothing'}.")

    def signalled_stray(self, name: str) -> None:
        """Show a signal whose name means nothing here."""
        self._refuse("unknown", self.stray(name))

    def _follow(self, action: Action, message: Message, at: datetime) -> None:
        """Follow a message altogether, or not at all: what it did before it was refused is undone."""
        kept, queued = self._data.model_copy(), len(self._queue)
        try:
            with _nothing_but_refusals():
                for step in self._steps(self._data, action, message, at):
                    self._take(step)
                self._remember(message.id)
        except Refusal:
            self._data = kept
            del self._queue[queued:]
            self._look_ahead()
            raise

    def _steps(self, data: M, action: Action, message: Message, now: datetime) -> Iterator[Step]:
        """The steps that a message causes: first the deadlines due before it was sent, then its own."""
        if message.id and message.id in self._seen:
            return
        at = message.at or now
        if at > now + FUTURE_TOLERATED:
            raise Refusal(f"«at» lies in the future: {at.isoformat()}. It says when somebody acted.")
        yield from self._lifecycle.advance(data, before=at, handled_at=now)
        by = message.by or action.who[0].value
        yield self._lifecycle.fire(data, Event(action.name, at, now, by=by, message=message))

    def _remember(self, message_id: str) -> None:
        if message_id:
            self._seen[message_id] = None
            if len(self._seen) > MESSAGES_REMEMBERED:
                del self._seen[next(iter(self._seen))]

    def _refuse(self, action: str, refusal: Refusal) -> None:
        metrics.REFUSED_SIGNALS.add(workflow.metric_meter(), action=action)
        self._notices = [*self._notices, Notice(at=self.now(), action=action[:60], text=str(refusal)[:600])]
        self._notices = self._notices[-NOTICES_SHOWN:]
        self._handled += 1

    def _cancel(self) -> None:
        if self._lifecycle.on_cancel is None:
            self._refuse("cancel", Refusal("A process of this kind can't be cancelled; use one of its actions."))
            return
        action = self._lifecycle.actions[self._lifecycle.on_cancel]
        message = action.message.parse({"by": "web-ui", "reason": "cancelled in the Web UI"})
        try:
            self._follow(action, message, self.now())
        except Refusal as refusal:
            self._refuse("cancel", refusal)

    def _check_on(self) -> None:
        self._checking = asyncio.create_task(self._check())

    async def _check(self) -> None:
        """Ask the staff list about staff's signals, in order; its answer is in the history, so replay agrees."""
        while self._unchecked:
            signal = self._unchecked[0]
            action = self._lifecycle.actions.get(signal.action)
            try:
                if action is None:
                    raise Refusal(f"«{signal.action}» is no message of this process.")
                message = action.message.parse(signal.message)
                async with self._inside:
                    objection = await recording.authorise(message.by, action.who)
                if objection:
                    raise Refusal(objection)
                self._follow(action, message, max(signal.at, self._data.since))
            except Refusal as refusal:
                self._refuse(signal.action, refusal)
            self._unchecked.pop(0)

    # -- effects -----------------------------------------------------------------------------------------------------

    def _take(self, step: Step) -> None:
        self._queue.append(step.model_copy(update={"effects": self.effects(self._data, step)}))
        self._handled += 1
        self._look_ahead()

    def _carry_on(self) -> None:
        self._carrying = asyncio.create_task(self._carry_out())

    async def _carry_out(self) -> None:
        while self._pending or self._queue:
            if self._pending is None:
                self._number += 1
                self._lateness.measure(self._queue)
                self._pending = self._next_commit()
                self._queue = []
            receipt = await self._record(self._pending)
            self._pending = None
            if receipt is None:
                continue
            follows = self.learn(self._data, receipt)
            self._look_ahead()  # what was learned may have moved a deadline
            if follows:
                self._answer(*follows)

    async def _record(self, commit: Commit) -> Receipt | None:
        try:
            return await self._write(commit)
        except FailureError as failure:
            refused = recording.refused_for_good(failure)
            done = recording.done_before_a_lost_message(failure)
            if refused is None:
                raise
        if done is not None and not self._was_reset():
            self._number += 1
            self._pending = commit.model_copy(update={"number": self._number, "steps": commit.steps[done:]})
            return await self._record(self._pending)
        self._parked = refused
        metrics.PARKED.add(workflow.metric_meter())
        await recording.park(commit, refused)
        return None

    async def _write(self, commit: Commit) -> Receipt:
        """Have it recorded: at once, or else as soon as the database is back."""
        try:
            async with self._inside:
                return await recording.record_locally(commit)
        except FailureError as failure:
            if recording.refused_for_good(failure) is not None:
                raise
        return await recording.record(commit)

    def _was_reset(self) -> bool:
        """Whether somebody took this run back to an earlier point: then the records know what really happened."""
        info = workflow.info()
        return info.run_id != info.original_execution_run_id

    def _answer(self, trigger: str, message: Message) -> None:
        """Follow what the database decided. In a state that leaves no such way it is shown instead."""
        now = self.now()
        try:
            self._take(self._lifecycle.fire(self._data, Event(trigger, now, now, message=message)))
        except Refusal as refusal:
            self._refuse(trigger, refusal)

    def _next_commit(self) -> Commit:
        info = workflow.info()
        return Commit(
            process=info.workflow_id,
            chain=info.first_execution_run_id,
            number=self._number,
            steps=tuple(self._queue),
            projection=self.projection(),
        )

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _has_to_show(self) -> bool:
        return self._changed and not self._recording_now()

    def _recording_now(self) -> bool:
        """Whether this workflow task may still change more: what a commit decides comes with the same upsert."""
        return self._inside.locked() or (self._pending is None and bool(self._queue))

    def _refresh(self) -> None:
        """Search attributes, once per workflow task however much has happened in it."""
        if not self._changed:
            return
        self._changed = False
        attributes = self.attributes()
        if changes := attributes.changes(self._shown):
            workflow.upsert_search_attributes(changes)
            self._shown = attributes

    def attributes(self) -> Attributes:
        """What the process shows for searching."""
        return attributes_of(self._lifecycle, self._data)

    def projection(self) -> Projection:
        """The row that lists and dashboards read."""
        data, waits_for = self._data, self._lifecycle.waits_for(self._data)
        return Projection(
            kind=self._lifecycle.name,
            state=data.state,
            outcome=getattr(data, "outcome", ""),
            final=self._lifecycle.is_final(data),
            partner_id=data.partner_id,
            subject=data.subject(),
            edition=data.edition,
            lifecycle_version=data.lifecycle_version,
            since=data.since,
            waits_for=waits_for.value if waits_for else "",
            overdue=data.is_overdue(),
            due_at=self._due.at if self._due else None,
            due_summary=self._due.summary if self._due else "",
            facts=data.facts(),
        )

    @workflow.query(name="snapshot", description="How the process stands, for operators.")
    def snapshot(self) -> Snapshot:
        """The answer to operators who ask how the process stands."""
        return Snapshot(
            data=self._data.model_dump(mode="json"),
            projection=self.projection(),
            chain=workflow.info().first_execution_run_id,
            number=self._number,
            waiting=bool(self._pending or self._queue),
            parked=self._parked,
            notices=self._notices,
        )

    def card(self) -> str:
        """The page that staff read in the Web UI, in Markdown."""
        waiting = self._pending is not None and not self._inside.locked()
        recorded = Recording(waiting=waiting, parked=self._parked)
        link = f"{HERE.portal_url}/{self._lifecycle.name}s/{self._data.id}" if HERE.portal_url else ""
        return card(
            self._lifecycle,
            self._data,
            now=self.now(),
            notices=self._notices,
            recording=recorded,
            open_staff_list=HERE.staff.open,
            link=link,
        )
