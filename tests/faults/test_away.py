"""Mail server or database away at every step of a lead's life, and nobody at work over the end of a window."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from program.calendar import window_end
from program.clock import ProgramClock
from records.database import open_database, reading
from records.tables import audit, outbox
from states.lead import LEAD
from states.lead_data import Lead
from states.lifecycle import GRACE
from tests.faults.lives import PATIENCE, House, Life, WorkerProcess
from tests.faults.test_killed_between_steps import OUTCOME, STEPS
from tests.workflows.conftest import Server, database_held, eventually, free_port, with_partners
from workflows.doors import start_process, tell

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]


class Postbox:
    """A mail server that keeps what it is given; it can be stopped and started again."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.port = free_port()
        self._controller: Controller | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.received[str(message_from_bytes(envelope.content)["Message-ID"]).strip("<>").partition("@")[0]] += 1
        return "250 kept"

    def start(self) -> None:
        if self._controller is None:
            self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


class Away(House):
    """The house, with a mail server that can be away."""

    mail: Postbox

    def mails(self) -> list[Any]:
        """Those to the partners: without a staff list, there is nobody at a role's address."""
        chosen = (outbox.c.kind == "mail") & (outbox.c.to == "partner")
        with reading(self.engine) as connection:
            return list(connection.execute(select(outbox).where(chosen)))


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[Away]:
    """A server, a worker, a database and a mail server for one test. The worker is not started."""
    engine = with_partners(open_database(database_url))
    server, mail = Server(tmp_path), Postbox()
    worker = WorkerProcess(tmp_path, database_url, server.address, engine)
    worker.variables |= {"PARTNERFLOW_SMTP_HOST": "127.0.0.1", "PARTNERFLOW_SMTP_PORT": str(mail.port)}
    try:
        mail.start()
        await asyncio.to_thread(server.start)
        house = Away(server, worker, engine, await server.client())
        house.mail = mail
        yield house
    finally:
        worker.kill()
        server.kill()
        mail.stop()
        engine.dispose()


async def without_its_mails(life: Life) -> None:
    """The next step, with its mails and signals left behind."""
    expected = life.steps()[life.done][1]
    await life.call()
    until = time.monotonic() + PATIENCE
    while (found := await asyncio.to_thread(life._stands))[:2] != expected:
        assert time.monotonic() < until, f"step {life.done}: {found}, not {expected}"
        await asyncio.sleep(0.1)
    life.done += 1


async def test_the_mail_server_is_away_from_time_to_time(house: Away) -> None:
    house.worker.start()
    life = house.life("unmailed")
    for number in range(STEPS):
        if number % 3 == 0:
            house.mail.start()
        else:
            house.mail.stop()
        await without_its_mails(life)
    house.mail.start()

    async def all_left() -> bool:
        return all(mail.status != "waiting" for mail in await asyncio.to_thread(house.mails))

    await eventually(all_left, seconds=PATIENCE)
    outcome = await life.outcome()
    # One that is not true any more when the mail server is back stays at home, which is right.
    assert [mail[:3] for mail in outcome.pop("mails")] == [mail[:3] for mail in OUTCOME["mails"]]
    assert outcome == {name: value for name, value in OUTCOME.items() if name != "mails"}
    sent = {mail.message_id for mail in house.mails() if mail.status == "sent"}
    assert house.mail.received == Counter(sent), "each once"


async def test_the_database_is_away_in_every_step(house: Away) -> None:
    house.worker.start()
    life = house.life("unrecorded")
    await life.step()
    for _ in range(1, STEPS):
        with database_held(house.engine):
            step = asyncio.create_task(life.step())
            await asyncio.sleep(1.5)
            assert not step.done(), "it can't have been recorded"
        await step
    outcome = await life.outcome()
    assert outcome == OUTCOME
    assert house.mail.received == Counter(mail.message_id for mail in house.mails())


@pytest.mark.parametrize("dies", ["worker", "server"])
async def test_dead_over_a_deadline(house: Away, dies: str) -> None:
    """Two payments are told while nobody works, over the end of two windows. Their stamps decide."""
    registered = datetime(2026, 10, 5, 15, tzinfo=UTC)
    due = window_end(registered, 90)
    # Program time runs 20 times as fast and starts five minutes before the window's end.
    clock = ProgramClock(origin=datetime.now(UTC), starts=due - timedelta(minutes=5), speed=20)
    house.worker.variables["PARTNERFLOW_CLOCK"] = clock.text()
    paid = {"in-time": due - timedelta(seconds=1), "too-late": due + timedelta(seconds=1)}

    async def passes(instant: datetime) -> None:
        await asyncio.sleep(max(0.0, (instant - clock.program(datetime.now(UTC))).total_seconds() / clock.speed))

    async def has_happened(trigger: str) -> bool:
        return all(trigger in steps(house, name) for name in paid)

    house.worker.start()
    for name in paid:
        lead = Lead.register(
            name, "alster", f"{name}.example", registered, edition_name="2022", lifecycle_version=LEAD.version,
            origin="affiliate",
        )  # fmt: skip
        await start_process(house.client, LEAD, lead, clock=clock, workflow_id=f"lead:{name}")
    await eventually(lambda: has_happened("begin"))
    house.worker.kill()
    assert clock.program(datetime.now(UTC)) < due, "the machine was too slow for this clock"
    await passes(due + timedelta(seconds=2))
    for name, at in paid.items():
        await tell(house.client, f"lead:{name}", "client_paid", {"id": "crm-1", "at": at.isoformat(), "by": "crm"})
    if dies == "server":
        house.server.kill()
    await passes(due + GRACE + timedelta(seconds=30))
    if dies == "server":
        await asyncio.to_thread(house.server.start)
    house.worker.start()
    await eventually(lambda: has_happened("client_paid"), seconds=PATIENCE)
    in_time, too_late = steps(house, "in-time"), steps(house, "too-late")
    assert in_time["client_paid"].dest == "credited"
    assert "expire" not in in_time
    assert too_late["expire"].at == due, "recorded when it was due, however late"
    assert too_late["client_paid"].dest == "expired"


def steps(house: House, name: str) -> dict[str, Any]:
    with reading(house.engine) as connection:
        found = connection.execute(select(audit).where(audit.c.process == f"lead:{name}"))
        return {row.trigger: row for row in found}
