"""A partner reads its page in a real browser: where it stands, what is missing, what its tier gives, what it held."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import Engine

from program.clock import ProgramClock
from tests.portal.conftest import House, away, compose
from tests.portal.placing import FELL, LINKS, place
from tests.portal.serving import served
from tests.portal.test_partner_pages_in_a_browser import PHONE, window, wrong_with
from tests.portal.visiting import session_of

pytestmark = pytest.mark.browser

TODAY = datetime(2027, 2, 1, 15, tzinfo=UTC)


@pytest.mark.timeout(120)
async def test_a_partner_reads_where_it_stands_on_a_phone(engine: Engine, page: Page) -> None:
    place(engine, "alster", TODAY)
    clock = ProgramClock(origin=datetime.now(UTC), starts=TODAY)
    house = House(compose(engine, away(), clock=clock, benefit_links=LINKS), engine)
    secret = session_of(engine, "contact@alster.example")
    with served(house.app) as address:
        async with window(page) as context:
            held = {"name": "partnerflow", "value": secret, "url": address}
            await context.add_cookies([held])  # type: ignore[list-item]
            where = f"{address}/my/alster/standing"
            assert await wrong_with(context, where) == []

            hand = await context.new_page()
            await hand.goto(f"{address}/my/alster/leads")
            async with hand.expect_navigation():
                await hand.get_by_role("link", name="Tier").click()
            await expect(hand.get_by_role("heading", level=1)).to_have_text("Your tier")
            await expect(hand.get_by_role("link", name="Tier")).to_have_attribute("aria-current", "page")
            main = hand.get_by_role("main")
            await expect(main).to_contain_text("Gold on the advisor track since 2026-04-01")
            await expect(main).to_contain_text("At risk: on 2027-04-01 it would be advisor silver.")
            await expect(main).to_contain_text("Missing: $340 MRR referred.")

            # The way to the next tier, in words and as a picture whose name is the same words.
            way = "Platinum: 5 of 6; missing: $7,840 MRR referred"
            await expect(hand.get_by_role("heading", name="The way to platinum")).to_be_visible()
            await expect(hand.get_by_role("img", name=f"The way to platinum: {way}")).to_be_visible()

            await _every_tier(hand)
            await _benefits(hand)
            tiers = [await each.inner_text() for each in await hand.locator("ol > li > strong").all()]
            assert tiers == ["advisor gold", "master platinum", "advisor silver"], "the newest first"
            await expect(hand.get_by_text(FELL)).to_be_visible()
            assert await hand.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def _every_tier(hand: Page) -> None:
    """The next tier's checklist is open; another one opens by keyboard."""
    platinum = hand.get_by_role("group").filter(has_text="Advisor, Platinum")
    await expect(platinum.get_by_text("○ MRR referred: $10,000 needed, $2,160 found")).to_be_visible()
    gold = hand.get_by_role("group").filter(has_text="Master, Gold")
    line = gold.get_by_text("○ SMS MRR referred: $500 needed, $160 found")
    await expect(line).to_be_hidden()
    await gold.locator("summary").focus()
    await hand.keyboard.press("Enter")
    await expect(line).to_be_visible()
    await expect(gold.get_by_text("✓ partner certification: 1 passed")).to_be_visible()


async def _benefits(hand: Page) -> None:
    """What the tier gives, with what a task waits for; what ends; what is over; and the partner's own links."""
    benefits = hand.locator("#benefits + ul > li")
    told = {(await each.locator("strong").first.inner_text()).split(";")[0]: each for each in await benefits.all()}
    for title, says in (
        ("Badge", "given since"),
        ("Access to leadership", "being prepared since January 27, 2027"),
        ("Access to leadership", "Waits for the vendor's team, planned by February"),
        ("Developer experience support", "It was declined"),
        ("Dedicated partner manager", "unless this partner is chosen. This takes longer than planned. "
         "Waits for the vendor's team."),
        ("Marketing development funds (MDF)", "for chosen partners"),
        ("Dedicated partner success manager", "withdrawn since April 1, 2026"),
    ):  # fmt: skip
        await expect(told[title]).to_contain_text(says)
    link = told["Affiliate link"].get_by_role("link")
    await expect(link).to_have_text("https://signup.vendor.example/?partner=alster")
    await expect(told["Slack community"].get_by_role("link")).to_have_attribute("href", LINKS.slack)
    # Each can be reached by keyboard, and what is a link looks like one that can be pressed by a thumb.
    await link.focus()
    box = await link.bounding_box()
    assert box is not None
    assert box["height"] >= 24
