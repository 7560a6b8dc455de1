"""`make bench-size`: ten thousand open leads on one embedded stack, as an operator would run it.

Registers them through the portal, weighs each process, asks staff's questions while they are open, lets 2,000 windows
end in the same second, and kills the worker. Writes `docs/bench/size.md` and two plots. Takes about half an hour.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from rich.progress import Progress
from sqlalchemy import func, select
from temporalio.client import Client

from bench.__main__ import cpu_seconds
from bench.kinds import ACCEPT
from bench.plots import plot_answers, plot_storm
from cli.ports import free_port
from program.calendar import at_hour, end_of_day, program_date
from program.clock import ProgramClock
from records.database import open_database, reading
from records.tables import audit, processes
from states.lifecycle import GRACE
from workflows.connection import DATA_CONVERTER

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "bench" / "size.md"

STORM = 2_000
DECISIONS = 500
AT_A_TIME = 40


@dataclass
class Stack:
    """The running stack: where it is, and the clock of its program."""

    directory: Path
    temporal_port: int
    portal_port: int
    process: subprocess.Popen[bytes]
    clock: ProgramClock

    @property
    def key(self) -> str:
        """The API key made at the first start."""
        return (self.directory / "keys.txt").read_text().split()[-1]

    def pids(self) -> dict[str, int]:
        """The processes of the stack by name."""
        found = {"up": self.process.pid}
        children = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        ).stdout
        for line in children.splitlines():
            pid, _, command = line.strip().partition(" ")
            for name in ("worker", "portal", "temporal"):
                if f"cli.main {name}" in command or (name == "temporal" and "start-dev" in command):
                    found[name] = int(pid)
        return found

    def resident(self) -> dict[str, float]:
        """Resident memory of each process, in MB."""
        page = os.sysconf("SC_PAGE_SIZE") / 1e6
        return {
            name: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page for name, pid in self.pids().items()
        }

    def cpu(self) -> float:
        """Seconds of CPU time that the stack and this program have used."""
        return time.process_time() + sum(cpu_seconds(pid) for pid in self.pids().values())


@dataclass
class Figures:
    """What was measured. Times in seconds, memory in MB; `others` is the share of all cores that others used."""

    leads: int
    registering: float = 0.0
    refused: int = 0
    caught_up: float = 0.0
    empty: dict[str, float] = field(default_factory=dict)
    full: dict[str, float] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    restarted: list[float] = field(default_factory=list)
    others: float = 0.0


def cpu_of_machine() -> float:
    """Seconds of CPU time that the machine has used for anything since it started."""
    user, nice, system, _idle, _iowait, *rest = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    return sum(map(int, (user, nice, system, *rest[:2]))) / os.sysconf("SC_CLK_TCK")


@contextmanager
def stack(minutes_to_midnight: int) -> Iterator[Stack]:
    """An embedded stack whose program day ends in so many minutes."""
    now = datetime.now(UTC)
    midnight = end_of_day(program_date(now))
    clock = ProgramClock(origin=now, speed=1, starts=midnight - timedelta(minutes=minutes_to_midnight))
    ports = free_port(), free_port(), free_port()
    directory = Path(tempfile.mkdtemp(prefix="partnerflow-size-"))
    command = [
        sys.executable, "-m", "cli.main", "up", "--directory", str(directory), "--clock", clock.text(),
        "--port", str(ports[0]), "--ui-port", str(ports[1]), "--portal-port", str(ports[2]),
    ]  # fmt: skip
    with (directory / "up.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=TOP)
    try:
        until = time.monotonic() + 90
        while httpx_ready(ports[2]) is False:
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"The stack did not come up: {(directory / 'up.log').read_text()[-500:]}")
            time.sleep(0.5)
        yield Stack(directory, ports[0], ports[2], process, clock)
    except BaseException:
        print((directory / "up.log").read_text()[-5_000:], file=sys.stderr)
        raise
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(directory, ignore_errors=True)


def httpx_ready(port: int) -> bool:
    """Whether the portal says that it is ready."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


