"""How the vendor's staff behave: in which state of a process they do what, after how many business days.

A habit looks at one open process and says what is done about it today, if anything. It throws dice by the process's key
and its state alone, so the same process meets the same decision whatever else happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from program.calendar import program_date
from program.edition import edition
from rehearsal.cast import CHAIR, MANAGERS, REVIEWERS
from rehearsal.chance import dice, happens
from rehearsal.queue import Open


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody types into the Web UI."""

    process: str
    action: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at one process: its dice, and how many business days it has waited."""

    each: Open
    today: date
    seed: int
    chance: Random

    def waited(self, *delays: int) -> bool:
        """Whether it has waited as long as this one is left to wait: one of some delays in business days."""
        return self.each.days_waiting(self.today) >= self.chance.choice(delays)

    def do(self, action: str, by: str, reason: str, **said: Any) -> list[Deed]:
        """One deed."""
        return [Deed(self.each.process, action, {"by": by, "reason": reason, **said})]

    def reviewer(self) -> str:
        """The reviewer who happens to take it."""
        return self.chance.choice(REVIEWERS)

    def manager(self) -> str:
        """Its partner's manager, or any."""
        return str(self.each.facts.get("manager") or self.chance.choice(MANAGERS))


Habit = Callable[[Visit], list[Deed]]

# What the season's card names as open, so that the selection can't be confirmed yet.
_OPEN_STILL = ("to nominate", "nominated", "being scored", "without a quorum")
_FACTORS = {"timely": "yes", "relationship": "deep", "accurate": "yes", "engaged": "nobody"}
_WEAK = {**_FACTORS, "relationship": "none", "engaged": "vendor"}


def review(visit: Visit) -> list[Deed]:
    """Most reviews are done in two days, some are overdue; one lead in five is rejected, none that has paid."""
    if not visit.waited(0, 0, 1, 1, 1, 2, 2, 3, 4, 7):
        return []
    by = visit.reviewer()
    if happens(visit.chance, 0.2) and not visit.each.facts.get("client paid"):
        return visit.do("reject", by, "in talks with our sales", because="already_engaged", **_WEAK)
    return visit.do("accept", by, "fits well", **_FACTORS)


def answer_notice(visit: Visit) -> list[Deed]:
    """Two notices out of three are granted; a few are never answered."""
    if happens(visit.chance, 0.06) or not visit.waited(1, 2, 3, 5, 7):
        return []
    action = "renew" if happens(visit.chance, 0.66) else "decline_renewal"
    return visit.do(action, visit.manager(), "as talked about with the partner")


def question(visit: Visit) -> list[Deed]:
    """Silence costs the credit every other time."""
    if not visit.waited(1, 2, 4, 8):
        return []
    action = "keep_credit" if happens(visit.chance, 0.5) else "take_credit"
    return visit.do(action, visit.reviewer(), "asked the partner once more")


def wait_or_give_up(visit: Visit) -> list[Deed]:
    """Sales is asked, and mostly wants to wait."""
    if visit.each.waits_for != "reviewer" or not visit.waited(1, 2, 3):
        return []
    action = "wait_longer" if happens(visit.chance, 0.6) else "give_up"
    return visit.do(action, visit.reviewer(), "asked sales")


def bring_back(visit: Visit) -> list[Deed]:
    """A payment for a lead that has ended is looked into."""
    if visit.each.waits_for != "reviewer" or not visit.waited(1, 2, 4) or happens(visit.chance, 0.4):
        return []
    return visit.do("reinstate", visit.reviewer(), "it paid in time")


def confirm_account(visit: Visit) -> list[Deed]:
    """The vendor's own word on an account that its client has confirmed."""
    if visit.each.waits_for != "reviewer" or not visit.waited(0, 1, 2, 4):
        return []
    if happens(visit.chance, 0.9):
        return visit.do("confirm_for_vendor", visit.reviewer(), "checked with the account's owner")
    return visit.do("decline_for_vendor", visit.reviewer(), "managed by the client itself")


def nominate(visit: Visit) -> list[Deed]:
    """Most are nominated, some with a reason not, and now and then a manager lets the month pass."""
    if happens(visit.chance, 0.06) or not visit.waited(2, 4, 7, 10, 14):
        return []
    if happens(visit.chance, 0.12):
        return visit.do("decline", visit.manager(), "its founders leave this spring")
    return visit.do("nominate", visit.manager(), "grows by half, and teaches others")


