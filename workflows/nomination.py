"""A nomination's effects: who is told what, what the records are asked, and what the season is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from temporalio import workflow

from program.calendar import last_day, program_date, start_of_day
from program.rubric import shown
from program.season import retained_until
from states import nomination_data
from states.effects import Effect, LookAtPartner, Mail, Receipt, Step, Tell, YearOfElite
from states.messages import Message
from states.nomination import NOMINATION
from states.nomination_data import Nomination
from states.season_data import PREFIX as SEASON_PREFIX
from workflows.handlers import handlers
from workflows.process import Outcome, Process, Start

PARTNER, MANAGER, MANAGERS_LEAD = "partner", "manager", "manager-lead"
MEMBERS, CHAIR = "staff:committee", "staff:chair"

NominationEffects = Callable[[Nomination, Step], tuple[Effect, ...]]


def mail(template: str, to: str, *only_while: str) -> NominationEffects:
    """One mail; one that asks for something names the states in which it is still worth sending."""

    def write(nomination: Nomination, step: Step) -> tuple[Effect, ...]:
        return (Mail(template=template, to=to, only_while=only_while, about=_about(nomination, step)),)

    return write


def _about(nomination: Nomination, step: Step) -> dict[str, Any]:
    times = nomination.times
    return {
        "reason": step.reason,
        "season": nomination.half,
        "again": nomination.reevaluation,
        "grant_date": times.grant_date.isoformat(),
        "nominations_close": times.nominations_close.isoformat(),
        "scoring_extended": times.scoring_extended.isoformat(),
    }


def with_areas(template: str, to: str) -> NominationEffects:
    """The mail that says why not: by area, and without any member's name."""

    def write(nomination: Nomination, step: Step) -> tuple[Effect, ...]:
        rubric, found = nomination.rules.elite.rubric, nomination.appraisal
        titles = {area.area: area.title for area in rubric.areas}
        areas = [f"{titles[each.area]}: {shown(each.average)}" for each in found.marks]
        average = "" if found.average is None else shown(found.average)
        about = {
            **_about(nomination, step),
            "areas": areas,
            "average": average,
            "passing": str(rubric.passing_average),
            "lowest": str(rubric.lowest_area_average),
            "missing": nomination.missing,
            "exception": nomination.exception,
        }
        return (Mail(template=template, to=to, about=about),)

    return write


def report(nomination: Nomination, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """The season knows how every nomination stands, so that the chair sees the selection on one page."""
    found = nomination.appraisal
    payload = {
        "partner": nomination.partner_id,
        "state": nomination.state,
        "passes": found.passes and found.has_quorum,
        "met": nomination.met,
        "average": "" if found.average is None else shown(found.average),
        "missing": nomination.missing,
        "reevaluation": nomination.reevaluation,
        "quorum": found.has_quorum,
        "seating": nomination.seating,
    }
    return (Tell(process=f"{SEASON_PREFIX}{nomination.half}", signal="nomination_reported", payload=payload),)


def look(nomination: Nomination, step: Step) -> tuple[Effect, ...]:
    """The facts of today, or those of the cut-off once it has come."""
    return (LookAtPartner(on=min(program_date(step.at), last_day(nomination.times.cut_off))),)


def report_result(nomination: Nomination, step: Step) -> tuple[Effect, ...]:
    """What the records and the committee's changes make of a result, the season knows; one scored again is none."""
    is_result = nomination.state == "scored" and nomination.quorum_lost_at is None
    return report(nomination, step) if is_result else ()


def make_elite(nomination: Nomination, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """Elite from the grant date on, whenever it was confirmed, for another year."""
    until = retained_until(nomination.rules, nomination.times.grant_date)
    since = nomination.times.grant
    words = "confirmed for another year" if nomination.reevaluation else "granted"
    payload = {
        "track": "master",
        "tier": "elite",
        "since": since.isoformat(),
        "until": start_of_day(until).isoformat(),
        "why": f"elite {words} by the season {nomination.half}",
    }
    return (
        YearOfElite(season=nomination.half, at=since, until=until),
        Tell(process=f"partner:{nomination.partner_id}", signal="grant_elite", payload=payload),
    )


def end_elite(nomination: Nomination, step: Step) -> tuple[Effect, ...]:
    """An elite that was not confirmed ends on its anniversary: the facts say what follows."""
    if not nomination.reevaluation:
        return ()
    return (Tell(process=f"partner:{nomination.partner_id}", signal="end_elite", payload={"at": step.at.isoformat()}),)


# On a trigger, before what belongs to the state that it leads to.
ON_TRIGGER: dict[str, tuple[NominationEffects, ...]] = {
    "begin": (report, look, mail("nomination_asked", MANAGER, "to_nominate")),
    "remind_manager": (mail("nomination_reminder", MANAGER, "to_nominate"),),
    "close_nominations": (mail("nomination_silence", MANAGERS_LEAD),),
    "reach_cut_off": (look,),
    "look_again": (look,),
    "facts_changed": (look,),
    "look_once_more": (look,),
    "looked": (report_result,),
    "brief": (report_result,),
}

# On entering a state, whatever led there. What the chair has confirmed, the season knows.
ON_ENTRY: dict[str, tuple[NominationEffects, ...]] = {
    **dict.fromkeys(("to_nominate", "nominated", "scoring", "declined"), (report,)),
    "extended": (report, mail("nomination_quorum", MEMBERS, "extended"), mail("nomination_quorum", CHAIR, "extended")),
    "scored": (report, look),
    "not_reviewed": (report, mail("nomination_lapsed", MANAGER), mail("nomination_lapsed", CHAIR)),
    "taken_out": (report, mail("nomination_taken_out", MANAGER), mail("nomination_taken_out", CHAIR)),
    "granted": (make_elite,),  # who becomes elite, and when, its standing says
    "not_granted": (end_elite, with_areas("elite_not_granted", PARTNER), with_areas("elite_not_granted", MANAGER)),
}


def effects_of(nomination: Nomination, step: Step) -> tuple[Effect, ...]:
    """Everything that follows from a step."""
    wanted = list(ON_TRIGGER.get(step.trigger, ()))
    if step.source != step.dest and step.trigger != "begin":
        wanted += ON_ENTRY.get(step.dest, ())
    if step.source == "not_reviewed" and step.trigger == "grant_date":
        wanted.append(mail("elite_not_reviewed", PARTNER))
    return tuple(effect for write in wanted for effect in write(nomination, step))


@workflow.defn(name="nomination")
@handlers
class NominationWorkflow(Process[Nomination]):
    """One partner in one season. The table is in `states/nomination.py`."""

    lifecycles: ClassVar = {1: NOMINATION}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:  # noqa: ARG002
        """Live through the nomination."""
        return await self.drive()

    def effects(self, data: Nomination, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        return effects_of(data, step)

    def learn(self, data: Nomination, receipt: Receipt) -> tuple[str, Message] | None:
        """What the records say of the partner."""
        return nomination_data.learn(data, receipt)
