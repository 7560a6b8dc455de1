"""Lives told step by step by callers that repeat what was not answered, and the house in which they are lived.

A kind of life is a subclass of `Life`: its processes, its steps, and what remains of it when nothing goes wrong.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.exc import OperationalError
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from program.clock import REAL_TIME, ProgramClock
from records.database import reading, writing
from records.tables import audit, claims, jobs, mailbox, outbox, processes
from tests.cli.running import COMMAND, environment
from tests.workflows.conftest import LOST, Server, asked, eventually
from workflows.doors import NoSuchProcess, TemporalAway, tell
from workflows.process import Snapshot

# A caller asks again after this time; what a dead worker had begun, Temporal gives to the next one after ten seconds.
IMPATIENCE = 5.0
PATIENCE = 50.0


class WorkerProcess:
    """`partnerflow worker`, which can be killed and started again."""

    def __init__(self, folder: Path, database_url: str, temporal: str, engine: Engine) -> None:
        self.folder, self.engine = folder, engine
        self.mails = folder / "mail"
        self.variables = environment(
            PARTNERFLOW_DATABASE_URL=database_url,
            TEMPORAL_ADDRESS=temporal,
            PARTNERFLOW_MAIL_DIRECTORY=str(self.mails),
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "worker"], env=self.variables, cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL. What its relay and its jobs had taken becomes due at once, and not when their leases are over."""
        if self.process is None:
            return
        assert self.process.poll() is None, (self.folder / "worker.log").read_text("utf-8")
        self.process.kill()
        self.process.wait()
        self.process = None
        with writing(self.engine) as connection:
            taken = (outbox.c.status == "waiting") & outbox.c.lease_until.is_not(None)
            connection.execute(update(outbox).where(taken).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))
            connection.execute(update(jobs).values(lease_until=None))


@dataclass(frozen=True)
class Step:
    """What a caller does, and with which trigger each process that it reaches has moved last then."""

    call: Callable[[], Awaitable[Any]]
    leads_to: Mapping[str, str]


