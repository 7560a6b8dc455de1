"""Facts from the CRM: recorded once, and told to every process they concern."""

from __future__ import annotations

from hashlib import sha256

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.answering_once import Answer, IdempotencyKey
from portal.answers import FactTaken
from portal.callers import ByKey, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.hearing import hear_of, insist_on_key
from portal.problems import Problem, responses, wrong
from portal.registering import fact_message
from portal.requests import FactReport
from portal.temporal import Received
from portal.words import not_in_future
from records.facts import record_fact
from records.leads import lead, open_processes_for

OTHER_CONTENT = (
    "The fact {fact_id} of {source} was reported before with other content, which stands; report what is new under a "
    "fact_id of its own."
)

router = APIRouter(prefix="/v1", route_class=KeyedRoute, tags=["facts"])


@router.post(
    "/facts",
    status_code=202,
    response_model=FactTaken,
    summary="Report a fact",
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=needs(Scope.CRM),
)
async def report_fact(
    fact: FactReport,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Report that something happened. It may be sent as often as you like: its source and fact_id make it one fact.

    What counts is `occurred_at`, also when it is reported late.
    """
    caller.acts_for_all()

    async def act(_request_id: str) -> Answer:
        return Answer(202, await _take_in(portal, received, fact))

    return await portal.once.answer(request, caller.id, idempotency_key, fact, act)


async def _take_in(portal: Portal, received: Received, fact: FactReport) -> FactTaken:
    not_in_future("occurred_at", fact.occurred_at, received.at)
    if fact.account is not None:
        insist_on_key(portal, "account", fact.account)
    domain = await run_in_threadpool(_subject, portal, fact)
    recorded = await run_in_threadpool(_record, portal, received, fact, domain)
    remark = await hear_of(portal, received, fact.account, source="crm", domain=domain) if fact.account else ""
    # Told again also when it is known already: the first time may have been cut off half-way.
    if fact.lead_id is not None:
        concerned = [f"lead:{fact.lead_id}"]
    else:
        concerned = await run_in_threadpool(open_processes_for, portal.engine, str(fact.domain))
    message = fact_message(fact.source, fact.fact_id, fact.occurred_at)
    told = [await portal.temporal.tell(received, process, fact.kind, message) for process in concerned]
    portal.metrics.facts.labels(fact.kind, "known" if recorded == "same" else "new").inc()
    portal.metrics.told.labels(fact.kind).inc(sum(told))
    return FactTaken(
        source=fact.source,
        fact_id=fact.fact_id,
        known_before=recorded == "same",
        leads_told=sum(told),
        says=_says(fact, sum(told), recorded == "same") + remark,
    )


def _subject(portal: Portal, fact: FactReport) -> str:
    if fact.lead_id is None:
        return str(fact.domain)
    meant = lead(portal.engine, fact.lead_id)
    if meant is None:
        raise wrong("lead_id", f"There is no lead {fact.lead_id}.")
    return meant.domain


def _record(portal: Portal, received: Received, fact: FactReport, domain: str) -> str:
    content = f"{fact.kind}\n{fact.domain}\n{fact.lead_id}\n{fact.occurred_at.isoformat()}"
    content += f"\n{fact.account}" if fact.account else ""
    recorded = record_fact(
        portal.engine,
        source=fact.source,
        fact_id=fact.fact_id,
        kind=fact.kind,
        subject=domain,
        process=f"lead:{fact.lead_id}" if fact.lead_id else None,
        occurred_at=fact.occurred_at,
        received_at=received.at,
        digest=sha256(content.encode()).hexdigest(),
    )
    if recorded == "conflict":
        raise Problem(
            "other-fact",
            OTHER_CONTENT.format(fact_id=fact.fact_id, source=fact.source),
        )
    return recorded


def _says(fact: FactReport, told: int, known: bool) -> str:
    again = " It had been reported before." if known else ""
    about = fact.domain or f"the lead {fact.lead_id}"
    if told == 0:
        return f"Recorded. It concerns no open lead: none is open for {about}.{again}"
    return f"Recorded, and told to {told} open lead{'s' if told > 1 else ''} for {about}.{again}"
