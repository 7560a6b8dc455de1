"""How a managed account begins, and begins again: kept in SQL, started in Temporal, and only then answered.

A partner's requests for one account have one workflow id and a number. The first one starts the process. A later one is
told to the process, which takes it up if it is still there, waiting for second thoughts or just about to close; where
nobody hears it, a new process starts under the old id. So no request is lost between two processes, and none is
asked twice: the number says which one it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from portal.environment import Portal
from portal.hearing import hear_of, insist_on_key
from portal.problems import Problem
from portal.registering import insist_on_partner
from portal.temporal import Received
from program.edition import edition
from records import accounts
from records.accounts import Submission
from states.account import ACCOUNT
from states.account_data import Account


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as its partner submits it."""

    api_key: str
    partner_id: str
    contact_name: str
    contact_email: str


async def submit(portal: Portal, received: Received, new: NewAccount) -> Submission:
    """The request that the submission makes, or the one that goes on already.

    Raises `TemporalAway` when it is not acknowledged in time, and `Problem` for a key or a partner that can't be.
    """
    insist_on_key(portal, "api_key", new.api_key)
    await run_in_threadpool(insist_on_partner, portal, new.partner_id)
    made = await run_in_threadpool(_keep, portal, received, new)
    await hear_of(portal, received, new.api_key, source="submission")
    if not made.existing:
        if made.again and not edition(portal.edition).accounts.may_submit_again:
            raise Problem("conflict", "Under the present edition an account can't be submitted again.")
        begun = await _tell(portal, received, made) if made.again else False
        begun = begun or await _start(portal, received, new, made)
        stamp = received.at if begun else None
        await run_in_threadpool(accounts.acknowledge, portal.engine, made.process, made.number, received_at=stamp)
    portal.metrics.submissions.labels("existing" if made.existing else "again" if made.again else "new").inc()
    return made


def _keep(portal: Portal, received: Received, new: NewAccount) -> Submission:
    return accounts.submit(
        portal.engine,
        api_key=new.api_key,
        partner_id=new.partner_id,
        contact_name=new.contact_name,
        contact_email=new.contact_email,
        received_at=received.at,
    )


async def _tell(portal: Portal, received: Received, made: Submission) -> bool:
    payload = {
        "id": f"request:{made.number}",
        "at": received.at.isoformat(),
        "by": "partner",
        "request": made.number,
        "contact": made.contact,
        "edition": portal.edition,
    }
    return await portal.temporal.tell(received, made.process, "submit_again", payload)


async def _start(portal: Portal, received: Received, new: NewAccount, made: Submission) -> bool:
    data = Account.submit(
        new.api_key,
        new.partner_id,
        received.at,
        edition_name=portal.edition,
        lifecycle_version=ACCOUNT.version,
        request=made.number,
        contact=made.contact,
    )
    return await portal.temporal.start(received, ACCOUNT, data, made.process, again=made.again)
