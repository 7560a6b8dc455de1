"""What is compared: a lead, its skeleton, an account, and the least that a workflow with the same messages could be."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.worker import Interceptor, UnsandboxedWorkflowRunner, WorkflowRunner

from activities.commit import CommitActivities
from activities.staff import StaffActivities
from bench.minimal import MinimalWorkflow
from bench.skeleton import SkeletonWorkflow, record_nothing
from program.clock import REAL_TIME
from program.edition import Tier, Track
from records.database import open_database
from records.migrate import migrate
from records.partners import Partner, put_partner
from states.account import ACCOUNT
from states.account_data import Account
from states.lead import LEAD
from states.lead_data import Lead
from states.lifecycle import Event
from states.staff import StaffList
from workflows.account import AccountWorkflow
from workflows.cards import Cards
from workflows.doors import start_process
from workflows.lead import LeadWorkflow
from workflows.lean import Lean, LeanRunner
from workflows.search_attributes import attributes_of

ACCEPT = {
    "by": "reviewer@vendor.example", "timely": "yes", "relationship": "deep", "accurate": "yes",
    "engaged": "nobody", "reason": "fits well",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What a measurement needs to know of a workflow: how it starts, and what runs it."""

    name: str
    workflow: type
    activities: tuple[Callable[..., Any], ...]
    start: Callable[[Client, str], Any]
    # The trial: an update by a person, then a signal that ends it.
    update: tuple[str, Any] = ("accept", ACCEPT)
    signal: tuple[str, str] = ("client_paid", "crm")
    # The SDK's plain worker; ours for processes, as `worker.py` puts it together.
    runner: WorkflowRunner = field(default_factory=UnsandboxedWorkflowRunner)
    interceptors: tuple[Interceptor, ...] = ()

    async def open(self, client: Client, queue: str) -> WorkflowHandle[Any, Any]:
        """Start one; it waits for its update."""
        handle: WorkflowHandle[Any, Any] = await self.start(client, queue)
        return handle

    async def finish(self, handle: WorkflowHandle[Any, Any]) -> WorkflowHandle[Any, Any]:
        """The trial: an update, a signal, the end."""
        while True:
            try:
                await handle.execute_update(*self.update)
                break
            except WorkflowUpdateFailedError:
                await asyncio.sleep(0.05)  # the lead does not know yet whether it holds its prospect
        now, (name, by) = datetime.now(UTC).isoformat(), self.signal
        await handle.signal(name, {"id": "said-1", "at": now, "by": by})
        await handle.result()
        return handle


def minimal() -> Kind:
    """Start, timer, update, signal, end: nothing else."""

    async def start(client: Client, queue: str) -> WorkflowHandle[Any, Any]:
        return await client.start_workflow("minimal", id=f"minimal:{uuid.uuid4().hex}", task_queue=queue)

    return Kind("minimal", MinimalWorkflow, (), start)


def skeleton() -> Kind:
    """A lead's history around nothing."""

    async def start(client: Client, queue: str) -> WorkflowHandle[Any, Any]:
        data = _a_lead(uuid.uuid4().hex[:12])
        LEAD.fire(data, Event("begin", data.since, data.since))
        shown = attributes_of(LEAD, data).at_start()
        workflow_id = f"skeleton:{uuid.uuid4().hex}"
        return await client.start_workflow("skeleton", id=workflow_id, task_queue=queue, search_attributes=shown)

    return Kind("skeleton", SkeletonWorkflow, (record_nothing,), start)


def lead(directory: Path) -> Kind:
    """A whole lead: machine, messages, card, attributes, three commits into SQLite."""
    engine = _database(directory)
    commits = CommitActivities(engine, lambda: datetime.now(UTC))
    staff = StaffActivities(StaffList())

    async def start(client: Client, queue: str) -> WorkflowHandle[Any, Any]:
        lead_id = uuid.uuid4().hex[:12]
        workflow_id = f"lead:{lead_id}"
        await start_process(client, LEAD, _a_lead(lead_id), clock=REAL_TIME, workflow_id=workflow_id, task_queue=queue)
        return client.get_workflow_handle(workflow_id)

    return Kind(
        "lead", LeadWorkflow, (commits.commit, commits.park, staff.authorise), start,
        runner=LeanRunner(), interceptors=(Cards(), Lean()),
    )  # fmt: skip


def account(directory: Path) -> Kind:
    """A whole account: asked, confirmed for the vendor, denied by its client; three commits into SQLite."""
    engine = _database(directory)
    commits = CommitActivities(engine, lambda: datetime.now(UTC))
    staff = StaffActivities(StaffList())

    async def start(client: Client, queue: str) -> WorkflowHandle[Any, Any]:
        data = Account.submit(
            uuid.uuid4().hex[:12], "alster", datetime.now(UTC), edition_name="2022", lifecycle_version=ACCOUNT.version
        )
        workflow_id = f"account:{data.id}"
        await start_process(client, ACCOUNT, data, clock=REAL_TIME, workflow_id=workflow_id, task_queue=queue)
        return client.get_workflow_handle(workflow_id)

    return Kind(
        "account", AccountWorkflow, (commits.commit, commits.park, staff.authorise), start,
        update=("confirm_for_vendor", "reviewer@vendor.example: checked"), signal=("client_denies", "client"),
        runner=LeanRunner(), interceptors=(Cards(), Lean()),
    )  # fmt: skip


def _a_lead(lead_id: str) -> Lead:
    now = datetime.now(UTC)
    return Lead.register(lead_id, "alster", f"{lead_id}.example", now, edition_name="2022", lifecycle_version=1)


def _database(directory: Path) -> Engine:
    engine = open_database(f"sqlite:///{directory / 'records.db'}")
    migrate(engine)
    now = datetime.now(UTC)
    partner = Partner(
        id="alster", name="Alster Commerce", contact_name="Contact", contact_email="contact@alster.example",
        country="US", track=Track.ADVISOR, tier=Tier.SILVER, joined_at=now,
    )  # fmt: skip
    put_partner(engine, partner, now=now)
    return engine


def kind_named(name: str, directory: Path) -> Kind:
    """The kind with a name; its files, if it has any, go into `directory`."""
    kinds = {"minimal": lambda _: minimal(), "skeleton": lambda _: skeleton(), "lead": lead, "account": account}
    return kinds[name](directory)
