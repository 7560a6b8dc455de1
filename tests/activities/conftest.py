"""A migrated database, a mail server, and a relay between them."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import Engine

from activities.mail import MailServer
from activities.relay import Relay
from records.database import open_database
from tests.activities.other_ends import Clock, Recipient, Signals
from tests.records.making import NOW, a_partner


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database with all tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def recipient() -> Recipient:
    return Recipient()


@pytest.fixture
async def server(recipient: Recipient) -> AsyncIterator[MailServer]:
    listening = await asyncio.get_running_loop().create_server(lambda: SMTP(recipient), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    yield MailServer("127.0.0.1", "Partner program <partners@vendor.example>", port=port, timeout=5)
    listening.close()


@pytest.fixture
def signals() -> Signals:
    return Signals()


@pytest.fixture
def real() -> Clock:
    return Clock()


@pytest.fixture
def relay(engine: Engine, server: MailServer, signals: Signals, real: Clock) -> Relay:
    a_partner(engine)
    return Relay(engine, server, signals, lambda: NOW, real=real, poll=0.05)
