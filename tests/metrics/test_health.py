"""Health checks tell the truth: what is away is named, and when it is back, that is noticed without a restart."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig

from activities.vitals import Vitals
from cli.ports import free_port
from program.clock import REAL_TIME
from records.database import open_database, writing
from tests.metrics.running import Program, Programs, programs, until
from tests.workflows.conftest import Server

pytestmark = pytest.mark.timeout(280)


def rename(engine: Engine, table: str, name: str) -> None:
    with writing(engine) as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


@pytest.mark.faults
def test_worker_and_portal_notice_what_is_away_and_what_is_back(
    tmp_path: Path, temporal: Server, engine: Engine, database_url: str
) -> None:
    with programs(tmp_path, database_url, temporal.address) as running:
        worker, portal = running.start("worker"), running.start("portal")
        both = (worker, portal)
        said = [running.health(each)[1] for each in both]
        assert said == ["The worker is ready.\n", "The portal is ready.\n"]

        temporal.kill()
        until(lambda: all(_says(running, each, "Temporal") for each in both), "Temporal is missed")
        assert all(_lives(running, each) for each in both)
        temporal.start()
        until(lambda: all(_ready(running, each) for each in both), "both are ready again")

        # A database without its tables refuses everything, as one that is away does.
        for table in ("outbox", "alembic_version"):
            rename(engine, table, f"away_{table}")
        until(lambda: all(_says(running, each, "database") for each in both), "the database is missed")
        assert all(_lives(running, each) for each in both)
        for table in ("outbox", "alembic_version"):
            rename(engine, f"away_{table}", table)
        until(lambda: all(_ready(running, each) for each in both), "both are ready again")
        told = [line["text"] for line in worker.lines() if line["logger"] == "partnerflow.vitals"]
        # A busy machine may miss one of them a second time.
        said_first = list(dict.fromkeys(told))
        assert said_first == ["Temporal is away", "Temporal is back", "the database is away", "the database is back"]

        worker.process.send_signal(signal.SIGSTOP)
        assert not _lives(running, worker)
        worker.process.send_signal(signal.SIGCONT)
        until(lambda: _ready(running, worker), "it goes on")
        assert [each.end() for each in both] == [0, 0]
        assert not _lives(running, worker)


def _lives(running: Programs, program: Program) -> bool:
    return running.health(program, "--no-ready")[0] == 0


def _ready(running: Programs, program: Program) -> bool:
    return running.health(program, "--ready")[0] == 0


def _says(running: Programs, program: Program, what: str) -> bool:
    code, said = running.health(program, "--ready")
    return code == 1 and what in said


async def _yes() -> bool:
    return True


async def _no() -> bool:
    return False


@pytest.mark.parametrize("temporal_answers", [_yes, _no])
async def test_a_database_that_nobody_serves(temporal_answers: Callable[[], Awaitable[bool]]) -> None:
    engine = open_database(f"postgresql://nobody:x@127.0.0.1:{free_port()}/nothing")
    buffer = MetricBuffer(1_000)
    meter = Runtime(telemetry=TelemetryConfig(metrics=buffer)).metric_meter
    await Vitals(engine, REAL_TIME, meter, temporal_answers, lambda: True).look()
    shown = {update.metric.name: update.value for update in buffer.retrieve_updates()}
    assert shown["partnerflow_database_up"] == 0
    assert shown["partnerflow_temporal_up"] == (temporal_answers is _yes)
    assert shown["partnerflow_database_breaker_open"] == 1
    assert shown["partnerflow_heartbeat_timestamp_seconds"] > 1.7e9
    engine.dispose()
