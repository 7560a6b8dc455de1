"""Taking in MRR: good lines are taken, bad ones are told, and what is there already stays as it is.

A file is written some accounts at a time, each time in a short transaction of its own, so that processes that commit
meanwhile never wait long. Nothing is lost by that: a file whose import was cut off is simply sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from secrets import token_hex

from sqlalchemy import Connection, Engine

from program.edition import Edition
from records.claims import serialise
from records.client_lines import tell_of_lines
from records.database import reading_on, take_time, writing_on
from records.jobs import begin_job_anew
from records.mrr_incoming import AT_ONCE, Incoming, Strip
from records.mrr_lines import BadLine, MrrLine
from records.tables import imports
from records.upsert import chosen, insert_or_replace

_NOTE = insert_or_replace(imports)


@dataclass(slots=True)
class ImportReport:
    """What became of a file's lines. `id` names the import where it changed something."""

    id: str = field(default_factory=lambda: token_hex(8))
    taken: int = 0
    corrected: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def lines(self) -> int:
        """How many lines there were."""
        return self.taken + self.corrected + self.unchanged + self.refused

    def says(self) -> str:
        """The figures, as a sentence."""
        return (
            f"Of {self.lines} lines {self.taken} were taken, {self.corrected} corrected what was there, "
            f"{self.unchanged} were there already, and {self.refused} were refused."
        )


def import_mrr(
    engine: Engine,
    lines: Iterable[MrrLine | BadLine],
    *,
    by: str,
    received_at: datetime,
    edition: Edition,
    refuse: Callable[[BadLine], None],
) -> ImportReport:
    """Take in MRR line by line; `refuse` is told of every line that can't be taken.

    `by` says who sent the file, `received_at` (program time) is the instant from which its amounts are known, and
    `edition` has the yearly lines of which partner managers are told.
    """
    with engine.connect() as connection:
        # Not back into the pool: its temporary tables vanish with it.
        connection.detach()
        importing = _Importing(connection, by, received_at, edition, refuse)
        importing.take(lines)
    return importing.report


@dataclass(slots=True)
class _Importing:
    """One import under way."""

    connection: Connection
    by: str
    received_at: datetime
    edition: Edition
    refuse: Callable[[BadLine], None]
    report: ImportReport = field(default_factory=ImportReport)

    def take(self, lines: Iterable[MrrLine | BadLine]) -> None:
        """Lay all lines out, and then write them."""
        rest = iter(lines)
        with reading_on(self.connection):
            take_time(self.connection)
            incoming = Incoming(self.connection)
            while batch := list(islice(rest, AT_ONCE)):
                good = [line for line in batch if isinstance(line, MrrLine)]
                self.report.unchanged += len(good)
                if good:
                    incoming.lay(good)
                if len(good) < len(batch):
                    self._refuse([line for line in batch if isinstance(line, BadLine)])
            repeated = incoming.put_in_order()
            self.report.unchanged -= len(repeated)
            self._refuse(repeated)
            strips = list(incoming.strips())
        for strip in strips:
            self._write(incoming, strip)
        if self.report.taken or self.report.corrected:
            with writing_on(self.connection):
                self._note(finished=True)

    def _write(self, incoming: Incoming, strip: Strip) -> None:
        report = self.report
        with writing_on(self.connection):
            take_time(self.connection)
            # Two imports at once would both find a month missing.
            serialise(self.connection, [("imports", "mrr")])
            strangers = incoming.drop_strangers(strip)
            taken, corrected = incoming.write(strip, at=self.received_at, by=report.id)
            report.taken += taken
            report.corrected += corrected
            report.unchanged -= len(strangers) + taken + corrected
            if taken or corrected:
                self._tell_managers(incoming, strip)
                # What it means for tiers is found out page by page, and told only to those whom it concerns. Each strip
                # has it looked at anew: an import that is cut off leaves nothing that nobody looks at.
                key, what = f"mrr/{report.id}", {"what": "MRR"}
                begin_job_anew(self.connection, key, "look_at_standings", what, now=self.received_at)
                self._note(finished=False)
        self._refuse(strangers)

    def _tell_managers(self, incoming: Incoming, strip: Strip) -> None:
        lines = self.edition.dashboards.client_lines
        if domains := incoming.may_be_above(strip, int(min(lines) * 100)):
            tell_of_lines(self.connection, domains, lines=lines, now=self.received_at)

    def _refuse(self, bad: list[BadLine]) -> None:
        self.report.refused += len(bad)
        for line in bad:
            self.refuse(line)

    def _note(self, *, finished: bool) -> None:
        report = self.report
        self.connection.execute(
            chosen(_NOTE, self.connection),
            {
                "id": report.id,
                "kind": "mrr",
                "by": self.by,
                "received_at": self.received_at,
                "finished_at": self.received_at if finished else None,
                "taken": report.taken,
                "corrected": report.corrected,
                "unchanged": report.unchanged,
                "refused": report.refused,
            },
        )
