"""Answers that were given, so that a request that is sent again under its key gets the same one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from records.database import reading, writing
from records.tables import idempotency
from records.upsert import chosen, insert_if_new

_REMEMBER = insert_if_new(idempotency)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a request: `digest` identifies its content, `response` is the JSON body."""

    digest: str
    status: int
    response: Any


def recall(engine: Engine, caller: str, key: str) -> Answered | None:
    """What `caller` was answered under `key`; compare the digest, the content may be another."""
    with reading(engine) as connection:
        return _recall(connection, caller, key)


def remember(engine: Engine, caller: str, key: str, answer: Answered, *, now: datetime) -> Answered:
    """Keep an answer, and get the one that counts: the first, where two requests came at once."""
    with writing(engine) as connection:
        inserted = connection.execute(
            chosen(_REMEMBER, connection),
            {
                "caller": caller,
                "key": key,
                "digest": answer.digest,
                "status": answer.status,
                "response": answer.response,
                "created_at": now,
            },
        )
        if inserted.rowcount == 1:
            return answer
        return _recall(connection, caller, key) or answer


def forget_before(engine: Engine, instant: datetime) -> int:
    """Delete answers from before an instant; how many."""
    with writing(engine) as connection:
        return connection.execute(delete(idempotency).where(idempotency.c.created_at < instant)).rowcount


def _recall(connection: Connection, caller: str, key: str) -> Answered | None:
    row = connection.execute(
        select(idempotency).where(idempotency.c.caller == caller, idempotency.c.key == key)
    ).first()
    return None if row is None else Answered(row.digest, row.status, row.response)
