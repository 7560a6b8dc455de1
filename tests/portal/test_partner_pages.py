"""The partner's pages: what they show, and what can be done from them, through the same doors as the API."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import Engine

from portal.callers import Scope
from records.accounts import acknowledge, process_of, submit
from records.commits import write_commit
from records.leads import list_leads
from records.notes import notes_on
from records.partners import partner, put_partner
from tests.portal.conftest import JOINED, House
from tests.portal.test_actions import accepted
from tests.portal.test_leads import until_state
from tests.portal.test_pages import HOSTILE
from tests.portal.visiting import browser, hidden
from tests.records.making import commit, step
from tests.records.mrr_files import accounts, load
from tests.workflows.conftest import ACCEPT

CONTACT = "contact@alster.example"
HOME = "/my/alster"
LEAD = {
    "company": "Example Shop",
    "website": "https://www.shop.example/about",
    "contact_name": "Head of Marketing",
    "contact_email": "contact@shop.example",
    "note": "Met at a trade fair.",
}
ACCOUNT = {"api_key": "Ab12Cd", "contact_name": "Shop office", "contact_email": "office@shop.example"}


async def send(visitor: httpx.AsyncClient, page: str, to: str, **fields: str) -> httpx.Response:
    """Fill in the form of a page, and send it."""
    shown = (await visitor.get(page)).text
    form = {"csrf": hidden(shown, "csrf"), "once": hidden(shown, "once") if 'name="once"' in shown else "", **fields}
    return await visitor.post(to, data=form)


async def test_a_lead_is_registered_followed_and_given_up_from_the_pages(house: House, engine: Engine) -> None:
    assert house.desk is not None
    async with browser(house, CONTACT) as visitor, house.caller(Scope.PARTNER) as api, house.desk.working():
        assert "There are none yet." in (await visitor.get(f"{HOME}/leads")).text
        sent = await send(visitor, f"{HOME}/new-lead", f"{HOME}/new-lead", **LEAD, self_closed="yes")
        assert (sent.status_code, "shop.example is registered for alster" in sent.text) == (200, True)
        [lead] = list_leads(engine, partner_id="alster").found
        await until_state(api, lead.lead_id, "in_review")
        listed = (await visitor.get(f"{HOME}/leads")).text
        assert f'href="{HOME}/leads/{lead.lead_id}"' in listed
        assert ">in review</span>" in listed
        assert "Example Shop" not in (await visitor.get(f"{HOME}/leads?state=accepted")).text

        where = f"{HOME}/leads/{lead.lead_id}"
        page = (await visitor.get(where)).text
        for told in ("Met at a trade fair.", "contact@shop.example", "What happens next", "Withdraw the lead"):
            assert told in page
        assert "Give notice for a renewal" not in page, "it has no effect in review"
        await house.desk.client.get_workflow_handle(lead.process).execute_update("accept", ACCEPT)
        await until_state(api, lead.lead_id, "accepted")
        page = (await visitor.get(where)).text
        assert "<strong>accept</strong>, by staff" in page
        assert "reviewer@vendor.example" not in page
        said = await send(visitor, where, f"{where}/progress-reports", text="Two calls.")
        assert "The progress report was received" in said.text
        assert "Two calls." in (await visitor.get(where)).text
        assert "The notice was received" in (await send(visitor, where, f"{where}/renewal-notice", text="")).text
        await until_state(api, lead.lead_id, "renewal_asked")
        await send(visitor, where, f"{where}/withdrawal", text="lost touch")
        await until_state(api, lead.lead_id, "withdrawn")
        over = await send(visitor, f"{HOME}/leads", f"{where}/progress-reports", text="late")
        assert (over.status_code, "is over" in over.text) == (409, True)
    assert [note.text for note in notes_on(engine, lead.process)] == ["Two calls.", "lost touch"]


async def test_a_form_that_is_sent_twice_is_carried_out_once(house: House, engine: Engine) -> None:
    assert house.desk is not None
    async with browser(house, CONTACT) as visitor, house.caller(Scope.PARTNER) as api, house.desk.working():
        lead_id = await accepted(house, api, self_closed=True)
        where = f"{HOME}/leads/{lead_id}"
        shown = (await visitor.get(where)).text
        form = {"csrf": hidden(shown, "csrf"), "once": hidden(shown, "once"), "text": "Two calls."}
        first, second = [await visitor.post(f"{where}/progress-reports", data=form) for _ in range(2)]
    assert first.text == second.text
    assert len(notes_on(engine, f"lead:{lead_id}")) == 1


async def test_an_account_is_submitted_corrected_and_ended_from_the_pages(house: House) -> None:
    assert house.desk is not None
    async with browser(house, CONTACT) as visitor, house.caller(Scope.PARTNER) as api, house.desk.working():
        sent = await send(visitor, f"{HOME}/new-account", f"{HOME}/new-account", **ACCOUNT)
        assert (sent.status_code, "Its client is asked by mail" in sent.text) == (200, True), sent.text
        where = f"{HOME}/accounts/Ab12Cd"

        async def until(state: str) -> str:
            for _ in range(200):
                page = (await visitor.get(where)).text
                if f'class="state {state}"' in page:
                    return page
                await asyncio.sleep(0.05)
            raise AssertionError(page)

        page = await until("waiting")
        assert "The client has to answer." in page
        wrong = await send(visitor, where, f"{where}/contact", contact_name="New office", contact_email="nobody")
        assert (wrong.status_code, 'aria-invalid="true"' in wrong.text, "New office" in wrong.text) == (422, True, True)
        right = {"contact_name": "New office", "contact_email": "new@shop.example"}
        corrected = await send(visitor, where, f"{where}/contact", **right)
        assert "The correction was received" in corrected.text
        ended = await send(visitor, where, f"{where}/end", text="the client left")
        assert "The end of the management was received" in ended.text
        page = await until("ended")
        assert "the client left" in page
        assert f'href="{HOME}/new-account?api_key=Ab12Cd"' in page
        assert (await api.get("/v1/partners/alster/accounts")).json()["accounts"][0]["state"] == "ended"


async def test_the_dashboard_says_what_comes_next_and_what_an_active_account_is_worth(
    house_without_temporal: House, engine: Engine
) -> None:
    _account(engine, "Aa11Aa", "active")
    _account(engine, "Bb22Bb", "waiting")
    _account(engine, "Cc33Cc", "denied")
    accounts(engine, Aa11Aa=None, Bb22Bb=None)
    load(engine, "Aa11Aa,2020-01,1000.25,234.25", "Bb22Bb,2020-01,7,7", at=JOINED)
    async with house_without_temporal.caller(Scope.READ) as api, browser(house_without_temporal, CONTACT) as visitor:
        got = {each["api_key"]: each for each in (await api.get("/v1/partners/alster/accounts")).json()["accounts"]}
        assert {key: (each["state"], each["next"]) for key, each in got.items()} == {
            "Aa11Aa": ("active", "The management goes on."),
            "Bb22Bb": ("waiting", "The client has to answer."),
            "Cc33Cc": ("denied", "The client said no; you may submit the account again."),
        }
        assert (Decimal(got["Aa11Aa"]["mrr"]["total"]), got["Bb22Bb"]["mrr"]) == (Decimal("1234.50"), None)
        only = (await api.get("/v1/partners/alster/accounts", params={"state": "waiting"})).json()
        assert [each["api_key"] for each in only["accounts"]] == ["Bb22Bb"]
        assert (await api.get("/v1/partners/alster/accounts", params={"page": "x"})).status_code == 422
        assert (await api.get("/v1/partners/nobody/accounts")).status_code == 404
        page = (await visitor.get(f"{HOME}/accounts")).text
        assert page.count("$1,234.50") == 1
        one = (await visitor.get(f"{HOME}/accounts/Aa11Aa")).text
        assert "$1,000.25 e-mail, $234.25 SMS" in one


async def test_staff_see_every_account_and_everything_about_one(house_without_temporal: House, engine: Engine) -> None:
    _account(engine, "Aa11Aa", "active")
    async with browser(house_without_temporal) as staff:
        listed = (await staff.get("/accounts")).text
        assert 'href="/accounts/Aa11Aa:alster"' in listed
        assert "None is in this state." in (await staff.get("/accounts?state=waiting")).text
        one = (await staff.get("/accounts/Aa11Aa:alster")).text
        for told in ("office@shop.example", "Alster Commerce", "manager@vendor.example", "account%3AAa11Aa%3Aalster"):
            assert told in one
        assert (await staff.get("/accounts/Aa11Aa:isar")).status_code == 404


async def test_lists_go_on_page_by_page(house_without_temporal: House, engine: Engine) -> None:
    for number in range(60):
        _account(engine, f"A{number:05}", "waiting")
    async with browser(house_without_temporal, CONTACT) as visitor:
        first = (await visitor.get(f"{HOME}/accounts")).text
        onward = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        second = (await visitor.get(onward)).text
        assert (first.count('scope="row"'), second.count('scope="row"')) == (50, 10)
        assert 'rel="next"' not in second
        assert "The newest" in second
        assert (await visitor.get(f"{HOME}/leads?page=nonsense")).status_code == 422


async def test_what_is_wrong_is_told_beside_what_was_typed(house_without_temporal: House) -> None:
    async with browser(house_without_temporal, CONTACT) as visitor:
        typed = LEAD | {"website": "192.0.2.7", "contact_name": "", "company": HOSTILE}
        wrong = await send(visitor, f"{HOME}/new-lead", f"{HOME}/new-lead", **typed)
        assert wrong.status_code == 422
        assert "«Its web address»" in wrong.text
        assert "«Whom you talk to» is empty" in wrong.text
        assert "&lt;script&gt;" in wrong.text
        assert "<script" not in wrong.text
        assert wrong.text.count('aria-invalid="true"') == 2
        key = await send(visitor, f"{HOME}/new-account", f"{HOME}/new-account", **(ACCOUNT | {"api_key": "Ab1"}))
        assert (key.status_code, "«The account's public API key»" in key.text.replace("&#39;", "'")) == (422, True)


async def test_temporal_away_is_told_on_a_page(house_without_temporal: House) -> None:
    async with browser(house_without_temporal, CONTACT) as visitor:
        away = await send(visitor, f"{HOME}/new-lead", f"{HOME}/new-lead", **LEAD)
    assert (away.status_code, away.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "What you typed is still here" in away.text
    assert 'value="Example Shop"' in away.text


async def test_a_partner_that_has_left_reads_and_registers_nothing(
    house_without_temporal: House, engine: Engine
) -> None:
    async with browser(house_without_temporal, "contact@weser.example") as visitor:
        assert (await visitor.get("/my/weser/leads")).status_code == 200
        sent = await send(visitor, "/my/weser/new-lead", "/my/weser/new-lead", **LEAD)
        assert (sent.status_code, "has left the program" in sent.text) == (422, True)


async def test_a_form_needs_the_session_that_it_was_shown_to(house_without_temporal: House) -> None:
    async with browser(house_without_temporal, CONTACT) as visitor:
        shown = (await visitor.get(f"{HOME}/new-lead")).text
    async with browser(house_without_temporal, CONTACT) as later:
        form = LEAD | {"csrf": hidden(shown, "csrf"), "once": hidden(shown, "once")}
        stale = await later.post(f"{HOME}/new-lead", data=form)
        assert (stale.status_code, "earlier visit" in stale.text) == (403, True)
        assert (await later.post(f"{HOME}/new-lead", data=LEAD)).status_code == 403


@pytest.mark.parametrize("path", ["/leads", "/new-lead", "/accounts", "/new-account", "/leads/none", "/nothing"])
async def test_no_page_is_kept_or_framed_or_runs_anything(house_without_temporal: House, path: str) -> None:
    async with browser(house_without_temporal, CONTACT) as visitor:
        page = await visitor.get(HOME + path)
    assert page.headers["cache-control"] == "no-store"
    policy = page.headers["content-security-policy"]
    for said in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert said in policy
    assert "script" not in policy + page.text
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_people_of_a_partner_are_added_corrected_and_removed(house_without_temporal: House) -> None:
    at = "/v1/partners/alster/people"
    async with house_without_temporal.caller(Scope.ADMIN) as admin:
        for name, status in (("A", 201), ("B", 200)):
            put = await admin.put(f"{at}/desk", json={"name": name, "address": "Desk@alster.example"})
            assert put.status_code == status
        shown = (await admin.get(at)).json()["people"]
        assert [(each["id"], each["address"]) for each in shown] == [
            ("contact", "contact@alster.example"), ("desk", "Desk@alster.example"),
        ]  # fmt: skip
        async with browser(house_without_temporal, "desk@ALSTER.example") as visitor:
            assert (await visitor.get(f"{HOME}/leads")).status_code == 200
            assert (await admin.delete(f"{at}/desk")).json()["name"] == "B"
            assert (await visitor.get(f"{HOME}/leads")).status_code == 404
        assert (await admin.delete(f"{at}/desk")).status_code == 404
        assert (await admin.delete(f"{at}/contact")).status_code == 409
        entry = {"name": "A", "address": "a@a.example"}
        assert (await admin.put(f"{at}/contact", json=entry)).status_code == 409
        assert (await admin.put("/v1/partners/nobody/people/a", json=entry)).status_code == 404
        assert (await admin.put(f"{at}/a", json={"name": "A", "address": "none"})).status_code == 422


async def test_a_new_contact_takes_the_old_ones_place(house_without_temporal: House, engine: Engine) -> None:
    known = partner(engine, "alster")
    assert known is not None
    put_partner(engine, known.model_copy(update={"contact_email": "new@alster.example"}), now=datetime.now(UTC))
    for address, status in ((CONTACT, 404), ("new@alster.example", 200)):
        async with browser(house_without_temporal, address) as visitor:
            assert (await visitor.get(f"{HOME}/leads")).status_code == status


def _account(engine: Engine, api_key: str, state: str) -> None:
    made = submit(
        engine, api_key=api_key, partner_id="alster", contact_name="Office", contact_email="office@shop.example",
        received_at=JOINED,
    )  # fmt: skip
    acknowledge(engine, made.process, made.number)
    facts = {"request": 1, "contact": 1}
    projected = commit(process_of(api_key, "alster"), 1, step(), partner_id="alster", state=state, facts=facts)
    write_commit(engine, projected, now=JOINED)
