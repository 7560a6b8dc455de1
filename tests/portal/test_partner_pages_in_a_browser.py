"""The partner's pages in a real browser: on a phone, by keyboard, without JavaScript, and for screen readers."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, ViewportSize
from sqlalchemy import Engine

from activities.mail import LocalMailbox
from activities.relay import Relay
from cli.ports import free_port
from program.clock import REAL_TIME
from records.accounts import acknowledge, process_of, submit
from records.commits import write_commit
from records.leads import submit as submit_lead
from records.mailbox import delivered_mails
from records.people import Person, put_person
from records.sign_ins import address_of_sign_in
from states.staff import Member, Role, StaffList
from tests.axe import axe
from tests.portal.conftest import JOINED, House, away, compose
from tests.portal.serving import served
from tests.portal.visiting import session_of
from tests.records.making import commit, day, step
from tests.workflows.conftest import SIGNER

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 640}
LONG = "W" * 150
CONTACT = "contact@alster.example"
STAFF = StaffList(staff=(Member(address="reviewer@vendor.example", roles=(Role.REVIEWER,)),))


@asynccontextmanager
async def window(page: Page, **options: Any) -> AsyncIterator[BrowserContext]:
    """Another window of the same browser, as large as a phone."""
    assert page.context.browser is not None
    context = await page.context.browser.new_context(viewport=PHONE, **options)
    try:
        yield context
    finally:
        await context.close()


@pytest.fixture
def with_everything(engine: Engine) -> str:
    """A partner with a lead that asks for something, and accounts in every way; the lead's id."""
    lead_id, _ = submit_lead(
        engine, partner_id="alster", company=LONG, domain="client.example", contact_name=LONG,
        contact_email=f"{LONG}@client.example", note=LONG, received_at=JOINED,
    )  # fmt: skip
    write_commit(
        engine,
        commit(
            f"lead:{lead_id}", 1, step(reason="fits well", trigger="accept"), partner_id="alster", state="accepted",
            waits_for="partner", due_at=day(30), due_summary="the window ends",
        ),
        now=JOINED,
    )  # fmt: skip
    for number, state in enumerate(("waiting", "active", "denied", "lapsed")):
        made = submit(
            engine, api_key=f"Ab12C{number}", partner_id="alster", contact_name=LONG,
            contact_email=f"{LONG}@shop.example", received_at=JOINED,
        )  # fmt: skip
        acknowledge(engine, made.process, made.number)
        told = commit(
            process_of(f"Ab12C{number}", "alster"), 1, step(), partner_id="alster", state=state,
            facts={"request": 1, "contact": 1}, due_at=day(9), due_summary="the client is reminded",
        )  # fmt: skip
        write_commit(engine, told, now=JOINED)
    put_person(engine, "isar", Person("helper", "A helper", CONTACT))
    return lead_id


SEATS = {
    "": ("/sign-in", "/sign-in/none", "/nothing-here"),
    CONTACT: (
        "/me", "/my/alster/leads", "/my/alster/leads/LEAD", "/my/alster/new-lead", "/my/alster/accounts",
        "/my/alster/accounts/Ab12C0", "/my/alster/accounts/Ab12C3", "/my/alster/new-account", "/my/alster/standing",
    ),
    "reviewer@vendor.example": (
        "/", "/leads", "/leads/LEAD", "/accounts", "/accounts/Ab12C0:alster", "/partners/alster",
    ),
}  # fmt: skip


@pytest.mark.timeout(180)
@pytest.mark.parametrize("who", ["", *(pytest.param(who, marks=pytest.mark.slow) for who in SEATS if who)])
async def test_every_page_fits_a_phone_and_axe_finds_nothing(
    engine: Engine, page: Page, with_everything: str, who: str
) -> None:
    house = House(compose(engine, away(), staff=STAFF), engine)
    found: list[str] = []
    with served(house.app) as address:
        async with window(page) as context:
            if who:
                held = {"name": "partnerflow", "value": session_of(engine, who), "url": address}
                await context.add_cookies([held])  # type: ignore[list-item]
            for path in SEATS[who]:
                wrong = await wrong_with(context, address + path.replace("LEAD", with_everything))
                found += [f"{path}: {says}" for says in wrong]
    assert not found, "\n".join(found)


