"""What a standing gives besides money, and in which way: a pure function of edition, track and tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from program.evaluation import Standing
from program.rules.benefits import Benefit, Level
from program.rules.whole import Edition

Way = Literal["at once", "by a task", "by choice", "not yet"]
"""How somebody gets a benefit: with the tier itself, by what staff carry out, where staff choose them, or not yet."""

BY_CHOICE: tuple[Level, ...] = ("chosen partners", "by invitation")
NOT_YET: Level = "coming soon"

# What an installation may be able to give by a link of its own: then there is nothing left to carry out.
BY_LINK = frozenset({"affiliate_link", "slack_community"})

# How often what somebody carries out for a partner is due again.
REPEATED: dict[str, Literal["quarter", "year"]] = {"quarterly": "quarter", "yearly": "year"}


@dataclass(frozen=True, slots=True)
class Given:
    """A benefit at a standing: how far it goes there, and how one gets it."""

    code: str
    title: str
    level: Level
    way: Way


def benefits_at(edition: Edition, standing: Standing | None) -> tuple[Given, ...]:
    """The benefits of a standing, in the order of the edition's table; none before joining and after leaving."""
    if standing is None:
        return ()
    held = edition.benefits_of(standing.track, standing.tier)
    return tuple(Given(benefit.code, benefit.title, level, _way(benefit, level)) for benefit, level in held)


def needs_somebody(benefit: Benefit) -> bool:
    """Whether people have to do with the benefit at any standing: to carry it out, or to choose who gets it."""
    return benefit.is_task or any(grant.level in BY_CHOICE for grant in benefit.grants)


def goes_up(edition: Edition, before: Standing | None, after: Standing | None) -> bool:
    """Whether a move leads to a higher tier; joining is one."""
    if after is None:
        return False
    return before is None or edition.rank(after.tier) > edition.rank(before.tier)


def _way(benefit: Benefit, level: Level) -> Way:
    if level == NOT_YET:
        return "not yet"
    if level in BY_CHOICE:
        return "by choice"
    return "by a task" if benefit.is_task else "at once"
