"""A lifecycle's fingerprint: it changes when anything changes that decides what happens to a process, and when."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from pydantic import BaseModel

from states.lifecycle import Lifecycle

_HOME = __name__.partition(".")[0] + "."
_MACHINERY = f"{_HOME}lifecycle"


def fingerprint(lifecycle: Lifecycle[Any]) -> str:
    """A digest of the table, of every function of its own that it reaches, of its data and of its messages.

    Help, summaries, refusals, comments, docstrings and formatting do not count. Neither do the order of states, the
    module in which a function stands (an old table may be kept in another one), and what lies in `program/`, where
    editions are pinned. A released version's fingerprint never changes: `tests/states/test_versions.py` says what to
    do instead.
    """
    table = {
        "name": lifecycle.name,
        "initial": lifecycle.initial,
        "on_cancel": lifecycle.on_cancel,
        "data": _fields(lifecycle.data),
        "phases": sorted(
            [phase.name, phase.final, [[d.trigger, d.due.__name__, d.costs_a_right] for d in phase.deadlines]]
            for phase in lifecycle.phases.values()
        ),
        "moves": [
            [move.trigger, sorted(move.sources), move.dest, [g.holds.__name__ for g in move.when], _name(move.do)]
            for move in lifecycle.moves
        ],
        "actions": {
            action.name: [sorted(action.who), _fields(action.message)] for action in lifecycle.actions.values()
        },
        "functions": sorted(json.dumps([f.__qualname__, _shape_of(f)]) for f in _reached(lifecycle)),
    }
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:16]


def _name(function: Callable[..., Any] | None) -> str:
    return "" if function is None else function.__name__


def _fields(model: type[BaseModel]) -> Any:
    return _without_wording(model.model_json_schema())


def _without_wording(schema: Any) -> Any:
    match schema:
        case dict():
            return {key: _without_wording(part) for key, part in schema.items() if key not in ("title", "description")}
        case list():
            return [_without_wording(part) for part in schema]
        case _:
            return schema


def _reached(lifecycle: Lifecycle[Any]) -> set[FunctionType]:
    """The table's functions, the data's properties and `learn`, and whatever functions of this package those name."""
    named: list[object] = [deadline.due for phase in lifecycle.phases.values() for deadline in phase.deadlines]
    named += [guard.holds for move in lifecycle.moves for guard in move.when]
    named += [move.do for move in lifecycle.moves]
    named += [member.fget for _, member in inspect.getmembers(lifecycle.data) if isinstance(member, property)]
    named.append(getattr(sys.modules[lifecycle.data.__module__], "learn", None))
    reached = set[FunctionType]()
    while named:
        function = named.pop()
        if isinstance(function, FunctionType) and _is_own(function) and function not in reached:
            reached.add(function)
            named += [function.__globals__.get(name) for name in _names(function.__code__)]
    return reached


def _is_own(function: FunctionType) -> bool:
    # A lifecycle outside this package, as tests have them, brings functions of its own module.
    return not function.__module__.startswith(("pydantic", "program.")) and function.__module__ != _MACHINERY


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _shape_of(function: FunctionType) -> Any:
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if isinstance(definition, ast.FunctionDef) and ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    return _shape(definition)


def _shape(node: object) -> Any:
    """The syntax as lists, without what differs between versions of Python."""
    match node:
        case ast.AST():
            fields = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
            return [type(node).__name__, *([n, _shape(v)] for n, v in fields if n not in ("ctx", "kind"))]
        case list():
            return [_shape(part) for part in node]
        case _:
            return repr(node)
