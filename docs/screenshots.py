"""Take the staff handbook's pictures from the real Web UI, again.

    python -m docs.screenshots [STORY …]

It starts a Temporal server, a worker and a database of its own in a temporary directory, registers a few leads, works
them in a headless Chromium as staff do, and writes PNG files into `docs/screenshots/`. The window has a fixed size and
the program a fixed date; only the Web UI's own run ids and times differ from one run to the next.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import FastAPI
from playwright.async_api import FloatRect, Page, ViewportSize, async_playwright
from sqlalchemy import Engine, select
from temporalio.client import Client, WorkflowHandle

from portal.app import create_app
from portal.queues import queues
from program.clock import ProgramClock
from program.edition import Tier, Track
from records.accounts import process_of
from records.applicant_links import ApplicantLinks
from records.applications import Form, acknowledge
from records.applications import submit as submit_application
from records.database import open_database, reading
from records.links import ClientLink, address_of
from records.migrate import migrate
from records.partners import Partner, put_partner
from records.tables import client_links
from states.application import APPLICATION
from states.application_data import Application
from states.staff import Member, Role, StaffList
from tests.browser.web_ui import WINDOW, WebUi
from tests.conftest import CHROMIUM_FLAGS
from tests.portal.serving import served
from tests.workflows.conftest import ACCEPT, SIGNER, Desk, Server, eventually
from workflows.surroundings import HERE

FOLDER = Path(__file__).resolve().parent / "screenshots"
TODAY = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)  # a Monday, ten in the morning in New York
LARGEST = 200_000
PHONE: ViewportSize = {"width": 360, "height": 640}
# The column of the Web UI's own menu, which tells staff nothing.
MENU = 256

Lead = WorkflowHandle[object, object]
Story = Callable[["Photographer", Desk], Awaitable[None]]


class Photographer:
    """Takes pictures of what staff see."""

    def __init__(self, page: Page, ui_url: str) -> None:
        self.page = page
        self.web_ui = WebUi(page)
        self.ui_url = ui_url

    async def open_card(self, lead: Lead) -> None:
        await self.web_ui.open_process(self.ui_url, lead.id, (await lead.describe()).run_id)
        await self.web_ui.see_on_card("All times: New York")

    async def take(self, name: str, clip: FloatRect) -> None:
        await self.page.wait_for_timeout(500)  # what slides in or out has come to rest
        file = FOLDER / f"{name}.png"
        await self.page.screenshot(path=file, clip=clip)
        size = file.stat().st_size
        assert size < LARGEST, f"{file.name} has {size} bytes; crop it"
        print(f"docs/screenshots/{file.name}: {size // 1000} KB")

    async def take_page(self, name: str, *, top: float = 0, height: float = WINDOW["height"]) -> None:
        """The window without the menu."""
        await self.take(name, {"x": MENU, "y": top, "width": WINDOW["width"] - MENU, "height": height})

    async def take_card(self, name: str, *, height: float = 10_000) -> None:
        """The card alone, as tall as it is."""
        await self.page.set_viewport_size({"width": WINDOW["width"], "height": 2_000})
        frame = await self.page.locator("#user-metadata-current-details").bounding_box()
        assert frame is not None
        clip: FloatRect = {**frame, "height": min(frame["height"], height)}
        await self.take(name, clip)

    async def take_whole(self, name: str) -> None:
        """The whole page, however long it is."""
        size = await self.page.evaluate("[document.body.scrollWidth, document.documentElement.scrollHeight]")
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        await self.take(name, {"x": 0, "y": 0, "width": size[0], "height": size[1]})

    async def take_dialog(self, name: str) -> None:
        """The open dialog alone."""
        box = await self.web_ui.dialog.bounding_box()
        assert box is not None
        await self.take(name, {**box})


async def review(photographer: Photographer, desk: Desk) -> None:
    """A lead on its way through the review: queue, card, dialog, refusal."""
    lead = await _lead(desk, "gable-outfitters", days=1)
    await _lead(desk, "harbor-candles", days=3)
    await _lead(desk, "pine-and-oak", days=9)
    web_ui = photographer.web_ui
    reviews = next(queue.link for queue in queues(photographer.ui_url, "default") if queue.name == "Reviews")
    await web_ui.open_queue(reviews, "lead:pine-and-oak")
    await photographer.take_page("queue", top=48, height=310)

    await photographer.open_card(lead)
    await photographer.take_page("lead", top=72, height=928)
    await photographer.open_card(lead)
    await web_ui.open_dialog("Send an Update")
    await photographer.take_dialog("picker")
    await photographer.open_card(lead)
    await web_ui.copy_from_card("accept")
    await web_ui.begin("Send an Update", "accept")
    await web_ui.paste()
    await photographer.take_dialog("update")
    await web_ui.type('"reviewer@vendor.example: timely=yes relationship=close accurate=yes engaged=nobody fits well"')
    await web_ui.submit()
    await web_ui.dialog.get_by_text("can't be «close»").wait_for()
    await photographer.take_dialog("refusal")

    await photographer.open_card(lead)
    await web_ui.begin("Send a Signal", "renew")
    await web_ui.type('"manager@vendor.example: talks go on"')
    await web_ui.submit_until_closed()
    await web_ui.see_on_card("Not followed:")
    await photographer.take_card("card-not-followed", height=324)

    await lead.execute_update("accept", ACCEPT)
    await web_ui.open_process(photographer.ui_url, lead.id, (await lead.describe()).run_id, "timeline")
    await photographer.page.get_by_text("the partner is reminded").first.wait_for()
    await photographer.take_page("timeline", top=710, height=290)


async def line(photographer: Photographer, desk: Desk) -> None:
    """Two partners register the same prospect; the first one's payment is put in question."""
    first = await _lead(desk, "meadow-press", days=10)
    second = await desk.register("meadow-press-2", partner="isar", domain="meadow-press.example", at=_ago(5))
    await desk.until(second, lambda now: now.data["state"] == "in_line")
    await photographer.open_card(second)
    await photographer.take_card("card-in-line", height=480)

    await first.execute_update("void", "reviewer@vendor.example: entered twice by mistake")
    await desk.until(second, lambda now: now.data["state"] == "in_review")
    await second.execute_update("accept", ACCEPT)
    await second.signal("client_paid", {"id": "crm-1", "at": _ago(3).isoformat(), "by": "crm"})
    await desk.until(second, lambda now: now.data["state"] == "credit_in_question")
    await photographer.open_card(second)
    await photographer.take_card("card-credit-in-question", height=506)
    await photographer.open_card(first)
    await photographer.take_card("card-voided", height=400)


