"""A season's effects: looks through all partners, who is told what, and what its nominations are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from temporalio import workflow

from program.calendar import program_date
from states import season_data
from states.effects import Effect, Mail, Receipt, StartJob, Step, Tell
from states.messages import Message
from states.nomination_data import PREFIX as NOMINATION_PREFIX
from states.season import SEASON
from states.season_data import Season
from workflows.handlers import handlers
from workflows.process import Outcome, Process, Start

MANAGERS, MEMBERS, CHAIR, CHAIRS_LEAD = "staff:manager", "staff:committee", "staff:chair", "chair-lead"

SeasonEffects = Callable[[Season, Step], tuple[Effect, ...]]


def mail(template: str, to: str, *only_while: str) -> SeasonEffects:
    """One mail; one that asks for something names the states in which it is still worth sending."""

    def write(season: Season, step: Step) -> tuple[Effect, ...]:
        times = season.times
        about = {
            "reason": step.reason,
            "season": season.half,
            "change": step.trigger,
            "phase": str(step.details.get("phase", "")),
            "grant_date": times.grant_date.isoformat(),
            "review_closes": times.review_closes.isoformat(),
            "nominations_close": times.nominations_close.isoformat(),
            "scoring_closes": times.scoring_closes.isoformat(),
        }
        return (Mail(template=template, to=to, only_while=only_while, about=about),)

    return write


def look_through(season: Season, step: Step) -> tuple[Effect, ...]:
    """All partners are looked through outside of this process; once nominations are open, the listed get theirs."""
    asked = {
        "season": season.half,
        "number": season.look,
        "edition": season.edition,
        "on": program_date(step.at).isoformat(),
        "asked_at": step.at.isoformat(),
        "begins": season.state != "mrr_review",
        "grant_date": season.times.grant_date.isoformat(),
        "times": season.times.model_dump(mode="json"),
        "roster": list(season.roster),
    }
    return (StartJob(kind="look_through_partners", args=asked, signal="listed"),)


def brief_all(season: Season, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """Every nomination knows the timetable and the committee."""
    return tuple(_brief(season, season.nominees))


def answer_report(season: Season, step: Step) -> tuple[Effect, ...]:
    """A nomination that has just begun may have missed a change; one scored anew, what the chair has confirmed."""
    partner, state = str(step.details["partner"]), str(step.details["state"])
    if step.dest == "called_off":
        return tuple(_tell(season, [partner], "call_off", {"reason": season.why_ended}))
    if state == "to_nominate":
        return tuple(_brief(season, [partner]))
    if state == "scored" and step.dest in ("confirmed", "closed"):
        return tuple(_choices(season, [partner]))
    return ()


def tell_choices(season: Season, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """What the chair has confirmed, told to every nomination that was scored."""
    return tuple(_choices(season, season.in_state("scored")))


def close_the_way_back(season: Season, step: Step) -> tuple[Effect, ...]:
    """What was taken out of a late season could come back until the chair confirmed.

    All are told, and before the choices: one may have been taken out a moment ago, and its report be under way.
    """
    return tuple(_brief(season, season.nominees)) if step.source == "unconfirmed" else ()


def open_again(season: Season, step: Step) -> tuple[Effect, ...]:  # noqa: ARG001
    """The confirmation is taken back, also for those that lapsed by it."""
    return tuple(_tell(season, season.in_state("scored", "not_reviewed"), "unconfirm", {}))


def call_all_off(season: Season, step: Step) -> tuple[Effect, ...]:
    """No nomination goes on."""
    return tuple(_tell(season, season.nominees, "call_off", {"reason": step.reason}))


def _brief(season: Season, partners: Iterable[str]) -> Iterable[Effect]:
    payload = {
        "times": season.times.model_dump(mode="json"),
        "roster": list(season.roster),
        "seating": season.seating,
        "late": season.late,
    }
    return _tell(season, partners, "brief", payload)


def _choices(season: Season, partners: Iterable[str]) -> Iterable[Effect]:
    for partner in partners:
        selected, decided = season.is_selected(partner), season.decisions.get(partner)
        payload = {"selected": selected, "exception": decided.reason if decided else ""}
        yield from _tell(season, [partner], "select" if selected else "turn_down", payload)


def _tell(season: Season, partners: Iterable[str], signal: str, payload: dict[str, Any]) -> Iterable[Effect]:
    for partner in partners:
        yield Tell(process=f"{NOMINATION_PREFIX}{season.half}:{partner}", signal=signal, payload=payload)


announced = tuple(mail("season_changed", to) for to in (MANAGERS, MEMBERS, CHAIR))

# On a trigger, before what belongs to the state that it leads to.
ON_TRIGGER: dict[str, tuple[SeasonEffects, ...]] = {
    "open_review": (look_through,),
    "look_through": (look_through,),
    "open_nominations": (look_through,),
    "open_early": (brief_all, *announced),
    "extend": (brief_all, *announced),
    "add_member": (brief_all,),
    "remove_member": (brief_all,),
    "replace_member": (brief_all,),
    "nomination_reported": (answer_report,),
    "confirm": (close_the_way_back, tell_choices, mail("season_confirmed", CHAIR), mail("season_confirmed", MANAGERS)),
    "take_back": (open_again,),
    "remind_chair": (
        mail("season_unconfirmed", CHAIR, "unconfirmed"),
        mail("season_unconfirmed", CHAIRS_LEAD, "unconfirmed"),
    ),
}

# On entering a state, whatever led there.
ON_ENTRY: dict[str, tuple[SeasonEffects, ...]] = {
    "committee": (mail("season_committee", MEMBERS, "committee"), mail("season_committee", CHAIR, "committee")),
    "selection": (mail("season_to_confirm", CHAIR, "selection"),),
    "unconfirmed": (
        brief_all,
        mail("season_unconfirmed", CHAIR, "unconfirmed"),
        mail("season_unconfirmed", CHAIRS_LEAD, "unconfirmed"),
    ),
    "called_off": (call_all_off, *(mail("season_called_off", to) for to in (MANAGERS, MEMBERS, CHAIR))),
}


def effects_of(season: Season, step: Step) -> tuple[Effect, ...]:
    """Everything that follows from a step."""
    wanted = list(ON_TRIGGER.get(step.trigger, ()))
    if step.trigger == "open_early" and step.dest == "nominations":
        wanted.append(look_through)
    if step.source != step.dest:
        wanted += ON_ENTRY.get(step.dest, ())
    return tuple(effect for write in wanted for effect in write(season, step))


@workflow.defn(name="season")
@handlers
class SeasonWorkflow(Process[Season]):
    """The elite season of one half-year. The table is in `states/season.py`."""

    lifecycles: ClassVar = {1: SEASON}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:  # noqa: ARG002
        """Live through the season."""
        return await self.drive()

    def effects(self, data: Season, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        return effects_of(data, step)

    def learn(self, data: Season, receipt: Receipt) -> tuple[str, Message] | None:
        """Nothing that the database could decide."""
        return season_data.learn(data, receipt)
