"""Real servers, a real worker inside the sandbox, a real database: nothing of ours is replaced."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import worker
from activities.commit import CommitActivities
from activities.jobs import KINDS, Jobs
from activities.mail import LocalMailbox
from activities.opening import OpeningActivities
from activities.relay import Relay
from activities.signals import signals_through
from activities.staff import StaffActivities
from cli.ports import free_port
from program.clock import REAL_TIME, ProgramClock
from program.edition import Tier, Track
from records.accounts import process_of
from records.applicant_links import ApplicantLinks
from records.database import open_database
from records.jobs import PageOf
from records.links import address_of
from records.partners import Partner, put_partner
from records.season_list import look_through_page
from records.signing import Signer
from states.account import ACCOUNT
from states.account_data import Account
from states.lead import LEAD
from states.lead_data import Lead
from states.lifecycle import Lifecycle, M
from states.staff import StaffList
from workflows.connection import DATA_CONVERTER
from workflows.doors import beginning, start_process
from workflows.namespace import add_attributes
from workflows.process import Snapshot
from workflows.search_attributes import REGISTERED
from workflows.surroundings import HERE

# Ours are passed through, as in production they are not sandboxed at all; clocks and chance stay forbidden in workflow
# files themselves, and `tests/house/test_no_clock_no_chance.py` looks after the modules passed through.

PASSED_THROUGH = ("program", "states", "workflows", "activities", "transitions", "tzdata", "holidays")
SANDBOX = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))

# How many seconds something may take that takes a moment: a busy machine is no failure.
PATIENCE = 40.0
# What a server says that is too busy to bring a query to a worker and back.
LOST = (RPCStatusCode.INTERNAL, RPCStatusCode.DEADLINE_EXCEEDED)

SIGNER = Signer(["a key of the tests that nobody else has"])
PORTAL = "http://portal.example"

ACCEPT = {
    "by": "reviewer@vendor.example",
    "timely": "yes",
    "relationship": "deep",
    "accurate": "yes",
    "engaged": "nobody",
    "reason": "fits well",
}
REJECT = {**ACCEPT, "because": "already_engaged", "reason": "in talks with our sales"}


def executable(name: str) -> str:
    """A program that a package put beside the interpreter."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"{name} is missing: make install"
    return found


T = TypeVar("T")


async def asked(handle: WorkflowHandle[Any, Any], query: str, answer: type[T]) -> T:
    """The answer to a query. A busy server drops a connection or a query now and then: it is asked once more."""
    try:
        found: T = await handle.query(query, result_type=answer)
    except RPCError as lost:
        if lost.status not in LOST:
            raise
        found = await handle.query(query, result_type=answer)
    return found


async def runs_of(handle: WorkflowHandle[Any, Any]) -> list[WorkflowHistory]:
    """The histories of a process, run by run, from the first on. Its worker must run."""
    client: Client = handle._client
    run_id: str | None = (await asked(handle, "snapshot", Snapshot)).chain
    histories = []
    while run_id:
        history = await client.get_workflow_handle(handle.id, run_id=run_id).fetch_history()
        histories.append(history)
        last = history.events[-1]
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or None
    return histories


async def eventually(ask: Callable[[], Awaitable[T]], *, seconds: float = PATIENCE) -> T:
    """The first answer that is true; asks again until then (real time)."""
    until = time.monotonic() + seconds
    while True:
        if answer := await ask():
            return answer
        assert time.monotonic() < until, f"still {answer!r} after {seconds} s"
        await asyncio.sleep(0.05)


