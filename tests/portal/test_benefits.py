"""A partner's benefits over HTTP: what its standing gives, and how far people are with it."""

import asyncio

from portal.callers import Scope
from program.edition import Tier, Track
from program.evaluation import Standing
from records.benefits import benefits_of
from records.commits import write_commit
from records.partners import set_tier
from states.granting import benefit_effects
from tests.portal.conftest import House
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
        assert (states["affiliate_link"], states["directory_listing"]) == ("given", "being prepared")

        await moved(house.desk, 1, None, SILVER)
        await moved(house.desk, 2, SILVER, GOLD)

        async def read() -> dict[str, tuple[str, str]]:
            body = (await portal.get("/v1/partners/alster/benefits")).json()
            return {each["benefit"]: (each["how_far"], each["state"]) for each in body["benefits"]}

        async def offered() -> bool:
            return (await read())["partner_manager"][1] == "for chosen partners"

        await eventually(offered)
        listing = house.desk.client.get_workflow_handle("benefit:alster:directory_listing")
        await listing.execute_update("carry_out", "manager@vendor.example: listed")

        async def listed() -> bool:
            return (await read())["directory_listing"] == ("yes", "given")

        await eventually(listed)
        found = await read()
        assert found["leadership_access"] == ("limited", "being prepared")
        assert found["development_funds"] == ("by invitation", "for chosen partners")

        await moved(house.desk, 3, GOLD, Standing(Track.ADVISOR, Tier.PARTNER))

        async def ending() -> bool:
            return (await read()).get("directory_listing") == ("", "ending")

        await eventually(ending)
        assert "leadership_access" not in await read()


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
