"""Worker and portal as processes of their own, as operators see them: output, metrics, exit codes."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from cli.ports import free_port
from tests.cli.running import COMMAND, environment

Samples = dict[str, list[tuple[dict[str, str], float]]]
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def until(holds: Callable[[], Any], what: str, *, within: float = 90) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, f"after {within:.0f} s still not: {what}"
        time.sleep(0.1)


@dataclass
class Program:
    """A running `partnerflow worker` or `portal`."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    metrics_port: int

    def metrics(self) -> str:
        """What Prometheus would read; empty while nobody answers."""
        with contextlib.suppress(OSError):
            address = f"http://127.0.0.1:{self.metrics_port}/metrics"
            return str(_DIRECTLY.open(address, timeout=30).read().decode())
        return ""

    def samples(self) -> Samples:
        """The metrics by name."""
        found: Samples = {}
        for family in text_string_to_metric_families(self.metrics()):
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
        return found

    def value(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels; -1 when there is none."""
        found = [value for has, value in self.samples().get(name, []) if labels.items() <= has.items()]
        return sum(found) if found else -1

    def lines(self) -> list[dict[str, Any]]:
        """Everything it has printed; each line must be a JSON object."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def end(self, within: float = 60) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self.process.wait(within)


@dataclass
class Programs:
    """Worker and portal on one database and one Temporal server."""

    folder: Path
    database_url: str
    temporal: str
    more: dict[str, str] = field(default_factory=dict)
    running: list[Program] = field(default_factory=list)

    def variables(self, metrics_port: int, **more: str) -> dict[str, str]:
        return environment(
            PARTNERFLOW_DATABASE_URL=self.database_url,
            TEMPORAL_ADDRESS=self.temporal,
            PARTNERFLOW_METRICS_ADDRESS=f"127.0.0.1:{metrics_port}",
            PARTNERFLOW_PORTAL_PORT=str(metrics_port),
            PARTNERFLOW_MAIL_DIRECTORY=str(self.folder / "mail"),
            **{**self.more, **more},
        )

    def start(self, name: str, **more: str) -> Program:
        """Start `partnerflow worker` or `portal` and wait until it is ready."""
        port = free_port()
        log = self.folder / f"{name}-{len(self.running)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*COMMAND, name], env=self.variables(port, **more), cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        program = Program(name, process, log, port)
        self.running.append(program)
        until(lambda: process.poll() is not None or self.health(program)[0] == 0, f"{name} is ready")
        assert process.poll() is None, log.read_text()
        return program

    def health(self, program: Program, *options: str) -> tuple[int, str]:
        """`partnerflow health`: exit code and what it says."""
        asked = subprocess.run(
            [*COMMAND, "health", program.name, *(options or ("--ready",))],
            env=self.variables(program.metrics_port), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return asked.returncode, asked.stdout + asked.stderr


@contextlib.contextmanager
def programs(folder: Path, database_url: str, temporal: str, **more: str) -> Iterator[Programs]:
    """Programs of which none is left in the end."""
    found = Programs(folder, database_url, temporal, more)
    try:
        yield found
    finally:
        for program in found.running:
            program.process.kill()
            program.process.wait()
