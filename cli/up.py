"""`partnerflow up`: everything embedded, in one directory, supervised."""

from __future__ import annotations

import asyncio
import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.data_directory import DEFAULT, DataDirectory
from cli.sentences import CannotGoOn, say
from cli.stack import Ports, Stack
from cli.welcome import welcome
from program.clock import ProgramClock

# Real time in which a stack may be looked at, and program time in which promises come due.
_A_WHILE, _A_DEADLINE = timedelta(hours=1), timedelta(days=366)


def up(
    directory: Annotated[Path, typer.Option(help="Where everything is kept.")] = DEFAULT,
    port: Annotated[int, typer.Option(help="Temporal's port; 0 takes a free one.", min=0, max=65535)] = 7233,
    ui_port: Annotated[int, typer.Option(help="The Web UI's port.", min=0, max=65535)] = 8233,
    portal_port: Annotated[int, typer.Option(help="The portal's port.", min=0, max=65535)] = 8800,
    speed: Annotated[
        float,
        typer.Option(help="Program seconds in a real second, for trying things out."),
    ] = 1.0,
    clock: Annotated[
        str, typer.Option(help="A whole program clock, such as «now x20000 from 2027-01-04T14:00:00Z».")
    ] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete what partnerflow keeps in the directory, and begin anew.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show what the children log as well.")] = False,
) -> None:
    """Start everything on this machine: Temporal, its Web UI, a worker, the portal. Ctrl-C stops it."""
    wished = _clock(clock, speed)
    data = DataDirectory.at(directory)
    with data.locked():
        if fresh:
            data.empty()
        stack = Stack(
            data,
            Ports(port, ui_port, portal_port),
            tell=say,
            clock=wished,
            echo=(lambda name, line: say(f"{name:>8} | {line}")) if verbose else None,
        )
        raise typer.Exit(asyncio.run(_run(stack)))


async def _run(stack: Stack) -> int:
    stop = asyncio.Event()
    killed = False

    def asked() -> None:
        nonlocal killed
        if stop.is_set():
            killed = True
            stack.kill()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked)
    say(f"Starting in {stack.directory.path} …")
    starting = asyncio.create_task(stack.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait([starting])
        say("Stopped while starting.")
        return 130
    stopping.cancel()
    settings = await starting
    say(welcome(stack, settings))
    await stop.wait()
    say("Stopping: first the portal, then the worker, then Temporal. Ctrl-C again ends them at once.")
    await stack.stop(settings.grace_seconds)
    say(f"Stopped. Everything is kept in {stack.directory.path}; partnerflow up goes on from there.")
    return 130 if killed else 0


def _clock(clock: str, speed: float) -> str:
    if not clock:
        if speed == 1.0:
            return ""
        try:
            wished = ProgramClock(origin=datetime.now(UTC).replace(microsecond=0), speed=speed)
        except ValueError:
            raise CannotGoOn(f"--speed {speed} is no speed; it can be any number above 0, such as 2000.") from None
        return _usable(wished, f"--speed {speed}").text()
    if speed != 1.0:
        raise CannotGoOn("--clock says how fast it runs already: leave --speed out.")
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    try:
        wished = ProgramClock.from_text(re.sub(r"^\s*now\b", now, clock))
    except ValueError as error:
        raise CannotGoOn(f"--clock: {error}") from None
    return _usable(wished, f"--clock {clock}").text()


def _usable(clock: ProgramClock, option: str) -> ProgramClock:
    """The clock, if it stays in the calendar for a while, and a deadline can be reached with it."""
    try:
        clock.program(datetime.now(UTC) + _A_WHILE)
        clock.real_delay(_A_DEADLINE)
    except (ValueError, OverflowError):
        raise CannotGoOn(
            f"{option} leaves the years 1 to 9999 at once, or never gets anywhere; a speed such as 2000 does neither."
        ) from None
    return clock
