"""Leads over HTTP: registering, listing, reading; what a foreign key may not see."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from portal.callers import Scope
from records.commits import write_commit
from states.effects import Leave
from tests.portal.conftest import SUBMISSION, House
from tests.records.making import commit, step
from tests.workflows.conftest import PATIENCE


async def until_state(client: httpx.AsyncClient, lead_id: str, state: str) -> dict[str, Any]:
    """The lead as soon as its process has recorded that it is in that state."""
    until = time.monotonic() + PATIENCE
    while True:
        lead: dict[str, Any] = (await client.get(f"/v1/leads/{lead_id}")).json()
        if lead["state"] == state:
            return lead
        assert time.monotonic() < until, lead
        await asyncio.sleep(0.05)


async def test_a_lead_is_registered_and_reviewed(house: House) -> None:
    assert house.desk is not None
    before = datetime.now(UTC)
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        answered = await portal.post("/v1/leads", json=SUBMISSION)
        assert answered.status_code == 202, answered.text
        registered = answered.json()
        assert answered.headers["Location"] == f"/v1/leads/{registered['lead_id']}"
        assert (registered["domain"], registered["state"]) == ("shop.example", "received")
        stamp = datetime.fromisoformat(registered["registered_at"])
        assert before <= stamp <= datetime.now(UTC)

        lead = await until_state(portal, registered["lead_id"], "in_review")
        assert datetime.fromisoformat(lead["registered_at"]) == stamp
        assert timedelta(days=89) < datetime.fromisoformat(lead["valid_until"]) - stamp < timedelta(days=91)
        assert lead["deadline"]["says"] == "reviewers are reminded"
        assert lead["waits_for"] == "reviewer"
        assert [(each["what"], each["by"]) for each in lead["history"]] == [("begin", "system")]
        assert lead["company"] == "Example Shop"
        listed = (await portal.get("/v1/leads", params={"state": "in_review"})).json()
        assert [each["lead_id"] for each in listed["leads"]] == [registered["lead_id"]]
        assert (await portal.get("/v1/leads", params={"state": "expired"})).json()["leads"] == []


async def test_a_lead_of_a_partner_that_leaves_before_it_is_heard_is_withdrawn(house: House, engine: Engine) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal:
        answered = await portal.post("/v1/leads", json=SUBMISSION)
        assert answered.status_code == 202
        said = step(Leave(at=datetime.now(UTC), because="bought"), trigger="leave", at=datetime.now(UTC))
        left = commit("partner:alster", 1, said, kind="partner", state="left", partner_id="alster", subject="alster")
        write_commit(engine, left, now=datetime.now(UTC))
        async with house.desk.working():
            lead = await until_state(portal, answered.json()["lead_id"], "withdrawn")
    assert [each["what"] for each in lead["history"]] == ["begin", "withdraw"]


async def test_the_same_partner_gets_its_lead_back(house: House) -> None:
    async with house.caller(Scope.PARTNER) as portal:
        first = (await portal.post("/v1/leads", json=SUBMISSION)).json()
        again = await portal.post("/v1/leads", json=SUBMISSION | {"website": "SHOP.example.", "company": "Other"})
        assert again.status_code == 200
        assert again.json()["lead_id"] == first["lead_id"]
        assert again.json()["registered_at"] == first["registered_at"]
        assert "alster has shop.example already, since" in again.json()["says"]
        other = await portal.post("/v1/leads", json=SUBMISSION | {"partner_id": "isar"})
        assert other.status_code == 202
        assert other.json()["lead_id"] != first["lead_id"]


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("shop.example", "shop.example"),
        (" HTTPS://Shop.Example:8443/a?b#c ", "shop.example"),
        ("www.shop.example.", "shop.example"),
        ("info@mail.shop.example", "shop.example"),
        ("https://blog.bücher.example", "xn--bcher-kva.example"),
        ("shop。example", "shop.example"),
    ],
)
async def test_a_domain_is_one_however_it_is_spelled(house: House, website: str, domain: str) -> None:
    async with house.caller(Scope.PARTNER) as portal:
        answered = await portal.post("/v1/leads", json=SUBMISSION | {"website": website})
        assert (answered.status_code, answered.json()["domain"]) == (202, domain)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("website", "192.0.2.7", "is an IP address"),
        ("website", "contact@gmail.com", "gives mailboxes to everybody"),
        ("website", "shop", "write it with its ending"),
        ("partner_id", "nobody", "There is no partner nobody"),
        ("partner_id", "weser", "has left the program"),
        ("contact_email", "contact", "must look like a mail address, such as contact@shop.example."),
        ("contact_email", "jürgen@shop.example", "must look like a mail address, such as contact@shop.example."),
        ("contact_email", "a..b@shop.example", "must look like a mail address"),
        ("company", "  ", "is empty"),
        ("company", "Ex\u0000ample", "no control characters"),
        ("company", "x" * 201, "at most 200 characters"),
        ("note", "x" * 4001, "at most 4000 characters"),
        ("self_closed", "yes", "must be true or false"),
        ("self_close", True, "is unknown here"),
    ],
)
async def test_a_submission_that_is_not_valid_is_told_why(
    house_without_temporal: House, field: str, value: object, says: str
) -> None:
    async with house_without_temporal.caller(Scope.PARTNER) as portal:
        answered = await portal.post("/v1/leads", json=SUBMISSION | {field: value})
    assert answered.status_code == 422
    problem = answered.json()
    assert [each["field"] for each in problem["errors"]] == [field]
    assert says in problem["detail"]


async def test_a_misspelt_filter_is_refused(house_without_temporal: House) -> None:
    async with house_without_temporal.caller(Scope.PARTNER) as portal:
        answered = await portal.get("/v1/leads", params={"partner": "alster"})
    assert answered.status_code == 422
    assert answered.json()["detail"] == "«partner» is unknown here; possible are page, partner_id, state."


async def test_a_line_break_counts_once_however_it_is_sent(house: House) -> None:
    async with house.caller(Scope.PARTNER) as portal:
        answered = await portal.post("/v1/leads", json=SUBMISSION | {"note": "x" * 3998 + "\r\n" + "y"})
    assert answered.status_code == 202


async def test_a_bound_key_knows_only_its_partner(house: House) -> None:
    async with house.caller(Scope.PARTNER) as portal, house.caller(Scope.PARTNER, partner="isar") as bound:
        foreign = (await portal.post("/v1/leads", json=SUBMISSION)).json()["lead_id"]
        refused = await bound.post("/v1/leads", json=SUBMISSION)
        assert refused.status_code == 403
        assert "bound to the partner isar" in refused.json()["detail"]
        own = (await bound.post("/v1/leads", json=SUBMISSION | {"partner_id": "isar"})).json()["lead_id"]

        unknown = (await bound.get("/v1/leads/nothing")).json()["detail"]
        hidden = await bound.get(f"/v1/leads/{foreign}")
        assert (hidden.status_code, hidden.json()["detail"]) == (404, unknown.replace("nothing", foreign))
        for action, body in (("renewal-notice", {}), ("progress-reports", {"text": "x"}), ("withdrawal", {})):
            assert (await bound.post(f"/v1/leads/{foreign}/{action}", json=body)).status_code == 404
        assert [each["lead_id"] for each in (await bound.get("/v1/leads")).json()["leads"]] == [own]
        assert (await bound.get("/v1/leads", params={"partner_id": "alster"})).json()["leads"] == []
        assert len((await portal.get("/v1/leads")).json()["leads"]) == 2
    async with house.caller(Scope.CRM, partner="isar") as crm:
        fact = {
            "fact_id": "f-1",
            "kind": "client_paid",
            "domain": "shop.example",
            "occurred_at": "2026-01-01T00:00:00Z",
        }
        assert (await crm.post("/v1/facts", json=fact)).status_code == 403
    async with house.caller(Scope.ADMIN, partner="isar") as admin:
        assert (await admin.get("/v1/partners/isar")).status_code == 200
        assert (await admin.get("/v1/partners/alster")).status_code == 404


async def test_lists_come_in_pages(house: House) -> None:
    async with house.caller(Scope.PARTNER, Scope.READ) as portal:
        wanted = []
        for number in range(53):
            answered = await portal.post("/v1/leads", json=SUBMISSION | {"website": f"shop-{number}.example"})
            wanted.append(answered.json()["lead_id"])
        first = (await portal.get("/v1/leads")).json()
        second = (await portal.get("/v1/leads", params={"page": first["next_page"]})).json()
        assert [each["lead_id"] for each in first["leads"] + second["leads"]] == wanted[::-1]
        assert (len(first["leads"]), second["next_page"]) == (50, "")
        for token in ("nonsense", "WyIyMDI2LTAxLTAxIiwgIlx1MDAwMCJd", "ü", "W10="):
            answered = await portal.get("/v1/leads", params={"page": token})
            assert (answered.status_code, answered.json()["errors"][0]["field"]) == (422, "page"), token
