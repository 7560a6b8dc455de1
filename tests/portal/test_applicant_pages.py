"""The applicant's pages: a form without script, a link that only we can make, and nothing lost on the way."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select

from portal import applicant_pages
from portal.app import LARGEST_BODY
from portal.callers import Scope
from records.applicant_links import ApplicantLinks
from records.applications import acknowledgements_of
from records.mailbox import delivered_mails
from records.signing import Signer
from records.tables import application_details
from tests.portal.conftest import House, away, compose
from tests.portal.test_applications import APPLICATION, REVIEWER, applied, decide, in_state
from tests.portal.test_pages import HOSTILE
from tests.workflows.conftest import eventually

FORM = {**APPLICATION, "tax_number": ""}


def is_a_form(response: httpx.Response, status: int = 200) -> str:
    """A page in which nothing runs, whose form goes to the portal alone."""
    assert response.status_code == status, response.text
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "form-action 'self'" in policy
    assert "script-src" not in policy
    assert "<script" not in response.text
    fields = re.findall(r'<(?:input|textarea)[^>]* id="(\w+)"', response.text)
    for field in fields:
        assert f'<label for="{field}">' in response.text, f"{field} has no label"
    return response.text


def own_path(house: House, application_id: str) -> str:
    """The address in the applicant's mails, as a path."""
    links: ApplicantLinks = house.app.state.portal.links
    return links.of_application(application_id).removeprefix("http://portal.example")


async def test_applying_with_the_form(house: House, engine: Engine) -> None:
    assert house.desk is not None
    async with house.caller() as visitor, house.caller(Scope.APPLY) as portal, house.desk.working():
        page = is_a_form(await visitor.get("/apply"))
        for question in ("Which services do you offer?", "Who is your typical client?"):
            assert question in page
        for _ in range(2):
            sent = await visitor.post("/apply", data=FORM)
            assert (sent.status_code, sent.headers["location"]) == (303, "/apply/received")
        assert "We have your application" in (await visitor.get("/apply/received")).text
        listed = (await portal.get("/v1/applications")).json()["applications"]
        assert len(listed) == 1
        await in_state(portal, listed[0]["application_id"], "in_review")
        found = (await portal.get(f"/v1/applications/{listed[0]['application_id']}")).json()
        assert found["applied_again"] == [], "the same form twice is one application"

        async def mailed() -> bool:
            return any(mail.to == "founder@acme.example" for mail in delivered_mails(engine))

        await eventually(mailed)


async def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(house_without_temporal: House) -> None:
    async with house_without_temporal.caller() as visitor:
        given = {**FORM, "company": HOSTILE, "website": "nowhere", "client_profile": "", "country": "usa"}
        page = is_a_form(await visitor.post("/apply", data=given), 422)
        assert '<div class="mistakes" role="alert">' in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert '<a href="#website">«Web address» can&#39;t be «nowhere»' in page
        assert '<a href="#client_profile">«Who is your typical client?» is empty' in page
        assert '<a href="#country">' in page
        assert "E-mail marketing." in page
        assert "A founder" in page


async def test_while_temporal_is_away_the_form_comes_back_filled_in(house_without_temporal: House) -> None:
    async with house_without_temporal.caller() as visitor:
        answer = await visitor.post("/apply", data=FORM)
        page = is_a_form(answer, 503)
        assert applicant_pages.AWAY in page
        assert "E-mail marketing." in page
        assert answer.headers["retry-after"] == "5"


async def test_a_flood_is_told_to_wait(house_without_temporal: House) -> None:
    house_without_temporal.app.state.portal.forms_of_visitors.at_most = 1
    async with house_without_temporal.caller() as visitor:
        await visitor.post("/apply", data=FORM)
        answer = await visitor.post("/apply", data=FORM)
        assert applicant_pages.TOO_MANY in is_a_form(answer, 429)
        assert int(answer.headers["retry-after"]) > 0


async def test_a_form_is_limited_in_size_and_shape(house_without_temporal: House, engine: Engine) -> None:
    async with house_without_temporal.caller() as visitor:
        assert (await visitor.post("/apply", data={**FORM, "company": "W" * LARGEST_BODY})).status_code == 413
        # What a browser counts as 4,000 letters may be twelve times as many bytes on its way.
        longest = "\U0001f91d" * 4_000
        long = {**FORM, **dict.fromkeys(("service_offerings", "technology_partners", "client_profile"), longest)}
        assert (await visitor.post("/apply", data={**long, "company": ""})).status_code == 422
        assert (await visitor.post("/apply", content=b"\xff\xfe=1")).status_code == 422
        elsewhere = await visitor.post("/apply", data=FORM, headers={"Origin": "http://evil.example"})
        assert (elsewhere.status_code, "not sent from a page of ours" in elsewhere.text) == (403, True)
    with engine.connect() as database:
        assert database.execute(select(application_details)).all() == []


