"""What a nomination knows. Its table is in `states/nomination.py`, its deeds are in `states/nomination_deeds.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from program.edition import Edition, edition
from program.rubric import Appraisal, Sheet, appraise, shown
from program.season import Timetable
from states.effects import Receipt
from states.lifecycle import ProcessData
from states.messages import Message
from states.nomination_messages import Looked, PartnerGone

PREFIX = "nomination:"
"""What a nomination's process id begins with; the season, a colon and the partner's id follow."""

DECIDED = ("selected", "turned_down", "granted", "not_granted")


class Nomination(ProcessData):
    """One partner in one season. Instants are aware and in UTC.

    Staff are named by the address with which they sign: the members of the `roster`, the partner's `manager`, who
    nominated it last, and all who ever did (`nominators`). `seating` is the season's number of this roster, `late` says
    that the grant date has come and the season still waits for its confirmation. `case` is the number under which SQL
    keeps the written case. `sheets` are scores by member and area; those of members who may not score, or do not any
    more, stay and do not count. `met` says whether the facts of `looked_on` meet everything that elite asks, None
    before anybody has looked. `was` is the state to which a nomination goes back that was taken out, or that lapsed by
    the chair's confirmation.
    """

    half: str
    times: Timetable
    roster: tuple[str, ...] = ()
    seating: int = 0
    late: bool = False
    reevaluation: bool = False
    reminders: tuple[datetime, ...] = ()

    manager: str = ""
    nominated_by: str = ""
    nominated_at: datetime | None = None
    nominators: tuple[str, ...] = ()
    case: int = 0
    why: str = ""

    sheets: dict[str, dict[str, tuple[int, ...]]] = Field(default_factory=dict)
    recused: tuple[str, ...] = ()
    quorum_lost_at: datetime | None = None

    looked_on: str = ""
    met: bool | None = None
    missing: str = ""
    suspended: bool = False
    cut_off_looked: bool = False
    last_looked: bool = False

    selected: bool | None = None
    exception: str = ""
    was: str = ""
    outcome: str = ""
    why_ended: str = ""
    undo_until: datetime | None = None

    @property
    def rules(self) -> Edition:
        """The edition under which the nomination lives."""
        return edition(self.edition)

    @property
    def excluded(self) -> dict[str, str]:
        """The members who may not score this partner, each with the reason."""
        reasons: dict[str, str] = {}
        for code, who in (("manages", self.manager), *(("nominated", each) for each in self.nominators)):
            text = next((each.text for each in self.rules.elite.rubric.excluded_members if each.code == code), "")
            if text and who in self.roster:
                reasons[who] = text
        return reasons

    @property
    def judges(self) -> tuple[str, ...]:
        """The members whose scores are wanted, in the roster's order."""
        return tuple(each for each in self.roster if each not in self.excluded and each not in self.recused)

    @property
    def counting(self) -> tuple[Sheet, ...]:
        """The sheets that count."""
        return tuple(self.sheets[each] for each in self.judges if each in self.sheets)

    @property
    def appraisal(self) -> Appraisal:
        """What the rubric gives as it stands."""
        return appraise(self.rules.elite.rubric, self.counting)

    @property
    def lapsed_by_choice(self) -> bool:
        """Whether it lapsed only as the chair confirmed: it is scored again if the confirmation is taken back."""
        return self.state == "not_reviewed" and self.was == "scored"

    def subject(self) -> str:
        """Season and partner."""
        return f"{self.half} {self.partner_id}"

    def facts(self) -> dict[str, Any]:
        """What staff should see. It names members, and is not for partners."""
        found, titles = self.appraisal, {area.area: area.title for area in self.rules.elite.rubric.areas}
        missing = [each for each in self.judges if each not in self.sheets]
        scored = self.state in ("scoring", "extended", "scored", *DECIDED)
        result = _result(found) if scored else None
        return {
            "partner": self.partner_id,
            "season": self.half,
            "kind": "elite is evaluated again" if self.reevaluation else "new",
            "manager": self.manager or None,
            "nominated": self.nominated_at,
            "nominated by": self.nominated_by or None,
            "case": self.case or None,
            "why": self.why or None,
            "checklist": _checklist(self),
            "partner suspended": "yes: elite begins when that is lifted" if self.suspended else None,
            "as it stands": result,
            **{
                titles[marks.area]: f"{shown(marks.average)}, members {shown(marks.spread)} apart"
                for marks in found.marks
                if scored
            },
            "members who scored": f"{found.members} of {len(self.judges)}, {self.rules.elite.rubric.quorum} needed"
            if scored
            else None,
            "scores missing of": ", ".join(missing) or None if self.state in ("scoring", "extended") else None,
            "recused": ", ".join(self.recused) or None,
            "may not score": "; ".join(f"{who}: {why}" for who, why in self.excluded.items()) or None,
            "chair's selection": None if self.selected is None else ("selected" if self.selected else "not selected"),
            "exception": self.exception or None,
            "outcome": self.outcome or None,
            "why ended": self.why_ended or None,
            "marks": _marks(self, found) if scored else None,
        }

    @classmethod
    def of(
        cls,
        half: str,
        partner_id: str,
        times: Timetable,
        at: datetime,
        *,
        edition_name: str,
        lifecycle_version: int,
        roster: tuple[str, ...] = (),
        reevaluation: bool = False,
    ) -> Nomination:
        """A nomination as the season begins it for a listed partner."""
        return cls(
            id=f"{half}:{partner_id}",
            partner_id=partner_id,
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=at,
            half=half,
            times=times,
            roster=roster,
            reevaluation=reevaluation,
        )


def learn(nomination: Nomination, receipt: Receipt) -> tuple[str, Message] | None:  # noqa: ARG001
    """Take in what the records say of the partner."""
    found = receipt.found.get("partner")
    if found is None:
        return None
    looked = Looked.model_validate(found)
    return ("partner_gone", PartnerGone(reason=looked.gone)) if looked.gone else ("looked", looked)


def _result(found: Appraisal) -> str:
    if found.average is None:
        return "nobody has scored"
    verdict = "would pass" if found.passes else "would not pass"
    weak = f", too weak: {', '.join(each.replace('_', ' ') for each in found.weak)}" if found.weak else ""
    return f"{shown(found.average)}, {verdict}{weak}{'' if found.has_quorum else ', no quorum yet'}"


def _checklist(nomination: Nomination) -> str | None:
    if nomination.met is None:
        return None
    return f"{'all met' if nomination.met else f'missing: {nomination.missing}'} (facts of {nomination.looked_on})"


def _marks(nomination: Nomination, found: Appraisal) -> dict[str, Any]:
    """The figures for pages and plots, averages as text: they hold no member's name."""
    return {
        "average": shown(found.average) if found.average is not None else None,
        "members": found.members,
        "quorum": found.has_quorum,
        "passes": found.passes,
        "met": nomination.met,
        "areas": {marks.area: [shown(marks.average), shown(marks.spread)] for marks in found.marks},
    }
