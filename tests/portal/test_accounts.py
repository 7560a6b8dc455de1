"""Managed accounts over HTTP: submitting, and again; listing, reading; what their partner can say."""

import asyncio
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select, update

from portal.callers import Scope
from program.calendar import last_day, program_date
from records.accounts import account, process_of
from records.database import reading, writing
from records.mailbox import delivered_mails
from records.tables import outbox, processes
from tests.portal.conftest import House
from tests.workflows.conftest import PATIENCE

CORRECTED = {"contact_name": "Someone Else", "contact_email": "else@shop.example"}


@pytest.fixture
def key() -> str:
    """An account of one's own: all tests share one Temporal server, where an id is begun once."""
    return uuid.uuid4().hex[:6]


def submission(key: str, **changed: str) -> dict[str, str]:
    """A submission by the partner alster, unless changed."""
    return {
        "partner_id": "alster", "api_key": key, "contact_name": "Someone Somewhere",
        "contact_email": "someone@shop.example", **changed,
    }  # fmt: skip


def at(key: str, partner: str = "alster") -> str:
    """Where the account is read."""
    return f"/v1/accounts/{key}/{partner}"


async def until(client: httpx.AsyncClient, path: str, **expected: Any) -> dict[str, Any]:
    """The account as soon as its process has recorded what is expected."""
    limit = time.monotonic() + PATIENCE
    while True:
        found: dict[str, Any] = (await client.get(path)).json()
        if all(found[name] == value for name, value in expected.items()):
            return found
        assert time.monotonic() < limit, found
        await asyncio.sleep(0.05)


async def question(engine: Engine, *, to: str) -> str:
    """The text of the mail that asks the client, as soon as it has been delivered."""
    limit = time.monotonic() + PATIENCE
    while True:
        for mail in delivered_mails(engine, to=to):
            if "confirm:" in mail.subject:
                return mail.text
        assert time.monotonic() < limit, f"nobody has asked {to}"
        await asyncio.sleep(0.05)


async def client_says(house: House, says: str, key: str, partner: str = "alster") -> None:
    """As the client's page does it."""
    assert house.desk is not None
    handle = house.desk.client.get_workflow_handle(process_of(key, partner))
    await handle.signal(says, {"id": f"{says}-{partner}", "at": datetime.now(UTC).isoformat(), "by": "client"})


async def test_an_account_is_submitted_and_confirmed(house: House, key: str) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        answered = await portal.post("/v1/accounts", json=submission(key))
        assert answered.status_code == 202, answered.text
        assert answered.headers["Location"] == at(key)
        said = answered.json()
        assert (said["request"], said["state"], said["managed_by_another"]) == (1, "received", False)
        assert "Its client is asked by mail to confirm." in said["says"]

        waiting = await until(portal, at(key), state="waiting")
        stamp = datetime.fromisoformat(said["requested_at"])
        assert datetime.fromisoformat(waiting["requested_at"]) == stamp
        lapses = datetime.fromisoformat(waiting["lapses_at"])
        assert last_day(lapses) == program_date(stamp) + timedelta(days=30)
        assert (waiting["waits_for"], waiting["vendor"]) == ("client", "undecided")
        assert waiting["deadline"]["says"] == "the client is reminded"
        assert (waiting["contact_name"], waiting["contact_email"]) == ("Someone Somewhere", "someone@shop.example")
        again = await portal.post("/v1/accounts", json=submission(key))
        assert again.status_code == 200
        assert "has submitted" in again.json()["says"]

        await client_says(house, "client_confirms", key)
        active = await until(portal, at(key), state="active")
        assert active["client_confirmed_at"]
        assert active["lapses_at"] is None
        assert [(each["what"], each["by"]) for each in active["history"]] == [
            ("begin", "system"), ("client_confirms", "client"),
        ]  # fmt: skip
        again = await portal.post("/v1/accounts", json=submission(key))
        assert again.status_code == 200
        assert f"{key} is active for alster already" in again.json()["says"]
        listed = (await portal.get("/v1/accounts", params={"state": "active", "partner_id": "alster"})).json()
        assert [each["api_key"] for each in listed["accounts"]] == [key]
        assert (await portal.get("/v1/accounts", params={"state": "waiting"})).json()["accounts"] == []
        assert (await portal.get("/v1/accounts", params={"api_key": "Zz99Zz"})).json()["accounts"] == []
    history = await house.desk.client.get_workflow_handle(f"account:{key}:alster").fetch_history()
    assert "Someone" not in history.to_json()
    assert "shop.example" not in history.to_json()


