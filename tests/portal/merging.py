"""Two partners at the page on which they confirm that they become one: alster is merged into isar."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import Engine, select

from records.commits import write_commit
from records.database import reading
from records.links import ClientLink, address_of
from records.mergers import Merger, Side, merger_of
from records.tables import client_links
from states.effects import ProposeMerger
from tests.portal.clients import at_the_page
from tests.portal.conftest import House
from tests.records.making import commit, step
from tests.workflows.conftest import SIGNER

PROCESS = "partner:alster"
CONFIRM, DECLINE = "confirm", "decline"


def propose(engine: Engine, *, ago: timedelta = timedelta(0), number: int = 1) -> None:
    """Staff propose it, now or some time ago."""
    at = datetime.now(UTC) - ago
    effect = ProposeMerger(into="isar", lapses_at=at + timedelta(days=30), by="manager@vendor.example", reason="bought")
    asked = step(effect, trigger="propose_merger", at=at, source="member", dest="member", by="manager@vendor.example")
    shown = commit(PROCESS, number, asked, kind="partner", state="member", partner_id="alster", subject="alster")
    assert write_commit(engine, shown, now=at).found == {}


@dataclass
class AtThePage:
    """What the two get by mail, and what they do with it."""

    house: House

    def merger(self, number: int = 1) -> Merger:
        with reading(self.house.engine) as connection:
            found = merger_of(connection, PROCESS, number)
        assert found is not None
        return found

    def link(self, side: Side, *, number: int = 1, request: int = 1) -> ClientLink:
        wanted = select(client_links).where(
            client_links.c.purpose == side, client_links.c.number == number, client_links.c.request == request
        )
        with reading(self.house.engine) as connection:
            return ClientLink(**connection.execute(wanted).mappings().one())

    def path(self, side: Side, *, number: int = 1, request: int = 1) -> str:
        return address_of(self.link(side, number=number, request=request), portal_url="", signer=SIGNER)

    async def read(self, side: Side) -> httpx.Response:
        async with at_the_page(self.house) as page:
            return await page.get(self.path(side))

    async def send(self, side: Side, answer: str, *, code: str | None = None, number: int = 1) -> httpx.Response:
        link = self.link(side, number=number)
        async with at_the_page(self.house) as page:
            form = {"answer": answer, "code": link.code if code is None else code}
            return await page.post(self.path(side, number=number), data=form)
