"""What operators see of a run through real processes: exact counters, and nothing personal anywhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from temporalio.client import Client, WorkflowUpdateFailedError

from cli.ports import free_port
from docs.metrics_page import portal_metrics, worker_metrics
from portal.callers import Scope
from program.edition import Tier, Track
from records.database import open_database, reading
from records.keys import create_key
from records.migrate import migrate
from records.partners import Partner, put_partner
from records.tables import commits, outbox
from tests.activities.other_ends import Recipient
from tests.metrics.running import Program, programs, until
from tests.smtp_server import SmtpServer
from tests.workflows.conftest import Server
from workflows.connection import DATA_CONVERTER

pytestmark = pytest.mark.timeout(200)

# Stands in everything that people are called, can be reached at, or have written.
MARK = "q7f3a"
DOMAIN = "plain-shop.example"
PARTNER = "alster"
STAFF = f"reviewer-{MARK}@vendor.example"
ACCEPT = {
    "by": STAFF, "timely": "yes", "relationship": "deep", "accurate": "yes", "engaged": "nobody",
    "reason": f"a reason {MARK}",
}  # fmt: skip


@dataclass
class Run:
    """What the script left behind: both programs, still running, and how the database counts."""

    worker: Program
    portal: Program
    leads: dict[str, str]
    commits: int
    mails: int
    kept_here: int


def submission(domain: str, **more: Any) -> dict[str, Any]:
    return {
        "partner_id": PARTNER,
        "company": f"Company {MARK}",
        "website": domain,
        "contact_name": f"Contact {MARK}",
        "contact_email": f"contact-{MARK}@{domain}",
        "note": f"A note {MARK}",
    } | more


async def script(portal: httpx.Client, temporal: str) -> dict[str, str]:
    """Registers three leads: one is credited, one withdrawn, one stays in review. Some of it is refused."""

    def send(path: str, body: dict[str, Any], status: int) -> Any:
        answer = portal.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def reaches(lead_id: str, state: str) -> None:
        until(lambda: portal.get(f"/v1/leads/{lead_id}").json()["state"] == state, f"{lead_id} is {state}")

    leads = {name: send("/v1/leads", submission(f"{name}.example"), 202)["lead_id"] for name in ("gone", "waiting")}
    leads["paid"] = send("/v1/leads", submission(DOMAIN), 202)["lead_id"]
    send("/v1/leads", submission(DOMAIN), 200)
    send("/v1/leads", submission(DOMAIN, contact_email=f"no address {MARK}"), 422)
    assert portal.get(f"/{MARK}").status_code == 404  # noqa: ASYNC212 - nothing else runs here
    for lead_id in leads.values():
        reaches(lead_id, "in_review")

    client = await Client.connect(temporal, data_converter=DATA_CONVERTER)
    paid = client.get_workflow_handle(f"lead:{leads['paid']}")
    for update, payload in (("accept", {"by": STAFF, "timely": MARK}), ("renew", f"{STAFF}: {MARK}")):
        with pytest.raises(WorkflowUpdateFailedError):
            await paid.execute_update(update, payload)
    for signal in ("accept", f"nonsense {MARK}", f"more nonsense {MARK}"):
        await paid.signal(signal, f"{STAFF} {MARK} \x00")
    await paid.execute_update("accept", ACCEPT)

    send(f"/v1/leads/{leads['gone']}/withdrawal", {"text": f"no budget {MARK}"}, 202)
    fact = {"fact_id": "f-1", "kind": "client_paid", "domain": DOMAIN, "occurred_at": datetime.now(UTC).isoformat()}
    assert send("/v1/facts", fact, 202)["leads_told"] == 1
    send("/v1/facts", fact, 202)
    reaches(leads["paid"], "credited")
    reaches(leads["gone"], "withdrawn")
    return leads


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("run")
    url = f"sqlite:///{folder / 'records.sqlite'}"
    migrate(url)
    recipient, server = Recipient(), Server(folder)
    recipient.refusals = 1
    mail = SmtpServer(recipient, hostname="127.0.0.1", port=free_port())
    server.start()
    asyncio.run(_answers(server))
    mail.start()
    engine = open_database(url)
    joined = datetime(2020, 1, 1, tzinfo=UTC)
    partner = Partner(
        id=PARTNER, name=f"Partner {MARK}", contact_name=f"Desk {MARK}", contact_email=f"desk-{MARK}@p.example",
        manager_address=f"manager-{MARK}@vendor.example", country="US", track=Track.ADVISOR, tier=Tier.SILVER,
        joined_at=joined, active=True,
    )  # fmt: skip
    put_partner(engine, partner, now=joined)
    _, key = create_key(engine, "test", (Scope.PARTNER, Scope.CRM), now=joined)
    smtp = {"PARTNERFLOW_SMTP_HOST": "127.0.0.1", "PARTNERFLOW_SMTP_PORT": str(mail.port)}
    try:
        with programs(folder, url, server.address, **smtp) as running:
            worker, portal = running.start("worker"), running.start("portal")
            address = f"http://127.0.0.1:{portal.metrics_port}"
            with_key = {"X-Api-Key": key}
            with closing(httpx.Client(base_url=address, headers=with_key, trust_env=False, timeout=60)) as caller:
                leads = asyncio.run(script(caller, server.address))
            waiting = select(func.count()).select_from(outbox).where(outbox.c.status == "waiting")

            def nothing_waits() -> bool:
                with reading(engine) as connection:
                    return not connection.execute(waiting).scalar()

            until(nothing_waits, "all mails have left")
            with reading(engine) as connection:
                written = connection.execute(select(func.count()).select_from(commits)).scalar_one()
                # Such as the digest, where this runs at the hour of it: nobody is on the staff list.
                kept = outbox.c.last_error.startswith("Kept in the local mailbox")
                kept_here = connection.execute(select(func.count()).select_from(outbox).where(kept)).scalar_one()
            yield Run(worker, portal, leads, written, len(recipient.mails), kept_here)
    finally:
        mail.stop()
        server.kill()
        engine.dispose()


async def _answers(server: Server) -> None:
    await server.client()


def test_the_worker_has_counted_exactly_what_was_done(run: Run) -> None:
    value = run.worker.value
    assert value("partnerflow_refused_updates_total") == 2
    assert value("partnerflow_refused_updates_total", action="accept") == 1
    assert value("partnerflow_refused_updates_total", action="renew") == 1
    assert value("partnerflow_refused_updates_total", action="void") == 0
    assert value("partnerflow_refused_signals_total") == 3
    assert value("partnerflow_refused_signals_total", action="accept") == 1
    assert value("partnerflow_refused_signals_total", action="unknown") == 2
    assert value("partnerflow_commits_total") == run.commits
    assert value("partnerflow_parked_commits_total") == value("partnerflow_late_deadlines_total") == 0
    assert value("partnerflow_outbox_attempts_total", kind="mail", outcome="sent") == run.mails + run.kept_here
    assert run.mails > 5
    assert value("partnerflow_outbox_attempts_total", kind="mail", outcome="failed") == 1
    assert value("partnerflow_outbox_attempts_total", kind="signal") == 0


def test_the_worker_shows_how_things_stand(run: Run) -> None:
    def is_shown() -> bool:
        shown = run.worker.value
        stands = {
            "waiting": shown("partnerflow_waiting_processes", role="reviewer"),
            "overdue": shown("partnerflow_overdue_processes"),
            "to leave": shown("partnerflow_outbox_waiting"),
            "oldest": shown("partnerflow_outbox_oldest_age_seconds"),
            "up": (shown("partnerflow_database_up"), shown("partnerflow_temporal_up")),
            "breaker": shown("partnerflow_database_breaker_open"),
        }
        return stands == {"waiting": 1, "overdue": 0, "to leave": 0, "oldest": 0, "up": (1, 1), "breaker": 0}

    until(is_shown, "the queues are shown, and that everything is up")


def test_the_portal_has_counted_exactly_what_was_done(run: Run) -> None:
    value = run.portal.value
    assert value("partnerflow_portal_registrations_total", origin="form", result="new") == 3
    assert value("partnerflow_portal_registrations_total", origin="form", result="existing") == 1
    assert value("partnerflow_portal_requests_total", method="POST", route="/v1/leads", status="202") == 3
    assert value("partnerflow_portal_requests_total", method="POST", route="/v1/leads", status="422") == 1
    assert value("partnerflow_portal_request_duration_seconds_count", method="POST", route="/v1/leads") == 5
    assert value("partnerflow_portal_requests_total", route="unmatched", status="404") == 1
    assert value("partnerflow_portal_requests_total", route="/v1/leads/{lead_id}/withdrawal") == 1
    assert value("partnerflow_portal_problems_total", kind="invalid") == 1
    assert value("partnerflow_portal_problems_total", kind="temporal-away") == 0
    assert value("partnerflow_portal_facts_total", kind="client_paid", result="new") == 1
    assert value("partnerflow_portal_facts_total", kind="client_paid", result="known") == 1
    assert value("partnerflow_portal_facts_told_total", kind="client_paid") == 1


def shown(text: str) -> set[str]:
    """The names of our own metrics in an exposition."""
    return set(re.findall(r"^# TYPE (partnerflow_\w+)", text, re.MULTILINE))


def test_every_documented_metric_exists_and_every_metric_is_documented(run: Run) -> None:
    # Deadlines have not come due in this run; a test of its own looks at this one.
    of_deadlines = {"partnerflow_deadline_lateness_seconds"}
    assert {name for name, *_ in worker_metrics()} - of_deadlines == shown(run.worker.metrics()) - of_deadlines
    assert {name for name, *_ in portal_metrics()} == shown(run.portal.metrics())
    page = Path("docs/metrics.md").read_text("utf-8")
    for name, _, labels, _ in worker_metrics() + portal_metrics():
        assert f"| `{name}` |" in page
        own = {"le", *labels, "namespace", "task_queue", "workflow_type"}
        for program in (run.worker, run.portal):
            assert all(has.keys() <= own for has, _ in program.samples().get(name, []))


def test_logs_are_json_and_name_the_process(run: Run) -> None:
    known = {f"lead:{lead_id}" for lead_id in run.leads.values()}
    for program in (run.worker, run.portal):
        lines = program.lines()
        assert all({"program", "level", "text", "timestamp", "logger"} <= line.keys() for line in lines)
        assert {line["program"] for line in lines} == {program.name}
        assert known & {line.get("process") for line in lines}, "who asks for a process finds it"
    assert known <= {line.get("process") for line in run.portal.lines()}


def test_nothing_personal_is_logged_or_measured(run: Run) -> None:
    for program in (run.worker, run.portal):
        assert MARK not in program.log.read_text("utf-8")
        text = program.metrics()
        assert MARK not in text
        for name in (DOMAIN, PARTNER, *run.leads.values()):
            assert name not in text
