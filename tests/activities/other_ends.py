"""The other ends of the relay: a mail server, processes that take signals, and a clock that a test moves."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

from aiosmtpd.smtp import Envelope
from sqlalchemy import Engine

from records.tables import outbox
from tests.records.making import rows


class Recipient:
    """A mail server's other end: keeps what came, and may refuse some."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refusals = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.refusals:
            self.refusals -= 1
            return "451 try later"
        self.mails.append(envelope)
        return "250 taken"

    def ids(self) -> list[str]:
        found = []
        for envelope in self.mails:
            assert isinstance(envelope.content, bytes)
            found.append(message_from_bytes(envelope.content)["Message-ID"])
        return found


class Signals:
    """Where signals go."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.failures = 0
        self.gone: set[str] = set()

    async def __call__(self, process: str, signal: str, payload: dict[str, Any]) -> bool:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("away")
        if process in self.gone:
            return False
        self.sent.append((process, signal, payload))
        return True


class Clock:
    """Real time, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def statuses(engine: Engine) -> list[str]:
    return [row["status"] for row in rows(engine, outbox)]


async def eventually(holds: Callable[[], bool], *, within: float = 30) -> None:
    """Wait until something holds; TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - it is somebody else's doing, without an event of ours
            await asyncio.sleep(0.02)
