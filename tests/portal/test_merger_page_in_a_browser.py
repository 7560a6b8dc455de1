"""The page of a merger in a real browser: on a phone, by keyboard and without JavaScript, and for screen readers."""

import pytest
from playwright.async_api import Page

from records.mergers import SIDES
from tests.axe import complaints
from tests.portal.conftest import House
from tests.portal.merging import AtThePage, propose
from tests.portal.serving import served
from tests.portal.test_client_page_in_a_browser import PHONE, phone

pytestmark = pytest.mark.browser


async def test_on_a_phone_by_keyboard_and_without_javascript(house_without_temporal: House, page: Page) -> None:
    propose(house_without_temporal.engine)
    at_page = AtThePage(house_without_temporal)
    with served(house_without_temporal.app) as address:
        await page.goto(address + at_page.path("merge_from"))
        assert await complaints(page) == []
        heard = await page.locator("main").aria_snapshot()
        for each in (
            'heading "Shall Alster Commerce become a part of Isar Commerce?" [level=1]',
            'heading "What goes over to Isar Commerce" [level=2]',
            'group "Your answer"',
            'radio "Yes, Alster Commerce becomes a part of Isar Commerce"',
            'textbox "The code in our newest mail to you"',
        ):
            assert each in heard, heard
        async with phone(page, java_script_enabled=False) as context:
            hand = await context.new_page()
            for side in SIDES:
                await hand.goto(address + at_page.path(side))
                await hand.keyboard.press("Tab")  # the way around what stands above
                await hand.keyboard.press("Tab")
                await hand.keyboard.press("Space")
                await hand.keyboard.press("Tab")
                await hand.keyboard.type(at_page.link(side).code)
                await hand.keyboard.press("Enter")
                await hand.get_by_text("You confirmed on").or_(hand.get_by_text("became a part of")).wait_for()
        await page.set_viewport_size(PHONE)
        for side in SIDES:
            await page.goto(address + at_page.path(side))
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            assert await complaints(page) == [], side
    assert at_page.merger().state == "done"
