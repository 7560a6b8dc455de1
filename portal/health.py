"""Whether the portal lives, and whether what it needs is there. For load balancers: no key is needed."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from portal.answers import Alive, Ready
from portal.environment import Here
from portal.problems import Mistake, Problem, responses
from portal.refusals import RETRY_AFTER
from records.migrate import is_current

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether the portal lives")
async def healthz() -> Alive:
    """Answers as long as the process does, whatever else is away."""
    return Alive()


@router.get("/readyz", summary="Whether the portal can take requests", responses=responses(503))
async def readyz(portal: Here) -> Ready:
    """Answers 200 when the database is migrated and reachable and Temporal answers; otherwise it names what is not."""
    wrong = []
    if says := await run_in_threadpool(_database_lacks, portal.engine):
        wrong.append(Mistake(field="database", detail=says))
    if not await portal.temporal.answers():
        wrong.append(Mistake(field="temporal", detail="Temporal does not answer."))
    if wrong:
        raise Problem("not-ready", " ".join(each.detail for each in wrong), errors=wrong, headers=RETRY_AFTER)
    return Ready()


def _database_lacks(engine: Engine) -> str:
    try:
        return "" if is_current(engine) else "The database is not migrated to this version: run partnerflow setup."
    except SQLAlchemyError:
        return "The database does not answer."
