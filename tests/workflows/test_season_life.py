"""A whole elite season on a server: the list, nominations, scores, the chair, the uptier on the grant date."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from temporalio.client import WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from program.calendar import start_of_day
from program.clock import ProgramClock
from program.edition import LATEST, Tier
from program.fact_kinds import Agreement
from program.season import timetable
from records.benefits import benefits_of
from records.partner_told import take_partner_fact
from records.season_list import listed
from records.tables import partner_facts
from rehearsal.clock import skip
from states.nomination import NOMINATION
from states.nomination_data import Nomination
from states.staff import StaffList
from tests.workflows.conftest import Desk, Server
from tests.workflows.elite import (
    CHAIR,
    FIRST,
    GOOD,
    MANAGER,
    MEMBERS,
    POOR,
    START,
    a_partner,
    clock_at,
    elite_since,
    in_records,
    mails_of,
    score_all,
    season_begins,
    stand,
    steps_of,
    tier_of,
    worthy,
)
from workflows.process import Snapshot

GRANT = datetime(2027, 4, 1, 4, tzinfo=UTC)


def promised(engine: Engine) -> tuple[str, ...]:
    """How far elbe's two benefits of an elite partner are."""
    benefits = benefits_of(engine, "elbe")
    return tuple(benefits[code].state for code in ("social_promotion", "yearly_trophy") if code in benefits)


def told_of(season: Snapshot) -> dict[str, str]:
    """What nominations have told the season of their states."""
    return {partner: nominee["state"] for partner, nominee in season.data["nominees"].items()}


@pytest.mark.timeout(180)
async def test_a_season_from_january_to_april(seasons: tuple[Desk, WorkflowEnvironment]) -> None:
    desk, environment = seasons
    desk.clock = clock_at()

    async def until(day: str) -> None:
        await skip(environment, datetime.fromisoformat(f"{day}T15:00:00+00:00") - await desk.server_now())

    engine = desk.engine
    for name in ("elbe", "oder", "saale", "spree", "werra"):
        a_partner(engine, name, START)
        worthy(engine, name, START, case_study=name != "saale")
    a_partner(engine, "weser", START - timedelta(days=400), tier=Tier.ELITE, since=datetime(2026, 4, 1, 4, tzinfo=UTC))
    a_partner(engine, "havel", START - timedelta(days=60), tier=Tier.ELITE, since=datetime(2026, 10, 1, 4, tzinfo=UTC))
    async with desk.working():
        season = await season_begins(desk)
        await stand(desk, "season", **{"2027-H1": "planned"})
        await until("2027-01-02")
        await stand(desk, "season", **{"2027-H1": "mrr_review"})
        found = {entry.partner_id: entry for entry in await in_records(engine, lambda e: listed(e, "2027-H1"))}
        assert list(found) == ["elbe", "oder", "saale", "spree", "werra", "weser"], "the elite of October is left alone"
        assert found["weser"].reevaluation
        assert (found["elbe"].met, found["saale"].met) == (True, False)
        assert found["saale"].missing == "case studies in the past year: 1 needed, 0 found"
        assert len(found["elbe"].points) > 10, "the whole checklist"
        assert mails_of(engine, "season_list") == ["manager-of:elbe"], "one mail to each manager"

        await until("2027-02-01")
        names = tuple(found)
        await stand(desk, **dict.fromkeys(names, "to_nominate"))
        nominations = {name: desk.client.get_workflow_handle(f"nomination:2027-H1:{name}") for name in names}
        for name in ("elbe", "oder", "saale"):
            await nominations[name].execute_update("nominate", f"{MANAGER}: grows by half")
        ended = Agreement(kind="agreement", signed=False)
        take_partner_fact(
            engine, source="crm", fact_id="ended", partner_id="oder", said=ended, at=desk.now(), now=desk.now()
        )  # fmt: skip
        werra = desk.client.get_workflow_handle("partner:werra")
        await werra.execute_update("end_partnership", f"{MANAGER}: it goes another way")
        left = {"oder": "taken_out", "werra": "taken_out"}
        await stand(desk, elbe="nominated", saale="nominated", spree="to_nominate", weser="to_nominate", **left)
        for name, why in (("oder", "has no signed agreement any more"), ("werra", "has left the program")):
            assert f"The partner {why}" in await desk.card(nominations[name])
        assert sorted(mails_of(engine, "nomination_taken_out")) == ["manager"] * 2 + ["staff:chair"] * 2
        left = dict.fromkeys(left, "closed")
        await until("2027-03-02")
        await stand(desk, elbe="scoring", saale="scoring", spree="declined", weser="scoring", **left)
        assert mails_of(engine, "nomination_reminder") == ["manager"] * 4, "spree and weser, 10 and 3 days before"
        assert mails_of(engine, "nomination_silence") == ["manager-lead"] * 2
        await season.execute_update("add_member", f"{CHAIR}: member={MANAGER} a seat")
        await stand(desk, elbe="scoring", saale="scoring", spree="declined", weser="scoring", **left)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await nominations["elbe"].execute_update("score", f"{MANAGER} {GOOD}")
        assert "may not score this partner" in str(refused.value.cause)
        for name in ("elbe", "saale"):
            await score_all(desk, nominations[name], GOOD)
        await score_all(desk, nominations["weser"], POOR)

        await until("2027-03-26")
        await stand(desk, elbe="scored", saale="scored", spree="closed", weser="scored", **left)
        await stand(desk, "season", **{"2027-H1": "selection"})
        reported = {"elbe": "scored", "saale": "scored", "weser": "scored"}
        await desk.until(season, lambda now: reported.items() <= told_of(now).items() and not now.waiting)
        card = await desk.card(season)
        assert "**Waits for: chair**" in card
        assert "elbe &#40;4.00&#41;" in card
        assert "saale &#40;4.00; misses case studies in the past year" in card
        await season.execute_update("confirm", f"{CHAIR}: as discussed")
        await stand(desk, elbe="selected", saale="turned_down", spree="closed", weser="turned_down", **left)
        assert tier_of(engine, "elbe") == "platinum", "not before the grant date"

        await until("2027-04-01")
        await stand(desk, elbe="granted", saale="not_granted", spree="closed", weser="not_granted", **left)
        await stand(desk, "season", **{"2027-H1": "closed"})
        await in_records(engine, lambda e: tier_of(e, "elbe") == "elite")
        await in_records(engine, lambda e: promised(e) == ("to_agree", "to_do"))
        await in_records(engine, lambda e: tier_of(e, "weser") != "elite")

    assert steps_of(engine, "nomination:2027-H1:elbe", "grant_date") == [GRANT]
    assert elite_since(engine, "elbe") == [(GRANT, None)]
    assert elite_since(engine, "weser")[0][1] == start_of_day(GRANT.date())
    assert tier_of(engine, "havel") == "elite"
    assert "yearly_trophy" not in benefits_of(engine, "saale")
    assert mails_of(engine, "elite_granted") == ["partner", "manager"]
    assert sorted(mails_of(engine, "elite_not_granted")) == ["manager", "manager", "partner", "partner"]


