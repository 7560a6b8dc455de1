"""How a nomination's data change when something happens to it. Each deed is done before the state changes."""

from __future__ import annotations

from program.addresses import address_key
from program.calendar import window_end
from program.rubric import checked_sheet, read_sheet
from program.season import reminders
from states.lifecycle import Event
from states.messages import Refusal
from states.nomination_data import Nomination
from states.nomination_messages import Briefed, Chosen, Looked, Nominate, Readmit, Score

CHOSEN = ("selected", "turned_down")

# -- the season and the records ----------------------------------------------------------------------------------------


def begin(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """The manager is reminded some days before nominations close."""
    _plan_reminders(nomination)


def be_briefed(nomination: Nomination, event: Event) -> None:
    """The season's timetable or its roster has changed, or it waits for its confirmation."""
    message = event.message
    if not isinstance(message, Briefed):
        raise AssertionError("a briefing says what holds")
    before, nomination.times = nomination.times, message.times
    nomination.roster = tuple(address_key(each) for each in message.roster)
    nomination.seating, nomination.late = message.seating, message.late
    _mind_quorum(nomination, event)
    if before.nominations_close != message.times.nominations_close:
        _plan_reminders(nomination)
        nomination.reminders = tuple(at for at in nomination.reminders if at > event.at)


def look(nomination: Nomination, event: Event) -> None:
    """What the records say of the partner."""
    message = event.message
    if not isinstance(message, Looked):
        raise AssertionError("who looks says what was found")
    nomination.manager = address_key(message.manager)
    nomination.looked_on, nomination.met, nomination.missing = message.on, message.met, message.missing
    nomination.suspended = message.suspended
    _mind_quorum(nomination, event)


def look_at_cut_off(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """From now on the facts of the cut-off count; the look that follows brings them."""
    nomination.cut_off_looked = True


def look_once_more(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """A last look before the grant: a partner that has lost its agreement does not become elite."""
    nomination.last_looked = True


def _mind_quorum(nomination: Nomination, event: Event) -> None:
    """Scores of somebody who may not score any more do not count: where days are left for it, scoring goes on."""
    lost = nomination.state == "scored" and not nomination.appraisal.has_quorum
    nomination.quorum_lost_at = event.at if lost and event.at < nomination.times.scoring_extended else None


def _plan_reminders(nomination: Nomination) -> None:
    nomination.reminders = reminders(nomination.rules, nomination.times)


# -- the manager -------------------------------------------------------------------------------------------------------


def nominate(nomination: Nomination, event: Event) -> None:
    """The manager nominates, or presents the case anew."""
    message = event.message
    if not isinstance(message, Nominate):
        raise AssertionError("a nomination is signed")
    if not (message.case or message.reason or nomination.case):
        raise Refusal(
            "Say why this partner: write the case on the nomination's page in the portal, and its number here "
            "(case=1), or one sentence here."
        )
    nomination.nominated_by, nomination.nominated_at = address_key(event.by), event.at
    nomination.nominators = tuple(dict.fromkeys((*nomination.nominators, nomination.nominated_by)))
    nomination.case = message.case or nomination.case
    nomination.why, nomination.outcome = message.reason, ""


def decline(nomination: Nomination, event: Event) -> None:
    """The manager declines, with a reason."""
    nomination.why = event.message.reason if event.message else ""
    nomination.nominated_by, nomination.nominated_at = "", None
    nomination.outcome = "declined"


def remind(nomination: Nomination, event: Event) -> None:
    """This reminder is out; later ones stand."""
    nomination.reminders = tuple(at for at in nomination.reminders if at > event.at)


def stay_silent(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """Nominations have closed, and the manager has said nothing."""
    nomination.outcome, nomination.why = "declined", "The partner manager did not answer before nominations closed."


def go_without_case(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """A re-evaluation takes place whether somebody presents a case or not."""
    nomination.why = "The partner manager presented no case."


# -- the committee -----------------------------------------------------------------------------------------------------


def score(nomination: Nomination, event: Event) -> None:
    """A member scores every question; the same member again replaces its sheet."""
    message, member = event.message, address_key(event.by)
    if not isinstance(message, Score):
        raise AssertionError("scores come in a sheet")
    _insist_on_judge(nomination, member)
    rubric = nomination.rules.elite.rubric
    try:
        sheet = checked_sheet(rubric, message.scores) if message.scores else read_sheet(rubric, message.sheet)
    except ValueError as mistake:
        raise Refusal(str(mistake)) from None
    nomination.sheets = {**nomination.sheets, member: dict(sheet)}


def recuse(nomination: Nomination, event: Event) -> None:
    """A member takes no part in this decision; scores that it gave do not count."""
    member = address_key(event.by)
    if member in nomination.recused:
        return
    _insist_on_judge(nomination, member)
    nomination.recused = (*nomination.recused, member)


def readmit(nomination: Nomination, event: Event) -> None:
    """The chair lets a member score again."""
    member = address_key(event.message.member) if isinstance(event.message, Readmit) else ""
    if member not in nomination.recused:
        raise Refusal(f"«{member}» has not recused itself; {_those(nomination.recused)} have.")
    nomination.recused = tuple(each for each in nomination.recused if each != member)


def _insist_on_judge(nomination: Nomination, member: str) -> None:
    if member not in nomination.roster:
        raise Refusal(
            f"«{member}» is not on the committee of season {nomination.half}; members are {_those(nomination.roster)}. "
            "The chair can add somebody in the season's process."
        )
    if member in nomination.excluded:
        raise Refusal(f"«{member}» may not score this partner: {nomination.excluded[member]} may not.")
    if member in nomination.recused:
        raise Refusal(f"«{member}» has recused itself from this nomination; the chair can readmit it.")


def _those(members: tuple[str, ...]) -> str:
    return ", ".join(members) or "none"


def score_again(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """The days for a missing quorum are there for one that was lost, too."""
    nomination.quorum_lost_at = None


# -- ends --------------------------------------------------------------------------------------------------------------


def lapse(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """Scoring is over, and too few scores count."""
    nomination.outcome = nomination.rules.elite.without_quorum.replace(" ", "_")


def lapse_by_choice(nomination: Nomination, event: Event) -> None:
    """The chair has confirmed, and too few scores count; the confirmation may still be taken back."""
    lapse(nomination, event)
    nomination.was = nomination.state


def be_chosen(nomination: Nomination, event: Event) -> None:
    """The chair has confirmed the selection."""
    message = event.message
    if not isinstance(message, Chosen):
        raise AssertionError("a selection says who is selected")
    nomination.selected, nomination.exception = message.selected, message.exception


def be_open_again(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """The chair has taken its confirmation back."""
    nomination.selected, nomination.exception = None, ""
    nomination.was, nomination.outcome = "", ""


def grant(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """The grant date has come."""
    nomination.outcome = "granted"


def turn_down(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """The grant date has come, and the partner was not selected."""
    nomination.outcome = "not_granted"


def take_out(nomination: Nomination, event: Event) -> None:
    """Staff take the nomination out; it can be brought back for some days."""
    by_choice = nomination.state in CHOSEN or nomination.lapsed_by_choice
    nomination.was, nomination.outcome = nomination.state, "taken_out"
    if by_choice:
        # The chair may take its confirmation back meanwhile: the season says anew what it has confirmed.
        nomination.was, nomination.last_looked = "scored", False
        nomination.selected, nomination.exception = None, ""
    nomination.why_ended = event.message.reason if event.message else ""
    nomination.undo_until = window_end(max(event.at, event.handled_at), nomination.rules.leads.undo_days)


def reinstate(nomination: Nomination, event: Event) -> None:  # noqa: ARG001
    """Back as it was, with its old dates; what the chair has confirmed of it, the season says again."""
    nomination.was, nomination.outcome, nomination.why_ended, nomination.undo_until = "", "", "", None


def call_off(nomination: Nomination, event: Event) -> None:
    """The season is called off."""
    nomination.outcome = "called_off"
    nomination.why_ended = event.message.reason if event.message else ""
