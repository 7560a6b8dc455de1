"""The runner of jobs: takes one at a time and does it page by page, until there is none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from records.adjusting import freeze_page, run_page, warn_page
from records.jobs import Job, PageOf, lease_job, put_back, write_page
from records.looking import look_page
from records.merging import TELL, tell_page
from records.season_list import look_through_page

_log = logging.getLogger("partnerflow.jobs")

KINDS: Mapping[str, PageOf] = {
    "look_at_standings": look_page,
    "look_through_partners": look_through_page,
    TELL: tell_page,
    "warn_of_adjustment": warn_page,
    "freeze_facts": freeze_page,
    "run_adjustment": run_page,
}


def _real_time() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Jobs:
    """One runner. Several may work on one database; `posted` is called after a page that may have posted something.

    `now` is program time, `real` real time; `poll` (seconds, real) is how often it looks for a job.
    """

    engine: Engine
    now: Callable[[], datetime]
    posted: Callable[[], None] = lambda: None
    poll: float = 1.0
    kinds: Mapping[str, PageOf] = field(default_factory=lambda: KINDS)
    real: Callable[[], datetime] = _real_time

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a page that has begun is finished, the rest is left for the next runner."""
        while not stop.is_set():
            try:
                found = await asyncio.to_thread(lease_job, self.engine, real=self.real())
            except SQLAlchemyError:
                found = None
            if found is None:
                await _pause(stop, self.poll)
            else:
                await self._do(found, stop)

    async def _do(self, job: Job | None, stop: asyncio.Event) -> None:
        while job is not None and not stop.is_set():
            begun = job
            try:
                job = await asyncio.to_thread(self.one_page, begun)
            except Exception as error:  # whatever it is: others must go on, and this one is tried again
                _log.warning("a page of %s is tried again: %s", begun.id, type(error).__name__)
                try:
                    await asyncio.to_thread(put_back, self.engine, begun, type(error).__name__, real=self.real())
                except SQLAlchemyError:
                    await _pause(stop, self.poll)
                return
            self.posted()

    def one_page(self, job: Job) -> Job | None:
        """Do a job's next page; the job as it stands then, None when it has ended."""
        page = self.kinds[job.kind](self.engine, job, self.now())
        return write_page(self.engine, job, page, now=self.now(), real=self.real())


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
