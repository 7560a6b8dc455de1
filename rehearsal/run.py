"""A rehearsal from its first to its last day: which instant comes next, and who acts then."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from temporalio.worker import WorkflowRunner

from program.calendar import Half, at_hour, end_of_day, is_business_day, program_date
from program.edition import edition
from records.entering import enter_partner
from records.partners import Partner
from rehearsal.cast import staff_of
from rehearsal.given import payers_of
from rehearsal.habits import HABITS, Deed, deeds_of
from rehearsal.outside import Outside, in_lines
from rehearsal.past import Payer, remember
from rehearsal.plans import draw_accounts, draw_leads
from rehearsal.queue import open_processes
from rehearsal.stage import Stage, on_stage
from states.lifecycle import GRACE
from states.messages import Refusal
from workflows.doors import NoSuchProcess, ask

# The season's process and its committee have to be there when its first phase opens.
AHEAD = timedelta(days=4)
_OPENING = timedelta(minutes=10)
_MORNING, _AFTERNOON = 10, 14


@dataclass(frozen=True, slots=True)
class Script:
    """What is rehearsed, with whom, and how much of it.

    What is known of the partners in `known` is in the records already; of the others it is drawn. `last` is the last
    day that is played, the half-year's unless told.
    """

    half: Half
    edition: str
    seed: int
    partners: Sequence[Partner]
    leads: int
    accounts: int
    known: frozenset[str] = frozenset()
    last: date | None = None

    @property
    def starts(self) -> datetime:
        """When it begins: some days before the half-year."""
        return at_hour(self.half.first_day - AHEAD, 9)

    @property
    def ends(self) -> datetime:
        """The end of the last day."""
        return end_of_day(self.last_day)

    @property
    def last_day(self) -> date:
        """The last day that is played."""
        return self.last or self.half.last_day


@dataclass(slots=True)
class Played:
    """What was done in a rehearsal, besides what the records say."""

    stops: int = 0
    deeds: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    turned_away: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    signals: int = 0

    @property
    def said(self) -> int:
        """How many things people said that were taken in."""
        return sum(self.taken.values()) + sum(self.deeds.values())

    def says(self) -> str:
        """How far it is, in a line."""
        leads = self.taken["/v1/leads"] + self.taken["/v1/affiliate-signups"]
        return (
            f"{leads} leads, {self.taken['/v1/accounts']} accounts, {sum(self.deeds.values())} decisions of staff, "
            f"{self.mails} mails"
        )


Shown = Callable[[datetime, Played], None]
"""Is told at every stop of the clock where the rehearsal is."""


async def play(
    engine: Engine, script: Script, *, shown: Shown = lambda _at, _played: None, runner: WorkflowRunner | None = None
) -> Played:
    """Play the half-year into migrated records that hold no processes yet. Raises `NoServer`."""
    staff = staff_of(script.partners)
    async with on_stage(engine, staff, edition=script.edition, starts=script.starts, runner=runner) as stage:
        payers = await asyncio.to_thread(_before, engine, script)
        outside = Outside(stage, script.seed, payers, script.starts.date().replace(day=1))
        outside.plan(
            draw_leads(script.partners, script.leads, seed=script.seed, half=script.half),
            draw_accounts(script.partners, script.accounts, seed=script.seed, half=script.half),
        )
        run = _Run(stage, script, outside, Played(taken=outside.taken, turned_away=outside.refused), shown)
        await run.play()
        return run.played


def _before(engine: Engine, script: Script) -> list[Payer]:
    """Partners with what is known of them, and the accounts that pay."""
    payers = payers_of(engine, seed=script.seed) if script.known else []
    for each in script.partners:
        enter_partner(engine, each, edition=script.edition, now=script.starts)
    fresh = [each for each in script.partners if each.id not in script.known]
    yesterday = script.starts - timedelta(hours=12)
    return payers + remember(engine, fresh, seed=script.seed, rules=edition(script.edition), at=yesterday)


@dataclass(slots=True)
class _Run:
    """One rehearsal under way."""

    stage: Stage
    script: Script
    outside: Outside
    played: Played
    shown: Shown

    async def play(self) -> None:
        """Stop at every instant at which something is due or somebody acts, in order, until the end."""
        await self._stop(self.script.starts)
        day = program_date(self.script.starts)
        while day <= self.script.last_day:
            await self._day(day)
            day += timedelta(days=1)
        await self._until(self.script.ends + GRACE + timedelta(seconds=1))
        self._count()

    async def _day(self, day: date) -> None:
        opening = at_hour(day, 0) + _OPENING
        if opening > self.stage.now():
            await self._until(opening)
            await self.stage.open_the_day()
        if not is_business_day(day):
            return
        await self._until(at_hour(day, _MORNING))
        if await self.outside.act():
            await self.stage.settle()
        await self._until(at_hour(day, _AFTERNOON))
        self.stage.digests.post_today()
        if await self._work(day):
            await self.stage.settle()

    async def _until(self, at: datetime) -> None:
        """Move to an instant, with a stop shortly after every deadline on the way: some are armed later than due."""
        while (due := self.stage.next_deadline(self.stage.now())) is not None:
            stop = due + GRACE + timedelta(seconds=1)
            if stop >= at:
                break
            await self._stop(stop)
        await self._stop(at)

    async def _stop(self, at: datetime) -> None:
        await self.stage.move_to(at)
        self.played.stops += 1
        self._count()
        self.shown(at, self.played)

    def _count(self) -> None:
        self.played.mails, self.played.signals = self.stage.mails, self.stage.signals

    async def _work(self, day: date) -> int:
        """The vendor's staff come to work: everybody looks through what is open and does what is to be done today."""
        deeds = deeds_of(open_processes(self.stage.engine, HABITS), day, self.script.seed)
        await in_lines([[self._doing(deed) for deed in line] for line in deeds.values()])
        return len(deeds)

    def _doing(self, deed: Deed) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            try:
                await ask(self.stage.client, deed.process, deed.action, deed.payload)
                self.played.deeds[deed.action] += 1
            except (Refusal, NoSuchProcess):
                self.played.refused[deed.action] += 1

        return act
