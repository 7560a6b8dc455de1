"""Facts that other systems report: each is taken once, however often it is delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Engine, bindparam, exists, select

from program.calendar import program_date
from records.database import reading, writing
from records.tables import client_accounts, facts, mrr
from records.upsert import chosen, insert_if_new

PAID = "client_paid"
"""The kind of fact that says that a client paid."""

_RECORD = insert_if_new(facts)
_KNOWN = select(facts.c.digest).where(facts.c.source == bindparam("of_source"), facts.c.fact_id == bindparam("with_id"))
_PAYMENTS_BEFORE = (
    facts.c.kind == PAID,
    facts.c.subject == bindparam("of_subject"),
    facts.c.occurred_at < bindparam("before", type_=facts.c.occurred_at.type),
)
# A month in which the client paid is known by its payment, or by the MRR that was loaded for it.
_PAID_BEFORE = select(
    exists().where(*_PAYMENTS_BEFORE)
    | exists().where(
        client_accounts.c.domain == bindparam("of_subject"),
        client_accounts.c.known_until.is_(None),
        mrr.c.account == client_accounts.c.account,
        mrr.c.month < bindparam("month"),
        mrr.c.email_cents + mrr.c.sms_cents > 0,
    )
)
_FIRST_PAYMENT = (
    select(facts)
    .where(*_PAYMENTS_BEFORE, facts.c.process.is_(None))
    .order_by(facts.c.occurred_at, facts.c.source, facts.c.fact_id)
    .limit(1)
)

Recorded = Literal["new", "same", "conflict"]


def record_fact(
    engine: Engine,
    *,
    source: str,
    fact_id: str,
    kind: str,
    subject: str,
    occurred_at: datetime,
    received_at: datetime,
    digest: str,
    process: str | None = None,
) -> Recorded:
    """Take a fact: `new`, `same` when it was delivered before, `conflict` when other content came under its id.

    `subject` is what the fact is about (a web domain), `process` the one it was meant for, where the source names one;
    `digest` identifies the content, at most 64 letters.
    """
    with writing(engine) as connection:
        inserted = connection.execute(
            chosen(_RECORD, connection),
            {
                "source": source,
                "fact_id": fact_id,
                "kind": kind,
                "subject": subject,
                "process": process,
                "occurred_at": occurred_at,
                "received_at": received_at,
                "digest": digest,
            },
        )
        if inserted.rowcount == 1:
            return "new"
        known = connection.execute(_KNOWN, {"of_source": source, "with_id": fact_id}).scalar_one()
        return "same" if known == digest else "conflict"


@dataclass(frozen=True, slots=True)
class Fact:
    """What another system reported; `occurred_at` in UTC."""

    source: str
    fact_id: str
    kind: str
    occurred_at: datetime


def facts_since(engine: Engine, subject: str, instant: datetime, *, and_first_payment: bool = False) -> list[Fact]:
    """What is known to have occurred to a subject as a whole since an instant, in that order.

    For a process that begins later than what it is about: a sign-up may be reported after the payment. With
    `and_first_payment` the first payment from before the instant comes first, where one is known.
    """
    with reading(engine) as connection:
        before = {"of_subject": subject, "before": instant}
        earlier = connection.execute(_FIRST_PAYMENT, before).all() if and_first_payment else ()
        rows = connection.execute(
            select(facts)
            .where(facts.c.subject == subject, facts.c.process.is_(None), facts.c.occurred_at >= instant)
            .order_by(facts.c.occurred_at, facts.c.source, facts.c.fact_id)
        )
        return [Fact(row.source, row.fact_id, row.kind, row.occurred_at) for row in (*earlier, *rows)]


def paid_before(connection: Connection, subject: str, instant: datetime) -> bool:
    """Whether a payment of the subject is known from before an instant, or MRR of an earlier month."""
    month = f"{program_date(instant):%Y-%m}"
    asked = {"of_subject": subject, "before": instant, "month": month}
    return bool(connection.execute(_PAID_BEFORE, asked).scalar())
