"""Where a benefit can stand, with what makes a difference there.

`python -m tests.states.benefit_situations` writes down, in `benefit_matrix.txt`, what follows there. The file is read
by people; a change in it is a change of the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from states.benefit import BENEFIT
from states.benefit_data import Benefit
from tests.states.alone import Trial
from tests.states.matrix import described
from tests.states.simulate import ny
from workflows.benefit import effects_of

MATRIX = Path(__file__).with_name("benefit_matrix.txt")
MANAGER = {"by": "manager@vendor.example", "reason": "we looked at it"}
SAYS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("carry_out", "agree", "decline", "choose", "take_back", "reopen"), MANAGER),
    "grant": {"level": "yes"},
    "given_already": {"level": "yes"},
    "offer": {"level": "chosen partners"},
}
START = "2027-04-01 00:00"


def a_benefit(code: str, now: str = START, **options: Any) -> Trial[Benefit]:
    """A benefit whose process has just begun."""
    at = ny(now)
    data = Benefit.of("acme", code, at, edition_name="2022", lifecycle_version=1)
    return Trial(BENEFIT, data, at, effects_of=effects_of, says=SAYS, **options)


def after(code: str, *said: str, level: str = "", until: str = "") -> Callable[[], Trial[Benefit]]:
    """A benefit after these messages; `level` is the one of a first `grant`."""

    def make() -> Trial[Benefit]:
        trial = a_benefit(code)
        for action in said:
            if level and action == "grant":
                trial.say(action, level=level)
            else:
                trial.say(action)
        if until:
            trial.until(ny(until))
        return trial

    return make


def _received() -> Trial[Benefit]:
    trial = a_benefit("directory_listing")
    trial.data.state = "received"
    return trial


SITUATIONS: dict[str, Callable[[], Trial[Benefit]]] = {
    "received": _received,
    "not given": after("directory_listing"),
    "not given, to be agreed if it is": after("social_promotion"),
    "not given, nothing to carry out if it is": after("development_funds"),
    "not given any more": after("directory_listing", "grant", "withdraw"),
    "given by a link": after("slack_community", "given_already"),
    "given by a link, to take back": after("slack_community", "given_already", "withdraw"),
    "offered": after("partner_manager", "offer"),
    "offered, nothing to carry out": after("development_funds", "offer"),
    "to agree": after("social_promotion", "grant"),
    "to do": after("directory_listing", "grant"),
    "to do, overdue": after("directory_listing", "grant", until="2027-04-20 10:00"),
    "to do, chosen by staff": after("partner_manager", "offer", "choose"),
    "given": after("directory_listing", "grant", "carry_out"),
    "given, nothing to take back": after("leadership_access", "grant", "carry_out"),
    "given, chosen by staff": after("partner_manager", "offer", "choose", "carry_out"),
    "given, nothing to carry out": after("development_funds", "grant"),
    "given, due every quarter": after("leadership_access", "grant", "carry_out", level="quarterly"),
    "given, due every year": after("yearly_trophy", "grant", "carry_out", level="yearly"),
    "to do again": after("leadership_access", "grant", "carry_out", level="quarterly", until="2027-07-01 10:00"),
    "to agree again": after(
        "social_promotion", "grant", "agree", "carry_out", level="yearly", until="2028-04-03 10:00"
    ),
    "to take back": after("directory_listing", "grant", "carry_out", "withdraw"),
    "to take back, or to be chosen": after("partner_manager", "grant", "carry_out", "offer"),
    "declined": after("directory_listing", "grant", "decline"),
    "declined, chosen by staff": after("partner_manager", "offer", "choose", "decline"),
}

if __name__ == "__main__":
    MATRIX.write_text(described(BENEFIT, SITUATIONS), encoding="utf-8")
