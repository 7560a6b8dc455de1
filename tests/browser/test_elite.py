"""The elite committee in a real browser: a member scores on the portal's page, the chair confirms in the Web UI."""

import asyncio
import re
from datetime import timedelta
from functools import partial

import pytest
from playwright.async_api import Page, expect
from temporalio.client import Client

from activities.mail import LocalMailbox
from activities.relay import Relay
from cli.ports import free_port
from portal.queues import queues
from program.calendar import Half
from program.clock import REAL_TIME
from program.edition import LATEST
from program.season import Timetable
from records.mailbox import delivered_mails
from records.notes import notes_on
from records.sign_ins import address_of_sign_in
from states.nomination import NOMINATION
from states.nomination_data import Nomination
from states.season import SEASON
from states.season_data import Season
from states.staff import Member, Role, StaffList
from tests.browser.web_ui import PATIENCE, WebUi
from tests.portal.conftest import compose
from tests.portal.serving import served
from tests.portal.test_elite_pages import CHAIR, MANAGER, MEMBERS, SECOND, a_nomination
from tests.portal.test_partner_pages_in_a_browser import window, wrong_with
from tests.workflows.conftest import SIGNER, Desk, Server

pytestmark = pytest.mark.browser

GOOD = "L43 O43344 P44332 C4 M3433 R4"
REMARK = "its founder is there for us"


@pytest.fixture
def staff() -> StaffList:
    return StaffList(
        staff=(
            Member(address=MANAGER, roles=(Role.MANAGER,)),
            Member(address=SECOND, roles=(Role.MANAGER,)),
            Member(address=CHAIR, roles=(Role.CHAIR,)),
            *(Member(address=member, roles=(Role.COMMITTEE,)) for member in MEMBERS),
        )
    )


@pytest.mark.timeout(120)
async def test_a_member_signs_in_and_scores_by_keyboard_on_a_phone(page: Page, desk: Desk) -> None:
    async with desk.working():
        nomination = await a_nomination(desk, "2035-H1")
        await nomination.execute_update("nominate", {"by": SECOND, "reason": "as agreed"})
        await desk.until(nomination, lambda now: now.data["state"] == "scoring" and not now.waiting)

    async def provide() -> Client:
        return desk.client

    port, path = free_port(), "/nominations/2035-H1:isar"
    url = f"http://127.0.0.1:{port}"
    app = compose(
        desk.engine, provide, task_queue=desk.queue, staff=desk.staff, clock=desk.clock, portal_url=url
    )  # fmt: skip
    with served(app, port=port):
        async with window(page) as context:
            hand = await context.new_page()
            hand.set_default_timeout(PATIENCE)
            await hand.goto(url + path)
            await hand.get_by_label("E-mail address").fill(MEMBERS[0])
            await hand.keyboard.press("Enter")
            await hand.get_by_role("heading", name="Look into your mail").wait_for()
            await hand.goto(await _link_in_mail(desk, url))
            async with hand.expect_navigation():
                await hand.get_by_role("button", name="Sign in").press("Enter")
            await hand.get_by_role("heading", name="Your scores").wait_for()
            assert hand.url == url + path
            async with desk.working():
                await _score_by_keyboard(hand)
                await expect(hand.get_by_text(REMARK)).to_be_visible(timeout=PATIENCE)
                snapshot = await desk.until(nomination, lambda now: bool(now.data["sheets"]) and not now.waiting)
                [sheet] = snapshot.data["sheets"].values()
                assert sheet["leadership"] == [4, 3]
                assert sheet["operations"] == [4] * 5
                assert REMARK not in (await nomination.fetch_history()).to_json()
            assert [note.text for note in notes_on(desk.engine, nomination.id)] == [REMARK]
            assert await wrong_with(context, url + path) == []
            assert await wrong_with(context, url + "/seasons") == []


