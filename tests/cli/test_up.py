"""`partnerflow up` in real processes: what it promises to somebody who starts it, stops it, and kills it."""

from __future__ import annotations

import json
import os
import signal
import stat
from pathlib import Path

import pytest

from cli.processes import born
from tests.cli.running import eventually, partnerflow, up

pytestmark = [pytest.mark.faults, pytest.mark.timeout(150)]


def test_a_lead_survives_stop_and_start(tmp_path: Path) -> None:
    with up(tmp_path / "stack") as first:
        lead_id = first.submit()
        first.lead_in_state(lead_id, "in_review")
        key = (tmp_path / "stack" / "keys.txt").read_text().strip()
        assert key in first.said
        assert stat.S_IMODE((tmp_path / "stack" / "keys.txt").stat().st_mode) == 0o600
        assert first.stop() == 0
    with up(tmp_path / "stack") as second:
        assert second.lead_in_state(lead_id, "in_review")["domain"] == "shop.example"
        assert key not in second.said, "the key is printed once"


def test_a_killed_worker_is_started_again_and_that_is_said(tmp_path: Path) -> None:
    with up(tmp_path / "stack") as stack:
        killed = stack.child("worker")
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: "The worker ended (killed by SIGKILL)" in stack.said, "nobody said that the worker ended")
        eventually(lambda: stack.child("worker") != killed, "the worker was not started again")
        stack.lead_in_state(stack.submit(), "in_review")


def test_children_die_with_a_killed_parent_and_the_next_start_works(tmp_path: Path) -> None:
    with up(tmp_path / "stack") as first:
        children = {name: first.child(name) for name in ("temporal", "worker", "portal")}
        births = {name: born(pid) for name, pid in children.items()}
        first.process.kill()
        first.process.wait(10)
        eventually(
            lambda: all(born(pid) != births[name] for name, pid in children.items()), "a child outlived its parent", 10
        )
    with up(tmp_path / "stack") as second:
        second.submit()


def test_a_second_start_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    with up(tmp_path / "stack") as first:
        again = partnerflow("up", "--directory", tmp_path / "stack")
        assert again.returncode == 2
        assert f"already runs in {tmp_path / 'stack'} (process {first.process.pid})" in again.stderr
        assert again.stderr.count("\n") == 1


def test_logs_are_json_with_the_process_and_nobody_in_them(tmp_path: Path) -> None:
    with up(tmp_path / "stack") as stack:
        stack.lead_in_state(stack.submit(), "in_review")
        stack.stop()
    for name in ("worker", "portal"):
        lines = (tmp_path / "stack" / "logs" / f"{name}.log").read_text().splitlines()
        assert lines
        assert all(json.loads(line)["program"] == name for line in lines)
        assert not [line for line in lines if "contact@" in line or "Head of Marketing" in line]
