"""An account on a real server: client, staff and partner, and years of it in many runs without a seam."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from program.clock import ProgramClock
from records.tables import audit, claims, client_links, managements, outbox, processes, vendor_words
from states.staff import Member, Role, StaffList
from tests.workflows.conftest import Desk, Server, runs_of
from tests.workflows.test_continuing import RELAYS, difference, rows

REVIEWER, MANAGER = "reviewer@vendor.example", "manager@vendor.example"
DAY = timedelta(days=1)

Handle = WorkflowHandle[Any, Any]


@pytest.fixture
def staff() -> StaffList:
    """A reviewer and a manager."""
    roles = ((REVIEWER, Role.REVIEWER), (MANAGER, Role.MANAGER))
    return StaffList(staff=tuple(Member(address=address, roles=(role,)) for address, role in roles))


async def until(desk: Desk, account: Handle, **expected: Any) -> None:
    """Wait until the account's data are as expected and recorded."""
    await desk.until(
        account,
        lambda now: all(now.data[name] == value for name, value in expected.items()) and not now.waiting,
        seconds=45,
    )


async def fact(account: Handle, name: str, at: datetime, *, by: str, times: int = 1, **fields: Any) -> None:
    """Something that somebody other than staff has done, told `times` times under one id."""
    payload = {"id": f"{name} at {at.isoformat()}", "at": at.isoformat(), "by": by, **fields}
    for _ in range(times):
        await account.signal(name, payload)


async def test_asked_confirmed_by_both_and_taken_over(desk: Desk) -> None:
    key = uuid.uuid4().hex[:6]
    async with desk.working():
        first = await desk.submit(key)
        await until(desk, first, state="waiting")
        card = await desk.card(first)
        assert f"# Account {key}: waiting" in card
        assert "client is reminded" in card
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await first.execute_update("confirm_for_vendor", f"{MANAGER}: mine")
        assert "reviewer" in str(refused.value.cause)
        await fact(first, "client_confirms", desk.now(), by="client", times=2)
        await until(desk, first, state="active")
        assert "Does the vendor confirm this account?" in await desk.card(first)
        answer = await first.execute_update("confirm_for_vendor", f"{REVIEWER}: checked")
        assert answer.startswith("Done: active.")
        assert "Does the vendor confirm" not in await desk.card(first)

        second = await desk.submit(key, partner="isar")
        await until(desk, second, state="waiting")
        await fact(second, "client_confirms", desk.now(), by="client")
        assert await first.result() == {"state": "superseded", "outcome": "superseded"}
        await until(desk, second, state="active")
        await fact(second, "client_revokes", desk.now(), by="client")
        assert await second.result() == {"state": "revoked", "outcome": "revoked"}


async def every_state(desk: Desk, account: Handle, started: datetime) -> None:
    """A life through every state, told late: the request is 420 days old when the process begins."""
    await until(desk, account, state="lapsed")
    await fact(
        account, "submit_again", started - 415 * DAY, by="partner", times=2, request=2, contact=2, edition="2022"
    )
    await until(desk, account, state="lapsed", request=2)
    await fact(account, "client_confirms", started - 400 * DAY, by="client", times=2)
    await until(desk, account, state="active", overdue=True)
    await account.execute_update("remind_of_consent", f"{MANAGER}: the mail may have been overlooked")
    await until(desk, account, overdue=False)
    await fact(account, "client_confirms", started - 1 * DAY, by="client")
    await until(desk, account, consent_asked_at=None)
    await account.signal("no_such_thing", 1)
    await account.execute_update("decline_for_vendor", f"{REVIEWER}: managed by the client itself")
    await account.signal("confirm_for_vendor", {"by": REVIEWER, "reason": "it was a mistake"})
    await until(desk, account, vendor="confirmed")
    await fact(account, "mail_bounced", started, by="mail", times=2, contact=2)
    await fact(account, "new_link", started, by="client", times=2)
    await account.execute_update("void", f"{REVIEWER}: a test")
    await until(desk, account, state="voided")
    await account.execute_update("reinstate", f"{REVIEWER}: it was no test")
    await until(desk, account, state="active")


