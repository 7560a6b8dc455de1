"""Worker or server are killed at any step of a life: the outcome is that of a life without mishaps.

Lives of every kind go at once. In each, one kill (SIGKILL) hits another step, so one kill covers every place of a life.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from records.database import open_database
from tests.faults.kinds import KINDS, LEADS, OTHERS
from tests.faults.lives import PATIENCE, House, Life, WorkerProcess, together
from tests.faults.lives_of_leads import TwoLeads
from tests.workflows.conftest import Server, with_partners

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A server, a worker and a database for one test, which may kill them."""
    engine = with_partners(open_database(database_url))
    server = Server(tmp_path)
    worker = WorkerProcess(tmp_path, database_url, server.address, engine)
    try:
        await asyncio.to_thread(server.start)
        client = await server.client()
        worker.start()
        yield House(server, worker, engine, client)
    finally:
        server.kill()
        worker.kill()  # last, because it complains of one that has died by itself
        engine.dispose()


async def ended_as_undisturbed(house: House, lives: list[Life]) -> None:
    """To their ends, which are those of lives without mishaps."""
    await together(life.to_its_end() for life in lives)
    for life in lives:
        assert await life.outcome() == life.OUTCOME, life.name
    house.no_mail_twice()


async def test_lives_without_mishaps(house: House) -> None:
    await ended_as_undisturbed(house, [house.life(kind, "calm") for kind in KINDS])


@pytest.mark.parametrize("kinds", [LEADS, OTHERS], ids=["leads", "others"])
@pytest.mark.parametrize("what", ["worker", "server"])
async def test_killed_between_two_steps(house: House, what: str, kinds: tuple[type[Life], ...]) -> None:
    lives = await house.scattered(kinds, first=1)
    await house.kill(what)
    await ended_as_undisturbed(house, lives)


# Seconds after the calls have begun: before the server has them, while the worker is at it, and about its end.
@pytest.mark.parametrize(
    ("kinds", "after"),
    [(LEADS, 0.0), (LEADS, 0.03), (LEADS, 0.1), (OTHERS, 0.03)],
    ids=["leads-0.0", "leads-0.03", "leads-0.1", "others-0.03"],
)
@pytest.mark.parametrize("what", ["worker", "server"])
async def test_killed_while_a_step_is_in_flight(
    house: House, what: str, kinds: tuple[type[Life], ...], after: float
) -> None:
    lives = await house.scattered(kinds, first=0)
    calls = [asyncio.create_task(life.call()) for life in lives]
    await asyncio.sleep(after)
    await house.kill(what)
    # Who was not answered asks again, and who was asks again too.
    await asyncio.gather(*calls, return_exceptions=True)
    await ended_as_undisturbed(house, lives)


@pytest.mark.parametrize("what", ["worker", "server"])
async def test_killed_at_every_step_of_one_life(house: House, what: str) -> None:
    lives = [house.life(kind, "hard") for kind in KINDS]
    while going_on := [life for life in lives if life.done < len(life.steps())]:
        calls = [asyncio.create_task(life.call()) for life in going_on]
        await asyncio.sleep(0.03)
        await house.kill(what)
        await asyncio.gather(*calls, return_exceptions=True)
        await together(life.step() for life in going_on)
    await ended_as_undisturbed(house, lives)


@pytest.mark.slow
async def test_both_killed_with_an_update_that_nobody_repeats(house: House) -> None:
    """The records may know of a decision that Temporal never held. The next message counts all the same."""
    lives = [house.life(TwoLeads, f"n{number}") for number in range(7)]
    await together(life.steps_until(2) for life in lives)
    calls = [asyncio.create_task(life.call()) for life in lives]
    async with asyncio.timeout(PATIENCE):
        while not any([await life.is_recorded("a", "accept") for life in lives]):  # noqa: ASYNC110 - as soon as it is
            await asyncio.sleep(0.001)
    for killed in (house.worker, house.server):
        killed.kill()
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    for started in (house.server, house.worker):
        await asyncio.to_thread(started.start)
    await together(life.withdraw() for life in lives)
