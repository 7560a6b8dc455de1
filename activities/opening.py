"""Beginning what the calendar begins; a schedule asks for it every day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from temporalio import activity

from activities.names import OPEN
from records.openings import open_due, open_season
from states.staff import Role, StaffList


class OpeningActivities:
    """What the daily schedule has done. `now` is program time; `posted` is called after something was posted.

    `staff` says who sits on the committee of a season that begins.
    """

    def __init__(
        self,
        engine: Engine,
        edition: str,
        now: Callable[[], datetime],
        posted: Callable[[], None] = lambda: None,
        staff: StaffList | None = None,
    ) -> None:
        self._committee = (staff or StaffList()).in_role(Role.COMMITTEE)
        self._engine = engine
        self._edition = edition
        self._now = now
        self._posted = posted

    @activity.defn(name=OPEN)
    def open_due(self) -> list[str]:
        """Begin every process whose day has come; those that are there stay as they are."""
        now = self._now()
        found = open_due(self._engine, edition_name=self._edition, now=now)
        found += open_season(self._engine, edition_name=self._edition, now=now, committee=self._committee)
        self._posted()
        return found
