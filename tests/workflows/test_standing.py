"""A partner's standing on a real server: up within a moment, by hand, suspended, and gone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from program.calendar import program_date
from records.standing import history_of_standing
from records.tables import audit, outbox, partner_facts, partners
from tests.records.telling import certify, manage, refer, tell
from tests.workflows.conftest import ACCEPT, Desk
from tests.workflows.partners import entered, say, standing_begins
from workflows.process import LONGEST_TIMER, Snapshot

BY = "manager@vendor.example"


async def stands(desk: Desk, handle: WorkflowHandle[Any, Any], standing: str) -> Snapshot:
    """Wait until the partner holds a standing, and everything is recorded."""
    return await desk.until(
        handle,
        lambda now: f"{now.data['track']} {now.data['tier']}" == standing and not now.waiting
        and now.data["evaluated_at"] is not None,
    )  # fmt: skip


def held(desk: Desk, partner_id: str) -> list[str]:
    """What the partner has held, the oldest first."""
    return [f"{each.track} {each.tier}" for each in reversed(history_of_standing(desk.engine, partner_id))]


async def test_several_tiers_at_once_and_to_the_master_track_by_itself(desk: Desk) -> None:
    now = desk.now()
    async with desk.working():
        name = entered(desk)
        partner = await standing_begins(desk, name)
        await stands(desk, partner, "advisor partner")

        certify(desk.engine, name, at=now)
        refer(desk.engine, name, 2_000, 600, paid=now)
        tell(desk.engine, name, "website", at=now, evidence=["badge"])
        await say(desk, partner)
        snapshot = await stands(desk, partner, "advisor gold")
        assert snapshot.data["checklist"] == "Platinum: 5 of 6; missing: $7,400 MRR referred"

        manage(desk.engine, name, 3_000, since=now)
        tell(desk.engine, name, "services", at=now, services=["implementation"])
        await say(desk, partner)
        await stands(desk, partner, "master gold")

        assert held(desk, name) == ["advisor partner", "advisor gold", "master gold"]
        gold = history_of_standing(desk.engine, name)[1]
        assert "meets MRR referred: $2,500 needed, $2,600 found" in gold.why
        assert "for advisor platinum it misses $7,400 MRR referred" in gold.why
        with desk.engine.connect() as database:
            row = database.execute(select(partners).where(partners.c.id == name)).mappings().one()
            assert (row["track"], row["tier"]) == ("master", "gold")
            sent = select(outbox.c.template, outbox.c.to).where(outbox.c.kind == "mail").order_by(outbox.c.id)
            mails = database.execute(sent).all()
        moves = [("standing_changed", "partner"), ("standing_changed", "manager")]
        assert [tuple(mail) for mail in mails] == [*moves, ("logo_kit", "partner"), *moves]
        card = await desk.card(partner)
        assert "Platinum: 6 of 9; missing:" in card
        assert "○ MRR referred: &#36;10,000 needed, &#36;2,600 found" in card
        assert "✓ visible on the website: badge" in card


async def test_nobody_becomes_elite_and_nobody_falls_between_adjustments(desk: Desk) -> None:
    now = desk.now()
    async with desk.working():
        name = entered(desk)
        certify(desk.engine, name, at=now)
        refer(desk.engine, name, 40_000, 9_000, paid=now)
        manage(desk.engine, name, 50_000, since=now)
        tell(desk.engine, name, "website", at=now, evidence=["badge"])
        tell(desk.engine, name, "services", at=now, services=["other"])
        partner = await standing_begins(desk, name)
        await stands(desk, partner, "master platinum")

        tell(desk.engine, name, "website", at=now + timedelta(seconds=1), received_at=now, evidence=[])
        await say(desk, partner)
        snapshot = await desk.until(partner, lambda now: now.data["state"] == "at_risk")
        assert snapshot.data["falls_to"] == "master silver"
        assert snapshot.data["at_risk"] == "visible on the website"
        tell(desk.engine, name, "website", at=now + timedelta(seconds=2), received_at=now, evidence=["case_study"])
        await say(desk, partner)
        await desk.until(partner, lambda now: now.data["state"] == "member")
        assert held(desk, name) == ["advisor partner", "master platinum"]


async def test_many_facts_at_once_are_one_commit(desk: Desk) -> None:
    now = desk.now()
    name = entered(desk)
    partner = await standing_begins(desk, name)
    certify(desk.engine, name, at=now)
    refer(desk.engine, name, 300, paid=now)
    for _ in range(40):
        await say(desk, partner)
    async with desk.working():
        snapshot = await stands(desk, partner, "advisor silver")
    assert snapshot.number <= 4
    with desk.engine.connect() as database:
        told = database.execute(select(audit.c.trigger).where(audit.c.process == partner.id)).scalars().all()
    assert told.count("facts_changed") == 40


async def test_a_day_that_never_comes_is_waited_for_in_stretches(desk: Desk) -> None:
    async with desk.working():
        partner = await standing_begins(desk, entered(desk))
        for_good = {"by": BY, "track": "advisor", "tier": "platinum", "until": "9998-12-31", "reason": "for good"}
        await partner.execute_update("set_tier", for_good)
        await stands(desk, partner, "advisor platinum")
    timers = [
        event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        for event in (await partner.fetch_history()).events
        if event.HasField("timer_started_event_attributes")
    ]
    assert timers[-1] == LONGEST_TIMER


async def test_by_hand_until_a_day_whatever_the_facts_give(desk: Desk) -> None:
    now = desk.now()
    until = program_date(now + timedelta(days=60)).isoformat()
    async with desk.working():
        name = entered(desk)
        partner = await standing_begins(desk, name)
        await stands(desk, partner, "advisor partner")
        by_hand = {"by": BY, "track": "advisor", "tier": "platinum", "until": until, "reason": "won from a rival"}
        assert (await partner.execute_update("set_tier", by_hand)).startswith("Done: by hand.")
        certify(desk.engine, name, at=now)
        refer(desk.engine, name, 2_500, paid=now)
        await say(desk, partner)
        await stands(desk, partner, "advisor platinum")
        assert f"set by hand until {until}: won from a rival" in history_of_standing(desk.engine, name)[0].why
        await partner.execute_update("release_tier", f"{BY}: it was a mistake")
        await stands(desk, partner, "advisor silver")
        assert held(desk, name) == ["advisor partner", "advisor platinum", "advisor silver"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"tier": "elite"}, "«tier» can't be «elite»: possible are 'partner', 'silver', 'gold' or 'platinum'."),
        ({"until": "2020-01-01"}, "«until» has passed, 2020-01-01: it is the last day"),
        ({"track": "master", "tier": "partner"}, "there is no standing master partner; there are advisor partner,"),
        ({"reason": ""}, "«reason» is empty; it must say something."),
    ],
)
async def test_what_staff_cannot_set_is_a_sentence(desk: Desk, said: dict[str, str], sentence: str) -> None:
    by_hand = {"by": BY, "track": "advisor", "tier": "gold", "until": "2999-01-01", "reason": "agreed"}
    async with desk.working():
        name = entered(desk)
        partner = await standing_begins(desk, name)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await partner.execute_update("set_tier", {**by_hand, **said})
        assert sentence in str(refused.value.cause)
        await stands(desk, partner, "advisor partner")


async def test_staff_correct_and_strike_facts(desk: Desk) -> None:
    now = desk.now()
    async with desk.working():
        name = entered(desk)
        certify(desk.engine, name, at=now)
        refer(desk.engine, name, 2_600, paid=now)
        partner = await standing_begins(desk, name)
        await stands(desk, partner, "advisor silver")
        await partner.execute_update("correct_fact", f"{BY}: kind=website value=badge seen on its page")
        await stands(desk, partner, "advisor gold")
        with desk.engine.connect() as database:
            certified = select(partner_facts).where(partner_facts.c.kind == "certification")
            struck = database.execute(certified).mappings().first()
        assert struck is not None
        await partner.execute_update("strike_fact", f"{BY}: fact=academy/{struck['fact_id']} another company's")
        await desk.until(partner, lambda now: now.data["state"] == "at_risk")
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await partner.execute_update("correct_fact", f"{BY}: kind=website value=billboard by the road")
        assert "«value» can't be «billboard»: it says nothing of website." in str(refused.value.cause)


async def test_a_suspended_partner_does_not_rise_until_it_is_lifted(desk: Desk) -> None:
    now = desk.now()
    async with desk.working():
        name = entered(desk)
        partner = await standing_begins(desk, name)
        await stands(desk, partner, "advisor partner")
        lead = await desk.register(partner=name)
        await desk.until(lead, lambda now: now.data["claim"] == "held" and not now.waiting)
        await partner.execute_update("suspend", f"{BY}: looked into")
        await desk.until(lead, lambda now: bool(now.data["partner_suspended"]))
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await lead.execute_update("accept", ACCEPT)
        assert "the partner is suspended: none of its leads is accepted" in str(refused.value.cause)
        missing = (await desk.snapshot(partner)).data["checklist"]
        certify(desk.engine, name, at=now)
        refer(desk.engine, name, 300, paid=now)
        await say(desk, partner)
        await desk.until(partner, lambda now: now.data["checklist"] != missing and not now.waiting)
        assert (await stands(desk, partner, "advisor partner")).data["state"] == "suspended"
        await partner.execute_update("lift_suspension", f"{BY}: settled")
        await stands(desk, partner, "advisor silver")
        await desk.until(lead, lambda now: not now.data["partner_suspended"])
        await lead.execute_update("accept", ACCEPT)


async def test_elite_that_is_granted_to_a_suspended_partner_waits(desk: Desk) -> None:
    until = (desk.now() + timedelta(days=365)).isoformat()
    async with desk.working():
        name = entered(desk, "master", "platinum")
        partner = await standing_begins(desk, name, "master", "platinum")
        await stands(desk, partner, "master platinum")
        await partner.execute_update("suspend", f"{BY}: looked into")
        since = (desk.now() - timedelta(seconds=1)).isoformat()
        await say(desk, partner, "grant_elite", until=until, since=since, why="elite granted by the season 2027-H1")
        snapshot = await desk.until(partner, lambda now: bool(now.data["granted_until"]) and not now.waiting)
        assert (snapshot.data["state"], snapshot.notices) == ("suspended", [])
        assert "elite granted, waits until the suspension is lifted" in (await desk.card(partner)).lower()
        assert held(desk, name) == ["master platinum"]
        await partner.execute_update("lift_suspension", f"{BY}: settled")
        await stands(desk, partner, "master elite")
        assert held(desk, name) == ["master platinum", "master elite"]
    with desk.engine.connect() as database:
        lifted = select(audit.c.at).where(audit.c.process == partner.id, audit.c.trigger == "lift_suspension")
        assert history_of_standing(desk.engine, name)[0].since == database.execute(lifted).scalar_one()
        mails = select(outbox.c.template).where(outbox.c.template.startswith("elite")).order_by(outbox.c.id)
        assert database.execute(mails).scalars().all() == ["elite_waits"] * 2 + ["elite_granted"] * 2


async def test_leaving_ends_what_is_open_with_a_sentence(desk: Desk) -> None:
    async with desk.working():
        name = entered(desk)
        partner = await standing_begins(desk, name)
        lead = await desk.register(partner=name)
        account = await desk.submit(partner=name)
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await desk.until(account, lambda now: now.data["state"] == "waiting" and not now.waiting)
        await stands(desk, partner, "advisor partner")
        await say(desk, partner, "leave", by="partner")
        assert (await lead.result())["state"] == "withdrawn"
        assert (await account.result())["state"] == "ended"
        await desk.until(partner, lambda now: now.data["state"] == "left" and not now.waiting)
        with desk.engine.connect() as database:
            row = database.execute(select(partners).where(partners.c.id == name)).mappings().one()
            why = database.execute(
                select(audit.c.reason).where(audit.c.process == lead.id, audit.c.trigger == "withdraw")
            ).scalar()
        assert (row["active"], row["left_at"] is not None) == (False, True)
        assert why == "The partner has left the program."
        assert history_of_standing(desk.engine, name)[0].until is not None

        await partner.execute_update("rejoin", f"{BY}: signed again")
        await stands(desk, partner, "advisor partner")
        assert history_of_standing(desk.engine, name)[0].until is None


async def test_it_continues_as_new_without_a_seam(desk: Desk) -> None:
    now = desk.now()
    async with desk.working():
        name = entered(desk)
        partner = await standing_begins(desk, name, continue_after=3)
        certify(desk.engine, name, at=now)
        for dollars in (300, 2_500):
            refer(desk.engine, name, dollars, paid=now)
            await say(desk, partner)
        await stands(desk, partner, "advisor silver")
        tell(desk.engine, name, "website", at=now, evidence=["badge"])
        await say(desk, partner)
        await stands(desk, partner, "advisor gold")
        assert held(desk, name) == ["advisor partner", "advisor silver", "advisor gold"]


async def test_the_day_on_which_a_certification_expires_is_awaited(desk: Desk) -> None:
    now = desk.now()
    last = program_date(now + timedelta(days=30))
    async with desk.working():
        name = entered(desk, "advisor", "silver")
        certify(desk.engine, name, at=now, until=last)
        refer(desk.engine, name, 300, paid=now)
        partner = await standing_begins(desk, name, "advisor", "silver")
        snapshot = await stands(desk, partner, "advisor silver")
        assert snapshot.projection.due_at is not None
        assert program_date(snapshot.projection.due_at) == last + timedelta(days=1)
