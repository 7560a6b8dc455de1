"""`partnerflow portal`: the web pages and the HTTP API."""

from __future__ import annotations

import asyncio

from cli import logs
from cli.stopping import stop_when_asked
from portal.main import run
from settings import Settings, load


def portal() -> None:
    """Run the portal until SIGTERM or Ctrl-C; requests under way are finished first."""
    settings = load()
    logs.configure(settings.log_level, "portal")
    asyncio.run(_until_asked(settings))


async def _until_asked(settings: Settings) -> None:
    await run(settings, stop_when_asked())
