"""What makes a lifecycle's table right, checked when the table is made."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Sequence
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
    for move in lifecycle.moves:
        for state in (*move.sources, *([move.dest] if move.dest else [])):
            _insist(
                state in lifecycle.phases, f"the move «{move.trigger}» names the state «{state}», which does not exist"
            )
        known = move.trigger in lifecycle.actions or move.trigger in deadlines
        _insist(known, f"the trigger «{move.trigger}» is neither an action nor a deadline; declare it as one")


def _check_deadlines(lifecycle: Lifecycle[Any]) -> None:
    for phase in lifecycle.phases.values():
        _insist(not (phase.final and phase.deadlines), f"the final state «{phase.name}» can't have deadlines")
        for deadline in phase.deadlines:
            leads = any(move.trigger == deadline.trigger and phase.name in move.sources for move in lifecycle.moves)
            _insist(
                leads,
                f"a deadline of «{phase.name}» names the trigger «{deadline.trigger}», but no move of it starts there",
            )


def _check_actions(lifecycle: Lifecycle[Any]) -> None:
    for action in lifecycle.actions.values():
        leads = any(move.trigger == action.name for move in lifecycle.moves)
        _insist(leads, f"the action «{action.name}» has no move; add one or delete the action")
        _insist(bool(action.who), f"the action «{action.name}» says for nobody that they may take it")
        try:
            action.message.parse(dict(action.example))
        except Refusal as refusal:
            raise MalformedLifecycle(f"The example of the action «{action.name}» is no message: {refusal}") from None
    on_cancel = lifecycle.on_cancel
    _insist(on_cancel is None or on_cancel in lifecycle.actions, f"a cancellation stands for «{on_cancel}», no action")


def _check_reach(lifecycle: Lifecycle[Any]) -> None:
    reached, frontier = set[str](), {lifecycle.initial}
    while frontier:
        reached |= frontier
        frontier = {
            move.dest for move in lifecycle.moves if move.dest and reached & set(move.sources)
        } - reached  # fmt: skip
    for name, phase in lifecycle.phases.items():
        _insist(name in reached, f"the state «{name}» can't be reached from «{lifecycle.initial}»")
        leaves = any(name in move.sources and move.dest not in (None, name) for move in lifecycle.moves)
        _insist(phase.final or leaves, f"the state «{name}» has no way out; mark it final or add a move")


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise MalformedLifecycle(f"{otherwise[:1].upper()}{otherwise[1:]}.")


def fingerprint(lifecycle: Lifecycle[Any]) -> str:
    """A digest of everything in the table that decides what happens and when, code of guards and due times included.

    Wording, comments and formatting do not count. A released version's fingerprint never changes: see
    `tests/states/test_versions.py`.
    """
    table = {
        "name": lifecycle.name,
        "initial": lifecycle.initial,
        "on_cancel": lifecycle.on_cancel,
        "phases": [
            [phase.name, phase.final, [[d.trigger, _code(d.due), d.costs_a_right] for d in phase.deadlines]]
            for phase in lifecycle.phases.values()
        ],
        "moves": [
            [move.trigger, move.sources, move.dest, [_code(g.holds) for g in move.when], _code(move.do)]
            for move in lifecycle.moves
        ],
        "actions": [[action.name, sorted(action.who)] for action in lifecycle.actions.values()],
    }
    return hashlib.sha256(json.dumps(table).encode()).hexdigest()[:16]


def _code(function: Callable[..., Any] | None) -> str:
    if function is None:
        return ""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    if isinstance(definition, ast.FunctionDef) and ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    return ast.unparse(tree)
