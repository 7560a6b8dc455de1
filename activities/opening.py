"""Beginning what the calendar begins; a schedule asks for it every day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from temporalio import activity

from activities.names import OPEN
from records.openings import open_due


class OpeningActivities:
    """What the daily schedule has done. `now` is program time; `posted` is called after something was posted."""

    def __init__(
        self, engine: Engine, edition: str, now: Callable[[], datetime], posted: Callable[[], None] = lambda: None
    ) -> None:
        self._engine = engine
        self._edition = edition
        self._now = now
        self._posted = posted

    @activity.defn(name=OPEN)
    def open_due(self) -> list[str]:
        """Begin every process whose day has come; those that are there stay as they are."""
        found = open_due(self._engine, edition_name=self._edition, now=self._now())
        self._posted()
        return found
