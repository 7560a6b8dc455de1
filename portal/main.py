"""The portal's composition root: reads the settings, serves until it is told to stop. `partnerflow portal` runs it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from portal.app import create_app
from records.database import open_database
from records.idempotency import forget_before
from records.sessions import forget_sessions
from records.sign_ins import forget_sign_ins
from settings import Settings, WrongSetting, is_loopback
from workflows.connection import connect, runtime

_log = logging.getLogger("partnerflow.portal")

ANSWERS_KEPT = timedelta(days=30)
_UPKEEP_EVERY = timedelta(hours=1)


def compose(settings: Settings, engine: Engine) -> FastAPI:
    """The application that the settings describe. Temporal is connected to when it is first needed."""
    staff = settings.staff()
    unguarded = settings.staff_pages or settings.on_this_machine
    return create_app(
        engine=engine,
        client_provider=_connected,
        clock=settings.program_clock,
        edition=settings.edition,
        task_queue=settings.task_queue,
        ui_url=settings.ui_url,
        portal_url=settings.portal_url,
        namespace=ClientConfig.load_client_connect_config().get("namespace") or "default",
        signer=settings.signer,
        staff=staff,
        # Without a staff list nobody can sign in: without being asked these pages are for this machine only then.
        with_staff_pages=not staff.open or unguarded,
        # Whoever reads it can sign in as anybody.
        mailbox=not settings.smtp_host and unguarded,
        benefit_links=settings.benefit_links,
        metrics_page=settings.portal_metrics or is_loopback(settings.portal_host),
    )


_runtime = functools.cache(runtime)


async def _connected() -> Client:
    return await connect(runtime=_runtime())


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; requests under way are finished first.

    Starts also while Temporal or the database is away, and then answers 503. Raises `WrongSetting` when it can't
    listen where the settings say.
    """
    engine = open_database(settings.database_url)
    app = compose(settings, engine)
    listening = _listen(settings.portal_host, settings.portal_port)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=settings.grace_seconds,
        )
    )
    tasks = [asyncio.create_task(server.stop_after(stop)), asyncio.create_task(_upkeep(engine))]
    _log.info("the portal listens on %s port %s", settings.portal_host, settings.portal_port)
    try:
        await server.serve(sockets=[listening])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        listening.close()
        engine.dispose()
    _log.info("the portal has stopped")


class _Server(uvicorn.Server):
    """Uvicorn, which leaves the process's signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """See base class."""
        yield

    async def stop_after(self, stop: asyncio.Event) -> None:
        """Stop serving once `stop` is set."""
        await stop.wait()
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise WrongSetting(
            f"The portal can't listen on {host} port {port}: {error.strerror or error}. PARTNERFLOW_PORTAL_HOST and "
            "PARTNERFLOW_PORTAL_PORT name another address."
        ) from None


async def _upkeep(engine: Engine) -> None:
    """Forget old answers, links and sessions now and then; a database that is away is tried again next time."""
    while True:
        await asyncio.sleep(_UPKEEP_EVERY.total_seconds())
        try:
            now = datetime.now(UTC)
            await asyncio.to_thread(forget_before, engine, now - ANSWERS_KEPT)
            await asyncio.to_thread(forget_sign_ins, engine, real=now)
            await asyncio.to_thread(forget_sessions, engine, real=now)
        except SQLAlchemyError:
            _log.warning("Old answers and sessions could not be deleted; the database is away.")
