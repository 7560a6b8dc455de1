"""A changed edition as people write it: a YAML file with a name, the edition that it changes, and the changes by path.

What is wrong in it is said with the number of its line, and so is what a what-if would show nothing of.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from cli.sentences import CannotGoOn
from program.changing import changed
from program.edition import EDITIONS, Edition
from records.whatif import LOOKS_AT, looks_at

_FIELDS = ("name", "based_on", "changes")


def read_edition(file: Path) -> Edition:
    """The changed edition of a file. `CannotGoOn` for one that can't be read, with the line."""
    try:
        return _read(file)
    except RecursionError:
        raise CannotGoOn(f"{file} can't be read: there are too many brackets within brackets in it.") from None


def _read(file: Path) -> Edition:
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise CannotGoOn(f"The edition can't be read from {file}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CannotGoOn(f"{file} is not a text file in UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CannotGoOn(f"{file}, line {line}: this is no YAML: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise CannotGoOn(f"{file}: this is no YAML: {error}.") from None
    known = _entries(file, root, "an edition file has the lines name, based_on and changes")
    for key, (line, _) in known.items():
        if key not in _FIELDS:
            raise _wrong(file, line, f"there is no «{key}» in an edition file; there are {', '.join(_FIELDS)}.")
    for key in _FIELDS:
        if key not in known:
            raise _wrong(file, 1, f"«{key}» is missing.")
    base = _base(file, *known["based_on"])
    name = _value(file, known["name"][1])
    if not isinstance(name, str) or not name.strip():
        raise _wrong(file, known["name"][0], "the name is a text, such as «2028-draft»; a number stands in quotes.")
    if name in EDITIONS:
        raise _wrong(
            file, known["name"][0], f"there is an edition {name} already; a changed one has a name of its own."
        )
    changes: dict[str, Any] = {}
    for path, (line, node) in _entries(file, known["changes"][1], "changes are lines like path: value").items():
        changes[path] = _value(file, node)
        try:
            changed(base, name, {path: changes[path]})
        except ValueError as error:
            raise _wrong(file, line, str(error)) from None
        if not looks_at(path):
            there_are = ", ".join(f"{table}.{name}" for table, names in LOOKS_AT.items() for name in names)
            raise _wrong(
                file,
                line,
                f"{path} changes neither where partners stand nor a month's shares. What does is {there_are}.",
            )
    try:
        return changed(base, name, changes)
    except ValueError as error:
        raise _wrong(file, known["changes"][0], f"all changes together do not go: {error}") from None


def _base(file: Path, line: int, node: Node) -> Edition:
    name = str(_value(file, node))
    if name not in EDITIONS:
        raise _wrong(file, line, f"there is no edition {name}; the editions are {', '.join(EDITIONS)}.")
    return EDITIONS[name]


def _entries(file: Path, node: Node | None, otherwise: str) -> dict[str, tuple[int, Node]]:
    """The lines of a mapping: key, line number, value; each key once."""
    if not isinstance(node, MappingNode):
        raise _wrong(file, node.start_mark.line + 1 if node else 1, f"{otherwise}.")
    found: dict[str, tuple[int, Node]] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            raise _wrong(file, line, f"{otherwise}.")
        if key.value in found:
            raise _wrong(file, line, f"«{key.value}» stands twice, first in line {found[key.value][0]}.")
        found[key.value] = (line, value)
    return found


def _value(file: Path, node: Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:
        raise _wrong(file, node.start_mark.line + 1, f"this value can't be read: {error}.") from None
    finally:
        loader.dispose()
    return value.isoformat() if isinstance(value, date) else value


def _wrong(file: Path, line: int, what: str) -> CannotGoOn:
    return CannotGoOn(f"{file}, line {line}: {what}")
