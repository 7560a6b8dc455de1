"""A rehearsed half-year at two sizes: `python -m bench.rehearsal` writes docs/bench/rehearsal.md.

Each size runs in a process of its own. What is measured is the rehearsal from the first process to the last date that
was checked, with the time that the operating system gave to Python and, beside it, to the test server.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from program.calendar import Half
from program.edition import LATEST
from records.database import open_database
from records.migrate import migrate
from rehearsal.cast import filled_up
from rehearsal.run import Script, play
from rehearsal.summary import summary_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "bench" / "rehearsal.md"
HALF = Half(2027, 1)
SMALL, LARGE = 100, 300
BAR_SECONDS = 600


def measured(many: int) -> dict[str, float]:
    """One rehearsal in this process."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/records.db")
        migrate(engine)
        partners = filled_up([], many, 1, HALF, LATEST)
        script = Script(HALF, LATEST.name, 1, partners, leads=many * 7 // 2, accounts=many * 2 // 3)
        began = time.perf_counter()
        played = asyncio.run(play(engine, script))
        found = summary_of(engine, script)
        seconds = time.perf_counter() - began
        engine.dispose()
    own, servers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "partners": many,
        "leads": found.ends["lead"].total(),
        "accounts": found.ends["account"].total(),
        "nominations": found.ends["nomination"].total(),
        "processes": found.processes,
        "steps": found.steps,
        "mails": played.mails,
        "stops": played.stops,
        "dates": sum(found.dates.checked.values()),
        "wrong": len(found.dates.wrong),
        "seconds": seconds,
        "cpu": own.ru_utime + own.ru_stime,
        "cpu_server": servers.ru_utime + servers.ru_stime,
        "rss_mb": own.ru_maxrss / 1024,
    }


def in_a_process_of_its_own(many: int) -> dict[str, float]:
    """One rehearsal, whose memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.rehearsal", str(many)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def page(small: dict[str, float], large: dict[str, float]) -> str:
    """The page, from the figures of both sizes."""
    rows = [
        ("leads", "leads", ",.0f"),
        ("accounts", "accounts", ",.0f"),
        ("nominations", "nominations", ",.0f"),
        ("processes", "processes", ",.0f"),
        ("steps on record", "steps", ",.0f"),
        ("mails", "mails", ",.0f"),
        ("stops of the clock", "stops", ",.0f"),
        ("dates checked against the calendar", "dates", ",.0f"),
        ("of these wrong", "wrong", ".0f"),
        (f"seconds (bar: {BAR_SECONDS})", "seconds", ".0f"),
        ("CPU of Python, s", "cpu", ".0f"),
        ("CPU of the test server, s", "cpu_server", ".0f"),
        ("peak resident memory of Python, MB", "rss_mb", ".0f"),
    ]
    table = "\n".join(f"| {name} | {small[key]:{form}} | {large[key]:{form}} |" for name, key, form in rows)
    each = [1_000 * found["seconds"] / found["processes"] for found in (small, large)]
    return f"""# What a rehearsal costs

Written by `make bench-rehearsal`: the half-year {HALF} on two cores, worker, portal, relay and simulated people in one
Python process beside the test server, on SQLite.

| | {small["partners"]:.0f} partners | {large["partners"]:.0f} partners |
| --- | --- | --- |
{table}
| milliseconds a process | {each[0]:.0f} | {each[1]:.0f} |

The clock stops at every deadline, at midnight's opening, and twice on every business day, when people act. A stop at
which nothing happens costs the same however many partners there are; that is why a process of the smaller rehearsal
costs {each[0] / each[1]:.1f} times as much. The rest goes with the number of processes.
"""


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measured(int(sys.argv[1]))))
    else:
        PAGE.write_text(page(in_a_process_of_its_own(SMALL), in_a_process_of_its_own(LARGE)), encoding="utf-8")
        print(PAGE.read_text(encoding="utf-8"))
