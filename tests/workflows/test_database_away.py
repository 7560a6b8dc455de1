"""The database is away and three hundred processes wait to record: everybody else is served as if it were there.

All of it before the database is back, and none of it waits as long as a hanging database makes one wait. The figures
are printed; how fast a busy machine is proves nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url
from temporalio.client import WorkflowHandle

from program.calendar import business_deadline
from program.clock import REAL_TIME, ProgramClock
from records.database import open_database
from records.tables import audit, commits, outbox
from states.staff import StaffList
from tests.workflows.conftest import ACCEPT, Desk, Server, database_held, eventually, with_partners
from tests.workflows.proxies import Proxy

REGISTERED = datetime(2026, 10, 5, 15, tzinfo=UTC)
VOID = {"by": "reviewer@vendor.example", "reason": "entered twice"}

# Seconds. Whoever is served in turn behind three hundred commits that hang waits half a minute and more.
SERVED = 6.0

Away = Callable[[], Any]
T = TypeVar("T")


@contextmanager
def table_missing(engine: Engine) -> Iterator[None]:
    """The database refuses every commit at once, with an error that passes."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE commits RENAME TO commits_elsewhere"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE commits_elsewhere RENAME TO commits"))


@contextmanager
def cut(proxy: Proxy, mode: Any) -> Iterator[None]:
    proxy.become(mode)
    try:
        yield
    finally:
        proxy.become("through")


@pytest.fixture
def reached(database_url: str) -> Iterator[tuple[Engine, dict[str, Away]]]:
    """The database as the worker reaches it, and the ways in which it can be away."""
    direct = with_partners(open_database(database_url))
    if direct.dialect.name == "sqlite":
        yield direct, {"refuses": lambda: table_missing(direct), "hangs": lambda: database_held(direct)}
    else:
        address = make_url(database_url)
        proxy = Proxy(f"{address.query['host']}/.s.PGSQL.5432")
        through = open_database(
            address.set(host="127.0.0.1", port=proxy.port, query={}).render_as_string(hide_password=False)
        )
        yield through, {"refuses": lambda: cut(proxy, "refuses"), "hangs": lambda: cut(proxy, "hangs")}
        through.dispose()
        proxy.close()
    direct.dispose()


async def at_a_time(number: int, jobs: list[Callable[[], Awaitable[T]]]) -> list[T]:
    gate = asyncio.Semaphore(number)

    async def one(job: Callable[[], Awaitable[T]]) -> T:
        async with gate:
            return await job()

    return await asyncio.gather(*(one(job) for job in jobs))


async def seconds_of(answer: Awaitable[Any]) -> float:
    began = time.monotonic()
    await answer
    return time.monotonic() - began


async def with_deadline_in(desk: Desk, seconds: float) -> WorkflowHandle[Any, Any]:
    """A lead whose reviewers are reminded in so many seconds: it has a clock of its own."""
    due = business_deadline(REGISTERED, 2)
    own = Desk(
        desk.client,
        desk.engine,
        ProgramClock(origin=datetime.now(UTC), starts=due - timedelta(seconds=seconds)),
        StaffList(),
    )
    own.queue = desk.queue
    return await own.register(at=REGISTERED)


@pytest.mark.timeout(280)
@pytest.mark.parametrize("number", [30, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize("how", ["refuses", "hangs"])
async def test_processes_wait(server: Server, reached: tuple[Engine, dict[str, Away]], how: str, number: int) -> None:
    engine, ways = reached
    desk = Desk(await server.client(), engine, REAL_TIME, StaffList())
    async with desk.working():
        waiting = await at_a_time(20, [desk.register for _ in range(number)])
        others = await at_a_time(20, [desk.register for _ in range(20)])
        spare = await at_a_time(20, [desk.register for _ in range(20)])

        async def all_begun() -> bool:
            return counted(engine, "begin") == number + len(others) + len(spare)

        await eventually(all_begun, seconds=90)
        usual = [await seconds_of(lead.execute_update("void", VOID)) for lead in spare[:10]]
        deadlines = [await with_deadline_in(desk, 12) for _ in range(5)]
        await asyncio.sleep(1)
        with ways[how]():
            await at_a_time(20, [partial(lead.execute_update, "accept", ACCEPT) for lead in waiting])
            deadlines += [await with_deadline_in(desk, 6) for _ in range(5)]
            latencies = []
            for lead, again in zip(others, waiting, strict=False):
                latencies.append(await seconds_of(lead.execute_update("accept", ACCEPT)))
                latencies.append(await seconds_of(again.execute_update("void", VOID)))
                await asyncio.sleep(0.25)  # some meet the moment at which somebody looks whether it is back
            assert (await desk.snapshot(waiting[-1])).waiting
            for lead in deadlines:
                await desk.until(lead, lambda now: now.data["review_reminder_at"] is None, seconds=30)
        back = time.monotonic()
        print(f"{how}: slowest update {max(latencies):.2f} s")
        again = await desk.register()

        async def all_recorded() -> bool:
            return (
                counted(engine, "accept") == number + len(others)
                and counted(engine, "void") == len(others) + len(spare[:10])
                and counted(engine, "remind_review") == len(deadlines)
            )

        await eventually(all_recorded, seconds=120)
        caught_up = time.monotonic() - back
        await desk.until(again, lambda now: now.data["claim"] == "held")
        print(f"caught up after {caught_up:.1f} s")
        usual += [await seconds_of(lead.execute_update("void", VOID)) for lead in spare[10:]]

        async def also_these() -> bool:
            return counted(engine, "void") == len(others) + len(spare)

        await eventually(also_these, seconds=30)
        with engine.connect() as database:
            reminders = database.execute(select(audit).where(audit.c.trigger == "remind_review")).all()
            lateness = sorted((row.handled_at - row.at).total_seconds() for row in reminders)
            accepted_mails = database.execute(
                select(func.count(), func.count(outbox.c.process.distinct())).where(
                    outbox.c.template == "lead_accepted"
                )
            ).one()
            steps = database.execute(select(func.count()).select_from(audit)).scalar_one()
            written = database.execute(select(func.count()).select_from(commits)).scalar_one()
        print(f"latest deadline {lateness[-1]:.2f} s")
    assert tuple(accepted_mails) == (number + len(others),) * 2, "each mail once"
    begun = number + len(others) + len(spare) + len(deadlines) + 1
    assert steps == begun + number + 2 * len(others) + len(spare) + len(deadlines), "each step once"
    assert written <= steps
    if number == 300:
        for late in (sorted(latencies), lateness):
            assert late[len(late) * 9 // 10 - 1] < SERVED + max(usual), late
        assert caught_up < 90


def counted(engine: Engine, trigger: str) -> int:
    with engine.connect() as database:
        return int(
            database.execute(select(func.count()).select_from(audit).where(audit.c.trigger == trigger)).scalar_one()
        )
