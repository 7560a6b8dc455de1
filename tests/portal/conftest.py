"""A portal as a caller sees it: over HTTP, with a real Temporal server and a real database behind it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from temporalio.client import Client

from portal.app import create_app
from portal.callers import Scope
from program.clock import REAL_TIME
from program.edition import Tier, Track
from records.applicant_links import ApplicantLinks
from records.database import open_database
from records.keys import create_key
from records.partners import Partner, put_partner
from states.staff import StaffList
from tests.workflows.conftest import SIGNER, Desk, Server

JOINED = datetime(2020, 1, 1, tzinfo=UTC)


def away() -> Callable[[], Awaitable[Client]]:
    """A provider that never finds a server."""

    async def provide() -> Client:
        raise ConnectionError("No Temporal server answers.")

    return provide


@dataclass
class House:
    """The portal under test. Callers get their keys from `key`, and speak over `caller`."""

    app: FastAPI
    engine: Engine
    desk: Desk | None = None
    keys: dict[tuple[frozenset[str], str | None], str] = field(default_factory=dict)

    def key(self, *scopes: Scope, partner: str | None = None) -> str:
        """A key with these scopes; the same one for the same question."""
        wanted = (frozenset(scopes), partner)
        if wanted not in self.keys:
            _, text = create_key(self.engine, "test", scopes, now=JOINED, partner_id=partner)
            self.keys[wanted] = text
        return self.keys[wanted]

    @asynccontextmanager
    async def caller(self, *scopes: Scope, partner: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A caller with a key of these scopes; without scopes one without a key."""
        headers = {"Authorization": f"Bearer {self.key(*scopes, partner=partner)}"} if scopes else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://portal.example", headers=headers) as client:
            yield client


def compose(engine: Engine, provider: Callable[[], Awaitable[Client]], **options: Any) -> FastAPI:
    """The portal, in real time, with the staff's pages."""
    given: dict[str, Any] = {
        "clock": REAL_TIME,
        "edition": "2022",
        "with_staff_pages": True,
        "signer": SIGNER,
        "staff": StaffList(),
        "mailbox": True,
        "patience": timedelta(seconds=20),
        "ui_url": "http://ui.example",
        "portal_url": "http://portal.example",
    }
    return create_app(engine=engine, client_provider=provider, **(given | options))


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server for all tests of the portal. Tests that stop a server make their own."""
    server = Server(tmp_path_factory.mktemp("temporal"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database with two partners, and one that has left."""
    engine = open_database(database_url)
    for name, active in (("alster", True), ("isar", True), ("weser", False)):
        partner = Partner(
            id=name, name=f"{name.title()} Commerce", contact_name="Contact", contact_email=f"contact@{name}.example",
            manager_address="manager@vendor.example", country="US", track=Track.ADVISOR, tier=Tier.SILVER,
            joined_at=JOINED, active=active,
        )  # fmt: skip
        put_partner(engine, partner, now=JOINED)
    yield engine
    engine.dispose()


@pytest.fixture
async def house(engine: Engine, temporal_server: Server) -> House:
    """The portal with everything behind it; `house.desk.working()` adds a worker."""
    client = await temporal_server.client()
    desk = Desk(client, engine, REAL_TIME, StaffList())
    desk.links = ApplicantLinks("http://portal.example", SIGNER)

    async def provide() -> Client:
        return client

    return House(compose(engine, provide, task_queue=desk.queue), engine, desk)


@pytest.fixture
def house_without_temporal(engine: Engine) -> House:
    """The portal while Temporal is away: what is refused before Temporal is asked."""
    return House(compose(engine, away()), engine)


SUBMISSION = {
    "partner_id": "alster",
    "company": "Example Shop",
    "website": "https://www.shop.example/about",
    "contact_name": "Head of Marketing",
    "contact_email": "contact@shop.example",
    "note": "Met at a trade fair.",
}
