"""The demonstration, as CI runs it: a whole season on a stack of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(290)]


def demonstrated(tmp_path: Path, *what: str) -> str:
    """What a demonstration prints that ends as scripted."""
    run = subprocess.run(
        [*COMMAND, "demo", *what, "--exit"],
        env=environment(TMPDIR=str(tmp_path)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=270,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert os.listdir(tmp_path) == [], "it leaves nothing behind"
    return run.stdout


def test_every_lead_and_every_account_of_the_season_ends_as_scripted(tmp_path: Path) -> None:
    # Slower than somebody would watch it: the machine may stand still for five seconds at any moment.
    printed = demonstrated(tmp_path, "--speed", "110000")
    assert "All 49 registrations and 27 accounts ended as scripted." in printed


def test_every_nomination_of_the_elite_season_ends_as_scripted(tmp_path: Path) -> None:
    printed = demonstrated(tmp_path, "elite")
    assert "All ended as scripted." in printed
    assert "/seasons/2027-H1" in printed
