"""Ending gracefully: the signals that mean «stop» set an event, and the program leaves when it has finished."""

from __future__ import annotations

import asyncio
import signal


def stop_when_asked() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; to be called inside the event loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
