"""Mail server or database away at every step of a life, a day without mails, and nobody at work over a deadline."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from itertools import compress
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from cli.ports import free_port
from program.calendar import at_hour, program_date, window_end
from program.clock import ProgramClock
from program.edition import LATEST
from records.database import open_database, reading
from records.tables import audit, outbox
from states.lead import LEAD
from states.lead_data import Lead
from states.lifecycle import GRACE
from tests.faults.kinds import KINDS
from tests.faults.lives import PATIENCE, House, WorkerProcess, together
from tests.faults.lives_of_accounts import Denied, Revoked
from tests.smtp_server import SmtpServer
from tests.workflows.conftest import Server, database_held, eventually, with_partners
from workflows.doors import start_process, tell

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]


class Postbox:
    """A mail server that keeps what it is given; it can be stopped and started again."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.port = free_port()
        self._controller: SmtpServer | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.received[str(message_from_bytes(envelope.content)["Message-ID"]).strip("<>").partition("@")[0]] += 1
        return "250 kept"

    def start(self) -> None:
        if self._controller is None:
            self._controller = SmtpServer(self, hostname="127.0.0.1", port=self.port)
            self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


class Away(House):
    """The house, with a mail server that can be away."""

    mail: Postbox

    def mails(self) -> list[Any]:
        """Those that go to the mail server: without a staff list, there is nobody at a role's address."""
        kept_here = outbox.c.last_error.startswith("Kept in the local mailbox")
        chosen = (outbox.c.kind == "mail") & ~kept_here
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
        server.kill()
        mail.stop()
        worker.kill()  # last, because it complains of one that has died by itself
        engine.dispose()


async def booted(house: Away) -> float:
    """How many seconds a worker takes on this machine until it has done something; it is killed then."""
    began = time.monotonic()
    house.worker.start()
    await house.life(Denied, "to-see-that-it-works").step()
    took = time.monotonic() - began
    house.worker.kill()
    return took


def each_mail_once(house: Away) -> None:
    sent = {mail.message_id for mail in house.mails() if mail.status == "sent"}
    assert house.mail.received == Counter(sent)


async def test_the_mail_server_is_away_from_time_to_time(house: Away) -> None:
    house.worker.start()
    lives = [house.life(kind, "unmailed") for kind in KINDS]
    while going_on := [life for life in lives if life.done < len(life.steps())]:
        if lives[0].done % 3 == 0:
            house.mail.start()
        else:
            house.mail.stop()
        await together(life.step_without_its_mails() for life in going_on)
    house.mail.start()
    await eventually(house.at_rest, seconds=PATIENCE)
    for life in lives:
        outcome = await life.outcome()
        # One that is not true any more when the mail server is back stays at home, which is right.
        assert [mail[:3] for mail in outcome.pop("mails")] == [mail[:3] for mail in life.OUTCOME["mails"]]
        assert outcome == {name: value for name, value in life.OUTCOME.items() if name != "mails"}
    each_mail_once(house)


async def test_the_database_is_away_in_every_step(house: Away) -> None:
    house.worker.start()
    lives = [house.life(kind, "unrecorded") for kind in KINDS]
    await together(life.step() for life in lives)
    while going_on := [life for life in lives if life.done < len(life.steps())]:
        with database_held(house.engine):
            by_callers = [not life.is_restless for life in going_on]  # what time does may have been done before
            steps = [asyncio.create_task(life.step()) for life in going_on]
            await asyncio.sleep(1.5)
            done = [step.done() for step in compress(steps, by_callers)]
            assert not any(done), "it can't have been recorded"
        await asyncio.gather(*steps)
    for life in lives:
        assert await life.outcome() == life.OUTCOME, life.name
    each_mail_once(house)


