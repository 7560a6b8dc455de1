"""Facts of partners from CSV files: good lines are taken, and of a bad one is said what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine, select

from program.calendar import written
from program.fact_kinds import KINDS, in_one_word, what_it_says
from records.csv_lines import Cells, read_lines
from records.database import reading, writing
from records.partner_facts import PartnerFact
from records.partner_told import take_in
from records.refusal import Refused
from records.tables import partners

COLUMNS = ("source", "fact_id", "partner_id", "kind", "occurred_at", "value", "course", "person", "percent", "until")
_AT_ONCE = 500


@dataclass(slots=True)
class FactsReport:
    """What became of a file's lines; `refused` has the number of each bad line and what is wrong with it."""

    taken: int
    known: int
    refused: list[tuple[int, str]]


def import_facts(engine: Engine, lines: Iterable[str], *, now: datetime) -> FactsReport:
    """Take in facts from CSV lines with a heading (`COLUMNS`); the same file again changes nothing.

    `value` is a word, as staff correct a fact; a certification has `course`, `person`, `percent` and `until` instead.
    `occurred_at` may be a date, and is of the program's time zone where it names none.
    Raises `Refused` where the rest of a file can't be made out; once it is mended it is simply taken again.
    """
    report = FactsReport(0, 0, [])
    with reading(engine) as connection:
        known = set(connection.execute(select(partners.c.id)).scalars())
    for batch in _batches(read_lines(lines)):
        with writing(engine) as connection:
            for number, cells in batch:
                try:
                    recorded = take_in(connection, _fact(cells, known, now))
                except (ValueError, Refused) as error:
                    report.refused.append((number, _what_is_wrong(error)))
                    continue
                if recorded == "conflict":
                    report.refused.append((number, "Other content came under this source and fact_id before."))
                report.taken += recorded == "new"
                report.known += recorded == "same"
    return report


def _batches(
    rows: Iterable[tuple[int, Cells | ValueError]],
) -> Iterator[list[tuple[int, Cells | ValueError]]]:
    batch: list[tuple[int, Cells | ValueError]] = []
    for number, cells in rows:
        batch.append((number, cells))
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    yield batch


def _fact(cells: Cells | ValueError, known: set[str], now: datetime) -> PartnerFact:
    if isinstance(cells, ValueError):
        raise cells
    given = {name: cells.get(name, "").strip() for name in COLUMNS}
    if given["partner_id"] not in known:
        raise ValueError(f"There is no partner {given['partner_id']}.")
    if given["kind"] not in KINDS:
        raise ValueError(f"«{given['kind']}» is no kind of fact; there are {', '.join(KINDS)}.")
    if not (given["source"] and given["fact_id"]):
        raise ValueError("source and fact_id must say who tells it under which id.")
    try:
        at = written(given["occurred_at"])
    except ValueError as error:
        raise ValueError(f"occurred_at: {error}") from None
    if at > now:
        raise ValueError("occurred_at lies in the future.")
    return PartnerFact(given["source"], given["fact_id"], given["partner_id"], given["kind"], _said(given), at, now)


def _said(given: dict[str, str]) -> dict[str, Any]:
    if given["kind"] != "certification":
        return in_one_word(given["kind"], given["value"])
    fields = {name: given[name] for name in ("course", "person", "percent", "until") if given[name]}
    return what_it_says(KINDS["certification"].model_validate({"kind": "certification", **fields}))


def _what_is_wrong(error: ValueError | Refused) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"«{'.'.join(str(part) for part in first['loc'])}»: {first['msg']}."
    return str(error)
