"""How a problem is told: as a document to programs, as a page to people."""

from __future__ import annotations

import logging

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from portal.problems import MEDIA_TYPE, Problem, document
from portal.showing import page

_log = logging.getLogger("partnerflow.portal")


def answer(request: Request, problem: Problem) -> Response:
    """The response that a problem is told with; below /v1 it is always the document."""
    slug, status = problem.kind.slug, problem.kind.status
    request.app.state.portal.metrics.problems.labels(slug).inc()
    if status == 503:
        route = getattr(request.scope.get("route"), "path", "unmatched")
        _log.warning("answered 503: %s", slug, extra={"route": route, "status": 503})
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/"):
        told = page("problem.html", status=status, problem=problem)
        told.headers.update(problem.headers)
        return told
    return JSONResponse(
        document(problem, portal_url=request.app.state.portal.portal_url).model_dump(),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )
