"""Take the pictures of the partner's pages again, from a portal with a few leads and accounts of its own.

    python -m docs.partner_screenshots

The portal has its own database in a temporary directory and no Temporal: what is shown is what its processes would have
written.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import async_playwright
from sqlalchemy import Engine

from docs.screenshots import FOLDER, LARGEST, PHONE, TODAY, chromium
from portal.app import create_app
from program.clock import ProgramClock
from records.accounts import acknowledge, process_of
from records.accounts import submit as submit_account
from records.client_accounts import meet_account
from records.commits import write_commit
from records.database import open_database
from records.leads import submit as submit_lead
from records.migrate import migrate
from records.partners import Partner, put_partner
from records.sessions import begin_session
from records.signing import Signer
from states.staff import StaffList
from tests.conftest import CHROMIUM_FLAGS
from tests.portal.conftest import away
from tests.portal.placing import LINKS, place
from tests.portal.serving import served
from tests.records.making import commit, step
from tests.records.mrr_files import load

WINDOW = {"width": 900, "height": 640}
# Pages of which a part is shown; the others as long as they are.
SIZES = {
    "partner-sign-in": WINDOW,
    "partner-standing": {"width": 900, "height": 1_280},
    "partner-standing-phone": {**PHONE, "height": 860},
}
CONTACT = "contact@alster.example"


def furnish(engine: Engine) -> str:
    """A partner with leads and accounts in several states; the id of the lead to show."""
    alster = Partner(
        id="alster", name="Alster Commerce", contact_name="Contact", contact_email=CONTACT, joined_at=_ago(1_000)
    )
    put_partner(engine, alster, now=_ago(1_000))
    shown = ""
    for name, days, state, due, says in (
        ("Gable Outfitters", 80, "accepted", 10, "the window ends"),
        ("Harbor Candles", 3, "in_review", 1, "staff are reminded"),
        ("Pine and Oak", 120, "expired", None, ""),
    ):
        lead_id, _ = submit_lead(
            engine, partner_id="alster", company=name, domain=f"{name.lower().replace(' ', '-')}.example",
            contact_name="Head of Marketing", contact_email="marketing@shop.example", note="", received_at=_ago(days),
        )  # fmt: skip
        told = commit(
            f"lead:{lead_id}", 1, step(trigger="accept", dest=state, at=_ago(days - 2), by="reviewer@vendor.example"),
            partner_id="alster", state=state, since=_ago(days - 2), due_at=None if due is None else _ago(-due),
            due_summary=says, waits_for="reviewer" if state == "in_review" else "",
        )  # fmt: skip
        write_commit(engine, told, now=_ago(days - 2))
        shown = shown or lead_id
    for key, days, state, due in (
        ("Hc9Wz2", 2, "waiting", 1),
        ("Go4Kx7", 200, "active", 165),
        ("Po1Ry5", 40, "lapsed", 4),
    ):
        made = submit_account(
            engine, api_key=key, partner_id="alster", contact_name="Shop office",
            contact_email="office@shop.example", received_at=_ago(days),
        )  # fmt: skip
        acknowledge(engine, made.process, made.number)
        summary = {"waiting": "the client is reminded", "active": "the client is asked to confirm once more"}
        told = commit(
            process_of(key, "alster"), 1, step(), kind="account", partner_id="alster", state=state,
            since=_ago(days - 1), facts={"request": 1, "contact": 1}, due_at=_ago(-due),
            due_summary=summary.get(state, "until then an answer that was given in time still counts"),
        )  # fmt: skip
        write_commit(engine, told, now=_ago(days - 1))
    meet_account(engine, "Go4Kx7", domain=None, source="crm", at=_ago(90), corrects=True)
    load(engine, "Go4Kx7,2026-01,3120.00,480.50", at=_ago(20))
    place(engine, "alster", TODAY)
    return shown


def _ago(days: int) -> datetime:
    return TODAY - timedelta(days=days)


async def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory(prefix="partnerflow-screenshots-") as name:
        engine = open_database(f"sqlite:///{Path(name) / 'records.sqlite'}")
        migrate(engine)
        lead = furnish(engine)
        app = create_app(
            engine=engine, client_provider=away(), edition="2022", signer=Signer(), staff=StaffList(),
            clock=ProgramClock(origin=datetime.now(UTC), starts=TODAY), benefit_links=LINKS,
        )  # fmt: skip
        with served(app) as address:
            await photograph(engine, address, lead)
        engine.dispose()


async def photograph(engine: Engine, address: str, lead: str) -> None:
    """The pages that the guide shows."""
    secret = begin_session(engine, CONTACT, real=datetime.now(UTC))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        context = await browser.new_context(viewport={"width": WINDOW["width"], "height": WINDOW["height"]})
        page = await context.new_page()
        for name, path in (
            ("partner-sign-in", "/sign-in"),
            ("partner-accounts", "/my/alster/accounts"),
            ("partner-lead", f"/my/alster/leads/{lead}"),
            ("partner-standing", "/my/alster/standing"),
            ("partner-standing-phone", "/my/alster/standing"),
        ):
            await page.set_viewport_size(SIZES.get(name, WINDOW))  # type: ignore[arg-type]
            await page.goto(address + path)
            if name == "partner-standing-phone":  # where benefits differ most
                await page.locator("#benefits + ul > li").nth(7).evaluate("each => each.scrollIntoView()")
            file = FOLDER / f"{name}.png"
            await page.screenshot(path=file, full_page=name not in SIZES)
            assert file.stat().st_size < LARGEST, f"{file.name} is too large"
            print(f"docs/screenshots/{file.name}: {file.stat().st_size // 1000} KB")
            await context.add_cookies([{"name": "partnerflow", "value": secret, "url": address}])
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
