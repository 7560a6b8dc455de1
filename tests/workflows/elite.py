"""An elite season on a server: partners with their facts, the season's process, and what people say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from temporalio.client import WorkflowHandle

from program.calendar import Half
from program.clock import ProgramClock
from program.edition import Tier, Track
from records.entering import enter_partner
from records.partners import Partner
from records.tables import audit, jobs, outbox, partners, processes, tier_intervals
from states.season import SEASON
from states.season_data import Season
from tests.records.telling import manage, refer, tell
from tests.workflows.conftest import Desk, eventually

Handle = WorkflowHandle[Any, Any]
MANAGER, CHAIR = "manager@vendor.example", "chair@vendor.example"
MEMBERS = tuple(f"member{number}@vendor.example" for number in range(1, 4))
GOOD, POOR = "L44 O44444 P44444 C4 M4444 R4", "L22 O22222 P22222 C2 M2222 R2"
FIRST = Half(2027, 1)
START = datetime(2026, 12, 28, 15, tzinfo=UTC)
COURSES = ("partner", "product", "sales", "sms", "sms_strategy")


def clock_at(start: datetime = START) -> ProgramClock:
    """Real time, moved so that it is `start` now."""
    return ProgramClock(origin=datetime.now(UTC), starts=start)


def a_partner(
    engine: Engine, name: str, now: datetime, *, tier: Tier = Tier.PLATINUM, since: datetime | None = None
) -> None:
    """A master of that tier, with its manager."""
    entered = Partner(
        id=name, name=f"{name.title()} Commerce", contact_name="Contact", contact_email=f"contact@{name}.example",
        manager_address=MANAGER, country="US", track=Track.MASTER, tier=tier,
        joined_at=since or now - timedelta(days=900),
    )  # fmt: skip
    enter_partner(engine, entered, edition="2022", now=now)


def worthy(engine: Engine, name: str, now: datetime, *, case_study: bool = True) -> None:
    """Facts that meet everything that elite asks, or all but the case study."""
    at = now - timedelta(days=60)
    refer(engine, name, 20_500, 1_500, paid=at)
    manage(engine, name, 21_000, 500, since=at)
    people = ["p1", "p2"]
    tell(engine, name, "team", at=at, people=people)
    for course in COURSES:
        tell(engine, name, "certification", at=at, course=course, person="p1", percent="90")
    tell(engine, name, "website", at=at, evidence=["badge"])
    tell(engine, name, "services", at=at, services=["strategic_guidance"])
    tell(engine, name, "health_score", at=at, score="80")
    tell(engine, name, "report_card", at=at, percent="12")
    if case_study:
        tell(engine, name, "case_study", at=at)


async def season_begins(
    desk: Desk, half: Half = FIRST, *, roster: tuple[str, ...] = MEMBERS, continue_after: int | None = None
) -> Handle:
    """Start the season's process, as its schedule does."""
    data = Season.of(
        half, await desk.server_now(), edition_name="2022", lifecycle_version=SEASON.version, roster=roster
    )
    return await desk.start(SEASON, data, f"elite:{half}", continue_after)


async def in_records(engine: Engine, ask: Callable[[Engine], Any], *, seconds: float = 30) -> Any:
    """The first true answer of the records (real time)."""

    def asked() -> Coroutine[Any, Any, Any]:
        return asyncio.to_thread(ask, engine)

    return await eventually(asked, seconds=seconds)


def states_of(engine: Engine, kind: str) -> dict[str, str]:
    """By partner (or season): the state of each process of a kind, once nothing waits to leave or to be looked at."""
    with engine.connect() as database:
        if database.execute(select(outbox.c.id).where(outbox.c.status == "waiting", outbox.c.kind == "signal")).first():
            return {}
        if database.execute(select(jobs.c.id).where(jobs.c.finished_at.is_(None))).first():
            return {}
        rows = database.execute(select(processes).where(processes.c.kind == kind))
        return {row.partner_id or row.subject: row.state for row in rows}


async def stand(desk: Desk, kind: str = "nomination", **expected: str) -> None:
    """Wait until the processes of a kind are recorded in these states, and nothing is under way."""
    await in_records(desk.engine, lambda engine: states_of(engine, kind) == expected or None)


def steps_of(engine: Engine, process: str, trigger: str) -> list[datetime]:
    """When a process took the steps of a trigger, as recorded."""
    with engine.connect() as database:
        found = (
            select(audit.c.at).where(audit.c.process == process, audit.c.trigger == trigger).order_by(audit.c.number)
        )
        return list(database.execute(found).scalars())


def mails_of(engine: Engine, template: str) -> list[str]:
    """To whom mails of a template were posted, in order."""
    with engine.connect() as database:
        return list(
            database.execute(select(outbox.c.to).where(outbox.c.template == template).order_by(outbox.c.id)).scalars()
        )


def elite_since(engine: Engine, name: str) -> list[tuple[datetime, datetime | None]]:
    """The intervals in which a partner was elite."""
    wanted = (
        select(tier_intervals)
        .where(tier_intervals.c.partner_id == name, tier_intervals.c.tier == "elite")
        .order_by(tier_intervals.c["from"])
    )
    with engine.connect() as database:
        return [(row["from"], row["to"]) for row in database.execute(wanted).mappings()]


def tier_of(engine: Engine, name: str) -> str:
    """The tier that a partner holds by the records."""
    with engine.connect() as database:
        return str(database.execute(select(partners.c.tier).where(partners.c.id == name)).scalar_one())


async def score_all(desk: Desk, nomination: Handle, sheet: str, *, members: tuple[str, ...] = MEMBERS) -> None:
    """Every member scores, as they type it in the Web UI."""
    for member in members:
        answer = await nomination.execute_update("score", f"{member} {sheet}")
        assert answer.startswith("Done: "), desk
