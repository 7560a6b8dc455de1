"""Staff release a half-year's adjustment in the Web UI: read the list, hold one partner, release, see what became."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import Engine

from portal.queues import queues
from program.clock import ProgramClock
from states.adjustment import ADJUSTMENT
from states.staff import StaffList
from tests.browser.web_ui import PATIENCE, WebUi
from tests.workflows.conftest import Desk, Server
from tests.workflows.test_adjustment import ADJUSTS, HALF, a_member, adjustment_begins, settled, stands

pytestmark = pytest.mark.browser

# What the browser needs until the list is released, on a machine that has other things to do.
UNTIL_IT_RUNS = timedelta(seconds=90)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_the_list_is_read_one_is_held_and_it_is_released(
    page: Page, server: Server, engine: Engine, staff: StaffList
) -> None:
    # On the day itself, so that it is that day's adjustment whenever everybody is there.
    clock = ProgramClock(origin=datetime.now(UTC), starts=ADJUSTS + timedelta(hours=8))
    desk = Desk(await server.client(), engine, clock, staff)
    ui_url, web_ui = f"http://127.0.0.1:{server.ui_port}", WebUi(page)
    async with desk.working():
        # The text on the card names a partner acme, so that is who is held here.
        await a_member(desk, "advisor", "gold", 300, name="acme")
        await a_member(desk, "advisor", "platinum", 300, name="spree")
        await a_member(desk, "advisor", "gold", 2_600, name="weser")
        adjusts_at = desk.now() + UNTIL_IT_RUNS
        adjustment = await adjustment_begins(desk, f"adjustment:{HALF}", adjusts_at=adjusts_at)
        await desk.until(adjustment, lambda now: len(now.data["movers"]) == 2)

        queue = next(queue.link for queue in queues(ui_url, "default") if queue.name == "Adjustments")
        await (await web_ui.open_queue(queue, adjustment.id)).click()
        await web_ui.open_tab("User Metadata")
        await web_ui.see_on_card("Waits for: manager")
        await web_ui.see_on_card("Of 3 partners 2 would move on 2027-04-01, released or not.")
        await web_ui.see_on_card("acme: advisor gold → advisor silver; misses $2,200 MRR referred")
        await web_ui.see_on_card("spree: advisor platinum → advisor silver; misses $9,700 MRR referred")

        await web_ui.begin("Send an Update", "correct")
        await web_ui.type('"manager@vendor.example: partner=acme track=advisor tier=elite it is their year"')
        await web_ui.submit()
        await expect(web_ui.dialog).to_contain_text("«tier» can't be «elite»: possible are", timeout=PATIENCE)
        await page.reload()
        assert (await desk.snapshot(adjustment)).data["corrections"] == {}

        copied = await web_ui.update_as_on_card("hold")
        assert copied == ADJUSTMENT.actions["hold"].short_example
        await web_ui.see_on_card("acme: advisor gold → advisor silver; misses $2,200 MRR referred (held)")
        await web_ui.update_as_on_card("release")
        await web_ui.see_on_card(f"Adjustment {HALF}: released")
        await web_ui.text_to_paste("reopen")
        assert desk.now() < adjusts_at, "the browser was slower than this test allows"

        await desk.until(adjustment, lambda now: now.data["state"] == "done", seconds=120)
        await web_ui.see_on_card("spree: advisor platinum → advisor silver; misses $9,700 MRR referred (moved)")
        await web_ui.see_on_card("acme: advisor gold → advisor gold; misses $2,200 MRR referred (held)")
        await settled(desk, "spree", "advisor silver")
    assert (stands(desk, "acme"), stands(desk, "weser")) == ("advisor gold", "advisor gold")
