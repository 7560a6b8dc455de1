"""Playing a season into a running stack, through the doors that everybody uses.

Partners and the CRM speak to the portal's HTTP API, staff send updates to Temporal as the Web UI does. Each acts when
program time has come to it, never before: at a high speed a message that is stamped early is a message from the past.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from temporalio.client import Client

from cli.played import NotTaken, Played, insist_on_taken
from cli.script import REFUSED, SAME
from cli.season import Registration, Scripted
from cli.staff_updates import update_as_staff
from program.calendar import at_hour, is_business_day, program_date
from program.clock import ProgramClock
from program.domains import registrable_domain
from states.lead import LEAD
from states.staff import Role

STAFF = "reviewer@vendor.example"
# What the portal is told, for the actions that it knows by other names.
_OF_PARTNERS = {"give_notice": "renewal-notice", "report_progress": "progress-reports", "withdraw": "withdrawal"}
# How a lead stands in the records until its process has written its first change.
_RECEIVED = "received"
_FIRST_HOUR = 9
# Real seconds. On a busy machine a registration may still be on its way into the records for a moment.
_PATIENCE, _GLANCE = 10.0, 0.2


@dataclass(slots=True)
class PlayedLead(Played[Registration]):
    """A registration, and the lead that it began, if any. `before` is the one of the same prospect before it."""

    before: PlayedLead | None = None
    lead_id: str = ""
    registered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def where(self) -> str:
        """See base class."""
        return f"/v1/leads/{self.lead_id}" if self.lead_id else ""


@dataclass(slots=True)
class Play:
    """One performance. `api` has the portal's address and a key; `moved` is told what happens, for showing."""

    api: httpx.AsyncClient
    client: Client
    clock: ProgramClock
    moved: Callable[[str], None] = lambda _text: None
    start: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.start = _next_monday(self.now())

    def now(self) -> datetime:
        """The present instant in program time."""
        return self.clock.program(datetime.now(UTC))

    def today(self) -> float:
        """Which day of the season it is now; below zero before it begins."""
        return (self.now() - self.start) / timedelta(days=1)

    def day(self, number: float) -> datetime:
        """The instant in program time at which a day of the season begins for people."""
        return self.start + timedelta(days=number)

    async def until(self, day: float) -> None:
        """Wait for a day of the season."""
        left = self.clock.real_delay(self.day(day) - self.now())
        # A little more: a sleep may end a moment early, and then it would not be that day yet.
        await asyncio.sleep(max(0.0, left.total_seconds() + 0.005))

    async def decide(self, process: str, action: str, says: Mapping[str, Any]) -> None:
        """Decide something as staff."""
        await update_as_staff(self.client, process, action, {**says, "by": STAFF}, patience=_PATIENCE)

    async def season(self, lines: list[Registration], last: float) -> list[PlayedLead]:
        """Play everything, and look on the day `last` how it has ended."""
        played = _in_order(lines)
        await asyncio.gather(*(self._line(each) for each in played))
        await self.until(last)
        await self.look(played)
        return played

    async def look(self, played: Sequence[Played[Any]]) -> None:
        """How each has ended, as soon as what ended it has been carried out."""
        until = time.monotonic() + _PATIENCE
        for each in played:
            while each.where and each.end != SAME:
                each.see(await self.api.get(each.where))
                if each.end == each.line.expected or time.monotonic() > until:
                    break
                await asyncio.sleep(_GLANCE)

    async def _line(self, played: PlayedLead) -> None:
        line = played.line
        await self.until(line.day)
        if played.before is not None:
            await self._known(played.before)
        await self._register(played)
        played.registered.set()
        await played.follow(self, partial(self._act, played))

    async def _known(self, earlier: PlayedLead) -> None:
        """Wait until an earlier registration has its place: who holds a prospect depends on who came first."""
        await earlier.registered.wait()
        until = time.monotonic() + _PATIENCE
        while earlier.lead_id and time.monotonic() < until:
            answer = await self.api.get(earlier.where)
            if answer.status_code == 200 and answer.json()["state"] != _RECEIVED:
                return
            await asyncio.sleep(_GLANCE)

    async def _register(self, played: PlayedLead) -> None:
        line = played.line
        path, body = (
            ("/v1/leads", _by_form(line)) if line.via == "form" else ("/v1/affiliate-signups", self._signup(line))
        )
        answer = await self.api.post(path, json=body)
        said = answer.json()
        if answer.status_code == 202 or answer.status_code == 200:
            played.lead_id, played.end = said["lead_id"], SAME if answer.status_code == 200 else "open"
            played.says = said["says"]
            self.moved(f"{line.partner} registers {line.company}")
        elif answer.status_code == 422:
            played.end, played.says = REFUSED, said["detail"]
            self.moved(f"{line.company or line.website} is refused: {said['detail']}")
        else:
            played.end, played.says = f"answered {answer.status_code}", said.get("detail", "")

    def _signup(self, line: Registration) -> dict[str, Any]:
        return {
            "partner_id": line.partner,
            "account": f"account-{line.day}-{line.partner}",
            "domain": line.website,
            "opened_at": self.day(line.day + line.opened).isoformat(),
            "company": line.company,
        }

    async def _act(self, played: PlayedLead, step: Scripted) -> None:
        if not played.lead_id:
            raise NotTaken("there is no lead")
        action = LEAD.actions[step.action]
        self.moved(f"{played.line.company}: {step.action.replace('_', ' ')}")
        if action.by_staff:
            await self.decide(f"lead:{played.lead_id}", step.action, action.example)
            return
        if Role.PARTNER in action.who:
            answer = await self.api.post(
                f"/v1/leads/{played.lead_id}/{_OF_PARTNERS[step.action]}", json={"text": "We talk every week."}
            )
        else:
            answer = await self.api.post("/v1/facts", json=self._fact(played, step))
        insist_on_taken(answer)

    def _fact(self, played: PlayedLead, step: Scripted) -> dict[str, Any]:
        return {
            "source": "crm",
            "fact_id": f"{played.lead_id}-{step.action}-{step.day:.0f}",
            "kind": step.action,
            "lead_id": played.lead_id,
            "occurred_at": self.day(played.line.day + step.occurred).isoformat(),
        }


def _in_order(lines: list[Registration]) -> list[PlayedLead]:
    """The lines as they will be played, each told which one of its prospect comes before it."""
    played, latest = [PlayedLead(line) for line in lines], dict[str, PlayedLead]()
    for each in played:
        try:
            prospect = registrable_domain(each.line.website)
        except ValueError:
            continue
        each.before, latest[prospect] = latest.get(prospect), each
    return played


def _by_form(line: Registration) -> dict[str, Any]:
    return {
        "partner_id": line.partner,
        "company": line.company,
        "website": line.website,
        "contact_name": line.contact_name,
        "contact_email": line.contact_email,
        "note": line.note,
        "self_closed": line.self_closed,
    }


def _next_monday(now: datetime) -> datetime:
    """The first Monday morning from now on that is no holiday: a season that begins mid-week would count other days."""
    day = program_date(now)
    while day.weekday() != 0 or not is_business_day(day) or at_hour(day, _FIRST_HOUR) < now:
        day += timedelta(days=1)
    return at_hour(day, _FIRST_HOUR)
