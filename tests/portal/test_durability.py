"""What was answered is durable; what could not be made durable was not accepted, and goes through when sent again."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from portal.callers import Scope
from records.database import open_database, writing
from records.leads import list_leads
from records.notes import notes_on
from records.tables import lead_details
from tests.portal.conftest import SUBMISSION, House, away, compose
from tests.portal.test_facts import fact
from tests.workflows.conftest import Server
from workflows.connection import DATA_CONVERTER

pytestmark = pytest.mark.faults
FIRST = {"Idempotency-Key": "first"}


@pytest.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that this test may stop."""
    server = Server(tmp_path)
    await asyncio.to_thread(server.start)
    await server.client()
    yield server
    if server.process is not None:
        server.process.send_signal(signal.SIGCONT)
    server.kill()


def connecting_to(server: Server) -> Callable[[], Awaitable[Client]]:
    """A provider as in production: it connects when it is asked."""

    async def provide() -> Client:
        return await Client.connect(server.address, data_converter=DATA_CONVERTER)

    return provide


def house_on(engine: Engine, server: Server) -> House:
    """A portal that gives Temporal all the time that a busy machine takes."""
    return House(compose(engine, connecting_to(server), patience=timedelta(seconds=20)), engine)


def waits(house: House, seconds: float) -> None:
    """From now on the portal gives Temporal so many seconds."""
    house.app.state.portal.temporal._patience = timedelta(seconds=seconds)


async def is_refused_for_now(answered: Awaitable[httpx.Response], what: str) -> None:
    response = await answered
    assert response.status_code == 503, response.text
    assert response.json()["type"] == f"http://portal.example/problems#{what}"
    assert int(response.headers["Retry-After"]) > 0
    assert "repeat it" in response.json()["detail"]


async def test_a_server_that_was_stopped_and_started_again(engine: Engine, own_server: Server) -> None:
    house = house_on(engine, own_server)
    async with house.caller(Scope.PARTNER, Scope.CRM) as portal:
        lead_id = (await portal.post("/v1/leads", json=SUBMISSION | {"website": "before.example"})).json()["lead_id"]
        report = f"/v1/leads/{lead_id}/progress-reports"
        paid = fact(domain="before.example")
        own_server.kill()
        waits(house, 2)
        await is_refused_for_now(portal.post("/v1/leads", json=SUBMISSION, headers=FIRST), "temporal-away")
        await is_refused_for_now(
            portal.post(report, json={"text": "x"}, headers={"Idempotency-Key": "r"}), "temporal-away"
        )
        await is_refused_for_now(portal.post("/v1/facts", json=paid), "temporal-away")
        assert (await portal.get("/readyz")).json()["errors"][0]["field"] == "temporal"
        # Nothing half-done: neither the lead nor the note is there.
        assert [each["domain"] for each in (await portal.get("/v1/leads")).json()["leads"]] == ["before.example"]
        assert notes_on(engine, f"lead:{lead_id}") == []

        await asyncio.to_thread(own_server.start)
        await own_server.client()
        waits(house, 20)
        again = await portal.post("/v1/leads", json=SUBMISSION, headers=FIRST)
        assert again.status_code == 202, again.text
        assert (await portal.post("/v1/leads", json=SUBMISSION, headers=FIRST)).json() == again.json()
        assert (await portal.post(report, json={"text": "x"}, headers={"Idempotency-Key": "r"})).status_code == 202
        assert len(notes_on(engine, f"lead:{lead_id}")) == 1
        told = (await portal.post("/v1/facts", json=paid)).json()
        assert (told["known_before"], told["leads_told"]) == (True, 1)
        assert (await portal.get("/readyz")).status_code == 200
        assert len(list_leads(engine).found) == 2
    client = await own_server.client()
    process = f"lead:{again.json()['lead_id']}"
    assert (await client.get_workflow_handle(process).describe()).status is not None


async def test_a_server_that_hangs(engine: Engine, own_server: Server) -> None:
    house = house_on(engine, own_server)
    assert own_server.process is not None
    async with house.caller(Scope.PARTNER) as portal:
        (await portal.post("/v1/leads", json=SUBMISSION | {"website": "before.example"})).raise_for_status()
        own_server.process.send_signal(signal.SIGSTOP)
        waits(house, 1)
        began = time.monotonic()
        await is_refused_for_now(portal.post("/v1/leads", json=SUBMISSION, headers=FIRST), "temporal-away")
        assert 1 <= time.monotonic() - began < 10, "the server hangs for much longer"
        assert (await portal.get("/readyz")).status_code == 503
        own_server.process.send_signal(signal.SIGCONT)
        waits(house, 20)
        again = await portal.post("/v1/leads", json=SUBMISSION, headers=FIRST)
        # The hanging server may have taken the first attempt after all: then this is the same lead, and not a second.
        assert again.status_code == 202
        listed = (await portal.get("/v1/leads")).json()["leads"]
        assert [each["domain"] for each in listed].count("shop.example") == 1
    client = await own_server.client()
    await client.get_workflow_handle(f"lead:{again.json()['lead_id']}").describe()


