"""`partnerflow partners`: the list of partners."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.environment import Directory, open_records, settings_of
from cli.sentences import CannotGoOn, say
from records.entering import import_partners
from records.partner_fact_lines import import_facts

app = typer.Typer(help="The list of partners, and what is told of them.", no_args_is_help=True)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file in UTF-8 with the columns of examples/partners.csv.")],
    directory: Directory = None,
) -> None:
    """Add the partners of a file, or correct those that are known: all of them, or none."""
    settings = settings_of(directory)
    try:
        with open_records(settings) as engine, file.open(encoding="utf-8-sig", newline="") as lines:
            many = import_partners(engine, lines, edition=settings.edition, now=settings.now())
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise CannotGoOn(f"{file} can't be read: {why}.") from None
    say(f"{many} partners imported.")


@app.command("facts")
def import_facts_of_partners(
    file: Annotated[Path, typer.Argument(help="A CSV file in UTF-8 with the columns of examples/partner-facts.csv.")],
    directory: Directory = None,
) -> None:
    """Take in facts about partners: good lines are taken, of each bad one it is said what is wrong with it."""
    settings = settings_of(directory)
    try:
        with open_records(settings) as engine, file.open(encoding="utf-8-sig", newline="") as lines:
            report = import_facts(engine, lines, now=settings.now())
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise CannotGoOn(f"{file} can't be read: {why}.") from None
    for number, what in report.refused:
        say(f"Line {number}: {what}")
    say(f"{report.taken} facts taken, {report.known} were known, {len(report.refused)} refused.")
    if report.refused:
        raise typer.Exit(1)
