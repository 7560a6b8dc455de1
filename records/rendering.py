"""Turning a mail's one source into its subject, its text and its HTML.

A source in `records/mail/` is Jinja2: a line `Subject: …`, an empty line, then paragraphs with an empty line between
them, list items (`- …`) and links (`-> Label: address`, or `-> address`). Text and HTML come from the same words, so
they can't differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from program.calendar import ZONE, last_day
from records.refusal import Refused

FOLDER = Path(__file__).parent / "mail"
SIGNATURE = "This mail was written by the partner program's software."

# What an effect or a projection may tell a mail. A name that is not listed is a mistake in a template; one that is
# listed and not given is None, because no mail shall stay behind for the lack of a detail.
VOCABULARY = frozenset(
    {
        "adjusts",
        "again",
        "answer_by",
        "appeal_until",
        "areas",
        "asked_once_more",
        "average",
        "because",
        "behind",
        "benefit",
        "benefit_link",
        "came_from",
        "change",
        "checklist",
        "client",
        "client_confirmed",
        "cut_off",
        "decide",
        "exception",
        "falls_to",
        "grant_date",
        "half",
        "how_far",
        "information_due",
        "lapses_at",
        "line",
        "lowest",
        "merged",
        "missing",
        "movers",
        "nominations_close",
        "other",
        "paid_at",
        "passing",
        "phase",
        "progress_due_at",
        "progress_requests_unanswered",
        "reason",
        "released",
        "review_closes",
        "review_due",
        "review_overdue_at",
        "role",
        "scoring_closes",
        "scoring_extended",
        "season",
        "self_closed",
        "standing",
        "tier",
        "to_be_done_by",
        "track",
        "undo_until",
        "until",
        "valid_until",
        "vendor",
        "won_at",
        "yearly",
    }
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words. The subject is one line."""

    subject: str
    text: str
    html: str


class Known(dict[str, Any]):
    """What is known beyond names: `known.valid_until` in a template is None when nobody said it."""

    def __missing__(self, name: str) -> None:
        if name not in VOCABULARY:
            raise KeyError(f"No mail knows «{name}»; the vocabulary is in records/rendering.py.")


def templates() -> tuple[str, ...]:
    """The names of all mails."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))


def render(template: str, context: Mapping[str, Any]) -> Rendered:
    """The mail of that name. Raises `Refused` for an unknown name, `jinja2.UndefinedError` for an unknown variable."""
    try:
        plain, marked = _PLAIN.get_template(f"{template}.txt"), _MARKED.get_template(f"{template}.txt")
    except TemplateNotFound:
        raise Refused(f"There is no mail «{template}»; there are {', '.join(templates())}.") from None
    subject, body = _parts(plain.render(context))
    _, marked_body = _parts(marked.render(context))
    html = _MARKED.get_template("_layout.html").render(
        # Escaped already, value by value, when the source was filled in.
        subject=subject,
        body=Markup("\n".join(_as_html(block) for block in _blocks(marked_body))),  # noqa: S704
        signature=SIGNATURE,
    )
    text = "\n\n".join(_as_text(block) for block in _blocks(body))
    return Rendered(subject, f"{text}\n\n-- \n{SIGNATURE}\n", html)


def instant(value: datetime | str) -> str:
    """An instant in the program's time zone; the end of a day is named by the day that ends."""
    moment = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(ZONE)
    place = str(ZONE).rpartition("/")[2].replace("_", " ")
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        day = last_day(moment)
        return f"{day:%A}, {day:%B} {day.day}, {day.year}, end of day ({place})"
    clock = f"{moment.hour % 12 or 12}:{moment:%M} {'AM' if moment.hour < 12 else 'PM'}"
    return f"{moment:%A}, {moment:%B} {moment.day}, {moment.year}, {clock} ({place})"


def words(name: str) -> str:
    """A state's or reason's name as words."""
    return name.replace("_", " ")


def _on_one_line(value: Any) -> Any:
    # Whatever people typed stays inside its sentence: it can't begin a header, a paragraph or a link.
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return " ".join(value.split())


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        finalize=_on_one_line,
        auto_reload=False,
        autoescape=autoescape,  # noqa: S701 - off for text, on for HTML
    )
    environment.filters.update(instant=instant, words=words)
    return environment


_PLAIN = _environment(autoescape=False)
_MARKED = _environment(autoescape=True)

_LINK = re.compile(r"-> (?:(?P<label>.+?): )?(?P<address>https?://\S+)")


def _parts(source: str) -> tuple[str, str]:
    heading, _, body = source.partition("\n\n")
    return " ".join(heading.removeprefix("Subject:").split()), body


def _blocks(body: str) -> Iterator[list[str]]:
    for block in re.split(r"\n\s*\n", body.strip()):
        lines = block.strip().splitlines()
        # Where no Web UI is known there is no link.
        if not lines[0].startswith("->") or _LINK.fullmatch(lines[0]):
            yield lines


def _as_text(block: list[str]) -> str:
    if link := _LINK.fullmatch(block[0]):
        return f"{link['label']}:\n{link['address']}" if link["label"] else link["address"]
    return "\n".join(block)


def _as_html(block: list[str]) -> str:
    if link := _LINK.fullmatch(block[0]):
        return f'<p><a href="{link["address"]}">{link["label"] or link["address"]}</a></p>'
    if all(line.startswith("- ") for line in block):
        return "<ul>" + "".join(f"<li>{line[2:]}</li>" for line in block) + "</ul>"
    return f"<p>{' '.join(block)}</p>"
