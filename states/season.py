"""The elite season of a half-year: MRR review, nominations, committee review, uptier. (2022 guide, elite process page.)

One process for each half-year. It keeps the calendar, the committee and the selection; each listed partner has a
nomination of its own, in `states/nomination.py`, which reports here and is told here what the chair has confirmed.
"""

from __future__ import annotations

from datetime import datetime

from states import season_deeds as what
from states.lifecycle import Action, Deadline, Guard, Lifecycle, Move, Phase
from states.messages import Message, Reasoned, StaffMessage
from states.season_data import IF_IT_STAYS_SO, UNDECIDED, Season, shortly
from states.season_messages import Choose, Extend, Listed, Replace, Reported, Seat
from states.staff import Role

CHAIR, HEADS = (Role.CHAIR,), (Role.CHAIR, Role.MANAGER)

# -- guards ------------------------------------------------------------------------------------------------------------


def _nothing_to_choose(season: Season, at: datetime) -> bool:  # noqa: ARG001
    return not season.in_state("nominated", "scoring", "extended", "scored")


def _all_settled(season: Season, at: datetime) -> bool:  # noqa: ARG001
    return not season.in_state(*UNDECIDED)


def _all_counted(season: Season, at: datetime) -> bool:  # noqa: ARG001
    return not season.unheard()


def _whom_to_count(season: Season) -> str:
    return (
        f"scores of {shortly(season.unheard())} have not yet been counted with the changed committee; try again in a "
        f"moment. {IF_IT_STAYS_SO}"
    )


def _not_confirmed(season: Season, at: datetime) -> bool:  # noqa: ARG001
    return season.state != "confirmed"


all_counted = Guard(_all_counted, _whom_to_count)
not_confirmed = Guard(
    _not_confirmed, "the selection is confirmed with this committee's scores; take the confirmation back first."
)
all_settled = Guard(_all_settled, "scoring of some nominations has not ended; the selection is confirmed as a whole.")
nothing_to_choose = Guard(_nothing_to_choose, "there are nominations to confirm.")

# -- due times: instants that the data hold ----------------------------------------------------------------------------


def _review_opens(season: Season) -> datetime:
    return season.times.review_opens


def _next_look(season: Season) -> datetime | None:
    return season.next_look


def _nominations_open(season: Season) -> datetime:
    return season.times.nominations_open


def _committee_opens(season: Season) -> datetime:
    return season.times.committee_opens


def _scoring_closes(season: Season) -> datetime:
    return season.times.scoring_closes


def _grant(season: Season) -> datetime:
    return season.times.grant


def _remind(season: Season) -> datetime | None:
    return season.remind_at


LOOK = Deadline("look_through", _next_look, "partners that have come to meet the thresholds join the list")

PHASES: tuple[Phase[Season], ...] = (
    Phase("received", "About to begin."),
    Phase(
        "planned",
        "Planned; it begins with its first phase.",
        deadlines=(Deadline("open_review", _review_opens, "the MRR review opens"),),
    ),
    Phase(
        "mrr_review",
        "Partners that meet the MRR thresholds are listed, and their managers told.",
        deadlines=(Deadline("open_nominations", _nominations_open, "nominations open"), LOOK),
    ),
    Phase(
        "nominations",
        "Partner managers nominate, or decline to.",
        deadlines=(Deadline("open_committee", _committee_opens, "the committee begins to score"), LOOK),
    ),
    Phase(
        "committee",
        "The committee scores every nomination with the rubric.",
        deadlines=(Deadline("close_scoring", _scoring_closes, "scoring closes, and the chair is asked"), LOOK),
    ),
    Phase(
        "selection",
        "Scoring has closed: the chair confirms the selection as a whole.",
        waits_for=Role.CHAIR,
        deadlines=(Deadline("grant_date", _grant, "without confirmation nobody new becomes elite"),),
    ),
    Phase(
        "unconfirmed",
        "The grant date has come without the chair's confirmation: nobody new is elite.",
        waits_for=Role.CHAIR,
        deadlines=(Deadline("remind_chair", _remind, "the chair and the lead are told again"),),
    ),
    Phase(
        "confirmed",
        "The selection is confirmed; it is carried out on the grant date, and not before.",
        deadlines=(Deadline("grant_date", _grant, "selected partners become elite, the others are told why not"),),
    ),
    Phase("closed", "Over: the selected partners are elite.", final=True),
    Phase("called_off", "Called off.", final=True),
)

IN_COURSE = ("planned", "mrr_review", "nominations", "committee", "selection", "unconfirmed", "confirmed")
OPEN_PHASES = ("mrr_review", "nominations", "committee")

