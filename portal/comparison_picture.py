"""Nominations side by side as a picture: an inline SVG without styles or scripts, readable in light and dark.

Each area of the rubric is a row from the lowest to the highest score; a numbered dot is a nomination's average there.
The same numbers stand in the table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from program.rules.elite import Rubric
from records.nominations import NominationStands

_LEFT, _WIDTH, _ROW, _TOP, _DOT = 190, 400, 40, 34, 9
_COLOURS = ("#1565c0", "#b26a00", "#2e7d32", "#ad1457", "#6a1b9a", "#00838f", "#5d4037", "#455a64")


def picture(rubric: Rubric, nominations: Sequence[NominationStands]) -> str:
    """The averages of every nomination that has any, area by area and over all."""
    rows = [(area.area, area.title) for area in rubric.areas] + [("", "Average of all areas")]
    height = _TOP + _ROW * len(rows)
    title = escape("Averages by area of: " + ", ".join(each.name for each in nominations), quote=True)
    scores = range(rubric.lowest_score, rubric.highest_score + 1)
    grid = "".join(
        f'<line x1="{_x(rubric, score)}" y1="{_TOP - 12}" x2="{_x(rubric, score)}" y2="{height - 8}" stroke="#8884"/>'
        f'<text x="{_x(rubric, score)}" y="14" font-size="12" text-anchor="middle" fill="currentColor">{score}</text>'
        for score in scores
    )
    drawn = "".join(_row(rubric, index, code, words, nominations) for index, (code, words) in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 30} {height}" width="100%" role="img" '
        f'aria-label="{title}"><title>{title}</title>{grid}{drawn}</svg>'
    )


def _row(rubric: Rubric, index: int, code: str, words: str, nominations: Sequence[NominationStands]) -> str:
    y = _TOP + _ROW * index + 10
    needed = rubric.lowest_area_average if code else rubric.passing_average
    at = _x(rubric, needed)
    bar = f'<line x1="{at}" y1="{y - 14}" x2="{at}" y2="{y + 14}" stroke="#c62828" stroke-width="2"/>'
    label = f'<text x="0" y="{y + 4}" font-size="13" fill="currentColor">{escape(words)}</text>'
    dots = []
    for number, nomination in enumerate(nominations, start=1):
        marks = nomination.facts.get("marks") or {}
        found = marks.get("areas", {}).get(code, [None])[0] if code else marks.get("average")
        if found is not None:
            dots.append(_dot(_x(rubric, float(found)), y, number))
    return label + bar + "".join(dots)


def _dot(x: float, y: int, number: int) -> str:
    colour = _COLOURS[(number - 1) % len(_COLOURS)]
    # Equal averages would hide each other: later numbers hang a little lower.
    down = y - 6 + 4 * ((number - 1) % 4)
    return (
        f'<circle cx="{x}" cy="{down}" r="{_DOT}" fill="{colour}" fill-opacity="0.85"/>'
        f'<text x="{x}" y="{down + 4}" font-size="11" text-anchor="middle" fill="#fff">{number}</text>'
    )


def _x(rubric: Rubric, score: object) -> float:
    span = rubric.highest_score - rubric.lowest_score
    return round(_LEFT + (float(str(score)) - rubric.lowest_score) / span * _WIDTH, 1)
