"""Where a nomination can stand, with what makes a difference there.

`python -m tests.states.nomination_situations` writes down, in `nomination_matrix.txt`, what follows there. The file is
read by people; a change in it is a change of the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from program.calendar import Half
from program.edition import LATEST
from program.season import timetable
from states.nomination import NOMINATION
from states.nomination_data import Nomination
from tests.states.alone import Trial
from tests.states.matrix import described
from tests.states.simulate import ny
from workflows.nomination import effects_of

MATRIX = Path(__file__).with_name("nomination_matrix.txt")
FIRST = Half(2027, 1)
H1 = timetable(LATEST, FIRST)
MEMBERS = tuple(f"member{number}@vendor.example" for number in range(1, 5))
MANAGER, CHAIR = "manager@vendor.example", "chair@vendor.example"
GOOD, POOR = "L44 O44444 P44444 C4 M4444 R4", "L22 O22222 P22222 C2 M2222 R2"
BY_MANAGER, BY_CHAIR = {"by": MANAGER, "reason": "we looked at it"}, {"by": CHAIR, "reason": "we looked at it"}
SAYS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("nominate", "decline", "look_again"), BY_MANAGER),
    **dict.fromkeys(("admit", "take_out", "reinstate"), BY_CHAIR),
    "score": {"by": MEMBERS[0], "sheet": GOOD},
    "recuse": {"by": MEMBERS[3], "reason": "a relative works there"},
    "readmit": {**BY_CHAIR, "member": MEMBERS[3]},
    "brief": {"times": H1.model_dump(mode="json"), "roster": list(MEMBERS)},
    "partner_gone": {"reason": "The partner has left the program."},
    "select": {"selected": True},
    "turn_down": {"selected": False},
    "call_off": {"reason": "no committee"},
    "looked": {"on": "2027-02-01", "met": True, "manager": MANAGER},
}


def a_nomination(*, half: Half = FIRST, again: bool = False, **options: Any) -> Trial[Nomination]:
    """A nomination that has just begun, as nominations open."""
    times = timetable(LATEST, half)
    data = Nomination.of(
        str(half), "isar", times, times.nominations_open, edition_name="2022", lifecycle_version=1, roster=MEMBERS,
        reevaluation=again,
    )  # fmt: skip
    return Trial(NOMINATION, data, times.nominations_open, effects_of=effects_of, says=SAYS, **options)


def scored_by(trial: Trial[Nomination], count: int, sheet: str = GOOD) -> None:
    """The first so many members score."""
    for member in MEMBERS[:count]:
        trial.say("score", by=member, sheet=sheet)


def after(*said: str, scores: int = 0, until: str = "", then: str = "", again: bool = False) -> Callable[[], Any]:
    """A nomination after these messages; `until` passes before the scores, `then` after them."""

    def make() -> Trial[Nomination]:
        trial = a_nomination(again=again)
        for action in said:
            trial.say(action)
        if until:
            trial.until(ny(until))
        scored_by(trial, scores)
        if then:
            when, _, action = then.partition(" / ")
            trial.until(ny(when))
            for each in action.split():
                trial.say(each)
        return trial

    return make


def _received() -> Trial[Nomination]:
    trial = a_nomination()
    trial.data.state = "received"
    return trial


def _scored_by_too_few() -> Trial[Nomination]:
    trial = SITUATIONS["scored, on the last days"]()
    trial.say("brief", roster=list(MEMBERS[1:]), seating=1)
    return trial


def _lapsed_by_choice() -> Trial[Nomination]:
    trial = _scored_by_too_few()
    trial.say("turn_down")
    return trial


def _taken_out_of_a_late_season() -> Trial[Nomination]:
    trial = SITUATIONS["taken out, scored"]()
    trial.until(ny("2027-04-02 10:00"))
    trial.say("brief", late=True)
    return trial


IN_MARCH, AT_LAST = "2027-03-10 10:00", "2027-03-30 10:00"
SITUATIONS: dict[str, Callable[[], Trial[Nomination]]] = {
    "received": _received,
    "to nominate": after(),
    "to nominate, elite now": after(again=True),
    "nominated": after("nominate"),
    "nominated, elite now": after("nominate", again=True),
    "declined": after("decline"),
    "declined by silence": after(until="2027-03-01 10:00"),
    "elite now, without a case": after(again=True, until="2027-03-01 10:00"),
    "scoring": after("nominate", until=IN_MARCH),
    "scoring, a quorum": after("nominate", until=IN_MARCH, scores=3),
    "scoring, one recused": after("nominate", until=IN_MARCH, then=f"{IN_MARCH} / recuse"),
    "extended": after("nominate", until=IN_MARCH, scores=2, then="2027-03-26 10:00"),
    "not reviewed": after("nominate", until=IN_MARCH, scores=2, then=AT_LAST),
    "not reviewed, by the confirmation": _lapsed_by_choice,
    "scored": after("nominate", until=IN_MARCH, scores=3, then="2027-03-26 10:00"),
    "scored, on the last days": after("nominate", until=IN_MARCH, scores=3, then=AT_LAST),
    "scored, a quorum is lost": _scored_by_too_few,
    "selected": after("nominate", until=IN_MARCH, scores=3, then=f"{AT_LAST} / select"),
    "turned down": after("nominate", until=IN_MARCH, scores=3, then=f"{AT_LAST} / turn_down"),
    "taken out": after("nominate", until=IN_MARCH, then=f"{IN_MARCH} / take_out"),
    "taken out, scored": after("nominate", until=IN_MARCH, scores=3, then=f"{AT_LAST} / take_out"),
    "taken out, selected": after("nominate", until=IN_MARCH, scores=3, then=f"{AT_LAST} / select take_out"),
    "taken out, the grant date has passed": after(
        "nominate", until=IN_MARCH, scores=3, then="2027-04-02 10:00 / take_out"
    ),
    "taken out, the season is late": _taken_out_of_a_late_season,
    "granted": after("nominate", until=IN_MARCH, scores=3, then="2027-04-01 10:00 / select"),
    "not granted": after("nominate", until=IN_MARCH, scores=3, then="2027-04-01 10:00 / turn_down"),
    "called off": after("nominate", until=IN_MARCH, then=f"{IN_MARCH} / call_off"),
    "closed": after(until="2027-04-01 10:00"),
}

if __name__ == "__main__":
    MATRIX.write_text(described(NOMINATION, SITUATIONS), encoding="utf-8")
