"""The page on which two partners confirm or decline that they become one, over HTTP, and what programs are answered."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from portal.callers import Scope
from records import accounts, leads
from records.commits import write_commit
from records.database import writing
from records.links import CODE_LETTERS
from records.mergers import SIDES, Side
from records.partners import suspend
from records.tables import client_links, mergers
from states.effects import AskForMergerAgain, EndMerger
from tests.portal.clients import at_the_page, words_of
from tests.portal.conftest import JOINED, SUBMISSION, House
from tests.portal.merging import CONFIRM, DECLINE, PROCESS, AtThePage, propose
from tests.records.making import commit, rows, step
from tests.workflows.conftest import SIGNER


@pytest.fixture
def at_page(house_without_temporal: House) -> AtThePage:
    """Both have their links. Nothing here asks Temporal."""
    propose(house_without_temporal.engine)
    return AtThePage(house_without_temporal)


def staff(engine: Engine, effect: AskForMergerAgain | EndMerger) -> None:
    now = datetime.now(UTC)
    said = step(effect, trigger="by_staff", at=now, source="member", dest="member")
    write_commit(
        engine, commit(PROCESS, 2, said, kind="partner", state="member", partner_id="alster", subject="alster"), now=now
    )


def wrong(code: str) -> str:
    return next(each for each in CODE_LETTERS if each != code[0]) + code[1:]


async def test_the_page_says_what_moves_and_that_it_is_for_good(at_page: AtThePage) -> None:
    engine = at_page.house.engine
    leads.submit(
        engine, partner_id="alster", company="C", domain="c.example", contact_name="C", contact_email="c@c.example",
        note="", received_at=JOINED,
    )  # fmt: skip
    at_page.house.key(Scope.PARTNER, partner="alster")
    before = rows(engine, mergers), rows(engine, client_links)
    for side in SIDES:
        said = words_of(await at_page.read(side))
        assert "Shall Alster Commerce become a part of Isar Commerce?" in said
        assert "What goes over to Isar Commerce" in said
        assert "leads: 1" in said
        assert "people who sign in: 1" in said
        assert "Alster Commerce is advisor silver, Isar Commerce is advisor silver" in said
        assert "its keys for programs: 1" in said
        assert "It can't be undone." in said
        assert "Both partners can confirm it until" in said
        assert at_page.link(side).code not in said
    assert (rows(engine, mergers), rows(engine, client_links)) == before


@pytest.mark.parametrize("first", SIDES)
async def test_both_confirm_and_it_is_done(at_page: AtThePage, first: Side) -> None:
    second = next(side for side in SIDES if side != first)
    said = words_of(await at_page.send(first, CONFIRM))
    assert "You confirmed on" in said
    assert "has not confirmed it yet" in said
    assert "has confirmed it, so that your word decides" in words_of(await at_page.read(second))
    # Once more, on another device: it is the same word.
    assert "You confirmed on" in words_of(await at_page.send(first, CONFIRM))
    assert at_page.merger().state == "proposed"
    done = "Alster Commerce became a part of Isar Commerce on"
    assert done in words_of(await at_page.send(second, CONFIRM))
    assert at_page.merger().state == "done"
    for side in SIDES:
        assert done in words_of(await at_page.read(side))
        assert "<form" not in (await at_page.read(side)).text
        assert done in words_of(await at_page.send(side, CONFIRM))
        assert done in words_of(await at_page.send(side, DECLINE), status=409)
    assert at_page.merger().state == "done"


@pytest.mark.parametrize("side", SIDES)
async def test_a_no_is_one_also_after_a_yes(at_page: AtThePage, side: Side) -> None:
    await at_page.send(side, CONFIRM)
    assert "Your confirmation does not count any more" in words_of(await at_page.read(side))
    who = "Alster Commerce" if side == "merge_from" else "Isar Commerce"
    assert f"{who} declined the merger on" in words_of(await at_page.send(side, DECLINE))
    for each in SIDES:
        assert f"{who} declined the merger on" in words_of(await at_page.send(each, CONFIRM), status=409)
    assert at_page.merger().state == "declined"


async def test_wrong_codes_lock_the_link_and_staff_send_a_new_one(at_page: AtThePage) -> None:
    code = at_page.link("merge_from").code
    for left in ("4 more tries", "3 more tries", "2 more tries", "one more try"):
        assert f"You have {left}" in words_of(await at_page.send("merge_from", CONFIRM, code=wrong(code)), status=422)
    assert "This link is locked" in words_of(await at_page.send("merge_from", CONFIRM, code=wrong(code)), status=422)
    assert "This link is locked" in words_of(await at_page.send("merge_from", CONFIRM), status=409)
    assert at_page.merger().partner_confirmed_at is None
    await at_page.send("merge_into", CONFIRM)
    staff(at_page.house.engine, AskForMergerAgain())
    assert "A newer link has replaced this one" in words_of(await at_page.read("merge_from"))
    said = words_of(await at_page.send("merge_from", CONFIRM, number=2))
    assert "became a part of Isar Commerce" in said


@pytest.mark.parametrize(
    ("answer", "code", "mistake"),
    [
        ("", None, "Please choose an answer."),
        ("revoke", None, "Please choose an answer."),
        (CONFIRM, "", "Please type the code from the mail"),
        (CONFIRM, "0", "Please type the code from the mail"),
    ],
)
async def test_what_is_no_answer_is_said_so(at_page: AtThePage, answer: str, code: str | None, mistake: str) -> None:
    assert mistake in words_of(await at_page.send("merge_into", answer, code=code), status=422)
    assert at_page.link("merge_into").wrong_codes == 0


async def test_after_thirty_days_it_has_lapsed(house_without_temporal: House) -> None:
    propose(house_without_temporal.engine, ago=timedelta(days=30, minutes=1))
    page = AtThePage(house_without_temporal)
    for side in SIDES:
        assert "was not by both of you" in words_of(await page.read(side))
        assert "was not by both of you" in words_of(await page.send(side, CONFIRM), status=409)
    staff(house_without_temporal.engine, EndMerger(how="lapsed", reason="in time"))
    assert "was not by both of you" in words_of(await page.read("merge_from"))
    assert page.merger().state == "lapsed"


async def test_called_off_by_staff(at_page: AtThePage) -> None:
    await at_page.send("merge_from", CONFIRM)
    staff(at_page.house.engine, EndMerger(how="withdrawn", reason="called off"))
    assert "The merger was called off on" in words_of(await at_page.send("merge_into", CONFIRM), status=409)
    assert at_page.merger().state == "withdrawn"


async def test_while_one_is_suspended_only_a_no_is_possible(at_page: AtThePage) -> None:
    with writing(at_page.house.engine) as connection:
        suspend(connection, "isar", suspended=True)
    said = words_of(await at_page.read("merge_from"))
    assert "It can't be confirmed now: isar is suspended" in said
    assert "Yes, Alster Commerce" not in said
    assert "Please choose an answer." in words_of(await at_page.send("merge_from", CONFIRM), status=422)
    assert "declined the merger" in words_of(await at_page.send("merge_from", DECLINE))


async def test_a_link_opens_for_its_own_purpose_only(at_page: AtThePage) -> None:
    nonce = at_page.link("merge_from").nonce
    strange = [
        at_page.path("merge_from").replace("merge_from", "merge_into"),
        at_page.path("merge_from").replace("/merger/", "/client/"),
        f"/merger/merge_into/{SIGNER.sign('merge_into', nonce)}",
        f"/merger/confirm/{SIGNER.sign('confirm', nonce)}",
        f"/client/confirm/{SIGNER.sign('confirm', nonce)}",
        f"/merger/merge_from/{SIGNER.sign('merge_from', 'nothing')}",
        f"/merger/merge_from/{SIGNER.sign('merge_from', [1])}",
        "/merger/merge_from/nothing",
    ]
    async with at_the_page(at_page.house) as page:
        for path in strange:
            assert "does not open" in words_of(await page.get(path), status=404)
            assert "does not open" in words_of(
                await page.post(path, data={"answer": CONFIRM, "code": "BCDFGH"}), status=404
            )
    assert at_page.merger().state == "proposed"


async def test_staff_see_it_on_both_partners_pages(at_page: AtThePage) -> None:
    await at_page.send("merge_into", CONFIRM)
    async with at_page.house.caller() as visitor:
        for partner in ("alster", "isar"):
            page = (await visitor.get(f"/partners/{partner}", headers={"accept": "text/html"})).text
            assert "proposed</strong>" in page
            assert "isar has confirmed." in page
            assert "alster has confirmed." not in page
        await at_page.send("merge_from", DECLINE)
        page = (await visitor.get("/partners/isar", headers={"accept": "text/html"})).text
        assert "declined</strong>" in page
        assert "alster has declined it." in page


# -- afterwards, for programs ------------------------------------------------------------------------------------------


@pytest.fixture
async def merged(at_page: AtThePage) -> House:
    """Alster had an account, and is a part of isar now."""
    engine = at_page.house.engine
    made = accounts.submit(
        engine, api_key="Ab12Cd", partner_id="alster", contact_name="C", contact_email="c@c.example", received_at=JOINED
    )
    accounts.acknowledge(engine, made.process, made.number)
    at_page.house.key(Scope.PARTNER, partner="alster")
    for side in SIDES:
        await at_page.send(side, CONFIRM)
    return at_page.house


async def test_the_old_key_is_answered_with_a_sentence(merged: House) -> None:
    async with merged.caller(Scope.PARTNER, partner="alster") as caller:
        answered = await caller.get("/v1/leads")
    assert answered.status_code == 401
    assert answered.json()["detail"].startswith(
        "This key ended when its partner alster was merged into isar; isar has keys of its own."
    )


async def test_the_old_way_leads_to_the_account_for_whoever_may_see_it(merged: House) -> None:
    for partner in (None, "isar"):
        async with merged.caller(Scope.PARTNER, Scope.READ, partner=partner) as caller:
            for path in ("alster", "isar"):
                answered = await caller.get(f"/v1/accounts/Ab12Cd/{path}")
                assert answered.status_code == 200, answered.text
                assert answered.json()["partner_id"] == "isar"
    async with merged.caller(Scope.READ, partner="weser") as stranger:
        assert (await stranger.get("/v1/accounts/Ab12Cd/alster")).status_code == 404


async def test_nothing_new_is_taken_for_the_one_that_ended(merged: House) -> None:
    async with merged.caller(*Scope) as caller:
        lead = await caller.post("/v1/leads", json=SUBMISSION)
        account = {
            "partner_id": "alster",
            "api_key": "Zz12Zz",
            "contact_name": "C",
            "contact_email": "c@c.example",
        }
        submitted = await caller.post("/v1/accounts", json=account)
        fact = {"kind": "case_study"}
        told = {"source": "crm", "fact_id": "f-1", "occurred_at": "2026-01-05T00:00:00Z", "fact": fact}
        reported = await caller.post("/v1/partners/alster/facts", json=told)
        person = await caller.put("/v1/partners/alster/people/new", json={"name": "N", "address": "n@n.example"})
        entry = {"name": "Alster", "contact_name": "C", "contact_email": "c@c.example"}
        entered = await caller.put("/v1/partners/alster", json=entry)
        gone = await caller.put("/v1/partners/alster", json=entry | {"active": False})
    for answered, status in ((lead, 422), (submitted, 422), (reported, 409), (person, 409), (entered, 409)):
        assert answered.status_code == status, answered.text
        assert "The partner alster was merged into isar, which can't be undone" in answered.json()["detail"]
    assert gone.status_code == 200
