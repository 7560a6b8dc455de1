"""`partnerflow import`: what other systems know, from their files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.progress import Progress

from cli.environment import Directory, open_records, settings_of
from cli.sentences import CannotGoOn, say
from program.calendar import program_date
from program.edition import edition
from records.mrr_import import import_mrr
from records.mrr_lines import BadLine, Read, read_csv
from records.refusal import Refused

app = typer.Typer(help="Facts from other systems' files: mrr.", no_args_is_help=True)


# With one command alone, Typer would leave its name out.
@app.callback()
def _several() -> None: ...


@app.command("mrr")
def mrr_file(
    file: Annotated[Path, typer.Argument(help="CSV: account, month, email_mrr, sms_mrr and, if wanted, correction.")],
    directory: Directory = None,
) -> None:
    """Take in what clients pay. Lines that can't be taken are printed with their numbers, and end it with code 1."""
    settings = settings_of(directory)
    now, refused = settings.now(), 0

    def refuse(line: BadLine) -> None:
        nonlocal refused
        refused += 1
        say(f"line {line.number}: {line.reason}")

    try:
        with (
            open_records(settings) as engine,
            file.open(encoding="utf-8-sig", errors="replace", newline="") as lines,
            Progress(transient=True) as shown,
        ):
            read = read_csv(lines, present_month=f"{program_date(now):%Y-%m}")
            report = import_mrr(
                engine,
                _counted(read, lines, shown),
                by="the command line",
                received_at=now,
                edition=edition(settings.edition),
                refuse=refuse,
            )
    except OSError as error:
        raise CannotGoOn(f"{file} can't be read: {error.strerror}.") from None
    except Refused as problem:
        raise CannotGoOn(f"{file} can't be taken: {problem}") from None
    say(report.says())
    if refused:
        raise typer.Exit(1)


def _counted(read: Read, lines: TextIO, shown: Progress) -> Read:
    """The same lines; how much of the file has been read shows while they go by, unless it comes through a pipe."""
    if not lines.seekable():
        yield from read
        return
    task = shown.add_task("reading", total=os.fstat(lines.fileno()).st_size)
    for many, line in enumerate(read):
        if many % 1_000 == 0:
            shown.update(task, completed=lines.buffer.tell())
        yield line
    shown.update(task, completed=os.fstat(lines.fileno()).st_size, description="writing")
