"""Lines of CSV files with a heading: what can't be a line is said with its number."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from program.readable import is_one_line
from records.refusal import Refused

Cells = dict[str, str]


def read_lines(lines: Iterable[str]) -> Iterator[tuple[int, Cells | ValueError]]:
    """The number of each line and its cells by column, without those that are empty; or what is wrong with it.

    Raises `Refused` where the rest of the file can't be made out.
    """
    reader = csv.DictReader(lines)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Refused(f"After line {reader.line_num} the file can't be read: {error}.") from None
        if cells is None:
            return
        yield reader.line_num, _checked(cells)


def _checked(cells: dict[str | None, str | list[str] | None]) -> Cells | ValueError:
    given: Cells = {}
    for column, cell in cells.items():
        if column is None or isinstance(cell, list):
            return ValueError("There are more cells than columns.")
        if cell is None or not cell.strip():
            continue
        if not is_one_line(cell):
            return ValueError(f"«{column}» may hold no line breaks and no control characters.")
        given[column] = cell
    return given