async def renewal(photographer: Photographer, desk: Desk) -> None:
    """A partner gives notice."""
    lead = await _lead(desk, "quarry-bikes", days=80)
    await lead.execute_update("accept", ACCEPT)
    await lead.signal("give_notice", {"id": "portal-1", "at": desk.now().isoformat(), "by": "partner"})
    await desk.until(lead, lambda now: now.data["state"] == "renewal_asked")
    await photographer.open_card(lead)
    await photographer.take_card("card-renewal-asked", height=500)


async def accounts(photographer: Photographer, desk: Desk) -> None:
    """A client confirms, and staff are asked for the vendor's word; another one's word has aged."""
    fresh = await desk.submit("Go4Kx7", at=_ago(2))
    await _said_by_client(desk, fresh, _ago(1))
    await desk.until(fresh, lambda now: now.data["state"] == "active" and not now.waiting)
    await photographer.open_card(fresh)
    await photographer.take_card("card-account-to-confirm", height=620)

    aged = await desk.submit("Hc9Wz2", partner="isar", at=_ago(420))
    await _said_by_client(desk, aged, _ago(410))
    await desk.until(aged, lambda now: now.data["overdue"] and not now.waiting)
    await aged.execute_update("confirm_for_vendor", "reviewer@vendor.example: checked with the account's owner")
    await photographer.open_card(aged)
    await photographer.take_card("card-consent-aged", height=620)


async def _said_by_client(desk: Desk, account: Lead, at: datetime) -> None:
    await desk.until(account, lambda now: not now.waiting)
    await account.signal("client_confirms", {"id": "page-1", "at": at.isoformat(), "by": "client"})


async def applicant(photographer: Photographer, desk: Desk) -> None:
    """A company applies on its phone, and is asked for more."""
    app = _portal(desk)
    page = photographer.page
    await page.set_viewport_size(PHONE)
    with served(app) as portal:
        await page.goto(f"{portal}/apply")
        await photographer.take_whole("applicant-form")
        form = Form(
            company="Acme Agency", domain="acme.example", tax_number="", country="US", contact_name="A founder",
            contact_email="founder@acme.example", service_offerings="E-mail marketing.",
            technology_partners="Two shop systems.", client_profile="Merchants with 20 people.",
        )  # fmt: skip
        made = submit_application(desk.engine, form, received_at=_ago(1))
        data = Application.submit(
            made.application_id, form.domain, _ago(1), edition_name="2022", lifecycle_version=APPLICATION.version
        )
        application = await desk.start(APPLICATION, data, f"application:{made.application_id}")
        acknowledge(desk.engine, made.application_id)
        question = "reviewer@vendor.example: Which shop systems do your clients use?"
        await application.execute_update("ask_information", question)
        await desk.until(application, lambda now: now.data["state"] == "information_asked" and not now.waiting)
        await page.set_viewport_size(PHONE)
        await page.goto(ApplicantLinks(portal, SIGNER).of_application(made.application_id))
        await photographer.take_whole("applicant-asked")