async def wrong_with(context: BrowserContext, address: str) -> list[str]:
    """What is wrong with a page: on its console, beyond the screen's edge, or for axe-core in one of its colours."""
    said: list[str] = []
    page = await context.new_page()
    page.on("console", lambda message: said.append(message.text))
    await page.goto(address)
    # Every fold is open: what is hidden is not checked.
    await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    width = await page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        said.append(f"{width} px wide")
    await page.evaluate(axe())
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        for each in (await page.evaluate("axe.run()"))["violations"]:
            said.append(f"{scheme}: {each['id']} ({each['impact']}): {each['nodes'][0]['html'][:200]}")
    await page.close()
    return [says for says in said if "favicon" not in says and "status of 4" not in says]


async def test_signing_in_by_keyboard_without_javascript(engine: Engine, page: Page, with_everything: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    house = House(compose(engine, away(), staff=STAFF, portal_url=url, patience=timedelta(seconds=1)), engine)
    relay = Relay(
        engine, LocalMailbox(engine), _nobody, lambda: REAL_TIME.program(JOINED),
        sign_in_page=partial(address_of_sign_in, portal_url=url, signer=SIGNER),
    )  # fmt: skip
    with served(house.app, port=port):
        async with window(page, java_script_enabled=False) as context, window(page) as elsewhere:
            hand = await context.new_page()
            await hand.goto(f"{url}/my/alster/leads")
            assert hand.url.endswith("/sign-in?onward=/my/alster/leads")
            await _to(hand, "address")
            await hand.keyboard.type(CONTACT)
            await hand.keyboard.press("Enter")
            await hand.get_by_role("heading", name="Look into your mail").wait_for()
            await relay.mails_once()
            [mail] = delivered_mails(engine, to=CONTACT)
            link = re.search(r"http://\S+", mail.text)
            assert link

            other = await elsewhere.new_page()
            await other.goto(link[0])
            assert await other.get_by_label("E-mail address").count() == 1, "another browser has to say whose it is"

            await hand.goto(link[0])
            await hand.keyboard.press("Tab")
            await hand.keyboard.press("Tab")
            await hand.keyboard.press("Enter")
            await hand.get_by_role("heading", name="Leads", exact=True).wait_for()
            assert hand.url == f"{url}/my/alster/leads"
            [cookie] = [each for each in await context.cookies() if each["name"] == "partnerflow"]
            assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")

            await hand.get_by_role("link", name="Register a lead").press("Enter")
            await hand.get_by_label("The prospect's name").fill("Example Shop")
            await hand.get_by_label("Its web address").fill("192.0.2.7")
            await hand.get_by_label("Whom you talk to").fill("Head of Marketing")
            await hand.get_by_label("That person's e-mail address").fill("contact@shop.example")
            await hand.get_by_role("button", name="Register").press("Enter")
            await hand.get_by_role("alert").get_by_text("«Its web address»").wait_for()
            assert await hand.get_by_label("The prospect's name").input_value() == "Example Shop"
            await hand.get_by_label("Its web address").fill("shop.example")
            await hand.get_by_role("button", name="Register").press("Enter")
            await hand.get_by_text("What you typed is still here").wait_for()
            assert await hand.get_by_label("Its web address").input_value() == "shop.example", "nothing is lost"

            await hand.get_by_role("button", name="Sign out").press("Enter")
            await hand.get_by_role("heading", name="Sign in").wait_for()
            await hand.goto(f"{url}/my/alster/leads")
            assert "/sign-in" in hand.url


async def _nobody(*_: object) -> bool:
    return False


async def _to(hand: Page, name: str) -> None:
    """Press the tabulator until the field of that name has the focus."""
    field = hand.locator(f"[name={name}]:focus")
    for _ in range(10):
        if await field.count():
            return
        await hand.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name}")
