"""What follows from a partner's move for its benefits: whoever moves a partner carries these effects out with it."""

from __future__ import annotations

from datetime import datetime

from program.benefits import BY_LINK, Given, benefits_at, goes_up, needs_somebody
from program.edition import Edition, edition
from program.evaluation import Standing
from program.rules.benefits import Benefit
from states.benefit import BENEFIT
from states.benefit_data import Benefit as BenefitData
from states.effects import Begin, Effect, EndBenefit, GiveByLink, Mail, Tell


def benefit_effects(
    before: Standing | None, after: Standing | None, partner_id: str, at: datetime, *, edition_name: str
) -> tuple[Effect, ...]:
    """The effects of a move from one standing (None: before joining) to another (None: it left) at the instant `at`.

    What somebody must carry out is told to its own process, which is begun where it is not there yet; what is given at
    once follows from the standing itself, and needs no effect but the mail that goes with every move up, and the one
    that brings a link. Whether there are links is decided by the transaction. The same standing again has no effects.
    `edition_name` is the edition of the standing after the move.
    """
    rules = edition(edition_name)
    had = {given.code: given for given in benefits_at(rules, before)}
    has = {given.code: given for given in benefits_at(rules, after)}
    effects: list[Effect] = []
    if after is not None and goes_up(rules, before, after):
        about = {"track": after.track.value, "tier": after.tier.value}
        effects += [Mail(template=sent.code, to="partner", about=about) for sent in rules.benefits.sent_at_every_uptier]
    for benefit in rules.benefits.benefits:
        was, now = had.get(benefit.code), has.get(benefit.code)
        if needs_somebody(benefit):
            stays = after is not None and not rules.benefits.withdrawn_when_moving_down
            effects += _to_process(benefit, was, now, _begin(partner_id, benefit.code, at, rules), stays=stays)
        elif benefit.code in BY_LINK and was is None and now is not None:
            effects.append(_by_link(now))
    return tuple(effects)


def offers(standing: Standing, partner_id: str, at: datetime, *, edition_name: str) -> tuple[Effect, ...]:
    """The effects for a partner that is entered with a standing: what it had is given, and what is chosen is open."""
    rules = edition(edition_name)
    effects: list[Effect] = []
    for given in benefits_at(rules, standing):
        if given.way == "by choice":
            begin = _begin(partner_id, given.code, at, rules)
            effects += (begin, _tell(begin, *_said(given)))
    return tuple(effects)


def _to_process(
    benefit: Benefit, was: Given | None, now: Given | None, begin: Begin, *, stays: bool
) -> tuple[Effect, ...]:
    """What a benefit's process is told of a change; `stays` says that what is lost is kept all the same."""
    before, after = _told(was), _told(now)
    if before == after or (after is None and stays):
        return ()
    signal, level = after or ("withdraw", "")
    tell = _tell(begin, signal, level)
    if was is not None and was.way == "by a task" and benefit.is_taken_back and signal != "grant":
        return (EndBenefit(begin=begin, tells=(_tell(begin, "given_already", was.level), tell)),)
    if now is None or after is None:
        # It may never have begun: for a partner that was entered with what it had.
        return (tell.model_copy(update={"if_begun": True}),)
    return (_by_link(now, begin, tell),) if benefit.code in BY_LINK else (begin, tell)


def _begin(partner_id: str, code: str, at: datetime, rules: Edition) -> Begin:
    begun = BenefitData.of(partner_id, code, at, edition_name=rules.name, lifecycle_version=BENEFIT.version)
    data = begun.model_dump(mode="json", exclude_none=True)
    return Begin(process=f"benefit:{begun.id}", kind=BENEFIT.name, data=data)


def _by_link(given: Given, *task: Begin | Tell) -> GiveByLink:
    """What a link gives where this installation has one, and otherwise a task: its beginning, and what it is told."""
    mail = Mail(template="benefit_given", to="partner", about={"benefit": given.title, "how_far": given.level})
    begin = next((each for each in task if isinstance(each, Begin)), None)
    tell = _tell(begin, "given_already", given.level) if begin else None
    return GiveByLink(code=given.code, mail=mail, tell=tell, otherwise=task)


def _told(given: Given | None) -> tuple[str, str] | None:
    """The signal that says how a benefit is given, and its level; None where it is not."""
    return None if given is None or given.way == "not yet" else _said(given)


def _said(given: Given) -> tuple[str, str]:
    return ("offer" if given.way == "by choice" else "grant"), given.level


def _tell(begin: Begin, signal: str, level: str) -> Tell:
    return Tell(process=begin.process, signal=signal, payload={"level": level} if level else {})