async def many(number: int, do: Callable[[int], Awaitable[None]], title: str) -> None:
    """Do something for each of `number`, so many at a time, with progress."""
    left = iter(range(number))
    with Progress() as progress:
        bar = progress.add_task(title, total=number)

        async def one_after_another() -> None:
            for index in left:
                await do(index)
                progress.advance(bar)

        await asyncio.gather(*(one_after_another() for _ in range(AT_A_TIME)))


async def measure(stack: Stack, leads: int) -> Figures:
    """Everything, in order."""
    figures = Figures(leads, empty=stack.resident())
    began, machine, ours = time.monotonic(), cpu_of_machine(), stack.cpu()
    client = await Client.connect(f"127.0.0.1:{stack.temporal_port}", data_converter=DATA_CONVERTER)
    ids = await register(stack, figures)
    await catch_up(stack, figures)
    figures.full = stack.resident()
    await decide(client, ids[:DECISIONS], figures)
    await storm(stack, figures)
    others = cpu_of_machine() - machine - (stack.cpu() - ours)
    figures.others = max(0.0, others / (time.monotonic() - began) / (os.cpu_count() or 1))
    await restart(stack, client, ids[DECISIONS : DECISIONS + 100], figures)
    return figures


async def register(stack: Stack, figures: Figures) -> list[str]:
    """Sign-ups first, whose windows all end tonight; then registrations by form. Returns the ids of the latter."""
    ids: list[str] = []
    opened = at_hour(program_date(stack.clock.program(datetime.now(UTC))) - timedelta(days=90), 12).isoformat()
    limits = httpx.Limits(max_connections=AT_A_TIME)
    headers = {"Authorization": f"Bearer {stack.key}"}
    base = f"http://127.0.0.1:{stack.portal_port}"
    async with httpx.AsyncClient(base_url=base, headers=headers, limits=limits, timeout=120) as http:

        async def submit(path: str, body: dict[str, object]) -> httpx.Response:
            while True:
                # Who is not answered asks again, as every caller should: the same submission twice is one lead.
                with suppress(httpx.TransportError):
                    answer = await http.post(path, json=body)
                    if answer.status_code < 500:
                        answer.raise_for_status()
                        return answer
                figures.refused += 1
                await asyncio.sleep(1)

        async def one(index: int) -> None:
            if index < STORM:
                body: dict[str, object] = {
                    "partner_id": "nordlicht", "account": f"storm{index}", "domain": f"storm{index}.example",
                    "opened_at": opened,
                }  # fmt: skip
                await submit("/v1/affiliate-signups", body)
                return
            body = {
                "partner_id": "nordlicht", "website": f"https://shop{index}.example", "company": f"Shop {index}",
                "contact_name": "Contact", "contact_email": f"contact@shop{index}.example",
            }  # fmt: skip
            ids.append((await submit("/v1/leads", body)).json()["lead_id"])

        began = time.perf_counter()
        await many(figures.leads, one, "registering")
        figures.registering = time.perf_counter() - began
    return ids


async def catch_up(stack: Stack, figures: Figures) -> None:
    """Registrations are durable as soon as they are answered; wait until the worker has recorded all of them."""
    began = time.perf_counter()
    engine = open_database(f"sqlite:///{stack.directory / 'records.db'}")
    recorded = select(func.count()).select_from(processes)
    while True:
        with reading(engine) as connection:
            if connection.execute(recorded).scalar_one() >= figures.leads:
                break
        await asyncio.sleep(0.5)
    figures.caught_up = time.perf_counter() - began
    engine.dispose()


async def decide(client: Client, ids: list[str], figures: Figures) -> None:
    """Staff accept, four of them at a time."""
    left = iter(ids)

    async def one_member() -> None:
        for lead in left:
            began = time.perf_counter()
            await client.get_workflow_handle(f"lead:{lead}").execute_update("accept", ACCEPT)
            figures.answers.append(time.perf_counter() - began)

    await asyncio.gather(*(one_member() for _ in range(4)))


async def storm(stack: Stack, figures: Figures) -> None:
    """Wait for midnight and the grace after it, then read from the audit how late each window's end was handled."""
    engine = open_database(f"sqlite:///{stack.directory / 'records.db'}")
    expiries = select(audit.c.at, audit.c.handled_at).where(audit.c.trigger == "expire")
    until = time.monotonic() + 3_600
    while True:
        with reading(engine) as connection:
            rows = connection.execute(expiries).all()
        if len(rows) >= STORM or time.monotonic() > until:
            break
        await asyncio.sleep(2)
    figures.late = sorted((row.handled_at - row.at - GRACE).total_seconds() for row in rows)
    engine.dispose()


