"""What CI runs: its script is played with stand-ins for the programs that it calls, and with none of its packages."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
VERBS = ["install", "lint", "test", "test-postgres", "test-faults", "test-slow"]


def play(tmp_path: Path, *, user: int, installed: bool, failures: int = 0) -> tuple[int, list[str]]:
    """The script's exit code and what it called, in order; the first `failures` calls of apt-get fail."""
    programs, called = tmp_path / "bin", tmp_path / "called"
    programs.mkdir()
    called.touch()
    says = {
        "id": f"echo {user}",
        "dpkg": f"exit {0 if installed else 1}",
        "sleep": "",
        "make": f'echo "make $*" >>{called}',
        "sudo": f'echo "sudo $*" >>{called}; shift; exec "$@"',
        "apt-get": f'echo "apt-get $*" >>{called}; [ "$(grep -c ^apt-get {called})" -gt {failures} ]',
    }
    for name, script in says.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    run = tmp_path / "house" / ".ci" / "run"
    run.parent.mkdir(parents=True)
    shutil.copy(TOP / ".ci" / "run", run)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run([run], env=environment, capture_output=True, text=True, timeout=30, check=False)
    return ran.returncode, called.read_text().splitlines()


def test_it_calls_every_verb_when_all_is_there(tmp_path: Path) -> None:
    assert play(tmp_path, user=0, installed=True) == (0, [f"make {verb}" for verb in VERBS])


@pytest.mark.parametrize("user", [0, 1000])
def test_it_installs_what_is_missing(tmp_path: Path, user: int) -> None:
    code, called = play(tmp_path, user=user, installed=False)
    assert code == 0
    installs = [line for line in called if line.startswith("apt-get")]
    assert installs[0] == "apt-get -qq update"
    assert installs[1].startswith("apt-get -qq install -y")
    assert "chromium" in installs[1]
    assert [line.startswith("sudo") for line in called].count(True) == (0 if user == 0 else 2)
    assert called[-len(VERBS) :] == [f"make {verb}" for verb in VERBS]


def test_a_mirror_that_fails_twice_costs_nothing_and_one_that_goes_on_failing_ends_it(tmp_path: Path) -> None:
    (tmp_path / "twice").mkdir()
    code, called = play(tmp_path / "twice", user=0, installed=False, failures=2)
    assert (code, called[-1]) == (0, "make test-slow")
    (tmp_path / "always").mkdir()
    code, called = play(tmp_path / "always", user=0, installed=False, failures=99)
    assert (code, called) == (1, ["apt-get -qq update"] * 3)
