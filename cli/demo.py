"""`partnerflow demo`: a whole season in under two minutes, on the real server, under the real Web UI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, Progress, TextColumn
from sqlalchemy import Engine

from cli.accounts_script import Submission
from cli.demo_stack import SLOWEST, fast_stack
from cli.elite_demo import play_elite
from cli.examples import example
from cli.playing import Play, PlayedLead
from cli.playing_accounts import AccountsPlay, PlayedAccount
from cli.script import last_day, read_script
from cli.season import Registration
from cli.sentences import CannotGoOn, out, say
from cli.stopping import stop_when_asked
from cli.temporal_server import NAMESPACE
from cli.what_became import report, report_of_accounts
from portal.queues import queues
from records.database import open_database
from settings import Settings
from workflows.connection import connect

# Two days of the program and a third in a second: the season in a minute and a half. A machine that stands still for a
# second makes everybody so many days late, so scripts keep a week from the deadlines that they are about.
SPEED = 200_000.0
# After the last scripted day, so that what it caused has been carried out.
_AFTERWARDS = 7.0
_STARTS = datetime(2026, 12, 1, 14, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Script:
    """What is played, all at the same time."""

    leads: list[Registration]
    accounts: list[Submission]

    @property
    def last(self) -> float:
        """The day on which everything scripted is over and has been carried out."""
        return last_day([*self.leads, *self.accounts]) + _AFTERWARDS


class Season(StrEnum):
    """Which season is played."""

    LEADS = "leads"
    ELITE = "elite"


def demo(
    what: Annotated[
        Season, typer.Argument(help="A half-year of leads and accounts, or an elite season from January to April.")
    ] = Season.LEADS,
    exit_at_end: Annotated[
        bool, typer.Option("--exit", help="End when the season is over; exit code 1 if anything ended unexpectedly.")
    ] = False,
    directory: Annotated[
        Path | None, typer.Option(help="Play into the stack that runs in this directory, on a fast program clock.")
    ] = None,
    season: Annotated[Path | None, typer.Option(help="Another season than examples/season.csv.")] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=SLOWEST, max=SPEED, help="How fast the clock of a stack of its own runs: 100000 is half as fast."
        ),
    ] = None,
) -> None:
    """Play a season of leads and accounts, or of elite, and show what became of each.

    Starts a stack of its own where no fast one runs.
    """
    if what is Season.ELITE:
        if season is not None or directory is not None or speed is not None:
            raise CannotGoOn(
                "The elite season is always the same, and plays in a stack of its own whose clock begins in December: "
                "leave --season, --directory and --speed out."
            )
        raise typer.Exit(asyncio.run(play_elite(ends=exit_at_end)))
    if directory is not None and speed is not None:
        raise CannotGoOn("The stack that runs in a directory has its clock already: leave --speed or --directory out.")
    file = season or example("season.csv")
    raise typer.Exit(asyncio.run(_demo(file, directory, speed or SPEED, ends=exit_at_end)))


async def _demo(file: Path, directory: Path | None, speed: float, *, ends: bool) -> int:
    script = Script(read_script(file, Registration), read_script(example("accounts.csv"), Submission))
    stop = stop_when_asked()
    async with fast_stack(directory, speed=speed, starts=_STARTS) as (settings, key):
        playing = asyncio.create_task(_play(settings, key, script))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            return 130
        leads, accounts = await playing
        out.print(report(leads), report_of_accounts(accounts), sep="\n\n")
        wrong = sum(not each.as_expected for each in leads) + sum(not each.as_expected for each in accounts)
        say(_ending(settings, f"{len(leads)} registrations and {len(accounts)} accounts", wrong))
        if not ends:
            say("Look around; Ctrl-C ends it.")
            await stop.wait()
    return 1 if wrong else 0


@asynccontextmanager
async def _records(settings: Settings) -> AsyncIterator[Engine]:
    """The database, in which clients find the mails that were delivered to them here."""
    engine = open_database(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


async def _play(settings: Settings, key: str, script: Script) -> tuple[list[PlayedLead], list[PlayedAccount]]:
    client, last = await connect(), script.last
    columns = (TextColumn("{task.fields[date]}"), BarColumn(), TextColumn("{task.description}", markup=False))
    there: dict[str, Any] = {"base_url": settings.portal_url, "timeout": 30, "trust_env": False}
    async with (
        httpx.AsyncClient(**there, headers={"Authorization": f"Bearer {key}"}) as api,
        httpx.AsyncClient(**there) as page,
        _records(settings) as engine,
    ):
        await _insist_on_first_time(api, script.leads)
        with Progress(*columns, console=out, transient=True) as progress:
            play = Play(api, client, settings.program_clock)
            task = progress.add_task("the season begins", total=last, date=f"{play.start:%Y-%m-%d}")
            play.moved = lambda text: progress.update(task, description=text[:90])
            showing = asyncio.create_task(_show_time(play, progress, task, last))
            try:
                return await asyncio.gather(
                    play.season(script.leads, last),
                    AccountsPlay(play, page, engine).accounts(script.accounts, last),
                )
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
        day = max(0.0, play.today())
        progress.update(task, completed=min(day, last), date=f"{play.now():%Y-%m-%d}")  # type: ignore[arg-type]
        if not out.is_terminal and day - shown >= 30:
            shown = day
            say(f"{play.now():%Y-%m-%d}, day {day:.0f} of {last:.0f}")
        await asyncio.sleep(0.2)


def _ending(settings: Settings, played: str, wrong: int) -> str:
    verdict = f"Of {played} {wrong} ended otherwise than scripted." if wrong else f"All {played} ended as scripted."
    lists = "\n".join(f"  {queue.name}: {queue.link}" for queue in queues(settings.ui_url, NAMESPACE))
    return (
        f"{verdict}\n\nTo look at:\n"
        f"  Every process, open and over: {settings.ui_url}/namespaces/{NAMESPACE}/workflows\n"
        f"{lists}\n"
        f"  The portal: {settings.portal_url}\n"
        f"  What was mailed to whom: {settings.portal_url}/mailbox"
    )
