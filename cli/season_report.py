"""The table at the end of a season: what became of each registration, and why."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from cli.playing import Played
from cli.season import REFUSED

_LONGEST_REASON = 160


def report(played: list[Played]) -> Table:
    """One row for each registration, in the order of the season."""
    table = Table(title="What became of each registration", title_justify="left", show_edge=False)
    for name in ("", "company", "partner", "ended as", "at last", "why"):
        table.add_column(name, overflow="fold")
    for each in played:
        line = each.line
        end = each.end if each.as_expected else f"{each.end}, expected {line.expected}"
        why = line.why if each.as_expected else "; ".join([*each.trouble, each.says])
        if each.as_expected and line.expected == REFUSED:
            why = f"{line.why}: {each.says}"
        table.add_row(
            "✓" if each.as_expected else "✗",
            Text(line.company or line.website or "(no name)"),
            line.partner,
            end.replace("_", " "),
            each.last_step,
            Text(why[:_LONGEST_REASON]),
        )
    return table
