"""`partnerflow doctor` on a real stack: what it finds, what it mends, and its exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from program.clock import REAL_TIME
from program.edition import Tier, Track
from records import accounts
from records.checkup import projection_of
from records.database import open_database, writing
from records.jobs import begin_job
from records.leads import submit
from records.migrate import go_back
from records.parked import park
from records.posting import Postings
from records.tables import jobs, partners
from states.effects import Commit, PinTerms, Projection, Step
from states.partner import PARTNER
from states.partner_data import Partner
from tests.cli.running import LEAD, Up, eventually, partnerflow, up
from workflows.connection import DATA_CONVERTER

pytestmark = pytest.mark.timeout(150)

SECOND = LEAD | {"partner_id": "blue-mesa"}
ACCEPT = "reviewer@vendor.example: timely=yes relationship=deep accurate=yes engaged=nobody fits well"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One stack for all examinations; each leaves it healthy."""
    with up(tmp_path_factory.mktemp("doctor") / "stack") as running:
        yield running


@pytest.fixture
def engine(stack: Up) -> Iterator[Engine]:
    engine = open_database(stack.settings["PARTNERFLOW_DATABASE_URL"])
    yield engine
    engine.dispose()


async def client_of(stack: Up) -> Client:
    return await Client.connect(stack.settings["TEMPORAL_ADDRESS"], data_converter=DATA_CONVERTER)


def doctor(stack: Up, *words: str) -> tuple[int, str]:
    """The exit code, and everything it said."""
    run = partnerflow("doctor", "--directory", stack.directory, *words)
    assert "Traceback" not in run.stderr, run.stderr
    return run.returncode, run.stdout + run.stderr


def healthy(stack: Up) -> bool:
    code, said = doctor(stack)
    return code == 0 and "Everything is in order." in said


async def test_a_terminated_process_is_found_and_ended_and_the_next_in_line_comes_up(stack: Up) -> None:
    first = stack.submit()
    stack.lead_in_state(first, "in_review")
    with stack.api() as api:
        second = api.post("/v1/leads", json=SECOND).json()["lead_id"]
    stack.lead_in_state(second, "in_line")
    client = await client_of(stack)
    await client.get_workflow_handle(f"lead:{first}").terminate("by mistake")

    found = ""

    def is_found() -> bool:
        nonlocal found
        code, found = doctor(stack)
        return code == 1 and f"lead:{first} was terminated" in found

    # Temporal lists it among those that run until a moment later.
    eventually(is_found, f"the termination was not found: {found}")
    assert "partnerflow doctor --repair" in found

    code, said = doctor(stack, "--repair")
    assert code == 0
    assert "shop.example is free for the next in line" in said
    assert stack.lead_in_state(first, "terminated")["outcome"] == "terminated"
    stack.lead_in_state(second, "in_review")
    assert healthy(stack)
    await client.get_workflow_handle(f"lead:{second}").execute_update("void", "reviewer@vendor.example: a test")


async def test_a_reset_process_is_found_and_its_own_word_counts(stack: Up) -> None:
    with stack.api() as api:
        lead_id = api.post("/v1/leads", json=LEAD | {"website": "reset.example"}).json()["lead_id"]
    stack.lead_in_state(lead_id, "in_review")
    client = await client_of(stack)
    handle = client.get_workflow_handle(f"lead:{lead_id}")
    await handle.execute_update("accept", ACCEPT)
    stack.lead_in_state(lead_id, "accepted")
    run_id = (await handle.describe()).run_id
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace="default",
            workflow_execution=WorkflowExecution(workflow_id=f"lead:{lead_id}", run_id=run_id),
            reason="by mistake",
            workflow_task_finish_event_id=4,
            request_id="once",
            reset_reapply_exclude_types=[1, 2],  # type: ignore[list-item]
        )
    )
    found = ""

    def is_found() -> bool:
        nonlocal found
        _, found = doctor(stack)
        return f"lead:{lead_id} was reset: it is in the state in_review" in found

    eventually(is_found, f"the reset was not found: {found}")
    code, said = doctor(stack, "--repair")
    assert code == 0
    assert f"lead:{lead_id} is shown as in_review" in said
    stack.lead_in_state(lead_id, "in_review")
    assert healthy(stack)


def test_a_refused_change_is_found_and_written_once_its_reason_is_mended(stack: Up, engine: Engine) -> None:
    now = REAL_TIME.origin + timedelta(days=20_000)
    projection = Projection(
        kind="lead", state="ended", outcome="voided", final=True, partner_id="newcomer", subject="x.example",
        edition="2022", lifecycle_version=1, since=now,
    )  # fmt: skip
    step = Step(
        trigger="accept", source="in_review", dest="ended", at=now, handled_at=now, by="x", effects=(PinTerms(at=now),)
    )
    commit = Commit(process="lead:parked", chain="c", number=1, steps=(step,), projection=projection)
    park(engine, commit, "The partner newcomer is not in the list of partners.", now=now)

    code, said = doctor(stack, "--repair")
    assert code == 1
    assert "is refused again" in said

    stranger = stack.directory / "newcomer.csv"
    stranger.write_text(
        "id,name,contact_name,contact_email,joined_at\nnewcomer,Newcomer,Desk,desk@newcomer.example,2000-01-02\n"
    )
    assert partnerflow("partners", "import", stranger, "--directory", stack.directory).returncode == 0
    assert doctor(stack, "--repair")[0] == 0
    assert healthy(stack)


