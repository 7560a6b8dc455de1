"""`partnerflow report`: what a half-year was like, as a page of plots and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.environment import Directory, open_records, settings_of
from cli.periods import half_of
from cli.sentences import CannotGoOn, say
from program.edition import edition
from reports.season import write

app = typer.Typer(help="Write reports for program managers.", no_args_is_help=True)


@app.callback()
def _commands() -> None:
    """With one command alone, Typer would leave its name out."""


@app.command()
def season(
    half: Annotated[str, typer.Argument(help="The half-year, like 2027-H1.")],
    output: Annotated[Path | None, typer.Option(help="The file to write; left out, season-<half-year>.html.")] = None,
    directory: Directory = None,
) -> None:
    """Write one self-contained HTML page about a half-year: tiers, movements, MRR, leads, accounts, elite, days."""
    which = half_of(half, "reported")
    settings = settings_of(directory)
    try:
        with open_records(settings) as engine:
            file = output or Path(f"season-{which}.html")
            written = write(engine, which, file, now=settings.now(), rules=edition(settings.edition))
    except OSError as error:
        raise CannotGoOn(f"The report can't be written to {error.filename}: {error.strerror}.") from None
    say(f"The report of {which} is in {written}.")