async def restart(stack: Stack, client: Client, ids: list[str], figures: Figures) -> None:
    """Kill the worker, and ask at once: how long until each of a hundred decisions is answered."""
    os.kill(stack.pids()["worker"], signal.SIGKILL)
    began = time.perf_counter()

    async def one(lead: str) -> None:
        while True:
            try:
                await client.get_workflow_handle(f"lead:{lead}").execute_update("accept", ACCEPT)
                break
            except Exception:
                await asyncio.sleep(0.2)
        figures.restarted.append(time.perf_counter() - began)

    await asyncio.gather(*(one(lead) for lead in ids))


# Sampled while the worker caught up.
WHERE_IT_GOES = (
    "What is slow, and why: while ten thousand leads arrive, server, portal and the callers take a core and a half,",
    "so the worker records most of them afterwards, at 35 to 45 a second. Then its one interpreter is busy. Of the",
    "time in which it runs Python, about half goes into mails (wording, MIME, the notes of what was sent), a third",
    "into carrying activations between Temporal's core and Python, and the rest into our own steps and their commits.",
    "Staff's updates take their turn among all that. In a storm most leads are in no cache any more: each of them is",
    "replayed, recorded, and its partner is written to. A second worker on another machine takes half of it.",
    "",
)


def page(figures: Figures) -> str:
    """The page, with every figure of the plots in words."""
    answers = statistics.quantiles(figures.answers, n=100)
    grown = {name: figures.full[name] - figures.empty.get(name, 0) for name in figures.full}
    rows = [
        (
            "registering them through the portal",
            f"{figures.registering:.0f} s, {figures.leads / figures.registering:.0f} a second",
        ),
        ("the worker has recorded the last of them after another", f"{figures.caught_up:.0f} s"),
        ("registrations answered with 503, or not at all, and repeated", str(figures.refused)),
        ("a staff update, to its answer, median", f"{answers[49] * 1000:.0f} ms"),
        ("a staff update, 99th percentile", f"{answers[98] * 1000:.0f} ms"),
        (f"{STORM:,} windows that end in one second: median handled after", f"{statistics.median(figures.late):.1f} s"),
        ("the last of them", f"{figures.late[-1]:.1f} s"),
        ("worker killed: first of 100 decisions answered after", f"{min(figures.restarted):.1f} s"),
        ("the last of them", f"{max(figures.restarted):.1f} s"),
    ]
    memory = [
        f"| {name} | {figures.empty.get(name, 0):.0f} | {figures.full[name]:.0f} | {grown[name]:+.0f} |"
        for name in figures.full
    ]
    return "\n".join([
        f"# {figures.leads:,} open leads on one embedded stack",
        "",
        "Everything on one machine: Temporal with SQLite, worker, portal and records. Made by `make bench-size`.",
        "",
        "| measured | |", "| --- | --: |", *(f"| {title} | {value} |" for title, value in rows),
        "",
        "Lateness in the storm counts from when the deadlines are armed, two minutes after they are due.",
        "",
        "| process | empty, MB | with all open, MB | more |", "| --- | --: | --: | --: |", *memory,
        "",
        "![How long staff wait for an answer](answers.png)",
        "",
        "![How the storm is worked off](storm.png)",
        "",
        *WHERE_IT_GOES,
        f"{os.cpu_count()} cores, of which other programs used {figures.others:.0%} meanwhile; "
        f"Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}.",
    ])  # fmt: skip


def main(leads: int, minutes: int) -> None:
    """Measure and write the page."""
    with stack(minutes) as running:
        figures = asyncio.run(measure(running, leads))
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    plot_answers(figures.answers, PAGE.parent / "answers.png")
    plot_storm(figures.late, PAGE.parent / "storm.png")
    PAGE.write_text(page(figures) + "\n", encoding="utf-8")
    print(page(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, int(sys.argv[2]) if len(sys.argv) > 2 else 25)