async def test_a_repetition_gets_a_new_stamp(engine: Engine, own_server: Server) -> None:
    house = House(compose(engine, away()), engine)
    async with house.caller(Scope.PARTNER) as portal:
        await is_refused_for_now(portal.post("/v1/leads", json=SUBMISSION, headers=FIRST), "temporal-away")
        assert (await portal.get("/v1/leads")).json()["leads"] == []
        house.app.state.portal.temporal._provider = connecting_to(own_server)
        first_stamp = house.app.state.portal.now()
        # What is sent again may differ where it is another request: the words of the last one count.
        again = await portal.post(
            "/v1/leads", json=SUBMISSION | {"company": "Shop & Co"}, headers={"Idempotency-Key": "2"}
        )
        assert again.status_code == 202
        assert datetime.fromisoformat(again.json()["registered_at"]) >= first_stamp
        lead = (await portal.get(f"/v1/leads/{again.json()['lead_id']}")).json()
        assert (lead["company"], lead["registered_at"]) == ("Shop & Co", again.json()["registered_at"])


async def test_a_database_that_goes_away_after_the_start(engine: Engine, own_server: Server) -> None:
    """The lead is in Temporal, and the portal dies before it could say so: the repetition finds it."""
    holding = writing(engine)

    async def provide() -> Client:
        # Called between keeping the submission and starting its process.
        connection = await asyncio.to_thread(holding.__enter__)
        connection.execute(lead_details.update().values(note="held"))
        return await connecting_to(own_server)()

    house = House(compose(engine, provide), engine)
    async with house.caller(Scope.PARTNER) as portal:
        await is_refused_for_now(portal.post("/v1/leads", json=SUBMISSION, headers=FIRST), "database-away")
        holding.__exit__(ConnectionAbortedError, ConnectionAbortedError(), None)
        assert (await portal.get("/v1/leads")).json()["leads"] == []
        again = await portal.post("/v1/leads", json=SUBMISSION, headers=FIRST)
        assert again.status_code == 202
        listed = (await portal.get("/v1/leads")).json()["leads"]
        assert [(each["lead_id"], each["note"]) for each in listed] == [(again.json()["lead_id"], SUBMISSION["note"])]


@pytest.mark.parametrize("what", ["unreachable", "never migrated"])
async def test_a_database_that_is_not_there(what: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"postgresql+psycopg://nobody@127.0.0.1:{taken.getsockname()[1]}/nothing"
        engine = open_database(nobody if what == "unreachable" else f"sqlite:///{tmp_path / 'empty.sqlite'}")
        house = House(compose(engine, away()), engine, keys={(frozenset({Scope.PARTNER}), None): "pf_abc_def"})
        async with house.caller(Scope.PARTNER) as portal:
            await is_refused_for_now(portal.post("/v1/leads", json=SUBMISSION), "database-away")
            await is_refused_for_now(portal.get("/v1/leads"), "database-away")
            assert (await portal.get("/healthz")).json() == {"status": "alive"}
            ready = await portal.get("/readyz")
            assert (ready.status_code, [each["field"] for each in ready.json()["errors"]]) == (
                503,
                ["database", "temporal"],
            )
        engine.dispose()


async def test_two_at_once_under_one_key_are_one(house: House) -> None:
    async with house.caller(Scope.PARTNER) as portal:
        answers = await asyncio.gather(*(portal.post("/v1/leads", json=SUBMISSION, headers=FIRST) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["lead_id"] for answer in answers}) == 1
        assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 7


async def test_a_key_belongs_to_one_request_and_one_caller(house: House) -> None:
    async with house.caller(Scope.PARTNER) as portal, house.caller(Scope.PARTNER, partner="isar") as other:
        first = await portal.post("/v1/leads", json=SUBMISSION, headers=FIRST)
        # The same domain in another spelling is the same request.
        same = await portal.post("/v1/leads", json=SUBMISSION | {"website": "shop.example"}, headers=FIRST)
        assert (same.status_code, same.json()) == (202, first.json())
        assert same.headers["Location"] == first.headers["Location"]
        for path, body in (
            ("/v1/leads", SUBMISSION | {"website": "another.example"}),
            (f"{first.headers['Location']}/withdrawal", {}),
        ):
            reused = await portal.post(path, json=body, headers=FIRST)
            assert (reused.status_code, reused.json()["type"]) == (422, "http://portal.example/problems#key-reused")
        answered = await other.post("/v1/leads", json=SUBMISSION | {"partner_id": "isar"}, headers=FIRST)
        assert answered.status_code == 202
        too_long: dict[str, Any] = {"Idempotency-Key": "x" * 201}
        assert (await portal.post("/v1/leads", json=SUBMISSION, headers=too_long)).status_code == 422
