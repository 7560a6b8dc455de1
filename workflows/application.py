"""What follows from an application's steps: what is sent to whom, and what the database is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from temporalio import workflow

from states import application_data
from states.application import APPLICATION
from states.application_data import Application
from states.effects import Begin, Effect, Enrol, Mail, Receipt, Step
from states.messages import Message
from states.partner import PARTNER
from states.partner_data import Partner
from states.staff import Role
from workflows.handlers import handlers
from workflows.process import Outcome, Process, Start

APPLICANT = "applicant"
REVIEWERS, MANAGERS, TEAM_LEAD = f"staff:{Role.REVIEWER}", f"staff:{Role.MANAGER}", f"staff:{Role.TEAM_LEAD}"
REVIEWED, ON_THE_WAY = ("in_review", "appealed"), ("onboarding", "prospect")
ANY_STATE: tuple[str, ...] = ()

ApplicationEffects = Callable[[Application, Step], tuple[Effect, ...]]


def mail(template: str, to: str, only_while: tuple[str, ...] = ANY_STATE) -> ApplicationEffects:
    """One mail; a reminder names the states in which it is still worth sending."""

    def write(application: Application, step: Step) -> tuple[Effect, ...]:
        return (Mail(template=template, to=to, only_while=only_while, about=_about(application, step)),)

    return write


def _about(application: Application, step: Step) -> dict[str, str]:
    """What a mail may mention beyond the facts in the database; `message` finds what the applicant wrote."""
    dates = {"review_due": application.overdue_at, "information_due": application.information_by}
    return {
        "reason": step.reason,
        "because": application.because,
        "message": step.message_id,
        **{name: date.isoformat() for name, date in dates.items() if date},
    }


def enrol(application: Application, step: Step) -> tuple[Effect, ...]:
    """The company is a partner from now on, whose standing is a process of its own and gives it what it gives."""
    joined = Partner.join(
        application.partner_id,
        step.at,
        edition_name=application.edition,
        lifecycle_version=PARTNER.version,
        is_new=True,
    )
    return (
        Enrol(application=application.id, track=joined.track, tier=joined.tier, at=step.at),
        Begin(
            process=f"partner:{joined.id}",
            kind=PARTNER.name,
            data=joined.model_dump(mode="json", exclude_none=True),
        ),
    )


# On a trigger.
ON_TRIGGER: dict[str, tuple[ApplicationEffects, ...]] = {
    "begin": (mail("application_received", APPLICANT),),
    "apply_again": (mail("applied_again", REVIEWERS),),
    "remind_review": (mail("application_to_review", REVIEWERS, REVIEWED),),
    "review_overdue": (
        mail("application_overdue", REVIEWERS, REVIEWED),
        mail("application_overdue", TEAM_LEAD, REVIEWED),
    ),
    "give_information": (mail("information_given", REVIEWERS, REVIEWED),),
    "approve": (
        mail("application_approved", APPLICANT, ON_THE_WAY),
        mail("application_to_onboard", MANAGERS, ON_THE_WAY),
    ),
    "appeal": (mail("application_appealed", REVIEWERS, REVIEWED),),
    "assign_specialist": (mail("specialist_assigned", APPLICANT),),
    "onboarding_stalls": (mail("onboarding_stalls", MANAGERS, ON_THE_WAY),),
    "reinstate": (mail("application_reinstated", APPLICANT),),
}

# On entering a state, whatever led there.
ON_ENTRY: dict[str, tuple[ApplicationEffects, ...]] = {
    "information_asked": (mail("information_asked", APPLICANT, ("information_asked",)),),
    "denied": (mail("application_denied", APPLICANT, ("denied",)),),
    "member": (enrol, mail("application_member", APPLICANT)),
    "withdrawn": (mail("application_withdrawn", REVIEWERS),),
}


def effects_of(application: Application, step: Step) -> tuple[Effect, ...]:
    """Everything that follows from a step: what is particular to the occasion, then what belongs to the new state."""
    wanted = ON_TRIGGER.get(step.trigger, ())
    if step.source != step.dest:
        wanted += ON_ENTRY.get(step.dest, ())
    return tuple(effect for write in wanted for effect in write(application, step))


@workflow.defn(name="application")
@handlers
class ApplicationWorkflow(Process[Application]):
    """One application, from submission to membership or end. The table is in `states/application.py`."""

    lifecycles: ClassVar = {1: APPLICATION}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:  # noqa: ARG002
        """Live through the application."""
        return await self.drive()

    def effects(self, data: Application, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        return effects_of(data, step)

    def learn(self, data: Application, receipt: Receipt) -> tuple[str, Message] | None:
        """Nothing that the database could decide."""
        return application_data.learn(data, receipt)
