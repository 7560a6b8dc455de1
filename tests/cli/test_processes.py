"""Children that a killed parent left behind, where the kernel does not end them: the next start does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.processes import born, end_leftovers, remember


@pytest.fixture
def left() -> Iterator[subprocess.Popen[bytes]]:
    """A process that nobody waits for."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_a_child_that_was_left_behind_is_ended(left: subprocess.Popen[bytes], tmp_path: Path) -> None:
    file = tmp_path / "children.json"
    remember(file, {"worker": left.pid})
    assert end_leftovers(file) == ["worker"]
    assert left.wait(5) == -9
    assert not file.exists()


def test_a_stranger_with_a_reused_id_is_left_alone(left: subprocess.Popen[bytes], tmp_path: Path) -> None:
    file = tmp_path / "children.json"
    file.write_text(json.dumps({"worker": [left.pid, "long ago"]}))
    assert end_leftovers(file) == []
    assert left.poll() is None


@pytest.mark.parametrize("content", ["", "{", "{}"])
def test_a_file_that_says_nothing_ends_nothing(content: str, tmp_path: Path) -> None:
    file = tmp_path / "children.json"
    file.write_text(content)
    assert end_leftovers(file) == []


def test_nobody_was_born_under_an_unused_id() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert born(gone.pid) is None