async def _link_in_mail(desk: Desk, url: str) -> str:
    async def nobody(*_: object) -> bool:
        return False

    relay = Relay(
        desk.engine, LocalMailbox(desk.engine), nobody, desk.now,
        sign_in_page=partial(address_of_sign_in, portal_url=url, signer=SIGNER),
    )  # fmt: skip
    await relay.mails_once()
    [mail] = [each for each in delivered_mails(desk.engine, to=MEMBERS[0]) if "sign-in" in each.text]
    link = re.search(r"http://\S+", mail.text)
    assert link is not None
    return link[0]


async def _score_by_keyboard(hand: Page) -> None:
    """From field to field with the tabulator, from 0 to the score with the arrow: 4 everywhere, 3 for the plan."""
    where = "[document.activeElement.type, document.activeElement.name, document.activeElement.textContent.trim()]"
    await hand.evaluate("document.getElementById('rubric').scrollIntoView()")
    for _ in range(80):
        await hand.keyboard.press("Tab")
        kind, name, text = await hand.evaluate(where)
        if kind == "radio":
            for _ in range(3 if name == "leadership-1" else 4):
                await hand.keyboard.press("ArrowRight")
        elif name == "leadership-remark":
            await hand.keyboard.type(REMARK)
        elif text == "Send scores":
            await hand.keyboard.press("Enter")
            return
    raise AssertionError("the keyboard does not reach the button")


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_the_chair_confirms_in_the_web_ui_with_texts_from_the_card(
    page: Page, desk: Desk, server: Server
) -> None:
    ui_url, web_ui = f"http://127.0.0.1:{server.ui_port}", WebUi(page)
    async with desk.working():
        # Fifteen seconds for the nomination and its scores, or more where this machine takes long for a lead.
        begun = desk.now()
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held" and not now.waiting)
        now = desk.now()
        closes = now + max(timedelta(seconds=15), 8 * (now - begun))
        before, day = now - timedelta(days=30), timedelta(days=1)
        times = Timetable(
            review_opens=before, review_closes=before + day, nominations_open=before + day, nominations_close=closes,
            committee_opens=before + 2 * day, scoring_closes=closes, scoring_extended=closes + day, cut_off=now - day,
            grant=now + 5 * day,
        )  # fmt: skip
        season = Season.of(Half(2036, 1), now, edition_name="2022", lifecycle_version=SEASON.version, roster=MEMBERS)
        nomination = Nomination.of(
            "2036-H1", "isar", times, now, edition_name="2022", lifecycle_version=NOMINATION.version, roster=MEMBERS
        )
        whole = await desk.start(SEASON, season.model_copy(update={"times": times}), "elite:2036-H1")
        isar = await desk.start(NOMINATION, nomination, "nomination:2036-H1:isar")
        await isar.execute_update("nominate", f"{MANAGER}: grows by half")
        await desk.until(isar, lambda now: now.data["state"] == "scoring")
        for member in MEMBERS:
            await isar.execute_update("score", f"{member} {GOOD}")
        await asyncio.sleep(max(0.0, (closes - desk.now()).total_seconds()))
        await desk.until(whole, lambda now: now.data["state"] == "selection" and "scored" in str(now.data["nominees"]))

        queue = next(queue.link for queue in queues(ui_url, "default") if queue.name == "To confirm")
        await (await web_ui.open_queue(queue, whole.id)).click()
        await web_ui.open_tab("User Metadata")
        await web_ui.see_on_card("Waits for: chair")
        assert LATEST.elite.rubric.quorum == len(MEMBERS)
        for action in ("choose", "confirm"):
            copied = await web_ui.update_as_on_card(action)
            assert copied == SEASON.actions[action].short_example
            await web_ui.see_on_card("against the result: the missing case study is in print")
        await web_ui.see_on_card("confirmed")
        await desk.until(isar, lambda now: now.data["state"] == "selected" and not now.waiting)
        assert desk.clock == REAL_TIME
