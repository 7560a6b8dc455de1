"""What a commit asks the records for, answered before its transaction, so that nobody who writes waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from records.adjusting import read_list
from records.database import reading_at_once
from records.season_list import look_at
from records.standing import evaluate_for
from states.effects import Commit, CorrectFact, Effect, Evaluate, Frozen, LookAtPartner, ReadList, StrikeFact

Answers = Mapping[Effect, Any]
"""What was found, by what was asked; None where there is nothing to tell."""


def _evaluate(connection: Connection, partner_id: str, edition: str, asked: Evaluate, now: datetime) -> Any:
    return evaluate_for(connection, partner_id, edition, asked, now)


def _look(connection: Connection, partner_id: str, edition: str, asked: LookAtPartner, now: datetime) -> Any:
    return look_at(connection, partner_id, edition, asked.on, now=now)


def _read_list(connection: Connection, partner_id: str, edition: str, asked: ReadList, now: datetime) -> Any:  # noqa: ARG001
    return read_list(connection, asked.half, asked.decided)


# Each with the name under which the receipt brings the answer.
QUESTIONS: dict[type[Frozen], tuple[str, Callable[[Connection, str, str, Any, datetime], Any]]] = {
    Evaluate: ("standing", _evaluate),
    LookAtPartner: ("partner", _look),
    ReadList: ("list", _read_list),
}
_CHANGE_FACTS = (CorrectFact, StrikeFact)


def answers_before(engine: Engine, commit: Commit, *, now: datetime) -> Answers:
    """The answers to what a commit asks; none where it changes facts itself, which only its transaction sees.

    They may be older than the transaction by a moment. Whatever changes a partner's facts in between tells the
    partner's process so in its own transaction, and that process asks again.
    """
    effects = [effect for step in commit.steps for effect in step.effects]
    asked = dict.fromkeys(effect for effect in effects if type(effect) in QUESTIONS)
    if not asked or any(isinstance(effect, _CHANGE_FACTS) for effect in effects):
        return {}
    partner_id, edition = commit.projection.partner_id, commit.projection.edition
    with reading_at_once(engine) as connection:
        return {effect: answer(connection, partner_id, edition, effect, now) for effect in asked}


def answer(connection: Connection, partner_id: str, edition: str, asked: Effect, now: datetime) -> Any:
    """The answer to one question, from what a connection sees."""
    _, ask = QUESTIONS[type(asked)]
    return ask(connection, partner_id, edition, asked, now)


def found_by(commit: Commit, answers: Answers) -> dict[str, Any]:
    """What a receipt brings of the answers: of several to the same question the last one."""
    return dict(_named(commit, answers))


def _named(commit: Commit, answers: Answers) -> Iterator[tuple[str, Any]]:
    for step in commit.steps:
        for effect in step.effects:
            if type(effect) in QUESTIONS and answers.get(effect) is not None:
                yield QUESTIONS[type(effect)][0], answers[effect]
