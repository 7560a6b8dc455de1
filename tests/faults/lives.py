"""Two leads for one prospect, told step by step by callers that repeat what was not answered."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select, update
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from program.clock import REAL_TIME
from records.database import reading, writing
from records.parked import how_many_parked
from records.tables import audit, claims, mailbox, outbox, processes, referrals
from states.lead import LEAD
from states.lead_data import Lead
from tests.cli.running import COMMAND, environment
from tests.workflows.conftest import ACCEPT, Server
from workflows.doors import NoSuchProcess, TemporalAway, start_process, tell
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
        """SIGKILL. What its relay had taken becomes due at once and not in 20 seconds."""
        if self.process is None:
            return
        assert self.process.poll() is None, (self.folder / "worker.log").read_text("utf-8")
        self.process.kill()
        self.process.wait()
        self.process = None
        with writing(self.engine) as connection:
            taken = (outbox.c.status == "waiting") & outbox.c.lease_until.is_not(None)
            connection.execute(update(outbox).where(taken).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))


@dataclass
class Life:
    """Lead a is first, is accepted and lost; lead b stands in line behind it, comes up and is credited."""

    name: str
    client: Client
    engine: Engine
    stamps: dict[str, datetime] = field(default_factory=dict)
    done: int = 0

    @property
    def a(self) -> str:
        return f"lead:a-{self.name}"

    @property
    def b(self) -> str:
        return f"lead:b-{self.name}"

    def steps(self) -> list[tuple[Callable[[], Awaitable[Any]], tuple[str, str | None]]]:
        """What callers do, and in which states the two leads are then."""
        return [
            (lambda: self._register(self.a, "alster"), ("in_review", None)),
            (lambda: self._register(self.b, "isar"), ("in_review", "in_line")),
            (lambda: self._accept(self.a), ("accepted", "in_line")),
            (lambda: self._fact(self.a, "opportunity_opened"), ("opportunity", "in_line")),
            (lambda: self._fact(self.a, "opportunity_lost"), ("lost", "in_review")),
            (lambda: self._accept(self.b), ("lost", "accepted")),
            (lambda: self._fact(self.b, "client_paid"), ("lost", "credited")),
        ]

    async def call(self) -> None:
        """The next step's call, once. It may fail."""
        await asyncio.wait_for(self.steps()[self.done][0](), IMPATIENCE)

    async def step(self) -> None:
        """The next step: repeated until it is answered, then waited for."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                await self.call()
                break
            except NoSuchProcess:
                if self.done + 1 < len(self.steps()):
                    raise
                break  # said before, and the process is over
            except (TimeoutError, TemporalAway, RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
                why = repr(error)
            except WorkflowUpdateFailedError as refused:
                why = str(refused.cause)
                if "Try again shortly" not in why:
                    raise
            assert time.monotonic() < until, f"{self.name}, step {self.done}: not answered, {why}"
            await asyncio.sleep(0.2)
        expected = self.steps()[self.done][1]
        while (found := await asyncio.to_thread(self._stands)) != (*expected, 0):
            assert time.monotonic() < until, f"{self.name}, step {self.done}: {found}, not {expected}"
            await asyncio.sleep(0.1)
        self.done += 1

    async def steps_until(self, number: int) -> None:
        while self.done < number:
            await self.step()

    async def to_its_end(self) -> None:
        await self.steps_until(len(self.steps()))

    async def withdraw(self) -> None:
        """Lead a is withdrawn, whatever it is by now; the records say so too, and nothing is parked."""
        at = datetime.now(UTC).isoformat()
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(TemporalAway):
                    await tell(self.client, self.a, "withdraw", {"id": "p-1", "at": at, "by": "partner"})
                    break
            while not await self.is_recorded("withdraw"):  # noqa: ASYNC110 - it is another process's doing
                await asyncio.sleep(0.1)
        assert (await asyncio.to_thread(self._stands))[0] == "withdrawn", self.name
        assert await asyncio.to_thread(how_many_parked, self.engine) == 0, self.name

    async def is_recorded(self, trigger: str) -> bool:
        """Whether the audit of lead a knows it."""

        def ask() -> bool:
            with reading(self.engine) as connection:
                return bool(connection.execute(wanted).scalar_one())

        wanted = select(func.count()).where(audit.c.process == self.a, audit.c.trigger == trigger)
        return await asyncio.to_thread(ask)

    # -- what callers do --

    async def _register(self, process: str, partner: str) -> None:
        at = self.stamps.setdefault(f"{process} registered", datetime.now(UTC))
        lead = Lead.register(
            process.removeprefix("lead:"), partner, f"{self.name}.example", at, edition_name="2022",
            lifecycle_version=LEAD.version,
        )  # fmt: skip
        await start_process(self.client, LEAD, lead, clock=REAL_TIME, workflow_id=process)

    async def _accept(self, process: str) -> None:
        await self.client.get_workflow_handle(process).execute_update("accept", ACCEPT, id=f"accept {process}")

    async def _fact(self, process: str, kind: str) -> None:
        at = self.stamps.setdefault(kind, datetime.now(UTC))
        await tell(self.client, process, kind, {"id": f"crm {kind}", "at": at.isoformat(), "by": "crm"})

    # -- what became of it --

    def _stands(self) -> tuple[str | None, str | None, int]:
        """The states of both leads, and how much has yet to leave."""
        ours = (self.a, self.b)
        with reading(self.engine) as connection:
            found = connection.execute(
                select(processes.c.process, processes.c.state).where(processes.c.process.in_(ours))
            )
            states = {row.process: row.state for row in found}
            waiting = select(func.count()).where(outbox.c.process.in_(ours), outbox.c.status == "waiting")
            return states.get(self.a), states.get(self.b), int(connection.execute(waiting).scalar_one())

    def _instant(self, at: datetime, handled_at: datetime | None = None) -> str:
        """An instant by its name, so that lives can be compared."""
        names = [self._plain(name) for name, stamp in self.stamps.items() if stamp == at]
        return names[0] if names else "when handled" if at == handled_at else at.isoformat()

    def _plain(self, text: str) -> str:
        return text.replace(self.a, "a").replace(self.b, "b").replace(self.name, "…")

    async def outcome(self) -> dict[str, Any]:
        """Everything that remains, without what a repetition may change: moments of handling, run ids, numbers."""
        return {
            **await asyncio.to_thread(self._records),
            "a": await self._snapshot(self.a),
            "b": await self.client.get_workflow_handle(self.b).result(),
        }

    async def _snapshot(self, process: str) -> dict[str, Any]:
        handle = self.client.get_workflow_handle(process)
        snapshot: Snapshot = await handle.query("snapshot", result_type=Snapshot)
        notices = [notice.text for notice in snapshot.notices]
        return {"state": snapshot.data["state"], "waiting": bool(snapshot.waiting), "notices": notices}

    def _records(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        with reading(self.engine) as connection:
            for name, process in (("audit of a", self.a), ("audit of b", self.b)):
                order = (audit.c.number, audit.c.index)
                rows = connection.execute(select(audit).where(audit.c.process == process).order_by(*order)).all()
                assert len({row.chain for row in rows}) == 1
                found[name] = [
                    (
                        row.trigger, row.source, row.dest, self._instant(row.at, row.handled_at), row.by, row.reason,
                        # Signals of ours are named after the commit that sends them, which has a run id.
                        row.message_id if row.message_id.startswith("crm ") else bool(row.message_id),
                    )
                    for row in rows
                ]  # fmt: skip
            posted = connection.execute(select(outbox).where(outbox.c.process.in_((self.a, self.b)))).all()
            found["mails"] = sorted(
                (row.template, row.to, self._plain(row.process), row.status) for row in posted if row.kind == "mail"
            )
            found["signals"] = sorted(
                (row.signal, self._plain(row.target), self._plain(row.process), row.status)
                for row in posted
                if row.kind == "signal"
            )
            earned = connection.execute(select(referrals).where(referrals.c.subject == f"{self.name}.example"))
            found["referrals"] = [
                (
                    self._plain(row.process), row.partner_id, str(row.percent), row.months,
                    self._instant(row.first_payment_at), self._instant(row.credited_at),
                )
                for row in earned
            ]  # fmt: skip
            left = connection.execute(select(claims.c.process).where(claims.c.subject == f"{self.name}.example"))
            found["claims"] = list(left.scalars())
        return found


@dataclass
class House:
    """A server, a worker and a database, and what can be killed."""

    server: Server
    worker: WorkerProcess
    engine: Engine
    client: Client

    def life(self, name: str) -> Life:
        return Life(name, self.client, self.engine)

    async def kill(self, what: str) -> None:
        """Kill it at this moment, and start it again on the same files."""
        killed = self.worker if what == "worker" else self.server
        killed.kill()  # at once: the other threads' turn comes later
        await asyncio.to_thread(killed.start)

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
