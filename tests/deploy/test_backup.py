"""Copies of the databases, put back: together as they were at one instant, and each older than the other.

Temporal's own database is SQLite here and PostgreSQL in the stack, so the two copies are taken separately. Where they
have to be of one instant, nothing happens between them.
"""

import asyncio
import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.service import RPCError

from tests.deploy.natively import Installation, until
from tests.deploy.test_stack import ACCEPT, Desk

# What goes to staff is not counted: whether their digest comes depends on the hour of the day.
PARTNER = "contact@alster.example"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]


@dataclass
class Copies:
    """What was copied before and after the day's work: `first` was accepted and `second` registered in between."""

    all: Installation
    desk: Desk
    first: str
    second: str
    records_before: Path
    temporal_before: Path
    records_after: Path
    temporal_after: Path

    def restore(self, records: Path, temporal: Path) -> None:
        """Stop everything, put two copies in the place of what was, start everything."""
        for service in ("portal", "worker"):
            if service in self.all.running:
                self.all.stop(service)
        self.all.temporal.stop()
        self.all.postgres.stop()
        done = self.all.postgres.script("restore.sh", str(records))
        assert done.returncode == 0, done.stderr
        self.all.temporal.restore(temporal)
        self.all.mail.mails.clear()
        self.all.postgres.start()
        self.all.temporal.start()
        for service in ("worker", "portal"):
            self.all.start(service)

    def process(self, lead: str) -> str:
        """The state that the process itself says it is in; "" when Temporal knows none."""

        async def ask() -> str:
            client = await self.all.temporal.client(self.all.namespace)
            with contextlib.suppress(RPCError):
                snapshot = await client.get_workflow_handle(f"lead:{lead}").query("snapshot")
                return str(snapshot["projection"]["state"])
            return ""

        return asyncio.run(ask())

    def doctor(self, *options: str) -> tuple[int, str]:
        said = self.all.run("doctor", *options)
        return said.returncode, said.stdout


def copy(installation: Installation, name: str) -> tuple[Path, Path]:
    """Copy both databases while everything runs."""
    folder = installation.postgres.folder / "copies"
    folder.mkdir(exist_ok=True)
    made = installation.postgres.script("backup.sh", str(folder))
    assert made.returncode == 0, made.stderr
    # Two copies within a second would have the same name.
    records = Path(made.stdout.strip().splitlines()[-1]).rename(folder / name)
    temporal = installation.folder / f"temporal-{name}.db"
    installation.temporal.copy_to(temporal)
    return records, temporal


@pytest.fixture(scope="module")
def copies(installation: Installation) -> Copies:
    for service in ("worker", "portal"):
        installation.start(service)
    desk = Desk(installation)
    first = desk.submit("first")
    until(lambda: desk.states() == {"first": "in_review"} and len(installation.mail.to(PARTNER)) == 1, "all is quiet")
    before = copy(installation, "before")
    desk.accept(first)
    second = desk.submit("second")
    standing = {"first": "accepted", "second": "in_review"}
    until(lambda: desk.states() == standing and len(installation.mail.to(PARTNER)) == 3, "all is quiet")
    after = copy(installation, "after")
    return Copies(installation, desk, first, second, *before, *after)


def test_both_of_one_instant(copies: Copies) -> None:
    copies.restore(copies.records_before, copies.temporal_before)
    assert copies.desk.states() == {"first": "in_review"}
    until(lambda: copies.process(copies.first) == "in_review", "the process answers as it stood")
    assert copies.doctor()[0] == 0
    # The day's work is done again, and everybody hears of it again.
    assert copies.desk.accept(copies.first).startswith("Done: accepted.")
    copies.desk.submit("second")
    standing = {"first": "accepted", "second": "in_review"}
    until(lambda: copies.desk.states() == standing, f"{standing}")
    until(lambda: len(copies.all.mail.to(PARTNER)) == 2, "both mails have left")
    assert copies.doctor()[0] == 0


def test_temporal_older_than_the_records(copies: Copies) -> None:
    copies.restore(copies.records_after, copies.temporal_before)
    # What was decided since is decided again; the same decision is no second one.
    until(lambda: copies.process(copies.first) == "in_review", "the process answers as it stood")
    assert copies.desk.accept(copies.first).startswith("Done: accepted.")
    until(lambda: copies.process(copies.first) == "accepted", "the process answers")
    # What began since is in the records with everything personal, and doctor names it.
    assert copies.process(copies.second) == ""
    code, said = copies.doctor()
    assert code == 1
    assert f"lead:{copies.second} is unknown to Temporal" in said
    assert copies.first not in said
    copies.doctor("--repair")
    assert copies.doctor()[0] == 0
    again = copies.desk.submit("second")
    assert again != copies.second
    until(lambda: copies.process(again) == "in_review", "the partner could register it again")
    until(lambda: len(copies.all.mail.to(PARTNER)) >= 1, "the new lead is confirmed")
    assert copies.all.mail.to(PARTNER) == ["We have your lead Second"], "no mail about the first again"


def test_temporal_older_and_another_decision(copies: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    copies.restore(copies.records_after, copies.temporal_before)
    monkeypatch.setitem(ACCEPT, "reason", "on second thoughts")
    copies.desk.accept(copies.first)
    until(lambda: len(copies.all.mail.to(PARTNER)) == 1, "the partner hears of the decision that counts")
    assert copies.first not in copies.doctor()[1]


def test_records_older_than_temporal_lose_what_nobody_else_has(copies: Copies) -> None:
    """Why Temporal is copied first: the other way round nothing brings back what partners wrote."""
    copies.restore(copies.records_before, copies.temporal_after)
    until(lambda: copies.process(copies.first) == "accepted", "the process answers as it stood")
    until(lambda: copies.process(copies.second) == "in_review", "so does the other one")
    assert copies.desk.states() == {"first": "in_review"}


def test_a_copy_that_was_changed_is_refused(copies: Copies, tmp_path: Path) -> None:
    broken = copies.all.postgres.folder / "copies/broken"
    shutil.copytree(copies.records_before, broken)
    (broken / "global/pg_filenode.map").write_bytes(b"0" * 524)
    copies.all.postgres.stop()
    try:
        done = copies.all.postgres.script("restore.sh", str(broken))
        assert done.returncode != 0
        assert "checksum mismatch" in done.stderr
        assert (copies.all.postgres.data / "PG_VERSION").exists(), "what was there is untouched"
    finally:
        copies.all.postgres.start()


def test_nothing_is_put_under_a_running_server(copies: Copies) -> None:
    done = copies.all.postgres.script("restore.sh", str(copies.records_before))
    assert done.returncode == 1
    assert "A database server uses" in done.stderr


def test_a_copy_that_broke_off_is_not_taken_for_one(copies: Copies, tmp_path: Path) -> None:
    done = copies.all.postgres.script("backup.sh", str(tmp_path), POSTGRES_USER="nobody")
    assert done.returncode != 0
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".unfinished")]
