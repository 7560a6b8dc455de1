"""The outbox relay: brings what transactions posted to mail servers and processes, however often that takes.

Everything leaves at least once. A mail that leaves twice, because the relay died between the mail server's answer and
our note of it, has the same Message-ID; a signal has the same id, and its receiver recognises it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.common import MetricMeter

from activities import metrics
from activities.mail import Delivery, Letter, LocalMailbox, ServerAway, Undeliverable
from records.applicant_links import ApplicantLinks
from records.correspondence import Subject, state_of, subject_of
from records.database import is_away
from records.links import ClientLink
from records.outbox import MailRow, SignalRow, keep, lease_mails, lease_signals, settle, try_later
from records.people import ERASED
from records.rendering import render
from records.sign_ins import PREFIX as SIGN_IN_PREFIX
from states.staff import Role, StaffList

_log = logging.getLogger("partnerflow.relay")

SendSignal = Callable[[str, str, dict[str, Any]], Awaitable[bool]]
"""Sends (process, signal, payload); False when no such process is running. Raises when it may work later."""

LONGEST_PAUSE = timedelta(minutes=5)
# What a relay that died had taken up, others take up after this time. One that lives renews it three times as often.
_LEASE = timedelta(seconds=20)
_BATCH = 10
# How long a relay that has to stop still tries to note what has left.
_LAST_PATIENCE = timedelta(seconds=5)
# A commit wakes the relay. Under load it then looks this often and not after each commit.
_REST = 0.05

R = TypeVar("R", MailRow, SignalRow)


def _real_time() -> datetime:
    return datetime.now(UTC)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 1 s, doubling, 5 minutes at most (real time)."""
    return min(LONGEST_PAUSE, timedelta(seconds=2 ** min(attempts - 1, 10)))


