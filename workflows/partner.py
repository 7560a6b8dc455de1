"""A partner's effects: what is evaluated, what is recorded of its standing, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Literal

from temporalio import workflow

from program.calendar import program_date
from program.edition import Tier
from program.evaluation import Standing
from states import partner_data
from states.effects import (
    AskForMergerAgain,
    CorrectFact,
    Effect,
    EndMerger,
    Evaluate,
    Leave,
    Mail,
    ProposeMerger,
    Receipt,
    Step,
    StrikeFact,
    Suspend,
    TakeStanding,
)
from states.granting import benefit_effects, offers
from states.messages import Message
from states.partner import PARTNER
from states.partner_data import Partner
from workflows.handlers import handlers
from workflows.process import Outcome, Process, Start

TO_PARTNER, MANAGER = "partner", "manager"

PartnerEffects = Callable[[Partner, Step], tuple[Effect, ...]]


def mail(template: str, to: str, only_while: tuple[str, ...] = ()) -> PartnerEffects:
    """One mail."""

    def write(partner: Partner, step: Step) -> tuple[Effect, ...]:
        about = {"at": step.at.isoformat(), "reason": step.reason, "standing": str(partner.standing)}
        return (Mail(template=template, to=to, only_while=only_while, about=about),)

    return write


def evaluate(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """Ask what the facts give; what follows comes back with the receipt."""
    until = program_date(partner.elite_until) if partner.elite_until else None
    return (
        Evaluate(
            on=program_date(step.handled_at),
            held=str(partner.standing),
            elite_until=until,
            asked_to_be_master=partner.asked_to_be_master,
            settles=partner.settles_since is not None,
            since=partner.settles_since,
        ),
    )


def stand(partner: Partner, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """The interval of track and tier, on which money and benefits depend."""
    since, why = partner.held_since, partner.held_why
    return (TakeStanding(track=partner.track, tier=partner.tier, since=since, why=why),)


def moved(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """Benefits follow a move, and the partner and its manager hear of it, whichever way it goes; of no move nobody."""
    if not partner.came_from:
        return ()
    about = {
        "at": step.at.isoformat(),
        "reason": partner.held_why,
        "standing": str(partner.standing),
        "came_from": partner.came_from,
    }
    told = [Mail(template="standing_changed", to=to, about=about) for to in (TO_PARTNER, MANAGER)]
    return (*told, *_benefits(partner, Standing.named(partner.came_from), partner.standing, step))


def grant(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """Elite, or another year of it, and everybody hears so; a suspended partner hears that it waits."""
    waits = partner.granted_until is not None
    since = max(partner.held_since, datetime.fromisoformat(str(step.details.get("since") or step.at.isoformat())))
    about = {
        "again": not partner.came_from,
        "grant_date": program_date(since).isoformat(),
        "until": step.details["until"],
    }
    template = "elite_waits" if waits else "elite_granted"
    told = [Mail(template=template, to=to, about=about) for to in (TO_PARTNER, MANAGER)]
    return tuple(told) if waits else (*stand(partner, step), *moved(partner, step), *told, *evaluate(partner, step))


def end_elite(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """The facts decide; of a grant that only waited, nothing follows."""
    return evaluate(partner, step) if partner.tier is Tier.ELITE else ()


def join(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """One that joins gets what its standing gives; one that was entered as a partner has it, but for choices."""
    if partner.is_new:
        return _benefits(partner, None, partner.standing, step)
    return offers(partner.standing, partner.id, step.at, edition_name=partner.edition)


def join_again(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """As one that joins."""
    return _benefits(partner, None, partner.standing, step)


def correct(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """What staff have said is a fact like any other; struck is one that was told before."""
    if step.trigger == "strike_fact":
        return (StrikeFact(fact=str(step.details["fact"])),)
    name = step.message_id or f"{partner.id}:{step.handled_at.isoformat()}"
    kind, value = str(step.details["kind"]), str(step.details["value"])
    return (CorrectFact(fact_id=name, kind=kind, value=value, at=step.at),)


def suspend(partner: Partner, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """The portal and open leads hear of it."""
    return (Suspend(suspended=partner.suspended_at is not None),)


def leave(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """Nothing is held any more, and what is open ends."""
    ended = Leave(at=partner.left_at or step.at, because="The partner has left the program.")
    return (ended, *_benefits(partner, partner.standing, None, step))


def propose(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """Both partners are asked, where they can be merged."""
    if partner.merger_lapses_at is None:
        raise AssertionError("a proposed merger lapses some day")
    return (
        ProposeMerger(into=partner.merger_into, lapses_at=partner.merger_lapses_at, by=step.by, reason=step.reason),
    )


def ask_again(partner: Partner, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """New links for the merger."""
    return (AskForMergerAgain(),)


def end_merger(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """Nothing comes of the merger, and both hear of it."""
    how: Literal["withdrawn", "lapsed"] = "withdrawn" if step.trigger == "withdraw_merger" else "lapsed"
    return (EndMerger(how=how, reason=step.reason or partner.merger_over),)


def be_merged(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """What it had is another partner's by now. What can't be moved ends: its benefits, and its nominations."""
    if step.source == "left":
        return ()
    ended = Leave(at=partner.left_at or step.at, because=f"The partner was merged into {partner.merged_into}.")
    return (ended, *_benefits(partner, partner.standing, None, step))


ON_TRIGGER: dict[str, tuple[PartnerEffects, ...]] = {
    "begin": (join, evaluate),
    "entered": (stand, moved, evaluate),
    "facts_changed": (evaluate,),
    "look_again": (evaluate,),
    "correct_fact": (correct, evaluate),
    "strike_fact": (correct, evaluate),
    "rise": (stand, moved, evaluate),
    "settle_standing": (stand, moved, evaluate),
    "set_tier": (stand, moved, evaluate),
    "release_tier": (evaluate,),
    "hand_ends": (evaluate,),
    "release_downtier": (evaluate,),
    "ask_for_master": (stand, moved, evaluate),
    "leave_track_open": (evaluate,),
    "adjust": (stand, moved, evaluate),
    "adopt_edition": (evaluate,),
    "grant_elite": (grant,),
    "end_elite": (end_elite,),
    "suspend": (suspend, mail("partner_suspended", TO_PARTNER)),
    "lift_suspension": (suspend, mail("suspension_lifted", TO_PARTNER), evaluate),
    "leave": (leave, mail("partner_left", TO_PARTNER), mail("partner_left", MANAGER)),
    "end_partnership": (leave, mail("partner_left", TO_PARTNER), mail("partner_left", MANAGER)),
    "rejoin": (stand, join_again, evaluate),
    "propose_merger": (propose,),
    "resend_merger": (ask_again,),
    "withdraw_merger": (end_merger,),
    "merger_lapses": (end_merger,),
    "take_over": (stand, moved, evaluate),
    "merge": (be_merged,),
}


def effects_of(partner: Partner, step: Step) -> tuple[Effect, ...]:
    """Everything that follows from a step. A partner that has left is neither evaluated nor told."""
    if step.dest == "left" and step.source == "left":
        return ()
    return tuple(effect for write in ON_TRIGGER.get(step.trigger, ()) for effect in write(partner, step))


def _benefits(partner: Partner, before: Standing | None, after: Standing | None, step: Step) -> tuple[Effect, ...]:
    return benefit_effects(before, after, partner.id, step.at, edition_name=partner.edition)


@workflow.defn(name="partner")
@handlers
class PartnerWorkflow(Process[Partner]):
    """One partner's standing, for as long as it is a partner. The table is in `states/partner.py`."""

    lifecycles: ClassVar = {1: PARTNER}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:  # noqa: ARG002
        """Live through the partner's standing."""
        return await self.drive()

    def effects(self, data: Partner, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        return effects_of(data, step)

    def learn(self, data: Partner, receipt: Receipt) -> tuple[str, Message] | None:
        """What an evaluation found."""
        return partner_data.learn(data, receipt)
