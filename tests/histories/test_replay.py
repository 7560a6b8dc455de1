"""Every stored history, open or closed, replays with today's code, inside the sandbox.

One that does not is an open process that the next deployment would wedge. Mend the code (a new lifecycle version, or
`workflow.patched`); only what has never run in production may be recorded again, as `record.py` says.
"""

import socket
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

import worker
from states.effects import Commit, Receipt
from tests.workflows.conftest import SANDBOX
from workflows import recording
from workflows.connection import DATA_CONVERTER

HERE = Path(__file__).parent
STORED = sorted(HERE.glob("*/*.json"))
PROCESSES = {process.__dict__["__temporal_workflow_definition"].name: process for process in worker.WORKFLOWS}


def stored(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"{file.parent.name}:{file.stem}", file.read_text())


async def replay(file: Path) -> None:
    process = PROCESSES[file.parent.name]
    replayer = Replayer(workflows=[process], data_converter=DATA_CONVERTER, workflow_runner=SANDBOX)
    await replayer.replay_workflow(stored(file))


@pytest.mark.parametrize("file", STORED, ids=lambda file: f"{file.parent.name}-{file.stem}")
async def test_it_replays(file: Path) -> None:
    await replay(file)


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_has_histories(process: str) -> None:
    assert list((HERE / process).glob("*.json")), (
        f"Nothing keeps changes from wedging open processes of the kind {process}: see record.py beside this test."
    )


async def test_a_changed_driver_does_not_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    async def another_way(commit: Commit) -> Receipt:
        return await recording.record(commit)

    monkeypatch.setattr(recording, "record_locally", another_way)
    with pytest.raises(NondeterminismError):
        await replay(HERE / "lead" / "credited.json")


async def test_a_changed_deadline_does_not_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    process: Any = PROCESSES["lead"]
    for table in process.lifecycles.values():
        monkeypatch.setattr(table, "next_deadline", lambda _: None)
    with pytest.raises(NondeterminismError):
        await replay(HERE / "lead" / "expired.json")


@pytest.mark.parametrize("file", STORED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_it_names_no_machine(file: Path) -> None:
    assert f"@{socket.gethostname()}" not in file.read_text()