async def test_a_day_without_mails(house: Away) -> None:
    """The mail server is away over an account's first reminder: it is due when it was, and arrives once, unless the
    client has answered meanwhile."""
    rules = LATEST.accounts
    requested = datetime(2027, 1, 5, 15, tzinfo=UTC)
    reminded = at_hour(program_date(requested) + timedelta(days=rules.reminder_days[0]), rules.reminder_hour)
    house.worker.start()
    first = house.life(Denied, "to-see-that-it-works")
    await first.step()
    began = time.monotonic()
    await first.step()
    # A day takes ten seconds, or more where a step takes long; the reminder is a day and a half away.
    day = max(10.0, 4 * (time.monotonic() - began))
    clock = ProgramClock(origin=datetime.now(UTC), starts=reminded - timedelta(hours=36), speed=86_400 / day)
    silent, answered = (house.life(Revoked, name) for name in ("silent", "answered"))
    for life in (silent, answered):
        life.clock = clock
        life.stamps["a requested"] = requested
        await life.step()
    await passes(clock, reminded - timedelta(hours=12))
    house.mail.stop()
    for life in (silent, answered):
        assert not await life.is_recorded("a", "remind_client"), "the machine was too slow for this clock"

    async def both_reminded() -> bool:
        return all([await life.is_recorded("a", "remind_client") for life in (silent, answered)])

    await eventually(both_reminded, seconds=PATIENCE)
    await answered.fact("a", "client_confirms", by="client")
    await eventually(lambda: answered.is_recorded("a", "client_confirms"))
    await passes(clock, reminded + timedelta(hours=12))
    house.mail.start()
    await eventually(house.at_rest, seconds=PATIENCE)
    each_mail_once(house)
    reminders = {mail.process: mail.status for mail in house.mails() if mail.template == "account_reminder"}
    assert reminders == {silent.processes["a"]: "sent", answered.processes["a"]: "superseded"}
    receipts = [mail.status for mail in house.mails() if mail.template == "account_receipt"]
    assert receipts == ["sent"]
    for life in (silent, answered):
        assert steps(house, life.processes["a"])["remind_client"].at == reminded


async def passes(clock: ProgramClock, instant: datetime) -> None:
    """Wait until it is that late in program time."""
    await asyncio.sleep(max(0.0, (instant - clock.program(datetime.now(UTC))).total_seconds() / clock.speed))


@pytest.mark.parametrize("dies", ["worker", "server"])
async def test_dead_over_a_deadline(house: Away, dies: str) -> None:
    """Two payments are told while nobody works, over the end of two windows. Their stamps decide."""
    registered = datetime(2026, 10, 5, 15, tzinfo=UTC)
    due = window_end(registered, 90)
    boots = await booted(house)
    # Program time runs 20 times as fast and starts five minutes before the window's end, or earlier where a worker
    # takes long to boot.
    before = timedelta(seconds=20 * max(20.0, 3 * boots))
    clock = ProgramClock(origin=datetime.now(UTC), starts=due - before, speed=20)
    house.worker.variables["PARTNERFLOW_CLOCK"] = clock.text()
    paid = {"in-time": due - timedelta(seconds=1), "too-late": due + timedelta(seconds=1)}

    async def has_happened(trigger: str) -> bool:
        return all(trigger in steps(house, f"lead:{name}") for name in paid)

    house.worker.start()
    for name in paid:
        lead = Lead.register(
            name, "alster", f"{name}.example", registered, edition_name="2022", lifecycle_version=LEAD.version,
            origin="affiliate",
        )  # fmt: skip
        await start_process(house.client, LEAD, lead, clock=clock, workflow_id=f"lead:{name}")
    await eventually(lambda: has_happened("begin"), seconds=PATIENCE)
    house.worker.kill()
    assert clock.program(datetime.now(UTC)) < due, "the machine was too slow for this clock"
    await passes(clock, due + timedelta(seconds=2))
    for name, at in paid.items():
        await tell(house.client, f"lead:{name}", "client_paid", {"id": "crm-1", "at": at.isoformat(), "by": "crm"})
    if dies == "server":
        house.server.kill()
    await passes(clock, due + GRACE + timedelta(seconds=30))
    if dies == "server":
        await asyncio.to_thread(house.server.start)
    house.worker.start()
    await eventually(lambda: has_happened("client_paid"), seconds=PATIENCE)
    in_time, too_late = steps(house, "lead:in-time"), steps(house, "lead:too-late")
    assert in_time["client_paid"].dest == "credited"
    assert "expire" not in in_time
    assert too_late["expire"].at == due, "recorded when it was due, however late"
    assert too_late["client_paid"].dest == "expired"


def steps(house: House, process: str) -> dict[str, Any]:
    """What happened in a process, by trigger."""
    with reading(house.engine) as connection:
        found = connection.execute(select(audit).where(audit.c.process == process))
        return {row.trigger: row for row in found}
