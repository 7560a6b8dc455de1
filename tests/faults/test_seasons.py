"""Worker, server, database or mail server gone at every phase change of a season: it ends as one without mishaps."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from program.calendar import Half
from program.clock import REAL_TIME
from program.season import Timetable
from records.database import reading
from records.parked import how_many_parked
from records.tables import audit, elite_years, outbox, processes
from states.season import SEASON
from states.season_data import Season
from tests.faults.among_faults import gone, passes, say
from tests.faults.lives import PATIENCE
from tests.faults.test_away import Away, house
from tests.workflows.conftest import eventually
from tests.workflows.elite import CHAIR, GOOD, MANAGER, MEMBERS, a_partner, elite_since, steps_of, tier_of, worthy
from workflows.doors import start_process

__all__ = ["house"]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]

HALF = "2040-H1"
NAMES = ("elbe", "saale", "spree")
PHASES = ("review_opens", "nominations_open", "committee_opens", "scoring_closes", "grant")


def a_short_season(opens: datetime, boots: timedelta) -> Timetable:
    """A good minute, or more where a worker needs long to come back: people must have their turn in each phase."""
    turn = max(timedelta(seconds=25), boots + timedelta(seconds=20))
    nominations = opens + timedelta(seconds=6)
    committee, scored, grant = (nominations + number * turn for number in (1, 2, 3))
    return Timetable(
        review_opens=opens, review_closes=nominations, nominations_open=nominations, nominations_close=committee,
        committee_opens=committee, scoring_closes=scored, scoring_extended=scored + turn / 2,
        cut_off=committee + turn / 2, grant=grant,
    )  # fmt: skip


# Each step with the instant that counts: of the timetable, of the chair's word, or of handling.
OUTCOME: dict[str, Any] = {
    "season": [
        ("begin", "received", "planned", "at first"),
        ("open_review", "planned", "mrr_review", "review_opens"),
        ("open_nominations", "mrr_review", "nominations", "nominations_open"),
        ("open_committee", "nominations", "committee", "committee_opens"),
        ("close_scoring", "committee", "selection", "scoring_closes"),
        ("confirm", "selection", "confirmed", "when confirmed"),
        ("grant_date", "confirmed", "closed", "grant"),
    ],
    "elbe": [
        ("nominate", "to_nominate", "nominated", "when handled"),
        ("open_scoring", "nominated", "scoring", "committee_opens"),
        ("close_scoring", "scoring", "scored", "scoring_closes"),
        ("select", "scored", "selected", "when confirmed"),
        ("grant_date", "selected", "granted", "grant"),
    ],
    "saale": [
        ("nominate", "to_nominate", "nominated", "when handled"),
        ("open_scoring", "nominated", "scoring", "committee_opens"),
        ("close_scoring", "scoring", "scored", "scoring_closes"),
        ("turn_down", "scored", "turned_down", "when confirmed"),
        ("grant_date", "turned_down", "not_granted", "grant"),
    ],
    "spree": [
        ("decline", "to_nominate", "declined", "when handled"),
        ("settle", "declined", "closed", "scoring_closes"),
    ],
    "sheets": {"elbe": 3, "saale": 3, "spree": 0},
    "tiers": ["elite", "platinum", "platinum"],
    "elite since": [("grant", None)],
    "years": [("elbe", HALF)],
    "mails": [
        ("elite_granted", "manager", "elbe"), ("elite_granted", "partner", "elbe"),
        ("elite_not_granted", "manager", "saale"), ("elite_not_granted", "partner", "saale"),
        ("nomination_asked", "manager", "elbe"), ("nomination_asked", "manager", "saale"),
        ("nomination_asked", "manager", "spree"), ("season_list", "manager-of:elbe", HALF),
    ],
}  # fmt: skip


@dataclass
class SeasonLife:
    """A season of a minute, with what people do in it. Deeds are repeated until they are answered."""

    house: Away
    times: Timetable
    began: datetime

    async def nominate(self) -> None:
        for name in ("elbe", "saale"):
            await say(self.house.client, f"nomination:{HALF}:{name}", "nominate", f"{MANAGER}: grows by half")
        # Silence would count two minutes after nominations close, for what the portal has stamped in time.
        await say(self.house.client, f"nomination:{HALF}:spree", "decline", f"{MANAGER}: its founders leave")

    async def score(self) -> None:
        for name in ("elbe", "saale"):
            for member in MEMBERS:
                await say(self.house.client, f"nomination:{HALF}:{name}", "score", f"{member} {GOOD}")

    async def confirm(self) -> None:
        await say(self.house.client, f"elite:{HALF}", "confirm", f"{CHAIR}: as discussed")

    async def live(self, what: str) -> None:
        """The whole season, with something gone over the beginning of every phase."""
        deeds = {"nominations_open": self.nominate, "committee_opens": self.score, "scoring_closes": self.confirm}
        for phase in PHASES:
            due: datetime = getattr(self.times, phase)
            await passes(due, -1)
            async with gone(self.house, what):
                await passes(due, 1)
            if phase in deeds:
                await deeds[phase]()

    def stands(self) -> bool:
        """Whether everything is over."""
        with reading(self.house.engine) as connection:
            rows = connection.execute(select(processes.c.final).where(processes.c.kind.in_(("season", "nomination"))))
            over = [row.final for row in rows]
        return over == [True] * 4 and tier_of(self.house.engine, "elbe") == "elite"

    def outcome(self) -> dict[str, Any]:
        """What remains, without reports and looks, whose number a repetition may change."""
        engine = self.house.engine
        found: dict[str, Any] = {"season": self._steps(f"elite:{HALF}")}
        found |= {name: self._steps(f"nomination:{HALF}:{name}") for name in NAMES}
        with reading(engine) as connection:
            scored = connection.execute(select(audit.c.process).where(audit.c.trigger == "score")).scalars().all()
            years = connection.execute(select(elite_years.c.partner_id, elite_years.c.season)).all()
            posted = connection.execute(select(outbox).where(outbox.c.kind == "mail")).all()
        counted = Counter(scored)
        found["sheets"] = {name: counted[f"nomination:{HALF}:{name}"] for name in NAMES}
        found["tiers"] = [tier_of(engine, name) for name in NAMES]
        found["elite since"] = [(self._named(since, None), until) for since, until in elite_since(engine, "elbe")]
        found["years"] = [tuple(row) for row in years]
        found["mails"] = sorted(
            (row.template, row.to, row.process.rpartition(":")[2])
            for row in posted
            if row.process.startswith(("nomination:", "elite:")) or row.template == "elite_granted"
            if row.to.startswith(("partner", "manager")) and row.to != "manager-lead"
        )
        return found

    def _steps(self, process: str) -> list[tuple[str, str, str, str]]:
        wanted = select(audit).where(audit.c.process == process).order_by(audit.c.number, audit.c.index)
        with reading(self.house.engine) as connection:
            rows = connection.execute(wanted).all()
        assert len({row.chain for row in rows}) == 1
        return [
            (row.trigger, row.source, row.dest, self._named(row.at, row.handled_at))
            for row in rows
            if row.source != row.dest and (row.trigger != "begin" or process.startswith("elite:"))
        ]

    def _named(self, at: datetime, handled_at: datetime | None) -> str:
        names = [name for name in PHASES if getattr(self.times, name) == at]
        if names:
            return names[0]
        if at in steps_of(self.house.engine, f"elite:{HALF}", "confirm"):
            return "when confirmed"
        return "at first" if at == self.began else "when handled" if at == handled_at else at.isoformat()


@pytest.mark.parametrize("what", ["nothing", "worker", "server", "database", "mail"])
async def test_a_season_ends_the_same_whatever_is_gone_as_phases_change(house: Away, what: str) -> None:
    before = datetime.now(UTC)
    for name in NAMES:
        a_partner(house.engine, name, before)
        worthy(house.engine, name, before, case_study=name != "saale")
    house.worker.start()

    async def partners_begun() -> bool:
        with reading(house.engine) as connection:
            found = connection.execute(select(processes.c.process).where(processes.c.kind == "partner")).all()
        return len(found) == len(NAMES)

    await eventually(partners_begun, seconds=2 * PATIENCE)
    began = datetime.now(UTC)
    times = a_short_season(began + timedelta(seconds=3), boots=began - before)
    season = Season.of(Half(2040, 1), began, edition_name="2022", lifecycle_version=SEASON.version, roster=MEMBERS)
    begun = season.model_copy(update={"times": times})
    await start_process(house.client, SEASON, begun, clock=REAL_TIME, workflow_id=f"elite:{HALF}")
    life = SeasonLife(house, times, began)
    await life.live(what)

    async def all_over() -> bool:
        return await asyncio.to_thread(life.stands)

    await eventually(all_over, seconds=PATIENCE)
    await eventually(house.at_rest, seconds=PATIENCE)
    assert life.outcome() == OUTCOME
    assert how_many_parked(house.engine) == 0
    assert all(times_received == 1 for times_received in house.mail.received.values()), "each mail once"
