"""What is asked often looks through no table that grows: how SQLite finds what a busy day asks for."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from records import accounts, applications, leads
from records.commits import write_commit
from records.database import open_database, reading
from records.digest import how_many_wait, queue_lengths, waiting_for
from records.facts import PAID, facts_since, paid_before, record_fact
from records.history import history_of
from records.migrate import migrate
from records.notes import notes_on
from records.outbox import backlog, lease_mails, lease_signals
from tests.records.making import DOMAIN, NOW, a_partner, claim, commit, credit, day, pin, release, step

GROWING = {
    "account_contacts", "account_requests", "application_details", "audit", "claims", "client_accounts", "commits",
    "facts", "lead_details", "managements", "mrr", "notes", "outbox", "processes", "referrals", "terms",
}  # fmt: skip


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    address = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    migrate(address)
    engine = open_database(address)
    yield engine
    engine.dispose()


@contextmanager
def planned(engine: Engine) -> Iterator[list[tuple[str, str]]]:
    """The steps of the plans of all statements that are executed meanwhile, each with its statement."""
    found: list[tuple[str, str]] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not statement.startswith("BEGIN"):
            given = parameters[0] if many else parameters
            plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            found.extend((row[3], " ".join(statement.split())) for row in plan.fetchall())

    event.listen(engine, "before_cursor_execute", explain)
    yield found
    event.remove(engine, "before_cursor_execute", explain)


def lives_of_leads(engine: Engine) -> None:
    names = []
    for partner in ("p-1", "p-2"):
        a_partner(engine, partner)
        lead_id, _ = leads.submit(
            engine, partner_id=partner, company="Client", domain=DOMAIN, contact_name="", contact_email="", note="",
            received_at=NOW, pending=True,
        )  # fmt: skip
        leads.acknowledge(engine, lead_id)
        names.append(f"lead:{lead_id}")
    first, second = names
    for process, number, change in (
        (first, 1, step(claim())),
        (second, 1, step(claim(day(1)))),
        (first, 2, step(release())),
        (second, 2, step(claim(day(1), firm=True), pin())),
        (second, 3, step(credit())),
    ):
        write_commit(engine, commit(process, number, change, waits_for="reviewer"), now=NOW)


def shown(engine: Engine) -> None:
    leads.list_leads(engine)
    leads.list_leads(engine, partner_id="p-1")
    leads.lead_with_history(engine, "none")
    history_of(engine, "lead:none")
    notes_on(engine, "lead:none")
    accounts.list_accounts(engine)
    accounts.list_accounts(engine, partner_id="p-1")
    applications.list_applications(engine)


def facts_come(engine: Engine) -> None:
    record_fact(
        engine, source="crm", fact_id="1", kind=PAID, subject=DOMAIN, occurred_at=NOW, received_at=NOW, digest="d"
    )  # fmt: skip
    leads.open_processes_for(engine, DOMAIN)
    facts_since(engine, DOMAIN, NOW, and_first_payment=True)
    with reading(engine) as connection:
        paid_before(connection, DOMAIN, NOW)


def accounts_come(engine: Engine) -> None:
    a_partner(engine)
    for _ in range(2):
        made = accounts.submit(
            engine, api_key="Abc123", partner_id="p-1", contact_name="", contact_email="a@client.example",
            received_at=NOW,
        )  # fmt: skip
        accounts.acknowledge(engine, made.process, made.number)
    accounts.account(engine, made.process)


def staff_and_mail(engine: Engine) -> None:
    waiting_for(engine, "reviewer")
    how_many_wait(engine)
    queue_lengths(engine)
    backlog(engine)
    for lease in (lease_mails, lease_signals):
        lease(engine, real=NOW, lease=timedelta(seconds=30), at_most=10)


@pytest.mark.parametrize("asks", [lives_of_leads, shown, facts_come, accounts_come, staff_and_mail])
def test_no_table_that_grows_is_looked_through(sqlite: Engine, asks: Callable[[Engine], None]) -> None:
    with planned(sqlite) as plans:
        asks(sqlite)
    assert any("USING" in how for how, _ in plans)
    # By an index in its order is no look through all: a page ends it, or the index is one of few rows.
    through = [
        (how, asked) for how, asked in plans
        if how.startswith("SCAN") and " USING " not in how and _table(how.split()[1], asked) in GROWING
    ]  # fmt: skip
    assert through == []


def _table(name: str, asked: str) -> str:
    """The table behind a name in a plan, which may be an alias of the statement's."""
    alias = re.search(rf"(\w+) AS {re.escape(name)}\b", asked)
    return alias[1] if alias else name