async def test_staff_who_correct_or_strike_the_agreement_are_heard_by_the_nomination(
    server: Server, engine: Engine
) -> None:
    clock = clock_at(datetime(2027, 2, 10, 15, tzinfo=UTC))
    desk = Desk(await server.client(), engine, clock, StaffList())
    name = f"elbe-{uuid.uuid4().hex[:6]}"
    a_partner(engine, name, desk.now())
    data = Nomination.of(
        "2027-H1", name, timetable(LATEST, FIRST), desk.now(), edition_name="2022",
        lifecycle_version=NOMINATION.version, roster=MEMBERS,
    )  # fmt: skip

    async with desk.working():
        elbe = await desk.start(NOMINATION, data, f"nomination:2027-H1:{name}")
        await desk.until(elbe, lambda now: bool(now.data["looked_on"]) and not now.waiting)
        standing = desk.client.get_workflow_handle(f"partner:{name}")
        await in_records(engine, lambda e: steps_of(e, standing.id, "begin"))
        await standing.execute_update("correct_fact", f"{MANAGER}: kind=agreement value=no the wrong one was signed")
        snapshot = await desk.until(elbe, lambda now: now.data["state"] == "taken_out" and not now.waiting)
        assert snapshot.data["why_ended"] == "The partner has no signed agreement any more."
        with engine.connect() as database:
            fact = database.execute(
                select(partner_facts.c.fact_id).where(partner_facts.c.source == "staff")
            ).scalar_one()
        await standing.execute_update("strike_fact", f"{MANAGER}: fact=staff/{fact} it was the right one")
        await in_records(engine, lambda e: len(steps_of(e, elbe.id, "looked")) == 2)
        snapshot = await desk.snapshot(elbe)
        assert (snapshot.data["state"], snapshot.notices) == ("taken_out", []), "only the chair brings it back"
        await elbe.execute_update("reinstate", f"{CHAIR}: the agreement is there")
        await desk.until(elbe, lambda now: now.data["state"] == "to_nominate" and not now.waiting)


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_the_worker_is_away_from_march_28_to_april_3(server: Server, engine: Engine) -> None:
    """On the real server: twelve hours of the program pass in a second."""
    clock = ProgramClock(origin=datetime.now(UTC), speed=43_200, starts=datetime(2027, 3, 10, 15, tzinfo=UTC))
    desk = Desk(await server.client(), engine, clock, StaffList())
    name = f"elbe-{uuid.uuid4().hex[:6]}"
    a_partner(engine, name, desk.now())
    times = timetable(LATEST, FIRST)
    data = Nomination.of(
        "2027-H1", name, times, desk.now(), edition_name="2022", lifecycle_version=NOMINATION.version, roster=MEMBERS
    )

    async def until(day: int, month: int) -> None:
        left = clock.real_delay(datetime(2027, month, day, 15, tzinfo=UTC) - desk.now())
        await asyncio.sleep(max(0.0, left.total_seconds()))

    async with desk.working():
        elbe = await desk.start(NOMINATION, data, f"nomination:2027-H1:{name}")
        await desk.until(elbe, lambda now: now.data["state"] == "declined" and not now.waiting)
        await elbe.execute_update("admit", f"{CHAIR}: nominated in time, on paper")
        await score_all(desk, elbe, GOOD)
        await desk.until(elbe, lambda now: now.data["state"] == "scored" and not now.waiting, seconds=60)
        await elbe.signal("select", {"id": "confirmed", "selected": True})
        await desk.until(elbe, lambda now: now.data["state"] == "selected" and not now.waiting)
        assert desk.now() < datetime(2027, 3, 31, tzinfo=UTC), "this machine is too busy for this test"
    await until(3, 4)
    assert tier_of(engine, name) == "platinum"
    async with desk.working():
        await in_records(engine, lambda e: tier_of(e, name) == "elite")
    assert steps_of(engine, elbe.id, "grant_date") == [GRANT]
    assert elite_since(engine, name) == [(GRANT, None)]
    assert mails_of(engine, "elite_granted") == ["partner", "manager"], "told once"
