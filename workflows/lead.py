"""A lead's effects: what is sent to whom, and what the database is asked, on entering a state or on a trigger."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from temporalio import workflow

from states import lead_data
from states.effects import Claim, Credit, Effect, Mail, PinTerms, Receipt, Release, Step
from states.lead import LEAD
from states.lead_data import PROSPECT, Lead
from states.messages import Message
from workflows.handlers import handlers
from workflows.process import Outcome, Process, Start

PARTNER, MANAGER, REVIEWERS = "partner", "manager", "staff:reviewer"
ANY_STATE: tuple[str, ...] = ()

LeadEffects = Callable[[Lead, Step], tuple[Effect, ...]]


def mail(template: str, to: str, only_while: tuple[str, ...] = ANY_STATE) -> LeadEffects:
    """One mail; a reminder names the states in which it is still worth sending."""

    def write(lead: Lead, step: Step) -> tuple[Effect, ...]:
        return (Mail(template=template, to=to, only_while=only_while, about=_about(lead, step)),)

    return write


def _about(lead: Lead, step: Step) -> dict[str, str]:
    """What a mail may mention beyond the facts in the database; `message` finds a partner's note."""
    dates = {
        "answer_by": lead.answer_by,
        "progress_due_at": lead.progress_due_at,
        "review_overdue_at": lead.review_overdue_at,
        "undo_until": lead.undo_until,
    }
    return {
        "at": step.at.isoformat(),
        "reason": step.reason,
        "message": step.message_id,
        **{name: date.isoformat() for name, date in dates.items() if date},
        **{name: str(value) for name, value in step.details.items()},
    }


def claim(lead: Lead, step: Step) -> tuple[Effect, ...]:
    """Ask for the prospect; after acceptance nobody displaces us any more."""
    affiliate = lead.origin == "affiliate"
    firm = affiliate or lead.accepted_at is not None
    held = Claim(
        kind=PROSPECT, subject=lead.domain, since=lead.registered_at, firm=firm,
        net_new=affiliate and lead.terms is None,
    )  # fmt: skip
    if affiliate and step.trigger == "begin":
        return held, PinTerms(at=lead.registered_at)
    return (held,)


def accept(lead: Lead, step: Step) -> tuple[Effect, ...]:
    """Make the claim firm and pin the terms of the moment of acceptance, once for all."""
    if lead.accepted_at is None:
        raise AssertionError("acceptance has a moment")
    return claim(lead, step) if lead.terms is not None else (*claim(lead, step), PinTerms(at=lead.accepted_at))


