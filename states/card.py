"""The card: the page that staff read in the Temporal Web UI, in Markdown.

It says where a process stands and why, what happens next and when, who has to act, and for each possible action the
exact text to paste. Its size is bounded. What people typed is escaped: the page would show raw HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

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
    return "\n".join(
        [
            *_heading(lifecycle, data, link),
            *_warnings(recording),
            *_next(lifecycle, data, now),
            *_facts(data.facts()),
            *_actions(lifecycle, data, now, open_staff_list),
            *_notices(notices),
            f"\nAs of {moment(now)}. All times: New York. Press R to refresh.",
        ]
    )


def _heading(lifecycle: Lifecycle[M], data: M, link: str) -> Iterable[str]:
    state = lifecycle.phases[data.state]
    yield f"## {lifecycle.name.capitalize()} {escape(data.subject())}: {_words(data.state)}"
    yield f"\n{state.says} Since {moment(data.since)}."
    waits_for = lifecycle.waits_for(data)
    late = ", **overdue**" if data.is_overdue() else ""
    yield f"\n**Waits for:** {waits_for.value if waits_for else 'nobody'}{late}"
    if link:
        yield f"\n[Contacts, notes and history in the portal]({link})"


def _warnings(recording: Recording) -> Iterable[str]:
    if recording.waiting:
        yield "\n> The database is away. This change is held here and will be recorded as soon as it is back."
    if recording.parked:
        yield f"\n> A change could not be recorded: {escape(recording.parked)} Operators: `partnerflow doctor`."


def _next(lifecycle: Lifecycle[M], data: M, now: datetime) -> Iterable[str]:
    deadlines = lifecycle.deadlines(data)
    if deadlines:
        yield "\n### What happens by itself\n"
        for due in deadlines:
            yield f"- **{moment(due.at)}** ({_distance(due.at - now)}): {due.summary}"


def _facts(facts: dict[str, Any]) -> Iterable[str]:
    yield "\n### Facts\n\n| | |\n|:--|:--|"
    for label, value in facts.items():
        if value is not None:
            yield f"| {label}&emsp; | {moment(value) if isinstance(value, datetime) else escape(str(value))} |"


def _actions(lifecycle: Lifecycle[M], data: M, now: datetime, open_staff_list: bool) -> Iterable[str]:
    possible = lifecycle.possible(data, now)
    staff = [action for action in possible if action.by_staff]
    if staff:
        yield "\n### What you can do\n"
        yield "Choose *More Actions, Send an Update*, then the name, and paste the text with your address and words."
        if open_staff_list:
            yield "\nNo staff list is configured, so everybody may decide."
        for action in staff:
            yield from _one_action(action)
    others = [action for action in possible if not action.by_staff and Role.SYSTEM not in action.who]
    if others:
        yield "\n### What others may report\n"
        yield from (f"- {', '.join(action.who)}: *{_words(action.name)}*. {action.help}" for action in others)


def _one_action(action: Action) -> Iterable[str]:
    yield f"\n**{action.name}** ({', '.join(action.who)}): {action.help}\n\n```json\n{action.short_example}\n```"


def _notices(notices: Sequence[Notice]) -> Iterable[str]:
    if notices:
        yield "\n### Messages that could not be followed\n"
        for notice in reversed(notices):
            yield f"- {moment(notice.at)}, *{escape(notice.action)}*: {escape(notice.text)}"


def _distance(span: timedelta) -> str:
    if span < timedelta(0):
        return "now"
    if span >= timedelta(days=2):
        return f"in {span.days} days"
    hours = span // timedelta(hours=1)
    return f"in {hours} hours" if hours >= 2 else f"in {span // timedelta(minutes=1)} minutes"


def _words(name: str) -> str:
    return name.replace("_", " ")
