"""The Temporal Web UI as staff use it: where they look and what they click. Written against its version 2.54.

What is found by the words and roles that people see survives a new version best; where the page has no words for a
thing (the card's frame, the pickers) its own test ids are used. The page holds each dialog twice, one of them hidden,
so everything in a dialog is looked for in the visible one.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from playwright.async_api import Error, FrameLocator, Locator, Page, expect

# Two cores may be busy with other tests, and the page loads 4 MB of scripts.
PATIENCE = 20_000
WINDOW = {"width": 1360, "height": 1000}


class WebUi:
    """One staff member's browser window."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)

    @property
    def card(self) -> FrameLocator:
        """The card, which the page shows in a frame of its own."""
        return self.page.frame_locator("#user-metadata-current-details")

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog").filter(visible=True)

    async def open_queue(self, link: str, workflow_id: str) -> Locator:
        """Open a role's queue and return the link of one process in it, as soon as it is listed."""
        await self.page.set_viewport_size(WINDOW)  # type: ignore[arg-type]
        for _ in range(15):
            listed = (await self._listed(link)).and_(self.page.get_by_role("link", name=workflow_id, exact=True))
            if await listed.count():
                return listed
            await asyncio.sleep(1)  # the list follows the processes with a little delay
        raise AssertionError(f"{workflow_id} is not listed at {link}")

    async def see_it_leave_queue(self, link: str, workflow_id: str) -> None:
        """Open a role's queue until a process is listed there no more."""
        for _ in range(15):
            if workflow_id not in await (await self._listed(link)).all_inner_texts():
                return
            await asyncio.sleep(1)
        raise AssertionError(f"{workflow_id} is still listed at {link}")

    async def _listed(self, link: str) -> Locator:
        """The links in a queue's list, which is there: while it is on its way nothing is listed at all."""
        await self.page.goto(link)
        links = self.page.get_by_role("row").get_by_role("link")
        await self.page.get_by_text("No Workflows Found").or_(links.first).wait_for()
        return links

    async def open_process(self, ui_url: str, workflow_id: str, run_id: str, tab: str = "user-metadata") -> None:
        """Open a process directly, by default with its card."""
        await self.page.set_viewport_size(WINDOW)  # type: ignore[arg-type]
        await self.page.goto(f"{ui_url}/namespaces/default/workflows/{workflow_id}/{run_id}/{tab}")

    async def open_tab(self, name: str) -> None:
        """Change to a tab of the process."""
        await self.page.get_by_role("tab", name=name).click()

    async def see_on_card(self, words: str | re.Pattern[str]) -> Locator:
        """Wait for words on the card, pressing R as the page says; the innermost element that has them."""
        found = self.card.get_by_text(words).first
        for _ in range(20):
            try:
                await found.wait_for(timeout=PATIENCE / 20)
            except Error:
                # What has the focus may be a field that takes the letter for itself.
                await self.page.locator("body").press("r")
                continue
            return found
        shown = await self.card.locator("main").inner_text()
        raise AssertionError(f"{words!r} is not on the card:\n{shown}")

    async def text_to_paste(self, action: str) -> Locator:
        """The code on the card that follows an action's name."""
        name = self.card.locator("strong", has_text=re.compile(rf"^{action}$"))
        await name.wait_for()
        return name.locator("xpath=following::code[1]")

    async def copy_from_card(self, action: str) -> str:
        """Select an action's text as people do, with three clicks, copy it, and return what was selected."""
        code = await self.text_to_paste(action)
        await code.click(click_count=3)
        selected: str = await code.evaluate("code => code.ownerDocument.getSelection().toString()")
        await self.page.keyboard.press("Control+c")
        return selected

    async def update_as_on_card(self, action: str) -> str:
        """Send an update with the text copied from the card, which is taken: the dialog closes. Returns the text."""
        copied = await self.copy_from_card(action)
        await self.begin("Send an Update", action)
        await self.paste()
        await self.submit()
        await expect(self.dialog).to_have_count(0, timeout=PATIENCE)
        return copied.strip()

    async def begin(self, what: str, name: str) -> None:
        """Open "Send an Update" or "Send a Signal" and pick a name."""
        await self.open_dialog(what)
        await self.options().filter(has=self.page.get_by_text(name, exact=True)).click()

    async def open_dialog(self, what: str) -> None:
        """Open "Send an Update" or "Send a Signal", with its picker."""
        await self.page.get_by_role("button", name="More Actions").click()
        await self.page.get_by_role("menuitem", name=what).click()
        picker = self.dialog.get_by_test_id(re.compile("^(update|signal)-select-button$"))
        await picker.click()
        await expect(self.options().nth(1)).to_be_visible(timeout=PATIENCE)

    def options(self) -> Locator:
        """What the open picker offers; an empty one comes first."""
        return self.dialog.get_by_role("option")

    async def paste(self) -> None:
        """Paste what was copied into the dialog's data, in place of what is there."""
        await self._empty_data()
        await self.page.keyboard.press("Control+v")

    async def type(self, text: str) -> None:
        """Put a text into the dialog's data, in place of what is there."""
        await self._empty_data()
        await self.page.keyboard.insert_text(text)

    async def _empty_data(self) -> None:
        await self.dialog.get_by_role("textbox", name="Data").click()
        await self.page.keyboard.press("Control+a")
        await self.page.keyboard.press("Delete")

    async def submit(self) -> None:
        """Submit the dialog; whether it closes is another matter."""
        await self.dialog.get_by_role("button", name="Submit").click()

    async def submit_until_closed(self) -> None:
        """Submit a dialog that holds an object: the page reformats it, and the first click is lost."""
        for seconds in (2, 4, 8, 16):
            # A page that stood still may close the dialog after we have looked.
            with suppress(AssertionError, Error):
                if await self.dialog.count():
                    await self.submit()
                await expect(self.dialog).to_have_count(0, timeout=1_000 * seconds)
                return
        raise AssertionError("the dialog does not close: " + await self.dialog.inner_text())

    async def request_cancellation(self) -> None:
        """Cancel the process with the page's own button."""
        await self.page.get_by_role("button", name="Request Cancellation").click()
        await self.dialog.get_by_role("button", name="Confirm").click()
        await expect(self.dialog).to_have_count(0, timeout=PATIENCE)
