"""The editions as a page for program managers; `python -m program.editions_page` writes docs/editions.md."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path

from program.edition import EDITIONS, LATEST, Edition
from program.rules.benefits import Benefit
from program.rules.days import MonthDay
from program.rules.rule import NOT_A_RULE, Code, Part, Row, Rule, StatedRule

PAGE = Path(__file__).parent.parent / "docs" / "editions.md"
COMMAND = "python -m program.editions_page"

MARK = "◆"

TITLES = {
    "in_force_from": "In force",
    "days": "How days are counted",
    "tiers": "Tracks, tiers and requirements",
    "moves": "Moving between tiers",
    "leads": "Leads",
    "accounts": "Managed accounts",
    "elite": "Elite",
    "elite.rubric": "Elite: the rubric",
    "joining": "Joining",
    "mergers": "Mergers",
    "money": "Shares and payouts",
    "benefits": "Benefits",
    "benefits.mdf": "Marketing development funds",
    "dashboards": "What partner managers are told",
}

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_INTRODUCTION = f"""# Editions of the partner program

<!-- Written by `{COMMAND}`; change the edition, not this page. -->

Every number, window, table and list of the program, with the place it comes from. Not each is read by the
software: some say in words what its code does, and some wait for what is not there yet, such as payouts. A
lead, a request, an application and a nomination keep the edition under which they began; a partner's standing
takes up a new edition at an adjustment. An edition is never changed: a new rule is a new edition.

