"""The activity's failures tell Temporal whether to try again, and nobody's name."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import names
from activities.commit import CommitActivities
from records.database import open_database, writing
from records.migrate import migrate
from records.parked import parked_commits
from states.effects import Mail
from tests.records.making import NOW, a_partner, claim, commit, pin, step

SECRET = "a personal remark"


def run(activity: Callable[..., Any], *arguments: Any) -> Any:
    return ActivityEnvironment().run(activity, *arguments)


def failure_of(activity: Callable[..., Any], *arguments: Any) -> ApplicationError:
    with pytest.raises(ApplicationError) as failed:
        run(activity, *arguments)
    return failed.value


def test_a_commit_is_written_and_the_relay_is_woken(engine: Engine) -> None:
    woken: list[bool] = []
    activities = CommitActivities(engine, lambda: NOW, posted=lambda: woken.append(True))
    assert run(activities.commit, commit("lead:a", 1, step(claim()))).claim == "held"
    assert woken == [True]
    run(activities.commit, commit("lead:a", 2, step(trigger="note")))
    assert woken == [True]
    assert activities.database_is_there


def test_a_refusal_is_for_good_and_can_be_parked(engine: Engine) -> None:
    activities = CommitActivities(engine, lambda: NOW)
    sent = commit("lead:a", 1, step(pin(), reason=SECRET), partner_id="p-unknown")
    failure = failure_of(activities.commit, sent)
    assert failure.non_retryable
    assert failure.type == names.REFUSED
    run(activities.park, sent, str(failure))
    run(activities.park, sent, str(failure))
    assert [each.commit for each in parked_commits(engine)] == [sent]
    assert activities.database_is_there


def test_a_database_that_is_away_is_worth_another_try(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    activities = CommitActivities(engine, lambda: NOW)
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO audit_away"))
    sent = commit("lead:a", 1, step(Mail(template="lead_received", to="partner"), reason=SECRET, by=SECRET))

    failures = [failure_of(activities.commit, sent), failure_of(activities.commit, sent)]

    for failure in failures:
        assert failure.type == names.AWAY
        assert not failure.non_retryable
        assert failure.__cause__ is None
        assert failure.__suppress_context__
        assert SECRET not in str(failure)
        assert "INSERT" not in str(failure)
    assert "a moment ago" in failures[1].message
    assert SECRET not in caplog.text


def test_writers_who_are_busy_are_no_outage(tmp_path: Any) -> None:
    """Whoever waits too long for SQLite's one writer tries again; the others need not hear that it is away."""
    url = f"sqlite:///{tmp_path / 'busy.db'}"
    migrate(url)
    engine = open_database(url)
    a_partner(engine)
    activities = CommitActivities(engine, lambda: NOW)
    with writing(engine):
        failure = failure_of(activities.commit, commit("lead:a", 1, step()))
    assert (failure.type, failure.non_retryable) == (names.AWAY, False)
    assert activities.database_is_there
    run(activities.commit, commit("lead:a", 1, step()))
    engine.dispose()


def test_hundreds_of_waiting_processes_hold_no_threads(tmp_path: Any) -> None:
    """The server's address leads nowhere; after the first, attempts come back at once."""
    silent = open_database("postgresql://nobody@192.0.2.1/none", connect_timeout=0.3)
    activities = CommitActivities(silent, lambda: NOW)
    looked: list[bool] = []
    event.listen(silent, "do_connect", lambda *_: looked.append(True))
    began = monotonic()
    failure_of(activities.commit, commit("lead:a", 1, step()))
    threads = set()

    def attempt(number: int) -> None:
        threads.add(threading.get_ident())
        failure_of(activities.commit, commit(f"lead:{number}", 1, step()))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(300)))
    # One at a time looks, half a second after the last one; nobody else reaches for the server.
    assert len(looked) <= 2 + (monotonic() - began) / 0.5 < 300
    assert not activities.database_is_there
    silent.dispose()
