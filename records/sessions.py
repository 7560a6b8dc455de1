"""Who is signed in. A browser holds a secret, the database its digest. All instants are real time.

A session says whose address it is and nothing of what that person may do: that is asked anew for every request, so
that somebody who is taken off a list sees nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe

from sqlalchemy import Engine, delete, insert, or_, select, update

from program.addresses import address_key
from records.database import reading, writing
from records.sign_ins import digest
from records.tables import sessions

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=24)
# Seeing somebody is written down this often and not with every page.
_NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on. `id` is no secret."""

    id: str
    address: str
    since: datetime


def begin_session(engine: Engine, address: str, *, real: datetime, instead_of: str = "") -> str:
    """Begin a session, and end the one that the same browser had; the new one's secret."""
    secret = token_urlsafe(32)
    with writing(engine) as connection:
        if instead_of:
            connection.execute(delete(sessions).where(sessions.c.hash == digest(instead_of)))
        connection.execute(
            insert(sessions).values(
                hash=digest(secret),
                id=token_hex(8),
                address=address,
                address_key=address_key(address),
                since=real,
                seen_at=real,
            )
        )
    return secret


def session(engine: Engine, secret: str, *, real: datetime) -> Session | None:
    """The session of that secret, unless it has ended, was idle for too long, or has lasted its time."""
    with reading(engine) as connection:
        row = connection.execute(select(sessions).where(sessions.c.hash == digest(secret))).first()
    if row is None or row.seen_at + IDLE <= real or row.since + LONGEST <= real:
        return None
    if row.seen_at + _NOTED_EVERY <= real:
        with writing(engine) as connection:
            connection.execute(update(sessions).where(sessions.c.hash == row.hash).values(seen_at=real))
    return Session(row.id, row.address, row.since)


def end_session(engine: Engine, secret: str) -> None:
    """End a session; twice is once."""
    with writing(engine) as connection:
        connection.execute(delete(sessions).where(sessions.c.hash == digest(secret)))


def forget_sessions(engine: Engine, *, real: datetime) -> int:
    """Delete sessions that are over; how many."""
    over = or_(sessions.c.seen_at <= real - IDLE, sessions.c.since <= real - LONGEST)
    with writing(engine) as connection:
        return connection.execute(delete(sessions).where(over)).rowcount
