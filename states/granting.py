"""What follows from a partner's move for its benefits: whoever moves a partner carries these effects out with it."""

from __future__ import annotations

from datetime import datetime

from program.benefits import Given, benefits_at, goes_up, needs_somebody
from program.edition import edition
from program.evaluation import Standing
from states.benefit import BENEFIT
from states.benefit_data import Benefit
from states.effects import Begin, Effect, Mail, Tell


def benefit_effects(
    before: Standing | None, after: Standing | None, partner_id: str, at: datetime, *, edition_name: str
) -> tuple[Effect, ...]:
    """The effects of a move from one standing (None: before joining) to another (None: it left) at the instant `at`.

    What somebody must carry out is told to its own process, which is begun where it is not there yet; what is given at
    once follows from the standing itself, and needs no effect but the mail that goes with every move up. The same
    standing again has no effects. `edition_name` is the edition of the standing after the move.
    """
    rules = edition(edition_name)
    had = {given.code: given for given in benefits_at(rules, before)}
    has = {given.code: given for given in benefits_at(rules, after)}
    effects: list[Effect] = []
    if after is not None and goes_up(rules, before, after):
        about = {"track": after.track.value, "tier": after.tier.value}
        effects += [Mail(template=sent.code, to="partner", about=about) for sent in rules.benefits.sent_at_every_uptier]
    for benefit in rules.benefits.benefits:
        if not needs_somebody(benefit):
            continue
        was, now = had.get(benefit.code), has.get(benefit.code)
        told = _told(was), _told(now)
        if told[0] == told[1]:
            continue
        if told[1] is None:
            if after is None or rules.benefits.withdrawn_when_moving_down:
                # It may never have begun: for a partner that was entered with what it had.
                tell = _tell(partner_id, benefit.code, "withdraw", {})
                effects.append(tell.model_copy(update={"if_begun": True}))
            continue
        signal, level = told[1]
        begun = Benefit.of(partner_id, benefit.code, at, edition_name=rules.name, lifecycle_version=BENEFIT.version)
        data = begun.model_dump(mode="json", exclude_none=True)
        effects.append(Begin(process=f"benefit:{begun.id}", kind=BENEFIT.name, data=data))
        effects.append(_tell(partner_id, benefit.code, signal, {"level": level}))
    return tuple(effects)


def _told(given: Given | None) -> tuple[str, str] | None:
    """The signal that says how a benefit is given, and its level; None where it is not."""
    if given is None or given.way == "not yet":
        return None
    return ("offer" if given.way == "by choice" else "grant"), given.level


def _tell(partner_id: str, code: str, signal: str, payload: dict[str, str]) -> Tell:
    return Tell(process=f"benefit:{partner_id}:{code}", signal=signal, payload=payload)
