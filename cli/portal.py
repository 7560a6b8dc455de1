"""`partnerflow portal`: the web pages and the HTTP API."""

from __future__ import annotations

import asyncio

from cli import logs
from settings import load


def portal() -> None:
    """Run the portal until SIGTERM or Ctrl-C."""
    from portal.main import run  # web frameworks are slow to import, and no other command needs them

    settings = load()
    logs.configure(settings.log_level, "portal")
    asyncio.run(run(settings))
