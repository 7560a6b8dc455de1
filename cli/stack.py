"""Everything on one machine: Temporal's server, worker and portal as children of one process, in one directory."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import httpx
from sqlalchemy import Engine
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cli import temporal_server
from cli.data_directory import DataDirectory
from cli.examples import import_example_partners
from cli.ports import HOST, free_port, is_free
from cli.processes import end_leftovers, remember
from cli.sentences import CannotGoOn
from cli.starting_key import signing_key, starting_key
from cli.supervisor import Child, Tell
from records.database import open_database
from records.migrate import migrate
from settings import Settings, load
from workflows.connection import connect
from workflows.namespace import prepare
from workflows.schedules import register_schedules

_OURS = "PARTNERFLOW_"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the stack listens; 0 means a free one."""

    temporal: int
    ui: int
    portal: int

    def chosen(self) -> Ports:
        """With free ports for zeros. Raises `CannotGoOn` for one that is taken or named twice."""
        options = {"--port": self.temporal, "--ui-port": self.ui, "--portal-port": self.portal}
        for first, second in combinations(options, 2):
            if options[first] and options[first] == options[second]:
                raise CannotGoOn(f"{first} and {second} are both {options[first]}; each needs a port of its own.")
        return Ports(*(_free(port, option) for option, port in options.items()))


