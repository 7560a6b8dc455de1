"""What partners say about their leads: the process hears it, the words stay in SQL."""

from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine

from portal.callers import Scope
from records.erasing import erase_person
from records.notes import notes_on
from records.people import ERASED, NOBODY
from tests.portal.conftest import SUBMISSION, House
from tests.portal.test_leads import until_state
from tests.workflows.conftest import ACCEPT


async def accepted(house: House, portal: httpx.AsyncClient, **more: Any) -> str:
    """A lead that staff have accepted."""
    assert house.desk is not None
    lead_id: str = (await portal.post("/v1/leads", json=SUBMISSION | more)).json()["lead_id"]
    await until_state(portal, lead_id, "in_review")
    await house.desk.client.get_workflow_handle(f"lead:{lead_id}").execute_update("accept", ACCEPT)
    await until_state(portal, lead_id, "accepted")
    return lead_id


async def test_notice_report_and_withdrawal(house: House, engine: Engine) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        lead_id = await accepted(house, portal, self_closed=True)
        report = {"text": "Two calls.\nThe contact is Someone Somewhere."}
        reported = await portal.post(f"/v1/leads/{lead_id}/progress-reports", json=report)
        assert reported.status_code == 202
        assert reported.headers["Location"] == f"/v1/leads/{lead_id}"
        noticed = await portal.post(f"/v1/leads/{lead_id}/renewal-notice")
        assert noticed.status_code == 202
        lead = await until_state(portal, lead_id, "renewal_asked")
        assert lead["notes"] == [
            {"kind": "report_progress", "at": reported.json()["received_at"], "text": report["text"]}
        ]
        at = {each["what"]: (each["at"], each["by"]) for each in lead["history"]}
        assert at["report_progress"] == (reported.json()["received_at"], "partner")
        assert at["give_notice"] == (noticed.json()["received_at"], "partner")
        assert at["accept"][1] == "staff"

        (await portal.post(f"/v1/leads/{lead_id}/withdrawal", json={"text": "lost touch"})).raise_for_status()
        await until_state(portal, lead_id, "withdrawn")
        over = await portal.post(f"/v1/leads/{lead_id}/progress-reports", json=report)
        assert (over.status_code, over.json()["type"]) == (409, "http://portal.example/problems#over")
        assert len(notes_on(engine, f"lead:{lead_id}")) == 2
    history = await house.desk.client.get_workflow_handle(f"lead:{lead_id}").fetch_history()
    assert "Someone" not in history.to_json()
    assert "contact@shop" not in history.to_json()


async def test_erasing_the_contact_erases_what_was_written(house: House, engine: Engine, tmp_path: Path) -> None:
    async with house.caller(Scope.PARTNER) as portal:
        lead_id = (await portal.post("/v1/leads", json=SUBMISSION)).json()["lead_id"]
        await portal.post(f"/v1/leads/{lead_id}/progress-reports", json={"text": "Someone called."})
        erase_person(engine, "contact@shop.example", mail_folder=tmp_path)
        lead = (await portal.get(f"/v1/leads/{lead_id}")).json()
        assert (lead["contact_name"], lead["contact_email"], lead["note"], lead["notes"]) == (NOBODY, ERASED, "", [])


async def test_what_has_no_effect_now_is_said(house: House) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        lead_id = (await portal.post("/v1/leads", json=SUBMISSION)).json()["lead_id"]
        await until_state(portal, lead_id, "in_review")
        noticed = await portal.post(f"/v1/leads/{lead_id}/renewal-notice", json={"text": "still at it"})
        assert noticed.status_code == 202
        assert "is in review, where it has no effect" in noticed.json()["says"]


async def test_a_report_must_say_something(house: House) -> None:
    async with house.caller(Scope.PARTNER) as portal:
        lead_id = (await portal.post("/v1/leads", json=SUBMISSION)).json()["lead_id"]
        for body in ({}, {"text": "  "}, {"text": 7}, {"text": "x", "by": "someone"}):
            answered = await portal.post(f"/v1/leads/{lead_id}/progress-reports", json=body)
            assert answered.status_code == 422, body