async def test_another_partner_may_ask_and_the_client_decides(house: House, key: str, engine: Engine) -> None:
    assert house.desk is not None
    other = submission(key, partner_id="isar", contact_email="other@shop.example")
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        await portal.post("/v1/accounts", json=submission(key))
        await until(portal, at(key), state="waiting")
        await client_says(house, "client_confirms", key)
        await until(portal, at(key), state="active")
        answered = await portal.post("/v1/accounts", json=other)
        assert answered.status_code == 202
        assert answered.json()["managed_by_another"] is True
        assert "confirming isar ends that" in answered.json()["says"]
        assert "alster" not in answered.text
        await until(portal, at(key, "isar"), state="waiting")
        # Answered sooner than it is sent, the question would not be sent any more.
        asked = await question(engine, to="other@shop.example")
        await client_says(house, "client_confirms", key, "isar")
        await until(portal, at(key, "isar"), state="active")
        assert (await until(portal, at(key), state="superseded"))["outcome"] == "superseded"
    assert "managed by Alster Commerce. If you confirm Isar Commerce, that ends" in asked


@pytest.mark.parametrize("ending", ["client_denies", "end"])
async def test_what_is_over_may_be_submitted_again(house: House, key: str, ending: str) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        await portal.post("/v1/accounts", json=submission(key))
        await until(portal, at(key), state="waiting")
        if ending == "end":
            ended = await portal.post(f"{at(key)}/end", json={"text": "We do not work for them any more."})
            assert ended.status_code == 202
        else:
            await client_says(house, ending, key)
        over = await until(portal, at(key), state="ended" if ending == "end" else "denied")
        assert len(over["notes"]) == (ending == "end")

        again = await portal.post("/v1/accounts", json=submission(key) | CORRECTED)
        assert (again.status_code, again.json()["request"]) == (202, 2)
        waiting = await until(portal, at(key), state="waiting")
        assert (waiting["request"], waiting["contact_name"], waiting["outcome"]) == (2, "Someone Else", "")
        assert [each["what"] for each in waiting["history"]][-1] in ("begin", "submit_again")


async def test_what_staff_bring_back_while_it_is_submitted_again_goes_on_and_may_be_submitted_after_its_end(
    house: House, key: str, engine: Engine
) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        await portal.post("/v1/accounts", json=submission(key))
        await until(portal, at(key), state="waiting")
        # Reinstated, which is not recorded yet.
        with writing(engine) as connection:
            its_own = processes.c.process == process_of(key, "alster")
            connection.execute(update(processes).where(its_own).values(state="voided"))
        again = await portal.post("/v1/accounts", json=submission(key) | CORRECTED)
        assert (again.status_code, again.json()["request"]) == (202, 2)
        await until(portal, at(key), state="waiting", request=2, contact_email="else@shop.example")
        assert (await portal.post("/v1/accounts", json=submission(key))).status_code == 200
        assert (await portal.post(f"{at(key)}/end", json={"text": "A mistake of ours."})).status_code == 202
        await until(portal, at(key), state="ended")
        last = await portal.post("/v1/accounts", json=submission(key))
        assert (last.status_code, last.json()["request"]) == (202, 3)
        await until(portal, at(key), state="waiting", request=3)


async def test_the_contact_is_corrected_while_the_client_is_waited_for(house: House, key: str, engine: Engine) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        await portal.post("/v1/accounts", json=submission(key))
        before = await until(portal, at(key), state="waiting")
        corrected = await portal.post(f"{at(key)}/contact", json=CORRECTED, headers={"Idempotency-Key": "one"})
        assert corrected.status_code == 202
        replayed = await portal.post(f"{at(key)}/contact", json=CORRECTED, headers={"Idempotency-Key": "one"})
        assert replayed.json() == corrected.json()
        after = await until(portal, at(key), contact_email="else@shop.example")
        assert after["lapses_at"] == before["lapses_at"]
        found = account(engine, process_of(key, "alster"))
        assert found is not None
        assert (found.contact.number, found.facts["link"]) == (2, 2)
        for status in (202, 202, 429):
            again = await portal.post(f"{at(key)}/contact", json=CORRECTED)
            assert again.status_code == status, again.text
        assert "What was sent last stands; correct it again tomorrow." in again.json()["detail"]
        await client_says(house, "client_denies", key)
        await until(portal, at(key), state="denied")
        over = await portal.post(f"{at(key)}/contact", json=CORRECTED)
        assert (over.status_code, over.json()["type"]) == (409, "http://portal.example/problems#over")


