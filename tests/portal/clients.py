"""Clients and their mails, for the tests of the page on which they answer."""

import html
import re
import uuid
from dataclasses import dataclass

import httpx

from portal.callers import Scope
from records.accounts import process_of
from records.client_page import Asked, asked
from rehearsal.clients import Letter, letters_to
from tests.portal.conftest import House
from tests.workflows.conftest import SIGNER, eventually

WORDS_ON_PAGE = re.compile(r"<[^>]+>")


@dataclass
class ClientAccount:
    """An account under a partner, and what its client gets by mail."""

    house: House
    api_key: str
    partner: str

    @property
    def address(self) -> str:
        """The client's own address, different for each partner who names it: so every test finds its mails."""
        return f"{self.partner}-{self.api_key}@shop.example"

    @property
    def process(self) -> str:
        return process_of(self.api_key, self.partner)

    async def letter(self, about: str, *, but: tuple[Letter, ...] = ()) -> Letter:
        """The newest mail whose subject has these words, as soon as there is one that is not among `but`."""

        async def find() -> Letter | None:
            letters = letters_to(self.house.engine, self.address)
            return next((each for each in letters if about in each.subject and each not in but), None)

        found = await eventually(find)
        assert found is not None
        return found

    async def becomes(self, state: str) -> None:
        """Wait until the process has recorded the state."""
        async with self.house.caller(Scope.READ) as reader:

            async def reached() -> bool:
                answered = await reader.get(f"/v1/accounts/{self.api_key}/{self.partner}")
                return bool(answered.json()["state"] == state)

            await eventually(reached)


async def submitted(house: House, *, api_key: str = "", partner: str = "alster") -> ClientAccount:
    """An account that its partner submits over HTTP."""
    account = ClientAccount(house, api_key or uuid.uuid4().hex[:6], partner)
    async with house.caller(Scope.PARTNER) as caller:
        answered = await caller.post(
            "/v1/accounts",
            json={
                "partner_id": partner, "api_key": account.api_key, "contact_name": "Head of Marketing",
                "contact_email": account.address,
            },
        )  # fmt: skip
    assert answered.status_code == 202, answered.text
    return account


def at_the_page(house: House) -> httpx.AsyncClient:
    """Somebody with a browser, which follows where answers lead."""
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://portal.example", follow_redirects=True)


def opened(house: House, letter: Letter) -> Asked:
    """What the database knows of a letter's link."""
    purpose, token = letter.path.removeprefix("/client/").split("/")
    nonce = SIGNER.read(purpose, token)
    assert nonce is not None
    found = asked(house.engine, nonce)
    assert found is not None
    return found


def words_of(response: httpx.Response, *, status: int = 200) -> str:
    """What a page says, without its marks; it is a page on which nothing can run, and which nobody may keep."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in response.text
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; form-action '")
    assert "frame-ancestors 'none'" in policy
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    return " ".join(html.unescape(WORDS_ON_PAGE.sub(" ", response.text)).split())
