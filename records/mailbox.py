"""Mails that were delivered here and not by a mail server: of a trial, or addressed to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from records.database import reading, writing
from records.tables import mailbox
from records.upsert import chosen, insert_if_new

_DELIVER = insert_if_new(mailbox)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail. `to` is as it stands in the mail, or says for whom it would have been; `at` is program time."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    at: datetime


def deliver(engine: Engine, mail: Delivered) -> None:
    """Keep a mail; the same Message-ID again is the same mail."""
    with writing(engine) as connection:
        connection.execute(
            chosen(_DELIVER, connection),
            {
                "message_id": mail.message_id,
                "to": mail.to,
                "subject": mail.subject,
                "text": mail.text,
                "html": mail.html,
                "at": mail.at,
            },
        )


def delivered_mails(engine: Engine, *, to: str | None = None, at_most: int = 200) -> list[Delivered]:
    """The newest first; `to` finds mails that name an address."""
    wanted = select(mailbox).order_by(mailbox.c.at.desc(), mailbox.c.message_id).limit(at_most)
    if to is not None:
        wanted = wanted.where(mailbox.c.to.contains(to, autoescape=True))
    with reading(engine) as connection:
        return [
            Delivered(row.message_id, row.to, row.subject, row.text, row.html, row.at)
            for row in connection.execute(wanted)
        ]


def delivered_mail(engine: Engine, message_id: str) -> Delivered | None:
    """The mail of that Message-ID."""
    with reading(engine) as connection:
        row = connection.execute(select(mailbox).where(mailbox.c.message_id == message_id)).first()
    return None if row is None else Delivered(row.message_id, row.to, row.subject, row.text, row.html, row.at)
