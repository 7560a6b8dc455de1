"""Plots as pictures inside a page: black, grey and hatched, labelled where they stand, so that no colour says anything.

Every one is an SVG in a data address, which needs no other file, on screen and on paper.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from io import BytesIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import ConciseDateFormatter, MonthLocator
from matplotlib.figure import Figure

FILLS = (
    ("#ffffff", "////"), ("#dddddd", ""), ("#ffffff", "...."), ("#888888", ""), ("#ffffff", "xxxx"), ("#444444", ""),
    ("#ffffff", "\\\\\\\\"), ("#bbbbbb", "--"), ("#000000", ""),
)  # fmt: skip
WIDTH, ROW = 7.6, 0.34
# The same figures give the same picture: without it, the names inside of it are drawn by lot.
mpl.rcParams.update({"svg.hashsalt": "partnerflow", "font.size": 9, "hatch.linewidth": 0.6})


def bars(rows: Sequence[tuple[str, float]], unit: str, *, labels: Sequence[str] | None = None) -> str:
    """One bar for each row, the first at the top, with its number at its end."""
    figure, axes = _drawing(ROW * len(rows) + 0.7)
    values = [value for _, value in rows]
    drawn = axes.barh([name for name, _ in rows], values, color="#bbbbbb", edgecolor="black", height=0.66)
    axes.bar_label(drawn, list(labels) if labels else [f"{value:,.0f}" for value in values], padding=3)
    axes.invert_yaxis()
    axes.set(xlabel=unit, xlim=(0, max([1.0, *values]) * 1.2))
    return _picture(figure)


def grouped(names: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], unit: str) -> str:
    """For each name a bar of every series, each series with a pattern of its own."""
    figure, axes = _drawing(ROW * len(names) * len(series) + 0.9)
    high = 0.8 / max(1, len(series))
    for number, (title, values) in enumerate(series):
        fill, hatch = FILLS[number % len(FILLS)]
        places = [index + (number - (len(series) - 1) / 2) * high for index in range(len(names))]
        drawn = axes.barh(places, values, height=high * 0.9, color=fill, hatch=hatch, edgecolor="black", label=title)
        axes.bar_label(drawn, [f"{value:,.0f}" for value in values], padding=3)
    axes.set_yticks(range(len(names)), list(names))
    axes.invert_yaxis()
    axes.set(xlabel=unit, xlim=(0, max([1.0, *(value for _, values in series for value in values)]) * 1.2))
    axes.legend(loc="lower right", frameon=True, fontsize=8)
    return _picture(figure)


def stacked(columns: Sequence[str], series: Sequence[tuple[str, Sequence[int]]], unit: str) -> str:
    """A column for each moment, made of parts with a pattern each; the parts are named in the last one's margin."""
    figure, axes = _drawing(3.6)
    below = [0] * len(columns)
    for number, (title, values) in enumerate(series):
        fill, hatch = FILLS[number % len(FILLS)]
        drawn = axes.bar(range(len(columns)), values, bottom=below, color=fill, hatch=hatch, edgecolor="black",
                         label=title)  # fmt: skip
        axes.bar_label(drawn, [str(value) if value else "" for value in values], label_type="center", fontsize=8,
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
        below = [one + other for one, other in zip(below, values, strict=True)]
    axes.set_xticks(range(len(columns)), list(columns))
    axes.set(ylabel=unit, ylim=(0, max([1, *below]) * 1.05))
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=8, reverse=True)
    return _picture(figure)


def timeline(rows: Sequence[tuple[str, Sequence[tuple[date, int]]]], first: date, last: date) -> str:
    """A row for each kind of event, a dot on each of its days: the larger, the more of them."""
    figure, axes = _drawing(ROW * len(rows) + 0.7)
    most = max((many for _, days in rows for _, many in days), default=1)
    for number, (_, days) in enumerate(rows):
        sizes = [12 + 110 * many / most for _, many in days]
        axes.scatter([day for day, _ in days], [number] * len(days), s=sizes, color="#555555", alpha=0.7, lw=0)  # type: ignore[arg-type]
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(first, last)  # type: ignore[arg-type]
    months = MonthLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(months)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(months))  # type: ignore[no-untyped-call]
    axes.grid(axis="both", alpha=0.3)
    return _picture(figure)


def scores(names: Sequence[str], rows: Sequence[tuple[str, Sequence[float | None]]], lowest: int, highest: int) -> str:
    """For each area a row from the lowest to the highest score; each nomination is its number there."""
    figure, axes = _drawing(0.5 * len(rows) + 0.8)
    for number, (_, values) in enumerate(rows):
        for index, value in enumerate(values):
            if value is not None:
                place = number + (index % 4 - 1.5) * 0.16
                axes.text(value, place, str(index + 1), ha="center", va="center", fontsize=8,
                          bbox={"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": "black"})  # fmt: skip
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(lowest - 0.1, highest + 0.1)
    axes.set_xlabel("average score; " + ", ".join(f"{index + 1}: {name}" for index, name in enumerate(names)))
    axes.grid(axis="x", alpha=0.4)
    return _picture(figure)


def _drawing(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, max(1.3, height)), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _picture(figure: Figure) -> str:
    drawn = BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + b64encode(drawn.getvalue()).decode()
