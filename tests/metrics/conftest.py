"""A Temporal server and a database for worker processes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from program.edition import Tier, Track
from records.database import open_database
from records.partners import Partner, put_partner
from tests.workflows.conftest import Server


@pytest.fixture
def temporal(tmp_path: Path) -> Iterator[Server]:
    """A server that the test may kill."""
    server = Server(tmp_path)
    server.start()
    asyncio.run(_takes_requests(server))
    yield server
    server.kill()


async def _takes_requests(server: Server) -> None:
    await server.client()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database with one partner."""
    engine = open_database(database_url)
    joined = datetime(2020, 1, 1, tzinfo=UTC)
    partner = Partner(
        id="alster", name="Alster Commerce", contact_name="Contact", contact_email="contact@alster.example",
        manager_address="manager@vendor.example", country="US", track=Track.ADVISOR, tier=Tier.SILVER, joined_at=joined,
    )  # fmt: skip
    put_partner(engine, partner, now=joined)
    yield engine
    engine.dispose()
