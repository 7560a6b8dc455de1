"""What a rule says and where it comes from, kept next to the field that holds its value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict

from program.rules.standing import Tier, Track

SILENT = "the guides are silent"
UNCLEAR = "the guides leave it open"
CONTRADICTION = "the guides contradict themselves"

NOT_A_RULE: Final = "not a rule"  # field metadata: what names an edition or a row of a table


@dataclass(frozen=True, slots=True)
class Rule:
    """Field metadata: the rule in words, its source, and whether it is our choice or the vendor's word."""

    says: str
    source: str
    choice: bool = False


def guide(says: str, where: str) -> Rule:
    """A rule that the 2022 guide states, with the words of the place where it does."""
    return Rule(says, f"2022 guide, {where}")


def chosen(says: str, why: str = SILENT) -> Rule:
    """A rule that is ours, because the guides are silent, unclear or contradict themselves."""
    return Rule(says, why, choice=True)


class Part(BaseModel):
    """A part of an edition: strict, so that "90" is no number, and frozen all the way down."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def except_that(self, **changes: object) -> Self:
        """The same part with other values for some fields, validated like every part."""
        kept: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(kept | changes))


class Row(Part):
    """A line of a table in an edition; `row` is its name, by which notes and pages refer to it."""

    @property
    def row(self) -> str:
        """The name of the line within its table."""
        raise NotImplementedError


class StandingRow(Row):
    """A line about one track and tier; its name is for example "master gold"."""

    track: Annotated[Track, NOT_A_RULE]
    tier: Annotated[Tier, NOT_A_RULE]

    @property
    def row(self) -> str:
        """Track and tier."""
        return f"{self.track} {self.tier}"


class Code(Row):
    """A code that programs compare, with the words that people read."""

    code: Annotated[str, NOT_A_RULE]
    text: str

    @property
    def row(self) -> str:
        """The code."""
        return self.code


def codes(*pairs: tuple[str, str]) -> tuple[Code, ...]:
    """A table of codes written as plain pairs."""
    return tuple(Code(code=code, text=text) for code, text in pairs)


class Note(Part):
    """What an edition says of the origin of some of its values, where it differs from the field's own `Rule`.

    `path` is a value's path such as "tiers.requirements.master gold.website", with * for any part of it.
    """

    path: str
    source: str
    choice: bool


@dataclass(frozen=True, slots=True)
class StatedRule:
    """One value of an edition with all that is known of it; `path` is unique within the edition."""

    path: str
    says: str
    value: object
    source: str
    choice: bool


def stated_rules(part: Part, notes: Sequence[Note]) -> Iterator[StatedRule]:
    """Every value in a part, in the order of its tables; of several notes for a path the last one holds."""
    for path, value, rule in _values(part, "", None):
        source, choice = rule.source, rule.choice
        for note in notes:
            if fnmatchcase(path, note.path):
                source, choice = note.source, note.choice
        yield StatedRule(path, rule.says, value, source, choice)


def _values(part: Part, prefix: str, inherited: Rule | None) -> Iterator[tuple[str, Any, Rule]]:
    for name, field in type(part).model_fields.items():
        rule = next((found for found in field.metadata if isinstance(found, Rule)), inherited)
        value, path = getattr(part, name), f"{prefix}{name}"
        if NOT_A_RULE in field.metadata:
            continue
        if isinstance(value, Row):
            yield from _values(value, f"{path}.", rule)
        elif isinstance(value, Part):
            yield from _values(value, f"{path}.", None)
        elif isinstance(value, tuple) and value and all(isinstance(line, Row) for line in value):
            for line in value:
                yield from _values(line, f"{path}.{line.row}.", rule)
        elif rule is None:
            raise ValueError(f"The rule {path} does not say where it comes from; annotate its field with a Rule.")
        else:
            yield path, value, rule
