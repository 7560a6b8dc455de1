"""A partner's benefits over HTTP: what its standing gives, and how far people are with it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import escape
from sqlalchemy import Engine

from portal.callers import Scope
from program.edition import LATEST, Tier, Track
from program.evaluation import Standing
from records.benefits import NO_LINKS, BenefitLinks, benefits_of
from records.commits import write_commit
from records.partners import set_tier
from states.granting import benefit_effects
from tests.portal.conftest import House, away, compose
from tests.portal.visiting import browser
from tests.records.making import commit, step
from tests.workflows.conftest import Desk, eventually

SILVER, GOLD = Standing(Track.ADVISOR, Tier.SILVER), Standing(Track.ADVISOR, Tier.GOLD)


async def moved(desk: Desk, number: int, before: Standing | None, after: Standing) -> None:
    """The partner `alster` moves, and its benefits have heard of it."""
    effects = benefit_effects(before, after, "alster", desk.now(), edition_name="2022")
    write_commit(desk.engine, commit("partner:alster", number, step(*effects), partner_id="alster"), now=desk.now())
    if before is not None:
        set_tier(desk.engine, "alster", after.track, after.tier, at=desk.now(), why="a test")

    async def heard() -> bool:
        found = await asyncio.to_thread(benefits_of, desk.engine, "alster")
        return bool(found) and all(each.state != "received" for each in found.values())

    await eventually(heard)


async def test_a_partner_reads_what_its_tier_gives_it(house: House) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER, partner="alster") as portal, house.desk.working():
        untold = (await portal.get("/v1/partners/alster/benefits")).json()
        assert (untold["track"], untold["tier"]) == ("advisor", "silver")
        states = {each["benefit"]: each["state"] for each in untold["benefits"]}
        assert (states["badge"], states["directory_listing"]) == ("given", "being prepared")

        await moved(house.desk, 1, None, SILVER)
        await moved(house.desk, 2, SILVER, GOLD)

        async def read() -> dict[str, tuple[str, str]]:
            body = (await portal.get("/v1/partners/alster/benefits")).json()
            return {each["benefit"]: (each["how_far"], each["state"]) for each in body["benefits"]}

        async def reads(**expected: tuple[str, str]) -> None:
            async def so() -> bool:
                return expected.items() <= (await read()).items()

            await eventually(so)

        async def to_do() -> bool:
            found = await asyncio.to_thread(benefits_of, house.engine, "alster")
            return "directory_listing" in found and found["directory_listing"].state == "to_do"

        await eventually(to_do)
        listing = house.desk.client.get_workflow_handle("benefit:alster:directory_listing")
        await listing.execute_update("carry_out", "manager@vendor.example: listed")
        await reads(
            directory_listing=("yes", "given"),
            leadership_access=("limited", "being prepared"),
            development_funds=("by invitation", "for chosen partners"),
        )

        async def offered() -> bool:
            return (await read())["partner_manager"][1] == "for chosen partners"

        await eventually(offered)

        await moved(house.desk, 3, GOLD, Standing(Track.ADVISOR, Tier.PARTNER))

        await reads(directory_listing=("", "ending"), leadership_access=("", "withdrawn"))


LINKS = BenefitLinks(affiliate="https://signup.vendor.example/?partner={partner}", slack="https://slack.example/join")
# What the process of a benefit has recorded: since the second of March in all of them.
SINCE = datetime(2026, 3, 2, 15, tzinfo=UTC)
DUE = datetime(2026, 3, 17, 4, tzinfo=UTC)


def records(engine: Engine, code: str, state: str, **facts: str) -> None:
    title = next(each.title for each in LATEST.benefits.benefits if each.code == code)
    recorded = commit(
        f"benefit:alster:{code}", 1, step(), kind="benefit", partner_id="alster", subject=code, state=state,
        since=SINCE, facts={"benefit": title, **facts},
    )  # fmt: skip
    write_commit(engine, recorded, now=SINCE)


def has_moved(engine: Engine) -> None:
    """Alster was silver from the first of January 2020, then platinum, and is gold since the first of April 2026."""
    write_commit(
        engine, commit("partner:alster", 1, step(), kind="partner", partner_id="alster", state="member"), now=SINCE
    )
    for tier, since in ((Tier.PLATINUM, datetime(2024, 5, 3, tzinfo=UTC)), (Tier.GOLD, APRIL)):
        set_tier(engine, "alster", Track.ADVISOR, tier, at=since, why="a test")


APRIL = datetime(2026, 4, 1, 4, tzinfo=UTC)


async def of_alster(engine: Engine, links: BenefitLinks) -> dict[str, dict[str, Any]]:
    house = House(compose(engine, away(), benefit_links=links), engine)
    async with house.caller(Scope.READ) as portal:
        body = (await portal.get("/v1/partners/alster/benefits")).json()
    return {each["benefit"]: each for each in body["benefits"]}


async def test_since_when_for_what_and_what_is_over(engine: Engine) -> None:
    has_moved(engine)
    records(engine, "slack_community", "to_do", **{"to be done by": DUE.isoformat()})
    records(engine, "developer_support", "given")
    records(engine, "partner_manager", "to_take_back", **{"to be done by": DUE.isoformat()})
    records(engine, "development_funds", "offered")
    found = await of_alster(engine, NO_LINKS)

    def stands(code: str) -> tuple[str, str | None, str, str | None]:
        each = found[code]
        return each["state"], each["since"], each["waits_for"], each["due"]

    march, due = "2026-03-02T15:00:00Z", "2026-03-17T04:00:00Z"
    assert stands("badge") == ("given", "2020-01-01T00:00:00Z", "", None)
    assert stands("directory_listing") == ("given", "2020-01-01T00:00:00Z", "", None), "it was entered with it"
    assert stands("leadership_access") == ("given", "2024-05-03T00:00:00Z", "", None)
    assert stands("slack_community") == ("being prepared", march, "the vendor's team", due)
    assert stands("developer_support") == ("given", march, "", None)
    assert stands("partner_manager") == ("ending", march, "the vendor's team", due)
    assert stands("development_funds") == ("for chosen partners", march, "the vendor's choice", None)
    assert stands("affiliate_link") == ("not yet", None, "", None)
    assert found["affiliate_link"]["says"] == "This portal has no affiliate links yet, so there is none to pass on."
    set_tier(engine, "alster", Track.ADVISOR, Tier.PARTNER, at=APRIL + timedelta(days=1), why="a test")
    found = await of_alster(engine, NO_LINKS)
    assert stands("leadership_access") == ("withdrawn", "2026-04-02T04:00:00Z", "", None)
    assert stands("partner_manager")[0] == "ending"


async def test_one_that_is_about_to_be_told_stands_as_it_will(engine: Engine) -> None:
    has_moved(engine)
    for code in ("directory_listing", "partner_manager"):
        records(engine, code, "not_given")
    found = await of_alster(engine, NO_LINKS)
    states = [(found[code]["state"], found[code]["since"]) for code in ("directory_listing", "partner_manager")]
    assert states == [("being prepared", None), ("for chosen partners", None)]


async def test_links_are_shown_to_whom_they_belong(engine: Engine) -> None:
    has_moved(engine)
    found = await of_alster(engine, LINKS)
    links = {code: each["link"] for code, each in found.items() if each["link"]}
    assert links == {
        "affiliate_link": "https://signup.vendor.example/?partner=alster",
        "slack_community": "https://slack.example/join",
    }
    records(engine, "slack_community", "to_do")
    assert (await of_alster(engine, LINKS))["slack_community"]["link"] == "", "it is a task that is still open"


async def test_its_page_shows_the_same(engine: Engine) -> None:
    has_moved(engine)
    records(engine, "slack_community", "to_do", **{"to be done by": DUE.isoformat()})
    records(engine, "partner_manager", "to_take_back")
    found = await of_alster(engine, LINKS)
    house = House(compose(engine, away(), benefit_links=LINKS), engine)
    async with browser(house, "contact@alster.example") as visitor, house.caller() as staff:
        page = (await visitor.get("/my/alster/standing")).text
        of_staff = (await staff.get("/partners/alster")).text
    for each in found.values():
        assert f"{escape(each['title'][1:])}</strong>" in page
        assert (escape(each["says"]) in page) == (each["state"] != "given")
    assert page.count('class="state ') == len(found)
    assert "Waits for the vendor&#39;s team, planned by" in page
    assert 'href="https://signup.vendor.example/?partner=alster"' in page
    assert "/benefits/alster" not in page
    assert 'href="/benefits/alster%3Aslack_community"' in of_staff
    assert 'href="/benefits/alster%3Abadge"' not in of_staff
    async with house.caller() as staff:
        assert (await staff.get("/benefits/alster%3Aslack_community")).status_code == 200


async def test_nobody_reads_another_partner_s_benefits(house: House) -> None:
    async with house.caller(Scope.PARTNER, partner="isar") as portal:
        answer = await portal.get("/v1/partners/alster/benefits")
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no partner alster.")
    async with house.caller(Scope.READ) as portal:
        assert (await portal.get("/v1/partners/nobody/benefits")).status_code == 404
        assert (await portal.get("/v1/partners/isar/benefits")).status_code == 200
    async with house.caller(Scope.CRM) as portal:
        assert (await portal.get("/v1/partners/isar/benefits")).status_code == 403


async def test_a_partner_that_has_left_has_none(house: House) -> None:
    async with house.caller(Scope.ADMIN) as portal:
        assert (await portal.get("/v1/partners/weser/benefits")).json()["benefits"] == []
