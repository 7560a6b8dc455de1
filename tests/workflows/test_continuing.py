"""Continuing as new, at any moment, loses nothing and repeats nothing: the same long life, cut in different ways."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Table, select
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from records.tables import audit, claims, outbox, processes, referrals
from rehearsal.clock import skip
from tests.workflows.conftest import ACCEPT, REJECT, Desk, database_held, runs_of

# After every single message: on the real server only, below. The test server now and then loses a run that is told
# something while it leaves; here messages come one by one.
CUTS = (None, 2, 3, 4, 5, 8)
# What the relay notes, which looks whenever it looks.
RELAYS = ("id", "sent_at", "lease_until", "status", "last_error", "attempts", "not_before")
REVIEWER = "reviewer@vendor.example"


@dataclass
class Life:
    """One lead with its way of being cut, and the holder before it."""

    cut: int | None
    holder: WorkflowHandle[Any, Any]
    lead: WorkflowHandle[Any, Any]


class Lives:
    """All of them together, on one clock, so that each step of the script is the same for each."""

    def __init__(self, desk: Desk, environment: WorkflowEnvironment) -> None:
        self.desk = desk
        self.environment = environment
        self.lives: list[Life] = []

    async def begin(self) -> None:
        at = await self.desk.server_now()
        for cut in CUTS:
            name = f"cut-{cut or 'never'}"
            holder = await self.desk.register(f"{name}-holder", partner="isar", domain=f"{name}.example", at=at)
            await self.desk.until(holder, lambda now: now.data["claim"] == "held")
            lead = await self.desk.register(
                name, domain=f"{name}.example", at=at + timedelta(seconds=1), continue_after=cut, self_closed=True
            )
            self.lives.append(Life(cut, holder, lead))

    async def signal(self, name: str, payload: Any = None) -> None:
        for life in self.lives:
            await life.lead.signal(name, payload)

    async def update(self, name: str, payload: Any) -> None:
        for life in self.lives:
            await life.lead.execute_update(name, payload)

    async def fact(self, name: str, message_id: str, *, by: str = "crm", times: int = 1) -> None:
        """Something that happened just now, told `times` times."""
        at = (await self.desk.server_now()).isoformat()
        for _ in range(times):
            await self.signal(name, {"id": message_id, "at": at, "by": by})
            await self.settle()

    async def until(self, **expected: Any) -> None:
        for life in self.lives:
            await self.desk.until(
                life.lead,
                lambda now: all(now.data[name] == value for name, value in expected.items()) and not now.waiting,
                seconds=45,
            )

        await self.settle()

    async def settle(self) -> None:
        for life in self.lives:
            await self.desk.settle(life.lead)

    async def refused(self, text: str) -> None:
        for life in self.lives:
            await self.desk.until(life.lead, lambda now: any(text in notice.text for notice in now.notices))
        await self.settle()

    async def days(self, days: int) -> None:
        """Skip so many days."""
        await skip(self.environment, timedelta(days=days))


async def live(lives: Lives) -> None:
    """A long life: in line, reviewed, reporting, renewed, an opportunity, won, paid; with mishaps in between."""
    await lives.until(state="in_line")
    for life in lives.lives:
        await life.holder.execute_update("reject", REJECT)
    await lives.until(state="in_review", claim="held")
    await lives.signal("accept", "nobody in particular")
    await lives.refused("Begin with who you are")
    await lives.signal("accept", ACCEPT)
    await lives.until(state="accepted", progress_asked=0)
    await lives.days(33)
    await lives.until(progress_asked=1)
    await lives.fact("report_progress", "p-1", by="partner", times=3)
    await lives.until(progress_asked=0)
    await lives.signal("no_such_thing", 1)
    await lives.refused("no_such_thing")
    await lives.fact("give_notice", "n-1", by="partner", times=2)
    await lives.until(state="renewal_asked")
    await lives.signal("renew", {"by": REVIEWER, "reason": "talks go on"})
    await lives.until(state="accepted", renewals=1)
    await lives.signal("renew", {"by": REVIEWER, "reason": "twice"})
    await lives.refused("«renew» can't be done now")
    await lives.fact("opportunity_opened", "c-1")
    await lives.until(state="opportunity")
    await lives.days(181)
    await lives.update("wait_longer", f"{REVIEWER}: they asked for time")
    await lives.settle()
    await lives.fact("report_progress", "p-1", by="partner")
    await lives.fact("opportunity_moved", "c-1")
    await lives.fact("opportunity_won", "c-2", times=2)
    await lives.until(state="won")
    await lives.fact("client_paid", "c-3")
    for life in lives.lives:
        assert (await life.lead.result())["outcome"] == "credited"


@pytest.mark.timeout(200)
async def test_a_life_is_the_same_however_it_is_cut(seasons: tuple[Desk, WorkflowEnvironment]) -> None:
    desk, environment = seasons
    lives = Lives(desk, environment)
    async with desk.working():
        await lives.begin()
        await live(lives)
        whole, *others = lives.lives
        kept = await traces(desk, whole)
        assert [row["trigger"] for row in kept["audit"]] == [
            "begin", "stand_in_line", "come_up", "accept", "ask_progress", "report_progress", "give_notice", "renew",
            "opportunity_opened", "ask_stalled", "wait_longer", "opportunity_won", "client_paid",
        ]  # fmt: skip
        for life in others:
            assert len(await runs_of(life.lead)) > 15 // (life.cut or 15)
            assert difference(await traces(desk, life), kept) == "", f"cut after {life.cut}"


async def traces(desk: Desk, life: Life) -> dict[str, Any]:
    """Everything that a life left behind, without what names the particular lead, run or commit."""
    own = (desk.engine, life.lead.id)
    snapshot = await desk.snapshot(life.lead)
    return {
        "audit": rows(*own, audit, "chain", "number", "index", "handled_at", "message_id"),
        "messages": [row["message_id"] for row in rows(*own, audit) if not row["message_id"].startswith("lead")],
        "mails": rows(*own, outbox, "key", "created_at", "message_id", *RELAYS),
        "processes": rows(*own, processes, "chain", "number", "updated_at"),
        "claims": rows(*own, claims),
        "referral": rows(*own, referrals, "credited_at"),
        "data": snapshot.data,
        "notices": [notice.model_dump(mode="json") for notice in snapshot.notices],
    }


def rows(engine: Engine, process: str, table: Table, *without: str) -> list[dict[str, Any]]:
    order = [table.c[name] for name in ("chain", "number", "index", "id") if name in table.c and table is not processes]
    if table is audit:
        order = [table.c.number, table.c["index"]]
    with engine.connect() as database:
        found = database.execute(select(table).where(table.c.process == process).order_by(*order)).mappings().all()
    return [{name: value for name, value in row.items() if name not in {"process", *without}} for row in found]


def difference(one: Any, other: Any, place: str = "") -> str:
    """Where two traces differ, or "". Names of leads don't count, and what people did may be minutes apart."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return next((d for key in one if (d := difference(one[key], other[key], f"{place}.{key}"))), "")
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next((d for index, (a, b) in pairs if (d := difference(a, b, f"{place}[{index}]"))), "")
    if one == other or ("cut-" in str(one) and "cut-" in str(other)):
        return ""
    try:
        apart = datetime.fromisoformat(str(one)) - datetime.fromisoformat(str(other))
    except ValueError:
        return f"{place}: {one!r} is not {other!r}"
    return "" if abs(apart) < timedelta(minutes=5) else f"{place}: {one!r} is not {other!r}"


@pytest.mark.parametrize("cut", [1, 2, 3, None])
async def test_what_waits_for_the_database_goes_with_it(desk: Desk, cut: int | None) -> None:
    async with desk.working():
        lead = await desk.register(continue_after=cut)
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        with database_held(desk.engine):
            await lead.execute_update("accept", ACCEPT)
            at = desk.now().isoformat()
            for _ in range(2):
                await lead.signal("give_notice", {"id": "n-1", "at": at, "by": "partner"})
            await lead.signal("renew", {"by": REVIEWER, "reason": "talks go on"})
            await lead.signal("renew", {"by": REVIEWER, "reason": "twice"})
            await desk.until(lead, lambda now: any("«renew» can't be done" in notice.text for notice in now.notices))
            await lead.execute_update("void", {"by": REVIEWER, "reason": "entered twice"})
            await lead.execute_update("reinstate", {"by": REVIEWER, "reason": "it was not"})
            now = await desk.snapshot(lead)
            assert now.waiting
        await desk.until(lead, lambda now: not now.waiting, seconds=45)
    triggers = [row["trigger"] for row in rows(desk.engine, lead.id, audit)]
    assert triggers == ["begin", "accept", "give_notice", "renew", "void", "reinstate"]
