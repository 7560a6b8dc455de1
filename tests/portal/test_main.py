"""The composition root: what listens where, and that it starts and stops whatever else is away."""

import asyncio
import socket

import httpx
import pytest

from cli.ports import free_port
from portal.main import run
from settings import Settings, WrongSetting, is_loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.0.2.1", False), ("", False)],
)
def test_only_this_machine_reaches_a_loopback_address(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


async def test_it_serves_while_temporal_is_away_and_stops_when_told(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    settings = Settings(database_url=database_url, portal_port=free_port())
    stop = asyncio.Event()
    running = asyncio.create_task(run(settings, stop))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.portal_port}", timeout=60) as reader:
        while True:
            try:
                assert (await reader.get("/healthz")).status_code == 200
                break
            except httpx.ConnectError:
                assert not running.done()
                await asyncio.sleep(0.05)
        ready = await reader.get("/readyz")
        assert [each["field"] for each in ready.json()["errors"]] == ["temporal"]
        assert (await reader.get("/")).status_code == 200
        assert "server" not in ready.headers
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_an_address_that_is_taken_is_told(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(database_url=database_url, portal_port=taken.getsockname()[1])
        with pytest.raises(WrongSetting, match="can't listen on"):
            await run(settings, asyncio.Event())