async def traces(desk: Desk, account: Handle) -> dict[str, Any]:
    """Everything that a life left behind, without what names the particular account, run or commit."""
    own = (desk.engine, account.id)
    snapshot = await desk.snapshot(account)
    return {
        "audit": rows(*own, audit, "chain", "number", "index", "handled_at", "message_id"),
        "messages": [row["message_id"] for row in rows(*own, audit)],
        "mails": rows(*own, outbox, "key", "created_at", "message_id", *RELAYS),
        "processes": rows(*own, processes, "chain", "number", "updated_at"),
        "claims": rows(*own, claims),
        "managements": rows(*own, managements),
        "links": rows(*own, client_links, "nonce", "code", "created_at"),
        "vendor": rows(*own, vendor_words),
        "data": snapshot.data,
        "notices": [notice.model_dump(mode="json") for notice in snapshot.notices],
    }


async def test_cut_after_every_message_a_life_is_the_same_in_every_state(desk: Desk) -> None:
    started = desk.now()
    kept = []
    async with desk.working():
        for cut in (None, 1):
            account = await desk.submit(f"cut-{cut or 'never'}", at=started - 420 * DAY, continue_after=cut)
            await every_state(desk, account, started)
            await fact(account, "client_revokes", started, by="client")
            assert await account.result() == {"state": "revoked", "outcome": "revoked"}
            assert len(await runs_of(account)) > (10 if cut else 0)
            kept.append(await traces(desk, account))
    assert [row["trigger"] for row in kept[0]["audit"]] == [
        "begin", "remind_client", "remind_client", "remind_client", "lapse",
        "submit_again", "remind_client", "remind_client", "remind_client", "lapse",
        "client_confirms", "ask_once_more", "consent_overdue", "remind_of_consent", "client_confirms",
        "decline_for_vendor", "confirm_for_vendor", "mail_bounced", "new_link", "void", "reinstate", "client_revokes",
    ]  # fmt: skip
    assert difference(kept[1], kept[0]) == ""


@pytest.mark.slow
@pytest.mark.timeout(150)
async def test_five_years_are_the_same_however_they_are_cut(server: Server, engine: Engine, staff: StaffList) -> None:
    """A year takes eight seconds. What counts is what the client's words are stamped with, however late they are."""
    requested = datetime(2027, 1, 5, 15, tzinfo=UTC)
    clock = ProgramClock(origin=datetime.now(UTC), starts=requested, speed=365 * 86_400 / 8)
    desk = Desk(await server.client(), engine, clock, staff)
    cuts = (None, 1, 2, 3)
    lives = [await desk.submit(f"cut-{cut or 'never'}-years", at=requested, continue_after=cut) for cut in cuts]

    async def the_client(says: str, at: datetime, *, times: int = 2) -> None:
        await asyncio.sleep(max(0.0, (at - desk.now()).total_seconds() / clock.speed))
        for account in lives:
            await fact(account, says, at, by="client", times=times)

    # Said before anybody works: thirty days are over in less than a second.
    said = requested + 20 * DAY
    await the_client("client_confirms", said)
    async with desk.working():
        for _ in range(5):
            for account in lives:
                await until(desk, account, overdue=True)  # silence changes nothing
            said += 440 * DAY
            await the_client("client_confirms", said)
        await the_client("client_revokes", said + 10 * DAY, times=1)
        for account in lives:
            assert await account.result() == {"state": "revoked", "outcome": "revoked"}
        whole, *others = [await traces(desk, account) for account in lives]
        happened = Counter(row["trigger"] for row in whole["audit"])
        assert happened == {
            "begin": 1, "remind_client": 3, "client_confirms": 6, "ask_once_more": 5,
            "consent_overdue": 5, "client_revokes": 1,
        }  # fmt: skip
        for cut, account, kept in zip(cuts[1:], lives[1:], others, strict=True):
            assert len(await runs_of(account)) > 15 // (cut or 15)
            assert difference(kept, whole) == "", f"cut after {cut}"
