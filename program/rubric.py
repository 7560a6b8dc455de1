"""The elite committee's rubric: score sheets, and what they give. Source: 2022 guide, elite rubric.

A sheet holds one member's scores of one nomination, question by question: `{"leadership": (4, 3), …}`. People write
it as `L43 O43344 P44332 C4 M3433 R4`: an area's letter, then a digit for each of its questions. Everything is counted
in fractions, so that an average of exactly 3 is 3; what people read is cut after two digits and never rounded up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import NamedTuple

from program.rules.elite import Area, Rubric

Sheet = Mapping[str, tuple[int, ...]]
"""By an area's code, the scores of its questions in the rubric's order."""

MOST_MISTAKES = 4


class Marks(NamedTuple):
    """What the members gave one area: their common average, and how far apart the highest and lowest of them are."""

    area: str
    average: Fraction
    spread: Fraction


class Appraisal(NamedTuple):
    """What the sheets give together. Without any sheet there are no marks and no average.

    `passes` says what the rubric gives whatever the quorum is; a result counts only with one.
    """

    members: int
    has_quorum: bool
    marks: tuple[Marks, ...]
    average: Fraction | None
    weak: tuple[str, ...]
    passes: bool


def read_sheet(rubric: Rubric, text: str) -> Sheet:
    """The sheet that somebody wrote in the short form; ValueError with a sentence for every mistake."""
    by_letter = {area.letter: area for area in rubric.areas}
    found: dict[str, tuple[int, ...]] = {}
    mistakes: list[str] = []
    for word in re.split(r"[\s,;]+", text.strip()):
        letter, digits = word[:1].upper(), word[1:]
        area = by_letter.get(letter)
        if not word:
            continue
        if area is None:
            mistakes.append(f"«{word[:20]}» names no area; an area is {_letters(rubric)}")
        elif area.area in found:
            mistakes.append(f"{area.title} ({letter}) stands there twice; keep one")
        else:
            found[area.area] = tuple(int(digit) if digit in "0123456789" else -1 for digit in digits)
            if wrong := _wrong_digits(rubric, digits):
                mistakes.append(f"«{wrong}» in «{word[:20]}» can't be a score; {_range(rubric)}")
            elif counted := _wrong_count(area, len(digits)):
                mistakes.append(f"«{word[:20]}» {counted}")
    mistakes += _missing(rubric, found)
    if mistakes:
        raise ValueError(_sentences(mistakes))
    return {area.area: found[area.area] for area in rubric.areas}


def checked_sheet(rubric: Rubric, scores: Mapping[str, Sequence[int]]) -> Sheet:
    """Scores by area that a program sent, as a sheet; ValueError with a sentence for every mistake."""
    known = {area.area: area for area in rubric.areas}
    mistakes = [f"«{name[:40]}» is no area; an area is {', '.join(known)}" for name in scores if name not in known]
    for name, area in known.items():
        given = scores.get(name)
        if given is None:
            continue
        if outside := [each for each in given if not rubric.lowest_score <= each <= rubric.highest_score]:
            mistakes.append(f"{outside[0]} in «{name}» can't be a score; {_range(rubric)}")
        elif counted := _wrong_count(area, len(given)):
            mistakes.append(f"«{name}» {counted}")
    mistakes += _missing(rubric, scores)
    if mistakes:
        raise ValueError(_sentences(mistakes))
    return {name: tuple(scores[name]) for name in known}


def appraise(rubric: Rubric, sheets: Sequence[Sheet]) -> Appraisal:
    """What the sheets of those members give together whose scores count."""
    if not sheets:
        return Appraisal(0, rubric.quorum <= 0, (), None, (), False)
    marks = tuple(_marks(area.area, [_mean(sheet[area.area]) for sheet in sheets]) for area in rubric.areas)
    average = _mean([each.average for each in marks])
    weak = tuple(each.area for each in marks if each.average < Fraction(rubric.lowest_area_average))
    return Appraisal(
        members=len(sheets),
        has_quorum=len(sheets) >= rubric.quorum,
        marks=marks,
        average=average,
        weak=weak,
        passes=average >= Fraction(rubric.passing_average) and not weak,
    )


def shown(average: Fraction) -> str:
    """An average with two digits, cut and not rounded: what reads 3.00 has passed."""
    exact = Decimal(average.numerator) / Decimal(average.denominator)
    return str(exact.quantize(Decimal("0.01"), rounding=ROUND_FLOOR))


def _marks(area: str, by_member: Sequence[Fraction]) -> Marks:
    return Marks(area, _mean(by_member), max(by_member) - min(by_member))


def _mean(numbers: Sequence[Fraction] | Sequence[int]) -> Fraction:
    return sum((Fraction(number) for number in numbers), Fraction(0)) / len(numbers)


def _wrong_digits(rubric: Rubric, digits: str) -> str:
    possible = {str(score) for score in range(rubric.lowest_score, rubric.highest_score + 1)}
    return next((digit for digit in digits if digit not in possible), "")


def _wrong_count(area: Area, count: int) -> str:
    asked = len(area.questions)
    if count == asked:
        return ""
    return f"has {_number(count, 'score')}; {area.title} has {_number(asked, 'question')}"


def _missing(rubric: Rubric, found: Mapping[str, object]) -> Iterator[str]:
    for area in rubric.areas:
        if area.area not in found:
            questions = _number(len(area.questions), "question")
            yield f"{area.title} is missing: write {area.letter} and a score for each of its {questions}"


def _letters(rubric: Rubric) -> str:
    return ", ".join(f"{area.letter} ({area.title})" for area in rubric.areas)


def _range(rubric: Rubric) -> str:
    return f"a score is a whole number from {rubric.lowest_score} to {rubric.highest_score}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _sentences(mistakes: Sequence[str]) -> str:
    more = len(mistakes) - MOST_MISTAKES
    told = [*mistakes[:MOST_MISTAKES], *([_number(more, "more mistake")] if more > 0 else [])]
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in told)
