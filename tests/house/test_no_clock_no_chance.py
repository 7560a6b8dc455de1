"""What Temporal replays, and what a lifecycle decides, asks no clock and throws no dice.

Production workers run without Temporal's sandbox (it costs ten times the CPU of a workflow), so this check
stands where the sandbox would. `workflow.now()` and `workflow.uuid4()` are recorded, and allowed.
"""

import ast
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
REPLAYED = ("program", "states", "workflows")

FORBIDDEN = (
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "os.urandom",
    "random",
    "secrets",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
)


def is_forbidden(name: str) -> bool:
    return any(name == banned or name.startswith(f"{banned}.") for banned in FORBIDDEN)


def clocks_and_chance(source: str) -> list[str]:
    """Every use of a clock or of chance, as `line: full name`, also under another name it was imported as."""
    tree = ast.parse(source)
    imported: dict[str, str] = {}
    found: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imported[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
                if is_forbidden(alias.name):
                    found[node.lineno] = alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                imported[alias.asname or alias.name] = full
                if is_forbidden(full):
                    found[node.lineno] = full
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            parts: list[str] = []
            value: ast.expr = node
            while isinstance(value, ast.Attribute):
                parts.insert(0, value.attr)
                value = value.value
            if isinstance(value, ast.Name) and value.id in imported:
                full = ".".join([imported[value.id], *parts])
                if is_forbidden(full):
                    found[node.lineno] = full
    return [f"{line}: {name}" for line, name in sorted(found.items())]


@pytest.mark.parametrize("package", REPLAYED)
def test_no_clock_and_no_chance(package: str) -> None:
    found = [
        f"{file.relative_to(TOP)}:{use}"
        for file in sorted((TOP / package).rglob("*.py"))
        for use in clocks_and_chance(file.read_text(encoding="utf-8"))
    ]
    assert not found, f"{', '.join(found)}: take the instant as an argument, or ask workflow.now() or workflow.uuid4()."


@pytest.mark.parametrize(
    "bad",
    [
        "from datetime import datetime\nx = datetime.now()",
        "from datetime import UTC, datetime as d\nx = d.now(UTC)",
        "import datetime\nx = datetime.datetime.utcnow()",
        "import datetime as dt\nx = dt.date.today()",
        "from datetime import date\nnow = date.today",
        "import time\nx = time.time()",
        "from time import time",
        "import random",
        "from random import choice",
        "import numpy, random as dice",
        "import uuid\nx = uuid.uuid4()",
        "def f():\n    from uuid import uuid4\n    return uuid4()",
        "import secrets",
    ],
)
def test_the_check_finds(bad: str) -> None:
    assert clocks_and_chance(bad)


@pytest.mark.parametrize(
    "good",
    [
        "from temporalio import workflow\nx = workflow.now(), workflow.uuid4(), workflow.random()",
        "from datetime import datetime, timedelta\nx = datetime.fromisoformat(s) + timedelta(days=90)",
        "from uuid import UUID\nx = UUID(s)",
        "from program import clock\nx = clock.now",
        "random = 1\ny = random",
    ],
)
def test_the_check_lets_pass(good: str) -> None:
    assert not clocks_and_chance(good)
