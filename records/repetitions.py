"""Whether a commit was written before: what makes a step the same step, and which steps came due only later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from states.effects import (
    Begin,
    Claim,
    Commit,
    Credit,
    Effect,
    EndBenefit,
    GiveByLink,
    Link,
    Mail,
    Release,
    Step,
    Tell,
)
from states.lifecycle import SYSTEM


def digest_of(commit: Commit) -> str:
    """What makes a commit's steps these steps: a fingerprint of 16 letters for each."""
    return " ".join(_fingerprint(step) for step in commit.steps)


def _fingerprint(step: Step) -> str:
    """What makes a step this step, 16 letters.

    Without `handled_at`, and without `at` where nobody stamped the message: a process whose worker died after our
    transaction does the same step again at a later moment. Figures that follow from that moment are left out as well.
    """
    stamped = "" if step.at == step.handled_at else step.at.timestamp()
    effects = [_aim(effect) for effect in step.effects]
    content = [step.trigger, step.source, step.dest, step.by, step.reason, step.message_id, stamped, effects]
    return sha256(json.dumps(content).encode()).hexdigest()[:16]


def _aim(effect: Effect) -> list[str]:
    match effect:
        case Mail():
            return [effect.do, effect.template, effect.to]
        case Tell():
            return [effect.do, effect.process, effect.signal]
        case Begin():
            return [effect.do, effect.process]
        case GiveByLink():
            return [effect.do, effect.code]
        case EndBenefit():
            return [effect.do, effect.begin.process]
        case Link():
            return [effect.do, effect.purpose]
        case Claim() | Release() | Credit():
            return [effect.do, effect.kind, effect.subject]
        case _:
            return [effect.do]


def without_late_deadlines(steps: Sequence[Step], before: Sequence[str], now: Sequence[str]) -> tuple[Step, ...] | None:
    """The steps without deadlines that came due after a first writer had died; None if that does not explain them.

    `before` are the fingerprints that were written, `now` those of the steps. A deadline is left out where the step
    that was written in its place left its state: then it would not have come due in a process that had gone on.
    """
    kept: list[Step] = []
    skipped = False
    for step, fingerprint in zip(steps, now, strict=True):
        if len(kept) == len(before):
            kept.append(step)
        elif fingerprint == before[len(kept)]:
            if skipped and step.source == step.dest:
                return None
            skipped = False
            kept.append(step)
        elif step.by == SYSTEM and not step.message_id and step.source == step.dest:
            skipped = True
        else:
            return None
    return tuple(kept) if len(kept) >= len(before) else None
