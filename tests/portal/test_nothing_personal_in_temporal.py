"""A whole run in which everybody has a name and an address that stand nowhere else, and a search for them in Temporal.

Searched are the raw files of Temporal's database, every history decoded, what can be searched by in the Web UI, and all
logs. The last test plants a value where it must not be, and finds it by each of these ways.
"""

import asyncio
import base64
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from portal.callers import Scope
from records.links import CODE_LETTERS
from records.sign_ins import address_of_sign_in
from records.tables import metadata, outbox, processes, sign_ins
from rehearsal.clients import answer
from tests.portal.clients import ClientAccount, at_the_page
from tests.portal.conftest import SUBMISSION, House
from tests.portal.test_applications import APPLICATION, decide, in_state
from tests.portal.test_leads import until_state
from tests.portal.visiting import browser
from tests.records.making import rows
from tests.workflows.conftest import ACCEPT, SIGNER, Server, eventually

# Nobody else's words contain these.
OF_PARTNER, COLLEAGUE, OF_LEAD, CLIENT, CORRECTED, OF_SECOND, APPLICANT = (
    ("Quirinella Vexley", "quirinella@zq-partner.example"),
    ("Ottokar Wöhlmund", "ottokar@zq-partner.example"),
    ("Jorinde Plumbottom", "jorinde@zq-lead.example"),
    ("Balduin Knarrfuß", "balduin@zq-client.example"),
    ("Hesperia Zwirn", "hesperia@zq-client.example"),
    ("Malwine Trudpert", "malwine@zq-other.example"),
    ("Xaver Opfinger", "xaver@zq-applicant.example"),
)
PEOPLE = (OF_PARTNER, COLLEAGUE, OF_LEAD, CLIENT, CORRECTED, OF_SECOND, APPLICANT)
# A part of a name betrays the person as well.
PLANTED = tuple(part for name, address in PEOPLE for part in (*name.split(), address, address.partition("@")[0]))


def found_in(haystack: bytes, planted: Iterable[str] = PLANTED) -> set[str]:
    """Which of the values stand in these bytes: as they are, in any case, escaped as JSON does it, or in base64."""
    lowered = haystack.lower()
    return {each for each in planted if any(form in lowered for form in _plain(each)) or _in_base64(each, haystack)}


def _plain(value: str) -> tuple[bytes, ...]:
    escaped = value.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
    return value.lower().encode(), value.encode("utf-16-le").lower(), escaped.lower()


def _in_base64(value: str, haystack: bytes) -> bool:
    # What stands before it shifts it by a part of a letter; the letters at its ends depend on its neighbours.
    shifted = (base64.b64encode(b" " * shift + value.encode())[4:-4] for shift in range(3))
    return any(len(form) > 6 and form in haystack for form in shifted)


async def raw_files(server: Server) -> dict[str, bytes]:
    """Temporal's database as it lies on the disk, with what has not been merged into it yet, and the server's log."""
    return await asyncio.to_thread(lambda: {file.name: file.read_bytes() for file in server.directory.iterdir()})


async def told_to_temporal(client: Client, queue: str) -> dict[str, bytes]:
    """Of every process of one queue: its decoded history, and all by which the Web UI can find or show it."""
    told: dict[str, bytes] = {}
    async for found in client.list_workflows(f"TaskQueue='{queue}'"):
        history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
        payloads = [payload.data for payload in _payloads(history.events)]
        told[f"history of {found.id}"] = history.to_json().encode() + b"\n".join(payloads)
        shown = (found.id, found.raw_info, found.typed_search_attributes, await found.memo())
        told[f"attributes of {found.id}"] = str(shown).encode()
    return told


def _payloads(message: Any) -> Iterable[Any]:
    """All payloads in some part of a history, however deep."""
    if not hasattr(message, "DESCRIPTOR"):
        for each in message:
            yield from _payloads(each)
        return
    if message.DESCRIPTOR.name == "Payload":
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            yield from _payloads([each for each in value.values() if hasattr(each, "DESCRIPTOR")])
        else:
            yield from _payloads([value] if hasattr(value, "DESCRIPTOR") else value)


