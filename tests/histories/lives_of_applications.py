"""Lives of applications: every kind of end, and the ways between."""

from __future__ import annotations

from typing import Any

from temporalio.client import WorkflowHandle

from states.application import APPLICATION
from states.application_data import Application
from tests.histories.life import Life, Stage
from tests.workflows.conftest import database_held

Handle = WorkflowHandle[Any, Any]
REVIEWER, SECOND, MANAGER = "reviewer@vendor.example", "second@vendor.example", "manager@vendor.example"


async def submitted(on: Stage, *, edition: str = "2022", continue_after: int | None = None) -> Handle:
    """An application in review."""
    at = await on.desk.server_now()
    number = on.desk.queue.removeprefix("test-")[:12]
    data = Application.submit(number, "agency.example", at, edition_name=edition, lifecycle_version=APPLICATION.version)
    handle = await on.desk.start(APPLICATION, data, f"application:{number}", continue_after)
    on.processes.append((handle, ""))
    await on.until(handle, state="in_review")
    return handle


async def said(on: Stage, handle: Handle, name: str, **payload: str) -> None:
    """What the applicant says."""
    at = await on.desk.server_now()
    number = (await on.desk.snapshot(handle)).number
    message = {"id": f"{name}-{number}", "at": at.isoformat(), "by": "applicant", **payload}
    await handle.signal(name, message)


async def open_in_review(on: Stage) -> None:
    await submitted(on)


async def member(on: Stage) -> None:
    application = await submitted(on)
    await application.execute_update("approve", f"{REVIEWER}: a good fit")
    await application.execute_update("assign_specialist", f"{MANAGER}: mine")
    await said(on, application, "acknowledge_agreement", version="1")
    await on.until(application, agreement_version="1")
    await application.execute_update("hold_conversation", f"{MANAGER}: by phone")
    await application.result()


async def prospect_and_member(on: Stage) -> None:
    application = await submitted(on, edition="2021", continue_after=2)
    await application.execute_update("approve", f"{REVIEWER}: a good fit")
    await application.execute_update("attend_webinar", f"{MANAGER}: the one of March")
    await said(on, application, "acknowledge_agreement", version="1")
    await on.until(application, agreement_version="1")
    await application.signal("assign_specialist", f"{MANAGER}: specialist={SECOND} knows the region")
    await application.result()


async def asked_and_appealed(on: Stage) -> None:
    application = await submitted(on)
    await application.execute_update("ask_information", f"{REVIEWER}: which services?")
    await said(on, application, "give_information")
    await on.until(application, state="in_review")
    await application.execute_update("deny", f"{REVIEWER}: because=not_a_fit agencies only")
    await said(on, application, "appeal")
    await on.until(application, state="appealed")
    await application.signal("approve", f"{REVIEWER}: after all")
    await on.desk.until(application, lambda now: bool(now.notices))
    await application.execute_update("approve", f"{SECOND}: an agency indeed")
    await application.execute_update("no_answer", f"{MANAGER}: three mails")
    await application.execute_update("reinstate", f"{REVIEWER}: it has called")
    await on.until(application, state="onboarding")


async def withdrawn(on: Stage) -> None:
    application = await submitted(on)
    at = (await on.desk.server_now()).isoformat()
    await application.signal("apply_again", {"id": "again-1", "at": at})
    await said(on, application, "withdraw")
    await application.result()


async def voided_while_the_database_was_away(on: Stage) -> None:
    application = await submitted(on)
    with database_held(on.desk.engine):
        await application.cancel()
        await on.desk.until(application, lambda now: now.data["state"] == "voided", seconds=30)
    await on.until(application, state="voided")


async def silent_and_denied(on: Stage) -> None:
    application = await submitted(on)
    await application.execute_update("ask_information", f"{REVIEWER}: which services?")
    await on.days(16)
    await on.until(application, state="denied")
    await on.days(32)
    await application.result()


async def reviewed_late_and_stalled(on: Stage) -> None:
    application = await submitted(on)
    await on.days(10)
    await on.until(application, overdue=True)
    await application.execute_update("approve", f"{REVIEWER}: at last")
    await on.days(32)
    await on.until(application, overdue=True)


LIVES = (
    *map(Life, (
        open_in_review, member, prospect_and_member, asked_and_appealed, withdrawn,
        voided_while_the_database_was_away,
    )),
    *(Life(live, needs_time=True) for live in (silent_and_denied, reviewed_late_and_stalled)),
)  # fmt: skip
