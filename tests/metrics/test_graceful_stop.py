"""A worker that is told to stop in the middle of its work ends in time, loses nothing and does nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from temporalio.client import Client

from cli.ports import free_port
from program.clock import REAL_TIME
from records.database import reading
from records.tables import audit, outbox, processes
from states.lead import LEAD
from states.lead_data import Lead
from tests.activities.other_ends import Recipient
from tests.metrics.running import programs
from tests.smtp_server import SmtpServer
from tests.workflows.conftest import ACCEPT, Server
from tests.workflows.failed_tasks import faults_in
from workflows.doors import start_process

LEADS = 100
GRACE = 15
STEPS = ["accept", "begin", "client_paid"]


def states(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        return {row.process: row.state for row in connection.execute(select(processes.c.process, processes.c.state))}


def steps(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())


class Season:
    """Registers leads; accepts what is in review, pays what is accepted. Says each thing once."""

    def __init__(self, client: Client, engine: Engine) -> None:
        self.client, self.engine = client, engine
        self.names = [f"lead:n{number}" for number in range(LEADS)]
        self.said: set[tuple[str, str]] = set()

    async def register(self) -> None:
        for name in self.names:
            lead_id = name.removeprefix("lead:")
            lead = Lead.register(
                lead_id, "alster", f"{lead_id}.example", datetime.now(UTC), edition_name="2022",
                lifecycle_version=LEAD.version,
            )  # fmt: skip
            await start_process(self.client, LEAD, lead, clock=REAL_TIME, workflow_id=name)

    async def go_on(self) -> None:
        """Until all are paid."""
        while len(self.said) < 2 * LEADS:
            for name, state in (await asyncio.to_thread(states, self.engine)).items():
                if state == "in_review":
                    await self._say(name, "accept", ACCEPT)
                elif state == "accepted":
                    now = datetime.now(UTC).isoformat()
                    await self._say(name, "client_paid", {"id": "p", "at": now, "by": "crm"})
            await asyncio.sleep(0.05)

    async def _say(self, name: str, signal: str, payload: dict[str, str]) -> None:
        if (name, signal) not in self.said:
            self.said.add((name, signal))
            await self.client.get_workflow_handle(name).signal(signal, payload)


@pytest.mark.faults
@pytest.mark.timeout(280)
def test_a_worker_that_stops_under_load(tmp_path: Path, temporal: Server, engine: Engine, database_url: str) -> None:
    recipient = Recipient()
    mail = SmtpServer(recipient, hostname="127.0.0.1", port=free_port())
    mail.start()
    settings = {
        "PARTNERFLOW_GRACE_SECONDS": str(GRACE),
        "PARTNERFLOW_SMTP_HOST": "127.0.0.1",
        "PARTNERFLOW_SMTP_PORT": str(mail.port),
    }

    async def play() -> float:
        season = Season(await temporal.client(), engine)
        first = await asyncio.to_thread(running.start, "worker")
        going = [asyncio.create_task(season.register()), asyncio.create_task(season.go_on())]
        while steps(engine) < LEADS:  # noqa: ASYNC110 - it is another process's doing
            await asyncio.sleep(0.02)
        begun = time.monotonic()
        code = await asyncio.to_thread(first.end)
        took = time.monotonic() - begun
        done = steps(engine)
        assert done < len(STEPS) * LEADS, "it was stopped in the middle of its work"
        assert code == 0, first.log.read_text("utf-8")
        assert [line["text"] for line in first.lines()][-1] == "the worker has stopped"
        await asyncio.sleep(1)
        assert steps(engine) == done, "nobody works"

        second = await asyncio.to_thread(running.start, "worker")
        await asyncio.gather(*going)
        for name in season.names:
            assert await season.client.get_workflow_handle(name).result() == {
                "state": "credited", "outcome": "credited"
            }  # fmt: skip
        while second.value("partnerflow_outbox_waiting") != 0:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.2)
        assert await asyncio.to_thread(second.end) == 0
        for program in (first, second):
            wrong = [line for line in program.lines() if line["level"] in ("error", "critical")]
            # The SDK's word for a task that stood still for two seconds, as it does when the machine stands still.
            assert not [line for line in wrong if line.get("exception") != "_DeadlockError"]
        for name in season.names[::10]:
            history = await season.client.get_workflow_handle(name).fetch_history()
            assert faults_in(history) == []
        return took

    try:
        with programs(tmp_path, database_url, temporal.address, **settings) as running:
            took = asyncio.run(play())
    finally:
        mail.stop()
    assert took < GRACE + 2

    with reading(engine) as connection:
        rows = connection.execute(select(audit.c.process, audit.c.trigger)).all()
        of_leads = select(outbox.c.status).where(outbox.c.kind == "mail", outbox.c.process.startswith("lead:"))
        sent = Counter(connection.execute(of_leads).scalars())
    found: dict[str, list[str]] = {}
    for process, trigger in rows:
        found.setdefault(process, []).append(trigger)
    assert {name: sorted(triggers) for name, triggers in found.items()} == {f"lead:n{n}": STEPS for n in range(LEADS)}
    ids = recipient.ids()
    assert len(ids) == len(set(ids)) == sent["sent"]
    assert sum(sent.values()) == 3 * LEADS
    # A mail that its state has overtaken does not leave; everything else has.
    assert set(sent) <= {"sent", "superseded"}
