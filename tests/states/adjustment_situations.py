"""Where a half-year's adjustment can stand, with what makes a difference there.

`python -m tests.states.adjustment_situations` writes down, in `adjustment_matrix.txt`, what follows there. The file is
read by people; a change in it is a change of the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from tests.states.alone import Trial
from tests.states.matrix import described
from tests.states.simulate import ny
from workflows.adjustment import effects_of

MATRIX = Path(__file__).with_name("adjustment_matrix.txt")
STAFF = {"by": "manager@vendor.example", "reason": "we looked at it"}
ONE = {**STAFF, "partner": "acme"}
SAYS: dict[str, dict[str, Any]] = {
    "release": STAFF,
    "reopen": STAFF,
    "hold": ONE,
    "let_go": ONE,
    "correct": {**ONE, "track": "advisor", "tier": "gold"},
    "warned": {"seen": 60, "warned": 4},
    "frozen": {"seen": 60, "moves": 7},
    "ran": {"seen": 60, "moves": 6, "held": 1},
}
START, LISTED = "2027-02-18 00:10", "2027-03-26 08:00"


def an_adjustment(now: str = START, **options: Any) -> Trial[Adjustment]:
    """The adjustment of the first half of 2027, which has just begun."""
    at = ny(now)
    data = Adjustment.of("2027-H1", at, edition_name="2022", lifecycle_version=1)
    return Trial(ADJUSTMENT, data, at, effects_of=effects_of, says=SAYS, **options)


def after(*said: str, until: str = "", now: str = START) -> Callable[[], Trial[Adjustment]]:
    """An adjustment at an instant, after these messages."""

    def make() -> Trial[Adjustment]:
        trial = an_adjustment(now)
        if until:
            trial.until(ny(until))
        for action in said:
            trial.say(action)
        return trial

    return make


def _received() -> Trial[Adjustment]:
    trial = an_adjustment()
    trial.data.state = "received"
    return trial


def _running() -> Trial[Adjustment]:
    trial = after("frozen", until=LISTED)()
    trial.until(ny("2027-04-01 00:00"))
    return trial


def _done() -> Trial[Adjustment]:
    trial = _running()
    trial.say("ran")
    return trial


SITUATIONS: dict[str, Callable[[], Trial[Adjustment]]] = {
    "received": _received,
    "awaiting the cut-off": after(),
    "awaiting the cut-off, warned": after(until="2027-03-20 10:00"),
    "freezing": after(until=LISTED),
    "freezing, begun late": after(now=LISTED),
    "listed": after("frozen", until=LISTED),
    "listed, one held": after("frozen", "hold", until=LISTED),
    "listed, one corrected": after("frozen", "correct", until=LISTED),
    "released": after("frozen", "release", until=LISTED),
    "running": _running,
    "done": _done,
}

if __name__ == "__main__":
    MATRIX.write_text(described(ADJUSTMENT, SITUATIONS), encoding="utf-8")
