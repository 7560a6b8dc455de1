"""Jobs: what goes through many rows, page by page, so that a runner that is killed goes on where it stopped.

A page's writes and the place where the next one begins are one transaction. What a page has to read it reads before, as
of one moment, and works out before, so that nobody who writes waits for it. A page is written only if its job stands
where it stood, so it is written once. What changes between reading and writing can't mislead: what an adjustment judges
is frozen, a partner that has moved meanwhile refuses a move judged on what it held, and whatever else changes its facts
tells its process so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, null, or_, select, update

from records.database import reading, take_time, writing
from records.posting import Postings
from records.tables import jobs
from records.upsert import chosen, insert_if_new

LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(minutes=5)

_BEGIN = insert_if_new(jobs)
# Whoever has it in hand finds another number of pages and leaves it.
_BEGIN_ANEW = (
    update(jobs)
    .where(jobs.c.id == bindparam("key"))
    .values(cursor="", pages=jobs.c.pages + 1, finished_at=None, lease_until=None, failures=0, last_error="", result={})
)
_REAL = bindparam("real", type_=jobs.c.created_at.type)
_FREE = (
    select(jobs)
    .where(jobs.c.finished_at.is_(null()), or_(jobs.c.lease_until.is_(null()), jobs.c.lease_until <= _REAL))
    .order_by(jobs.c.created_at, jobs.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands: what it does with what, and from where on; `tells` is a process and a signal, or empty."""

    id: str
    kind: str
    args: dict[str, Any]
    tells: tuple[str, str]
    cursor: str
    pages: int
    counted: dict[str, int]
    failures: int


@dataclass(slots=True)
class Page:
    """What a page found: where the next one begins (None: it was the last), what it counted, and what it writes."""

    next: str | None
    counted: Counter[str]
    write: Callable[[Connection, Postings], None]


PageOf = Callable[[Engine, Job, datetime], Page]
"""Reads one page of a job, at an instant of program time."""


def begin_job(
    connection: Connection,
    key: str,
    kind: str,
    args: Mapping[str, Any],
    *,
    now: datetime,
    tells: tuple[str, str] = ("", ""),
) -> None:
    """Have a job done, in the transaction that asks for it; under the same key it is begun once."""
    connection.execute(
        chosen(_BEGIN, connection),
        {
            "id": key, "kind": kind, "args": dict(args), "process": tells[0], "signal": tells[1], "cursor": "",
            "pages": 0, "result": {}, "created_at": now, "failures": 0, "last_error": "",
        },
    )  # fmt: skip


def begin_job_anew(connection: Connection, key: str, kind: str, args: Mapping[str, Any], *, now: datetime) -> None:
    """Have a job done from its beginning, however far it has come: what it looks at has changed again."""
    if connection.execute(_BEGIN_ANEW, {"key": key}).rowcount == 0:
        begin_job(connection, key, kind, args, now=now)


def lease_job(engine: Engine, *, real: datetime) -> Job | None:
    """The oldest job that nobody has in hand, for a while (real time)."""
    with reading(engine) as connection:
        if connection.execute(_FREE, {"real": real}).first() is None:
            return None
    with writing(engine) as connection:
        row = connection.execute(_FREE.with_for_update(skip_locked=True), {"real": real}).first()
        if row is None:
            return None
        connection.execute(update(jobs).where(jobs.c.id == row.id).values(lease_until=real + LEASE))
    return Job(row.id, row.kind, row.args, (row.process, row.signal), row.cursor, row.pages, row.result, row.failures)


def write_page(engine: Engine, job: Job, page: Page, *, now: datetime, real: datetime) -> Job | None:
    """Write what a page found; the job as it stands then, or None when it has ended or is in other hands."""
    counted = dict(Counter(job.counted) + page.counted)
    ended = page.next is None
    values = {
        "cursor": job.cursor if page.next is None else page.next,
        "pages": job.pages + 1,
        "result": counted,
        "failures": 0,
        "last_error": "",
        "lease_until": None if ended else real + LEASE,
        "finished_at": now if ended else None,
    }
    still_ours = and_(jobs.c.id == job.id, jobs.c.pages == job.pages, jobs.c.finished_at.is_(null()))
    with writing(engine) as connection:
        take_time(connection)
        if connection.execute(update(jobs).where(still_ours).values(values)).rowcount != 1:
            return None
        postings = Postings(job.tells[0], now)
        page.write(connection, postings)
        if ended and job.tells[0]:
            postings.signal(f"{job.id}/end", job.tells[0], job.tells[1], now, counted)
        postings.write(connection)
    if ended:
        return None
    return Job(job.id, job.kind, job.args, job.tells, str(page.next), job.pages + 1, counted, 0)


def put_back(engine: Engine, job: Job, error: str, *, real: datetime) -> None:
    """A page failed: it is tried again, later each time (1 s, doubling, 5 minutes at most)."""
    pause = min(LONGEST_PAUSE, timedelta(seconds=2 ** min(job.failures, 10)))
    ours = and_(jobs.c.id == job.id, jobs.c.pages == job.pages)
    with writing(engine) as connection:
        connection.execute(
            update(jobs).where(ours).values(failures=job.failures + 1, last_error=error[:500], lease_until=real + pause)
        )


def unfinished_jobs(engine: Engine) -> list[tuple[str, int, str]]:
    """The jobs that have not ended: id, failures of the present page, and the last error."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(jobs.c.id, jobs.c.failures, jobs.c.last_error).where(jobs.c.finished_at.is_(null()))
        )
        return [(row.id, row.failures, row.last_error) for row in rows]
