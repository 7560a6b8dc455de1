"""Facts of the CRM reach every lead they concern, once, and count from when they occurred."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.callers import Scope
from program.calendar import program_date
from tests.portal.conftest import SUBMISSION, House
from tests.portal.test_actions import accepted
from tests.portal.test_leads import until_state


def fact(number: int = 1, **more: Any) -> dict[str, Any]:
    """A payment for the shop, just now."""
    now = datetime.now(UTC).isoformat()
    given = {"fact_id": f"f-{number}", "kind": "client_paid", "domain": "www.shop.example", "occurred_at": now}
    return given | more


async def test_a_payment_credits_the_holder_and_closes_the_line(house: House) -> None:
    assert house.desk is not None
    both = (Scope.PARTNER, Scope.CRM)
    async with house.caller(*both) as portal, house.desk.working():
        holder = await accepted(house, portal)
        second = (await portal.post("/v1/leads", json=SUBMISSION | {"partner_id": "isar"})).json()["lead_id"]
        await until_state(portal, second, "in_line")
        paid = fact()
        answered = await portal.post("/v1/facts", json=paid)
        assert answered.status_code == 202
        assert answered.json()["leads_told"] == 2
        lead = await until_state(portal, holder, "credited")
        assert lead["share"] == "10% for 12 months (advisor silver)"
        paid_at = next(each["at"] for each in lead["history"] if each["what"] == "client_paid")
        assert datetime.fromisoformat(paid_at) == datetime.fromisoformat(paid["occurred_at"])
        await until_state(portal, second, "closed_out")

        again = (await portal.post("/v1/facts", json=paid)).json()
        assert (again["known_before"], again["leads_told"]) == (True, 0)
        assert "concerns no open lead" in again["says"]
        other = await portal.post("/v1/facts", json=paid | {"kind": "opportunity_won"})
        assert (other.status_code, other.json()["type"]) == (409, "http://portal.example/problems#other-fact")


async def test_a_fact_about_one_lead_reaches_that_one_only(house: House) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER, Scope.CRM) as portal, house.desk.working():
        lead_id = await accepted(house, portal)
        answered = await portal.post("/v1/facts", json=fact(kind="opportunity_opened", domain=None, lead_id=lead_id))
        assert answered.json()["leads_told"] == 1
        await until_state(portal, lead_id, "opportunity")


async def test_a_fact_without_a_lead_is_taken_and_says_so(house: House) -> None:
    async with house.caller(Scope.CRM) as crm:
        answered = await crm.post("/v1/facts", json=fact(domain="nobody.example"))
        assert answered.status_code == 202
        assert answered.json()["says"] == "Recorded. It concerns no open lead: none is open for nobody.example."


async def test_a_sign_up_that_is_reported_after_the_payment_is_credited(house: House) -> None:
    assert house.desk is not None
    opened = datetime.now(UTC) - timedelta(days=2)
    signup = {"partner_id": "isar", "account": "a-1", "domain": "shop.example", "opened_at": opened.isoformat()}
    async with house.caller(Scope.CRM, Scope.READ) as crm, house.desk.working():
        await crm.post("/v1/facts", json=fact(occurred_at=(opened + timedelta(days=1)).isoformat()))
        answered = await crm.post("/v1/affiliate-signups", json=signup)
        assert answered.status_code == 202
        lead = await until_state(crm, answered.json()["lead_id"], "credited")
        assert datetime.fromisoformat(lead["registered_at"]) == opened
        again = await crm.post("/v1/affiliate-signups", json=signup)
        assert (again.status_code, again.json()["lead_id"]) == (200, lead["lead_id"])


async def test_whoever_reviews_a_lead_hears_that_its_client_had_paid_before(house: House) -> None:
    assert house.desk is not None
    before = [datetime.now(UTC) - timedelta(days=days) for days in (60, 30)]
    async with house.caller(Scope.PARTNER, Scope.CRM) as portal, house.desk.working():
        for number, at in enumerate(before):
            await portal.post("/v1/facts", json=fact(number, occurred_at=at.isoformat()))
        lead_id = (await portal.post("/v1/leads", json=SUBMISSION)).json()["lead_id"]
        lead = house.desk.client.get_workflow_handle(f"lead:{lead_id}")
        found = await house.desk.until(lead, lambda now: now.data.get("paid_before_at") is not None)
        card = await house.desk.card(lead)
    assert datetime.fromisoformat(found.data["paid_before_at"]) == before[0]
    assert f"The client paid on {program_date(before[0])}, before the lead was registered." in card


async def test_a_partner_gets_the_lead_back_that_it_was_credited_with(house: House) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER, Scope.CRM) as portal, house.desk.working():
        lead_id = await accepted(house, portal)
        await portal.post("/v1/facts", json=fact())
        await until_state(portal, lead_id, "credited")
        again = await portal.post("/v1/leads", json=SUBMISSION)
        assert (again.status_code, again.json()["lead_id"], again.json()["state"]) == (200, lead_id, "credited")
        other = await portal.post("/v1/leads", json=SUBMISSION | {"partner_id": "isar"})
        assert other.status_code == 202


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at", "lies in the future"),
        ({"occurred_at": "0001-01-01T00:00:00+23:59"}, "occurred_at", "outside the calendar"),
        ({"occurred_at": "1999-12-31T00:00:00Z"}, "occurred_at", "before the year 2000"),
        ({"occurred_at": "2026-01-01T00:00:00"}, "occurred_at", "with a time zone"),
        ({"occurred_at": 1767225600}, "occurred_at", "with a time zone"),
        ({"lead_id": "abc"}, "", "give exactly one of the two"),
        ({"domain": None}, "", "give exactly one of the two"),
        ({"domain": None, "lead_id": "abc"}, "lead_id", "There is no lead abc"),
        ({"kind": "client_left"}, "kind", "possible are"),
        ({"fact_id": ""}, "fact_id", "must look like"),
        ({"source": "CRM of ours"}, "source", "must look like"),
    ],
)
async def test_a_fact_that_is_not_valid_is_told_why(
    house_without_temporal: House, more: dict[str, Any], field: str, says: str
) -> None:
    async with house_without_temporal.caller(Scope.CRM) as crm:
        answered = await crm.post("/v1/facts", json=fact(**more))
    assert answered.status_code == 422, answered.text
    assert answered.json()["errors"][0]["field"] == field
    assert says in answered.json()["detail"]


async def test_a_sign_up_of_tomorrow_is_refused(house_without_temporal: House) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    signup = {"partner_id": "isar", "account": "a-1", "domain": "shop.example", "opened_at": tomorrow}
    async with house_without_temporal.caller(Scope.CRM) as crm:
        answered = await crm.post("/v1/affiliate-signups", json=signup)
    assert (answered.status_code, answered.json()["errors"][0]["field"]) == (422, "opened_at")
