"""The portal's metrics, each once (`docs/metrics.md`), and the middleware that measures requests.

Labels are route templates and words of ours, never an address that somebody called, a partner or a domain.
"""

from __future__ import annotations

import time

import prometheus_client
from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# They double the number of series, and nobody reads them.
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Up to the minute that Temporal has to acknowledge.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def exposition(request: Request) -> Response:
    """All metrics, as Prometheus reads them."""
    metrics: Metrics = request.app.state.portal.metrics
    return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class Metrics:
    """The metrics of one portal."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "partnerflow_portal_requests_total",
            "Requests that were answered; the route is a template, or unmatched.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "partnerflow_portal_request_duration_seconds",
            "How long requests took, from their first byte to the last of the answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.problems = Counter(
            "partnerflow_portal_problems_total",
            "Requests that were answered with a problem document, by kind; temporal-away, database-away and "
            "not-ready are the 503s.",
            ("kind",),
            registry=self.registry,
        )
        self.registrations = Counter(
            "partnerflow_portal_registrations_total",
            "Leads that were registered by form or affiliate link: new ones, and those that the partner had already.",
            ("origin", "result"),
            registry=self.registry,
        )
        self.submissions = Counter(
            "partnerflow_portal_submissions_total",
            "Accounts that were submitted: new ones, those submitted again, and those whose request goes on already.",
            ("result",),
            registry=self.registry,
        )
        self.applications = Counter(
            "partnerflow_portal_applications_total",
            "Applications: new ones, the same once more (existing), and a company's second while one is open (again).",
            ("result",),
            registry=self.registry,
        )
        self.facts = Counter(
            "partnerflow_portal_facts_total",
            "Facts that the CRM reported, for the first time (new) or again (known).",
            ("kind", "result"),
            registry=self.registry,
        )
        self.told = Counter(
            "partnerflow_portal_facts_told_total",
            "Open leads that were told a fact which the CRM reported.",
            ("kind",),
            registry=self.registry,
        )

    def begin_at_zero(self, problems: tuple[str, ...]) -> None:
        """Show what has not happened yet as 0, so that its first time is seen as an increase."""
        for kind in problems:
            self.problems.labels(kind)
        for origin in ("form", "affiliate"):
            for result in ("new", "existing"):
                self.registrations.labels(origin, result)
        for result in ("new", "again", "existing"):
            self.submissions.labels(result)
            self.applications.labels(result)


class Measured:
    """Middleware that counts and times every request."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # What fails without an answer of its own is answered further outside.
        status, begun = 500, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.seconds.labels(method, route).observe(time.perf_counter() - begun)
