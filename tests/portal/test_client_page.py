"""The client's way through the page, over HTTP: confirm, deny, revoke, twice, late, with wrong codes and old links."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from portal.callers import Scope
from portal.client_words import ACTIONS, OFFERS
from program.clock import REAL_TIME, ProgramClock
from records.history import history_of
from records.links import CODE_LETTERS, ClientLink, address_of
from records.managements import managed_at
from records.tables import client_links
from rehearsal.clients import Letter, answer
from states.account import ACCOUNT
from states.staff import StaffList
from tests.portal.clients import ClientAccount, at_the_page, opened, submitted, words_of
from tests.portal.conftest import House, compose
from tests.records.making import rows
from tests.workflows.conftest import SIGNER, Desk, Server, eventually

ASK, REMIND, RECEIPT = "Please confirm: does", "Still open", "You have confirmed"


def wrong(letter: Letter) -> str:
    """A code that is not the letter's."""
    first = next(each for each in CODE_LETTERS if each != letter.code[0])
    return first + letter.code[1:]


def happened(account: ClientAccount) -> list[str]:
    return [each.trigger for each in history_of(account.house.engine, account.process)]


async def send(page: httpx.AsyncClient, letter: Letter, says: str, code: str) -> httpx.Response:
    return await page.post(letter.path, data={"answer": says, "code": code})


def test_every_offer_is_a_move() -> None:
    for (_, state), answers in OFFERS.items():
        for each in answers:
            assert any(move.trigger == ACTIONS[each] and state in move.sources for move in ACCOUNT.moves), (state, each)


