"""What makes a lifecycle's table right, checked when the table is made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from states.lifecycle import Action, Lifecycle, MalformedLifecycle, Phase
from states.messages import Refusal


def check(lifecycle: Lifecycle[Any], phases: Sequence[Phase[Any]], actions: Sequence[Action]) -> None:
    """Refuse a malformed lifecycle with a sentence that names the place (`MalformedLifecycle`)."""
    for what, names in (("state", [p.name for p in phases]), ("action", [a.name for a in actions])):
        for name in names:
            _insist(names.count(name) == 1, f"the {what} «{name}» stands twice; keep one")
    _insist(lifecycle.initial in lifecycle.phases, f"the initial state «{lifecycle.initial}» is not among the states")
    _check_moves(lifecycle)
    _check_deadlines(lifecycle)
    _check_actions(lifecycle)
    _check_reach(lifecycle)


def _check_moves(lifecycle: Lifecycle[Any]) -> None:
    deadlines = {deadline.trigger for phase in lifecycle.phases.values() for deadline in phase.deadlines}
    settled = set[tuple[str, str]]()
    for move in lifecycle.moves:
        for state in (*move.sources, *([move.dest] if move.dest else [])):
            _insist(
                state in lifecycle.phases, f"the move «{move.trigger}» names the state «{state}», which does not exist"
            )
        known = move.trigger in lifecycle.actions or move.trigger in deadlines
        _insist(known, f"the trigger «{move.trigger}» is neither an action nor a deadline; declare it as one")
        taken_before = all((move.trigger, state) in settled for state in move.sources)
        _insist(
            not taken_before,
            f"a move «{move.trigger}» from «{', '.join(move.sources)}» can never be taken, because one without "
            "conditions stands before it; put it further up",
        )
        if not move.when:
            settled |= {(move.trigger, state) for state in move.sources}


def _check_deadlines(lifecycle: Lifecycle[Any]) -> None:
    for phase in lifecycle.phases.values():
        _insist(not (phase.final and phase.deadlines), f"the final state «{phase.name}» can't have deadlines")
        for deadline in phase.deadlines:
            leads = any(move.trigger == deadline.trigger and phase.name in move.sources for move in lifecycle.moves)
            _insist(
                leads,
                f"a deadline of «{phase.name}» names the trigger «{deadline.trigger}», but no move of it starts there",
            )
            _insist(
                deadline.trigger not in lifecycle.actions,
                f"«{deadline.trigger}» is both a deadline and an action; nobody may send what only time decides",
            )


def _check_actions(lifecycle: Lifecycle[Any]) -> None:
    for action in lifecycle.actions.values():
        leads = any(move.trigger == action.name for move in lifecycle.moves)
        _insist(leads, f"the action «{action.name}» has no move; add one or delete the action")
        _insist(bool(action.who), f"the action «{action.name}» says for nobody that they may take it")
        _check_example(action)
    on_cancel = lifecycle.on_cancel
    _insist(on_cancel is None or on_cancel in lifecycle.actions, f"a cancellation stands for «{on_cancel}», no action")


def _check_example(action: Action) -> None:
    try:
        example = action.message.parse(dict(action.example))
        if action.by_staff:
            pasted = action.message.parse(json.loads(action.short_example))
            _insist(
                pasted == example,
                f"the example of the action «{action.name}» says something else in the short form, "
                f"{action.short_example}; leave out quotes and signs of equality",
            )
    except Refusal as refusal:
        raise MalformedLifecycle(f"The example of the action «{action.name}» is no message: {refusal}") from None


def _check_reach(lifecycle: Lifecycle[Any]) -> None:
    reached, frontier = set[str](), {lifecycle.initial}
    while frontier:
        reached |= frontier
        frontier = {move.dest for move in lifecycle.moves if move.dest and reached & set(move.sources)} - reached
    for name, phase in lifecycle.phases.items():
        _insist(name in reached, f"the state «{name}» can't be reached from «{lifecycle.initial}»")
        leaves = any(name in move.sources and move.dest not in (None, name) for move in lifecycle.moves)
        _insist(phase.final or leaves, f"the state «{name}» has no way out; mark it final or add a move")


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise MalformedLifecycle(f"{otherwise[:1].upper()}{otherwise[1:]}.")
