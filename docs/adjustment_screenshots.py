"""Take the handbook's pictures of a half-year's adjustment again: the list, a refusal, the page, and what became of it.

    python -m docs.adjustment_screenshots

The clock stands two minutes before April 1; the adjustment freezes and judges by itself, and staff hold one partner and
release the list in the real Web UI.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import Engine
from temporalio.client import Client

from docs.screenshots import Photographer, tell
from portal.app import create_app
from states.staff import Member, Role, StaffList
from tests.browser.web_ui import WINDOW
from tests.portal.serving import served
from tests.portal.visiting import session_of
from tests.workflows.conftest import SIGNER, Desk
from tests.workflows.test_adjustment import ADJUSTS, HALF, a_member, adjustment_begins

MANAGER = "manager@vendor.example"
STAFF = StaffList(staff=(Member(address=MANAGER, roles=(Role.MANAGER,)),))
# Track, tier and referred MRR of whoever is judged.
JUDGED = {
    "acme": ("advisor", "gold", 2_160),
    "harbor-lane": ("advisor", "platinum", 2_900),
    "nordlicht": ("advisor", "gold", 2_800),
    "spree": ("master", "gold", 2_600),
    "weser": ("advisor", "silver", 120),
}


async def release(photographer: Photographer, desk: Desk) -> None:
    """The list is read, a wrong word refused, one partner held, the list released, and it runs."""
    for name, (track, tier, referred) in JUDGED.items():
        await a_member(desk, track, tier, referred, name=name)
    adjustment = await adjustment_begins(desk, f"adjustment:{HALF}")
    await desk.until(adjustment, lambda now: len(now.data["movers"]) == 4)
    web_ui = photographer.web_ui
    await photographer.open_card(adjustment)
    await web_ui.begin("Send an Update", "correct")
    await web_ui.type(f'"{MANAGER}: partner=spree track=master tier=elite their best year"')
    await web_ui.submit()
    await web_ui.dialog.get_by_text("can't be «elite»").wait_for()
    await photographer.take_dialog("adjustment-refusal")
    await photographer.open_card(adjustment)
    await web_ui.update_as_on_card("hold")
    await web_ui.see_on_card("(held)")
    await photographer.take_card("card-adjustment-list")
    await _page(photographer, desk)
    await photographer.page.set_viewport_size(WINDOW)  # type: ignore[arg-type]
    await photographer.open_card(adjustment)
    await web_ui.update_as_on_card("release")
    await desk.until(adjustment, lambda now: now.data["state"] == "done", seconds=180)
    await photographer.open_card(adjustment)
    await web_ui.see_on_card("(moved)")
    await photographer.take_card("card-adjustment-ran")


async def _page(photographer: Photographer, desk: Desk) -> None:
    """The same list on the portal's page, with the reasons in full."""

    async def provide() -> Client:
        return desk.client

    app = create_app(
        engine=desk.engine, client_provider=provide, clock=desk.clock, edition="2022", signer=SIGNER, staff=desk.staff,
        with_staff_pages=True, task_queue=desk.queue,
    )  # fmt: skip
    page = photographer.page
    with served(app) as portal:
        held = {"name": "partnerflow", "value": session_of(desk.engine, MANAGER), "url": portal}
        await page.context.add_cookies([held])  # type: ignore[list-item]
        await page.set_viewport_size({"width": 900, "height": 900})
        await page.goto(f"{portal}/adjustments/{HALF}")
        await page.locator("details").first.evaluate("fold => { fold.open = true }")
        await photographer.take_whole("adjustment-page")


def _nobody(engine: Engine) -> None:
    """Partners are entered by the story itself."""


async def main() -> None:
    """Take all pictures."""
    await tell((release,), _nobody, staff=STAFF, starts=ADJUSTS - timedelta(minutes=2))


if __name__ == "__main__":
    asyncio.run(main())