async def test_from_submission_to_active_and_to_revoked(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        letter, key = await account.letter(ASK), account.api_key
        asked = words_of(await page.get(letter.path))
        assert (
            f"Alster Commerce asks you to confirm that it manages the e-mail marketing of your account {key}" in asked
        )
        assert "are managed by Alster Commerce." in asked
        assert "a link with which you can revoke this at any time" in asked
        assert "another" not in asked
        assert letter.code not in asked
        for _ in range(3):
            await page.get(letter.path)
            await page.head(letter.path)
        assert happened(account) == ["begin"]

        said = words_of(await answer(page, letter, "confirm"))
        assert "You have confirmed that Alster Commerce manages it." in said or "You confirmed on" in said
        await account.becomes("active")
        [management] = managed_at(house.engine, account=account.api_key)
        assert management.client_confirmed_at == opened(house, letter).link.answered_at
        after = words_of(await page.get(letter.path))
        assert "You confirmed on" in after
        assert "You can revoke that at any time" in after
        assert "<form" not in (await page.get(letter.path)).text
        # Once more, and the other answer on another device: nothing changes.
        assert "You confirmed on" in words_of(await answer(page, letter, "confirm"), status=409)
        assert "You confirmed on" in words_of(await answer(page, letter, "deny"), status=409)

        receipt = await account.letter(RECEIPT)
        assert opened(house, receipt).link.dies_at is None
        offered = words_of(await page.get(receipt.path))
        assert "no longer counts as your managing partner" in offered
        assert "Revoke my confirmation" in offered
        assert "This is not the code" in words_of(await send(page, receipt, "revoke", wrong(receipt)), status=422)
        await answer(page, receipt, "revoke")
        await account.becomes("revoked")
        assert managed_at(house.engine, account=account.api_key) == []
        for each in (letter, receipt):
            assert "You took your confirmation" in words_of(await page.get(each.path))
        assert happened(account) == ["begin", "client_confirms", "client_revokes"]


async def test_a_denial(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        letter = await account.letter(ASK)
        await answer(page, letter, "deny")
        await account.becomes("denied")
        assert "does not manage your account" in words_of(await page.get(letter.path))
        assert words_of(await answer(page, letter, "confirm"), status=409)
        assert happened(account) == ["begin", "client_denies"]


async def test_pressed_twice_and_on_two_devices_at_once(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        letter = await account.letter(ASK)
        answers = await asyncio.gather(*(answer(page, letter, "confirm") for _ in range(6)))
        assert {each.status_code for each in answers} <= {200, 409}
        await account.becomes("active")
        await account.letter(RECEIPT)
        assert happened(account) == ["begin", "client_confirms"]


async def test_while_no_worker_runs_an_answer_is_taken_and_shown(house: House) -> None:
    assert house.desk is not None
    async with at_the_page(house) as page:
        async with house.desk.working():
            account = await submitted(house)
            letter = await account.letter(ASK)
        for _ in range(2):
            said = words_of(await answer(page, letter, "confirm"))
            assert "You have confirmed that Alster Commerce manages it. We received your answer on" in said
            assert "being recorded now" in said
        # The other answer is not taken in any more.
        assert "being recorded now" in words_of(await answer(page, letter, "deny"), status=409)
        stamp = opened(house, letter).link.answered_at
        async with house.desk.working():
            await account.becomes("active")
        [management] = managed_at(house.engine, account=account.api_key)
        assert management.client_confirmed_at == stamp


@pytest.mark.parametrize("typed", [" {} ", "{}-", "lower"])
async def test_a_code_may_be_typed_as_people_do(house: House, typed: str) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        letter = await account.letter(ASK)
        code = letter.code.lower() if typed == "lower" else typed.format(letter.code[:3] + " " + letter.code[3:])
        assert (await send(page, letter, "confirm", code)).status_code == 200
        await account.becomes("active")


async def test_what_is_no_code_and_no_answer_is_told_and_costs_no_try(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        letter = await account.letter(ASK)
        for code in ("", "x", "IIIIII", "123456789", "ABCDE\u017f"):
            said = words_of(await send(page, letter, "confirm", code), status=422)
            assert "Please type the code from the mail" in said, code
        assert "Please choose an answer" in words_of(await send(page, letter, "", letter.code), status=422)
        assert "Please choose an answer" in words_of(await send(page, letter, "revoke", letter.code), status=422)
        assert "can't be read" in words_of(
            await page.post(letter.path, content=b"--x", headers={"Content-Type": "multipart/form-data; boundary=y"}),
            status=400,
        )
        assert opened(house, letter).link.wrong_codes == 0
        assert happened(account) == ["begin"]


async def test_five_wrong_codes_lock_the_link_and_send_a_new_one_three_times_a_day(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        letters = [await account.letter(ASK)]
        for _ in range(3):
            await lock(page, letters[-1])
            letters.append(await account.letter(ASK, but=tuple(letters)))
            old = words_of(await page.get(letters[-2].path))
            assert "A newer link has replaced this one" in old
            assert words_of(await answer(page, letters[-2], "confirm"), status=409)
        locked = await lock(page, letters[-1])
        assert "As many new links as one day may have (3)" in locked
        assert words_of(await answer(page, letters[-1], "confirm"), status=409)
        assert words_of(await page.post(f"{letters[-1].path}/new-link"))
        assert happened(account) == ["begin", "new_link", "new_link", "new_link"]
        assert len({each.code for each in letters}) == 4


async def lock(page: httpx.AsyncClient, letter: Letter) -> str:
    for left in (4, 3, 2, 1):
        said = words_of(await send(page, letter, "confirm", wrong(letter)), status=422)
        assert f"You have {left} more tr" in said or (left == 1 and "You have one more try" in said)
    said = words_of(await send(page, letter, "confirm", wrong(letter)), status=422)
    assert "This link is locked" in said or "A newer link has replaced" in said
    return said


async def test_a_locked_link_to_revoke_is_replaced_by_another_receipt(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        await answer(page, await account.letter(ASK), "confirm")
        receipt = await account.letter(RECEIPT)
        for _ in range(5):
            await send(page, receipt, "revoke", wrong(receipt))
        another = await account.letter(RECEIPT, but=(receipt,))
        assert "A newer link has replaced" in words_of(await page.get(receipt.path))
        await answer(page, another, "revoke")
        await account.becomes("revoked")


async def test_a_corrected_contact_has_the_only_link_that_opens(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        first = await account.letter(ASK)
        async with house.caller(Scope.PARTNER) as partner:
            where = f"/v1/accounts/{account.api_key}/alster/contact"
            corrected = {"contact_name": "Someone Else", "contact_email": account.address}
            assert (await partner.post(where, json=corrected)).status_code == 202
        second = await account.letter(ASK, but=(first,))
        assert "A newer link has replaced" in words_of(await answer(page, first, "confirm"), status=409)
        await answer(page, second, "confirm")
        await account.becomes("active")


async def test_confirming_ends_another_partners_management_and_says_so_before(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        before = await submitted(house)
        await answer(page, await before.letter(ASK), "confirm")
        await before.becomes("active")
        after = await submitted(house, api_key=before.api_key, partner="isar")
        letter = await after.letter(ASK)
        said = words_of(await page.get(letter.path))
        assert "At present Alster Commerce manages this account. If you confirm Isar Commerce, that ends" in said
        assert "The management by Alster Commerce ends with that." in said
        await answer(page, letter, "confirm")
        await after.becomes("active")
        [management] = managed_at(house.engine, account=before.api_key)
        assert management.partner_id == "isar"
        await before.becomes("superseded")
        receipt = await before.letter(RECEIPT)
        assert "another partner, whom you confirmed" in words_of(await page.get(receipt.path))


async def test_it_ends_at_that_instant_also_while_the_other_partners_process_is_stuck(
    house: House, engine: Engine, temporal_server: Server
) -> None:
    assert house.desk is not None
    client = await temporal_server.client()

    async def provide() -> Client:
        return client

    desk = Desk(client, engine, REAL_TIME, StaffList())
    second = House(compose(engine, provide, task_queue=desk.queue), engine, desk)
    async with at_the_page(house) as page:
        async with house.desk.working():
            before = await submitted(house)
            await answer(page, await before.letter(ASK), "confirm")
            await before.becomes("active")
            await before.letter(RECEIPT)
        # From here on nobody works for the first partner's process, and everybody for the second one's.
        async with desk.working():
            after = await submitted(second, api_key=before.api_key, partner="isar")
            letter = await after.letter(ASK)
            await answer(page, letter, "confirm")
            await after.becomes("active")
            stamp = opened(house, letter).link.answered_at
            assert stamp is not None
            [management] = managed_at(engine, account=before.api_key)
            assert (management.partner_id, management.client_confirmed_at) == ("isar", stamp)
            [ended] = managed_at(engine, stamp - timedelta(microseconds=1), account=before.api_key)
            assert (ended.partner_id, ended.ended_at, ended.why) == ("alster", stamp, "superseded")
            assert happened(before) == ["begin", "client_confirms"]
        async with house.desk.working():
            await before.becomes("superseded")
        assert managed_at(engine, account=before.api_key) == [management]


async def test_an_answer_in_time_counts_though_it_is_handled_after_the_request_has_lapsed(
    engine: Engine, temporal_server: Server
) -> None:
    lapses_at = datetime(2027, 2, 20, 5, 0, tzinfo=UTC)
    client = await temporal_server.client()

    async def provide() -> Client:
        return client

    desk = Desk(client, engine, REAL_TIME, StaffList())

    async def asked(at: datetime) -> tuple[str, ClientLink]:
        process = (await desk.submit(at=at)).id
        [made] = await eventually(lambda: asyncio.to_thread(links_of, engine, process))
        return process, made

    async with desk.working():
        begun = time.monotonic()
        await asked(desk.now())
        took = time.monotonic() - begun
        # Thirty days after the day of the request, ten minutes before midnight in New York: twelve seconds of this
        # clock, or more where this machine needs long for a request.
        clock = ProgramClock(
            origin=datetime.now(UTC), starts=lapses_at - timedelta(minutes=10), speed=600 / max(12, 8 * took)
        )
        desk.clock = clock
        process, made = await asked(lapses_at - timedelta(days=30, hours=8))
    house = House(compose(engine, provide, task_queue=desk.queue, clock=clock), engine, desk)
    assert made.dies_at == lapses_at
    path = address_of(made, portal_url="", signer=SIGNER)
    letter = Letter("", path, made.code)
    async with at_the_page(house) as page:
        assert "We received your answer" in words_of(await answer(page, letter, "confirm"))
        await asyncio.sleep((lapses_at + timedelta(minutes=3) - desk.now()).total_seconds() / clock.speed)
        async with desk.working():
            account = ClientAccount(house, *process.split(":")[1:])
            await eventually(lambda: asyncio.to_thread(lambda: "client_confirms" in happened(account)))
    [management] = managed_at(engine, account=account.api_key)
    assert management.client_confirmed_at < lapses_at
    assert "lapse" not in happened(account)


def links_of(engine: Engine, process: str) -> list[ClientLink]:
    return [ClientLink(**row) for row in rows(engine, client_links) if row["process"] == process]


async def test_links_of_an_earlier_request_only_tell_how_things_stand(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        first = await account.letter(ASK)
        await answer(page, first, "confirm")
        receipt = await account.letter(RECEIPT)
        await answer(page, receipt, "revoke")
        await account.becomes("revoked")
        await submitted(house, api_key=account.api_key)
        second = await account.letter(ASK, but=(first,))
        assert "This link belongs to an earlier request" in words_of(await answer(page, receipt, "revoke"), status=409)
        assert "earlier request" in words_of(await answer(page, first, "confirm"), status=409)
        await answer(page, second, "confirm")
        await account.becomes("active")
        assert "earlier request" in words_of(await answer(page, receipt, "revoke"), status=409)


async def test_the_page_answers_while_temporal_is_away_and_takes_it_later(house: House) -> None:
    assert house.desk is not None
    async with house.desk.working(), at_the_page(house) as page:
        account = await submitted(house)
        letter = await account.letter(ASK)
        portal = house.app.state.portal

        there, portal.temporal._client = portal.temporal._client, None
        provider, portal.temporal._provider = portal.temporal._provider, nobody
        answered = await send(page, letter, "confirm", letter.code)
        assert "We could not take your answer just now" in words_of(answered, status=503)
        assert int(answered.headers["Retry-After"]) > 0
        # The form still has what was typed and chosen.
        assert f'value="{letter.code}"' in answered.text
        assert 'value="confirm" required aria-describedby="means-confirm" checked' in answered.text
        assert opened(house, letter).link.answer == ""
        portal.temporal._client, portal.temporal._provider = there, provider
        await answer(page, letter, "confirm")
        await account.becomes("active")


async def nobody() -> None:
    raise ConnectionError("No Temporal server answers.")
