"""Facts about partners come in, and where a partner stands is told: over HTTP and on its page."""

from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from portal.callers import Scope
from records.tables import outbox, partner_facts
from tests.portal.conftest import JOINED, House
from tests.records.telling import certify, manage, refer, tell
from tests.workflows.conftest import eventually

CERTIFIED: dict[str, Any] = {
    "source": "academy",
    "fact_id": "certificate-1",
    "occurred_at": "2026-01-20T15:30:00Z",
    "fact": {"kind": "certification", "course": "product", "person": "e-17", "percent": 92, "until": "2027-01-31"},
}


async def test_a_fact_is_one_fact_however_often_it_is_sent(house_without_temporal: House) -> None:
    async with house_without_temporal.caller(Scope.CRM) as crm:
        first = await crm.post("/v1/partners/alster/facts", json=CERTIFIED)
        again = await crm.post("/v1/partners/alster/facts", json=CERTIFIED)
        other = await crm.post("/v1/partners/isar/facts", json=CERTIFIED)
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 409)
    assert (first.json()["known_before"], again.json()["known_before"]) == (False, True)
    assert first.json()["says"] == "Recorded: certification of alster."
    with house_without_temporal.engine.connect() as database:
        (kept,) = database.execute(select(partner_facts)).mappings().all()
    assert kept["said"] == {"course": "product", "person": "e-17", "percent": "92", "until": "2027-01-31"}


@pytest.mark.parametrize(
    ("partner", "changes", "status"),
    [
        ("nobody", {}, 404),
        ("alster", {"occurred_at": "2999-01-01T00:00:00Z"}, 422),
        ("alster", {"fact": {"kind": "weather", "sunny": True}}, 422),
        ("alster", {"fact": {**CERTIFIED["fact"], "percent": 101}}, 422),
        ("alster", {"fact": {**CERTIFIED["fact"], "percent": "NaN"}}, 422),
        ("alster", {"fact": {**CERTIFIED["fact"], "person": "Somebody With A Name"}}, 422),
        ("alster", {"fact": {"kind": "website", "evidence": ["billboard"]}}, 422),
    ],
)
async def test_what_is_no_fact_is_refused(
    house_without_temporal: House, partner: str, changes: dict[str, Any], status: int
) -> None:
    async with house_without_temporal.caller(Scope.CRM) as crm:
        answer = await crm.post(f"/v1/partners/{partner}/facts", json={**CERTIFIED, **changes})
    assert answer.status_code == status
    with house_without_temporal.engine.connect() as database:
        assert database.execute(select(partner_facts)).first() is None


def well_off(house: House, partner: str) -> None:
    """Gold as an advisor; as a master, SMS MRR is missing."""
    now = house.desk.now() if house.desk else JOINED
    certify(house.engine, partner, at=now)
    refer(house.engine, partner, 2_500, 160, paid=now)
    manage(house.engine, partner, 2_600, since=now)
    tell(house.engine, partner, "website", at=now, evidence=["badge"])
    tell(house.engine, partner, "services", at=now, services=["implementation"])


async def test_where_a_partner_stands(house: House) -> None:
    well_off(house, "alster")
    async with house.caller(Scope.PARTNER, partner="alster") as partner:
        answer = (await partner.get("/v1/partners/alster/standing")).json()
        assert (await partner.get("/v1/partners/isar/standing")).status_code == 404
    assert (answer["track"], answer["tier"], answer["state"]) == ("advisor", "silver", "member")
    assert answer["next"]["checklist"] == "Platinum: 5 of 6; missing: $7,340 MRR referred"
    gold = next(each for each in answer["tiers"] if (each["track"], each["tier"]) == ("master", "gold"))
    assert gold["checklist"] == "Gold: 8 of 9; missing: $340 SMS MRR referred"
    sms = gold["requirements"][1]
    assert (sms["needed"], sms["found"], sms["missing"]) == ("500", "160.00", "340.00")
    assert answer["history"] == [
        {"track": "advisor", "tier": "silver", "since": "2020-01-01T00:00:00Z", "until": None, "why": "joined"}
    ]


async def test_a_partner_that_is_entered_rises_by_its_facts(house: House) -> None:
    assert house.desk is not None
    entry = {"name": "Oder Commerce", "contact_name": "Desk", "contact_email": "desk@oder.example"}
    async with house.desk.working(), house.caller(Scope.ADMIN) as admin, house.caller(Scope.CRM) as crm:
        assert (await admin.put("/v1/partners/oder", json=entry)).status_code == 201
        now = house.desk.now()
        refer(house.engine, "oder", 300, paid=now)
        for course in ("product", "partner"):
            fact = {**CERTIFIED["fact"], "course": course, "until": None}
            report = {**CERTIFIED, "fact_id": course, "fact": fact}
            assert (await crm.post("/v1/partners/oder/facts", json=report)).status_code == 202

        async def tier() -> bool:
            found = await admin.get("/v1/partners/oder/standing")
            return bool(found.json()["tier"] == "silver")

        await eventually(tier)
        # Correcting the entry leaves the tier that its facts gave.
        corrected = await admin.put("/v1/partners/oder", json={**entry, "name": "Oder & Co."})
        assert (corrected.status_code, corrected.json()["tier"]) == (200, "silver")
        # Leaving by the entry ends it.
        await admin.put("/v1/partners/oder", json={**entry, "active": False})

        async def left() -> bool:
            return bool((await admin.get("/v1/partners/oder/standing")).json()["state"] == "left")

        await eventually(left)
        shown = (await admin.get("/v1/partners/oder/standing")).json()
        assert shown["says"] == (
            "It is no partner any more: it has left the program. It was silver on the advisor track."
        )
        assert (shown["next"], shown["at_risk"], shown["could_be"]) == (None, None, "")


async def test_its_page_has_the_checklist_and_a_picture(house: House) -> None:
    well_off(house, "alster")
    async with house.caller() as staff:
        page = await staff.get("/partners/alster")
        assert (await staff.get("/partners/nobody")).status_code == 404
    assert page.status_code == 200
    assert "Platinum: 5 of 6; missing: $7,340 MRR referred." in page.text
    svg = ElementTree.fromstring(page.text[page.text.index("<svg") : page.text.index("</svg>") + 6])
    bars = [each for each in svg if each.tag.endswith("rect")]
    assert [float(each.attrib["width"]) for each in bars[:4]] == [300, 79.8, 300, 300]
    assert svg.attrib["aria-label"] == "The way to platinum: Platinum: 5 of 6; missing: $7,340 MRR referred"
    assert "style" not in page.text[page.text.index("<svg") :]
    assert "script" not in page.text


async def test_facts_of_a_partner_without_a_process_wait_for_it(house_without_temporal: House) -> None:
    async with house_without_temporal.caller(Scope.CRM) as crm:
        await crm.post("/v1/partners/alster/facts", json=CERTIFIED)
    with house_without_temporal.engine.connect() as database:
        assert database.execute(select(outbox)).first() is None
