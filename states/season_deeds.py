"""How a season's data change when something happens to it. Each deed is done before the state changes."""

from __future__ import annotations

from datetime import timedelta

from program.addresses import address_key
from program.calendar import program_date, start_of_day
from program.season import extended, opened_early
from states.lifecycle import Event
from states.messages import Refusal
from states.season_data import Decision, Nominee, Season
from states.season_messages import Choose, Extend, Listed, Replace, Reported, Seat

# -- the MRR review ----------------------------------------------------------------------------------------------------


def look_through(season: Season, event: Event) -> None:
    """All partners are looked through, now and again while the review is open; the last look is at its close."""
    days = season.rules.elite.list_looked_through_every_days
    following = start_of_day(program_date(event.at) + timedelta(days=days))
    season.look, season.looking = season.look + 1, True
    season.next_look = following if following < season.times.review_closes else None


def take_list(season: Season, event: Event) -> None:
    """A look has ended. One that was overtaken by the next says nothing."""
    message = event.message
    if isinstance(message, Listed) and message.number == season.look:
        season.looking = False
        season.listed, season.listed_again = message.listed, message.again


def open_nominations(season: Season, event: Event) -> None:
    """Whoever is listed gets its nomination; one more look finds those that have joined since."""
    look_through(season, event)


def open_early(season: Season, event: Event) -> None:
    """The next phase opens now. Nothing closes earlier for it."""
    try:
        if season.state == "mrr_review":
            season.times = opened_early(season.times, "nominations", event.at)
            open_nominations(season, event)
        else:
            season.times = opened_early(season.times, "committee", event.at)
    except ValueError as mistake:
        raise Refusal(str(mistake)) from None


def extend(season: Season, event: Event) -> None:
    """A phase goes on for some days more."""
    message = event.message
    if not isinstance(message, Extend):
        raise AssertionError("an extension says which phase and by how much")
    try:
        season.times = extended(season.times, message.phase, message.days, event.at)
    except ValueError as mistake:
        raise Refusal(str(mistake)) from None
    if message.phase == "mrr_review" and season.next_look is None:
        season.next_look = start_of_day(program_date(event.at) + timedelta(days=1))


# -- the committee -----------------------------------------------------------------------------------------------------


def add_member(season: Season, event: Event) -> None:
    """Somebody takes a seat."""
    new = _new_seat(season, event.message.member if isinstance(event.message, Seat) else "")
    _seat_committee(season, (*season.roster, new))


def remove_member(season: Season, event: Event) -> None:
    """A seat is given up; scores that were given do not count any more."""
    member = _seat(season, event)
    _seat_committee(season, tuple(each for each in season.roster if each != member))


def replace_member(season: Season, event: Event) -> None:
    """Somebody else takes the seat."""
    member = _seat(season, event)
    new = _new_seat(season, event.message.new if isinstance(event.message, Replace) else "")
    _seat_committee(season, tuple(new if each == member else each for each in season.roster))


def _seat_committee(season: Season, roster: tuple[str, ...]) -> None:
    """Every scored nomination counts its scores anew, and reports under the new number."""
    season.roster, season.seating = roster, season.seating + 1


def _seat(season: Season, event: Event) -> str:
    member = address_key(event.message.member) if isinstance(event.message, Seat) else ""
    if member not in season.roster:
        raise Refusal(f"«{member}» is not on the committee; members are {', '.join(season.roster) or 'none yet'}.")
    return member


def _new_seat(season: Season, member: str) -> str:
    member = address_key(member)
    if member in season.roster:
        raise Refusal(f"«{member}» is on the committee already; members are {', '.join(season.roster)}.")
    return member


# -- nominations and the selection -------------------------------------------------------------------------------------


def note_report(season: Season, event: Event) -> None:
    """A nomination says how it stands. One that the chair's decision concerned and that is scored anew keeps it."""
    message = event.message
    if not isinstance(message, Reported):
        raise AssertionError("a report says how a nomination stands")
    found = Nominee(**message.model_dump(include=set(Nominee.model_fields)))
    season.nominees = {**season.nominees, message.partner: found}


def choose(season: Season, event: Event) -> None:
    """The chair decides about one partner; a decision that agrees with the result is none of its own."""
    message = event.message
    if not isinstance(message, Choose):
        raise AssertionError("a decision says who and how")
    partner, selected = message.partner, message.selected == "yes"
    possible = season.to_choose()
    if partner in season.to_lapse():
        raise Refusal(f"Too few scores of «{partner}» count; confirmed, its nomination lapses as not reviewed.")
    if partner not in possible:
        raise Refusal(
            f"«{partner}» has no scored nomination in this season; "
            + (f"scored are {', '.join(possible)}." if possible else "nothing is scored yet.")
        )
    others = {name: decided for name, decided in season.decisions.items() if name != partner}
    against = selected != season.nominees[partner].result
    season.decisions = {**others, partner: Decision(selected=selected, reason=message.reason)} if against else others


def confirm(season: Season, event: Event) -> None:
    """The selection holds as a whole."""
    season.confirmed_at = event.at
    season.remind_at, season.late = None, False


def take_back(season: Season, event: Event) -> None:  # noqa: ARG001
    """The selection is open again."""
    season.confirmed_at = None


def be_late(season: Season, event: Event) -> None:
    """The grant date has come, and nothing is confirmed: chair and lead are told every day."""
    season.late = True
    remind(season, event)


def remind(season: Season, event: Event) -> None:
    """Told today; told again after some days."""
    days = season.rules.elite.unconfirmed_reminder_days
    season.remind_at = start_of_day(program_date(event.at) + timedelta(days=days))


# -- ends --------------------------------------------------------------------------------------------------------------


def close(season: Season, event: Event) -> None:  # noqa: ARG001
    """The uptier has happened; the season is over."""
    season.outcome = "granted"


def confirm_late(season: Season, event: Event) -> None:
    """Confirmed after the grant date: elite holds from the grant date on, and the season is over."""
    confirm(season, event)
    close(season, event)


def call_off(season: Season, event: Event) -> None:
    """Nobody becomes elite in this season; retentions that end last until a season decides."""
    season.outcome = "called_off"
    season.why_ended = event.message.reason if event.message else ""
    season.next_look = season.remind_at = None
    season.late = False
