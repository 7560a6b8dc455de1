"""A lead's life on a real server: what people and systems see of it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from program.calendar import window_end
from records.commits import write_commit
from records.tables import audit, outbox, processes, referrals
from rehearsal.clock import skip
from states.effects import Begin, Tell
from states.lead_data import Lead
from tests.records.making import commit, step
from tests.workflows.conftest import ACCEPT, Desk, eventually


async def test_from_submission_to_referral(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register("first", domain="first.example")
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        answer = await lead.execute_update("accept", ACCEPT)
        assert answer.startswith("Done: accepted.")
        paid_at = desk.now()
        await lead.signal("client_paid", {"id": "crm-1", "at": paid_at.isoformat(), "by": "crm"})
        assert await lead.result() == {"state": "credited", "outcome": "credited"}

    with desk.engine.connect() as database:
        steps = database.execute(select(audit.c.trigger, audit.c.by).order_by(audit.c.number, audit.c.index)).all()
        assert [tuple(step) for step in steps] == [
            ("begin", "partnerflow"), ("accept", "reviewer@vendor.example"), ("client_paid", "crm"),
        ]  # fmt: skip
        referral = database.execute(select(referrals)).mappings().one()
        assert (referral["percent"], referral["months"], referral["tier"]) == (10, 12, "silver")
        assert referral["first_payment_at"] == paid_at
        row = database.execute(select(processes)).mappings().one()
        assert (row["state"], row["final"], row["waits_for"]) == ("credited", True, "")
        mails = database.execute(select(outbox.c.template).order_by(outbox.c.id)).scalars().all()
        assert mails == ["lead_received", "lead_accepted", "lead_credited"]


async def test_a_process_begins_another_and_tells_it_something_however_often_that_leaves(desk: Desk) -> None:
    lead = Lead.register("begun", "alster", "begun.example", desk.now(), edition_name="2022", lifecycle_version=1)
    begin = Begin(process="lead:begun", kind="lead", data=lead.model_dump(mode="json", exclude_none=True))
    opened = {"id": "o-1", "at": desk.now().isoformat(), "by": "crm"}
    tell = Tell(process="lead:begun", signal="opportunity_opened", payload=opened)
    async with desk.working():
        for number in (1, 2):
            write_commit(desk.engine, commit("application:a", number, step(begin, tell)), now=desk.now())
        await eventually(lambda: asyncio.to_thread(heard_by, desk, "lead:begun", 2))
    assert await asyncio.to_thread(heard_by, desk, "lead:begun", 2) == ["begin", "opportunity_opened"]
    with desk.engine.connect() as database:
        left = database.execute(select(outbox.c.status).where(outbox.c.kind == "signal")).scalars().all()
    assert list(left) == ["sent"] * 4


def heard_by(desk: Desk, process: str, at_least: int) -> list[str]:
    """What has happened to a process, once so much has and nothing waits to leave any more."""
    with desk.engine.connect() as database:
        waiting = database.execute(select(outbox.c.id).where(outbox.c.status == "waiting")).first()
        heard = database.execute(
            select(audit.c.trigger).where(audit.c.process == process).order_by(audit.c.number, audit.c.index)
        ).scalars()
        happened = list(heard)
    return happened if waiting is None and len(happened) >= at_least else []


async def test_a_refused_update_is_a_sentence(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        failure = await refusal(lead, "accept", "reviewer@vendor.example: timely=perhaps")
        assert failure.message.startswith("«timely» can't be «perhaps»: possible are 'yes', 'no' or 'unclear'.")
        failure = await refusal(lead, "renew", "reviewer@vendor.example: talks go on")
        assert "«renew» can't be done now: this lead is in the state «in review»." in failure.message
        assert "Possible now: accept, reject, void." in failure.message


async def refusal(lead: WorkflowHandle[Any, Any], update: str, *payloads: object) -> ApplicationError:
    """The failure with which an update is refused; it carries no stack trace for staff to read."""
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await lead.execute_update(update, args=payloads)
    failure = refused.value.cause
    assert isinstance(failure, ApplicationError)
    assert failure.failure is not None
    assert failure.failure.stack_trace == ""
    return failure


async def test_ninety_days_pass_and_then_fourteen(seasons: tuple[Desk, WorkflowEnvironment]) -> None:
    desk, environment = seasons
    async with desk.working():
        lead = await desk.register()
        registered = datetime.fromisoformat((await desk.snapshot(lead)).data["registered_at"])
        await lead.execute_update("accept", ACCEPT)
        await skip(environment, timedelta(days=91))
        now = await desk.until(lead, lambda now: now.data["state"] == "expired")
        assert now.projection.due_at == window_end(registered, 91 + 14)
        await skip(environment, timedelta(days=15))
        assert await lead.result() == {"state": "ended", "outcome": "expired"}

    with desk.engine.connect() as database:
        triggers = database.execute(select(audit.c.trigger, audit.c.at).order_by(audit.c.number, audit.c.index)).all()
    assert [trigger for trigger, _ in triggers] == [
        "begin", "accept", "remind_window", "remind_window", "expire", "settle",
    ]  # fmt: skip
    assert triggers[4].at == window_end(registered, 90), "recorded at its due time, however late it is handled"
