"""Worker or server are killed at any step of a lead's life: the outcome is that of a life without mishaps.

Seven lives go at once. In each, one kill (SIGKILL) hits another step, so one kill covers every place of a life.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from records.database import open_database
from tests.faults.lives import House, WorkerProcess, together
from tests.workflows.conftest import Server, with_partners

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

STEPS = 7

STAFF = "reviewer@vendor.example"

# Audit rows are: trigger, source, dest, the message whose stamp counts, by, reason, message id.
OUTCOME: dict[str, Any] = {
    "audit of a": [
        ("begin", "received", "in_review", "a registered", "partnerflow", "", False),
        ("accept", "in_review", "accepted", "when handled", STAFF, "fits well", False),
        ("opportunity_opened", "accepted", "opportunity", "opportunity_opened", "crm", "", "crm opportunity_opened"),
        ("opportunity_lost", "opportunity", "lost", "opportunity_lost", "crm", "", "crm opportunity_lost"),
    ],
    "audit of b": [
        ("begin", "received", "in_review", "b registered", "partnerflow", "", False),
        ("stand_in_line", "in_review", "in_line", "when handled", "partnerflow", "", False),
        ("come_up", "in_line", "in_review", "opportunity_lost", "system", "", True),
        ("accept", "in_review", "accepted", "when handled", STAFF, "fits well", False),
        ("client_paid", "accepted", "credited", "client_paid", "crm", "", "crm client_paid"),
    ],
    "mails": [
        ("lead_accepted", "partner", "a", "sent"),
        ("lead_accepted", "partner", "b", "sent"),
        ("lead_came_up", "partner", "b", "sent"),
        ("lead_came_up", "staff:reviewer", "b", "sent"),
        ("lead_credited", "partner", "b", "sent"),
        ("lead_in_line", "staff:reviewer", "b", "sent"),
        ("lead_in_line_partner", "partner", "b", "sent"),
        ("lead_received", "partner", "a", "sent"),
        ("opportunity_lost", "partner", "a", "sent"),
        ("opportunity_recorded", "partner", "a", "sent"),
    ],
    "signals": [("come_up", "b", "a", "sent")],
    "referrals": [("b", "isar", "15", 16, "client_paid", "client_paid")],
    "claims": [],
    "a": {"state": "lost", "waiting": False, "notices": []},
    "b": {"state": "credited", "outcome": "credited"},
}


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
        worker.kill()
        server.kill()
        engine.dispose()


async def test_a_life_without_mishaps(house: House) -> None:
    life = house.life("calm")
    await life.to_its_end()
    assert await life.outcome() == OUTCOME
    house.no_mail_twice()


@pytest.mark.parametrize("what", ["worker", "server"])
async def test_killed_between_two_steps(house: House, what: str) -> None:
    lives = [house.life(f"n{number}") for number in range(1, STEPS)]
    await together(life.steps_until(number) for number, life in enumerate(lives, start=1))
    await house.kill(what)
    await together(life.to_its_end() for life in lives)
    for life in lives:
        assert await life.outcome() == OUTCOME, life.name
    house.no_mail_twice()


# Seconds after the calls have begun: before the server has them, while the worker is at it, and about its end.
@pytest.mark.parametrize("after", [0.0, 0.03, 0.1])
@pytest.mark.parametrize("what", ["worker", "server"])
async def test_killed_while_a_step_is_in_flight(house: House, what: str, after: float) -> None:
    lives = [house.life(f"n{number}") for number in range(STEPS)]
    await together(life.steps_until(number) for number, life in enumerate(lives))
    calls = [asyncio.create_task(life.call()) for life in lives]
    await asyncio.sleep(after)
    await house.kill(what)
    # Who was not answered asks again, and who was asks again too.
    await asyncio.gather(*calls, return_exceptions=True)
    await together(life.to_its_end() for life in lives)
    for life in lives:
        assert await life.outcome() == OUTCOME, life.name
    house.no_mail_twice()


@pytest.mark.parametrize("what", ["worker", "server"])
async def test_killed_at_every_step_of_one_life(house: House, what: str) -> None:
    life = house.life("hard")
    for _ in range(STEPS):
        call = asyncio.create_task(life.call())
        await asyncio.sleep(0.03)
        await house.kill(what)
        with contextlib.suppress(Exception):
            await call
        await life.step()
    assert await life.outcome() == OUTCOME
    house.no_mail_twice()


@pytest.mark.slow
async def test_both_killed_with_an_update_that_nobody_repeats(house: House) -> None:
    """The records may know of a decision that Temporal never held. The next message counts all the same."""
    lives = [house.life(f"n{number}") for number in range(STEPS)]
    await together(life.steps_until(2) for life in lives)
    calls = [asyncio.create_task(life.call()) for life in lives]
    async with asyncio.timeout(20):
        while not any([await life.is_recorded("accept") for life in lives]):  # noqa: ASYNC110 - as soon as it is
            await asyncio.sleep(0.001)
    for killed in (house.worker, house.server):
        killed.kill()
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    for started in (house.server, house.worker):
        await asyncio.to_thread(started.start)
    await together(life.withdraw() for life in lives)
