"""Chance that can be repeated."""

from __future__ import annotations

from random import Random


def dice(seed: int, *about: object) -> Random:
    """Dice that fall by the seed and by what they are thrown about, never by when or in which order they are thrown."""
    return Random(f"{seed}/{'/'.join(map(str, about))}")


def happens(chance: Random, probability: float) -> bool:
    """Whether something of a probability between 0 and 1 happens."""
    return chance.random() < probability
