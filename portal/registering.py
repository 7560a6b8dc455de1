"""How a lead begins, by form or by affiliate link: kept in SQL, started in Temporal, and only then answered.

What was kept for a start that Temporal did not acknowledge is pending and shows nowhere. The same submission again is
the same lead with a new stamp.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from starlette.concurrency import run_in_threadpool

from portal.environment import Portal
from portal.problems import wrong
from portal.temporal import Received
from records.facts import facts_since
from records.leads import acknowledge, sign_up_of, submit
from records.partners import is_suspended, partner
from records.survivors import merged_into, says_merged
from states.lead import LEAD
from states.lead_data import Lead


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead before it has an id. `registered_at` is the stamp of receipt, or when the account was opened (UTC)."""

    partner_id: str
    domain: str
    registered_at: datetime
    origin: Literal["form", "affiliate"]
    company: str
    contact_name: str
    contact_email: str
    note: str
    self_closed: bool = False


async def register(portal: Portal, received: Received, new: NewLead) -> tuple[str, bool]:
    """The lead's id, and whether the partner had it already.

    Raises `TemporalAway` when the start is not acknowledged in time, and `Problem` for an unknown partner.
    """
    await run_in_threadpool(insist_on_partner, portal, new.partner_id)
    lead_id, existing = await run_in_threadpool(_keep, portal, new)
    if not existing:
        suspended = await run_in_threadpool(is_suspended, portal.engine, new.partner_id)
        data = _as_process(lead_id, new, portal.edition, suspended=suspended)
        started = await portal.temporal.start(received, LEAD, data, f"lead:{lead_id}")
        await tell_what_is_known(portal, received, f"lead:{lead_id}", new)
        stamp = new.registered_at if started else None
        await run_in_threadpool(acknowledge, portal.engine, lead_id, received_at=stamp)
    portal.metrics.registrations.labels(new.origin, "existing" if existing else "new").inc()
    return lead_id, existing


async def tell_what_is_known(portal: Portal, received: Received, process: str, new: NewLead) -> None:
    """Tell a new process the facts that were reported before it: a sign-up may come later than the payment.

    Whoever reviews a lead hears as well of a client that has paid already. A sign-up's claim asks for that itself.
    """
    known = partial(facts_since, portal.engine, new.domain, new.registered_at, and_first_payment=new.origin == "form")
    for fact in await run_in_threadpool(known):
        payload = fact_message(fact.source, fact.fact_id, fact.occurred_at)
        await portal.temporal.tell(received, process, fact.kind, payload)


def fact_message(source: str, fact_id: str, occurred_at: datetime) -> dict[str, str]:
    """A fact as processes are told it. The id is the same whenever and from wherever it is told."""
    return {"id": f"fact:{source}:{fact_id}", "at": occurred_at.isoformat(), "by": source}


def insist_on_partner(portal: Portal, partner_id: str) -> None:
    """Refuse what is submitted for a partner that is unknown, has left, or is a part of another one."""
    known = partner(portal.engine, partner_id)
    if known is None:
        raise wrong("partner_id", f"There is no partner {partner_id}; PUT /v1/partners/{partner_id} adds it.")
    if into := merged_into(portal.engine, partner_id):
        raise wrong("partner_id", says_merged(partner_id, into, "register it for"))
    if not known.active:
        raise wrong("partner_id", f"The partner {partner_id} has left the program; nothing can be registered for it.")


def _keep(portal: Portal, new: NewLead) -> tuple[str, bool]:
    if new.origin == "affiliate":
        reported = sign_up_of(portal.engine, new.partner_id, new.domain, new.registered_at)
        if reported is not None:
            return reported, True
    return submit(
        portal.engine,
        partner_id=new.partner_id,
        company=new.company,
        domain=new.domain,
        contact_name=new.contact_name,
        contact_email=new.contact_email,
        note=new.note,
        received_at=new.registered_at,
        pending=True,
    )


def _as_process(lead_id: str, new: NewLead, edition: str, *, suspended: bool) -> Lead:
    return Lead.register(
        lead_id,
        new.partner_id,
        new.domain,
        new.registered_at,
        edition_name=edition,
        lifecycle_version=LEAD.version,
        origin=new.origin,
        self_closed=new.self_closed,
        partner_suspended=suspended,
    )
