"""Mails to clients that came back, as the mail system reports them."""

from __future__ import annotations

from hashlib import sha256

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.answering_once import Answer, IdempotencyKey
from portal.answers import BounceTaken
from portal.callers import ByKey, KeyedRoute, Scope, needs
from portal.environment import Here, Portal, Stamp
from portal.facts import OTHER_CONTENT
from portal.problems import Problem, responses, wrong
from portal.registering import fact_message
from portal.requests import Bounce
from portal.temporal import Received
from portal.words import not_in_future
from records.facts import record_fact
from records.outbox import Asked, mail_to_client

router = APIRouter(prefix="/v1", route_class=KeyedRoute, tags=["facts"])

CAME_BACK = "mail_bounced"
_TOLD = "Recorded, and told to the account that waits for this client."
_OVER = "Recorded. The account that it was about is over, so nobody is told."


@router.post(
    "/bounces",
    status_code=202,
    response_model=BounceTaken,
    summary="Report a mail to a client that came back",
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=needs(Scope.CRM),
)
async def report_bounce(
    bounce: Bounce,
    request: Request,
    received: Stamp,
    portal: Here,
    caller: ByKey,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Report that a mail of ours came back. It may be sent as often as you like: source and fact_id make it one fact.

    It is told to the process that waits for the client, and so to its partner, who can correct the contact.
    """
    caller.acts_for_all()

    async def act(_request_id: str) -> Answer:
        return Answer(202, await _take_in(portal, received, bounce))

    return await portal.once.answer(request, caller.id, idempotency_key, bounce, act)


async def _take_in(portal: Portal, received: Received, bounce: Bounce) -> BounceTaken:
    not_in_future("occurred_at", bounce.occurred_at, received.at)
    mail = await run_in_threadpool(_record, portal, received, bounce)
    message = fact_message(bounce.source, bounce.fact_id, bounce.occurred_at)
    told = await portal.temporal.tell(received, mail.process, CAME_BACK, {**message, "contact": mail.contact})
    says = _TOLD if told else _OVER
    return BounceTaken(source=bounce.source, fact_id=bounce.fact_id, told=told, says=says)


def _record(portal: Portal, received: Received, bounce: Bounce) -> Asked:
    left = bounce.message_id.strip("<>").partition("@")[0]
    mail = mail_to_client(portal.engine, left)
    if mail is None:
        raise wrong("message_id", "No mail of ours to a client has this Message-ID. It stands in the mail's header.")
    content = f"{CAME_BACK}\n{left}\n{bounce.occurred_at.isoformat()}"
    recorded = record_fact(
        portal.engine,
        source=bounce.source,
        fact_id=bounce.fact_id,
        kind=CAME_BACK,
        subject=left,
        process=mail.process,
        occurred_at=bounce.occurred_at,
        received_at=received.at,
        digest=sha256(content.encode()).hexdigest(),
    )
    if recorded == "conflict":
        raise Problem("other-fact", OTHER_CONTENT.format(fact_id=bounce.fact_id, source=bounce.source))
    return mail
