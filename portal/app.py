"""Puts the portal together. Everything it needs is handed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine
from starlette.routing import BaseRoute

from portal import (
    accounts,
    actions,
    applicant_pages,
    applications,
    benefits,
    bounces,
    client_accounts,
    client_page,
    customers,
    elite_pages,
    facts,
    health,
    leads,
    merger_page,
    mrr,
    pages,
    partner_accounts,
    partner_frame,
    partner_leads,
    partners,
    people,
    refusals,
    signing_in,
    staff_accounts,
    staff_adjustments,
    staff_joining,
    staff_pages,
    staff_reports,
    standing,
)
from portal.answering_once import Once
from portal.body_limit import BodyLimit
from portal.environment import Portal
from portal.metrics import Measured, Metrics
from portal.metrics import router as exposition
from portal.openapi import document
from portal.problems import KINDS
from portal.rate_limit import RateLimit
from portal.temporal import ClientProvider, Temporal
from program.clock import ProgramClock
from records.benefits import NO_LINKS, BenefitLinks
from records.signing import Signer
from states.staff import StaffList
from workflows.doors import ACKNOWLEDGED_WITHIN, TASK_QUEUE

# The longest form, six remarks of 4,000 letters, in a script of which each letter takes twelve bytes on its way.
LARGEST_BODY = 384 * 1024
LARGEST_STREAMS = {mrr.ADDRESS: mrr.LARGEST_FILE}
API: tuple[APIRouter, ...] = (
    leads.router,
    actions.router,
    accounts.router,
    applications.router,
    facts.router,
    bounces.router,
    partners.router,
    people.router,
    customers.router,
    client_accounts.router,
    mrr.router,
    benefits.router,
    standing.router,
    health.router,
)
PAGES: tuple[APIRouter, ...] = (
    pages.public,
    client_page.router,
    merger_page.router,
    signing_in.router,
    applicant_pages.router,
    partner_frame.router,
    partner_leads.router,
    partner_accounts.router,
)
STAFF_PAGES: tuple[APIRouter, ...] = (
    staff_pages.start,
    staff_pages.router,
    staff_accounts.router,
    staff_adjustments.router,
    staff_reports.router,
    elite_pages.router,
    staff_joining.router,
)


def _real_time() -> datetime:
    return datetime.now(UTC)


def create_app(
    *,
    engine: Engine,
    client_provider: ClientProvider,
    clock: ProgramClock,
    edition: str,
    task_queue: str = TASK_QUEUE,
    ui_url: str = "http://127.0.0.1:8233",
    portal_url: str = "http://127.0.0.1:8800",
    namespace: str = "default",
    signer: Signer,
    staff: StaffList,
    with_staff_pages: bool = False,
    mailbox: bool = False,
    metrics_page: bool = False,
    real: Callable[[], datetime] = _real_time,
    patience: timedelta = ACKNOWLEDGED_WITHIN,
    benefit_links: BenefitLinks = NO_LINKS,
) -> FastAPI:
    """The portal as an ASGI application.

    `client_provider` is asked for a Temporal client at the first need, and again until it has given one. `edition` is
    that of new submissions, `signer` knows the links in mails. Staff sign in where there is a staff list; without one
    `with_staff_pages` has no login. Nor have `mailbox` (mails that were delivered here) and `metrics_page` (for
    Prometheus). `real` is real time, in which links and sessions end. `patience` is how long, from a request's stamp,
    Temporal may take to acknowledge; real time, below a minute. `benefit_links` give benefits to partners.
    """
    app = FastAPI(
        title="partnerflow",
        # The pages that FastAPI brings load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    metrics = Metrics()
    metrics.begin_at_zero(tuple(KINDS))
    app.state.portal = Portal(
        engine=engine,
        temporal=Temporal(client_provider, clock=clock, task_queue=task_queue, patience=patience),
        once=Once(engine),
        clock=clock,
        edition=edition,
        ui_url=ui_url.rstrip("/"),
        portal_url=portal_url.rstrip("/"),
        namespace=namespace,
        mailbox=mailbox,
        metrics=metrics,
        staff=staff,
        signer=signer,
        real=real,
        forms_of_visitors=RateLimit(),
        benefit_links=benefit_links,
    )
    refusals.register(app)
    app.add_middleware(BodyLimit, largest=LARGEST_BODY, streams=LARGEST_STREAMS)
    # The last one is the outermost, and measures what the others refuse, too.
    app.add_middleware(Measured, metrics=metrics)
    for router in API:
        app.include_router(router)
    for router in PAGES:
        app.include_router(router)
    if metrics_page:
        app.include_router(exposition)
    for router in STAFF_PAGES if with_staff_pages else (pages.without_staff,):
        app.include_router(router)
    if mailbox:
        app.include_router(pages.mailbox)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app.routes)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def api_routes() -> Sequence[BaseRoute]:
    """The routes of the API, without anything behind them: for its document."""
    app = FastAPI()
    for router in API:
        app.include_router(router)
    return app.routes