async def test_a_mail_that_came_back_is_told_to_the_partner(house: House, key: str, engine: Engine) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER, Scope.CRM) as portal, house.desk.working():
        await portal.post("/v1/accounts", json=submission(key))
        await until(portal, at(key), state="waiting")
        with reading(engine) as connection:
            sent = connection.execute(select(outbox.c.message_id).where(outbox.c.to == "client")).scalar_one()
        bounce = {
            "source": "mail", "fact_id": "b-1", "message_id": f"<{sent}@vendor.example>",
            "occurred_at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        for _ in range(2):
            answered = await portal.post("/v1/bounces", json=bounce)
            assert answered.status_code == 202, answered.text
            assert answered.json()["told"] is True
        known = await until(portal, at(key))
        while not known["mail_came_back_at"]:
            known = await until(portal, at(key))
        assert [each["what"] for each in known["history"]] == ["begin", "mail_bounced"]
        other = await portal.post("/v1/bounces", json=bounce | {"occurred_at": "2026-01-20T15:30:00Z"})
        assert (other.status_code, other.json()["type"]) == (409, "http://portal.example/problems#other-fact")
        unknown = await portal.post("/v1/bounces", json=bounce | {"fact_id": "b-2", "message_id": "<x@y>"})
        assert unknown.status_code == 422
        assert "No mail of ours to a client" in unknown.json()["detail"]
        limit = time.monotonic() + PATIENCE
        while not any("came back" in mail.subject for mail in delivered_mails(engine, to="contact@alster.example")):
            assert time.monotonic() < limit
            await asyncio.sleep(0.05)


async def test_a_foreign_account_is_not_there(house: House, key: str) -> None:
    async with house.caller(Scope.PARTNER) as portal:
        await portal.post("/v1/accounts", json=submission(key))
    async with house.caller(Scope.PARTNER, partner="isar") as isar:
        assert (await isar.post("/v1/accounts", json=submission(key))).status_code == 403
        assert (await isar.get(at(key))).status_code == 404
        assert (await isar.post(f"{at(key)}/contact", json=CORRECTED)).status_code == 404
        assert (await isar.post(f"{at(key)}/end")).status_code == 404
        assert (await isar.get("/v1/accounts")).json()["accounts"] == []
        assert (await isar.get("/v1/accounts", params={"partner_id": "alster"})).json()["accounts"] == []
        assert (await isar.get("/v1/accounts", params={"api_key": key})).json()["accounts"] == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"api_key": "Ab12C"}, "«api_key» can't be Ab12C: an account's public API key has 6 letters and digits"),
        ({"api_key": "Ab-2Cd"}, "«api_key»"),
        ({"partner_id": "nobody"}, "There is no partner nobody"),
        ({"partner_id": "weser"}, "has left the program"),
        ({"contact_email": "nobody"}, "«contact_email»"),
    ],
)
async def test_what_can_not_be_submitted_is_said(
    house_without_temporal: House, changed: dict[str, str], sentence: str
) -> None:
    async with house_without_temporal.caller(Scope.PARTNER) as portal:
        answered = await portal.post("/v1/accounts", json=submission("Ab12Cd", **changed))
        assert answered.status_code == 422
        assert sentence in answered.json()["detail"]


async def test_what_temporal_does_not_hold_shows_nowhere(
    house_without_temporal: House, key: str, engine: Engine
) -> None:
    async with house_without_temporal.caller(Scope.PARTNER) as portal:
        assert (await portal.post("/v1/accounts", json=submission(key))).status_code == 503
        assert (await portal.get("/v1/accounts")).json()["accounts"] == []
        assert (await portal.get(at(key))).status_code == 404
    assert account(engine, process_of(key, "alster")) is None