{MARK} marks a *choice*: a rule that is ours, because the guides are silent, leave it open or contradict
themselves. Money is in US dollars, MRR is a monthly amount.
"""


def render() -> str:
    """The whole page as Markdown: full editions with every rule, derived ones with their differences."""
    newest_first = sorted(EDITIONS.values(), key=lambda edition: edition.in_force_from, reverse=True)
    sections = [_INTRODUCTION, "\n".join(_contents(newest_first))]
    for edition in newest_first:
        sections.extend(_full(edition) if edition.based_on is None else _differences(edition))
    return "\n\n".join(section.strip("\n") for section in sections) + "\n"


def _contents(editions: Iterable[Edition]) -> Iterator[str]:
    for edition in editions:
        kind = "every rule" if edition.based_on is None else f"differences from {edition.based_on}"
        in_force = ", in force" if edition is LATEST else ""
        yield f"- [Edition {edition.name}](#edition-{edition.name}): {kind}{in_force}"


def _full(edition: Edition) -> Iterator[str]:
    rules = {rule.path: rule for rule in edition.rules()}
    yield f"## Edition {edition.name}"
    yield f"{len(rules)} values; digest `{edition.digest()}`."
    yield from _rule_table([rules["in_force_from"]])
    for name in type(edition).model_fields:
        value = getattr(edition, name)
        if isinstance(value, Part):
            yield from _part(value, name, rules)


def _part(part: Part, path: str, rules: Mapping[str, StatedRule]) -> Iterator[str]:
    yield f"### {TITLES[path]}"
    names = list(type(part).model_fields)
    yield from _rule_table([rules[f"{path}.{name}"] for name in names if f"{path}.{name}" in rules])
    for name in names:
        value, below = getattr(part, name), f"{path}.{name}"
        if isinstance(value, Part):
            yield from _part(value, below, rules)
        elif below not in rules:
            rule = next(found for found in type(part).model_fields[name].metadata if isinstance(found, Rule))
            yield f"**{rule.says}** ({_source(rule)})"
            if isinstance(value[0], Benefit):
                yield from _benefits(value, below, rules)
            else:
                yield from _rows(value, below, rules, rule)


def _rule_table(rules: Sequence[StatedRule]) -> Iterator[str]:
    if rules:
        lines = ([rule.says, _shown(rule.value), _source(rule)] for rule in rules)
        yield _table(["Rule", "Value", "Source"], lines)


def _rows(rows: Sequence[Row], path: str, rules: Mapping[str, StatedRule], of_table: Rule) -> Iterator[str]:
    fields = type(rows[0]).model_fields
    columns = [name for name, field in fields.items() if NOT_A_RULE not in field.metadata]
    cells = {row.row: {column: rules[f"{path}.{row.row}.{column}"] for column in columns} for row in rows}
    names = (f"`{row.row}`" if isinstance(row, Code) else _words(row.row) for row in rows)
    yield _table(
        ["", *("in words" if column == "text" else _words(column) for column in columns)],
        (
            [name, *(_marked(rule, of_table) for rule in cells[row.row].values())]
            for name, row in zip(names, rows, strict=True)
        ),
    )
    remarks: dict[str, list[str]] = {}
    for column in columns:
        by_source: dict[str, list[str]] = {}
        for row in rows:
            if cells[row.row][column].source != of_table.source:
                by_source.setdefault(_source(cells[row.row][column]), []).append(_words(row.row))
        for source, named in by_source.items():
            where = "" if len(named) == len(rows) else f" ({', '.join(named)})"
            remarks.setdefault(source, []).append(f"{_words(column)}{where}")
    yield from _remarks(remarks)


def _benefits(benefits: Sequence[Benefit], path: str, rules: Mapping[str, StatedRule]) -> Iterator[str]:
    standings = [grant.row for grant in benefits[0].grants]
    remarks: dict[str, list[str]] = {}
    lines = []
    for benefit in benefits:
        task = rules[f"{path}.{benefit.row}.is_task"]
        levels = [rules.get(f"{path}.{benefit.row}.grants.{standing}.level") for standing in standings]
        lines.append([benefit.title, _marked(task), *("-" if rule is None else _marked(rule) for rule in levels)])
        remarks[_source(task)] = ["somebody carries it out"]
        by_source: dict[str, list[str]] = {}
        for standing, rule in zip(standings, levels, strict=True):
            if rule is not None and rule.choice:
                by_source.setdefault(_source(rule), []).append(standing)
        for source, named in by_source.items():
            remarks.setdefault(source, []).append(f"{benefit.title} ({', '.join(named)})")
    yield _table(["", "somebody carries it out", *standings], lines)
    yield from _remarks(remarks)


def _remarks(remarks: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if remarks:
        yield "\n".join(f"- {'; '.join(places)}: {source}" for source, places in remarks.items())


def _differences(edition: Edition) -> Iterator[str]:
    base = EDITIONS[edition.based_on or ""]
    before = {rule.path: rule for rule in base.rules()}
    rules = list(edition.rules())
    yield f"## Edition {edition.name}"
    yield (
        f"Digest `{edition.digest()}`. Everything that is not in this table is as in "
        f"[edition {base.name}](#edition-{base.name}). The {edition.name} page shows its tables as pictures, "
        f"so wherever its text gives no figure, that of {base.name} is taken {MARK}."
    )
    changed = (rule for rule in rules if rule.value != before[rule.path].value)
    yield _table(
        ["Part", "Rule", base.name, edition.name, "Source"],
        (
            [
                TITLES[rule.path.partition(".")[0]],
                rule.says,
                _shown(before[rule.path].value),
                _shown(rule.value),
                _source(rule),
            ]
            for rule in changed
        ),
    )
    same = [rule for rule in rules if not rule.choice and rule.value == before[rule.path].value]
    if same:
        yield f"The {edition.name} page's own text says the same as {base.name} on:"
        yield "\n".join(f"- {rule.says}: {_shown(rule.value)}" for rule in same)


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"

    return "\n".join([line(head), line("---" for _ in head), *map(line, lines)])


def _source(rule: Rule | StatedRule) -> str:
    return f"{MARK} {rule.source}" if rule.choice else rule.source


def _marked(rule: StatedRule, of_table: Rule | None = None) -> str:
    # A table that is a choice as a whole says so above itself; marking each of its cells would be noise.
    is_news = rule.choice and not (of_table is not None and of_table.choice)
    return f"{_shown(rule.value)} {MARK}" if is_news else _shown(rule.value)


def _words(name: str) -> str:
    return re.sub(r"\b(mrr|sms|h[12])\b", lambda short: short[0].upper(), name.replace("_", " "))


def _shown(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case MonthDay():
            return f"{_MONTHS[value.month - 1]} {value.day}"
        case tuple():
            return "; ".join(map(_shown, value)) or "none"
        case Decimal() | int():
            return f"{value:,}"
        case date():
            return value.isoformat()
        case Enum():
            return str(value)
        case str():
            return f"`{value}`" if "[" in value else value if " " in value or "/" in value else _words(value)
    raise TypeError(f"{value!r} is no value of a rule.")


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
