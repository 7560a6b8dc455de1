"""Reading MRR files line by line: CSV with a heading, or one JSON object a line.

What is wrong with a line is said of that line, and the others go on. Nothing is held but the line being read. Almost
every line of a CSV file is written plainly and read at one glance; only the others are taken apart.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TextIO

from records.refusal import Refused

COLUMNS = ("account", "month", "email_mrr", "sms_mrr")
MARK = "correction"
MARKED = "yes"
EARLIEST_MONTH = "2000-01"

_AN_ACCOUNT = r"[A-Za-z0-9]{1,40}"
_A_MONTH = r"\d{4}-(?:0[1-9]|1[0-2])"
_ACCOUNT, _MONTH = re.compile(_AN_ACCOUNT, re.ASCII), re.compile(_A_MONTH, re.ASCII)
_AMOUNT = re.compile(r"(-?)(\d{1,9})(?:\.(\d\d?))?", re.ASCII)
_PLAIN = re.compile(rf"({_AN_ACCOUNT}),({_A_MONTH}),(\d{{1,9}})(?:\.(\d\d))?,(\d{{1,9}})(?:\.(\d\d))?\r?\n?", re.ASCII)


class MrrLine(NamedTuple):
    """What one account paid in one month, in cents; `marked` says that it is a correction, which may be negative."""

    number: int
    account: str
    month: str
    email_cents: int
    sms_cents: int
    marked: bool


class BadLine(NamedTuple):
    """A line that can't be taken, and why: a sentence."""

    number: int
    reason: str


Read = Iterator[MrrLine | BadLine]


def read_csv(text: TextIO, *, present_month: str) -> Read:
    """The lines of a CSV file; `present_month`, such as 2027-01, is the last month that can have happened.

    Raises `Refused` when the heading does not name the columns.
    """
    heading = _heading(text.readline())
    as_usual = heading == list(COLUMNS)
    for number, line in enumerate(text, start=2):
        found = _PLAIN.fullmatch(line) if as_usual else None
        if found and EARLIEST_MONTH <= found[2] <= present_month:
            account, month, email, email_cents, sms, sms_cents = found.groups()
            yield MrrLine(
                number, account, month, int(email + (email_cents or "00")), int(sms + (sms_cents or "00")), False
            )
        elif line.strip():
            yield _from_cells(number, heading, line, present_month)


def read_json_lines(text: TextIO, *, present_month: str) -> Read:
    """The lines of a file with one JSON object a line; see `read_csv`. Numbers are read as they are written."""
    for number, line in enumerate(text, start=1):
        if line.strip():
            yield _from_json(number, line, present_month)


def dollars(cents: int) -> str:
    """Cents as people write them: 1234.50."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _heading(line: str) -> list[str]:
    heading = [name.strip() for name in next(csv.reader([line]), [])]
    named = set(heading)
    if len(named) != len(heading) or not set(COLUMNS) <= named <= {*COLUMNS, MARK}:
        raise Refused(
            f"The first line names the columns {', '.join(COLUMNS)} and, if wanted, {MARK}, each once; here it is "
            f"«{_shown(line.strip())}»."
        )
    return heading


def _from_cells(number: int, heading: list[str], line: str, present_month: str) -> MrrLine | BadLine:
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error as error:
        return BadLine(number, f"It can't be read as CSV: {error}.")
    if len(cells) != len(heading):
        return BadLine(number, f"It has {len(cells)} cells, and the heading has {len(heading)}.")
    given = {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}
    marked = given.pop(MARK, "")
    if marked not in ("", MARKED):
        return BadLine(number, f"«{MARK}» can't be «{_shown(marked)}»: leave it empty, or write {MARKED}.")
    return _checked(number, given, marked == MARKED, present_month)


def _from_json(number: int, line: str, present_month: str) -> MrrLine | BadLine:
    try:
        given: Any = json.loads(line, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return BadLine(number, "It is no JSON.")
    if not isinstance(given, dict):
        return BadLine(number, f"It is no JSON object with {', '.join(COLUMNS)}.")
    marked = given.pop(MARK, False)
    if not isinstance(marked, bool):
        return BadLine(number, f"«{MARK}» must be true or false.")
    for name in COLUMNS:
        if not isinstance(given.get(name), str):
            return BadLine(number, f"«{name}» must be there, as text or as a number.")
    if unknown := next((name for name in given if name not in COLUMNS), None):
        return BadLine(number, f"«{_shown(unknown)}» is unknown here; possible are {', '.join((*COLUMNS, MARK))}.")
    return _checked(number, given, marked, present_month)


def _checked(number: int, given: dict[str, str], marked: bool, present_month: str) -> MrrLine | BadLine:
    account, month, email, sms = (given[name] for name in COLUMNS)
    if not _ACCOUNT.fullmatch(account):
        return BadLine(number, f"«account» can't be «{_shown(account)}»: it is the account's public API key.")
    if not _MONTH.fullmatch(month):
        return BadLine(number, f"«month» can't be «{_shown(month)}»: a month is written like 2027-01.")
    if month > present_month:
        return BadLine(number, f"«month» can't be {month}, which lies in the future: here it is {present_month}.")
    if month < EARLIEST_MONTH:
        return BadLine(number, f"«month» can't be {month}: no MRR is known from before {EARLIEST_MONTH}.")
    amounts = []
    for name, written in (("email_mrr", email), ("sms_mrr", sms)):
        cents = _cents(written)
        if cents is None:
            return BadLine(
                number,
                f"«{name}» can't be «{_shown(written)}»: dollars are written like 1234.50, with at most nine digits "
                "before the point and two behind it.",
            )
        if cents < 0 and not marked:
            return BadLine(
                number, f"«{name}» can't be {dollars(cents)}: only a line marked as a {MARK} may be below zero."
            )
        amounts.append(cents)
    return MrrLine(number, account, month, amounts[0], amounts[1], marked)


def _cents(text: str) -> int | None:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    sign, whole, part = found.groups()
    cents = int(whole + (part or "").ljust(2, "0"))
    return -cents if sign else cents


def _shown(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:60])
    return printable + ("…" if len(text) > 60 else "")
