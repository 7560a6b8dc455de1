"""The plots of the bench: one thing each, readable in grey, with the figures beside them on the page."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def plot_answers(seconds: list[float], file: Path) -> None:
    """How long staff wait: the share of updates answered within a time."""
    ordered = sorted(seconds)
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    axes.plot([value * 1000 for value in ordered], [(i + 1) / len(ordered) * 100 for i in range(len(ordered))], "k-")
    axes.set(
        xlabel="milliseconds from a staff update to its answer", ylabel="% answered", ylim=(0, 101), xlim=(0, None)
    )
    axes.grid(alpha=0.3)
    figure.savefig(file, dpi=110)
    plt.close(figure)


def plot_storm(late: list[float], file: Path) -> None:
    """How the deadlines of one second are worked off."""
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    axes.plot(late, range(1, len(late) + 1), "k-")
    axes.set(xlabel="seconds after the deadlines were armed", ylabel="windows ended", ylim=(0, None), xlim=(0, None))
    axes.grid(alpha=0.3)
    figure.savefig(file, dpi=110)
    plt.close(figure)
