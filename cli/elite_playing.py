"""Playing an elite season into a running stack: partners, managers, members and the chair, each through their door.

Nobody acts before program time has come to it; who is a little late on a busy machine is late as people are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cli import elite_script as script
from cli.elite_doors import Doors
from cli.elite_script import CHAIR, HALF, MANAGER, MEMBERS, PARTS, Part
from program.calendar import at_hour
from program.clock import ProgramClock
from program.edition import LATEST
from program.rubric import read_sheet
from workflows.process import Snapshot

SEASON = f"elite:{HALF}"
_MORNING = 9


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one partner's nomination, and why."""

    part: Part
    state: str
    tier: str
    why: str

    @property
    def as_expected(self) -> bool:
        """Whether it ended as the script says."""
        return self.state == self.part.expected and self.tier == self.part.tier


@dataclass(slots=True)
class EliteSeason:
    """One performance; `moved` is told what happens, for showing."""

    doors: Doors
    clock: ProgramClock
    task_queue: str
    moved: Callable[[str], None] = lambda _text: None

    async def play(self) -> list[Ended]:
        """Play the season from before January until after the grant date."""
        await asyncio.gather(*(self._enter(number, part) for number, part in enumerate(PARTS, 1)))
        await self._until(script.SEASON_BEGINS)
        # What the daily schedule does at a speed of 1; a schedule knows real time only.
        await self.doors.client.execute_workflow("opening", id="opening-of-the-demo", task_queue=self.task_queue)
        self.moved(f"the season {HALF} begins")
        await self._until(script.COMMITTEE_IS_SEATED)
        for member in MEMBERS:
            await self.doors.staff(SEASON, "add_member", f"{CHAIR}: member={member} a seat on the committee")
        self.moved("the chair has seated the committee")
        await asyncio.gather(self._january(), self._february(), *(self._nomination(part) for part in PARTS))
        await self._confirm()
        await self._until(script.ALL_IS_TOLD)
        return await asyncio.gather(*(self._look(part) for part in PARTS))

    # -- before the season ---------------------------------------------------------------------------------------------

    async def _enter(self, number: int, part: Part) -> None:
        since = part.elite_since or date(2024, 5, 6)
        await self.doors.enter(
            part.id, name=part.name, contact_name="Partner desk", contact_email=f"desk@{part.id}.example",
            manager_address=MANAGER, country="US", track="master", tier="elite" if part.elite_since else "platinum",
            joined_at=at_hour(since, 0).isoformat(),
        )  # fmt: skip
        for count, fact in enumerate(_facts(part)):
            await self.doors.fact(part.id, count, fact)
        referred, managed = f"Ref{number:03}", f"Man{number:03}"
        await asyncio.gather(self.doors.refer(part.id, referred), self.doors.manage(part.id, managed))
        factor = 1 if part.meets_mrr == "from the start" else 0.6
        await self.doors.mrr(
            date(2026, 11, 1), (referred, int(20_500 * factor), 1_500), (managed, int(21_000 * factor), 900)
        )
        self.moved(f"{part.name} is a partner with its accounts")

    # -- the season ----------------------------------------------------------------------------------------------------

    async def _january(self) -> None:
        await self._until(script.MRR_OF_DECEMBER)
        for number, part in enumerate(PARTS, 1):
            if part.meets_mrr == "in January":
                lines = (f"Ref{number:03}", 21_500, 1_500), (f"Man{number:03}", 22_000, 900)
                await self.doors.mrr(date(2026, 12, 1), *lines)
                self.moved(f"{part.name} has come to meet the thresholds")

    async def _february(self) -> None:
        await self._until(script.NOMINATIONS_ARE_EXTENDED)
        await self.doors.staff(SEASON, "extend", f"{CHAIR}: phase=nominations days=2 a manager is ill")
        self.moved("the chair extends the nominations by two days")

    async def _nomination(self, part: Part) -> None:
        await self._until(script.MANAGERS_ANSWER)
        process = f"nomination:{HALF}:{part.id}"
        why = "grows by half every year, and teaches others"
        if part.answer == "page":
            links = f"https://{part.id}.example/case-study"
            await self.doors.form(process.partition(":")[2], "nominate", by=MANAGER, case=why, links=links)
        elif part.answer == "web ui":
            await self.doors.staff(process, "nominate", f"{MANAGER}: {why}")
        self.moved(f"{part.name}: the manager {'says nothing' if part.answer == 'silence' else 'nominates'}")
        if part.leaves:
            await self._until(script.A_PARTNER_LEAVES)
            await self.doors.staff(f"partner:{part.id}", "end_partnership", f"{MANAGER}: it has ended the agreement")
            self.moved(f"{part.name} leaves the program")
        if part.sheets:
            await self._until(script.MEMBERS_SCORE)
            await self._score(part, process)

    async def _score(self, part: Part, process: str) -> None:
        for number, (member, sheet) in enumerate(zip(MEMBERS, part.sheets, strict=True)):
            if not sheet:
                await self.doors.staff(process, "recuse", f"{member}: a relative works there")
            elif number == 0:
                nomination = process.partition(":")[2]
                await self.doors.form(nomination, "score", by=member, **_filled(sheet))
            else:
                await self.doors.staff(process, "score", f"{member} {sheet}")
            self.moved(f"{part.name}: {member} {'scores' if sheet else 'takes no part'}")

    async def _confirm(self) -> None:
        await self._until(script.CHAIR_CONFIRMS)
        for part in PARTS:
            if part.exception:
                said = f"{CHAIR}: partner={part.id} selected=yes {part.exception}"
                await self.doors.staff(SEASON, "choose", said)
        await self.doors.staff(SEASON, "confirm", f"{CHAIR}: as discussed in the committee")
        self.moved("the chair confirms the selection as a whole")

    # -- afterwards ----------------------------------------------------------------------------------------------------

    async def _look(self, part: Part) -> Ended:
        """How it has ended, as soon as what ended it has been carried out."""
        ended = await self._stands(part)
        for _ in range(40):
            if ended.as_expected:
                break
            await asyncio.sleep(0.25)
            ended = await self._stands(part)
        return ended

    async def _stands(self, part: Part) -> Ended:
        handle = self.doors.client.get_workflow_handle(f"nomination:{HALF}:{part.id}")
        found: Snapshot = await handle.query("snapshot", result_type=Snapshot)
        answer = await self.doors.api.get(f"/v1/partners/{part.id}")
        tier = answer.json()["tier"] if answer.is_success and answer.json().get("active", True) else ""
        data, facts = found.data, found.projection.facts
        why = [
            data.get("exception"), data.get("why_ended"), facts.get("as it stands"),
            f"misses {data['missing']}" if data.get("missing") else None,
        ]  # fmt: skip
        if part.expected == "declined":
            why.append(data.get("why"))
        if part.expected == "not_reviewed":
            why.append(f"{len(data['sheets'])} members scored, {LATEST.elite.rubric.quorum} needed")
        return Ended(part, data.get("outcome") or data["state"], tier, "; ".join(each for each in why if each))

    async def _until(self, day: date) -> None:
        left = self.clock.real_delay(at_hour(day, _MORNING) - self.doors.now())
        await asyncio.sleep(max(0.0, left / timedelta(seconds=1)))


def _facts(part: Part) -> list[dict[str, object]]:
    """What elite asks besides MRR."""
    people = [f"{part.id}-e1", f"{part.id}-e2"]
    published: list[dict[str, object]] = [{"kind": "case_study"}]
    return [
        {"kind": "team", "people": people},
        *({"kind": "certification", "course": each, "person": people[0], "percent": 90} for each in script.COURSES),
        {"kind": "website", "evidence": ["badge"]},
        {"kind": "services", "services": ["strategic_guidance"]},
        {"kind": "health_score", "score": 80},
        {"kind": "report_card", "percent": 12},
        *(published if part.has_case_study else []),
    ]


def _filled(sheet: str) -> dict[str, str]:
    """The rubric's form as a member fills it in."""
    areas = read_sheet(LATEST.elite.rubric, sheet)
    return {f"{area}-{number}": str(score) for area, scores in areas.items() for number, score in enumerate(scores)}


def starts_at() -> datetime:
    """When the program's clock begins: some days before the season, in which the stack comes up."""
    return at_hour(script.SEASON_BEGINS - timedelta(days=25), _MORNING)
