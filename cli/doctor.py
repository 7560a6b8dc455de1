"""`partnerflow doctor`: is everything in order, and if not, what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer
from sqlalchemy import Engine
from temporalio.service import RPCError

from cli.checks.configuration import check_staff, check_time_zones
from cli.checks.finding import Finding, NotMended
from cli.checks.processes import check_ends, check_resets, check_starts
from cli.checks.records import check_contacts, check_jobs, check_mergers, check_outbox, check_parked, check_revision
from cli.checks.temporal import check_namespace, check_schedules, check_workers
from cli.checks.versions import check_versions
from cli.environment import Directory, open_records, settings_of
from cli.sentences import CannotGoOn, out, say
from settings import Settings
from worker import WORKFLOWS
from workflows.connection import connect


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without a person.")] = False,
    directory: Directory = None,
) -> None:
    """Check everything. Exit code 0: healthy, 1: something was found, 2: it could not be checked."""
    settings = settings_of(directory)
    with open_records(settings) as engine:
        left = asyncio.run(_examine(settings, engine, repair=repair))
    raise typer.Exit(1 if left else 0)


async def _examine(settings: Settings, engine: Engine, *, repair: bool) -> int:
    """Print every finding, mend what can be mended if that is wanted; how many are left."""
    left = found = 0
    try:
        async for finding in _findings(settings, engine):
            out.print(f"{'·' if finding.note else '✗'} {finding.text}")
            if finding.note:
                continue
            found += 1
            left += 0 if repair and await _mended(finding) else 1
    except RPCError as error:
        raise CannotGoOn(f"Temporal can't be asked: {error.message}. Nothing more was checked.") from None
    if not found:
        say("Everything is in order.")
    elif not left:
        say("Everything that was found has been mended; run partnerflow doctor again to be sure.")
    return left


async def _mended(finding: Finding) -> bool:
    if finding.repair is None:
        return False
    try:
        says = await finding.repair()
    except NotMended as failure:
        say(f"  → {failure}")
        return False
    say(f"  → {says}")
    return True


async def _findings(settings: Settings, engine: Engine) -> AsyncIterator[Finding]:
    for finding in (*check_staff(settings), *check_time_zones()):
        yield finding
    outdated = list(await asyncio.to_thread(lambda: list(check_revision(engine))))
    for finding in outdated:
        yield finding
    client = await connect()
    checks = [check_namespace(client), check_schedules(client, settings), check_workers(client, settings)]
    if not outdated:
        checks += [
            check_starts(client, engine, settings),
            check_ends(client, engine, settings),
            check_resets(client, engine, settings),
        ]
    checks.append(check_versions(client, [process.lifecycles for process in WORKFLOWS]))
    for check in checks:
        async for finding in check:
            yield finding
    if not outdated:
        # Last: rebuilding a process that was reset deals with its refused changes.
        for finding in (
            *check_parked(engine, settings),
            *check_mergers(engine, settings),
            *check_outbox(engine, settings),
            *check_jobs(engine),
            *check_contacts(engine),
        ):
            yield finding
