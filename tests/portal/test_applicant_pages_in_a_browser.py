"""The applicant's pages in a real browser: on a phone, by keyboard, without JavaScript, and for screen readers."""

import pytest
from playwright.async_api import Page

from portal.callers import Scope
from tests.axe import complaints
from tests.portal.conftest import House
from tests.portal.serving import served
from tests.portal.test_applicant_pages import FORM, own_path
from tests.portal.test_applications import REVIEWER, applied, decide, in_state
from tests.portal.test_client_page_in_a_browser import PHONE, phone

pytestmark = pytest.mark.browser

LONG = "W" * 150
TYPED = ("company", "website", "country", "contact_name", "contact_email", *(
    "service_offerings", "technology_partners", "client_profile",
))  # fmt: skip


async def wrong_with(page: Page) -> list[str]:
    """What is wrong with a page: wider than the phone, buttons too small for a thumb, or what axe-core finds."""
    found = await complaints(page)
    width = await page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        found.append(f"{width} px wide")
    for button in await page.get_by_role("button").all():
        box = await button.bounding_box()
        if box is None or box["height"] < 44:
            found.append(f"a button of {box}")
    return found


async def press_to(page: Page, name: str) -> None:
    """Press the tabulator until the field of that name has the focus."""
    for _ in range(20):
        if await page.locator(f"[name={name}]:focus").count():
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by keyboard")


async def test_applying_by_keyboard_without_javascript(house: House, page: Page) -> None:
    assert house.desk is not None
    async with house.caller(Scope.APPLY) as portal, house.desk.working():
        with served(house.app) as address:
            async with phone(page, java_script_enabled=False) as context:
                hand = await context.new_page()
                await hand.goto(f"{address}/apply")
                for name in TYPED:
                    await press_to(hand, name)
                    await hand.keyboard.type("nowhere" if name == "website" else str(FORM[name]))
                await hand.keyboard.press("Tab")
                await hand.keyboard.press("Enter")
                await hand.get_by_role("alert").get_by_text("«Web address» can't be «nowhere»").wait_for()
                kept = {name: await hand.locator(f"[name={name}]").input_value() for name in TYPED}
                assert kept == {name: "nowhere" if name == "website" else FORM[name] for name in TYPED}
                # The mistake is a link to its field.
                await hand.get_by_role("alert").get_by_role("link").first.press("Enter")
                await press_to(hand, "website")
                await hand.keyboard.press("Control+a")
                await hand.keyboard.type(str(FORM["website"]))
                await hand.keyboard.press("Enter")  # Return in a field sends the form, too
                await hand.get_by_role("heading", name="We have your application").wait_for()

                [made] = (await portal.get("/v1/applications")).json()["applications"]
                await in_state(portal, made["application_id"], "in_review")
                await decide(house, made["application_id"], "ask_information", f"{REVIEWER}: which shop systems?")
                await in_state(portal, made["application_id"], "information_asked")
                await hand.goto(address + own_path(house, made["application_id"]))
                await hand.get_by_text("which shop systems?").wait_for()
                await press_to(hand, "text")
                await hand.keyboard.type("The big ones.")
                await hand.keyboard.press("Tab")
                await hand.keyboard.press("Enter")
                await hand.get_by_text("We have received your information").wait_for()
                await in_state(portal, made["application_id"], "in_review")


async def test_every_page_fits_a_phone_and_axe_finds_nothing(house: House, page: Page) -> None:
    assert house.desk is not None
    found: list[str] = []
    async with house.caller(Scope.APPLY) as portal, house.desk.working():
        application_id = await applied(house, portal, company=LONG, contact_name=LONG, service_offerings=LONG)
        path = own_path(house, application_id)
        with served(house.app) as address:
            async with phone(page) as context:
                hand = await context.new_page()

                async def look(title: str) -> None:
                    found.extend(f"{title}: {says}" for says in await wrong_with(hand))

                await hand.goto(f"{address}/apply")
                await look("the form")
                await hand.get_by_label("Web address").fill("nowhere")
                await hand.evaluate("document.forms[0].noValidate = true")
                async with hand.expect_navigation():
                    await hand.get_by_role("button", name="Apply").click()
                assert await hand.get_by_role("alert").count()
                await look("the form with mistakes")
                await hand.goto(f"{address}/apply/received")
                await look("received")
                await hand.goto(address + path)
                await look("in review")
                await decide(house, application_id, "ask_information", f"{REVIEWER}: {LONG}")
                await in_state(portal, application_id, "information_asked")
                await hand.goto(address + path)
                await look("asked for information")
                await decide(house, application_id, "void", f"{REVIEWER}: a test")
                await in_state(portal, application_id, "voided")
                await hand.goto(address + path)
                await look("voided")
                await hand.goto(f"{address}/my-application/nothing")
                await look("no application")
    assert not found, "\n".join(found)


async def test_a_screen_reader_hears_what_is_asked(house_without_temporal: House, page: Page) -> None:
    with served(house_without_temporal.app) as address:
        await page.goto(f"{address}/apply")
        heard = await page.locator("main").aria_snapshot()
    for each in (
        'heading "Apply to the partner program" [level=1]',
        'textbox "Company"',
        'textbox "Web address"',
        'textbox "Which services do you offer?"',
        'button "Apply"',
    ):
        assert each in heard, heard