def test_what_was_accepted_and_lost_is_found_and_begins_again(stack: Up, engine: Engine) -> None:
    long_ago = REAL_TIME.origin + timedelta(days=20_000)
    lead_id, _ = submit(
        engine, partner_id="nordlicht", company="Lost", domain="lost.example", contact_name="", contact_email="",
        note="", received_at=long_ago,
    )  # fmt: skip
    lost = accounts.submit(
        engine, api_key="LOST01", partner_id="nordlicht", contact_name="", contact_email="x@lost.example",
        received_at=long_ago,
    )  # fmt: skip
    accounts.acknowledge(engine, lost.process, lost.number)
    joins = Partner.join(
        "lost", long_ago, edition_name="2022", lifecycle_version=PARTNER.version, track=Track.ADVISOR, tier=Tier.PARTNER
    )
    begun = Postings("somebody", long_ago)
    begun.begin("lost/begin", "partner:lost", "partner", joins.model_dump(mode="json"))
    begun.rows[0].update(status="sent", sent_at=long_ago)
    with writing(engine) as connection:
        begun.write(connection)

    code, said = doctor(stack)
    assert code == 1
    for process in (f"lead:{lead_id}", lost.process, "partner:lost"):
        assert f"{process} was accepted, but Temporal does not know it" in said
    code, said = doctor(stack, "--repair")
    assert code == 0, said
    assert "partner:lost begins again." in said
    assert f"lead:{lead_id} begins when it is sent again." in said
    eventually(lambda: projection_of(engine, "partner:lost") is not None, "the partner's process never began")
    assert healthy(stack)
    with stack.api() as api:
        again = api.post("/v1/leads", json=LEAD | {"partner_id": "nordlicht", "website": "lost.example"})
    assert (again.status_code, again.json()["lead_id"]) == (202, lead_id)
    stack.lead_in_state(lead_id, "in_review")


def test_a_merged_partner_whose_process_goes_on_is_told_once_more(stack: Up, engine: Engine) -> None:
    """As after a reset to a point before it heard of the merger."""
    line = "mergling,Mergling,Desk,desk@mergling.example,2000-01-02"
    entry = stack.directory / "mergling.csv"
    entry.write_text(f"id,name,contact_name,contact_email,joined_at\n{line}\n")
    assert partnerflow("partners", "import", entry, "--directory", stack.directory).returncode == 0
    eventually(lambda: projection_of(engine, "partner:mergling") is not None, "the partner's process never began")
    long_ago = REAL_TIME.origin + timedelta(days=20_000)
    gone = update(partners).where(partners.c.id == "mergling")
    with writing(engine) as connection:
        connection.execute(gone.values(active=False, left_at=long_ago, merged_into="nordlicht"))

    code, said = doctor(stack)
    assert code == 1
    assert "partner:mergling was merged into nordlicht on" in said
    code, said = doctor(stack, "--repair")
    assert code == 0, said
    assert "partner:mergling is told that it was merged into nordlicht." in said

    def is_over() -> bool:
        shown = projection_of(engine, "partner:mergling")
        return shown is not None and shown.projection.state == "merged" and shown.projection.final

    eventually(is_over, "its process did not end")
    assert healthy(stack)
    run = partnerflow("partners", "import", entry, "--directory", stack.directory)
    assert run.returncode != 0
    assert "The partner mergling was merged into nordlicht, which can't be undone" in run.stdout + run.stderr


def test_a_staff_list_without_reviewers_is_found(stack: Up, tmp_path: Path) -> None:
    staff = tmp_path / "staff.toml"
    staff.write_text('[[staff]]\naddress = "manager@vendor.example"\nroles = ["manager"]\n')
    run = partnerflow("doctor", **stack.settings, PARTNERFLOW_STAFF_FILE=str(staff))
    assert run.returncode == 1
    assert "nobody in the role reviewer" in run.stdout


def test_a_database_of_an_older_version_is_found(stack: Up, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = open_database(url)
    go_back(engine, "base")
    engine.dispose()
    run = partnerflow("doctor", **(stack.settings | {"PARTNERFLOW_DATABASE_URL": url}))
    assert run.returncode == 1
    assert "Run: partnerflow setup" in run.stdout
    assert partnerflow("setup", **(stack.settings | {"PARTNERFLOW_DATABASE_URL": url})).returncode == 0
    assert partnerflow("doctor", **(stack.settings | {"PARTNERFLOW_DATABASE_URL": url})).returncode == 0


def test_a_job_that_keeps_failing_is_named(stack: Up, engine: Engine) -> None:
    now = REAL_TIME.program(datetime.now(UTC))
    with writing(engine) as connection:
        for name, failures in (("adjustment:2027-H1/1", 5), ("mrr/1", 4)):
            begin_job(connection, name, "look_at_standings", {}, now=now)
            # Nobody takes it up meanwhile.
            tried = {"failures": failures, "last_error": "ZeroDivisionError", "lease_until": now + timedelta(days=1)}
            connection.execute(update(jobs).where(jobs.c.id == name).values(tried))

    code, said = doctor(stack)

    assert code == 1
    named = " ".join(said.split())
    assert "The job adjustment:2027-H1/1 has failed 5 times at the same page, at last with ZeroDivisionError." in named
    assert "mrr/1" not in named
    with writing(engine) as connection:
        connection.execute(delete(jobs))
    assert healthy(stack)