@contextlib.contextmanager
def database_held(engine: Engine) -> Iterator[None]:
    """The database hangs for everybody else: another connection keeps what every commit needs."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        else:
            cursor.execute("LOCK TABLE commits IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        connection.rollback()
        connection.close()


class Server:
    """A Temporal server of our own, as `partnerflow up` starts it; it can be killed and started again."""

    def __init__(self, directory: Path, *, port: int | None = None) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.ui_port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        attributes = [f"{key.name}={key.indexed_value_type.name.title()}" for key in REGISTERED]
        command = [
            executable("temporal"), "server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error",
            "--port", str(self.port), "--ui-port", str(self.ui_port),
            "--db-filename", str(self.directory / "temporal.db"),
            "--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL",
        ]  # fmt: skip
        for attribute in attributes:
            command += ["--search-attribute", attribute]
        with (self.directory / "temporal.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return
            time.sleep(0.05)
        raise AssertionError("the Temporal server does not answer")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def client(self) -> Client:
        """A connected client, as soon as the server takes requests."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                client = await Client.connect(self.address, data_converter=DATA_CONVERTER)
                await client.count_workflows()
                return client
            except Exception:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server for the whole session. Tests that kill a server make their own."""
    server = Server(tmp_path_factory.mktemp("temporal"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database with two partners."""
    engine = with_partners(open_database(database_url))
    yield engine
    engine.dispose()


def with_partners(engine: Engine) -> Engine:
    """Two partners join."""
    joined = datetime(2020, 1, 1, tzinfo=UTC)
    for name, track, tier in (("alster", Track.ADVISOR, Tier.SILVER), ("isar", Track.MASTER, Tier.GOLD)):
        partner = Partner(
            id=name, name=f"{name.title()} Commerce", contact_name="Contact", contact_email=f"contact@{name}.example",
            manager_address="manager@vendor.example", country="US", track=track, tier=tier, joined_at=joined,
        )  # fmt: skip
        put_partner(engine, partner, now=joined)
    return engine


