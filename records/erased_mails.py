"""Mails that name a person who is to be erased: rows of the mailbox, and the files beside them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from sqlalchemy import Connection, or_, select

from records.mentions import Mentions
from records.tables import mailbox, outbox


def mails_that_name(connection: Connection, mentions: Mentions, about: Collection[str]) -> list[str]:
    """The Message-IDs of mails with the address in them, and of those `about` a process with a name."""
    posted = select(outbox.c.message_id).where(outbox.c.kind == "mail", outbox.c.process.in_(about))
    of_theirs = set(connection.execute(posted).scalars()) if about else set()
    wanted = select(mailbox.c.message_id, mailbox.c.to, mailbox.c.subject, mailbox.c.text, mailbox.c.html)
    if not about:
        columns = (mailbox.c.to, mailbox.c.subject, mailbox.c.text, mailbox.c.html)
        wanted = wanted.where(or_(*(mentions.may_be_in(column) for column in columns)))
    return [
        row.message_id
        for row in connection.execute(wanted)
        if mentions.are_in(
            "\n".join((row.to, row.subject, row.text)), names=row.message_id.partition("@")[0] in of_theirs
        )
    ]


@dataclass(frozen=True, slots=True)
class Letters:
    """The folder where mails lie as files while there is no mail server."""

    folder: Path

    def erase(self, message_ids: Collection[str], mentions: Mentions) -> int:
        """Delete the files of these mails and all others with the address in them; how many."""
        names = {f"{each.partition('@')[0]}.eml" for each in message_ids}
        gone = [file for file in self.folder.glob("*.eml") if file.name in names or _is_in(file, mentions)]
        for file in gone:
            file.unlink(missing_ok=True)
        return len(gone)


def _is_in(file: Path, mentions: Mentions) -> bool:
    message = message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=default)
    body = message.get_body(("plain",))
    text = "" if body is None else body.get_content()
    return mentions.are_in(f"{message['To']}\n{message['Subject']}\n{text}", names=False)