@dataclass
class Life(ABC):
    """One life of a kind. Its processes have names of their own, by which lives can be compared.

    The first `restless` steps are those during which time will do the next one by itself, a few seconds later.
    """

    OUTCOME: ClassVar[dict[str, Any]]
    restless: ClassVar[int] = 0

    name: str
    client: Client
    engine: Engine
    stamps: dict[str, datetime] = field(default_factory=dict)
    clock: ProgramClock = REAL_TIME
    done: int = 0

    @property
    @abstractmethod
    def processes(self) -> dict[str, str]:
        """The ids of its processes by their names, as far as they are known."""

    @abstractmethod
    def steps(self) -> list[Step]:
        """What callers do, in order."""

    def more(self, connection: Connection) -> dict[str, Any]:
        """What else remains of it in the records."""
        return {}

    @property
    def is_restless(self) -> bool:
        """Whether time does its next step."""
        return 0 < self.done <= self.restless

    async def call(self) -> None:
        """The next step's call, once. It may fail."""
        await asyncio.wait_for(self.steps()[self.done].call(), IMPATIENCE)

    async def step(self, *, with_what_leaves: bool = True) -> None:
        """The next step: repeated until it is answered, then waited for."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                await self.call()
                break
            except NoSuchProcess:
                break  # said before, and the process is over: or it is never recorded, below
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    break
                why = repr(error)
            except (TimeoutError, TemporalAway, OperationalError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
                why = repr(error)
            except WorkflowUpdateFailedError as refused:
                why = str(refused.cause)
                if "Try again shortly" not in why:
                    raise
            assert time.monotonic() < until, f"{self.name}, step {self.done}: not answered, {why}"
            await asyncio.sleep(0.2)
        await self.recorded(until, with_what_leaves=with_what_leaves)

    async def step_without_its_mails(self) -> None:
        """The next step, with its mails and signals left behind."""
        await self.step(with_what_leaves=False)

    async def recorded(self, until: float, *, with_what_leaves: bool = True) -> None:
        """Wait for what the step that was called leads to: then it is done."""
        # Time may have done the next step already.
        possible = [self._expected(self.done + 1)]
        if self.done + 1 <= self.restless:
            possible.append(self._expected(self.done + 2))
        while True:
            moved, to_leave = await asyncio.to_thread(self._stands)
            if moved in possible and not (with_what_leaves and to_leave):
                break
            stands = f"{self.name}, step {self.done}: {moved} ({to_leave} to leave)"
            assert time.monotonic() < until, f"{stands}, not {possible[0]}"
            await asyncio.sleep(0.2)
        self.done += 1

    def _expected(self, done: int) -> dict[str, str]:
        """The last trigger of each process after so many steps."""
        expected: dict[str, str] = {}
        for step in self.steps()[:done]:
            expected.update(step.leads_to)
        return expected

    async def steps_until(self, number: int) -> None:
        while self.done < number:
            await self.step()

    async def to_its_end(self) -> None:
        await self.steps_until(len(self.steps()))

    async def is_recorded(self, process: str, trigger: str) -> bool:
        """Whether the audit of a process knows it."""

        def ask() -> bool:
            with reading(self.engine) as connection:
                return bool(connection.execute(wanted).scalar_one())

        wanted = select(func.count()).where(audit.c.process == self.processes[process], audit.c.trigger == trigger)
        return await asyncio.to_thread(ask)

    # -- what callers do --

    def now(self) -> datetime:
        """Program time in this life."""
        return self.clock.program(datetime.now(UTC))

    async def decide(self, process: str, action: str, said: Any) -> None:
        """Staff's word, as an update."""
        workflow_id = self.processes[process]
        handle = self.client.get_workflow_handle(workflow_id)
        await handle.execute_update(action, said, id=f"{action} {workflow_id}")

    async def fact(self, process: str, action: str, *, by: str, **fields: Any) -> None:
        """What somebody else says happened at the moment when it was said first."""
        at = self.stamps.setdefault(f"{process} {action}", self.now())
        payload = {"id": f"said {action}", "at": at.isoformat(), "by": by, **fields}
        await tell(self.client, self.processes[process], action, payload)

    # -- what became of it --

    def _stands(self) -> tuple[dict[str, str], int]:
        """The last trigger of each process, and how much has yet to leave."""
        named = {workflow_id: name for name, workflow_id in self.processes.items()}
        order = (audit.c.number, audit.c.index)
        with reading(self.engine) as connection:
            rows = connection.execute(
                select(audit.c.process, audit.c.trigger).where(audit.c.process.in_(named)).order_by(*order)
            )
            last = {named[row.process]: str(row.trigger) for row in rows}
            waiting = select(func.count()).where(outbox.c.process.in_(named), outbox.c.status == "waiting")
            return last, int(connection.execute(waiting).scalar_one())

    def instant(self, at: datetime | None, handled_at: datetime | None = None) -> str:
        """An instant by its name, so that lives can be compared."""
        if at is None:
            return "never"
        names = [name for name, stamp in self.stamps.items() if stamp == at]
        return names[0] if names else "when handled" if at == handled_at else at.isoformat()

    def plain(self, text: str) -> str:
        """A text in which each process has its name in this life."""
        for name, workflow_id in sorted(self.processes.items(), key=lambda each: -len(each[1])):
            text = text.replace(workflow_id, name)
        return text.replace(self.name, "…")

    async def outcome(self) -> dict[str, Any]:
        """Everything that remains, without what a repetition may change: moments of handling, run ids, numbers."""
        ends = {name: await self._end(workflow_id) for name, workflow_id in self.processes.items()}
        return {**await asyncio.to_thread(self._records), **ends}

    async def _end(self, workflow_id: str) -> Any:
        handle = self.client.get_workflow_handle(workflow_id)
        if (await handle.describe()).status != WorkflowExecutionStatus.RUNNING:
            return await handle.result()
        snapshot = await eventually(lambda: self._snapshot(handle))
        assert snapshot is not None
        if snapshot.projection.final:  # written already, and over in a moment
            return await handle.result()
        notices = [notice.text for notice in snapshot.notices]
        return {"state": snapshot.data["state"], "waiting": bool(snapshot.waiting), "notices": notices}

    async def _snapshot(self, handle: WorkflowHandle[Any, Any]) -> Snapshot | None:
        """How a process stands; None while the server has heard of no worker since the last one was killed."""
        try:
            return await asked(handle, "snapshot", Snapshot)
        except RPCError as unheard:
            if unheard.status not in (RPCStatusCode.FAILED_PRECONDITION, *LOST):
                raise
            return None

    def _records(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        ours = list(self.processes.values())
        with reading(self.engine) as connection:
            for name, process in self.processes.items():
                order = (audit.c.number, audit.c.index)
                rows = connection.execute(select(audit).where(audit.c.process == process).order_by(*order)).all()
                assert len({row.chain for row in rows}) == 1
                found[f"audit of {name}"] = [
                    (
                        row.trigger, row.source, row.dest, self.instant(row.at, row.handled_at), row.by, row.reason,
                        # Signals of ours are named after the commit that sends them, which has a run id.
                        row.message_id if row.message_id.startswith("said ") else bool(row.message_id),
                    )
                    for row in rows
                ]  # fmt: skip
                for row in rows:
                    self.stamps.setdefault(f"{name} {row.trigger}", row.at)  # what it has led to elsewhere
            posted = connection.execute(select(outbox).where(outbox.c.process.in_(ours))).all()
            found["mails"] = sorted(
                (row.template, row.to, self.plain(row.process), row.status) for row in posted if row.kind == "mail"
            )
            found["signals"] = sorted(
                (row.signal, self.plain(row.target), self.plain(row.process), row.status)
                for row in posted
                if row.kind == "signal"
            )
            held = connection.execute(select(claims.c.process).where(claims.c.process.in_(ours)))
            found["claims"] = [self.plain(process) for process in held.scalars()]
            found |= self.more(connection)
        return found


L = TypeVar("L", bound=Life)


@dataclass
class House:
    """A server, a worker and a database, and what can be killed."""

    server: Server
    worker: WorkerProcess
    engine: Engine
    client: Client

    def life(self, kind: type[L], name: str) -> L:
        """A new life, of which nothing has happened yet."""
        return kind(f"{kind.__name__.lower()}-{name}", self.client, self.engine)

    async def scattered(self, kinds: Iterable[type[Life]], *, first: int) -> list[Life]:
        """For every place of every kind, from `first` steps done on, a life that has come so far."""
        places = [
            (self.life(kind, f"n{number}"), number)
            for kind in kinds
            for number in range(first, len(self.life(kind, "").steps()))
        ]
        # Those to which something happens by itself come last, so that it happens after they have come so far.
        for restless in (False, True):
            await together(
                life.steps_until(number) for life, number in places if (0 < number <= life.restless) == restless
            )
        return [life for life, _ in places]

    async def kill(self, what: str) -> None:
        """Kill it at this moment, and start it again on the same files."""
        killed = self.worker if what == "worker" else self.server
        killed.kill()  # at once: the other threads' turn comes later
        await asyncio.to_thread(killed.start)

    def nothing_waits(self) -> bool:
        """Whether every mail and every signal has left."""
        return "waiting" not in self._posted()

    async def at_rest(self) -> bool:
        """Whether nothing waits to leave, and every process has done what it was told.

        What is told to a process while its worker dies, the next worker gets seconds later.
        """
        posted = await asyncio.to_thread(self._posted)
        if "waiting" in posted:
            return False
        for process in await asyncio.to_thread(self._known):
            described = (await self.client.get_workflow_handle(process).describe()).raw_description
            if described.HasField("pending_workflow_task") or described.pending_activities:
                return False
        return await asyncio.to_thread(self._posted) == posted

    def _posted(self) -> dict[str, int]:
        """How many mails and signals there are of each status."""
        counted = select(outbox.c.status, func.count()).group_by(outbox.c.status)
        with reading(self.engine) as connection:
            return dict(connection.execute(counted).all())

    def _known(self) -> list[str]:
        """Every process that has recorded something, or was told something."""
        told = select(outbox.c.target).where(outbox.c.kind == "signal", outbox.c.status == "sent")
        with reading(self.engine) as connection:
            return list(connection.execute(select(processes.c.process).union(told)).scalars())

    def no_mail_twice(self) -> None:
        """Each mail that has left is in the mailbox once, and nothing else is."""
        with reading(self.engine) as connection:
            kept = [each.partition("@")[0] for each in connection.execute(select(mailbox.c.message_id)).scalars()]
            left = (outbox.c.kind == "mail") & (outbox.c.status == "sent")
            sent = list(connection.execute(select(outbox.c.message_id).where(left)).scalars())
        assert len(set(kept)) == len(kept)
        assert sorted(kept) == sorted(sent)
        files = {file.stem for file in self.worker.mails.glob("*.eml")}
        assert files <= set(sent), "a mail left as a file, and nobody knows"


async def together(parts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All at once; when one fails the others end too."""
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(part)
