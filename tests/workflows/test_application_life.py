"""An application on a real server: staff, the applicant and the clock, and the partner that comes of it."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from records.applications import Form, acknowledge, application, submit
from records.partners import partner
from records.tables import audit, outbox
from rehearsal.clock import skip
from states.application import APPLICATION
from states.application_data import Application
from states.staff import Member, Role, StaffList
from tests.workflows.conftest import Desk
from tests.workflows.test_figures import figures, tasks_completed

REVIEWER, SECOND, MANAGER = "reviewer@vendor.example", "second@vendor.example", "manager@vendor.example"


@pytest.fixture
def staff() -> StaffList:
    """Two reviewers and a manager."""
    roles = ((REVIEWER, Role.REVIEWER), (SECOND, Role.REVIEWER), (MANAGER, Role.MANAGER))
    return StaffList(staff=tuple(Member(address=address, roles=(role,)) for address, role in roles))


async def submitted(desk: Desk) -> WorkflowHandle[object, object]:
    """An application as the portal makes one."""
    at = await desk.server_now()
    domain = f"{uuid.uuid4().hex[:12]}.example"
    form = Form(
        company="Acme Agency", domain=domain, tax_number="", country="US", contact_name="A founder",
        contact_email=f"founder@{domain}", service_offerings="mail", technology_partners="shops",
        client_profile="merchants",
    )  # fmt: skip
    made = submit(desk.engine, form, received_at=at)
    data = Application.submit(
        made.application_id, domain, at, edition_name="2022", lifecycle_version=APPLICATION.version
    )
    handle = await desk.start(APPLICATION, data, f"application:{made.application_id}")
    acknowledge(desk.engine, made.application_id)
    await desk.until(handle, lambda now: now.data["state"] == "in_review" and not now.waiting)
    return handle


async def told(desk: Desk, handle: WorkflowHandle[object, object], name: str, number: str, **fields: str) -> None:
    at = (await desk.server_now()).isoformat()
    await handle.signal(name, {"id": number, "at": at, "by": "applicant", **fields})


async def test_from_submission_to_membership(desk: Desk) -> None:
    async with desk.working():
        handle = await submitted(desk)
        card = await desk.card(handle)
        assert "**Waits for: reviewer**" in card
        assert "founder" not in card
        await handle.execute_update("approve", f"{REVIEWER}: a good fit")
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update("assign_specialist", "stranger@vendor.example: mine")
        await handle.execute_update("assign_specialist", f"{MANAGER}: mine")
        for _ in range(2):
            await told(desk, handle, "acknowledge_agreement", "m-1", version="1")
        await desk.until(handle, lambda now: bool(now.data["agreement_version"]))
        answer = await handle.execute_update("attend_webinar", f"{MANAGER}: the one of March")
        assert answer == "Done: member. The company is a partner."
        assert await handle.result() == {"state": "member", "outcome": "member"}

    found = application(desk.engine, handle.id.removeprefix("application:"))
    assert found is not None
    assert (found.state, found.final) == ("member", True)
    joined = partner(desk.engine, found.application_id)
    assert joined is not None
    assert (joined.name, joined.active) == ("Acme Agency", True)
    with desk.engine.connect() as database:
        steps = select(audit.c.trigger).where(audit.c.process == handle.id).order_by(audit.c.number, audit.c.index)
        assert list(database.execute(steps).scalars()) == [
            "begin", "approve", "assign_specialist", "acknowledge_agreement", "attend_webinar",
        ]  # fmt: skip
        of_it = (outbox.c.process == handle.id) & (outbox.c.kind == "mail")
        mails = select(outbox.c.template, outbox.c.to).where(of_it).order_by(outbox.c.id)
        assert [tuple(row) for row in database.execute(mails)] == [
            ("application_received", "applicant"), ("application_approved", "applicant"),
            ("application_to_onboard", "staff:manager"), ("specialist_assigned", "applicant"),
            ("application_member", "applicant"),
        ]  # fmt: skip


async def test_what_an_application_costs(desk: Desk) -> None:
    """As `test_figures` counts it for a lead: five steps, each awaited, each with one commit."""
    data = Application.submit(
        uuid.uuid4().hex[:12], "costs.example", desk.now(), edition_name="2022", lifecycle_version=APPLICATION.version
    )
    async with desk.working():
        handle = await desk.start(APPLICATION, data, f"application:{data.id}")
        await tasks_completed(handle, 1)
        await handle.execute_update("approve", f"{REVIEWER}: a good fit")
        await handle.execute_update("assign_specialist", f"{MANAGER}: mine")
        await tasks_completed(handle, 3)
        await told(desk, handle, "acknowledge_agreement", "m-1", version="1")
        await tasks_completed(handle, 4)
        await handle.execute_update("hold_conversation", f"{MANAGER}: by phone")
        await handle.result()
        assert figures(await handle.fetch_history()) == (34, 5, 14)


async def test_the_one_who_denied_does_not_decide_the_appeal(desk: Desk) -> None:
    async with desk.working():
        handle = await submitted(desk)
        await handle.execute_update("deny", f"{REVIEWER}: because=not_a_fit agencies only")
        await told(desk, handle, "appeal", "m-1")
        await desk.until(handle, lambda now: now.data["state"] == "appealed")
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update("approve", f"{REVIEWER}: after all")
        assert f"{REVIEWER} denied this application, and an appeal is decided by somebody else" in str(
            refused.value.cause
        )
        await handle.signal("deny", f"{REVIEWER}: because=not_a_fit still")
        shown = await desk.until(handle, lambda now: bool(now.notices))
        assert "decided by somebody else" in shown.notices[0].text
        answer = await handle.execute_update("approve", f"{SECOND}: an agency indeed")
        assert answer.startswith("Done: onboarding.")


async def test_two_weeks_of_silence(seasons: tuple[Desk, WorkflowEnvironment]) -> None:
    desk, environment = seasons
    async with desk.working():
        handle = await submitted(desk)
        await handle.execute_update("ask_information", f"{REVIEWER}: which services?")
        await skip(environment, timedelta(days=16))
        denied = await desk.until(handle, lambda now: now.data["state"] == "denied" and not now.waiting)
        assert (denied.data["because"], denied.data["denied_by"]) == ("information", "partnerflow")
        await skip(environment, timedelta(days=32))
        assert await handle.result() == {"state": "closed", "outcome": "denied"}
    with desk.engine.connect() as database:
        mails = select(outbox.c.template).where(outbox.c.process == handle.id).order_by(outbox.c.id)
        assert list(database.execute(mails).scalars()) == [
            "application_received", "information_asked", "application_denied",
        ]  # fmt: skip