@dataclass(slots=True)
class Relay:
    """One relay. Several may work on one database.

    `now` is program time, `real` real time; `poll` (seconds, real) is how often it looks when nobody wakes it.
    `client_page` gives the address of the page that a client's link opens, `sign_in_page` that of the page on which
    somebody signs in, `applicant_links` those of applicants' own pages; `web_ui` is the address of the Web UI's list of
    workflows, such as "…/namespaces/default/workflows", or "".
    """

    engine: Engine
    delivery: Delivery
    send_signal: SendSignal
    now: Callable[[], datetime]
    staff: StaffList = field(default_factory=StaffList)
    web_ui: str = ""
    sign_in_page: Callable[[str], str] = str
    client_page: Callable[[ClientLink], str] = attrgetter("name")
    applicant_links: ApplicantLinks = field(default_factory=ApplicantLinks)
    poll: float = 0.5
    real: Callable[[], datetime] = _real_time
    meter: MetricMeter = MetricMeter.noop
    _woken: dict[str, asyncio.Event] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what has begun is finished, the rest is left for the next relay."""
        self._loop, self._stop = asyncio.get_running_loop(), stop
        # Two, so that a mail server that hangs holds up no signal.
        await asyncio.gather(self._work("mail", self.mails_once, stop), self._work("signal", self.signals_once, stop))

    def wake(self) -> None:
        """Look now. May be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            for event in list(self._woken.values()):  # the relay may just have begun to listen
                self._loop.call_soon_threadsafe(event.set)

    async def mails_once(self, stop: asyncio.Event | None = None) -> int:
        """Try the mails that are due, some at a time; how many were taken up."""
        rows = await asyncio.to_thread(lease_mails, self.engine, real=self.real(), lease=_LEASE, at_most=_BATCH)
        async with self._kept(rows):
            await self._mails(rows, stop)
        return len(rows)

    async def _mails(self, rows: list[MailRow], stop: asyncio.Event | None) -> None:
        for index, row in enumerate(rows):
            if stop is not None and stop.is_set():
                await self._give_back(rows[index:], timedelta(0), row_error="")
                break
            try:
                await self._mail(row)
            except ServerAway as away:
                self._count(row, "failed")
                # The others would only wait for the same timeout, one after the other.
                await self._give_back(rows[index:], pause_after(row.attempts), row_error=str(away))
                break
            except SQLAlchemyError:
                raise
            except Exception as error:  # one bad mail must not stand in the way of all others
                await self._failed(row, error)

    @asynccontextmanager
    async def _kept(self, rows: Sequence[MailRow]) -> AsyncIterator[None]:
        """Keep rows from other relays as long as it takes: a mail server may be slow."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(_LEASE.total_seconds() / 3)
                with suppress(SQLAlchemyError):  # it is away; the next time comes before the lease is over
                    await asyncio.to_thread(keep, self.engine, rows, until=self.real() + _LEASE)

        renewing = asyncio.create_task(renew()) if rows else None
        try:
            yield
        finally:
            if renewing:
                renewing.cancel()

    async def signals_once(self, stop: asyncio.Event | None = None) -> int:
        """Try the signals that are due, some at a time; how many were taken up.

        All at once: of each process only the first one is due, so that none can overtake another.
        """
        rows = await asyncio.to_thread(lease_signals, self.engine, real=self.real(), lease=_LEASE, at_most=_BATCH)
        if stop is not None and stop.is_set():
            await self._give_back(rows, timedelta(0), row_error="")
            return len(rows)
        done = await asyncio.gather(*(self._signal(row) for row in rows), return_exceptions=True)
        for trouble in done:
            if trouble is not None:
                raise trouble
        return len(rows)

    async def _signal(self, row: SignalRow) -> None:
        try:
            async with asyncio.timeout(10):
                there = await self.send_signal(row.target, row.signal, row.payload)
        except SQLAlchemyError:
            raise
        except Exception as error:  # whatever Temporal says: it may work later
            await self._failed(row, error)
            return
        if there:
            await self._settle(row, "sent")
            return
        _log.warning(
            "signal dropped, its process is not running: %s to %s",
            row.signal,
            row.target,
            extra={"of_process": row.process},
        )
        await self._settle(row, "dropped", f"No process {row.target} is running.")

    async def _work(self, kind: str, once: Callable[[asyncio.Event], Awaitable[int]], stop: asyncio.Event) -> None:
        woken = self._woken[kind] = asyncio.Event()
        stopping = asyncio.create_task(stop.wait())
        try:
            trouble = 0
            while not stop.is_set():
                woken.clear()
                try:
                    found = await once(stop)
                    trouble = 0
                except SQLAlchemyError as error:
                    found, trouble = 0, trouble + 1
                    if trouble == 1:
                        _log.warning("the relay waits for the database (%s)", type(error).__name__)
                if found == 0:
                    pause = min(5.0, self.poll * 2 ** min(trouble, 5))
                    waking = asyncio.create_task(woken.wait())
                    await asyncio.wait((stopping, waking), timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                    waking.cancel()
                    await asyncio.wait((stopping,), timeout=min(_REST, self.poll))
        finally:
            stopping.cancel()
            del self._woken[kind]

    async def _mail(self, row: MailRow) -> None:
        subject = await asyncio.to_thread(
            subject_of,
            self.engine,
            row,
            now=self.now(),
            link=self._link(row.process),
            client_page=self.client_page,
            applicant_links=self.applicant_links,
        )
        if not _leaves(row, subject.state, subject.link):
            await self._supersede(row, subject.state)
            return
        words = render(row.template, subject.context)
        to, remark = self._recipients(row.to, subject)
        if ERASED in to:
            await self._settle(row, "superseded", "Not sent: the person to whom it was addressed has been erased.")
            return
        delivery = self.delivery if not remark else LocalMailbox(self.engine)
        letter = Letter(
            f"{row.message_id}@{self.delivery.domain}", to, words.subject, words.text, words.html, self.now()
        )
        state = subject.state

        async def still_wanted() -> bool:
            nonlocal state
            state, newest_link = await asyncio.to_thread(state_of, self.engine, row)
            return _leaves(row, state, newest_link)

        if await delivery.send(letter, still_wanted):
            await self._settle(row, "sent", remark)
        else:
            await self._supersede(row, state)

    def _recipients(self, to: str, subject: Subject) -> tuple[tuple[str, ...], str]:
        """The addresses; or for whom it is, in words, and why it stays in the local mailbox."""
        found: tuple[str, ...]
        match to.partition(":"):
            case ("partner", _, _):
                found = (subject.partner_address,) if subject.partner_address else ()
                otherwise = f"no address of partner {subject.partner_name} is known"
            case ("manager" | "manager-of", _, _):
                # A partner without a manager is the partner team's queue.
                found = (subject.manager_address,) if subject.manager_address else self.staff.in_role(Role.REVIEWER)
                otherwise = "the partner has no manager, and the staff list has no reviewer"
            case ("person", _, _):
                found = (subject.person_address,) if subject.person_address else ()
                otherwise = "nobody waits for it any more"
            case ("manager-lead", _, _):
                found = self.staff.leads_of((subject.manager_address,))
                otherwise = "the staff list names neither the manager's lead nor an administrator"
            case ("chair-lead", _, _):
                found = self.staff.leads_of(self.staff.in_role(Role.CHAIR))
                otherwise = "the staff list names neither the chair's lead nor an administrator"
            case ("client", _, _):
                found = (subject.client_address,) if subject.client_address else ()
                otherwise = "no address of the client's contact is known"
            case ("applicant", _, _):
                found = (subject.applicant_address,) if subject.applicant_address else ()
                otherwise = "no address of the applicant is known"
            case ("staff", _, Role.TEAM_LEAD):
                # Where nobody leads the team, its administrators do.
                found = self.staff.in_role(Role.TEAM_LEAD) or self.staff.in_role(Role.ADMIN)
                otherwise = "the staff list has nobody in the roles team_lead and admin"
            case ("staff", _, role) if role in set(Role):
                found = self.staff.in_role(Role(role))
                otherwise = f"the staff list has nobody in the role {role}"
            case _:
                found, otherwise = (), "nobody knows who that is"
        return (found, "") if found else ((f"{to} ({otherwise})",), f"Kept in the local mailbox: {otherwise}.")

    def _link(self, process: str) -> str:
        if process.startswith(SIGN_IN_PREFIX):
            return self.sign_in_page(process.removeprefix(SIGN_IN_PREFIX))
        return f"{self.web_ui.rstrip('/')}/{quote(process, safe='')}" if self.web_ui else ""

    async def _supersede(self, row: MailRow, state: str) -> None:
        await self._settle(row, "superseded", f"Not sent: the state is {state or 'unknown'} by now.")

    async def _settle(self, row: MailRow | SignalRow, status: Any, remark: str = "") -> None:
        """Note what became of a row. It has left, so a database that is away is asked again for as long as a lease."""
        self._count(row, status)
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            try:
                await asyncio.to_thread(settle, self.engine, row, status, now=self.now(), remark=remark)
            except SQLAlchemyError as error:
                patience = _LAST_PATIENCE if self._stop is not None and self._stop.is_set() else _LEASE
                if not is_away(error) or loop.time() > began + patience.total_seconds():
                    raise
                await asyncio.sleep(self.poll)
            else:
                return

    async def _failed(self, row: MailRow | SignalRow, error: Exception) -> None:
        self._count(row, "failed")
        pause = pause_after(row.attempts)
        # Our own words name nobody; those of others are kept where personal things may be, and not logged.
        ours = isinstance(error, Undeliverable)
        why = str(error) if ours else type(error).__name__
        remark = why if ours else f"{why}: {error}"
        _log.warning("%s is tried again in %s s: %s", row.key, pause.seconds, why, extra={"of_process": row.process})
        await asyncio.to_thread(try_later, self.engine, row, not_before=self.real() + pause, error=remark[:500])

    def _count(self, row: MailRow | SignalRow, outcome: str) -> None:
        metrics.OUTBOX_ATTEMPTS.add(self.meter, kind="mail" if isinstance(row, MailRow) else "signal", outcome=outcome)

    async def _give_back(self, rows: list[R], pause: timedelta, *, row_error: str) -> None:
        for row in rows:
            await asyncio.to_thread(try_later, self.engine, row, not_before=self.real() + pause, error=row_error)


def _leaves(row: MailRow, state: str, newest_link: int | None) -> bool:
    in_its_state = not row.only_while or state in row.only_while
    # A link that has been replaced opens nothing any more.
    return in_its_state and row.about.get("link_number") in (None, newest_link)
