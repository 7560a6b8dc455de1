"""A table that can't be right is refused when it is made, with a sentence that names the place."""

from datetime import datetime
from typing import Any

import pytest

from states.lifecycle import Action, Deadline, Event, Guard, Lifecycle, MalformedLifecycle, Move, Phase, ProcessData
from states.messages import Message, Reasoned, StaffMessage
from states.staff import Role


class Door(ProcessData):
    """A door that staff open and time closes."""

    closes_at: datetime | None = None


def _closes(door: Door) -> datetime | None:
    return door.closes_at


def _never(door: Door, at: datetime) -> bool:
    return False


def _slam(door: Door, event: Event) -> None:
    door.closes_at = event.at


CLOSE = Deadline("close", _closes, "the door closes")
NEVER = Guard(_never, "it is never time.")
OPEN = Action(
    "open", StaffMessage, (Role.ADMIN,), "Open the door.", {"by": "reviewer@vendor.example", "reason": "it is warm"}
)
SHUT: Phase[Any] = Phase("shut", "Shut.")
AJAR: Phase[Any] = Phase("ajar", "Open.", deadlines=(CLOSE,))
GONE: Phase[Any] = Phase("gone", "Gone.", final=True)
BREAK = Action("break", Message, (Role.SYSTEM,), "Break it.", {})
RIGHT: dict[str, Any] = {
    "version": 1,
    "data": Door,
    "initial": "shut",
    "phases": (SHUT, AJAR, GONE),
    "moves": (
        Move("open", "shut", "ajar"),
        Move("close", "ajar", "shut", do=_slam),
        Move("break", ("shut", "ajar"), "gone"),
    ),
    "actions": (OPEN, BREAK),
    "on_cancel": "break",
}


def test_a_right_table_is_made() -> None:
    assert Lifecycle("door", **RIGHT).phases.keys() == {"shut", "ajar", "gone"}


def _with(**changes: Any) -> dict[str, Any]:
    return {**RIGHT, **changes}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a state twice": (
        _with(phases=(SHUT, SHUT, AJAR, GONE)), "The state «shut» stands twice; keep one."),
    "an action twice": (
        _with(actions=(OPEN, OPEN, BREAK)), "The action «open» stands twice; keep one."),
    "an initial state that is none": (
        _with(initial="locked"), "The initial state «locked» is not among the states."),
    "a move from nowhere": (
        _with(moves=(*RIGHT["moves"], Move("open", "locked", "ajar"))),
        "The move «open» names the state «locked», which does not exist."),
    "a move to nowhere": (
        _with(moves=(*RIGHT["moves"], Move("open", "ajar", "locked"))),
        "The move «open» names the state «locked», which does not exist."),
    "a trigger that nobody pulls": (
        _with(moves=(*RIGHT["moves"], Move("kick", "shut", "ajar"))),
        "The trigger «kick» is neither an action nor a deadline; declare it as one."),
    "a move behind one without conditions": (
        _with(moves=(*RIGHT["moves"], Move("open", "shut", "gone", when=(NEVER,)))),
        "A move «open» from «shut» can never be taken, because one without conditions stands before it; "
        "put it further up."),
    "a deadline of a final state": (
        _with(phases=(SHUT, AJAR, Phase("gone", "Gone.", deadlines=(CLOSE,), final=True))),
        "The final state «gone» can't have deadlines."),
    "a deadline without a move": (
        _with(phases=(Phase("shut", "Shut.", deadlines=(CLOSE,)), AJAR, GONE)),
        "A deadline of «shut» names the trigger «close», but no move of it starts there."),
    "a deadline that somebody may send": (
        _with(actions=(*RIGHT["actions"], Action("close", StaffMessage, (Role.ADMIN,), "", {"by": "reviewer"}))),
        "«close» is both a deadline and an action; nobody may send what only time decides."),
    "an action without a move": (
        _with(actions=(*RIGHT["actions"], Action("paint", StaffMessage, (Role.ADMIN,), "", {"by": "reviewer"}))),
        "The action «paint» has no move; add one or delete the action."),
    "an action for nobody": (
        _with(actions=(Action("open", StaffMessage, (), "", {"by": "reviewer"}), BREAK)),
        "The action «open» says for nobody that they may take it."),
    "an example that is no message": (
        _with(actions=(Action("open", Reasoned, (Role.ADMIN,), "", {"by": "reviewer"}), BREAK)),
        "The example of the action «open» is no message: «reason» is missing."),
    "an example that can't be pasted": (
        _with(actions=(Action("open", Reasoned, (Role.ADMIN,), "", {"by": "reviewer", "reason": "id=4 is it"}), BREAK)),
        "The example of the action «open» says something else in the short form, \"reviewer: id=4 is it\"; "
        "leave out quotes and signs of equality."),
    "a cancellation that stands for nothing": (
        _with(on_cancel="stop"), "A cancellation stands for «stop», no action."),
    "a state that can't be reached": (
        _with(phases=(*RIGHT["phases"], Phase("locked", "Locked.", final=True))),
        "The state «locked» can't be reached from «shut»."),
    "a state without a way out": (
        _with(phases=(SHUT, AJAR, Phase("gone", "Gone."))),
        "The state «gone» has no way out; mark it final or add a move."),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_table_is_refused_with(what: str) -> None:
    table, sentence = WRONG[what]
    with pytest.raises(MalformedLifecycle) as refused:
        Lifecycle("door", **table)
    assert str(refused.value) == sentence
