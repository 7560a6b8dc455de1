"""`partnerflow worker`: what moves the processes. As many as you like may run on one task queue."""

from __future__ import annotations

import asyncio
import signal

import worker as composition
from cli import logs
from settings import Settings, load


def worker() -> None:
    """Run a worker until SIGTERM or Ctrl-C; running work is let finish."""
    settings = load()
    logs.configure(settings.log_level, "worker")
    asyncio.run(_until_asked(settings))


async def _until_asked(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await composition.run(settings, stop)
