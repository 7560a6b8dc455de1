"""Record the stored histories anew: `.venv/bin/python -m tests.histories.record [NAME …]`.

Every life below is lived by a real process on a real server, and its history kept beside this file, in the folder of
its process. Record again only while nothing that would be broken is in production: after that, a change that breaks a
replay is a change that wedges open processes, and takes a new lifecycle version or `workflow.patched`.

A new process brings a module of lives like `lives_of_leads.py`, named in `LIVES`.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from program.clock import REAL_TIME
from records.database import open_database
from records.migrate import migrate
from states.staff import StaffList
from tests.histories import (
    lives_of_accounts,
    lives_of_adjustments,
    lives_of_applications,
    lives_of_benefits,
    lives_of_leads,
    lives_of_partners,
    lives_of_seasons,
)
from tests.histories.life import Life, Stage
from tests.workflows.conftest import Desk, Server, executable, runs_of, with_partners
from tests.workflows.elite import clock_at
from workflows.connection import DATA_CONVERTER
from workflows.namespace import add_attributes
from workflows.process import Snapshot
from workflows.search_attributes import REGISTERED

HERE = Path(__file__).parent
LIVES = (
    lives_of_leads,
    lives_of_accounts,
    lives_of_applications,
    lives_of_benefits,
    lives_of_partners,
    lives_of_adjustments,
    lives_of_seasons,
)
IDENTITY = "recorder"  # instead of the machine's name


@asynccontextmanager
async def stage(life: Life, server: Server, directory: Path) -> AsyncIterator[Stage]:
    """A desk for one life: where time can be skipped if it needs time, on the real server otherwise."""
    url = f"sqlite:///{directory / uuid.uuid4().hex}.db"
    migrate(url)
    engine = with_partners(open_database(url))
    try:
        if life.needs_time:
            async with await WorkflowEnvironment.start_time_skipping(
                test_server_existing_path=executable("temporal-test-server"),
                data_converter=DATA_CONVERTER,
                identity=IDENTITY,
            ) as environment:
                await add_attributes(environment.client, [key.name for key in REGISTERED])
                clock = REAL_TIME if life.starts is None else clock_at(life.starts)
                desk = Desk(environment.client, engine, clock, StaffList())
                desk.time_of_server = environment.get_current_time

                async def days(number: float) -> None:
                    await environment.sleep(timedelta(days=number))

                yield Stage(desk, days)
        else:
            client = await Client.connect(server.address, data_converter=DATA_CONVERTER, identity=IDENTITY)

            async def no_time(number: float) -> None:
                raise AssertionError(f"{life.name} waits {number} days: say that it needs time")

            yield Stage(Desk(client, engine, REAL_TIME, StaffList()), no_time)
    finally:
        engine.dispose()


async def keep(handle: WorkflowHandle[Any, Any], name: str) -> int:
    """Write the histories of all runs of a process, and say how many events they have."""
    snapshot: Snapshot = await handle.query("snapshot", result_type=Snapshot)
    folder = HERE / snapshot.projection.kind
    folder.mkdir(exist_ok=True)
    for old in [*folder.glob(f"{name}.json"), *folder.glob(f"{name}.[0-9]*.json")]:
        old.unlink()
    runs = await runs_of(handle)
    for number, history in enumerate(runs, 1):
        file = folder / (f"{name}.json" if len(runs) == 1 else f"{name}.{number}.json")
        file.write_text(without_paths(history.to_json()) + "\n")
    return sum(len(history.events) for history in runs)


def without_paths(history: str) -> str:
    """Failures of activities carry stack traces with the paths of the machine."""
    return re.sub(r'("stackTrace": )"(?:[^"\\]|\\.)*"', r'\1""', history)


async def main(names: list[str]) -> None:
    """Record the lives with these names, or all."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.start()
        try:
            await server.client()
            for life in (life for module in LIVES for life in module.LIVES if not names or life.name in names):
                async with stage(life, server, Path(folder)) as on, on.desk.working():
                    await life.live(on)
                    for handle, name in on.kept(life.name):
                        print(f"{name}: {await keep(handle, name)} events")
        finally:
            server.kill()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
