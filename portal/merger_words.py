"""What the page of a merger says and offers, by how things stand: the words, and nothing of HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from records.merger_page import AskedToMerge
from records.mergers import Said
from records.rendering import instant


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be given, and what follows from it."""

    answer: Said
    label: str
    means: str


@dataclass(frozen=True, slots=True)
class Words:
    """A page: its heading, how things stand, what goes over and what ends, and what can be answered."""

    title: str
    state: str
    remarks: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


def words_on(asked: AskedToMerge, *, at: datetime) -> Words:
    """What the page says at an instant."""
    title = f"Shall {asked.merged.name} become a part of {asked.into.name}?"
    state, merger = _state(asked, at), asked.merger
    if merger.state != "proposed" or at > merger.lapses_at:
        return Words(title, state)
    if asked.link.dead:
        return Words(title, state, ("A newer link has replaced this one. Please take the one in our newest mail.",))
    if asked.link.locked_at is not None:
        return Words(title, state, (LOCKED,))
    remarks = (f"It can't be confirmed now: {asked.in_the_way}",) if asked.in_the_way else ()
    choices = (_decline(asked),) if asked.in_the_way or asked.confirmed_at else (_confirm(asked), _decline(asked))
    return Words(title, state, remarks, _moves(asked), _ends(asked), choices)


LOCKED = (
    "This link is locked, because too many wrong codes were typed. Your partner manager can have a new one sent to you."
)


def _state(asked: AskedToMerge, at: datetime) -> str:
    """How things stand, in a sentence."""
    merger, merged, into = asked.merger, asked.merged.name, asked.into.name
    when = instant(merger.ended_at) if merger.ended_at else ""
    match merger.state:
        case "done":
            return (
                f"{merged} became a part of {into} on {when}, as both have confirmed. Nothing is asked of you any more."
            )
        case "declined":
            who = merged if merger.ended_by == "merge_from" else into
            return f"{who} declined the merger on {when}. Everything stays as it was."
        case "withdrawn":
            return f"The merger was called off on {when}. Everything stays as it was."
    if merger.state == "lapsed" or at > merger.lapses_at:
        return f"The merger could be confirmed until {instant(merger.lapses_at)}, and was not by both of you."
    until = f"Both partners can confirm it until {instant(merger.lapses_at)}."
    if asked.confirmed_at:
        mine = f"You confirmed on {instant(asked.confirmed_at)} that {merged} becomes a part of {into}."
        return f"{mine} {asked.other.name} has not confirmed it yet. {until}"
    first = merger.confirmed_at("merge_into" if asked.side == "merge_from" else "merge_from")
    theirs = f" {asked.other.name} has confirmed it, so that your word decides." if first else ""
    return f"{merged} is to be merged into {into} in the partner program.{theirs} {until}"


def _moves(asked: AskedToMerge) -> tuple[str, ...]:
    return (
        *(f"{each.what}: {each.many}" for each in asked.moves),
        f"the higher tier of the two, until the next adjustment: {asked.merged.name} is {asked.merged.standing}, "
        f"{asked.into.name} is {asked.into.standing}. Elite goes over only while it is retained.",
    )


def _ends(asked: AskedToMerge) -> tuple[str, ...]:
    keys = (f"its keys for programs: {asked.keys}",) if asked.keys else ()
    return (
        "its own place in the program, with its tier, its benefits and its nominations",
        "what both have twice: of two leads for one prospect, or two requests for one account, one goes on",
        *keys,
    )


def _confirm(asked: AskedToMerge) -> Choice:
    return Choice(
        "confirm",
        f"Yes, {asked.merged.name} becomes a part of {asked.into.name}",
        "As soon as both have confirmed, all of this happens at once, and it can't be undone.",
    )


def _decline(asked: AskedToMerge) -> Choice:
    means = f"Nothing moves, and {asked.other.name} is told so."
    if asked.confirmed_at:
        means = f"Your confirmation does not count any more: {means[0].lower()}{means[1:]}"
    return Choice("decline", "No, decline the merger", means)
