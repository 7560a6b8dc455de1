"""The life of a half-year's adjustment: warnings, the cut-off, the list, the run. (2022 guide, tier changes.)

What goes through all partners is done by jobs, page by page, and told by messages: this process only says when. Its
list is in SQL, frozen at the cut-off; late facts are corrections beside it.
"""

from __future__ import annotations

from datetime import datetime

from program.edition import edition
from states.adjustment_data import Adjustment
from states.adjustment_messages import Correct, JobEnded, OfPartner
from states.lifecycle import Action, Deadline, Event, Guard, Lifecycle, Move, Phase
from states.messages import Message, Refusal, StaffMessage
from states.staff import Role

STAFF = (Role.MANAGER, Role.REVIEWER)
MOST_DECISIONS = 500

# -- guards and due times ----------------------------------------------------------------------------------------------


def _cut_off_has_passed(adjustment: Adjustment, at: datetime) -> bool:
    return at >= adjustment.cut_off_at


cut_off_has_passed = Guard(_cut_off_has_passed, "the cut-off is still to come.")


def _warning(adjustment: Adjustment) -> datetime | None:
    return adjustment.warnings[0] if adjustment.warnings else None


def _cut_off(adjustment: Adjustment) -> datetime:
    return adjustment.cut_off_at


def _adjusts(adjustment: Adjustment) -> datetime:
    return adjustment.adjusts_at


def _adjusts_anyway(adjustment: Adjustment) -> datetime | None:
    return adjustment.adjusts_at if edition(adjustment.edition).moves.runs_without_release else None


# -- deeds -------------------------------------------------------------------------------------------------------------


def warn(adjustment: Adjustment, event: Event) -> None:
    """One warning is on its way; one that is due as well, because nobody worked for so long, would say the same."""
    adjustment.warnings = tuple(each for each in adjustment.warnings if each > max(event.at, event.handled_at))


def count_warned(adjustment: Adjustment, event: Event) -> None:
    """So many partners were warned."""
    if isinstance(event.message, JobEnded):
        adjustment.warned += event.message.warned


def take_list(adjustment: Adjustment, event: Event) -> None:
    """The facts are frozen, and what they mean for everybody is on the list."""
    if isinstance(event.message, JobEnded):
        adjustment.judged, adjustment.would_move = event.message.seen, event.message.moves
    adjustment.frozen_at = event.at


def hold(adjustment: Adjustment, event: Event) -> None:
    """A partner on the list is left alone."""
    partner = _partner(event)
    _insist_on_room(adjustment, event)
    adjustment.holds = tuple(dict.fromkeys((*adjustment.holds, partner)))
    adjustment.corrections = {who: what for who, what in adjustment.corrections.items() if who != partner}


def let_go(adjustment: Adjustment, event: Event) -> None:
    """What staff decided of a partner is taken back: the list counts again."""
    partner = _partner(event)
    if partner not in adjustment.holds and partner not in adjustment.corrections:
        raise Refusal(f"«let go» can't be done now: nothing was decided of {partner}.")
    adjustment.holds = tuple(who for who in adjustment.holds if who != partner)
    adjustment.corrections = {who: what for who, what in adjustment.corrections.items() if who != partner}


def correct(adjustment: Adjustment, event: Event) -> None:
    """A partner becomes what staff say, instead of what was found."""
    partner, message = _partner(event), event.message
    if not isinstance(message, Correct):
        raise AssertionError("a correction says what is right")
    if (message.track, message.tier) == ("master", "partner"):
        raise Refusal("«correct» can't be done now: there is no standing master partner.")
    _insist_on_room(adjustment, event)
    adjustment.holds = tuple(who for who in adjustment.holds if who != partner)
    adjustment.corrections = {**adjustment.corrections, partner: f"{message.track} {message.tier}"}


def release(adjustment: Adjustment, event: Event) -> None:  # noqa: ARG001
    """Staff have read the list: it may run when its day has come."""
    adjustment.released = True


def reopen(adjustment: Adjustment, event: Event) -> None:  # noqa: ARG001
    """Staff want to look once more."""
    adjustment.released = False


def end(adjustment: Adjustment, event: Event) -> None:
    """Everybody whom it moves has been told."""
    if isinstance(event.message, JobEnded):
        adjustment.moved, adjustment.held = event.message.moves, event.message.held
    adjustment.outcome = "adjusted"