def release(lead: Lead, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """Give the prospect free for the next in line."""
    return (Release(kind=PROSPECT, subject=lead.domain),)


def credit(lead: Lead, step: Step) -> tuple[Effect, ...]:
    """Write the referral. A lead that had given up its claim, or never got it, first asks for it."""
    if lead.paid_at is None:
        raise AssertionError("a lead is credited only for a payment")
    credited = Credit(kind=PROSPECT, subject=lead.domain, first_payment_at=lead.paid_at)
    return (credited,) if lead.claim == "held" else (*claim(lead, step), credited)


def closed(lead: Lead, step: Step) -> tuple[Effect, ...]:
    """Say why the prospect is another's: who has the credit, or that a sign-up was not net-new to begin with."""
    refused = lead.origin == "affiliate" and not step.details.get("to")
    return mail("affiliate_not_new" if refused else "line_closed", PARTNER)(lead, step)


HOLDING = ("in_review", "accepted", "renewal_asked", "credit_in_question", "opportunity", "won", "signed_up")

# On entering a state, whatever led there.
ON_ENTRY: dict[str, tuple[LeadEffects, ...]] = {
    "credited": (credit, mail("lead_credited", PARTNER)),
    "rejected": (release, mail("lead_rejected", PARTNER)),
    "expired": (release, mail("lead_expired", PARTNER, ("expired",))),
    "credit_lost": (release, mail("credit_lost", PARTNER)),
    "lost": (release, mail("opportunity_lost", PARTNER)),
    "voided": (release,),
    "withdrawn": (release, mail("lead_withdrawn", MANAGER)),
    "closed_out": (release,),
    "won": (mail("opportunity_recorded", PARTNER),),
    "credit_in_question": (mail("credit_in_question", REVIEWERS, ("credit_in_question",)),),
    "renewal_asked": (mail("renewal_asked", MANAGER, ("renewal_asked",)),),
    "in_line": (
        mail("lead_in_line", REVIEWERS, ("in_line",)),
        mail("lead_in_line_partner", PARTNER, ("in_line",)),
    ),
}

# On a trigger, before what belongs to the state that it leads to.
ON_TRIGGER: dict[str, tuple[LeadEffects, ...]] = {
    "begin": (claim,),
    "accept": (accept, mail("lead_accepted", PARTNER)),
    "come_up": (mail("lead_came_up", PARTNER, ("in_review",)), mail("lead_came_up", REVIEWERS, ("in_review",))),
    "remind_review": (mail("review_reminder", REVIEWERS, ("in_review",)),),
    "review_overdue": (mail("review_overdue", REVIEWERS, ("in_review",)),),
    "outlast_window": (mail("window_ended_in_review", REVIEWERS, ("in_review",)),),
    "remind_window": (mail("window_ends_soon", PARTNER, ("accepted",)),),
    "renew": (mail("renewal_granted", PARTNER),),
    "decline_renewal": (mail("renewal_declined", PARTNER),),
    "renewal_unanswered": (mail("renewal_unanswered", REVIEWERS),),
    "ask_progress": (mail("progress_asked", PARTNER, ("accepted",)),),
    "keep_credit": (mail("credit_kept", PARTNER),),
    "ask_stalled": (mail("opportunity_stalled", REVIEWERS, ("opportunity",)),),
    "ask_unpaid": (mail("won_unpaid", REVIEWERS, ("won",)),),
    "opportunity_opened": (mail("opportunity_recorded", PARTNER),),
    "reinstate": (mail("lead_reinstated", PARTNER),),
    "close_line": (closed,),
}


def effects_of(lead: Lead, step: Step) -> tuple[Effect, ...]:
    """Everything that follows from a step: what is particular to the occasion, then what belongs to the new state."""
    if step.trigger in ("stand_in_line", "come_up") and step.dest not in (*HOLDING, "in_line", "credited"):
        # A place that the database gave to a lead which had ended meanwhile: it must not hold the prospect.
        return release(lead, step)
    wanted: list[LeadEffects] = []
    if step.trigger == "begin":
        wanted.append(mail("lead_received", PARTNER) if lead.origin == "form" else mail("affiliate_received", PARTNER))
        wanted = [claim, *wanted]
    else:
        wanted += ON_TRIGGER.get(step.trigger, ())
    if step.source != step.dest:
        back = step.source not in HOLDING and step.source != "in_line" and step.dest in HOLDING
        # A claim that came up from the line is not firm; that of a sign-up is.
        firm_anew = step.source == "in_line" and step.dest == "signed_up"
        if (back or firm_anew) and step.trigger != "begin":
            wanted.append(claim)
        wanted += ON_ENTRY.get(step.dest, ())
    if step.trigger == "client_paid" and lead.decide and step.dest != "credited":
        wanted.append(mail("paid_needs_decision", REVIEWERS))
    return tuple(effect for write in wanted for effect in write(lead, step))


@workflow.defn(name="lead")
@handlers
class LeadWorkflow(Process[Lead]):
    """One lead, from submission to referral or end. The table is in `states/lead.py`."""

    lifecycles: ClassVar = {1: LEAD}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:  # noqa: ARG002
        """Live through the lead."""
        return await self.drive()

    def effects(self, data: Lead, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        return effects_of(data, step)

    def learn(self, data: Lead, receipt: Receipt) -> tuple[str, Message] | None:
        """Who holds the prospect, and which terms are pinned."""
        return lead_data.learn(data, receipt)
