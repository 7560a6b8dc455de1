"""What an elite season knows. Its table is in `states/season.py`, what happens to the data in `season_deeds.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from program.addresses import address_key
from program.calendar import Half, program_date
from program.edition import Edition, edition
from program.season import Timetable, timetable
from states.effects import Receipt
from states.lifecycle import ProcessData
from states.messages import Message

PREFIX = "elite:"
"""What a season's process id begins with; the half-year follows."""

UNDECIDED = ("to_nominate", "nominated", "scoring", "extended")
"""The states of a nomination in which nothing can be confirmed yet."""

IF_IT_STAYS_SO = (
    "If it stays so, take_out helps where the nomination's process runs, and partnerflow doctor --repair where it does "
    "not run any more."
)
"""What helps when a nomination does not say how it stands."""

_NAMED_AT_MOST = 5


class Nominee(BaseModel):
    """A nomination as it last reported. `missing` is what the checklist asks and the facts do not have.

    Without a `quorum` there is no result; `seating` is the number of the committee whose scores were counted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: str
    passes: bool = False
    met: bool | None = None
    average: str = ""
    missing: str = ""
    reevaluation: bool = False
    quorum: bool = True
    seating: int = 0

    @property
    def result(self) -> bool:
        """What rubric and checklist give together."""
        return self.passes and bool(self.met)


class Decision(BaseModel):
    """The chair's own decision about a partner, against the result, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    selected: bool
    reason: str


class Season(ProcessData):
    """One half-year's elite season. Instants are aware and in UTC.

    Whom the MRR review lists, SQL knows; `nominees` are the nominations that were begun, by partner, as they last
    reported. Members of the `roster` are named by the address with which they sign; `seating` counts its changes.
    `look` counts the looks through all partners, `looking` says that one has not ended.
    """

    half: str
    times: Timetable
    roster: tuple[str, ...] = ()
    seating: int = 0

    look: int = 0
    looking: bool = False
    next_look: datetime | None = None
    listed: int | None = None
    listed_again: int | None = None

    nominees: dict[str, Nominee] = Field(default_factory=dict)
    decisions: dict[str, Decision] = Field(default_factory=dict)
    confirmed_at: datetime | None = None
    remind_at: datetime | None = None
    late: bool = False
    outcome: str = ""
    why_ended: str = ""

    @property
    def rules(self) -> Edition:
        """The edition of the season."""
        return edition(self.edition)

    def is_selected(self, partner: str) -> bool:
        """Whether a partner is in the selection: by the chair's decision, or by the result; never without a quorum."""
        decided = self.decisions.get(partner) if self.nominees[partner].quorum else None
        return decided.selected if decided else self.nominees[partner].result

    def in_state(self, *states: str) -> list[str]:
        """The partners whose nominations stand in one of these states, in order."""
        return sorted(partner for partner, nominee in self.nominees.items() if nominee.state in states)

    def to_choose(self) -> list[str]:
        """The partners about whom there is something to decide: those that are scored, with a quorum."""
        return [partner for partner in self.in_state("scored") if self.nominees[partner].quorum]

    def to_lapse(self) -> list[str]:
        """Those that are scored and have lost their quorum: confirmed, they lapse as not reviewed."""
        return [partner for partner in self.in_state("scored") if not self.nominees[partner].quorum]

    def unheard(self) -> list[str]:
        """Those whose result was counted before the committee changed, and not yet anew."""
        return [partner for partner in self.in_state("scored") if self.nominees[partner].seating != self.seating]

    def subject(self) -> str:
        """The half-year."""
        return self.half

    def is_overdue(self) -> bool:
        """Whether the grant date has come without the chair's confirmation."""
        return self.late

    def facts(self) -> dict[str, Any]:
        """What staff should see."""
        times, scored = self.times, self.to_choose()
        selected = [_because(self, each) for each in scored if self.is_selected(each)]
        others = [_because(self, each) for each in scored if not self.is_selected(each)]
        return {
            "season": self.half,
            "grant date": f"{times.grant_date:%A} {times.grant_date.isoformat()}",
            "cut-off of facts": times.cut_off,
            "MRR review closes": times.review_closes,
            "nominations close": times.nominations_close,
            "committee begins": times.committee_opens,
            "scoring closes": times.scoring_closes,
            "for a missing quorum": times.scoring_extended,
            "committee": ", ".join(self.roster) or "nobody yet: the chair adds members",
            "listed": self.listed,
            "of these, elite before": self.listed_again or None,
            "next look at all partners": self.next_look,
            "to nominate": _named(self.in_state("to_nominate")),
            "nominated": _named(self.in_state("nominated")),
            "declined": _named(self.in_state("declined")),
            "being scored": _named(self.in_state("scoring")),
            "without a quorum": _named(self.in_state("extended")),
            "lapse, too few scores count": _named(self.to_lapse()),
            "not reviewed": _named(self.in_state("not_reviewed")),
            "taken out": _named(self.in_state("taken_out")),
            "selected": selected or None,
            "not selected": others or None,
            "confirmed": self.confirmed_at,
            "why ended": self.why_ended or None,
            "to decide": _to_decide(self),
        }

    @classmethod
    def of(
        cls, half: Half, at: datetime, *, edition_name: str, lifecycle_version: int, roster: tuple[str, ...] = ()
    ) -> Season:
        """The season of a half-year, as it is begun at an instant."""
        return cls(
            id=str(half),
            partner_id="",
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=at,
            half=str(half),
            times=timetable(edition(edition_name), half),
            roster=tuple(address_key(each) for each in roster),
        )


def learn(season: Season, receipt: Receipt) -> tuple[str, Message] | None:  # noqa: ARG001
    """Nothing that the database could decide."""
    return None


def shortly(partners: list[str]) -> str:
    """Partners in a sentence, which is cut where it is long: the first of them, and how many more."""
    more = len(partners) - _NAMED_AT_MOST
    return ", ".join(partners[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _named(partners: list[str]) -> str | None:
    return ", ".join(partners) or None


def _because(season: Season, partner: str) -> str:
    """A partner with what its result was, and the reason where the chair decided otherwise."""
    nominee, decided = season.nominees[partner], season.decisions.get(partner)
    words = [nominee.average or "not scored"]
    # First, because a card cuts what is long: a checklist may miss a lot.
    if decided:
        words.append(f"against the result: {decided.reason}")
    if not nominee.met:
        words.append("checklist unknown" if nominee.met is None else f"misses {nominee.missing}")
    return f"{partner} ({'; '.join(words)})"


def _to_decide(season: Season) -> str | None:
    if season.state not in ("selection", "unconfirmed"):
        return None
    waiting = season.in_state(*UNDECIDED)
    if waiting:
        return f"The selection can be confirmed once scoring of {', '.join(waiting)} has ended."
    if unheard := season.unheard():
        return (
            f"The selection can be confirmed once {shortly(unheard)} has said what the committee's scores give now. "
            f"{IF_IT_STAYS_SO}"
        )
    day = program_date(season.times.grant).isoformat()
    return f"Is the selection below right as a whole? Without confirmation nobody new becomes elite on {day}."