def _partner(event: Event) -> str:
    if not isinstance(event.message, OfPartner):
        raise AssertionError("a decision names its partner")
    return event.message.partner


def _insist_on_room(adjustment: Adjustment, event: Event) -> None:
    if len(adjustment.holds) + len(adjustment.corrections) >= MOST_DECISIONS:
        raise Refusal(f"«{event.trigger}» can't be done now: {MOST_DECISIONS} partners are decided by hand already.")


PHASES: tuple[Phase[Adjustment], ...] = (
    Phase("received", "About to begin."),
    Phase(
        "awaiting_cut_off",
        "Partners at risk are warned; at the cut-off the facts are frozen.",
        deadlines=(
            Deadline("warn", _warning, "partners at risk are warned"),
            Deadline("freeze", _cut_off, "the facts are frozen"),
        ),
    ),
    Phase("freezing", "The facts of the cut-off are read and judged, page by page."),
    Phase(
        "listed",
        "The list is there: staff may hold or correct, and release it.",
        waits_for=Role.MANAGER,
        deadlines=(Deadline("run", _adjusts_anyway, "the adjustment runs, released or not"),),
    ),
    Phase(
        "released",
        "Staff have released the list: it runs on its day.",
        deadlines=(Deadline("run", _adjusts, "the adjustment runs"),),
    ),
    Phase("running", "Partners are moved, page by page."),
    Phase("done", "Everybody who moves has been told.", final=True),
)

BEFORE = ("awaiting_cut_off", "freezing", "listed")

MOVES: tuple[Move[Adjustment], ...] = (
    Move("begin", "received", "freezing", when=(cut_off_has_passed,)),
    Move("begin", "received", "awaiting_cut_off"),
    Move("warn", "awaiting_cut_off", None, do=warn),
    Move("warned", ("awaiting_cut_off", "freezing", "listed", "released", "running", "done"), None, do=count_warned),
    Move("freeze", "awaiting_cut_off", "freezing"),
    Move("frozen", "freezing", "listed", do=take_list),
    Move("hold", BEFORE, None, do=hold),
    Move("correct", BEFORE, None, do=correct),
    Move("let_go", BEFORE, None, do=let_go),
    Move("release", "listed", "released", do=release),
    Move("reopen", "released", "listed", do=reopen),
    Move("run", ("listed", "released"), "running"),
    Move("ran", "running", "done", do=end),
)  # fmt: skip

_WHO = "manager@vendor.example"
_TOLD = {"id": "outbox-1", "at": "2027-03-26T04:00:05Z"}

ACTIONS = (
    Action("release", StaffMessage, STAFF, "Release the list: it runs on its day.", {"by": _WHO, "reason": "read"}),
    Action("hold", OfPartner, STAFF, "Leave one partner on the list alone.",
           {"by": _WHO, "partner": "acme", "reason": "its largest client pays late"}),
    Action("correct", Correct, STAFF, "Let one partner become something else than the list says.",
           {"by": _WHO, "partner": "acme", "track": "advisor", "tier": "gold", "reason": "MRR of March came late"}),
    Action("let_go", OfPartner, STAFF, "Take back what was decided of one partner: the list counts again.",
           {"by": _WHO, "partner": "acme", "reason": "the figures are in"}),
    Action("reopen", StaffMessage, STAFF, "Take the release back.", {"by": _WHO, "reason": "two more to look at"}),
    Action("warned", JobEnded, (Role.SYSTEM,), "Partners at risk have been warned.", {**_TOLD, "warned": 12}),
    Action("frozen", JobEnded, (Role.SYSTEM,), "The facts are frozen and judged.", {**_TOLD, "seen": 60, "moves": 7}),
    Action("ran", JobEnded, (Role.SYSTEM,), "Everybody who moves has been told.", {**_TOLD, "seen": 60, "moves": 7}),
    Action("begin", Message, (Role.SYSTEM,), "The process begins.", {}),
)  # fmt: skip

ADJUSTMENT = Lifecycle(
    "adjustment",
    version=1,
    data=Adjustment,
    initial="received",
    phases=PHASES,
    moves=MOVES,
    actions=ACTIONS,
)
