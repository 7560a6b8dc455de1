"""The life of one partner's nomination in one elite season. (2022 guide, elite process page.)

The manager nominates or declines, the committee scores, the chair confirms the season's selection, and on the grant
date the partner becomes elite, or is told why not. What concerns all nominations at once is in `states/season.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from states import nomination_deeds as what
from states.lifecycle import Action, Deadline, Guard, Lifecycle, Move, Phase
from states.messages import Message, Reasoned
from states.nomination_data import Nomination
from states.nomination_messages import Briefed, Chosen, Looked, Nominate, PartnerGone, Readmit, Score
from states.staff import Role

MANAGERS, MEMBERS, CHAIR = (Role.MANAGER,), (Role.COMMITTEE, Role.CHAIR), (Role.CHAIR,)

# -- guards ------------------------------------------------------------------------------------------------------------


def _nominations_open(nomination: Nomination, at: datetime) -> bool:
    return at < nomination.times.nominations_close


def _is_new(nomination: Nomination, at: datetime) -> bool:
    return not _goes_on_in_silence(nomination, at)


def _goes_on_in_silence(nomination: Nomination, at: datetime) -> bool:  # noqa: ARG001
    return nomination.reevaluation and not nomination.rules.elite.reevaluation_needs_nomination


def _committee_at_work(nomination: Nomination, at: datetime) -> bool:
    return at >= nomination.times.committee_opens


def _scoring_open(nomination: Nomination, at: datetime) -> bool:
    return at < nomination.times.scoring_closes


def _has_quorum(nomination: Nomination, at: datetime) -> bool:  # noqa: ARG001
    return nomination.appraisal.has_quorum


def _quorum_is_awaited(nomination: Nomination, at: datetime) -> bool:
    return at < nomination.times.scoring_extended


def _somebody_recused(nomination: Nomination, at: datetime) -> bool:  # noqa: ARG001
    return bool(nomination.recused)


def _season_goes_on(nomination: Nomination, at: datetime) -> bool:
    return nomination.late or at < nomination.times.grant


def _lapsed_by_choice(nomination: Nomination, at: datetime) -> bool:  # noqa: ARG001
    return nomination.lapsed_by_choice


def _was(state: str) -> Callable[[Nomination, datetime], bool]:
    def was(nomination: Nomination, at: datetime) -> bool:  # noqa: ARG001
        return nomination.was == state

    return was


nominations_open = Guard(_nominations_open, "nominations have closed; the chair can admit a late one.")
is_new = Guard(_is_new, "elite is evaluated again in this season, whether the manager nominates or not.")
goes_on_in_silence = Guard(_goes_on_in_silence, "somebody has to nominate.")
committee_at_work = Guard(_committee_at_work, "the committee has not begun.")
scoring_open = Guard(_scoring_open, "scoring has closed.")
has_quorum = Guard(_has_quorum, "the scores of too few members count.")
quorum_is_awaited = Guard(_quorum_is_awaited, "the days for a missing quorum are over.")
season_goes_on = Guard(
    _season_goes_on, "the grant date has passed, and the season is decided; the next one can list the partner."
)
lapsed_by_choice = Guard(_lapsed_by_choice, "it lapsed when the days for a missing quorum were over.")
somebody_recused = Guard(_somebody_recused, "no member has recused itself.")

# -- due times: instants that the data hold ----------------------------------------------------------------------------


def _reminder(nomination: Nomination) -> datetime | None:
    return nomination.reminders[0] if nomination.reminders else None


def _close(nomination: Nomination) -> datetime:
    return nomination.times.nominations_close


def _committee(nomination: Nomination) -> datetime:
    return nomination.times.committee_opens


def _scoring_closes(nomination: Nomination) -> datetime:
    return nomination.times.scoring_closes


def _extension_ends(nomination: Nomination) -> datetime:
    return nomination.times.scoring_extended


def _quorum_lost(nomination: Nomination) -> datetime | None:
    return nomination.quorum_lost_at


def _cut_off(nomination: Nomination) -> datetime | None:
    return None if nomination.cut_off_looked else nomination.times.cut_off


def _grant(nomination: Nomination) -> datetime:
    return nomination.times.grant


def _day_before_grant(nomination: Nomination) -> datetime | None:
    return None if nomination.last_looked else nomination.times.grant - timedelta(days=1)


def _undo_end(nomination: Nomination) -> datetime | None:
    return nomination.undo_until


CUT_OFF = Deadline("reach_cut_off", _cut_off, "the facts of the cut-off are held against the checklist")

PHASES: tuple[Phase[Nomination], ...] = (
    Phase("received", "Listed by the season, about to begin."),
    Phase(
        "to_nominate",
        "The partner manager nominates the partner, or declines to.",
        waits_for=Role.MANAGER,
        deadlines=(
            Deadline("remind_manager", _reminder, "the manager is reminded"),
            Deadline("close_nominations", _close, "nominations close; silence counts as declined", costs_a_right=True),
        ),
    ),
    Phase(
        "nominated",
        "Before the committee as soon as it begins.",
        deadlines=(Deadline("open_scoring", _committee, "the committee begins to score"),),
    ),
    Phase(
        "scoring",
        "The committee scores every question of the rubric. Members may change their scores until it closes.",
        waits_for=Role.COMMITTEE,
        deadlines=(
            CUT_OFF,
            Deadline("close_scoring", _scoring_closes, "scoring closes; without a quorum it is extended, once"),
        ),
    ),
    Phase(
        "extended",
        "The scores of too few members count: members can score while the days for a missing quorum last.",
        waits_for=Role.COMMITTEE,
        deadlines=(
            CUT_OFF,
            Deadline("end_extension", _extension_ends, "scoring closes for good; without a quorum this lapses"),
        ),
    ),
    Phase(
        "scored",
        "Scored; the chair confirms the season's selection as a whole.",
        deadlines=(
            CUT_OFF,
            Deadline("score_again", _quorum_lost, "too few of the scores count any more: scoring goes on"),
        ),
    ),
    Phase(
        "selected",
        "Selected and confirmed.",
        deadlines=(
            Deadline("look_once_more", _day_before_grant, "a last look at what the records say of the partner"),
            Deadline("grant_date", _grant, "the partner becomes elite"),
        ),
    ),
    Phase(
        "turned_down",
        "Not selected; the partner is told why on the grant date.",
        deadlines=(Deadline("grant_date", _grant, "the partner is told why not"),),
    ),
    Phase(
        "not_reviewed",
        "Lapsed: the scores of too few members of the committee count.",
        deadlines=(Deadline("grant_date", _grant, "the partner is told"),),
    ),
    Phase(
        "declined",
        "Not nominated.",
        deadlines=(Deadline("settle", _scoring_closes, "until then the chair can admit a late nomination"),),
    ),
    Phase(
        "taken_out",
        "Taken out of the season.",
        deadlines=(Deadline("settle", _undo_end, "until then staff can bring it back"),),
    ),
    Phase("granted", "Elite is granted.", final=True),
    Phase("not_granted", "Elite is not granted.", final=True),
    Phase("called_off", "The season was called off.", final=True),
    Phase("closed", "Over.", final=True),
)

BEFORE_COMMITTEE = ("to_nominate", "nominated")
AT_COMMITTEE = ("scoring", "extended")
SETTLED = ("scored", "selected", "turned_down", "not_reviewed")
OPEN = (*BEFORE_COMMITTEE, *AT_COMMITTEE, *SETTLED, "declined")
BEFORE_CHOICE = tuple(state for state in OPEN if state not in what.CHOSEN)
OVER = ("granted", "not_granted", "called_off", "closed")

MOVES: tuple[Move[Nomination], ...] = (
    Move("begin", "received", "to_nominate", do=what.begin),
    # What the season and the records say. A process that is over may be told in the moment before Temporal closes it.
    Move("brief", (*OPEN, "taken_out"), None, do=what.be_briefed),
    Move("looked", (*OPEN, "taken_out"), None, do=what.look),
    Move("partner_gone", OPEN, "taken_out", do=what.take_out),
    Move("partner_gone", "taken_out", None),
    Move("facts_changed", (*OPEN, "taken_out"), None),
    Move("call_off", (*OPEN, "taken_out"), "called_off", do=what.call_off),
    Move("reach_cut_off", (*AT_COMMITTEE, "scored"), None, do=what.look_at_cut_off),
    Move("look_once_more", "selected", None, do=what.look_once_more),
    Move("look_again", (*BEFORE_COMMITTEE, *AT_COMMITTEE, "scored"), None),
    # The manager.
    Move("nominate", "to_nominate", "nominated", do=what.nominate),
    Move("nominate", "nominated", None, do=what.nominate),
    Move("nominate", "declined", "nominated", when=(nominations_open,), do=what.nominate),
    Move("decline", BEFORE_COMMITTEE, "declined", when=(is_new,), do=what.decline),
    Move("remind_manager", "to_nominate", None, do=what.remind),
    Move("close_nominations", "to_nominate", "nominated", when=(goes_on_in_silence,), do=what.go_without_case),
    Move("close_nominations", "to_nominate", "declined", do=what.stay_silent),
    Move("admit", "declined", "scoring", when=(scoring_open, committee_at_work), do=what.nominate),
    Move("admit", "declined", "nominated", when=(scoring_open,), do=what.nominate),
    # The committee.
    Move("open_scoring", "nominated", "scoring"),
    Move("score", AT_COMMITTEE, None, do=what.score),
    Move("recuse", AT_COMMITTEE, None, do=what.recuse),
    Move("readmit", AT_COMMITTEE, None, when=(somebody_recused,), do=what.readmit),
    Move("close_scoring", "scoring", "scored", when=(has_quorum,)),
    Move("close_scoring", "scoring", "extended", when=(quorum_is_awaited,)),
    Move("close_scoring", "scoring", "not_reviewed", do=what.lapse),
    Move("end_extension", "extended", "scored", when=(has_quorum,)),
    Move("end_extension", "extended", "not_reviewed", do=what.lapse),
    Move("score_again", "scored", "extended", do=what.score_again),
    # The selection, and the grant date.
    Move("select", "scored", "selected", when=(has_quorum,), do=what.be_chosen),
    Move("turn_down", "scored", "turned_down", when=(has_quorum,), do=what.be_chosen),
    *(Move(choice, "scored", "not_reviewed", do=what.lapse_by_choice) for choice in ("select", "turn_down")),
    Move("unconfirm", ("selected", "turned_down"), "scored", do=what.be_open_again),
    Move("unconfirm", "not_reviewed", "scored", when=(lapsed_by_choice,), do=what.be_open_again),
    Move("unconfirm", "not_reviewed", None),
    Move("grant_date", "selected", "granted", do=what.grant),
    Move("grant_date", "turned_down", "not_granted", do=what.turn_down),
    Move("grant_date", "not_reviewed", "closed"),
    # Ends that are nobody's decision on the merits, and the way back.
    Move("take_out", OPEN, "taken_out", do=what.take_out),
    *(Move("reinstate", "taken_out", state, when=(season_goes_on, Guard(_was(state), "it stood otherwise.")),
           do=what.reinstate) for state in BEFORE_CHOICE),
    Move("settle", ("declined", "taken_out"), "closed"),
)  # fmt: skip

_MANAGER, _MEMBER, _CHAIR = "manager@vendor.example", "member@vendor.example", "chair@vendor.example"
_TOLD = {"id": "outbox-8"}
_SHEET = "L43 O43344 P44332 C4 M3433 R4"
_TIMES = {
    "review_opens": "2027-01-01T05:00:00Z", "review_closes": "2027-02-01T05:00:00Z",
    "nominations_open": "2027-02-01T05:00:00Z", "nominations_close": "2027-03-01T05:00:00Z",
    "committee_opens": "2027-03-01T05:00:00Z", "scoring_closes": "2027-03-26T04:00:00Z",
    "scoring_extended": "2027-03-30T04:00:00Z", "cut_off": "2027-03-26T04:00:00Z", "grant": "2027-04-01T04:00:00Z",
}  # fmt: skip

ACTIONS = (
    Action("nominate", Nominate, MANAGERS, "Nominate the partner; the written case stands on the portal's page.",
           {"by": _MANAGER, "case": 1, "reason": "grows by half, and teaches others"}),
    Action("decline", Reasoned, MANAGERS, "Do not nominate it, and say why.",
           {"by": _MANAGER, "reason": "its founders leave this spring"}),
    Action("admit", Nominate, CHAIR, "Admit a nomination after nominations have closed.",
           {"by": _CHAIR, "reason": "the manager was ill"}),
    Action("score", Score, MEMBERS, "Score every question from 0 to 4, area by area; again replaces your sheet.",
           {"by": _MEMBER, "sheet": _SHEET}),
    Action("recuse", Reasoned, MEMBERS, "Take no part in this decision.",
           {"by": _MEMBER, "reason": "a relative works there"}),
    Action("readmit", Readmit, CHAIR, "Let a member score again that had recused itself.",
           {"by": _CHAIR, "member": _MEMBER, "reason": "a misunderstanding"}),
    Action("look_again", Reasoned, (Role.MANAGER, Role.CHAIR), "Hold the facts against the checklist once more.",
           {"by": _MANAGER, "reason": "the report card came late"}),
    Action("take_out", Reasoned, CHAIR, "Take the nomination out of the season.",
           {"by": _CHAIR, "reason": "listed by mistake"}),
    Action("reinstate", Reasoned, CHAIR, "Bring it back as it was, with its old dates, while its season goes on.",
           {"by": _CHAIR, "reason": "taken out by mistake"}),
    Action("brief", Briefed, (Role.SYSTEM,), "The season's timetable or roster has changed, or it is late.",
           {**_TOLD, "times": _TIMES, "roster": [_MEMBER], "seating": 1}),
    Action("partner_gone", PartnerGone, (Role.SYSTEM,), "The partner can't become elite any more.",
           {**_TOLD, "reason": "The partner has left the program."}),
    Action("facts_changed", Message, (Role.SYSTEM,), "What no partner can be elite without has changed.", _TOLD),
    Action("select", Chosen, (Role.SYSTEM,), "The chair has confirmed the selection: this partner is in it.",
           {**_TOLD, "selected": True}),
    Action("turn_down", Chosen, (Role.SYSTEM,), "The chair has confirmed the selection: this partner is not in it.",
           {**_TOLD, "selected": False}),
    Action("unconfirm", Message, (Role.SYSTEM,), "The chair has taken the confirmation back.", _TOLD),
    Action("call_off", Message, (Role.SYSTEM,), "The season is called off.", {**_TOLD, "reason": "no committee"}),
    Action("looked", Looked, (Role.SYSTEM,), "What the records say of the partner.",
           {"on": "2027-03-25", "met": True, "manager": _MANAGER}),
    Action("begin", Message, (Role.SYSTEM,), "The process begins.", {}),
)  # fmt: skip

NOMINATION = Lifecycle(
    "nomination",
    version=1,
    data=Nomination,
    initial="received",
    phases=PHASES,
    moves=MOVES,
    actions=ACTIONS,
    on_cancel="take_out",
)
