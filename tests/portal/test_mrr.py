"""MRR over HTTP: good lines are taken, bad ones come back, and a file may come as often as it likes."""

import json
from typing import Any

import httpx
import pytest

from portal.callers import Scope
from portal.mrr import MOST_LINES
from records.tables import imports, mrr
from tests.portal.conftest import House
from tests.records.making import rows

HEADING = "account,month,email_mrr,sms_mrr"
CSV = {"content-type": "text/csv; charset=utf-8"}


async def entered(crm: httpx.AsyncClient, *accounts: str) -> None:
    for account in accounts:
        answer = await crm.put(f"/v1/client-accounts/{account}", json={"domain": f"{account.lower()}.example"})
        assert answer.status_code in (200, 201), answer.text


async def load(crm: httpx.AsyncClient, *lines: str, **more: Any) -> httpx.Response:
    return await crm.post("/v1/mrr", content="\n".join((HEADING, *lines)), headers=CSV, **more)


async def test_a_file_is_taken_once_however_often_it_comes(house: House) -> None:
    async with house.caller(Scope.CRM) as crm:
        await entered(crm, "Ab12Cd", "Xy98Zw")
        lines = ("Ab12Cd,2026-01,100.50,20", "Xy98Zw,2026-01,7,0")
        first = await load(crm, *lines)
        assert first.status_code == 200, first.text
        assert (first.json()["taken"], first.json()["corrected"]) == (2, 0)
        [noted] = rows(house.engine, imports)
        assert noted["id"] == first.json()["import_id"]
        again = (await load(crm, *lines)).json()
        assert (again["taken"], again["unchanged"], again["import_id"]) == (0, 2, "")
        as_json = json.dumps({"account": "Ab12Cd", "month": "2026-01", "email_mrr": 90, "sms_mrr": "20.00"})
        corrected = await crm.post("/v1/mrr", content=as_json, headers={"content-type": "application/x-ndjson"})
        assert corrected.json()["corrected"] == 1


async def test_bad_lines_come_back_with_number_and_reason_and_the_others_are_taken(house: House) -> None:
    async with house.caller(Scope.CRM) as crm:
        await entered(crm, "Ab12Cd")
        answer = await load(
            crm, "Ab12Cd,2026-01,100,0", "Zz99Zz,2026-01,1,0", "Ab12Cd,2026-01,5,0", "Ab12Cd,2999-01,5,0",
            "Ab12Cd,2026-02,-5,0", "Ab12Cd,2026-02,many,0",
        )  # fmt: skip
        assert answer.status_code == 422
        problem = answer.json()
        assert problem["type"].endswith("#lines-refused")
        assert problem["detail"].startswith("Of 6 lines 1 were taken")
        found = {each["field"]: each["detail"] for each in problem["errors"]}
        assert list(found) == ["line 3", "line 4", "line 5", "line 6", "line 7"]
        assert "PUT /v1/client-accounts/Zz99Zz" in found["line 3"]
        assert "stands in line 2 already" in found["line 4"]
        assert "lies in the future" in found["line 5"]
        assert [(row["account"], row["email_cents"]) for row in rows(house.engine, mrr)] == [("Ab12Cd", 10000)]


@pytest.mark.parametrize(
    ("content", "kind", "status", "says"),
    [
        ("account;month\n", "text/csv", 422, "The first line names the columns"),
        ("", "text/csv", 422, "The first line names the columns"),
        (HEADING, "text/plain", 415, "Send MRR as text/csv or as application/x-ndjson"),
        (HEADING + "\n" * (MOST_LINES + 3), "text/csv", 413, "at most 50,000 lines"),
    ],
)
async def test_a_file_that_is_none_is_refused_whole(
    house: House, content: str, kind: str, status: int, says: str
) -> None:
    async with house.caller(Scope.CRM) as crm:
        answer = await crm.post("/v1/mrr", content=content, headers={"content-type": kind})
        assert answer.status_code == status
        assert says in answer.json()["detail"]
        assert rows(house.engine, mrr) == []


async def test_mrr_concerns_all_partners(house: House) -> None:
    async with house.caller(Scope.CRM, partner="alster") as bound:
        answer = await load(bound, "Ab12Cd,2026-01,1,0")
        assert answer.status_code == 403