def score(visit: Visit) -> list[Deed]:
    """Every member scores on a day of its own; what a partner is worth, they see alike but not the same."""
    worth = dice(visit.seed, visit.each.key, "worth").gauss(3.3, 0.45)
    # From the edition's own words on the card: who has not scored yet.
    missing = str(visit.each.facts.get("scores missing of") or "")
    deeds: list[Deed] = []
    for member in filter(None, missing.split(", ")):
        own = dice(visit.seed, visit.each.key, member)
        delay = own.choice((2, 4, 6, 9, 12, 15, 40))
        if member == CHAIR or visit.each.days_waiting(visit.today) < delay:
            continue
        sheet = _sheet(own, worth, visit.each)
        deeds.append(Deed(visit.each.process, "score", {"by": member, "scores": sheet}))
    return deeds


def _sheet(chance: Random, worth: float, each: Open) -> dict[str, list[int]]:
    rubric = edition(each.edition).elite.rubric
    lowest, highest = rubric.lowest_score, rubric.highest_score
    return {
        area.area: [min(highest, max(lowest, round(chance.gauss(worth, 0.5)))) for _ in area.questions]
        for area in rubric.areas
    }


def confirm_selection(visit: Visit) -> list[Deed]:
    """The chair confirms the selection as a whole, once nothing of it is open."""
    open_still = any(visit.each.facts.get(label) for label in _OPEN_STILL)
    if open_still or not visit.waited(0, 1, 2):
        return []
    return visit.do("confirm", CHAIR, "as discussed in the committee")


def release_list(visit: Visit) -> list[Deed]:
    """The adjustment's list is read and released."""
    return visit.do("release", visit.manager(), "read") if visit.waited(1, 2, 3) else []


def hold_downtier(visit: Visit) -> list[Deed]:
    """For a few partners at risk their manager speaks up."""
    held = visit.each.facts.get("downtier held")
    if held or not happens(visit.chance, 0.06) or not visit.waited(3, 6, 10):
        return []
    return visit.do("hold_downtier", visit.manager(), "its largest client pays late")


def carry_out(visit: Visit) -> list[Deed]:
    """What was promised is done, mostly in time."""
    return visit.do("carry_out", visit.manager(), "done") if visit.waited(1, 3, 4, 6, 9, 14) else []


def agree(visit: Visit) -> list[Deed]:
    """The partner is asked first, and now and then it does not want it."""
    if not visit.waited(2, 4, 7):
        return []
    action = "decline" if happens(visit.chance, 0.12) else "agree"
    return visit.do(action, visit.manager(), "talked about with the partner")


def take_back(visit: Visit) -> list[Deed]:
    """What is not given any more is undone."""
    return visit.do("take_back", visit.manager(), "removed") if visit.waited(2, 5, 8) else []


def choose(visit: Visit) -> list[Deed]:
    """Where the standing leaves it to staff, some partners are chosen."""
    if not happens(visit.chance, 0.3) or not visit.waited(5, 10, 15):
        return []
    return visit.do("choose", visit.manager(), "strong half-year")


HABITS: Mapping[tuple[str, str], Habit] = {
    ("lead", "in_review"): review,
    ("lead", "renewal_asked"): answer_notice,
    ("lead", "credit_in_question"): question,
    ("lead", "opportunity"): wait_or_give_up,
    ("lead", "won"): wait_or_give_up,
    ("lead", "expired"): bring_back,
    ("lead", "rejected"): bring_back,
    ("lead", "credit_lost"): bring_back,
    ("account", "active"): confirm_account,
    ("nomination", "to_nominate"): nominate,
    ("nomination", "scoring"): score,
    ("nomination", "extended"): score,
    ("season", "selection"): confirm_selection,
    ("season", "unconfirmed"): confirm_selection,
    ("adjustment", "listed"): release_list,
    ("partner", "at_risk"): hold_downtier,
    ("benefit", "to_do"): carry_out,
    ("benefit", "to_agree"): agree,
    ("benefit", "to_take_back"): take_back,
    ("benefit", "offered"): choose,
}


def deeds_of(found: list[Open], today: date, seed: int) -> dict[str, list[Deed]]:
    """What staff do today, by process. Of several processes about one subject, such as a prospect, they do one a day.

    Two at once could both ask for the prospect, and which one gets it would depend on which commits first.
    """
    deeds: dict[str, list[Deed]] = {}
    subjects: set[tuple[str, str]] = set()
    for each in found:
        if (each.kind, each.subject) in subjects:
            continue
        chance = dice(seed, each.key, each.state, program_date(each.since))
        if done := HABITS[each.kind, each.state](Visit(each, today, seed, chance)):
            deeds[each.process] = done
            subjects.add((each.kind, each.subject))
    return deeds
