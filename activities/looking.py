"""Looking through all partners for a season's list, in the worker and outside of every process: page by page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from records.season_list import PAGE, look_on

_log = logging.getLogger("partnerflow.looking")


@dataclass(slots=True)
class Looks:
    """Takes what seasons ask for. `now` is program time, `poll` (seconds, real) how often it looks for work."""

    engine: Engine
    now: Callable[[], datetime]
    posted: Callable[[], None] = lambda: None
    poll: float = 1.0
    page: int = PAGE

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a page that has begun is finished, the rest is left for whoever comes next."""
        trouble = 0
        while not stop.is_set():
            try:
                took = await asyncio.to_thread(look_on, self.engine, now=self.now(), page=self.page)
                trouble = 0
            except SQLAlchemyError as error:
                took, trouble = False, trouble + 1
                if trouble == 1:
                    _log.warning("the season's list waits for the database (%s)", type(error).__name__)
            if took:
                self.posted()
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.poll * min(2**trouble, 30))
