"""Whatever stands in the address of the client's page: a sentence, nothing told, nothing changed."""

import string
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine, update

from records.commits import write_commit
from records.database import writing
from records.links import PURPOSES, ClientLink, address_of, link_with
from records.signing import Signer
from records.tables import client_links
from states.effects import Link, Purpose
from tests.portal.clients import at_the_page, words_of
from tests.portal.conftest import JOINED, House, away, compose
from tests.records.making import commit, rows, step
from tests.workflows.conftest import SIGNER

PROCESS = "account:Xy12Zz:alster"
IN_AN_ADDRESS = string.ascii_letters + string.digits + "-_.~%@"


@dataclass
class AtHand:
    """A portal without Temporal, and a link of each purpose."""

    house: House
    links: dict[str, ClientLink]

    def path(self, purpose: Purpose, signer: Signer = SIGNER) -> str:
        return address_of(self.links[purpose], portal_url="", signer=signer)

    async def read(self, path: str) -> httpx.Response:
        async with at_the_page(self.house) as page:
            return await page.get(path)

    async def send(self, path: str, **form: str) -> httpx.Response:
        async with at_the_page(self.house) as page:
            return await page.post(path, data=form)

    def unchanged(self) -> bool:
        return all(link_with(self.house.engine, link.nonce) == link for link in self.links.values())


def stands(engine: Engine, number: int, state: str, *effects: Link) -> None:
    facts = {"request": 1, "link": 1, "client confirmed": None if state == "waiting" else JOINED.isoformat()}
    written = commit(
        PROCESS, number, step(*effects, trigger=f"step-{number}", at=JOINED), kind="account", state=state,
        partner_id="alster", subject="Xy12Zz", facts=facts,
    )  # fmt: skip
    write_commit(engine, written, now=JOINED)


@pytest.fixture
def at_hand(engine: Engine) -> AtHand:
    stands(engine, 1, "waiting", *(Link(request=1, purpose=each, number=1) for each in PURPOSES))
    links = {row["purpose"]: ClientLink(**row) for row in rows(engine, client_links)}
    return AtHand(House(compose(engine, away()), engine), links)


async def test_a_link_opens_for_its_own_purpose_only(at_hand: AtHand) -> None:
    assert "asks you to confirm" in words_of(await at_hand.read(at_hand.path("confirm")))
    for purpose in PURPOSES:
        for other in PURPOSES:
            moved = at_hand.path(purpose).replace(f"/{purpose}/", f"/{other}/")
            assert (await at_hand.read(moved)).status_code == (200 if purpose == other else 404)
    # Signed for one purpose with the nonce of another: nobody but us could do that, and it opens nothing either.
    strange = f"/client/revoke/{SIGNER.sign('revoke', at_hand.links['confirm'].nonce)}"
    assert "does not open" in words_of(await at_hand.read(strange), status=404)
    unknown = f"/client/confirm/{SIGNER.sign('confirm', 'nothing')}"
    assert "does not open" in words_of(await at_hand.read(unknown), status=404)
    listed = f"/client/confirm/{SIGNER.sign('confirm', [1, 2])}"
    assert "does not open" in words_of(await at_hand.read(listed), status=404)


async def test_keys_change_under_links_that_are_on_their_way(at_hand: AtHand) -> None:
    old, new = "the key of last year, which nobody has", "the key of this year, which nobody has"
    app = at_hand.house.app
    written = at_hand.path("confirm", Signer([old]))
    for keys, status in (([old], 200), ([old, new], 200), ([new], 404)):
        app.state.portal = replace(app.state.portal, signer=Signer(keys))
        assert (await at_hand.read(written)).status_code == status, keys
        assert (await at_hand.read(at_hand.path("confirm", Signer(keys)))).status_code == 200


async def test_a_link_whose_time_has_ended(at_hand: AtHand, engine: Engine) -> None:
    ended = update(client_links).values(dies_at=JOINED + timedelta(days=30))
    with writing(engine) as connection:
        connection.execute(ended)
    link = at_hand.links["confirm"]
    said = words_of(await at_hand.read(at_hand.path("confirm")))
    assert "This link opened until" in said
    assert "Alster Commerce may ask you again" in said
    sent = await at_hand.send(at_hand.path("confirm"), answer="confirm", code=link.code)
    assert "This link opened until" in words_of(sent, status=409)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("active", "You confirmed on"),
        ("denied", "does not manage your account"),
        ("lapsed", "has lapsed"),
        ("voided", "Our staff have taken out"),
        ("revoked", "You took your confirmation"),
        ("superseded", "another partner, whom you confirmed"),
        ("ended", "does not manage your account Xy12Zz any more"),
    ],
)
async def test_after_every_end_the_page_tells_how_things_stand(
    at_hand: AtHand, engine: Engine, state: str, says: str
) -> None:
    stands(engine, 2, state)
    assert says in words_of(await at_hand.read(at_hand.path("confirm")))
    code = at_hand.links["confirm"].code
    assert says in words_of(await at_hand.send(at_hand.path("confirm"), answer="confirm", code=code), status=409)
    assert says in words_of(await at_hand.read(at_hand.path("revoke")))
    assert at_hand.unchanged()


def as_one_test(max_examples: int) -> settings:
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=max_examples, suppress_health_check=checks)


@as_one_test(60)
@given(token=some.one_of(some.text(max_size=60), some.text(IN_AN_ADDRESS, max_size=90)))
async def test_made_up_tokens_open_nothing(at_hand: AtHand, token: str) -> None:
    for path in (f"/client/confirm/{token}", f"/client/{token}/x"):
        try:
            httpx.URL(f"http://portal.example{path}")
        except (httpx.InvalidURL, UnicodeError):
            continue
        for answered in (await at_hand.read(path), await at_hand.send(path, answer="confirm", code="BCDFGH")):
            assert answered.status_code in (404, 405), (token, answered.text)


@as_one_test(60)
@given(data=some.data())
async def test_damaged_tokens_open_nothing(at_hand: AtHand, data: some.DataObject) -> None:
    whole = at_hand.path("confirm")
    start = len("/client/confirm/")
    at = data.draw(some.integers(start, len(whole) - 1))
    put = data.draw(some.text(IN_AN_ADDRESS.replace("%", ""), max_size=2))
    damaged = whole[:at] + put + whole[at + 1 :]
    # The last letter of a signature has bits that say nothing.
    if SIGNER.read("confirm", damaged[start:]) == at_hand.links["confirm"].nonce:
        return
    assert "does not open" in words_of(await at_hand.read(damaged), status=404)
    sent = await at_hand.send(damaged, answer="confirm", code=at_hand.links["confirm"].code)
    assert "does not open" in words_of(sent, status=404)
    assert at_hand.unchanged()


@as_one_test(60)
@given(answer=some.text(max_size=12), code=some.text(max_size=60))
async def test_whatever_is_typed_is_answered_with_the_page(at_hand: AtHand, answer: str, code: str) -> None:
    answered = await at_hand.send(at_hand.path("confirm"), answer=answer, code=code)
    assert "Alster Commerce" in words_of(answered, status=422)
