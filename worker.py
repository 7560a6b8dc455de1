"""The worker's composition root: everything that runs processes is put together here. `partnerflow worker` runs it."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.runtime import PrometheusConfig, Runtime
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkflowRunner

from activities import metrics
from activities.commit import CommitActivities
from activities.digest import Digests
from activities.jobs import Jobs
from activities.mail import Delivery, LocalMailbox, MailServer
from activities.opening import OpeningActivities
from activities.relay import Relay
from activities.signals import signals_through
from activities.staff import StaffActivities
from activities.vitals import Vitals, answers_of
from portal.queues import workflows_link
from records.applicant_links import ApplicantLinks
from records.database import open_database
from records.links import address_of
from records.migrate import current_revision, newest_revision
from records.sign_ins import address_of_sign_in
from settings import Settings, WrongSetting
from states.lifecycle import Lifecycle
from workflows.account import AccountWorkflow
from workflows.adjustment import AdjustmentWorkflow
from workflows.application import ApplicationWorkflow
from workflows.benefit import BenefitWorkflow
from workflows.cards import Cards
from workflows.connection import connect, runtime
from workflows.doors import beginning
from workflows.lead import LeadWorkflow
from workflows.lean import Lean, LeanRunner
from workflows.nomination import NominationWorkflow
from workflows.opening import OpeningWorkflow
from workflows.partner import PartnerWorkflow
from workflows.process import Process
from workflows.search_attributes import WAITS_FOR
from workflows.season import SeasonWorkflow
from workflows.surroundings import HERE

_log = logging.getLogger("partnerflow.worker")

WORKFLOWS: list[type[Process[Any]]] = [
    LeadWorkflow,
    AccountWorkflow,
    ApplicationWorkflow,
    BenefitWorkflow,
    PartnerWorkflow,
    NominationWorkflow,
    SeasonWorkflow,
    AdjustmentWorkflow,
]

# Threads for activities. They only wait for the database, which is one disk or one server away.
ACTIVITY_THREADS = 32

# How long a starting worker waits for Temporal and the database. Then it ends, and whoever supervises it sees why.
PATIENCE = timedelta(minutes=1)


def compose(
    client: Client,
    *,
    task_queue: str,
    commits: CommitActivities,
    staff: StaffActivities,
    openings: OpeningActivities,
    threads: Executor,
    grace: timedelta,
    runner: WorkflowRunner | None = None,
) -> Worker:
    """A worker for all processes. `runner` is the sandbox in tests."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[*WORKFLOWS, OpeningWorkflow],
        activities=[commits.commit, commits.park, staff.authorise, openings.open_due],
        activity_executor=threads,
        # The sandbox re-executes modules for each workflow: 11 times the CPU and 18 KB more for each open lead, even
        # with everything of ours passed through. Every test of a process runs inside it, with replay and a lint against
        # clocks and chance, so production need not.
        workflow_runner=runner or LeanRunner(),
        interceptors=[Cards(), Lean()],
        # An open lead sleeps for weeks. What is cached costs some 70 KB; what is not is replayed in milliseconds.
        max_cached_workflows=2_000,
        # Workflow tasks are CPU in one interpreter: more at a time would only make each of them slower.
        max_concurrent_workflow_tasks=40,
        # Half of the threads each: what waits for a database that is away never stands in the way of what is tried
        # inside workflow tasks, and none of these waits for a thread there.
        max_concurrent_local_activities=ACTIVITY_THREADS // 2,
        max_concurrent_activities=ACTIVITY_THREADS // 2,
        # Bursts come with the morning and with quarter ends; in between few pollers spare the server.
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        # What runs is let finish before the process ends; without this it would be cut off at once.
        graceful_shutdown_timeout=grace,
    )


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Be a worker until `stop` is set: processes, the outbox's relay and the daily digest.

    Raises `ConnectionError` or `WrongSetting` (sentences) when Temporal or the database is not there for a minute.
    """
    HERE.staff, HERE.portal_url = settings.staff(), settings.portal_url.rstrip("/")
    engine = open_database(settings.database_url)
    try:
        telemetry = _runtime(settings)
        client = await connect(runtime=telemetry, patience=PATIENCE)
        await _await_tables(engine, stop)
        with ThreadPoolExecutor(ACTIVITY_THREADS, thread_name_prefix="activity") as threads:
            await _work(settings, client, engine, threads, telemetry.metric_meter, stop)
    finally:
        engine.dispose()


async def _work(
    settings: Settings, client: Client, engine: Engine, threads: Executor, meter: MetricMeter, stop: asyncio.Event
) -> None:
    tables = [table for each in WORKFLOWS for table in each.lifecycles.values()]
    counted = {table.name: (table.actions, _deadlines(table)) for table in tables}
    metrics.begin_at_zero(meter, counted, namespace=client.namespace, task_queue=settings.task_queue)
    relay = Relay(
        engine=engine,
        delivery=_delivery(settings, engine),
        send_signal=signals_through(
            client, beginning(client, tables, clock=settings.program_clock, task_queue=settings.task_queue)
        ),
        now=settings.now,
        client_page=partial(address_of, portal_url=HERE.portal_url, signer=settings.signer),
        staff=HERE.staff,
        web_ui=f"{settings.ui_url.rstrip('/')}/namespaces/{client.namespace}/workflows",
        sign_in_page=partial(address_of_sign_in, portal_url=HERE.portal_url, signer=settings.signer),
        applicant_links=ApplicantLinks(HERE.portal_url, settings.signer),
        meter=meter,
    )
    commits = CommitActivities(engine, settings.now, posted=relay.wake, meter=meter, links=settings.benefit_links)
    digests = Digests(
        engine=engine,
        clock=settings.program_clock,
        hour=settings.digest_hour,
        queue_link=lambda role: workflows_link(settings.ui_url, client.namespace, f'{WAITS_FOR.name}="{role}"'),
        posted=relay.wake,
    )
    worker = compose(
        client,
        task_queue=settings.task_queue,
        commits=commits,
        staff=StaffActivities(HERE.staff),
        openings=OpeningActivities(engine, settings.edition, settings.now, relay.wake, HERE.staff),
        threads=threads,
        grace=settings.grace,
    )
    jobs = Jobs(engine, settings.now, posted=relay.wake)
    vitals = Vitals(
        engine=engine,
        clock=settings.program_clock,
        meter=meter,
        temporal_answers=answers_of(client),
        breaker_is_open=lambda: not commits.database_is_there,
    )
    leaving = asyncio.Event()
    others = (relay, digests, jobs, vitals)
    parts = (worker.run(), *(other.run(leaving) for other in others))
    tasks = [asyncio.create_task(part) for part in parts]
    asked = asyncio.create_task(stop.wait())
    _log.info("the worker works on the task queue %s", settings.task_queue)
    try:
        await asyncio.wait([asked, *tasks], return_when=asyncio.FIRST_COMPLETED)
        # Processes first: what they commit while they stop may still leave by the relay.
        await worker.shutdown()
    finally:
        leaving.set()
        asked.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        task.result()
    _log.info("the worker has stopped")


def _deadlines(table: Lifecycle[Any]) -> set[str]:
    return {deadline.trigger for phase in table.phases.values() for deadline in phase.deadlines}


async def _await_tables(engine: Engine, stop: asyncio.Event) -> None:
    """Wait until the database has this version's tables: a deployment migrates while workers start."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE.total_seconds()
    while not stop.is_set():
        try:
            found = await asyncio.to_thread(current_revision, engine)
            if found == newest_revision():
                return
            trouble = f"The database is at revision {found or 'none'}, and this version needs {newest_revision()}"
        except SQLAlchemyError as error:
            trouble = f"The database does not answer ({type(error).__name__})"
        if loop.time() >= until:
            raise WrongSetting(f"{trouble}. PARTNERFLOW_DATABASE_URL names it; run `partnerflow setup` to migrate it.")
        await asyncio.sleep(0.5)


def _runtime(settings: Settings) -> Runtime:
    if not settings.metrics_address:
        return runtime()
    prometheus = PrometheusConfig(
        bind_address=settings.metrics_address,
        # Names and units as Prometheus wants them, ours and Temporal's alike.
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides=metrics.buckets(),
    )
    try:
        return runtime(prometheus)
    except (RuntimeError, ValueError) as error:
        raise WrongSetting(
            f"PARTNERFLOW_METRICS_ADDRESS={settings.metrics_address} can't be used: {error}. "
            "It is host:port with an IP address, such as 0.0.0.0:9464, and a free port."
        ) from None


def _delivery(settings: Settings, engine: Engine) -> Delivery:
    if not settings.smtp_host:
        return LocalMailbox(engine, sender=settings.mail_from, folder=settings.mail_directory)
    return MailServer(
        settings.smtp_host,
        settings.mail_from,
        port=settings.smtp_port,
        username=settings.smtp_user or None,
        password=settings.smtp_password.get_secret_value() or None,
        tls=settings.smtp_tls,
    )
