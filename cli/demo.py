"""`partnerflow demo`: a whole season in under two minutes, on the real server, under the real Web UI."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.progress import BarColumn, Progress, TextColumn

from cli.data_directory import DEFAULT, DataDirectory
from cli.environment import settings_of
from cli.examples import example
from cli.playing import Play, Played
from cli.season import Registration, last_day, read_season
from cli.season_report import report
from cli.sentences import CannotGoOn, out, say
from cli.stack import Ports, Stack
from cli.stopping import stop_when_asked
from cli.temporal_server import NAMESPACE
from portal.queues import queues
from program.clock import ProgramClock
from settings import Settings
from workflows.connection import connect

SPEED = 240_000.0
SLOWEST = 10_000.0
# After the last scripted day, so that what it caused has been carried out.
_AFTERWARDS = 5.0
_STARTS = datetime(2026, 12, 1, 14, tzinfo=UTC)


def demo(
    exit_at_end: Annotated[
        bool, typer.Option("--exit", help="End when the season is over; exit code 1 if a lead ended unexpectedly.")
    ] = False,
    directory: Annotated[
        Path | None, typer.Option(help="Play into the stack that runs in this directory, on a fast program clock.")
    ] = None,
    season: Annotated[Path | None, typer.Option(help="Another season than examples/season.csv.")] = None,
) -> None:
    """Play a season of leads, and show what became of each. Starts a stack of its own where no fast one runs."""
    file = season or example("season.csv")
    raise typer.Exit(asyncio.run(_demo(file, directory, ends=exit_at_end)))


async def _demo(file: Path, directory: Path | None, *, ends: bool) -> int:
    lines = read_season(file)
    stop = stop_when_asked()
    async with _stack(directory) as (settings, key):
        playing = asyncio.create_task(_play(settings, key, file, last_day(lines) + _AFTERWARDS))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            return 130
        played = await playing
        out.print(report(played))
        wrong = [each for each in played if not each.as_expected]
        say(_ending(settings, len(played), len(wrong)))
        if not ends:
            say("Look around; Ctrl-C ends it.")
            await stop.wait()
    return 1 if wrong else 0


async def _play(settings: Settings, key: str, file: Path, last: float) -> list[Played]:
    client, lines = await connect(), read_season(file)
    columns = (TextColumn("{task.fields[date]}"), BarColumn(), TextColumn("{task.description}", table_column=None))
    async with httpx.AsyncClient(
        base_url=settings.portal_url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
    ) as api:
        await _insist_on_first_time(api, lines)
        with Progress(*columns, console=out, transient=True) as progress:
            play = Play(api, client, settings.program_clock)
            task = progress.add_task("the season begins", total=last, date=f"{play.start:%Y-%m-%d}")
            play.moved = lambda text: progress.update(task, description=text[:90])
            showing = asyncio.create_task(_show_time(play, progress, task, last))
            try:
                return await play.season(lines, last)
            finally:
                showing.cancel()


async def _insist_on_first_time(api: httpx.AsyncClient, lines: list[Registration]) -> None:
    """A season that was played here has credited its prospects; played again, it would end otherwise."""
    answer = await api.get("/v1/leads", params={"partner_id": lines[0].partner})
    if any(lead["company"] == lines[0].company for lead in answer.raise_for_status().json()["leads"]):
        raise CannotGoOn(
            "This season has been played in this stack already, and its prospects are credited. "
            "Start a new stack with partnerflow up --fresh, or leave --directory out."
        )


async def _show_time(play: Play, progress: Progress, task: object, last: float) -> None:
    shown = -30.0
    while True:
        day = max(0.0, (play.now() - play.start) / timedelta(days=1))
        progress.update(task, completed=min(day, last), date=f"{play.now():%Y-%m-%d}")  # type: ignore[arg-type]
        if not out.is_terminal and day - shown >= 30:
            shown = day
            say(f"{play.now():%Y-%m-%d}, day {day:.0f} of {last:.0f}")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _stack(directory: Path | None) -> AsyncIterator[tuple[Settings, str]]:
    """A running stack on a fast clock, and a key for its API."""
    if directory is not None or _runs_fast(DataDirectory.at(DEFAULT)):
        data = DataDirectory.at(directory or DEFAULT)
        settings = settings_of(data.path)
        if settings.program_clock.speed < SLOWEST:
            raise CannotGoOn(
                f"The stack in {data.path} runs at speed {settings.program_clock.speed:g}, and a season there would "
                "take longer than anybody watches. Leave --directory out, or start one with: "
                f"partnerflow up --directory DIR --speed {SPEED:.0f}"
            )
        yield settings, data.keys.read_text().strip()
        return
    with tempfile.TemporaryDirectory(prefix="partnerflow-demo-", ignore_cleanup_errors=True) as folder:
        data = DataDirectory.at(Path(folder))
        clock = ProgramClock(origin=datetime.now(UTC), speed=SPEED, starts=_STARTS)
        with data.locked():
            stack = Stack(data, Ports(0, 0, 0), tell=say, clock=clock.text())
            say("Starting a stack of its own for the demonstration …")
            settings = await stack.start()
            say(f"Web UI: {settings.ui_url}   Portal: {settings.portal_url}")
            try:
                yield settings, stack.new_key
            finally:
                await stack.stop(2)


def _runs_fast(data: DataDirectory) -> bool:
    """Whether a stack runs there now whose clock is fast enough."""
    if not data.environment.exists() or not data.children.exists():
        return False
    values = dict(line.split("=", 1) for line in data.environment.read_text().splitlines() if "=" in line)
    clock = values.get("PARTNERFLOW_CLOCK", "")
    return bool(clock) and ProgramClock.from_text(clock).speed >= SLOWEST and not os.environ.get("TEMPORAL_ADDRESS")


def _ending(settings: Settings, many: int, wrong: int) -> str:
    verdict = f"{wrong} of {many} ended otherwise than scripted." if wrong else f"All {many} ended as scripted."
    lists = "\n".join(f"  {queue.name}: {queue.link}" for queue in queues(settings.ui_url, NAMESPACE))
    return (
        f"{verdict}\n\nTo look at:\n"
        f"  Every lead, open and over: {settings.ui_url}/namespaces/{NAMESPACE}/workflows\n"
        f"{lists}\n"
        f"  The portal: {settings.portal_url}\n"
        f"  What was mailed to whom: {settings.portal_url}/mailbox"
    )