@dataclass(slots=True)
class Stack:
    """The embedded stack. The directory is locked by the caller; `clock` is the wished program clock, or ""."""

    directory: DataDirectory
    ports: Ports
    tell: Tell
    clock: str = ""
    echo: Callable[[str, str], None] | None = None
    new_key: str = ""
    imported: int = 0
    children: list[Child] = field(default_factory=list)

    async def start(self) -> Settings:
        """Start everything and wait until it works. Raises `CannotGoOn`; then nothing is left running."""
        program = temporal_server.program()
        version = temporal_server.server_version(program)
        for name in end_leftovers(self.directory.children):
            self.tell(f"A {name} that an earlier start had left behind was ended.")
        self.ports = self.ports.chosen()
        settings = self._settings(self.directory.adopt(temporal=version, clock=self.clock))
        try:
            await self._start(settings, program)
        except BaseException:
            self.kill()
            raise
        return settings

    async def stop(self, grace: float) -> None:
        """Stop what takes new work first, what keeps it last; `grace` (seconds) is the worker's."""
        within = {"portal": 10.0, "worker": grace + 5.0, "temporal": 10.0}
        for child in reversed(self.children):
            await child.stop(within[child.name])
        self.directory.children.unlink(missing_ok=True)

    def kill(self) -> None:
        """End everything at once."""
        for child in reversed(self.children):
            child.kill()

    async def _start(self, settings: Settings, program: Path) -> None:
        command = temporal_server.command(
            program,
            database=self.directory.temporal_database,
            port=self.ports.temporal,
            ui_port=self.ports.ui,
            speed=settings.program_clock.speed,
        )
        server = self._child("temporal", command)
        # All at once: worker and portal take seconds to load, and wait for what they need.
        # -P: a folder `cli` where somebody happens to stand is not ours.
        this = [sys.executable, "-P", "-m", "cli.main"]
        worker, portal = self._child("worker", [*this, "worker"]), self._child("portal", [*this, "portal"])
        client = await self._connected(server)
        await prepare(client)
        if settings.program_clock.speed == 1:
            await register_schedules(client, task_queue=settings.task_queue)
        await temporal_server.keep_closed_processes(client)
        engine = open_database(settings.database_url)
        try:
            await asyncio.to_thread(self._prepare_records, settings, engine)
        finally:
            engine.dispose()
        await self._until(lambda: _polls(client, settings.task_queue, worker), worker)
        await self._until(lambda: _is_ready(settings.portal_url), portal)

    def _prepare_records(self, settings: Settings, engine: Engine) -> None:
        migrate(engine)
        self.imported = import_example_partners(engine, settings.now(), edition=settings.edition)
        self.new_key = starting_key(engine, self.directory.keys, settings.now())

    def _settings(self, clock: str) -> Settings:
        """Put the stack's settings into the environment, for the children and for ourselves, and read them there."""
        values = self._environment(clock)
        for name in [name for name in os.environ if name.startswith("TEMPORAL_")]:
            del os.environ[name]
        os.environ.update(values)
        settings = load()
        kept = {name: value for name, value in os.environ.items() if name.startswith(_OURS) or name in values}
        self.directory.environment.touch(mode=0o600)
        self.directory.environment.write_text("".join(f"{name}={value}\n" for name, value in sorted(kept.items())))
        return settings

    def _environment(self, clock: str) -> dict[str, str]:
        ports, folder = self.ports, self.directory.path
        return {
            "PARTNERFLOW_DATABASE_URL": self.directory.records_url,
            "PARTNERFLOW_CLOCK": clock,
            "PARTNERFLOW_PORTAL_HOST": HOST,
            "PARTNERFLOW_PORTAL_PORT": str(ports.portal),
            "PARTNERFLOW_PORTAL_URL": f"http://{HOST}:{ports.portal}",
            "PARTNERFLOW_UI_URL": f"http://{HOST}:{ports.ui}",
            "PARTNERFLOW_SIGNING_KEYS": signing_key(self.directory.signing_key),
            "PARTNERFLOW_MAIL_DIRECTORY": str(folder / "mail"),
            "TEMPORAL_ADDRESS": f"{HOST}:{ports.temporal}",
            "TEMPORAL_NAMESPACE": temporal_server.NAMESPACE,
            # A profile on this machine is about another server; this file does not exist.
            "TEMPORAL_CONFIG_FILE": str(folder / "no-profile.toml"),
            # The pinned tzdata is the only source of time zones.
            "PYTHONTZPATH": "",
            "PYTHONUNBUFFERED": "1",
        }

    def _child(self, name: str, command: list[str]) -> Child:
        echo = self.echo
        child = Child(
            name,
            command,
            dict(os.environ),
            self.directory.log(name),
            self.tell,
            echo=None if echo is None else lambda line: echo(name, line),
            started=self._note_children,
        )
        self.children.append(child)
        child.start()
        return child

    def _note_children(self) -> None:
        remember(self.directory.children, {child.name: child.pid for child in self.children if child.pid is not None})

    async def _connected(self, server: Child) -> Client:
        found: list[Client] = []

        async def answers() -> bool:
            with contextlib.suppress(ConnectionError, RPCError):
                found.append(await connect())
            return bool(found)

        await self._until(answers, server)
        return found[0]

    async def _until(self, ready: Callable[[], Awaitable[bool]], child: Child, seconds: float = 60) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not await ready():
            if child.ended:
                raise CannotGoOn(f"The {child.title} does not start: {child.last_words} (log: {child.log})")
            if loop.time() > until:
                raise CannotGoOn(
                    f"The {child.title} is not ready after {seconds:.0f} s; its log may say why: {child.log}"
                )
            await asyncio.sleep(0.1)


def _free(port: int, option: str) -> int:
    if port and not is_free(port):
        raise CannotGoOn(
            f"The port {port} is taken by another program. Stop that one, or choose another port with {option} "
            f"({option} 0 takes a free one)."
        )
    return port or free_port()


async def _is_ready(portal_url: str) -> bool:
    """Whether the portal, and everything that it needs, takes requests."""
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            return (await client.get(f"{portal_url}/readyz")).is_success
        except httpx.HTTPError:
            return False


async def _polls(client: Client, task_queue: str, worker: Child) -> bool:
    """Whether this worker, and not a dead one before it, asks for work."""
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return any(poller.identity.startswith(f"{worker.pid}@") for poller in described.pollers)
