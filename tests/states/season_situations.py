"""Where a season can stand, with what makes a difference there.

`python -m tests.states.season_situations` writes down, in `season_matrix.txt`, what follows there. The file is read by
people; a change in it is a change of the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from program.calendar import Half
from states.season import SEASON
from states.season_data import Season
from tests.states.alone import Trial
from tests.states.matrix import described
from tests.states.simulate import ny
from workflows.season import effects_of

MATRIX = Path(__file__).with_name("season_matrix.txt")
FIRST = Half(2027, 1)
CHAIR, MEMBER = "chair@vendor.example", "member1@vendor.example"
BY_CHAIR = {"by": CHAIR, "reason": "as discussed"}
SAYS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("confirm", "take_back", "open_early", "call_off"), BY_CHAIR),
    "choose": {**BY_CHAIR, "partner": "isar", "selected": "no"},
    "extend": {**BY_CHAIR, "phase": "committee", "days": 2},
    "add_member": {**BY_CHAIR, "member": "member9@vendor.example"},
    "remove_member": {**BY_CHAIR, "member": MEMBER},
    "replace_member": {**BY_CHAIR, "member": MEMBER, "new": "member8@vendor.example"},
    "nomination_reported": {"partner": "isar", "state": "scored", "passes": True, "met": True, "average": "3.50"},
    "listed": {"number": 1, "listed": 7, "again": 2},
}


def a_season(now: str = "2026-12-28 10:00", *, half: Half = FIRST, **options: Any) -> Trial[Season]:
    """A season that has just begun."""
    data = Season.of(half, ny(now), edition_name="2022", lifecycle_version=1, roster=(MEMBER,))
    return Trial(SEASON, data, ny(now), effects_of=effects_of, says=SAYS, **options)


def report(trial: Trial[Season], partner: str, state: str = "scored", **more: Any) -> None:
    """A nomination reports."""
    trial.say("nomination_reported", partner=partner, state=state, **more)


def after(until: str = "", *said: str, reports: tuple[str, ...] = (), then: str = "") -> Callable[[], Trial[Season]]:
    """A season at an instant, after these messages; `reports` are partner/state, in March; `then` passes last."""

    def make() -> Trial[Season]:
        trial = a_season()
        if reports:
            trial.until(ny("2027-03-10 10:00"))
            for each in reports:
                partner, _, state = each.partition("/")
                report(trial, partner, state)
        if until:
            trial.until(ny(until))
        for action in said:
            trial.say(action)
        if then:
            trial.until(ny(then))
        return trial

    return make


def _received() -> Trial[Season]:
    trial = a_season()
    trial.data.state = "received"
    return trial


def _committee_changed() -> Trial[Season]:
    trial = SITUATIONS["selection"]()
    trial.say("add_member", member="member7@vendor.example")
    return trial


def _counted_anew() -> Trial[Season]:
    trial = _committee_changed()
    for partner in ("isar", "elbe"):
        report(trial, partner, quorum=partner == "isar", passes=partner == "isar", seating=1)
    return trial


SCORED, MIXED = ("isar/scored", "elbe/scored"), ("isar/scored", "elbe/extended")
SITUATIONS: dict[str, Callable[[], Trial[Season]]] = {
    "received": _received,
    "planned": after(),
    "MRR review": after("2027-01-10 10:00"),
    "nominations": after("2027-02-10 10:00"),
    "nominations, early": after("2027-01-20 10:00", "open_early"),
    "committee": after("2027-03-10 10:00", reports=("isar/scoring",)),
    "selection": after("2027-03-30 10:00", reports=SCORED),
    "selection, one without a quorum": after("2027-03-26 10:00", reports=MIXED),
    "selection, the committee has changed": _committee_changed,
    "selection, counted anew": _counted_anew,
    "confirmed": after("2027-03-30 10:00", "confirm", reports=SCORED),
    "confirmed, nothing to choose": after("2027-03-30 10:00"),
    "unconfirmed": after("2027-04-02 10:00", reports=SCORED),
    "closed": after("2027-03-30 10:00", "confirm", reports=SCORED, then="2027-04-01 10:00"),
    "called off": after("2027-02-10 10:00", "call_off"),
}

if __name__ == "__main__":
    MATRIX.write_text(described(SEASON, SITUATIONS), encoding="utf-8")
