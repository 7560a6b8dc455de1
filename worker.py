"""The worker's composition root: everything that runs processes is put together here. `partnerflow worker` runs it."""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.commit import CommitActivities
from activities.staff import StaffActivities
from workflows.lead import LeadWorkflow

WORKFLOWS = [LeadWorkflow]

# Threads for activities. They only wait for the database, which is one disk or one server away.
ACTIVITY_THREADS = 16


def compose(
    client: Client,
    *,
    task_queue: str,
    commits: CommitActivities,
    staff: StaffActivities,
    threads: Executor,
    grace: timedelta,
    runner: WorkflowRunner | None = None,
) -> Worker:
    """A worker for all processes. `runner` is the sandbox in tests."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=[commits.commit, commits.park, staff.authorise],
        activity_executor=threads,
        # The sandbox re-executes modules for each workflow: 11 times the CPU and 18 KB more for each open lead, even
        # with everything of ours passed through. Every test runs inside it, with replay and a lint against clocks and
        # chance, so production need not.
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        # An open lead sleeps for weeks. What is cached costs 61 KB; what is not is replayed in some milliseconds.
        max_cached_workflows=2_000,
        # Workflow tasks are CPU in one interpreter: more at a time would only make each of them slower.
        max_concurrent_workflow_tasks=40,
        # As many as there are threads: more would wait inside the workflow task for a thread.
        max_concurrent_local_activities=ACTIVITY_THREADS,
        # These wait for a database that is away; the breaker answers them in no time.
        max_concurrent_activities=100,
        # Bursts come with the morning and with quarter ends; in between few pollers spare the server.
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        # What runs is let finish before the process ends; without this it would be cut off at once.
        graceful_shutdown_timeout=grace,
    )
