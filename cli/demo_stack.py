"""The stack that a demonstration plays into: one that runs on a fast clock already, or one of its own for as long."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from cli.data_directory import DEFAULT, DataDirectory
from cli.environment import settings_of
from cli.sentences import CannotGoOn, say
from cli.stack import Ports, Stack
from program.clock import ProgramClock
from settings import Settings

SLOWEST = 10_000.0


@asynccontextmanager
async def fast_stack(directory: Path | None, *, speed: float, starts: datetime) -> AsyncIterator[tuple[Settings, str]]:
    """A running stack on a fast clock, and a key for its API: the one in the directory, or one of its own."""
    if directory is not None or _runs_fast(DataDirectory.at(DEFAULT)):
        data = DataDirectory.at(directory or DEFAULT)
        settings = settings_of(data.path)
        if settings.program_clock.speed < SLOWEST:
            raise CannotGoOn(
                f"The stack in {data.path} runs at speed {settings.program_clock.speed:g}, and a season there would "
                "take longer than anybody watches. Leave --directory out, or start one with: "
                f"partnerflow up --directory DIR --speed {speed:.0f}"
            )
        yield settings, data.keys.read_text().strip()
        return
    async with own_stack(speed=speed, starts=starts) as own:
        yield own


@asynccontextmanager
async def own_stack(*, speed: float, starts: datetime) -> AsyncIterator[tuple[Settings, str]]:
    """A stack in a directory that is removed afterwards; its clock stands at `starts` as it begins to come up."""
    with tempfile.TemporaryDirectory(prefix="partnerflow-demo-", ignore_cleanup_errors=True) as folder:
        data = DataDirectory.at(Path(folder))
        clock = ProgramClock(origin=datetime.now(UTC), speed=speed, starts=starts)
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
