"""The pages on a phone: nothing is wider than the screen, and nothing is refused by their own policy."""

import pytest
from playwright.async_api import Page
from sqlalchemy import Engine

from portal.callers import Scope
from records.mailbox import Delivered, deliver
from records.partners import Partner, put_partner
from tests.portal.conftest import JOINED, House
from tests.portal.serving import served
from tests.portal.test_actions import accepted

LONG = "W" * 150
PHONE = 360


@pytest.mark.browser
async def test_the_pages_fit_a_phone(house: House, engine: Engine, page: Page) -> None:
    assert house.desk is not None
    long_name = Partner(
        id="alster", name=LONG, contact_name=LONG, contact_email=f"{LONG}@shop.example", joined_at=JOINED
    )
    put_partner(engine, long_name, now=JOINED)
    deliver(
        engine,
        Delivered(f"<{LONG}@mail>", f"{LONG}@shop.example", LONG, f"https://shop.example/{LONG}", "<p>x</p>", JOINED),
    )
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        lead_id = await accepted(house, portal, company=LONG, note=LONG, contact_name=LONG)
        await portal.post(f"/v1/leads/{lead_id}/renewal-notice", json={"text": LONG})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.set_viewport_size({"width": PHONE, "height": 640})
    with served(house.app) as address:
        for path in ("/", "/mailbox", f"/mailbox/%3C{LONG}%40mail%3E", f"/leads/{lead_id}", "/problems"):
            answered = await page.goto(address + path)
            assert answered is not None
            assert answered.status == 200, path
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE, path
            assert await page.evaluate("getComputedStyle(document.querySelector('main')).padding") == "16px"
    assert not [complaint for complaint in complaints if "favicon" not in complaint]