def _portal(desk: Desk) -> FastAPI:
    async def provide() -> Client:
        return desk.client

    return create_app(
        engine=desk.engine, client_provider=provide, clock=desk.clock, edition="2022", signer=SIGNER, staff=desk.staff
    )


async def client(photographer: Photographer, desk: Desk) -> None:
    """A client is asked on its phone, and mistypes the code."""
    await desk.submit("Xy12Zz", at=_ago(1))

    async def asked() -> list[ClientLink]:
        with reading(desk.engine) as connection:
            asked = select(client_links).where(client_links.c.process == process_of("Xy12Zz", "alster"))
            return [ClientLink(**row) for row in connection.execute(asked).mappings()]

    [link] = await eventually(asked)
    app = _portal(desk)
    page = photographer.page
    await page.set_viewport_size(PHONE)
    with served(app) as portal:
        await page.goto(address_of(link, portal_url=portal, signer=SIGNER))
        await photographer.take_whole("client-ask")
        await page.get_by_label(re.compile("^Yes")).check()
        await page.get_by_label(re.compile("^The code")).fill("BCD234" if link.code != "BCD234" else "BCD235")
        await page.get_by_role("button").click()
        await photographer.take_whole("client-wrong-code")


async def _lead(desk: Desk, name: str, *, days: int) -> Lead:
    lead = await desk.register(name, at=_ago(days))
    await desk.until(lead, lambda now: now.data["claim"] == "held")
    return lead


def _ago(days: int) -> datetime:
    return TODAY - timedelta(days=days)


STORIES = (review, line, renewal, accounts, applicant, client)


async def main(names: list[str]) -> None:
    """Take the pictures of the stories with these names, or all."""
    stories = tuple(story for story in STORIES if not names or story.__name__ in names)
    roles = (("reviewer@vendor.example", Role.REVIEWER), ("manager@vendor.example", Role.MANAGER))
    staff = StaffList(staff=tuple(Member(address=address, roles=(role,)) for address, role in roles))
    await tell(stories, _partners, staff=staff, starts=TODAY)


def _partners(engine: Engine) -> None:
    for partner, track, tier in (("alster", Track.ADVISOR, Tier.SILVER), ("isar", Track.MASTER, Tier.GOLD)):
        put_partner(
            engine,
            Partner(
                id=partner, name=f"{partner.title()} Commerce", contact_name="Contact",
                contact_email=f"contact@{partner}.example", manager_address="manager@vendor.example",
                country="US", track=track, tier=tier, joined_at=_ago(1_000),
            ),
            now=_ago(1_000),
        )  # fmt: skip


async def tell(
    stories: tuple[Story, ...], prepare: Callable[[Engine], None], *, staff: StaffList, starts: datetime
) -> None:
    """Take the pictures of some stories on a server and records of their own, in which `prepare` has put partners."""
    HERE.portal_url = "https://partners.vendor.example"
    with tempfile.TemporaryDirectory(prefix="partnerflow-screenshots-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        server = Server(directory)
        engine = open_database(f"sqlite:///{directory / 'records.sqlite'}")
        server.start()
        try:
            migrate(engine)
            prepare(engine)
            desk = Desk(await server.client(), engine, ProgramClock(origin=datetime.now(UTC), starts=starts), staff)
            async with desk.working():
                await photograph(f"http://127.0.0.1:{server.ui_port}", desk, stories)
        finally:
            server.kill()
            engine.dispose()


async def photograph(ui_url: str, desk: Desk, stories: tuple[Story, ...]) -> None:
    """Take the pictures of some stories, each in a window of its own."""
    FOLDER.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        for story in stories:
            page = await browser.new_page()
            await story(Photographer(page, ui_url), desk)
            await page.close()
        await browser.close()


def chromium() -> str:
    """The path of this machine's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        sys.exit("No Chromium is on the PATH (on Debian, install the package chromium).")
    return found


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
