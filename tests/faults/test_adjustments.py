"""A half-year's adjustment with worker or server gone at each of its steps: it ends as one without mishaps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from program.calendar import Half
from program.clock import REAL_TIME, ProgramClock
from program.edition import Tier, Track, edition
from program.fact_kinds import Website
from records.adjusting import movers
from records.database import reading
from records.entering import enter_partner
from records.openings import open_due
from records.parked import how_many_parked
from records.partner_told import take_partner_fact
from records.partners import Partner
from records.standing import history_of_standing
from records.tables import audit, outbox, processes
from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from tests.faults.among_faults import gone, passes, say
from tests.faults.lives import PATIENCE
from tests.faults.test_away import Away, booted, house
from tests.records.telling import certify, refer, tell
from tests.workflows.conftest import eventually
from workflows.doors import start_process

__all__ = ["house"]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]

BY = "manager@vendor.example"
# What each holds of gold: dollars of MRR a month, and whether the website shows the vendor.
HAVE = {"elbe": (300, True), "havel": (300, True), "saale": (2_600, True), "spree": (2_600, False)}
FAR = Half(2040, 1)


def enter(engine: Engine, now: datetime) -> None:
    """Four that hold gold: one falls, one is held, one has what it needs, and one gets it once the list is made."""
    before = now - timedelta(days=90)
    for name, (dollars, website) in HAVE.items():
        partner = Partner(
            id=name, name=f"{name.title()} Commerce", contact_name="Contact", contact_email=f"contact@{name}.example",
            manager_address=BY, country="US", track=Track.ADVISOR, tier=Tier.GOLD, joined_at=before,
        )  # fmt: skip
        enter_partner(engine, partner, edition="2022", now=now)
        certify(engine, name, at=before)
        refer(engine, name, dollars, paid=before)
        if website:
            tell(engine, name, "website", at=before, evidence=["badge"])


def website_of_spree(engine: Engine, now: datetime) -> None:
    """The fact that comes between the list and the adjustment."""
    shown = Website(kind="website", evidence=("badge",))
    take_partner_fact(engine, source="crm", fact_id="shown", partner_id="spree", said=shown, at=now, now=now)


def rows_of(engine: Engine, process: str) -> list[Any]:
    """What happened in a process, in order."""
    wanted = select(audit).where(audit.c.process == process).order_by(audit.c.number, audit.c.index)
    with reading(engine) as connection:
        rows = list(connection.execute(wanted))
    assert len({row.chain for row in rows}) <= 1, "begun twice"
    return rows


def outcome(engine: Engine, half: Half, names: dict[datetime, str]) -> dict[str, Any]:
    """Everything that remains, without moments of handling; instants by their names."""
    with reading(engine) as connection:
        posted = connection.execute(select(outbox)).all()
    found: dict[str, Any] = {
        name: [(row.trigger, row.dest) for row in rows_of(engine, f"partner:{name}")] for name in HAVE
    }
    found["held"] = {
        name: [
            (f"{each.track} {each.tier}", names.get(each.since, str(each.since)))
            for each in history_of_standing(engine, name)
        ]
        for name in HAVE
    }
    found["list"] = [(each.partner_id, each.becomes, each.outcome, each.became) for each in movers(engine, str(half))]
    found["mails"] = sorted(
        (row.template, row.to, row.process.rpartition(":")[2], row.status)
        for row in posted
        if row.kind == "mail" and row.process.startswith(("partner:", "adjustment:"))
    )
    found["told"] = sorted(
        (row.signal, row.target, row.status) for row in posted if row.signal in ("adjust", "adopt_edition")
    )
    return found


FALLS = [("begin", "member"), ("endanger", "at_risk"), ("adjust", "member")]
WARNED = [("tier_at_risk", "partner", name, "sent") for name in ("elbe", "havel", "spree")]


def expected(half: Half, *more: tuple[str, str, str, str], spree: str) -> dict[str, Any]:
    """What remains, however it is disturbed and whenever it runs; `spree` is what becomes of that partner."""
    mails = [
        ("adjustment_listed", "staff:manager", str(half), "sent"),
        ("adjustment_ran", "staff:manager", str(half), "sent"),
        ("standing_changed", "manager", "elbe", "sent"),
        ("standing_changed", "partner", "elbe", "sent"),
        *more,
    ]
    stayed = [("advisor gold", "before")]
    return {
        "elbe": FALLS,
        "havel": FALLS[:2],
        "saale": FALLS[:1],
        "spree": [*FALLS[:2], ("facts_changed", "at_risk"), ("recover", "member")],
        "held": {"elbe": [("advisor silver", "adjusts"), *stayed], "havel": stayed, "saale": stayed, "spree": stayed},
        "list": [
            ("elbe", "advisor silver", "moved", "advisor silver"),
            ("havel", "advisor silver", "held", "advisor gold"),
            ("spree", "advisor silver", spree, "advisor gold"),
        ],
        "mails": sorted(mails),
        "told": [("adjust", "partner:elbe", "sent")],
    }


async def ended(house: Away, half: Half) -> None:
    """Wait until the adjustment is over, and everybody has done what it told them."""
    process = f"adjustment:{half}"

    def over() -> bool:
        with reading(house.engine) as connection:
            return connection.execute(select(processes.c.final).where(processes.c.process == process)).scalar() is True

    await eventually(lambda: asyncio.to_thread(over), seconds=PATIENCE)
    await eventually(house.at_rest, seconds=PATIENCE)


async def happens(house: Away, process: str, trigger: str) -> None:
    """Wait until it has happened in a process, and everything has left."""

    def happened() -> bool:
        return trigger in {row.trigger for row in rows_of(house.engine, process)} and house.nothing_waits()

    await eventually(lambda: asyncio.to_thread(happened), seconds=PATIENCE)


async def begun(house: Away) -> None:
    """Wait until every partner has a standing that has been looked at."""
    for name in HAVE:
        await happens(house, f"partner:{name}", "begin" if name == "saale" else "endanger")


def each_mail_once(house: Away, *, killed_amid: bool = False) -> None:
    """What a relay had handed over, and could not note any more when it was killed, the next one sends once more."""
    assert set(house.mail.received.values()) <= ({1, 2} if killed_amid else {1})
    assert how_many_parked(house.engine) == 0


@dataclass
class Disturbed:
    """An adjustment of half a minute, with something gone at each of its steps: over it, or in its midst."""

    house: Away
    what: str
    over: bool

    async def at(self, due: datetime) -> None:
        """A step that time does."""
        await passes(due, -1 if self.over else 0.1)
        async with gone(self.house, self.what):
            await passes(due, 1 if self.over else 0)

    async def staff(self, action: str, said: str) -> None:
        """A step that staff do; they repeat what is not answered."""
        saying = asyncio.create_task(say(self.house.client, f"adjustment:{FAR}", action, said))
        await asyncio.sleep(0.03)
        async with gone(self.house, self.what):
            await asyncio.sleep(0.5 if self.over else 0)
        await saying


@pytest.mark.parametrize(
    ("what", "over"),
    [("nothing", False), ("worker", True), ("worker", False), ("server", False)],
    ids=["undisturbed", "worker-over", "worker-amid", "server-amid"],
)
async def test_an_adjustment_ends_the_same_whatever_is_gone_at_its_steps(house: Away, what: str, over: bool) -> None:
    before = datetime.now(UTC)
    enter(house.engine, before)
    house.worker.start()
    await begun(house)
    began = datetime.now(UTC)
    # A worker that is killed needs some seconds to come back, and the server ten to give another one its task.
    turn = timedelta(seconds=8)
    if what != "nothing":
        turn = max(timedelta(seconds=25), began - before + timedelta(seconds=20))
    warning = began + timedelta(seconds=3)
    cut_off, adjusts = warning + turn, warning + 3 * turn
    made = Adjustment.of(str(FAR), began, edition_name="2022", lifecycle_version=ADJUSTMENT.version)
    data = made.model_copy(update={"warnings": (warning,), "cut_off_at": cut_off, "adjusts_at": adjusts})
    process = f"adjustment:{FAR}"
    await start_process(house.client, ADJUSTMENT, data, clock=REAL_TIME, workflow_id=process)
    disturbed = Disturbed(house, what, over)

    await disturbed.at(warning)
    await happens(house, process, "warned")  # after the cut-off nobody would be warned any more
    await disturbed.at(cut_off)
    await disturbed.staff("hold", f"{BY}: partner=havel pays late")
    await happens(house, process, "frozen")
    await asyncio.to_thread(website_of_spree, house.engine, datetime.now(UTC))
    await disturbed.staff("release", f"{BY}: read")
    assert datetime.now(UTC) < adjusts - timedelta(seconds=1), "this machine is too slow for these turns"
    await disturbed.at(adjusts)

    await ended(house, FAR)
    # As far as days go it is the day of the cut-off still: what comes late counts as well.
    names = {adjusts: "adjusts", before - timedelta(days=90): "before"}
    assert outcome(house.engine, FAR, names) == expected(FAR, *WARNED, spree="kept")
    steps = {row.trigger: row for row in rows_of(house.engine, process)}
    assert [steps[name].at for name in ("warn", "freeze", "run")] == [warning, cut_off, adjusts]
    assert sorted(steps) == ["begin", "freeze", "frozen", "hold", "ran", "release", "run", "warn", "warned"]
    each_mail_once(house, killed_amid=what == "worker" and not over)


async def test_it_runs_a_day_late_begun_by_its_schedule_and_by_hand_at_once(house: Away) -> None:
    """Nobody works over the day on which it runs by itself. What comes on that day is too late for it."""
    half, rules = Half(2027, 1), edition("2022").moves
    adjusts = rules.adjustment(half)
    # A day takes ten seconds, or more where a worker takes long to boot. The list is made in the first of them, and
    # nobody releases it.
    day = max(10.0, 1.5 * await booted(house))
    clock = ProgramClock(origin=datetime.now(UTC), starts=adjusts - timedelta(days=4), speed=86_400 / day)

    def now() -> datetime:
        return clock.program(datetime.now(UTC))

    async def passes_to(instant: datetime) -> None:
        await asyncio.sleep(max(0.0, (instant - now()).total_seconds() / clock.speed))

    before = rules.cut_off(half) - timedelta(days=30)
    enter(house.engine, before)
    house.worker.variables["PARTNERFLOW_CLOCK"] = clock.text()
    house.worker.start()
    process = f"adjustment:{half}"
    data = Adjustment.of(str(half), now(), edition_name="2022", lifecycle_version=ADJUSTMENT.version)
    await begun(house)
    await asyncio.gather(
        *(asyncio.to_thread(open_due, house.engine, edition_name="2022", now=now()) for _ in range(2)),
        *(start_process(house.client, ADJUSTMENT, data, clock=clock, workflow_id=process) for _ in range(2)),
    )
    await say(house.client, process, "hold", f"{BY}: partner=havel pays late")
    await asyncio.to_thread(website_of_spree, house.engine, now())
    await happens(house, "partner:spree", "recover")
    await happens(house, process, "frozen")
    house.worker.kill()
    assert now() < adjusts, "the machine was too slow for this clock"
    await passes_to(adjusts + timedelta(hours=6))
    tell(house.engine, "spree", "website", at=now(), evidence=[])
    await passes_to(adjusts + timedelta(hours=30))
    house.worker.start()
    await ended(house, half)

    names = {adjusts: "adjusts", before - timedelta(days=90): "before"}
    assert outcome(house.engine, half, names) == expected(half, spree="recovered")
    steps = {row.trigger: row for row in rows_of(house.engine, process)}
    assert steps["run"].at == adjusts
    assert steps["run"].handled_at >= adjusts + timedelta(hours=30)
    assert steps["run"].source == "listed", "nobody has released it"
    each_mail_once(house)
