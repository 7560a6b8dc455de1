"""The card: the page that staff read in the Temporal Web UI, in Markdown.

It says where a process stands and why, who has to act, what happens next and when, and for each possible action the
exact text to paste; facts and earlier refusals come after. Its size is bounded. What people typed is escaped: the page
would show raw HTML.

Its form follows how the Web UI shows it. The column is narrow and a third of the window is the UI's own, so what a
reviewer needs first has about 500 x 550 pixels. A line end is shown as one and an empty line as two, which makes one
paragraph of several lines the densest block. A code block does not wrap, code inside a line does. Named entities are
shown literally, numeric ones work. A process's clock stands at its last workflow task, and the page may stay open for
days, so a card names dates and never says "in three days".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, ConfigDict

from program.calendar import ZONE, last_day
from states.lifecycle import Action, Lifecycle, M
from states.staff import Role


class Notice(BaseModel):
    """A message that could not be followed: when, which, and why."""

    model_config = ConfigDict(frozen=True)
    at: AwareDatetime
    action: str
    text: str


class Recording(BaseModel):
    """How the recording of changes stands: `waiting` for a database that is away, `parked` with the reason."""

    model_config = ConfigDict(frozen=True)
    waiting: bool = False
    parked: str = ""


_ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#|!~&$])")
# A bare address would become a link, whatever is escaped in it, unless something stands between its parts.
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_BETWEEN = "\u2060"
LONGEST_TEXT = 300
# Cells have no padding.
_GAP = "\u2003"
# The fact that says what staff are to decide; it stands at the top.
TO_DECIDE = "to decide"


def escape(text: str) -> str:
    """`text` as Markdown shows it literally, on one line and not too long; neither HTML nor links survive."""
    flat = " ".join(text.split())
    short = flat if len(flat) <= LONGEST_TEXT else flat[: LONGEST_TEXT - 1] + "…"
    literal = _ACTIVE.sub(lambda found: f"&#{ord(found[1])};", short)
    return _ADDRESS.sub(_BETWEEN, literal)


def moment(instant: datetime) -> str:
    """An instant in the program's time zone; midnight is named as the end of the day before."""
    local = instant.astimezone(ZONE)
    if local.hour == local.minute == local.second == 0:
        return f"{last_day(instant):%a %Y-%m-%d}, end of day"
    return f"{local:%a %Y-%m-%d %H:%M}"


def card(
    lifecycle: Lifecycle[M],
    data: M,
    *,
    now: datetime,
    notices: Sequence[Notice],
    recording: Recording,
    open_staff_list: bool,
    link: str,
) -> str:
    """The card of a process as it stands at `now` (UTC, program time)."""
    possible = lifecycle.possible(data, now)
    # A refusal since the state was entered is news, and stands at the top; earlier ones at the end.
    fresh = notices[-1:] if notices and notices[-1].at >= data.since else ()
    blocks = [
        f"### {lifecycle.name.capitalize()} {escape(data.subject())}: {_words(data.state)}",
        _lines(_standing(lifecycle, data, fresh, recording, link)),
        _lines(_actions([action for action in possible if action.by_staff], open_staff_list)),
        _lines(_choices([action for action in possible if action.by_staff])),
        _facts(data.facts()),
        _others([action for action in possible if not action.by_staff and Role.SYSTEM not in action.who]),
        _lines(_refused(notices[: len(notices) - len(fresh)])),
        f"Written {moment(now)}. All times: New York. Press R to refresh.",
    ]
    return "\n\n".join(block for block in blocks if block)


def _standing(
    lifecycle: Lifecycle[M], data: M, fresh: Sequence[Notice], recording: Recording, link: str
) -> Iterable[str]:
    """Who has to act on what, what happens if nobody does, and what went wrong since the state was entered."""
    state, waits_for = lifecycle.phases[data.state], lifecycle.waits_for(data)
    late = ", overdue" if data.is_overdue() else ""
    yield f"**Waits for: {waits_for.value if waits_for else 'nobody'}{late}**"
    yield f"{state.says} Since {moment(data.since)}."
    if to_decide := data.facts().get(TO_DECIDE):
        yield f"**To decide:** {escape(str(to_decide))}"
    if recording.waiting:
        yield "**The database is away.** This change is held here and will be recorded as soon as it is back."
    if recording.parked:
        yield f"**A change could not be recorded:** {escape(recording.parked)} Operators: `partnerflow doctor`."
    for notice in fresh:
        yield f"**Not followed:** {_notice(notice)}"
    deadlines = lifecycle.deadlines(data)
    if deadlines:
        yield "**What happens by itself:**"
        yield from (f"• {moment(due.at)}: {due.summary}" for due in deadlines)
    if link:
        yield f"[Contacts, notes and history in the portal]({link})"


def _actions(actions: Sequence[Action], open_staff_list: bool) -> Iterable[str]:
    """Each action with the exact text to paste: one line of code, so that three clicks select it."""
    if actions:
        yield "**You can,** by *More Actions*, *Send an Update*, the name, and the text with your address and words:"
    if actions and open_staff_list:
        yield "(No staff list is configured: everybody may decide.)"
    for action in actions:
        yield f"**{action.name}** ({', '.join(action.who)}): {action.help}"
        yield f"`{action.short_example}`"


def _choices(actions: Sequence[Action]) -> Iterable[str]:
    """The fields of the actions' messages that take one of a few words, with these words."""
    choices = {
        name: get_args(field.annotation)
        for action in actions
        for name, field in action.message.model_fields.items()
        if get_origin(field.annotation) is Literal
    }
    yield from (f"{name}: {', '.join(words)}" for name, words in choices.items())


def _facts(facts: dict[str, Any]) -> str:
    rows = [
        f"| {label}{_GAP} | {line} |"
        for first, value in facts.items()
        if value is not None and first != TO_DECIDE
        for label, line in _fact(first, value)
    ]
    return _lines(["| | |", "|:--|:--|", *rows]) if rows else ""


def _fact(label: str, value: Any) -> Iterable[tuple[str, str]]:
    """A fact's rows: a list has one for each of its lines, figures that are for pages and plots have none."""
    match value:
        case dict():
            return []
        case list():
            return [(label if index == 0 else "", escape(str(line))) for index, line in enumerate(value)]
        case datetime():
            return [(label, moment(value))]
        case _:
            return [(label, escape(str(value)))]


def _others(actions: Sequence[Action]) -> str:
    reports = (f"{_words(action.name)} ({', '.join(action.who)})" for action in actions)
    return f"Others may report: {', '.join(reports)}." if actions else ""


def _refused(notices: Sequence[Notice]) -> Iterable[str]:
    if notices:
        yield "**Earlier messages that could not be followed:**"
        yield from (f"• {_notice(notice)}" for notice in reversed(notices))


def _notice(notice: Notice) -> str:
    return f"{moment(notice.at)}, *{escape(notice.action)}*: {escape(notice.text)}"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _words(name: str) -> str:
    return name.replace("_", " ")
