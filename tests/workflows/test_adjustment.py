"""A half-year's adjustment on a real server: frozen, listed, decided, run, and nobody moved twice."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from temporalio.client import WorkflowHandle

from program.calendar import Half
from program.clock import ProgramClock
from program.edition import edition
from records import looking
from records.adjusting import movers
from records.mailbox import delivered_mails
from records.openings import open_due
from records.standing import history_of_standing
from records.tables import audit, jobs, outbox
from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from states.staff import StaffList
from tests.records.telling import certify, manage, pay, refer, tell
from tests.records.test_adjusting import members
from tests.workflows.conftest import Desk, Server, eventually
from tests.workflows.partners import entered, standing_begins
from workflows.doors import start_process
from workflows.process import Snapshot

HALF = Half(2027, 1)
RULES = edition("2022").moves
CUT_OFF, ADJUSTS = RULES.cut_off(HALF), RULES.adjustment(HALF)
BY = "manager@vendor.example"

# All that the history of an adjustment has that begins late and runs unreleased; 5,000 would be too many.
EVENTS = 18

DeskAt = Callable[[datetime], Any]


@pytest.fixture
def desk_at(server: Server, engine: Engine, staff: StaffList) -> DeskAt:
    """A desk whose program time is an instant of 2027 now; it runs at real speed."""

    async def at(instant: datetime) -> Desk:
        clock = ProgramClock(origin=datetime.now(UTC), starts=instant)
        return Desk(await server.client(), engine, clock, staff)

    return at


async def adjustment_begins(
    desk: Desk, called: str, *, adjusts_at: datetime = ADJUSTS, warnings: tuple[datetime, ...] | None = None
) -> WorkflowHandle[Any, Any]:
    """The process of the half-year, under a name of its own: many tests share the server."""
    begun = Adjustment.of(str(HALF), desk.now(), edition_name="2022", lifecycle_version=ADJUSTMENT.version)
    when = {"adjusts_at": adjusts_at} if warnings is None else {"adjusts_at": adjusts_at, "warnings": warnings}
    data = begun.model_copy(update=when)
    await start_process(desk.client, ADJUSTMENT, data, clock=desk.clock, workflow_id=called, task_queue=desk.queue)
    return desk.client.get_workflow_handle(called)


async def a_member(desk: Desk, track: str, tier: str, referred: int, managed: int = 0, *, name: str = "") -> str:
    """A partner with facts of last year, whose standing has a process that has looked at them."""
    name = entered(desk, track, tier, name=name)
    before = CUT_OFF - timedelta(days=90)
    certify(desk.engine, name, at=before)
    tell(desk.engine, name, "website", at=before, evidence=["badge"])
    tell(desk.engine, name, "services", at=before, services=["implementation"])
    if referred:
        refer(desk.engine, name, referred, paid=before)
    if managed:
        manage(desk.engine, name, managed, since=before)
    handle = await standing_begins(desk, name, track, tier)
    await desk.until(handle, lambda now: now.data["evaluated_at"] is not None and not now.waiting)
    return name


def stands(desk: Desk, name: str) -> str:
    newest = history_of_standing(desk.engine, name)[0]
    return f"{newest.track} {newest.tier}"


async def done(desk: Desk, handle: WorkflowHandle[Any, Any], *, seconds: float = 40) -> dict[str, Any]:
    result: dict[str, Any] = await asyncio.wait_for(handle.result(), seconds)
    return result


async def settled(desk: Desk, name: str, standing: str) -> Snapshot:
    handle = desk.client.get_workflow_handle(f"partner:{name}")
    return await desk.until(
        handle, lambda now: f"{now.data['track']} {now.data['tier']}" == standing and not now.waiting
    )


@pytest.mark.timeout(200)
async def test_who_falls_falls_straight_and_who_is_held_stays(desk_at: DeskAt) -> None:
    desk: Desk = await desk_at(ADJUSTS - timedelta(hours=1))
    begun = desk.now()
    async with desk.working():
        keeps = await a_member(desk, "advisor", "gold", 2_600)
        falls = await a_member(desk, "advisor", "platinum", 300)
        lost = await a_member(desk, "master", "gold", 2_600)
        held = await a_member(desk, "advisor", "platinum", 300)
        corrected = await a_member(desk, "advisor", "platinum", 300)
        recovered = await a_member(desk, "advisor", "gold", 0)
        refer(desk.engine, recovered, 2_700, paid=CUT_OFF + timedelta(hours=30))

        # Its day comes once everybody is there and staff have decided, however long a busy machine takes for that.
        adjusts_at = desk.now() + max(timedelta(seconds=10), 2 * (desk.now() - begun))
        handle = await adjustment_begins(desk, f"adjustment-of-{keeps}", adjusts_at=adjusts_at)
        await desk.until(handle, lambda now: now.data["state"] == "listed")
        assert [each.partner_id for each in movers(desk.engine, str(HALF))] == sorted(
            [falls, lost, held, corrected, recovered]
        )
        await desk.until(handle, lambda now: len(now.data["movers"]) == 5)
        card = await desk.card(handle)
        assert "**To decide:** Is the list below right? Of 6 partners 5 would move on 2027-03-31" in card
        assert f"{falls}: advisor platinum → advisor silver; misses" in card
        await handle.execute_update("hold", {"by": BY, "partner": held, "reason": "pays late"})
        await handle.execute_update("hold", {"by": BY, "partner": "nobody-here", "reason": "mistyped"})
        await desk.until(handle, lambda now: now.data["strangers"] == ["nobody-here"])
        await handle.execute_update("let_go", {"by": BY, "partner": "nobody-here", "reason": "mistyped"})
        await desk.until(handle, lambda now: now.data["strangers"] == [])
        await handle.execute_update(
            "correct", {"by": BY, "partner": corrected, "track": "advisor", "tier": "gold", "reason": "came late"}
        )
        assert (await handle.execute_update("release", f"{BY}: read")).startswith("Done: released.")
        assert await done(desk, handle, seconds=120) == {"state": "done", "outcome": "adjusted"}

        card = await desk.card(handle)
        for line in (
            f"{falls}: advisor platinum → advisor silver",
            f"{held}: advisor platinum → advisor platinum",
            f"{corrected}: advisor platinum → advisor gold",
        ):
            assert line in card
        for outcome in ("moved", "held", "corrected", "recovered"):
            assert f"&#40;{outcome}&#41;" in card
        await settled(desk, falls, "advisor silver")
        await settled(desk, lost, "advisor gold")
        await settled(desk, corrected, "advisor gold")
    assert [stands(desk, name) for name in (keeps, held, recovered)] == [
        "advisor gold", "advisor platinum", "advisor gold",
    ]  # fmt: skip
    outcomes = {each.partner_id: each.outcome for each in movers(desk.engine, str(HALF))}
    assert outcomes == {
        falls: "moved", lost: "moved", held: "held", corrected: "corrected", recovered: "recovered",
    }  # fmt: skip
    newest = history_of_standing(desk.engine, falls)[0]
    assert newest.since == adjusts_at
    assert newest.why.startswith("Adjustment of 2027-H1: advisor platinum misses $9,700 MRR referred.")


async def test_it_runs_on_its_day_without_release_and_says_so(desk_at: DeskAt) -> None:
    desk: Desk = await desk_at(ADJUSTS + timedelta(hours=20))
    async with desk.working():
        falls = await a_member(desk, "advisor", "gold", 300)
        # Twice at the same moment, under two names, and once more when they are over: nobody is moved twice.
        names = [f"adjustment-{each}-{falls}" for each in ("late", "late", "by-hand")]
        handles = await asyncio.gather(*(adjustment_begins(desk, name) for name in names))
        await asyncio.gather(*(done(desk, handle) for handle in handles))
        await settled(desk, falls, "advisor silver")
        assert "no, it ran on the day anyway" in await desk.card(handles[0])
        await done(desk, await adjustment_begins(desk, f"adjustment-again-{falls}"))
    with desk.engine.connect() as database:
        moved = select(audit.c.trigger).where(audit.c.process == f"partner:{falls}", audit.c.trigger == "adjust")
        assert len(database.execute(moved).all()) == 1
        told = select(outbox.c.to).where(outbox.c.template == "standing_changed").order_by(outbox.c.id)
        assert database.execute(told).scalars().all() == ["partner", "manager"]


@pytest.mark.parametrize(("at_once", "pages"), [(1_000, 1), (2, 4)])
async def test_pages_add_no_event_to_its_history(
    desk_at: DeskAt, monkeypatch: pytest.MonkeyPatch, at_once: int, pages: int
) -> None:
    """However many pages there are: twenty thousand partners are as many events as seven."""
    monkeypatch.setattr(looking, "PARTNERS_AT_ONCE", at_once)
    monkeypatch.setattr(looking, "_PAGE", looking._PAGE.limit(at_once))
    desk: Desk = await desk_at(ADJUSTS + timedelta(hours=20))
    members(desk.engine, 7)
    async with desk.working():
        handle = await adjustment_begins(desk, f"adjustment-{uuid.uuid4().hex[:8]}")
        await done(desk, handle)
    with desk.engine.connect() as database:
        done_by = {row.kind: row for row in database.execute(select(jobs))}
        told = select(outbox.c.signal).where(outbox.c.target == handle.id).order_by(outbox.c.id)
        assert database.execute(told).scalars().all() == ["frozen", "ran"]
    assert {kind: row.pages for kind, row in done_by.items()} == {"freeze_facts": pages, "run_adjustment": pages}
    assert done_by["run_adjustment"].result["moves"] == 7
    assert len((await handle.fetch_history()).events) == EVENTS


async def test_partners_at_risk_are_warned_on_todays_state(desk_at: DeskAt) -> None:
    desk: Desk = await desk_at(CUT_OFF - timedelta(days=7))
    async with desk.working():
        at_risk = await a_member(desk, "advisor", "gold", 300)
        await a_member(desk, "advisor", "silver", 300)
        # Begun twice, it warns once.
        warnings = (desk.now() + timedelta(seconds=2),)
        names = [f"adjustment-{name}-{at_risk}" for name in ("warns", "by-hand")]
        handles = [await adjustment_begins(desk, name, warnings=warnings) for name in names]
        for handle in handles:
            await desk.until(handle, lambda now: now.data["warned"] == 1)
    with desk.engine.connect() as database:
        mails = database.execute(select(outbox).where(outbox.c.template == "tier_at_risk")).mappings().all()
    assert [(mail["process"], mail["about"]["missing"]) for mail in mails] == [
        (f"partner:{at_risk}", "$2,200 MRR referred")
    ]


@pytest.mark.timeout(200)
async def test_two_warnings_on_a_fast_clock_and_who_recovers_gets_no_second(
    server: Server, engine: Engine, staff: StaffList
) -> None:
    begins = CUT_OFF - timedelta(days=31)
    arrived = datetime.now(UTC)
    desk = Desk(await server.client(), engine, ProgramClock(origin=arrived, starts=begins), staff)

    def warned() -> dict[str, int]:
        with engine.connect() as database:
            left = select(outbox.c.process).where(outbox.c.template == "tier_at_risk", outbox.c.status == "sent")
            return Counter(process.removeprefix("partner:") for process in database.execute(left).scalars())

    async def until(expected: dict[str, int]) -> None:
        async def are() -> bool:
            return await asyncio.to_thread(warned) == expected

        await eventually(are, seconds=90)

    async with desk.working():
        stays = await a_member(desk, "advisor", "gold", 300)
        recovers = await a_member(desk, "advisor", "gold", 300)
        later = await a_member(desk, "advisor", "gold", 0)
        account = refer(engine, later, 2_600, paid=CUT_OFF - timedelta(days=90))
        # The two warnings are 24 seconds apart, or more where this machine took long for what came before.
        apart = max(timedelta(seconds=24), 3 * (datetime.now(UTC) - arrived))
        desk.clock = ProgramClock(origin=datetime.now(UTC), starts=begins, speed=timedelta(days=23) / apart)
        await adjustment_begins(desk, f"adjustment-warns-twice-{stays}")
        await until({stays: 1, recovers: 1})
        refer(engine, recovers, 2_300, paid=begins)
        pay(engine, account, 100, at=begins)
        await until({stays: 2, recovers: 1, later: 1})
    texts = [mail.text for mail in delivered_mails(engine) if "at risk" in mail.subject]
    assert sum("Missing: $2,200 MRR referred." in text for text in texts) == 3
    assert sum("Missing: $2,400 MRR referred." in text for text in texts) == 1


def test_the_calendar_begins_it_once(engine: Engine) -> None:
    opens = CUT_OFF - timedelta(days=35)
    assert open_due(engine, edition_name="2022", now=opens - timedelta(seconds=1)) == []
    assert open_due(engine, edition_name="2022", now=opens) == ["adjustment:2027-H1"]
    assert open_due(engine, edition_name="2022", now=ADJUSTS + timedelta(days=2)) == ["adjustment:2027-H1"]
    assert open_due(engine, edition_name="2022", now=ADJUSTS + timedelta(days=4)) == []
    with engine.connect() as database:
        rows = database.execute(select(outbox.c.target, outbox.c.signal)).all()
    assert [tuple(row) for row in rows] == [("adjustment:2027-H1", "begin")]
