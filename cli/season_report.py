"""The table at the end of a season: what became of each lead, and why."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from cli.playing import Played

_LONGEST_REASON = 110


def report(played: list[Played]) -> Table:
    """One row for each registration, in the order of the season."""
    table = Table(title="What became of each registration", title_justify="left", show_lines=False)
    for name in ("", "day", "partner", "company", "ended as", "what happened"):
        table.add_column(name, overflow="fold")
    for each in played:
        mark = "✓" if each.as_expected else "✗"
        line = each.line
        company = line.company or line.website or "(nothing)"
        end = each.end if each.as_expected else f"{each.end}, expected {line.expected}"
        table.add_row(mark, str(line.day), line.partner, Text(company), end, Text(_reason(each)))
    return table


def _reason(each: Played) -> str:
    if each.as_expected:
        says = f"{each.line.why}: {each.says}"
        return says if len(says) <= _LONGEST_REASON else f"{says[: _LONGEST_REASON - 1]}…"
    return "; ".join([*each.trouble, each.says])
