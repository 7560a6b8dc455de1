"""Applications over HTTP: handed in once for each company, read, and what applicants say."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select

from portal.callers import Scope
from records.partners import partner
from records.tables import application_details, outbox
from tests.portal.conftest import House
from tests.workflows.conftest import eventually

APPLICATION: dict[str, Any] = {
    "company": "Acme Agency",
    "website": "https://www.acme.example/team",
    "country": "DE",
    "contact_name": "A founder",
    "contact_email": "founder@acme.example",
    "service_offerings": "E-mail marketing.",
    "technology_partners": "Two shop systems.",
    "client_profile": "Merchants with 20 people.",
}
REVIEWER, SECOND = "reviewer@vendor.example", "second@vendor.example"


async def in_state(portal: httpx.AsyncClient, application_id: str, state: str) -> dict[str, Any]:
    """The application, once it has come to this state."""

    async def ask() -> dict[str, Any] | None:
        found: dict[str, Any] = (await portal.get(f"/v1/applications/{application_id}")).json()
        return found if found["state"] == state else None

    found = await eventually(ask)
    assert found is not None
    return found


async def applied(house: House, portal: httpx.AsyncClient, **fields: Any) -> str:
    """An application in review."""
    answer = await portal.post("/v1/applications", json={**APPLICATION, **fields})
    assert answer.status_code == 202, answer.text
    application_id: str = answer.json()["application_id"]
    await in_state(portal, application_id, "in_review")
    return application_id


async def decide(house: House, application_id: str, action: str, text: str) -> None:
    assert house.desk is not None
    await house.desk.client.get_workflow_handle(f"application:{application_id}").execute_update(action, text)


async def test_from_the_form_to_a_partner(house: House, engine: Engine) -> None:
    assert house.desk is not None
    async with house.caller(Scope.APPLY) as portal, house.desk.working():
        application_id = await applied(house, portal)
        await decide(house, application_id, "ask_information", f"{REVIEWER}: which shop systems?")
        asked = await in_state(portal, application_id, "information_asked")
        assert (asked["waits_for"], asked["history"][-1]["reason"]) == ("applicant", "which shop systems?")
        answer = await portal.post(f"/v1/applications/{application_id}/information", json={"text": "The big ones."})
        assert answer.status_code == 202
        assert answer.json()["says"].startswith("The information was received as of ")
        found = await in_state(portal, application_id, "in_review")
        assert [note["text"] for note in found["notes"]] == ["The big ones."]
        await decide(house, application_id, "approve", f"{REVIEWER}: a good fit")
        await decide(house, application_id, "assign_specialist", f"{REVIEWER}: I take it")
        agreed = {"version": "1", "name": "A founder"}
        assert (await portal.post(f"/v1/applications/{application_id}/agreement", json=agreed)).status_code == 202
        await eventually(lambda: missing(portal, application_id, ["conversation"]))
        await decide(house, application_id, "hold_conversation", f"{REVIEWER}: by phone")
        member = await in_state(portal, application_id, "member")
        assert member["agreement"][0]["name"] == "A founder"
        assert [each["by"] for each in member["history"]] == [
            "system", "staff", "applicant", "staff", "staff", "applicant", "staff",
        ]  # fmt: skip
        assert REVIEWER not in str(member)

    joined = partner(engine, application_id)
    assert joined is not None
    assert (joined.name, joined.tier, joined.country) == ("Acme Agency", "partner", "DE")
    with engine.connect() as database:
        for column in (outbox.c.payload, outbox.c.about):
            assert "founder" not in str(database.execute(select(column)).all()), "people are in SQL's own tables only"


async def missing(portal: httpx.AsyncClient, application_id: str, expected: list[str]) -> bool:
    found = (await portal.get(f"/v1/applications/{application_id}")).json()
    return bool(found["missing"] == expected)


async def test_a_denial_appealed(house: House) -> None:
    assert house.desk is not None
    async with house.caller(Scope.APPLY) as portal, house.desk.working():
        application_id = await applied(house, portal)
        early = await portal.post(f"/v1/applications/{application_id}/appeal", json={"text": "Why not?"})
        assert "As last recorded the application is in review, where it has no effect" in early.json()["says"]
        await decide(house, application_id, "deny", f"{REVIEWER}: because=not_a_fit we work with agencies only")
        denied = await in_state(portal, application_id, "denied")
        assert (denied["denied_because"], denied["history"][-1]["reason"]) == (
            "not_a_fit", "we work with agencies only",
        )  # fmt: skip
        assert denied["appeal_until"] is not None
        await portal.post(f"/v1/applications/{application_id}/appeal", json={"text": "We are an agency."})
        await in_state(portal, application_id, "appealed")
        with pytest.raises(Exception, match="Workflow update failed"):
            await decide(house, application_id, "approve", f"{REVIEWER}: after all")
        await decide(house, application_id, "approve", f"{SECOND}: an agency indeed")
        await in_state(portal, application_id, "onboarding")
        await portal.post(f"/v1/applications/{application_id}/withdrawal", json={})
        await in_state(portal, application_id, "withdrawn")
        late = await portal.post(f"/v1/applications/{application_id}/withdrawal", json={})
        assert (late.status_code, late.json()["type"].rpartition("#")[2]) == (409, "over")


async def test_two_applications_of_a_company_meet(house: House) -> None:
    assert house.desk is not None
    async with house.caller(Scope.APPLY) as portal, house.desk.working():
        application_id = await applied(house, portal, tax_number="DE 123-456.789")
        other = {"website": "acme-holding.example", "tax_number": "de123456789", "contact_name": "Somebody else"}
        for _ in range(2):
            answer = await portal.post("/v1/applications", json={**APPLICATION, **other})
            assert (answer.status_code, answer.json()["application_id"]) == (200, application_id)
            assert answer.json()["says"].startswith("acme.example has an application already, since ")
        same = await portal.post("/v1/applications", json={**APPLICATION, "tax_number": "DE123456789"})
        assert (same.status_code, same.json()["existing"]) == (200, True)

        async def heard() -> bool:
            card = await house.desk.card(handle)  # type: ignore[union-attr]
            return "| applied again" in card

        handle = house.desk.client.get_workflow_handle(f"application:{application_id}")
        await eventually(heard)
        found = (await portal.get(f"/v1/applications/{application_id}")).json()
        assert [each["contact_name"] for each in found["applied_again"]] == ["Somebody else"]
        assert [each["what"] for each in found["history"]] == ["begin", "apply_again"]
        staff = (await portal.get(f"/applications/{application_id}")).text
        assert "The same company, once more" in staff
        assert "Somebody else" in staff


async def test_what_temporal_has_not_acknowledged_shows_nowhere(house_without_temporal: House, engine: Engine) -> None:
    async with house_without_temporal.caller(Scope.APPLY) as portal:
        answer = await portal.post("/v1/applications", json=APPLICATION)
        assert answer.status_code == 503
        assert (await portal.get("/v1/applications")).json()["applications"] == []
    with engine.connect() as database:
        assert database.execute(select(application_details.c.pending)).scalars().all() == [True]


@pytest.mark.parametrize(
    ("field", "given", "says"),
    [
        ("website", "localhost", "«website» can't be «localhost»"),
        ("country", "Germany", "«country» can't be «Germany»"),
        ("tax_number", "none", "a tax number has at least five letters and digits"),
        ("service_offerings", " ", "«service_offerings» is empty"),
        ("contact_email", "nobody", "«contact_email» can't be «nobody»"),
    ],
)
async def test_a_mistake_is_a_sentence(house_without_temporal: House, field: str, given: str, says: str) -> None:
    async with house_without_temporal.caller(Scope.APPLY) as portal:
        answer = await portal.post("/v1/applications", json={**APPLICATION, field: given})
        assert answer.status_code == 422
        assert says in answer.json()["detail"]


async def test_who_may_see_applications(house_without_temporal: House) -> None:
    async with house_without_temporal.caller(Scope.READ) as portal:
        assert (await portal.get("/v1/applications")).status_code == 200
        assert (await portal.post("/v1/applications", json=APPLICATION)).status_code == 403
        assert (await portal.get("/v1/applications/nothing")).json()["detail"] == "There is no application nothing."
        assert (await portal.get("/v1/applications", params={"page": "x"})).status_code == 422
    async with house_without_temporal.caller(Scope.READ, partner="alster") as portal:
        assert (await portal.get("/v1/applications")).status_code == 403
    async with house_without_temporal.caller(Scope.PARTNER) as portal:
        assert (await portal.get("/v1/applications")).status_code == 403


async def test_a_repetition_under_its_key_is_answered_the_same(house: House) -> None:
    async with house.caller(Scope.APPLY) as portal:
        answers = await asyncio.gather(
            *(portal.post("/v1/applications", json=APPLICATION, headers={"Idempotency-Key": "k-1"}) for _ in range(3))
        )
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["application_id"] for answer in answers}) == 1
