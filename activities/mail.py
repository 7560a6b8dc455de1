"""Delivering one mail: to a mail server, or into the local mailbox where none is configured."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Protocol

import aiosmtplib
import idna
from sqlalchemy import Engine

from records.mailbox import Delivered, deliver

StillWanted = Callable[[], Awaitable[bool]]
"""Asked at the last moment before a mail leaves."""


class Undeliverable(Exception):
    """The mail was not taken this time. The text says why, without any address."""


class ServerAway(Undeliverable):
    """The mail server is away, for every mail."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `message_id` stands without angle brackets; `to` holds bare addresses; `at` is program time."""

    message_id: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    at: datetime

    def message(self, sender: str) -> EmailMessage:
        """As it travels. ValueError for an address or a subject that can't stand in a header."""
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = sender
        message["To"] = [_address(address) for address in self.to]
        message["Subject"] = self.subject
        message["Date"] = self.at
        message["Message-ID"] = f"<{self.message_id}>"
        # RFC 3834: nobody's absence notice shall answer.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        return message


class Delivery(Protocol):
    """A way for mails to leave."""

    @property
    def domain(self) -> str:
        """What Message-IDs end in."""
        ...

    async def send(self, letter: Letter, still_wanted: StillWanted) -> bool:
        """Deliver, unless it is not wanted any more (False). Raises `Undeliverable`."""
        ...


@dataclass(frozen=True, slots=True)
class MailServer:
    """Delivery by SMTP, by STARTTLS where the server offers it. Times are seconds."""

    host: str
    sender: str
    port: int = 25
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    timeout: float = 10.0

    @property
    def domain(self) -> str:
        """The sender's own domain."""
        return _domain_of(self.sender)

    async def send(self, letter: Letter, still_wanted: StillWanted) -> bool:
        """Deliver over a connection of its own; the question is asked when the server is already there."""
        try:
            message = letter.message(self.sender)
        except ValueError:
            raise Undeliverable("the address or the subject can't stand in a mail") from None
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.tls,
            timeout=self.timeout,
        )
        try:
            await client.connect()
        except (OSError, TimeoutError, aiosmtplib.SMTPException) as error:
            raise ServerAway(f"the mail server is away ({type(error).__name__})") from None
        try:
            if not await still_wanted():
                return False
            await client.send_message(message)
        except (OSError, TimeoutError, aiosmtplib.SMTPException) as error:
            code = getattr(error, "code", "")
            raise Undeliverable(f"the mail server did not take it ({type(error).__name__} {code})") from None
        finally:
            client.close()
        return True


@dataclass(frozen=True, slots=True)
class LocalMailbox:
    """Delivery into the table `mailbox` and, where a folder is given, as `.eml` files."""

    engine: Engine
    sender: str = "Partner program <partners@partnerflow.invalid>"
    folder: Path | None = None

    @property
    def domain(self) -> str:
        """The sender's own domain."""
        return _domain_of(self.sender)

    async def send(self, letter: Letter, still_wanted: StillWanted) -> bool:
        """Keep the mail; the same one again is the same file and row."""
        if not await still_wanted():
            return False
        await asyncio.to_thread(self._keep, letter)
        return True

    def _keep(self, letter: Letter) -> None:
        if self.folder is not None:
            try:
                message = letter.message(self.sender)
            except ValueError:
                # It is addressed to nobody, in words. The table keeps those.
                pass
            else:
                self.folder.mkdir(parents=True, exist_ok=True)
                (self.folder / f"{letter.message_id.partition('@')[0]}.eml").write_bytes(bytes(message))
        deliver(
            self.engine,
            Delivered(
                letter.message_id,
                ", ".join(letter.to),
                letter.subject,
                letter.text,
                letter.html,
                letter.at,
            ),
        )


def _address(text: str) -> Address:
    """As every mail server reads it: the name of a host in ASCII."""
    person, _, host = text.rpartition("@")
    try:
        ascii_host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
        return Address(addr_spec=f"{person}@{ascii_host}")
    except (HeaderParseError, IndexError, idna.IDNAError):
        raise ValueError("The address is none.") from None


def _domain_of(sender: str) -> str:
    return sender.rpartition("@")[2].rstrip("> ") or "partnerflow.invalid"
