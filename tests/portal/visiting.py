"""People who visit the pages with a browser that keeps cookies."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
from sqlalchemy import Engine

from records.sessions import begin_session
from tests.portal.conftest import House

PAGES = {"accept": "text/html,application/xhtml+xml", "sec-fetch-site": "same-origin"}


@asynccontextmanager
async def browser(
    house: House, address: str = "", *, host: str = "http://portal.example"
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser; with an address, one in which its owner has signed in."""
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=host, headers=PAGES) as client:
        if address:
            client.cookies.set("partnerflow", session_of(house.engine, address))
        yield client


def session_of(engine: Engine, address: str) -> str:
    """The secret of a session that has just begun."""
    return begin_session(engine, address, real=datetime.now(UTC))


def hidden(page: str, name: str) -> str:
    """What stands in a hidden field of the first form that has one."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no hidden field {name}"
    return found[1]
