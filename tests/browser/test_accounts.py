"""Staff give the vendor's word for a managed account in the Temporal Web UI, in a real browser."""

import uuid

import pytest
from playwright.async_api import Page, expect

from states.account import ACCOUNT
from tests.browser.test_staff import queue_named
from tests.browser.web_ui import PATIENCE, WebUi
from tests.workflows.conftest import Desk, Server

pytestmark = pytest.mark.browser


async def test_a_reviewer_confirms_an_account_from_the_queue(page: Page, server: Server, desk: Desk) -> None:
    web_ui, ui_url = WebUi(page), f"http://127.0.0.1:{server.ui_port}"
    key = uuid.uuid4().hex[:6]
    async with desk.working():
        account = await desk.submit(key)
        await desk.until(account, lambda now: now.data["state"] == "waiting" and not now.waiting)
        await account.signal("client_confirms", {"id": "page-1", "at": desk.now().isoformat(), "by": "client"})
        await desk.until(account, lambda now: now.data["state"] == "active" and not now.waiting)
        queue = queue_named("Accounts to confirm", ui_url)
        await (await web_ui.open_queue(queue, account.id)).click()
        await web_ui.open_tab("User Metadata")
        await web_ui.see_on_card("Waits for: reviewer")
        await web_ui.see_on_card("Does the vendor confirm this account?")

        copied = await web_ui.update_as_on_card("confirm_for_vendor")
        assert copied == ACCOUNT.actions["confirm_for_vendor"].short_example
        confirmed = await desk.until(account, lambda now: now.data["vendor"] == "confirmed" and not now.waiting)
        assert confirmed.data["state"] == "active"
        await web_ui.see_on_card("Waits for: nobody")
        await web_ui.open_tab("Event History")
        await expect(page.get_by_text("Done: active.").first).to_be_visible(timeout=PATIENCE)
        await web_ui.see_it_leave_queue(queue, account.id)
