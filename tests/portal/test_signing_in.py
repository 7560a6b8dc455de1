"""Signing in by a link: for whoever is known, once, within its time, and told to nobody else."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, Table, select, update

from activities.mail import LocalMailbox
from activities.relay import Relay
from records.database import reading, writing
from records.mailbox import delivered_mails
from records.people import Person, put_person, remove_person
from records.sign_ins import OF_ONE_ADDRESS, OF_ONE_CLIENT, address_of_sign_in, forget_sign_ins
from records.tables import outbox, partner_people, sessions, sign_ins
from states.staff import Member, Role, StaffList
from tests.portal.conftest import House, away, compose
from tests.portal.visiting import browser, hidden
from tests.workflows.conftest import SIGNER

CONTACT = "contact@alster.example"
STAFF = StaffList(staff=(Member(address="Reviewer@vendor.example", roles=(Role.REVIEWER,)),))
URL = "https://portal.example"


@dataclass
class Door:
    """A portal behind TLS with a staff list, a relay beside it, and a clock that a test may move."""

    house: House
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def mails_to(self, address: str) -> list[str]:
        """The texts of the mails that have left to an address, the newest first."""
        page = partial(address_of_sign_in, portal_url=URL, signer=SIGNER)
        relay = Relay(
            self.house.engine, LocalMailbox(self.house.engine), away_from_signals, lambda: self.now, sign_in_page=page
        )
        while await relay.mails_once():
            pass
        return [mail.text for mail in delivered_mails(self.house.engine, to=address)]

    async def link_for(self, visitor: httpx.AsyncClient, address: str, **more: str) -> str:
        """Ask for a link, and read it in the mail: its path."""
        answer = await visitor.post("/sign-in", data={"address": address, **more})
        assert answer.status_code == 200, answer.text
        link = re.search(rf"{URL}(/sign-in/\S+)", (await self.mails_to(address))[0])
        assert link
        return link[1]


async def away_from_signals(*_: object) -> bool:
    return False


@pytest.fixture
def door(engine: Engine) -> Door:
    """A portal that people of two partners and a reviewer may sign in to."""
    found = Door(House(None, engine))  # type: ignore[arg-type]
    found.house.app = compose(engine, away(), staff=STAFF, portal_url=URL, real=lambda: found.now)
    return found


async def test_a_link_signs_in_once_and_only_by_its_button(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        sent_away = await visitor.get("/my/alster/leads")
        assert (sent_away.status_code, sent_away.headers["location"]) == (303, "/sign-in?onward=/my/alster/leads")
        onward = hidden((await visitor.get(sent_away.headers["location"])).text, "onward")
        link = await door.link_for(visitor, CONTACT.upper(), onward=onward)
        for _ in range(2):
            opened = await visitor.get(link)
            assert (opened.status_code, "<button>Sign in</button>" in opened.text) == (200, True)
            assert "address" not in opened.text
        assert not rows(door, sessions), "opening a link signs nobody in"

        followed = await visitor.post(link)
        assert (followed.status_code, followed.headers["location"]) == (303, "/my/alster/leads")
        cookie = followed.headers["set-cookie"]
        for said in ("__Host-partnerflow=", "HttpOnly", "Path=/", "SameSite=lax", "Secure"):
            assert said in cookie
        page = await visitor.get(followed.headers["location"])
        assert (page.status_code, "Alster Commerce" in page.text) == (200, True)
        again = await visitor.post(link)
        assert (again.status_code, "used already" in again.text) == (410, True)
    secret = cookie.partition("=")[2].partition(";")[0]
    assert secret not in str(rows(door, sessions)), "the database knows its digest only"


async def test_everybody_gets_the_same_answer(door: Door) -> None:
    answers = []
    async with browser(door.house, host=URL) as visitor:
        for address in (CONTACT, "stranger@elsewhere.example", "reviewer@vendor.example"):
            answer = await visitor.post("/sign-in", data={"address": address})
            answers.append((answer.status_code, answer.text.replace(address, "…"), sorted(answer.headers)))
    assert answers[0] == answers[1] == answers[2]
    assert len(rows(door, outbox)) == 3
    for address, mails in ((CONTACT, 1), ("stranger@elsewhere.example", 0), ("reviewer@vendor.example", 1)):
        assert len(await door.mails_to(address)) == mails
    assert {row.status for row in rows(door, outbox)} == {"sent", "superseded"}
    assert CONTACT not in str(rows(door, outbox))


async def test_a_link_goes_to_no_address_that_only_looks_like_a_known_one(door: Door) -> None:
    with writing(door.house.engine) as connection:
        connection.execute(
            update(partner_people).values(address="anna@weiss.example", address_key="anna@weiss.example")
        )
    async with browser(door.house, host=URL) as visitor:
        for typed in ("anna@weiß.example", "anna@wei\u017fs.example"):
            assert (await visitor.post("/sign-in", data={"address": typed})).status_code == 200
            assert await door.mails_to(typed) == []
        await visitor.post("/sign-in", data={"address": "Anna@Weiss.example"})
    assert len(await door.mails_to("Anna@Weiss.example")) == 1


async def test_a_link_that_a_program_follows_in_another_browser_signs_nobody_in(door: Door) -> None:
    async with browser(door.house, host=URL) as asked, browser(door.house, host=URL) as scanner:
        link = await door.link_for(asked, CONTACT)
        assert 'name="address"' in (await scanner.get(link)).text
        for typed in ({}, {"address": "somebody@else.example"}):
            assert (await scanner.post(link, data=typed)).status_code == 422
        assert not rows(door, sessions)
        assert (await scanner.post(link, data={"address": f" {CONTACT} "})).status_code == 303


async def test_a_link_ends_after_a_quarter_of_an_hour(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        link = await door.link_for(visitor, CONTACT)
        door.now += timedelta(minutes=15)
        for answer in (await visitor.get(link), await visitor.post(link)):
            assert (answer.status_code, "good for fifteen minutes" in answer.text) == (410, True)
        door.now += timedelta(hours=1)
        assert forget_sign_ins(door.house.engine, real=door.now) == 1
        assert (await visitor.post(link)).status_code == 410
    assert not rows(door, sessions)


async def test_a_made_up_or_damaged_link_is_none(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        link = await door.link_for(visitor, CONTACT)
        [row] = rows(door, sign_ins)
        for path in (link[:-1], link + "x", f"/sign-in/{row.id}", f"/sign-in/{SIGNER.sign('other', row.id)}"):
            answer = await visitor.post(path)
            assert (answer.status_code, "none of ours" in answer.text) == (410, True)
    assert not rows(door, sessions)


async def test_a_mail_that_could_not_leave_in_time_stays(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        await visitor.post("/sign-in", data={"address": CONTACT})
    door.now += timedelta(days=1)
    forget_sign_ins(door.house.engine, real=door.now)
    assert await door.mails_to(CONTACT) == []


async def test_links_are_limited_for_an_address_and_for_a_network(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        for address in (CONTACT, "stranger@elsewhere.example"):
            answers = [await visitor.post("/sign-in", data={"address": address}) for _ in range(OF_ONE_ADDRESS + 1)]
            assert [each.status_code for each in answers] == [200] * OF_ONE_ADDRESS + [429]
        for number in range(OF_ONE_CLIENT - 2 * OF_ONE_ADDRESS):
            assert (await visitor.post("/sign-in", data={"address": f"a{number}@x.example"})).status_code == 200
        refused = await visitor.post("/sign-in", data={"address": "another@x.example"})
        assert (refused.status_code, "Many links" in refused.text) == (429, True)
        door.now += timedelta(hours=1, seconds=1)
        assert (await visitor.post("/sign-in", data={"address": CONTACT})).status_code == 200


@pytest.mark.parametrize("typed", ["", "nobody", "a@b@c", "a b@c.example", "x" * 260 + "@c.example", "a@b.example\x00"])
async def test_what_is_no_address_is_told(door: Door, typed: str) -> None:
    async with browser(door.house, host=URL) as visitor:
        answer = await visitor.post("/sign-in", data={"address": typed})
    assert (answer.status_code, "is no e-mail address" in answer.text, 'role="alert"' in answer.text) == (
        422,
        True,
        True,
    )


async def test_one_address_may_act_for_several_partners_and_chooses(door: Door) -> None:
    put_person(door.house.engine, "isar", Person("helper", "A helper", CONTACT.title()))
    async with browser(door.house, host=URL) as visitor:
        followed = await visitor.post(await door.link_for(visitor, CONTACT))
        places = await visitor.get(followed.headers["location"])
        assert 'href="/my/alster"' in places.text
        assert 'href="/my/isar"' in places.text
        assert (await visitor.get("/my/isar/leads")).status_code == 200
        remove_person(door.house.engine, "isar", "helper")
        assert (await visitor.get("/my/isar/leads")).status_code == 404
        assert (await visitor.get("/me")).headers["location"] == "/my/alster"


async def test_staff_sign_in_the_same_way(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        assert (await visitor.get("/leads")).headers["location"] == "/sign-in?onward=/leads"
        followed = await visitor.post(await door.link_for(visitor, "reviewer@vendor.example"))
        assert (await visitor.get(followed.headers["location"])).headers["location"] == "/"
        start = await visitor.get("/")
        assert "reviewer@vendor.example" in start.text
        assert (await visitor.get("/leads")).status_code == 200
        assert (await visitor.get("/my/alster/leads")).status_code == 404


async def test_people_of_partners_see_no_staff_page(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        await visitor.post(await door.link_for(visitor, CONTACT))
        assert (await visitor.get("/")).headers["location"] == "/me"
        assert (await visitor.get("/leads")).status_code == 404


async def test_a_session_ends_when_idle_after_a_day_and_by_signing_out(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        await visitor.post(await door.link_for(visitor, CONTACT))
        for hours in range(12):
            door.now += timedelta(hours=1, minutes=59)
            assert (await visitor.get("/my/alster/leads")).status_code == 200, hours
        door.now += timedelta(minutes=13)
        assert (await visitor.get("/my/alster/leads")).status_code == 303

        await visitor.post(await door.link_for(visitor, CONTACT))
        door.now += timedelta(hours=2)
        assert (await visitor.get("/my/alster/leads")).status_code == 303

        await visitor.post(await door.link_for(visitor, CONTACT))
        page = (await visitor.get("/my/alster/leads")).text
        held = dict(visitor.cookies)
        assert (await visitor.post("/sign-out", data={"csrf": "wrong"})).status_code == 403
        assert (await visitor.post("/sign-out", data={"csrf": hidden(page, "csrf")})).status_code == 303
        for name, value in held.items():
            visitor.cookies.set(name, value)
        assert (await visitor.get("/my/alster/leads")).status_code == 303, "the cookie's secret is worth nothing"


async def test_a_new_sign_in_ends_the_session_that_the_browser_had(door: Door) -> None:
    async with browser(door.house, host=URL) as visitor:
        for _ in range(2):
            await visitor.post(await door.link_for(visitor, CONTACT))
    assert len(rows(door, sessions)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_a_form_of_another_site_does_nothing(door: Door, headers: dict[str, str]) -> None:
    async with browser(door.house, host=URL) as visitor:
        link = await door.link_for(visitor, CONTACT)
        assert (await visitor.post(link, headers=headers)).status_code == 403
        assert (await visitor.post("/sign-in", data={"address": CONTACT}, headers=headers)).status_code == 403
    assert not rows(door, sessions)


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a?b=//c"])
async def test_nobody_is_led_elsewhere(door: Door, onward: str) -> None:
    async with browser(door.house, host=URL) as visitor:
        link = await door.link_for(visitor, CONTACT, onward=onward)
        assert (await visitor.post(link)).headers["location"] == "/me"


async def test_without_a_staff_list_nobody_signs_in_as_staff(house_without_temporal: House) -> None:
    async with browser(house_without_temporal) as visitor:
        page = await visitor.get("/leads")
        assert (page.status_code, "No staff list is set" in page.text) == (200, True)
        assert page.headers["cache-control"] == "no-store"


async def test_without_tls_the_cookie_has_another_name(house_without_temporal: House, engine: Engine) -> None:
    async with browser(house_without_temporal) as visitor:
        asked = await visitor.post("/sign-in", data={"address": CONTACT})
        assert asked.headers["set-cookie"].startswith("partnerflow-asked=")
        assert "Secure" not in asked.headers["set-cookie"]
        with reading(engine) as connection:
            [row] = connection.execute(select(sign_ins)).all()
        followed = await visitor.post(f"/sign-in/{SIGNER.sign('sign-in', row.id)}")
        assert followed.headers["set-cookie"].startswith("partnerflow=")
        assert (await visitor.get("/me")).headers["location"] == "/my/alster"


def rows(door: Door, table: Table) -> list[Any]:
    with reading(door.house.engine) as connection:
        return list(connection.execute(select(table)).all())