class Desk:
    """A desk: client, worker and database, and the ways in which tests use them."""

    def __init__(self, client: Client, engine: Engine, clock: ProgramClock, staff: StaffList) -> None:
        self.client = client
        self.engine = engine
        self.clock = clock
        self.staff = staff
        self.queue = f"test-{uuid.uuid4().hex}"
        self.commits = CommitActivities(engine, self.now)
        self.links = ApplicantLinks("http://portal.example")
        self.time_of_server: Callable[[], Awaitable[datetime]] | None = None

    def now(self) -> datetime:
        """Program time."""
        return self.clock.program(datetime.now(UTC))

    @contextlib.asynccontextmanager
    async def working(self, **options: Any) -> AsyncIterator[None]:
        """A worker and a relay at work."""
        HERE.staff = self.staff
        stop = asyncio.Event()
        tables = [table for process in worker.WORKFLOWS for table in process.lifecycles.values()]
        relay = Relay(
            engine=self.engine,
            delivery=LocalMailbox(self.engine),
            send_signal=signals_through(
                self.client, beginning(self.client, tables, clock=self.clock, task_queue=self.queue)
            ),
            now=self.now,
            client_page=partial(address_of, portal_url=PORTAL, signer=SIGNER),
            staff=self.staff,
            applicant_links=self.links,
            poll=0.05,
        )
        with ThreadPoolExecutor(worker.ACTIVITY_THREADS) as threads:
            composed = worker.compose(
                self.client,
                task_queue=self.queue,
                commits=self.commits,
                staff=StaffActivities(self.staff),
                openings=OpeningActivities(self.engine, "2022", self.now, relay.wake),
                threads=threads,
                grace=timedelta(seconds=2),
                runner=SANDBOX,
                **options,
            )
            kinds: dict[str, PageOf] = {**KINDS, "look_through_partners": partial(look_through_page, page=2)}
            jobs = Jobs(self.engine, self.now, posted=relay.wake, poll=0.05, kinds=kinds)
            others = [asyncio.create_task(part.run(stop)) for part in (relay, jobs)]
            try:
                async with composed:
                    yield
            finally:
                stop.set()
                await asyncio.gather(*others)

    async def register(
        self,
        lead_id: str = "",
        *,
        partner: str = "alster",
        domain: str = "",
        at: datetime | None = None,
        edition: str = "2022",
        lifecycle: Lifecycle[Lead] = LEAD,
        continue_after: int | None = None,
        **fields: Any,
    ) -> WorkflowHandle[Any, Any]:
        """Start a lead's process as the portal does; a fresh id and a fresh domain unless told."""
        lead_id = lead_id or uuid.uuid4().hex[:12]
        lead = Lead.register(
            lead_id,
            partner,
            domain or f"{lead_id}.example",
            at or await self.server_now(),
            edition_name=edition,
            lifecycle_version=lifecycle.version,
            **fields,
        )
        return await self.start(lifecycle, lead, f"lead:{lead_id}", continue_after)

    async def submit(
        self,
        api_key: str = "",
        *,
        partner: str = "alster",
        at: datetime | None = None,
        edition: str = "2022",
        continue_after: int | None = None,
        again: bool = False,
        **fields: Any,
    ) -> WorkflowHandle[Any, Any]:
        """Start an account's process as the portal does, of a fresh account unless told."""
        account = Account.submit(
            api_key or uuid.uuid4().hex[:6],
            partner,
            at or await self.server_now(),
            edition_name=edition,
            lifecycle_version=ACCOUNT.version,
            **fields,
        )
        workflow_id = process_of(account.api_key, partner)
        return await self.start(ACCOUNT, account, workflow_id, continue_after, again=again)

    async def start(
        self,
        lifecycle: Lifecycle[M],
        data: M,
        workflow_id: str,
        continue_after: int | None = None,
        *,
        again: bool = False,
    ) -> WorkflowHandle[Any, Any]:
        """Start a process of any kind."""
        await start_process(
            self.client,
            lifecycle,
            data,
            clock=self.clock,
            workflow_id=workflow_id,
            task_queue=self.queue,
            continue_after=continue_after,
            again=again,
        )
        return self.client.get_workflow_handle(workflow_id)

    async def server_now(self) -> datetime:
        """Program time by the server's clock, which tests may skip."""
        if self.time_of_server is None:
            return self.now()
        return self.clock.program((await self.time_of_server()).astimezone(UTC))

    async def snapshot(self, handle: WorkflowHandle[Any, Any]) -> Snapshot:
        """How the process stands."""
        return await asked(handle, "snapshot", Snapshot)

    async def card(self, handle: WorkflowHandle[Any, Any]) -> str:
        """The card, as the Web UI asks for it."""
        return (await asked(handle, "__temporal_workflow_metadata", WorkflowMetadata)).current_details

    async def until(
        self, handle: WorkflowHandle[Any, Any], holds: Callable[[Snapshot], bool], *, seconds: float = PATIENCE
    ) -> Snapshot:
        """Wait (real time) until the process stands as wanted."""
        until = time.monotonic() + seconds
        while True:
            snapshot = await self.snapshot(handle)
            if holds(snapshot):
                return snapshot
            assert time.monotonic() < until, f"still {snapshot.data['state']}, {snapshot.notices}"
            await asyncio.sleep(0.05)

    async def settle(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Wait until the present run has done its first workflow task: the test server loses one that leaves in it."""

        async def has_begun() -> bool:
            events = (await handle.fetch_history()).events
            return any(event.HasField("workflow_task_completed_event_attributes") for event in events)

        await self.snapshot(handle)
        await eventually(has_begun)


@pytest.fixture
def staff() -> StaffList:
    """The staff list of the test: open to everybody unless a test module says otherwise."""
    return StaffList()


@pytest.fixture
async def desk(server: Server, engine: Engine, staff: StaffList) -> Desk:
    """A desk on the real server, in real time. Start its worker with `working`."""
    return Desk(await server.client(), engine, REAL_TIME, staff)


@pytest.fixture
async def seasons(engine: Engine, staff: StaffList) -> AsyncIterator[tuple[Desk, WorkflowEnvironment]]:
    """A desk on the test server, whose one clock skips time for everything that waits."""
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=executable("temporal-test-server"), data_converter=DATA_CONVERTER
    )
    async with environment:
        await add_attributes(environment.client, [key.name for key in REGISTERED])
        desk = Desk(environment.client, engine, REAL_TIME, staff)
        desk.time_of_server = environment.get_current_time
        yield desk, environment
