"""The real command in real processes, for tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cli.main import run

COMMAND = [sys.executable, "-P", "-m", "cli.main"]
LEAD = {
    "partner_id": "nordlicht",
    "company": "Example Shop",
    "website": "https://www.shop.example",
    "contact_name": "Head of Marketing",
    "contact_email": "contact@shop.example",
}


def environment(**more: str) -> dict[str, str]:
    """This machine's environment without anybody's settings."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PARTNERFLOW_", "TEMPORAL_"))}
    return {**ours, **more}


def partnerflow(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, words)], env=environment(**more), capture_output=True, text=True, timeout=100, check=False
    )


def called(*words: str | Path) -> int:
    """Run a command in this process, with its environment; the exit code."""
    before, sys.argv = sys.argv, ["partnerflow", *map(str, words)]
    try:
        run()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = before
    return 0


@dataclass(frozen=True, slots=True)
class Up:
    """A running `partnerflow up`."""

    process: subprocess.Popen[str]
    directory: Path
    output: Path

    @property
    def settings(self) -> dict[str, str]:
        """The settings that it wrote for other commands."""
        lines = (self.directory / "environment").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self.output.read_text()

    def child(self, name: str) -> int:
        """The process id of a child."""
        return int(json.loads((self.directory / "children.json").read_text())[name][0])

    def api(self) -> httpx.Client:
        """A client of its portal that has the key of the first start."""
        return httpx.Client(
            base_url=self.settings["PARTNERFLOW_PORTAL_URL"],
            headers={"X-Api-Key": (self.directory / "keys.txt").read_text().strip()},
            trust_env=False,
            timeout=20,
        )

    def submit(self) -> str:
        """Register a lead; its id."""
        with self.api() as api:
            answer = api.post("/v1/leads", json=LEAD)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["lead_id"])

    def lead_in_state(self, lead_id: str, state: str) -> dict[str, Any]:
        """The lead, once it is in a state."""
        found: dict[str, Any] = {}

        def reached() -> bool:
            with self.api() as api:
                answer = api.get(f"/v1/leads/{lead_id}")
            if answer.is_success:
                found.update(answer.json())
            return found.get("state") == state

        eventually(reached, f"{lead_id} is {found.get('state')} and never {state}")
        return found

    def stop(self) -> int:
        """Stop it as Ctrl-C or a service manager does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def eventually(holds: Any, otherwise: str, seconds: float = 40) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, otherwise
        time.sleep(0.1)


@contextmanager
def up(directory: Path, *options: str) -> Iterator[Up]:
    """A stack on free ports, stopped in the end if it still runs."""
    output = directory.with_suffix(".log")
    words = [
        *COMMAND,
        "up",
        "--directory",
        str(directory),
        "--port",
        "0",
        "--ui-port",
        "0",
        "--portal-port",
        "0",
        *options,
    ]
    with output.open("w") as log:
        process = subprocess.Popen(words, env=environment(), stdout=log, stderr=subprocess.STDOUT, text=True)
    running = Up(process, directory, output)
    try:
        eventually(lambda: "Ctrl-C stops" in running.said or process.poll() is not None, "it never came up", 90)
        assert process.poll() is None, running.said
        yield running
    finally:
        if process.poll() is None:
            running.stop()
