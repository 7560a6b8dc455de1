"""`partnerflow demo elite`: an elite season from January to April, and what became of each nomination."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from cli.demo_stack import own_stack
from cli.elite_doors import Doors
from cli.elite_playing import EliteSeason, Ended, starts_at
from cli.elite_script import ALL_IS_TOLD, HALF
from cli.sentences import out, say
from cli.stopping import stop_when_asked
from cli.temporal_server import NAMESPACE
from portal.queues import process_link
from program.calendar import at_hour
from settings import Settings
from workflows.connection import connect

# A day of the program in a second: the season in two minutes.
SPEED = 86_400.0


async def play_elite(*, ends: bool) -> int:
    """Play the season; the exit code says whether everything ended as scripted."""
    stop = stop_when_asked()
    async with own_stack(speed=SPEED, starts=starts_at()) as (settings, key):
        playing = asyncio.create_task(_play(settings, key))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            return 130
        ended = await playing
        stopping.cancel()
        out.print(_table(ended))
        wrong = sum(not each.as_expected for each in ended)
        say(_ending(settings, ended, wrong))
        if not ends:
            say("Look around; Ctrl-C ends it.")
            await stop.wait()
    return 1 if wrong else 0


async def _play(settings: Settings, key: str) -> list[Ended]:
    client, clock = await connect(), settings.program_clock
    columns = (TextColumn("{task.fields[date]}"), BarColumn(), TextColumn("{task.description}", markup=False))
    options = {"base_url": settings.portal_url, "timeout": 30, "trust_env": False}
    async with (
        httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}, **options) as api,  # type: ignore[arg-type]
        httpx.AsyncClient(**options) as pages,  # type: ignore[arg-type]
    ):
        with Progress(*columns, console=out, transient=True) as progress:
            doors = Doors(api, pages, client, lambda: clock.program(datetime.now(UTC)))
            last = (at_hour(ALL_IS_TOLD, 9) - starts_at()) / timedelta(days=1)
            task = progress.add_task("partners are entered", total=last, date="")
            season = EliteSeason(doors, clock, settings.task_queue)
            season.moved = lambda text: _moved(progress, task, doors.now(), text)
            showing = asyncio.create_task(_show_time(doors, progress, task))
            try:
                return await season.play()
            finally:
                showing.cancel()


def _moved(progress: Progress, task: TaskID, now: datetime, text: str) -> None:
    progress.update(task, description=text[:90])
    if not out.is_terminal:
        say(f"{now:%Y-%m-%d}  {text}")


async def _show_time(doors: Doors, progress: Progress, task: TaskID) -> None:
    while True:
        now = doors.now()
        progress.update(task, completed=(now - starts_at()) / timedelta(days=1), date=f"{now:%Y-%m-%d}")
        await asyncio.sleep(0.2)


def _table(ended: list[Ended]) -> Table:
    """One row for each nomination."""
    table = Table(title="What became of each nomination", title_justify="left", show_edge=False)
    for name in ("", "partner", "ended as", "holds now", "the story", "why"):
        table.add_column(name, overflow="fold")
    for each in ended:
        expected = "" if each.as_expected else f", expected {each.part.expected} {each.part.tier}"
        table.add_row(
            "✓" if each.as_expected else "✗",
            each.part.name,
            f"{each.state}{expected}".replace("_", " "),
            each.tier or "nothing",
            Text(each.part.why),
            Text(each.why[:160]),
        )
    return table


def _ending(settings: Settings, ended: list[Ended], wrong: int) -> str:
    verdict = f"{wrong} of {len(ended)} ended otherwise than scripted." if wrong else "All ended as scripted."
    season = process_link(settings.ui_url, NAMESPACE, f"elite:{HALF}")
    nominations = "\n".join(
        f"  {each.part.name}: {settings.portal_url}/nominations/{HALF}:{each.part.id}" for each in ended
    )
    return (
        f"{verdict}\n\nTo look at:\n"
        f"  The season in the Web UI: {season}\n"
        f"  The season with its nominations side by side: {settings.portal_url}/seasons/{HALF}\n"
        f"{nominations}\n"
        f"  What was mailed to whom: {settings.portal_url}/mailbox"
    )
