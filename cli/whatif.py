"""`partnerflow whatif`: today's partners under a changed edition. No process is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.edition_file import read_edition
from cli.environment import Directory, open_records, settings_of
from cli.periods import day_of
from cli.sentences import CannotGoOn, out, say
from program.calendar import program_date
from program.edition import Edition
from records.whatif import Fate, counted, what_if
from reports.whatif import page, rises_and_falls, shares_by_standing

_BAR = 30


def whatif(
    edition: Annotated[Path, typer.Option(help="A YAML file like examples/edition-2028.yaml.")],
    as_of: Annotated[str, typer.Option(help="The day whose facts count, like 2027-03-25; left out, today.")] = "",
    html: Annotated[Path | None, typer.Option(help="Write the same with plots into this HTML file.")] = None,
    directory: Directory = None,
) -> None:
    """Say who would rise and fall under a changed edition, why, and what it does to shares. Nothing is changed."""
    rules = read_edition(edition)
    settings = settings_of(directory)
    now = settings.now()
    on = day_of(as_of, "--as-of") if as_of else program_date(now)
    with open_records(settings) as engine:
        fates = list(what_if(engine, rules, on, now=now))
    up, down = rises_and_falls(fates)
    say(
        f"Of {len(fates)} partners, on the facts of {on.isoformat()}, {len(up)} would stand higher or as a master and "
        f"{len(down)} lower under {rules.name}. Nothing was changed."
    )
    if up or down:
        out.print(_moves(fates))
        out.print(_each([*up, *down]))
    if fates:
        out.print(_shares(rules, fates))
    if html is not None:
        try:
            html.write_text(page(rules, on, fates), encoding="utf-8")
        except OSError as error:
            raise CannotGoOn(f"{html} can't be written: {error.strerror}.") from None
        say(f"The page with plots is {html}.")


def _moves(fates: list[Fate]) -> Table:
    table = Table(title="Who would move", title_justify="left", show_edge=False)
    for name in ("as it is", "changed", "partners", ""):
        table.add_column(name)
    moves = sorted(counted(fates).items(), key=lambda each: -each[1])
    most = max(many for _, many in moves)
    for (before, after), many in moves:
        table.add_row(str(before), str(after), str(many), "█" * max(1, round(_BAR * many / most)))
    return table


def _each(fates: list[Fate]) -> Table:
    table = Table(title="Each of them, and why", title_justify="left", show_edge=False)
    for name in ("partner", "holds", "as it is", "changed", "why"):
        table.add_column(name, overflow="fold")
    for each in fates:
        table.add_row(Text(each.partner_id), str(each.held), str(each.as_it_is), str(each.changed), Text(each.why))
    return table


def _shares(rules: Edition, fates: list[Fate]) -> Table:
    table = Table(title="Shares, dollars a month", title_justify="left", show_edge=False)
    table.add_column("standing")
    for name in ("referred, as it is", "referred, changed", "managed, as it is", "managed, changed"):
        table.add_column(name, justify="right")
    rows = shares_by_standing(rules, fates)
    for name, *amounts in rows:
        table.add_row(name, *(f"{amount:,.2f}" for amount in amounts))
    table.add_row("all", *(f"{sum(row[place] for row in rows):,.2f}" for place in range(1, 5)), style="bold")  # type: ignore[misc]
    return table
