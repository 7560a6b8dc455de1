"""`partnerflow worker`: what moves the processes. As many as you like may run on one task queue."""

from __future__ import annotations

import asyncio

import worker as composition
from cli import logs
from cli.stopping import stop_when_asked
from settings import Settings, load


def worker() -> None:
    """Run a worker until SIGTERM or Ctrl-C; running work is let finish."""
    settings = load()
    logs.configure(settings.log_level, "worker")
    asyncio.run(_until_asked(settings))


async def _until_asked(settings: Settings) -> None:
    await composition.run(settings, stop_when_asked())
