"""The tables at the end of a season: what became of each registration and of each account, and why."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from cli.played import Played
from cli.playing import PlayedLead
from cli.playing_accounts import PlayedAccount
from cli.script import REFUSED

_LONGEST_REASON = 160


def report(played: list[PlayedLead]) -> Table:
    """One row for each registration, in the order of the season."""
    table = _table("What became of each registration", "company")
    for each in played:
        _add(table, each, each.line.company or each.line.website or "(no name)")
    return table


def report_of_accounts(played: list[PlayedAccount]) -> Table:
    """One row for each account that was submitted, in the order of the script."""
    table = _table("What became of each managed account", "account")
    for each in played:
        _add(table, each, each.line.account or "(no key)")
    return table


def _table(title: str, subject: str) -> Table:
    table = Table(title=title, title_justify="left", show_edge=False)
    for name in ("", subject, "partner", "ended as", "at last", "why"):
        table.add_column(name, overflow="fold")
    return table


def _add(table: Table, each: Played[Any], subject: str) -> None:
    line = each.line
    end = each.end if each.as_expected else f"{each.end}, expected {line.expected}"
    why = line.why if each.as_expected else "; ".join([*each.trouble, each.says])
    if each.as_expected and line.expected == REFUSED:
        why = f"{line.why}: {each.says}"
    table.add_row(
        "✓" if each.as_expected else "✗",
        Text(subject),
        Text(line.partner),
        Text(end.replace("_", " ")),
        Text(each.last_step),
        Text(why[:_LONGEST_REASON]),
    )
