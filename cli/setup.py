"""`partnerflow setup`: what a deployment does before workers and portals start. May be repeated."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from cli.sentences import CannotGoOn, say
from records.database import open_database
from records.migrate import current_revision, migrate
from settings import Settings, load
from workflows.connection import connect
from workflows.namespace import prepare
from workflows.schedules import register_schedules


def setup(
    wait: Annotated[int, typer.Option(help="How many seconds to wait for the database and for Temporal.", min=0)] = 120,
) -> None:
    """Bring the database to the tables of this version; give Temporal the search attributes and schedules it lacks."""
    settings = load()
    _migrate(settings, wait)
    created, scheduled = asyncio.run(_prepare(settings, wait))
    if scheduled:
        say(f"Temporal: created the schedules {', '.join(scheduled)}.")
    say(f"Temporal: created the search attributes {', '.join(created)}." if created else "Temporal: nothing to do.")


def _migrate(settings: Settings, wait: int) -> None:
    engine = open_database(settings.database_url)
    until = time.monotonic() + wait
    try:
        while True:
            try:
                before = current_revision(engine)
                migrate(engine)
                break
            except OperationalError as error:
                if time.monotonic() >= until:
                    raise CannotGoOn(
                        f"The database does not answer after {wait} s ({type(error.orig).__name__}). "
                        "PARTNERFLOW_DATABASE_URL names it."
                    ) from None
                time.sleep(1)
        after = current_revision(engine)
    finally:
        engine.dispose()
    say("Database: nothing to do." if before == after else f"Database: migrated from {before or 'nothing'} to {after}.")


async def _prepare(settings: Settings, wait: int) -> tuple[list[str], list[str]]:
    client = await connect(patience=timedelta(seconds=wait))
    created = await prepare(client)
    real = settings.program_clock.speed == 1
    return created, await register_schedules(client, task_queue=settings.task_queue) if real else []