def person(of: tuple[str, str]) -> dict[str, str]:
    return {"contact_name": of[0], "contact_email": of[1]}


async def ok(sent: Any) -> httpx.Response:
    answered: httpx.Response = await sent
    assert answered.status_code < 400, answered.text
    return answered


async def a_lead(house: House) -> None:
    """Registered, reported on, accepted, paid."""
    async with house.caller(Scope.PARTNER, Scope.CRM) as portal:
        about = {"company": "ZQ Lead", "website": "zq-lead.example", "note": f"{OF_LEAD[0]} wants it."}
        sent = await ok(portal.post("/v1/leads", json=SUBMISSION | person(OF_LEAD) | about))
        lead_id = sent.json()["lead_id"]
        await until_state(portal, lead_id, "in_review")
        assert house.desk is not None
        await house.desk.client.get_workflow_handle(f"lead:{lead_id}").execute_update("accept", ACCEPT)
        await until_state(portal, lead_id, "accepted")
        said = {"text": f"{OF_LEAD[0]} <{OF_LEAD[1]}> answers."}
        await ok(portal.post(f"/v1/leads/{lead_id}/progress-reports", json=said))
        paid = {"source": "crm", "fact_id": lead_id, "kind": "client_paid", "lead_id": lead_id}
        await ok(portal.post("/v1/facts", json={**paid, "occurred_at": datetime.now(UTC).isoformat()}))
        await until_state(portal, lead_id, "credited")


async def an_account(house: House) -> None:
    """Corrected while it waits, a wrong code, confirmed by the client, and then taken over by another partner."""
    key = "zq1234"
    async with house.caller(Scope.PARTNER, Scope.CRM) as portal, at_the_page(house) as page:
        first = await _submitted(house, portal, key, "alster", CLIENT)
        await first.letter("Please confirm")
        await ok(portal.post(f"/v1/accounts/{key}/alster/contact", json=person(CORRECTED)))
        letter = await _at(house, key, "alster", CORRECTED).letter("Please confirm")
        other = next(each for each in CODE_LETTERS if each != letter.code[0])
        assert (
            "code" in (await page.post(letter.path, data={"answer": "confirm", "code": other + letter.code[1:]})).text
        )
        await answer(page, letter, "confirm")
        await first.becomes("active")
        second = await _submitted(house, portal, key, "isar", OF_SECOND)
        await answer(page, await second.letter("Please confirm"), "confirm")
        await second.becomes("active")
        await first.becomes("superseded")
        await ok(portal.put(f"/v1/client-accounts/{key}", json={"domain": "zq-client.example"}))
        sheet = f"account,month,email_mrr,sms_mrr\n{key},2026-01,9000.50,20\n"
        await ok(portal.post("/v1/mrr", content=sheet, headers={"content-type": "text/csv"}))
        refused = await portal.post("/v1/mrr", content=f"{CLIENT[0]}\n", headers={"content-type": "text/csv"})
        assert refused.status_code == 422


def _at(house: House, key: str, partner: str, whom: tuple[str, str]) -> ClientAccount:
    class Named(ClientAccount):
        address = whom[1]

    return Named(house, key, partner)


async def _submitted(
    house: House, portal: httpx.AsyncClient, key: str, partner: str, whom: tuple[str, str]
) -> ClientAccount:
    await ok(portal.post("/v1/accounts", json={"partner_id": partner, "api_key": key, **person(whom)}))
    return _at(house, key, partner, whom)


async def an_application(house: House) -> None:
    """Asked for information, approved, acknowledged; and the same company once more by another person."""
    async with house.caller(Scope.APPLY) as portal:
        form = APPLICATION | person(APPLICANT) | {"website": "zq-applicant.example", "client_profile": APPLICANT[0]}
        application_id = (await ok(portal.post("/v1/applications", json=form))).json()["application_id"]
        await in_state(portal, application_id, "in_review")
        await decide(house, application_id, "ask_information", "reviewer@vendor.example: which systems?")
        await in_state(portal, application_id, "information_asked")
        await ok(portal.post(f"/v1/applications/{application_id}/information", json={"text": f"Ask {APPLICANT[0]}."}))
        await in_state(portal, application_id, "in_review")
        await ok(portal.post("/v1/applications", json=form | person(COLLEAGUE)))
        await decide(house, application_id, "approve", "reviewer@vendor.example: a good fit")
        agreed = {"version": "1", "name": APPLICANT[0]}
        await ok(portal.post(f"/v1/applications/{application_id}/agreement", json=agreed))