MOVES: tuple[Move[Season], ...] = (
    Move("begin", "received", "planned"),
    # The calendar.
    Move("open_review", "planned", "mrr_review", do=what.look_through),
    Move("look_through", OPEN_PHASES, None, do=what.look_through),
    Move("open_nominations", "mrr_review", "nominations", do=what.open_nominations),
    Move("open_committee", "nominations", "committee"),
    Move("close_scoring", "committee", "confirmed", when=(nothing_to_choose,)),
    Move("close_scoring", "committee", "selection"),
    Move("grant_date", "confirmed", "closed", do=what.close),
    Move("grant_date", "selection", "unconfirmed", do=what.be_late),
    Move("remind_chair", "unconfirmed", None, do=what.remind),
    # What staff may move.
    Move("extend", OPEN_PHASES, None, do=what.extend),
    Move("open_early", "mrr_review", "nominations", do=what.open_early),
    Move("open_early", "nominations", "committee", do=what.open_early),
    Move("add_member", IN_COURSE, None, when=(not_confirmed,), do=what.add_member),
    Move("remove_member", IN_COURSE, None, when=(not_confirmed,), do=what.remove_member),
    Move("replace_member", IN_COURSE, None, when=(not_confirmed,), do=what.replace_member),
    # The selection.
    Move("choose", ("selection", "unconfirmed"), None, do=what.choose),
    Move("confirm", "selection", "confirmed", when=(all_settled, all_counted), do=what.confirm),
    Move("confirm", "unconfirmed", "closed", when=(all_settled, all_counted), do=what.confirm_late),
    Move("take_back", "confirmed", "selection", do=what.take_back),
    Move("call_off", IN_COURSE, "called_off", do=what.call_off),
    # What lists and nominations report. A season that is over may hear of them in the moment before Temporal closes it.
    Move("listed", (*IN_COURSE, "closed", "called_off"), None, do=what.take_list),
    Move("nomination_reported", (*IN_COURSE, "closed", "called_off"), None, do=what.note_report),
)  # fmt: skip

_CHAIR, _MEMBER = "chair@vendor.example", "member@vendor.example"
_TOLD = {"id": "outbox-8"}

ACTIONS = (
    Action("confirm", StaffMessage, CHAIR, "Confirm the selection as a whole, as it stands on this card.",
           {"by": _CHAIR, "reason": "as discussed in the committee"}),
    Action("choose", Choose, CHAIR, "Decide about one partner, also against the result; say why.",
           {"by": _CHAIR, "partner": "isar", "selected": "yes", "reason": "the missing case study is in print"}),
    Action("take_back", Reasoned, CHAIR, "Take the confirmation back, before the grant date.",
           {"by": _CHAIR, "reason": "one case is still discussed"}),
    Action("extend", Extend, HEADS, "Extend a phase by some days: mrr_review, nominations or committee.",
           {"by": _CHAIR, "phase": "nominations", "days": 3, "reason": "two managers are ill"}),
    Action("open_early", Reasoned, HEADS, "Open the next phase now; nothing closes earlier for it.",
           {"by": _CHAIR, "reason": "all lists are complete"}),
    Action("add_member", Seat, CHAIR, "Add a member to the committee.",
           {"by": _CHAIR, "member": _MEMBER, "reason": "knows the market"}),
    Action("remove_member", Seat, CHAIR, "Remove a member; its scores do not count any more.",
           {"by": _CHAIR, "member": _MEMBER, "reason": "has left the vendor"}),
    Action("replace_member", Replace, CHAIR, "Give a member's seat to somebody else.",
           {"by": _CHAIR, "member": _MEMBER, "new": "second@vendor.example", "reason": "on leave"}),
    Action("call_off", Reasoned, CHAIR, "Call the season off: nobody becomes elite, retentions that end go on.",
           {"by": _CHAIR, "reason": "no committee can be formed"}),
    Action("nomination_reported", Reported, (Role.SYSTEM,), "A nomination says how it stands.",
           {**_TOLD, "partner": "isar", "state": "scored", "passes": True, "met": True, "average": "3.50"}),
    Action("listed", Listed, (Role.SYSTEM,), "A look through all partners has ended.",
           {**_TOLD, "number": 1, "listed": 7, "again": 2}),
    Action("begin", Message, (Role.SYSTEM,), "The process begins.", {}),
)  # fmt: skip

SEASON = Lifecycle(
    "season",
    version=1,
    data=Season,
    initial="received",
    phases=PHASES,
    moves=MOVES,
    actions=ACTIONS,
    on_cancel="call_off",
)
