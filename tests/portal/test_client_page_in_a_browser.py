"""The client's page in a real browser: on a phone, by keyboard, without JavaScript, for screen readers and scanners."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, ViewportSize

from records.history import history_of
from rehearsal.clients import Letter
from tests.axe import complaints
from tests.portal.clients import ClientAccount, opened, submitted
from tests.portal.conftest import House
from tests.portal.serving import served
from tests.portal.test_client_page import ASK, RECEIPT, wrong

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 360, "height": 640}


@asynccontextmanager
async def phone(page: Page, **options: Any) -> AsyncIterator[BrowserContext]:
    """Another window of the same browser, as large as a phone."""
    assert page.context.browser is not None
    context = await page.context.browser.new_context(viewport=PHONE, **options)
    try:
        yield context
    finally:
        await context.close()


@asynccontextmanager
async def at_work(house: House) -> AsyncIterator[tuple[str, ClientAccount, Letter]]:
    """A served portal with a worker, and a client who has been asked."""
    assert house.desk is not None
    async with house.desk.working():
        account = await submitted(house)
        letter = await account.letter(ASK)
        with served(house.app) as address:
            yield address, account, letter


async def test_on_a_phone_every_page_fits_and_axe_finds_nothing(house: House, page: Page) -> None:
    async with at_work(house) as (address, account, letter), phone(page) as context:
        hand = await context.new_page()
        said: list[str] = []
        hand.on("console", lambda message: said.append(message.text))

        async def send() -> None:
            # The click alone does not wait for the page that follows, and its address is the same.
            async with hand.expect_navigation():
                await hand.get_by_role("button", name="Send my answer").click()

        async def is_fine(title: str) -> None:
            assert title in await hand.title()
            assert await hand.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], title
            assert await complaints(hand) == [], title

        await hand.goto(address + letter.path)
        await is_fine("Does Alster Commerce manage your e-mail marketing?")
        for button in await hand.get_by_role("button").all():
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        await hand.get_by_label("No, Alster Commerce does not manage it").check()
        await hand.get_by_label("The code in our newest mail to you").fill(wrong(letter))
        await send()
        await is_fine("Not sent: ")
        assert "This is not the code" in await hand.get_by_role("alert").inner_text()
        assert await hand.get_by_label("No, Alster Commerce does not manage it").is_checked()
        await hand.get_by_label("Yes, Alster Commerce manages it").check()
        await hand.get_by_label("The code in our newest mail to you").fill(letter.code.lower())
        await send()
        assert hand.url == address + letter.path
        await is_fine("Does Alster Commerce manage")
        receipt = await account.letter(RECEIPT)
        await hand.goto(address + receipt.path)
        await is_fine("Alster Commerce and your account")
        await hand.goto(address + letter.path + "x")
        await is_fine("This link does not open")
        assert not [each for each in said if "favicon" not in each and "status of 4" not in each]


async def test_by_keyboard_alone_and_without_javascript(house: House, page: Page) -> None:
    async with at_work(house) as (address, account, letter):
        async with phone(page, java_script_enabled=False) as context:
            hand = await context.new_page()
            await hand.goto(address + letter.path)
            await hand.keyboard.press("Tab")  # the way around what stands above
            await hand.keyboard.press("Tab")
            await hand.keyboard.press("Space")
            await hand.keyboard.press("Tab")
            await hand.keyboard.type(letter.code)
            await hand.keyboard.press("Tab")
            await hand.keyboard.press("Enter")
            await hand.get_by_text(re.compile("You have confirmed that|You confirmed on")).wait_for()
            await account.becomes("active")
            receipt = await account.letter(RECEIPT)
            await hand.goto(address + receipt.path)
            await hand.keyboard.press("Tab")
            await hand.keyboard.press("Tab")
            await hand.keyboard.type(receipt.code)
            # Return in the field sends the form, too.
            await hand.keyboard.press("Enter")
            await hand.get_by_text(re.compile("You have revoked|You took your confirmation")).wait_for()
        await account.becomes("revoked")


async def test_a_screen_reader_hears_what_is_asked(house: House, page: Page) -> None:
    async with at_work(house) as (address, _account, letter):
        await page.goto(address + letter.path)
        heard = await page.locator("main").aria_snapshot()
        for each in (
            'heading "Does Alster Commerce manage your e-mail marketing?" [level=1]',
            'group "Your answer"',
            'radio "Yes, Alster Commerce manages it"',
            'radio "No, Alster Commerce does not manage it"',
            'textbox "The code in our newest mail to you"',
            'button "Send my answer"',
        ):
            assert each in heard, heard
        assert "[checked]" not in heard


FILL_IN_AND_SEND = """([form, typed, choice]) => {
    const radios = document.querySelectorAll("input[type=radio]");
    if (radios[choice]) radios[choice].checked = true;
    for (const field of document.querySelectorAll("input:not([type])")) field.value = typed;
    document.forms[form].noValidate = true;
    document.forms[form].requestSubmit();
}"""


async def scan(page: Page, address: str, start: str) -> set[str]:
    """What programs that look into mail do: load every address, run its scripts, press everything, send every form."""
    waiting, seen = [start], set[str]()
    while waiting:
        url = waiting.pop()
        if url in seen or not url.startswith(address):
            continue
        seen.add(url)
        await page.goto(url)
        waiting += await page.eval_on_selector_all("a[href], link[href]", "all => all.map(each => each.href)")
        for form in range(await page.locator("form").count()):
            for typed in ("", "test", "123456", "BCDFGH"):
                for choice in range(max(1, await page.locator("input[type=radio]").count())):
                    await page.goto(url)
                    if form >= await page.locator("form").count():
                        continue
                    async with page.expect_navigation():
                        await page.evaluate(FILL_IN_AND_SEND, [form, typed, choice])
    return seen


async def test_a_scanner_that_sends_every_form_answers_nothing(house: House, page: Page) -> None:
    async with at_work(house) as (address, account, letter):
        seen = await scan(page, address, address + letter.path)
        assert address + letter.path in seen
        asked = opened(house, letter)
        assert (asked.state, asked.link.answer) == ("waiting", "")
        # It may have typed what could be a code, and locked the link: then the client has got another one.
        assert set(happened(account)) <= {"begin", "new_link"}


def happened(account: ClientAccount) -> list[str]:
    return [each.trigger for each in history_of(account.house.engine, account.process)]