async def a_partner_and_its_people(house: House) -> None:
    """Entered over HTTP, a colleague added, who signs in by a link and looks around; a stranger tries."""
    async with house.caller(Scope.ADMIN) as portal:
        await ok(portal.put("/v1/partners/zq", json={"name": "ZQ Agency", "country": "DE", **person(OF_PARTNER)}))
        entry = {"name": COLLEAGUE[0], "address": COLLEAGUE[1]}
        await ok(portal.put("/v1/partners/zq/people/colleague", json=entry))
    async with browser(house) as visitor:
        await ok(visitor.post("/sign-in", data={"address": COLLEAGUE[1]}))
        [asked] = [row["id"] for row in rows(house.engine, sign_ins)]
        link = address_of_sign_in(asked, portal_url="", signer=SIGNER)
        assert (await visitor.post(link)).status_code == 303
        assert (await visitor.get("/my/zq/leads")).status_code == 200
        assert (await visitor.get("/my/alster/leads")).status_code in (403, 404)


async def all_are_there(house: House) -> bool:
    """Whether all that have begun, of every kind, are recorded and listed, and none is about to begin."""
    assert house.desk is not None
    if any(row["kind"] == "signal" and row["status"] == "waiting" for row in rows(house.engine, outbox)):
        return False
    recorded = {row["process"]: row["kind"] for row in rows(house.engine, processes)}
    listed = {found.id async for found in house.desk.client.list_workflows(f"TaskQueue='{house.desk.queue}'")}
    return listed == recorded.keys() and {"lead", "account", "application", "partner"} <= set(recorded.values())


async def test_no_name_and_no_address_is_in_temporal_or_in_a_log(
    house: House, temporal_server: Server, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    assert house.desk is not None
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.WARNING, "httpx")  # what callers log is theirs
    async with house.desk.working():
        together = (a_lead(house), an_account(house), an_application(house), a_partner_and_its_people(house))
        await asyncio.gather(*together)
        await eventually(lambda: all_are_there(house))

    in_records = str([rows(engine, table) for table in metadata.sorted_tables]).encode()
    assert not set(PLANTED) - found_in(in_records), "everybody was there"
    kinds = {row["kind"] for row in rows(engine, processes)}
    assert kinds >= {"lead", "account", "application", "partner"}
    told = await told_to_temporal(house.desk.client, house.desk.queue)
    assert len(told) == 2 * len(rows(engine, processes))
    logs = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records) + caplog.text
    for where, haystack in {**told, **await raw_files(temporal_server), "logs": logs.encode()}.items():
        assert not found_in(haystack), where


async def test_what_is_planted_in_a_process_is_found(house: House, temporal_server: Server) -> None:
    assert house.desk is not None
    named, marked = "Ermentrude Zq-Planted", "zq-attribute@planted.example"
    told_as = {"someone": named, "in": [{"base64": base64.b64encode(f"x{marked}".encode()).decode()}]}
    # Nobody works for it: only what it was given is there.
    client, queue = house.desk.client, house.desk.queue
    await client.start_workflow("Nothing", told_as, id="zq-nothing", task_queue=queue, memo={"for": named})

    async def listed() -> bool:
        return bool(await told_to_temporal(client, queue))

    await eventually(listed)  # the server lists what has begun a moment later
    [history, attributes] = (await told_to_temporal(client, queue)).values()
    assert found_in(history, [named, marked]) == {named, marked}
    assert found_in(attributes, [named, marked]) == {named}
    raw = b"".join((await raw_files(temporal_server)).values())
    assert found_in(raw, [named, marked, "zq-never-told"]) == {named, marked}
    await client.get_workflow_handle("zq-nothing").terminate()


def test_logs_are_searched_as_well(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("partnerflow.relay").warning("no answer from %s", CLIENT[1])
    assert found_in(caplog.text.encode()) >= {CLIENT[1]}
