"""Staff at work in the Temporal Web UI, in a real browser: what they see, what they paste, what they are answered."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect
from temporalio.client import WorkflowHandle

from portal.queues import queues
from program.calendar import window_end
from states.card import moment
from states.lead import LEAD
from states.staff import Role
from tests.browser.web_ui import PATIENCE, WINDOW, WebUi
from tests.workflows.conftest import ACCEPT, REJECT, Desk, Server

pytestmark = pytest.mark.browser

UPDATE, SIGNAL = "Send an Update", "Send a Signal"
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> [press](https://evil.example) **loud** "
    '"said" | `code` <b>bold</b>'
)
STRANGER = '"colleague@vendor.example: timely=yes relationship=deep accurate=yes engaged=nobody"'


@pytest.fixture
def web_ui(page: Page) -> WebUi:
    return WebUi(page)


@pytest.fixture
def ui_url(server: Server) -> str:
    return f"http://127.0.0.1:{server.ui_port}"


Handle = WorkflowHandle[Any, Any]


def queue_named(name: str, ui_url: str) -> str:
    return next(queue.link for queue in queues(ui_url, "default") if queue.name == name)


async def lead_in_review(desk: Desk, **fields: Any) -> Handle:
    lead = await desk.register(**fields)
    await desk.until(lead, lambda now: now.data["claim"] == "held")
    return lead


async def open_card(web_ui: WebUi, ui_url: str, lead: Handle) -> None:
    await web_ui.open_process(ui_url, lead.id, (await lead.describe()).run_id)
    await web_ui.see_on_card("All times: New York")


async def test_a_reviewer_accepts_a_lead_from_the_queue(web_ui: WebUi, ui_url: str, desk: Desk) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        queue = queue_named("Reviews", ui_url)
        await (await web_ui.open_queue(queue, lead.id)).click()
        await web_ui.open_tab("User Metadata")
        await web_ui.see_on_card("Waits for: reviewer")

        copied = await web_ui.update_as_on_card("accept")
        assert copied == LEAD.actions["accept"].short_example
        await expect(web_ui.page.get_by_text("Update successful").first).to_be_visible(timeout=PATIENCE)

        # The page says no more than that: the card has the rest, and the history the answer.
        await web_ui.see_on_card(f"Lead {lead.id.removeprefix('lead:')}.example: accepted")
        data = (await desk.until(lead, lambda now: not now.waiting)).projection
        assert data.due_at is not None
        await web_ui.see_on_card(f"{moment(data.due_at)}: the partner is reminded")
        await web_ui.open_tab("Event History")
        await expect(web_ui.page.get_by_text("Done: accepted.").first).to_be_visible(timeout=PATIENCE)

        await web_ui.see_it_leave_queue(queue, lead.id)


@pytest.mark.parametrize(
    ("action", "text", "answer"),
    [
        ("accept", '"reviewer@vendor.example: timely=perhaps"', "«timely» can't be «perhaps»: possible are"),
        ("renew", '"manager@vendor.example: talks go on"', "Possible now: "),
        ("accept", STRANGER, "«colleague@vendor.example» is not on the staff list"),
        ("accept", "", "«by» is missing."),
        ("accept", "reviewer@vendor.example: fits well", "Input must be valid JSON"),
    ],
    ids=["a wrong word", "not now", "not on the list", "nothing at all", "without quotes"],
)  # fmt: skip
async def test_a_wrong_update_is_answered_in_the_dialog(
    web_ui: WebUi, ui_url: str, desk: Desk, action: str, text: str, answer: str
) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        await open_card(web_ui, ui_url, lead)
        await web_ui.begin(UPDATE, action)
        await web_ui.type(text)
        await web_ui.submit()
        await expect(web_ui.dialog).to_contain_text(answer, timeout=PATIENCE)
        shown = await web_ui.dialog.inner_text()
        assert "Traceback" not in shown
        assert ".py" not in shown
        assert (await desk.snapshot(lead)).data["state"] == "in_review"


@pytest.mark.parametrize(
    "payload",
    [json.dumps(REJECT), LEAD.actions["reject"].short_example],
    ids=["the object form", "the short form"],
)
async def test_a_signal_of_staff_is_followed(web_ui: WebUi, ui_url: str, desk: Desk, payload: str) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        await open_card(web_ui, ui_url, lead)
        await web_ui.begin(SIGNAL, "reject")
        await web_ui.type(payload)
        await web_ui.submit_until_closed()
        await web_ui.see_on_card(": rejected")
        await web_ui.see_on_card("because: already_engaged")
        await web_ui.see_on_card("can bring the lead back")
        await web_ui.text_to_paste("reinstate")


async def test_a_signal_that_is_not_followed_is_shown_on_the_card(web_ui: WebUi, ui_url: str, desk: Desk) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        await open_card(web_ui, ui_url, lead)
        await web_ui.begin(SIGNAL, "renew")
        await web_ui.type('"manager@vendor.example: talks go on"')
        await web_ui.submit_until_closed()
        await web_ui.see_on_card("Not followed:")
        await web_ui.see_on_card(re.compile("«renew» can.t be done now"))
        await web_ui.see_on_card(": in review")


async def test_cancelling_takes_the_lead_out_and_reinstating_brings_it_back(
    web_ui: WebUi, ui_url: str, desk: Desk
) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        await open_card(web_ui, ui_url, lead)
        await web_ui.request_cancellation()
        await web_ui.see_on_card(": voided")
        await web_ui.see_on_card("cancelled in the Web UI")

        assert "entered" not in await web_ui.copy_from_card("reinstate")
        await web_ui.begin(UPDATE, "reinstate")
        await web_ui.paste()
        await web_ui.submit()
        await web_ui.see_on_card(": in review")
        # One run can be cancelled once; from now on it is the update `void`.
        await expect(web_ui.page.get_by_role("button", name="Request Cancellation")).to_be_disabled()
        await web_ui.text_to_paste("void")


async def test_cancelling_what_has_ended_is_refused_on_the_card(web_ui: WebUi, ui_url: str, desk: Desk) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        await lead.execute_update("reject", REJECT)
        await open_card(web_ui, ui_url, lead)
        await web_ui.request_cancellation()
        await web_ui.see_on_card("Not followed:")
        await web_ui.see_on_card(re.compile("«void» can.t be done now"))
        await web_ui.see_on_card(": rejected")


async def test_what_people_type_is_shown_literally(web_ui: WebUi, ui_url: str, desk: Desk) -> None:
    alarms: list[str] = []
    web_ui.page.on("dialog", lambda dialog: alarms.append(dialog.message))
    async with desk.working():
        lead = await lead_in_review(desk)
        await lead.signal("accept", {**ACCEPT, "timely": HOSTILE})
        await lead.signal("<b>unheard</b>", HOSTILE)
        await desk.until(lead, lambda now: len(now.notices) == 2)
        await lead.execute_update("reject", {**REJECT, "reason": HOSTILE})
        await open_card(web_ui, ui_url, lead)
        shown = (await web_ui.card.locator("main").inner_text()).replace("\u2060", "")
        assert "<script>alert(1)</script> <img src=x onerror=alert(2)> [press](https://evil.example) **loud**" in shown
        assert "«<b>unheard</b>»" in shown
        assert await web_ui.card.locator("main").locator("script, img, b, a[href*='evil']").count() == 0
    assert alarms == []


async def test_pickers_say_what_each_action_does(web_ui: WebUi, ui_url: str, desk: Desk) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        for what, offered in (
            (UPDATE, [action for action in LEAD.actions.values() if Role.SYSTEM not in action.who]),
            (SIGNAL, [action for action in LEAD.actions.values() if action.name != "begin"]),
        ):
            await open_card(web_ui, ui_url, lead)
            await web_ui.open_dialog(what)
            options = await web_ui.options().all_inner_texts()
            for action in offered:
                assert any(option.split("\n")[0] == action.name and action.help in option for option in options), (
                    f"{what} does not say of {action.name}: {action.help} It offers {options}."
                )


async def test_the_card_of_a_closed_lead_can_be_read(web_ui: WebUi, ui_url: str, desk: Desk) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        await lead.execute_update("accept", ACCEPT)
        await lead.signal("client_paid", {"id": "crm-1", "at": desk.now().isoformat(), "by": "crm"})
        await lead.result()
        await open_card(web_ui, ui_url, lead)
        await web_ui.see_on_card(": credited")
        await web_ui.see_on_card("10% for 12 months (advisor silver)")
        await expect(web_ui.card.locator("code")).to_have_count(0)


async def test_timers_are_worded_on_the_timeline(web_ui: WebUi, ui_url: str, desk: Desk) -> None:
    async with desk.working():
        lead = await lead_in_review(desk)
        due = (await desk.snapshot(lead)).projection.due_at
        assert due is not None
        await web_ui.open_process(ui_url, lead.id, (await lead.describe()).run_id, "timeline")
        timer = web_ui.page.get_by_text(f"{moment(due)}: reviewers are reminded")
        await expect(timer.first).to_be_visible(timeout=PATIENCE)


async def test_the_first_screen_holds_all_that_a_review_needs(web_ui: WebUi, ui_url: str, desk: Desk) -> None:
    async with desk.working():
        at = desk.now() - timedelta(days=1)
        lead = await lead_in_review(desk, at=at)
        await lead.signal("client_paid", {"id": "crm-1", "at": desk.now().isoformat(), "by": "crm"})
        await open_card(web_ui, ui_url, lead)
        await web_ui.see_on_card("To decide:")
        await web_ui.see_on_card(f"{moment(window_end(at, 90))}: the window ends")
        for action in ("accept", "reject"):
            text = await web_ui.text_to_paste(action)
            box = await text.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= WINDOW["height"], f"{action} needs scrolling"
            frame = await web_ui.page.locator("#user-metadata-current-details").bounding_box()
            assert frame is not None
            assert box["x"] + box["width"] <= frame["x"] + frame["width"], f"{action} is cut off at the right"
