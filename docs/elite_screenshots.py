"""Take the handbook's pictures of an elite season again: the manager, a member and the chair at work.

    python -m docs.elite_screenshots

The season's clock stands a minute and a half before scoring closes; the season catches up, lists its partners and
begins their nominations by itself, and what people do then is done here. The manager's picture is from February.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fastapi import FastAPI
from playwright.async_api import Page
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowHandle

from docs.screenshots import Photographer, tell
from portal.app import create_app
from program.calendar import Half, at_hour
from program.edition import LATEST
from program.season import Timetable, timetable
from states.season import SEASON
from states.season_data import Season
from states.staff import Member, Role, StaffList
from tests.portal.serving import served
from tests.portal.visiting import session_of
from tests.workflows.conftest import SIGNER, Desk
from tests.workflows.elite import CHAIR, GOOD, MANAGER, MEMBERS, START, a_partner, stand, worthy

FIRST = Half(2027, 1)
TIMES = timetable(LATEST, FIRST)
NAMES = ("elbe", "havel", "saale")
SHEETS = {"elbe": (GOOD, "L43 O43344 P44332 C4 M3433 R4"), "havel": ("L32 O22333 P23322 C2 M2333 R3",) * 2,
          "saale": ("L44 O33344 P43333 C3 M3334 R4", GOOD)}  # fmt: skip
WIDE = {"width": 1_000, "height": 900}
STAFF = StaffList(
    staff=(
        Member(address=MANAGER, roles=(Role.MANAGER,)),
        Member(address=CHAIR, roles=(Role.CHAIR,)),
        *(Member(address=member, roles=(Role.COMMITTEE,)) for member in MEMBERS),
    )
)


async def nominate(photographer: Photographer, desk: Desk) -> None:
    """A manager has a partner's case written on the page, and has not sent it yet."""
    await _season(desk, TIMES)
    await stand(desk, **dict.fromkeys(NAMES, "to_nominate"))
    with served(_portal(desk)) as portal:
        page = await _visit(photographer, desk, MANAGER, f"{portal}/nominations/{FIRST}:elbe")
        await page.get_by_label("Why this partner should be elite").fill("Its team teaches others, and grows by half.")
        await page.get_by_label("Evidence").fill("https://elbe.example/case-study")
        await _take_from(photographer, "elite-nominate", "h2:has-text('Nominate')", height=560)


async def committee(photographer: Photographer, desk: Desk) -> None:
    """A member fills in the rubric, nominations stand side by side, and the chair has the selection before it."""
    season = await _season(desk, TIMES.model_copy(update={"nominations_close": TIMES.scoring_closes}))
    await stand(desk, **dict.fromkeys(NAMES, "to_nominate"))
    for name in NAMES:
        nomination = desk.client.get_workflow_handle(f"nomination:{FIRST}:{name}")
        await nomination.execute_update("nominate", f"{MANAGER}: grows by half")
        for member, sheet in zip(MEMBERS, (*SHEETS[name], GOOD), strict=True):
            await nomination.execute_update("score", f"{member} {sheet}")
    await stand(desk, **dict.fromkeys(NAMES, "scoring"))
    with served(_portal(desk)) as portal:
        await _visit(photographer, desk, MEMBERS[0], f"{portal}/nominations/{FIRST}:elbe")
        await _take_from(photographer, "elite-score", "#rubric", height=760)
        await _visit(photographer, desk, CHAIR, f"{portal}/seasons/{FIRST}")
        await _take_from(photographer, "elite-compare", "svg", height=500)
    await asyncio.sleep(max(0.0, (TIMES.scoring_closes - desk.now()).total_seconds()))
    await stand(desk, **dict.fromkeys(NAMES, "scored"))
    await stand(desk, "season", **{str(FIRST): "selection"})
    await photographer.open_card(season)
    await photographer.web_ui.see_on_card("Waits for: chair")
    await photographer.take_card("card-elite-selection", height=900)


async def _season(desk: Desk, times: Timetable) -> WorkflowHandle[object, object]:
    begun = Season.of(FIRST, START, edition_name="2022", lifecycle_version=SEASON.version, roster=MEMBERS)
    return await desk.start(SEASON, begun.model_copy(update={"times": times}), f"elite:{FIRST}")


def _portal(desk: Desk) -> FastAPI:
    async def provide() -> Client:
        return desk.client

    return create_app(
        engine=desk.engine, client_provider=provide, clock=desk.clock, edition="2022", signer=SIGNER, staff=desk.staff,
        with_staff_pages=True, task_queue=desk.queue,
    )  # fmt: skip


async def _visit(photographer: Photographer, desk: Desk, who: str, address: str) -> Page:
    page = photographer.page
    await page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    held = {"name": "partnerflow", "value": session_of(desk.engine, who), "url": address}
    await page.context.add_cookies([held])  # type: ignore[list-item]
    await page.goto(address)
    return page


async def _take_from(photographer: Photographer, name: str, begins: str, *, height: float) -> None:
    """A part of the page, from where something begins."""
    page = photographer.page
    top = await page.locator(begins).first.evaluate("found => found.getBoundingClientRect().top + window.scrollY")
    await page.set_viewport_size({"width": WIDE["width"], "height": int(top + height)})
    await page.evaluate("window.scrollTo(0, 0)")
    await photographer.take(name, {"x": 0, "y": max(0, top - 12), "width": WIDE["width"], "height": height})


async def main() -> None:
    """Take all pictures, each story on a server of its own."""
    february = at_hour(TIMES.nominations_open.date() + timedelta(days=7), 10)
    await tell((nominate,), _worthy_partners, staff=STAFF, starts=february)
    await tell((committee,), _worthy_partners, staff=STAFF, starts=TIMES.scoring_closes - timedelta(seconds=90))


def _worthy_partners(engine: Engine) -> None:
    for partner in NAMES:
        a_partner(engine, partner, START)
        worthy(engine, partner, START, case_study=partner != "saale")


if __name__ == "__main__":
    asyncio.run(main())
