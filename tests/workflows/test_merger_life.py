"""Two partners become one on a real server: proposed by staff, confirmed by both, and everything goes on."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle, WorkflowUpdateFailedError

from records import accounts
from records.database import reading, writing
from records.managements import managed_at
from records.mergers import SIDES, Merger, Said, Side, merger_of, say
from records.standing import history_of_standing
from records.tables import claims, lead_details, mailbox, processes, referrals
from tests.records.telling import certify, refer
from tests.workflows.conftest import ACCEPT, Desk, eventually
from tests.workflows.partners import entered, standing_begins
from workflows.search_attributes import PARTNER

BY = "manager@vendor.example"
Handle = WorkflowHandle[Any, Any]


async def two(desk: Desk, *, track: str = "advisor", tier: str = "silver") -> tuple[str, str, Handle, Handle]:
    """Two partners: the one holds what is said, and is to be merged into the other, a mere partner."""
    one, other = entered(desk, track, tier), entered(desk)
    mine = await standing_begins(desk, one, track, tier)
    theirs = await standing_begins(desk, other)
    for each in (mine, theirs):
        await desk.until(each, lambda now: now.data["evaluated_at"] is not None and not now.waiting)
    return one, other, mine, theirs


def proposal(desk: Desk, of: str, number: int = 1) -> Merger:
    with reading(desk.engine) as connection:
        found = merger_of(connection, f"partner:{of}", number)
    assert found is not None
    return found


async def word(desk: Desk, merger: Merger, side: Side, said: Said = "confirm") -> Merger:
    """What the page does with an answer."""
    now = desk.now()
    return await asyncio.to_thread(say, desk.engine, merger, side, said, at=now, now=now)


async def merge(desk: Desk, mine: Handle, into: str, number: int = 1) -> None:
    assert (await mine.execute_update("propose_merger", f"{BY}: into={into} bought")).startswith("Done: ")
    await desk.until(mine, lambda now: not now.waiting)
    found = proposal(desk, mine.id.removeprefix("partner:"), number)
    for side in SIDES:
        await word(desk, found, side)


def mails(desk: Desk, partner_id: str) -> list[str]:
    with reading(desk.engine) as connection:
        wanted = select(mailbox.c.subject).where(mailbox.c.to == f"desk@{partner_id}.example")
        return sorted(connection.execute(wanted).scalars())


async def test_leads_accounts_and_standing_go_on_under_the_other_one(desk: Desk) -> None:
    now = desk.now()
    async with desk.working():
        one, other, mine, theirs = await two(desk)
        certify(desk.engine, one, at=now)
        refer(desk.engine, one, 300, paid=now)
        lead = await desk.register(partner=one)
        await desk.until(lead, lambda now: now.data["state"] == "in_review" and not now.waiting)
        await lead.execute_update("accept", ACCEPT)
        key = uuid.uuid4().hex[:6]
        made = accounts.submit(
            desk.engine, api_key=key, partner_id=one, contact_name="Client", contact_email="c@shop.example",
            received_at=now,
        )  # fmt: skip
        accounts.acknowledge(desk.engine, made.process, made.number)
        account = await desk.submit(key, partner=one)
        await desk.until(account, lambda now: now.data["state"] == "waiting" and not now.waiting)
        stamp = {"id": "answer", "at": desk.now().isoformat(), "by": "client"}
        await account.signal("client_confirms", stamp)
        await desk.until(account, lambda now: now.data["state"] == "active" and not now.waiting)

        await merge(desk, mine, other)

        assert (await mine.result())["outcome"] == "merged"
        standing = await desk.until(theirs, lambda now: now.data["tier"] == "silver" and not now.waiting)
        assert standing.data["held_why"] == f"{one} held it, and was merged into {other}"
        for process in (lead, account):
            await desk.until(process, lambda now: now.data["partner_id"] == other and not now.waiting)
            assert (await process.describe()).typed_search_attributes[PARTNER] == other
        assert [each.partner_id for each in managed_at(desk.engine, account=key)] == [other]
        await lead.signal("client_paid", {"id": "paid", "at": desk.now().isoformat(), "by": "crm"})
        await lead.result()
        with reading(desk.engine) as connection:
            credited = select(referrals.c.partner_id, referrals.c.tier).where(referrals.c.process == lead.id)
            # The share is that of the standing at which it was accepted.
            assert connection.execute(credited).one() == (other, "silver")
            shown = select(processes.c.partner_id).where(processes.c.process.in_([lead.id, account.id]))
            assert set(connection.execute(shown).scalars()) == {other}
        newest = history_of_standing(desk.engine, other)[0]
        assert (newest.track, newest.tier) == ("advisor", "silver")
        assert [each.until is None for each in history_of_standing(desk.engine, one)] == [False]
        state = await desk.until(theirs, lambda now: bool(now.data["evaluated_at"]) and not now.waiting)
        assert state.data["state"] == "member", "the facts of both give what it holds"
        with pytest.raises(WorkflowUpdateFailedError):
            await account.execute_update("reinstate", f"{BY}: by mistake")


async def test_both_are_told(desk: Desk) -> None:
    async with desk.working():
        one, other, mine, _ = await two(desk)

        async def both_told(words: str) -> bool:
            told = [await asyncio.to_thread(mails, desk, partner) for partner in (one, other)]
            return all(any(words in subject for subject in subjects) for subjects in told)

        await mine.execute_update("propose_merger", f"{BY}: into={other} bought")
        await eventually(lambda: both_told("Please confirm the merger of Acme Commerce into Acme Commerce"))
        found = proposal(desk, one)
        for side in SIDES:
            await word(desk, found, side)
        await eventually(lambda: both_told("is a part of"))


async def test_what_can_not_be_is_refused_or_shown(desk: Desk) -> None:
    async with desk.working():
        one, other, mine, theirs = await two(desk)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await mine.execute_update("propose_merger", f"{BY}: into={one} a slip")
        assert f"{one} can't be merged into itself" in str(refused.value.cause)
        await mine.execute_update("propose_merger", f"{BY}: into=nobody a slip")
        await desk.until(mine, lambda now: now.data["merger_over"] == "There is no partner nobody." and not now.waiting)
        assert "There is no partner nobody." in await desk.card(mine)
        await mine.execute_update("propose_merger", f"{BY}: into={other} bought")
        shown = await desk.until(mine, lambda now: now.data["merger_into"] == other and not now.waiting)
        assert shown.data["merger_over"] == ""
        card = await desk.card(mine)
        assert f"to be merged into  | {other}" in card.replace("\u2003", " ")
        assert "the merger lapses that not both partners have confirmed" in card
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await mine.execute_update("propose_merger", f"{BY}: into={other} again")
        assert "withdraw that first" in str(refused.value.cause)
        await theirs.execute_update("propose_merger", f"{BY}: into={one} the other way")
        proposed = f"It is proposed already to merge {one} into {other}; withdraw that first."
        await desk.until(theirs, lambda now: now.data["merger_over"] == proposed)
        await mine.execute_update("withdraw_merger", f"{BY}: called off")
        await desk.until(mine, lambda now: now.data["merger_into"] == "" and not now.waiting)
        assert proposal(desk, one).state == "withdrawn"
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await mine.execute_update("resend_merger", f"{BY}: lost")
        assert "no merger of this partner into another one is proposed" in str(refused.value.cause)


async def test_declined_its_process_hears_of_it_and_another_can_be_proposed(desk: Desk) -> None:
    async with desk.working():
        one, other, mine, theirs = await two(desk)
        await mine.execute_update("propose_merger", f"{BY}: into={other} bought")
        await desk.until(mine, lambda now: not now.waiting)
        await word(desk, proposal(desk, one), "merge_into", "decline")
        await desk.until(mine, lambda now: now.data["merger_over"] == f"{other} has declined it." and not now.waiting)
        await merge(desk, mine, other, 2)
        assert (await mine.result())["state"] == "merged"
        assert (await theirs.describe()).status == WorkflowExecutionStatus.RUNNING


async def test_a_fact_about_the_prospect_finds_the_lead_that_goes_on(desk: Desk) -> None:
    """Both had the prospect: the lead that stood in line is withdrawn, and the other one is credited."""
    async with desk.working():
        one, other, mine, _ = await two(desk)
        domain = f"{uuid.uuid4().hex[:8]}.example"
        leads: list[Handle] = []
        for partner in (one, other):
            lead = await desk.register(partner=partner, domain=domain)
            await desk.until(lead, lambda now: now.data["claim"] != "asked" and not now.waiting)
            leads.append(lead)
            with writing(desk.engine) as connection:
                connection.execute(
                    lead_details.insert(),
                    {
                        "lead_id": lead.id.removeprefix("lead:"), "partner_id": partner, "company": "C",
                        "domain": domain, "contact_name": "C", "contact_email": "c@c.example", "note": "",
                        "received_at": desk.now(), "open": True, "pending": False,
                    },
                )  # fmt: skip
        await merge(desk, mine, other)
        assert (await leads[1].result())["outcome"] == "withdrawn"
        await desk.until(leads[0], lambda now: now.data["partner_id"] == other and not now.waiting)
        with reading(desk.engine) as connection:
            held = connection.execute(select(claims.c.process, claims.c.partner_id).where(claims.c.subject == domain))
            assert held.all() == [(leads[0].id, other)]


async def test_a_higher_tier_is_kept_although_the_facts_give_less(desk: Desk) -> None:
    async with desk.working():
        _one, other, mine, theirs = await two(desk, track="master", tier="gold")
        await merge(desk, mine, other)
        risky = await desk.until(theirs, lambda now: now.data["state"] == "at_risk" and not now.waiting)
        assert (risky.data["track"], risky.data["tier"]) == ("master", "gold")
        assert risky.data["falls_to"] == "advisor partner"
        assert risky.data["hand_until"] is None
        assert desk.now() - timedelta(minutes=1) < history_of_standing(desk.engine, other)[0].since
