"""How something is said to a process, whatever its kind: kept in SQL what is personal, told in Temporal, then answered.

The process gets the id under which words or people are kept, and the moment of receipt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool

from portal.environment import Portal
from portal.problems import Problem
from portal.temporal import Received
from portal.words import moment
from records.notes import Note, drop_note, keep_note
from states.lifecycle import Lifecycle
from workflows.doors import TemporalAway


@dataclass(frozen=True, slots=True)
class Addressee:
    """The process that is told something: `state` is the last one recorded, `called` its name in a sentence."""

    process: str
    lifecycle: Lifecycle[Any]
    state: str
    called: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What goes with a message and stays in SQL: `keep` gets the message's id and says what the process is told."""

    keep: Callable[[str], dict[str, Any]]
    drop: Callable[[str], None]


async def say(
    portal: Portal, received: Received, to: Addressee, action: str, request_id: str, kept: Kept, name: str
) -> str:
    """Tell the process, and say in a sentence what was taken in: the partner's `name` for it, such as "withdrawal".

    Raises `Problem` when the process is over and `TemporalAway` when the message was not acknowledged.
    """
    over = Problem("over", f"{to.called} is over ({_words(to.state)}); nothing can be said to it any more.")
    if to.lifecycle.phases[to.state].final:
        raise over  # its process may be there for another moment
    message_id = f"portal:{request_id}"
    fields = await run_in_threadpool(kept.keep, message_id)
    payload = {"id": message_id, "at": received.at.isoformat(), "by": "partner", **fields}
    try:
        told = await portal.temporal.tell(received, to.process, action, payload)
    except TemporalAway:
        # What Temporal does not hold was not said. Sent again under its key, it gets its id and a new stamp.
        await run_in_threadpool(kept.drop, message_id)
        raise
    if not told:
        await run_in_threadpool(kept.drop, message_id)
        raise over
    return _says(to, action, name, moment(received.at))


def noted(portal: Portal, process: str, partner_id: str, action: str, received: Received, text: str) -> Kept:
    """Words that go with an action, for staff; none where there are none."""

    def keep(message_id: str) -> dict[str, Any]:
        if text:
            keep_note(portal.engine, Note(message_id, process, action, partner_id, received.at, text))
        return {}

    def drop(message_id: str) -> None:
        if text:
            drop_note(portal.engine, message_id)

    return Kept(keep, drop)


def _says(to: Addressee, action: str, name: str, stamp: str) -> str:
    """What was taken in. What becomes of it, only the process decides; the last known state is a hint."""
    taken = f"The {name} was received as of {stamp} (New York)."
    follows = any(move.trigger == action and to.state in move.sources for move in to.lifecycle.moves)
    if follows or to.state == "received":
        return taken
    return (
        f"{taken} As last recorded the {to.lifecycle.name} is {_words(to.state)}, where it has no effect; "
        "its history will tell."
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
