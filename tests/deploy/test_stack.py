"""The stack of the compose file, run: what is promised over HTTP is kept through stops and starts."""

import asyncio
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.deploy.conftest import PASSWORDS, seconds
from tests.deploy.image import TOP
from tests.deploy.natively import Installation, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

ACCEPT = {
    "by": "reviewer@vendor.example", "timely": "yes", "relationship": "deep", "accurate": "yes", "engaged": "nobody",
    "reason": "fits well",
}  # fmt: skip
PARTNERS = """id,name,contact_name,contact_email,manager_address,country,track,tier,joined_at
alster,Alster Commerce,Contact,contact@alster.example,manager@vendor.example,DE,advisor,gold,2025-03-10
"""


class Desk:
    """The people of the test: a partner's program with its key, a reviewer, whoever reads the mails."""

    def __init__(self, installation: Installation) -> None:
        self.all = installation
        partners = installation.folder / "partners.csv"
        partners.write_text(PARTNERS)
        assert installation.run("partners", "import", str(partners)).returncode == 0
        made = installation.run("keys", "create", "Alster", "--scope", "partner", "--partner", "alster")
        assert made.returncode == 0, made.stderr
        self.key = made.stdout.strip()

    def submit(self, name: str) -> str:
        """Register a lead over HTTP; its id."""
        submission = {
            "partner_id": "alster", "company": name.title(), "website": f"https://{name}.example",
            "contact_name": "Somebody", "contact_email": f"somebody@{name}.example",
        }  # fmt: skip
        answer = self._http("POST", "/v1/leads", json=submission)
        assert answer.status_code == 202, answer.text
        lead: str = answer.json()["lead_id"]
        return lead

    def states(self) -> dict[str, str]:
        """Where the partner's leads stand, by company."""
        answer = self._http("GET", "/v1/leads")
        assert answer.status_code == 200, answer.text
        return {lead["company"].lower(): lead["state"] for lead in answer.json()["leads"]}

    def accept(self, lead: str) -> str:
        """Decide as staff do: by an update, and again when the answer is to try again."""

        async def decide() -> Any:
            client = await self.all.temporal.client(self.all.namespace)
            process = client.get_workflow_handle(f"lead:{lead}")
            for _ in range(20):
                try:
                    return await process.execute_update("accept", ACCEPT)
                except WorkflowUpdateFailedError as refused:
                    if "Try again shortly" not in str(refused.cause):
                        raise
                    await asyncio.sleep(0.5)
            return "Refused every time."

        return str(asyncio.run(decide()))

    def _http(self, method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(
            method, self.all.portal + path, headers={"Authorization": f"Bearer {self.key}"}, timeout=60, **more
        )


def accepted(name: str) -> str:
    return f"Your lead {name.title()} is accepted"


def test_nothing_is_lost_over_a_stop_and_a_start(installation: Installation) -> None:
    for service in ("worker", "portal"):
        installation.start(service)
    assert httpx.get(f"{installation.portal}/readyz", timeout=30).status_code == 200
    desk = Desk(installation)
    first, _ = desk.submit("first"), desk.submit("second")
    until(lambda: desk.states() == {"first": "in_review", "second": "in_review"}, "both are in review")
    assert desk.accept(first).startswith("Done: accepted.")
    until(lambda: accepted("first") in installation.mail.to("contact@alster.example"), "the mail has left")

    # Without a worker the portal still takes what comes.
    stopped_within_grace(installation, "worker")
    third = desk.submit("third")
    stopped_within_grace(installation, "portal")
    installation.temporal.stop()
    installation.postgres.stop()

    installation.postgres.start()
    installation.temporal.start()
    again = installation.run(*installation.services["setup"]["command"])
    assert again.returncode == 0, again.stderr
    assert "nothing to do" in again.stdout
    for service in ("worker", "portal"):
        installation.start(service)
    standing = {"first": "accepted", "second": "in_review", "third": "in_review"}
    until(lambda: desk.states() == standing, f"{standing}")
    assert desk.accept(third).startswith("Done: accepted.")
    until(lambda: accepted("third") in installation.mail.to("contact@alster.example"), "the mail has left")

    # What the operations page says to watch.
    shown = httpx.get(f"http://127.0.0.1:{installation.metrics_port}/metrics", timeout=30).text
    for name in re.findall(r"`(temporal_(?:sticky|worker|workflow)_\w+)`", (TOP / "docs/operations.md").read_text()):
        assert f"\n{name}" in shown, name

    ids = [mail["Message-ID"] for mail in installation.mail.mails]
    assert len(ids) == len(set(ids)), "no mail twice"
    examined = installation.run("doctor")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    for service in ("portal", "worker"):
        stopped_within_grace(installation, service)


def stopped_within_grace(installation: Installation, service: str) -> None:
    """SIGTERM ends it, properly, before Docker would lose patience."""
    code, took = installation.stop(service)
    assert code == 0, installation.log(service).read_text()[-2000:]
    assert took < seconds(installation.services[service]["stop_grace_period"])


def test_the_code_that_runs_is_that_of_the_image(installation: Installation, code_of_the_image: Path) -> None:
    where = "import cli, portal, records, worker; print(*(each.__file__ for each in (cli, portal, records, worker)))"
    said = subprocess.run(
        ["python", "-P", "-c", where],
        env=installation.around("worker"),
        cwd=installation.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(path.startswith(str(code_of_the_image)) for path in said.stdout.split()), said.stdout


def test_the_databases_are_apart(installation: Installation) -> None:
    postgres = installation.postgres
    temporal, records = PASSWORDS["TEMPORAL_DB_PASSWORD"], PASSWORDS["RECORDS_DB_PASSWORD"]
    for database, user, word in (
        ("temporal", "temporal", temporal),
        ("temporal_visibility", "temporal", temporal),
        ("partnerflow", "partnerflow", records),
    ):
        # What Temporal's schema needs: tables and an extension of its own, without more rights.
        question = "CREATE EXTENSION IF NOT EXISTS btree_gin; CREATE TABLE t (x int); DROP TABLE t; SELECT 1"
        assert postgres.ask(question, database=database, user=user, password=word).splitlines()[-1] == "1"
    assert postgres.ask("SELECT count(*) FROM pg_roles WHERE rolname IN ('temporal', 'partnerflow') AND "
                        "(rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication)") == "0"  # fmt: skip
    for database, user, word in (("partnerflow", "temporal", temporal), ("temporal", "partnerflow", records)):
        with pytest.raises(subprocess.CalledProcessError) as refused:
            postgres.ask("SELECT 1", database=database, user=user, password=word)
        assert "permission denied" in refused.value.stderr
    with pytest.raises(subprocess.CalledProcessError):
        postgres.ask("SELECT 1", database="partnerflow", user="partnerflow", password="wrong")
    # Again, with another password: everything stays, the password is the new one.
    assert postgres.script("databases.sh", **{**PASSWORDS, "RECORDS_DB_PASSWORD": "another"}).returncode == 0
    asked = {"database": "partnerflow", "user": "partnerflow"}
    assert postgres.ask("SELECT count(*) >= 0 FROM lead_details", **asked, password="another") == "t"
    assert postgres.script("databases.sh", **PASSWORDS).returncode == 0


def test_the_namespace_job_may_be_repeated(installation: Installation) -> None:
    again = installation.job("temporal-namespace")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "is ready" in again.stdout
    described = asyncio.run(_retention(installation))
    assert described == 30 * 24 * 3600


async def _retention(installation: Installation) -> float:
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

    client = await installation.temporal.client(installation.namespace)
    found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    return found.config.workflow_execution_retention_ttl.seconds


def test_the_schema_job_asks_for_both_pairs(tmp_path: Path) -> None:
    """The tool is not to be had here: what is seen is what it would be asked."""
    calls, tool = tmp_path / "calls", tmp_path / "temporal-sql-tool"
    tool.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    tool.chmod(0o755)
    subprocess.run(
        ["/bin/sh", TOP / "deploy/temporal/schema.sh"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True
    )
    versions = "/etc/temporal/schema/postgresql/v12"
    assert calls.read_text().splitlines() == [
        "--db temporal setup-schema -v 0.0",
        f"--db temporal update-schema -d {versions}/temporal/versioned",
        "--db temporal_visibility setup-schema -v 0.0",
        f"--db temporal_visibility update-schema -d {versions}/visibility/versioned",
    ]
    tool.write_text("#!/bin/sh\nexit 1\n")
    failed = subprocess.run(
        ["/bin/sh", TOP / "deploy/temporal/schema.sh"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False
    )
    assert failed.returncode != 0, "a job that fails must say so"