async def test_an_applicant_answers_appeals_acknowledges_and_withdraws(house: House, engine: Engine) -> None:
    assert house.desk is not None
    async with house.caller(Scope.APPLY) as portal, house.caller() as visitor, house.desk.working():
        application_id = await applied(house, portal)
        path = own_path(house, application_id)
        assert "I no longer want to join" in is_a_form(await visitor.get(path))

        await decide(house, application_id, "ask_information", f"{REVIEWER}: which shop systems?")
        await in_state(portal, application_id, "information_asked")
        page = is_a_form(await visitor.get(path))
        assert "<blockquote>which shop systems?</blockquote>" in page
        empty = is_a_form(await visitor.post(f"{path}/information", data={"text": ""}), 422)
        assert '<a href="#text">«Your words» is empty' in empty
        once = {"once": re.findall(r'name="once" value="(\w+)"', page)[0]}
        for _ in range(2):
            sent = await visitor.post(f"{path}/information", data={**once, "text": "The big ones."})
            assert (sent.status_code, sent.headers["location"]) == (303, f"{path}?said=information")
        assert "We have received your information" in is_a_form(await visitor.get(f"{path}?said=information"))
        found = await in_state(portal, application_id, "in_review")
        assert [each["what"] for each in found["history"]] == ["begin", "ask_information", "give_information"]

        await decide(house, application_id, "deny", f"{REVIEWER}: because=not_a_fit we work with agencies only")
        await in_state(portal, application_id, "denied")
        page = is_a_form(await visitor.get(path))
        assert "not a good fit" in page
        assert "we work with agencies only" in page
        await visitor.post(f"{path}/appeal", data={"text": "We are an agency."})
        await in_state(portal, application_id, "appealed")
        await decide(house, application_id, "approve", "second@vendor.example: indeed")
        await in_state(portal, application_id, "onboarding")

        page = is_a_form(await visitor.get(path))
        assert "acknowledge the partner program agreement, version 1" in page
        agreed = {"version": "1", "name": "A founder"}
        unticked = is_a_form(await visitor.post(f"{path}/agreement", data=agreed), 422)
        assert "Please mark that you acknowledge" in unticked
        assert (await visitor.post(f"{path}/agreement", data={**agreed, "agreed": "yes"})).status_code == 303
        assert [(each.version, each.name) for each in acknowledgements_of(engine, application_id)] == [
            ("1", "A founder")
        ]

        await visitor.post(f"{path}/withdrawal", data={})
        await in_state(portal, application_id, "withdrawn")
        over = is_a_form(await visitor.post(f"{path}/withdrawal", data={}), 409)
        assert "is over (withdrawn)" in over


async def test_the_mail_s_link_is_the_page_s(house: House, engine: Engine) -> None:
    assert house.desk is not None
    async with house.caller(Scope.APPLY) as portal, house.caller() as visitor, house.desk.working():
        application_id = await applied(house, portal)

        async def mailed() -> Any:
            return [mail for mail in delivered_mails(engine) if mail.to == "founder@acme.example"]

        text = (await eventually(mailed))[0].text
        found = re.search(r"http://portal\.example(/my-application/\S+)", text)
        assert found is not None, text
        assert found[1] == own_path(house, application_id)
        is_a_form(await visitor.get(found[1]))


@pytest.mark.parametrize("token", ["nothing", "ImEi.AAAA", "%F0%9F%98%80", "a.b.c"])
async def test_a_link_that_is_none_of_ours_opens_nothing(house_without_temporal: House, token: str) -> None:
    async with house_without_temporal.caller() as visitor:
        for answer in (
            await visitor.get(f"/my-application/{token}"),
            await visitor.post(f"/my-application/{token}/withdrawal", data={}),
            await visitor.post(f"/my-application/{token}/nonsense", data={}),
        ):
            assert answer.status_code == 404
            assert "This link opens no application" in answer.text


async def test_another_key_s_link_opens_nothing(engine: Engine) -> None:
    house = House(compose(engine, away(), signer=Signer(["x" * 32])), engine)
    made_up = ApplicantLinks("http://portal.example", Signer()).of_application("abc")
    async with house.caller() as visitor:
        assert (await visitor.get(made_up)).status_code == 404
