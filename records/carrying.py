"""Carrying effects out inside a commit's transaction: one function for each kind of effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Update, bindparam, exists, func, select, update

from records.applications import PREFIX as APPLICATION_PREFIX
from records.applications import close_application, enrol
from records.asking import QUESTIONS, Answers, answer
from records.benefits import NO_LINKS, BenefitLinks
from records.claims import Answer, Asker, give_credit, give_up, take
from records.columns import holds
from records.jobs import begin_job
from records.leads import PREFIX
from records.leaving import end_what_is_open, tell_leads_of_suspension
from records.links import make_link
from records.managements import PREFIX as ACCOUNT_PREFIX
from records.managements import end_all_of, end_management, manage, say_for_vendor
from records.mergers import ask_again, end, end_of_leaving, propose
from records.partner_facts import strike_fact
from records.partner_told import SUSPENSION, tell_nominations, tell_standing
from records.partners import end_standing, suspend, take_standing
from records.posting import Postings, has_begun
from records.season_list import keep_year
from records.staff_facts import correct_fact
from records.tables import claims, lead_details, processes
from records.terms import Terms, pin_terms
from states.effects import (
    AskForMergerAgain,
    Begin,
    Claim,
    CorrectFact,
    Credit,
    Effect,
    EndBenefit,
    EndManagement,
    EndMerger,
    Enrol,
    Evaluate,
    Frozen,
    GiveByLink,
    Leave,
    Link,
    LookAtPartner,
    Mail,
    Manage,
    PinTerms,
    ProposeMerger,
    ReadList,
    Release,
    StartJob,
    StrikeFact,
    Suspend,
    TakeStanding,
    Tell,
    VendorsWord,
    YearOfElite,
)
from states.lead_data import PROSPECT

_CLOSE_LEAD = update(lead_details).where(lead_details.c.lead_id == bindparam("of_lead")).values(open=False)
_another = lead_details.alias("another")
# The partner may have registered the prospect again meanwhile; then that lead stays the open one.
_NO_OTHER_IS_OPEN = ~exists().where(
    _another.c.partner_id == lead_details.c.partner_id,
    _another.c.domain == lead_details.c.domain,
    holds(_another.c.open),
)
_REOPEN_LEAD = (
    update(lead_details)
    .where(lead_details.c.lead_id == bindparam("of_lead"), lead_details.c.open.is_(False), _NO_OTHER_IS_OPEN)
    .values(open=True)
)
_ended, _theirs = lead_details.alias("ended"), lead_details.alias("theirs")
# Of a partner's leads for a prospect one is open at a time. When that one ends, it is the other that claims it still.
_OPEN_THE_OTHER = (
    update(lead_details)
    .where(
        lead_details.c.lead_id
        == select(_theirs.c.lead_id)
        .select_from(_ended)
        .join(claims, (claims.c.kind == PROSPECT) & (claims.c.subject == _ended.c.domain))
        .join(_theirs, _theirs.c.lead_id == func.substr(claims.c.process, len(PREFIX) + 1))
        .where(
            _ended.c.lead_id == bindparam("of_lead"),
            _theirs.c.partner_id == _ended.c.partner_id,
            ~exists().where(processes.c.process == claims.c.process, processes.c.final),
        )
        .order_by(claims.c.status, claims.c.since)
        .limit(1)
        .scalar_subquery(),
        _NO_OTHER_IS_OPEN,
    )
    .values(open=True)
)


@dataclass(slots=True)
class Occasion:
    """One commit's transaction: what its effects write through, and what they found out for the receipt.

    `first` says that it is the process's first commit, `links` which benefits a link can give, `answers` what was asked
    for before the transaction began.
    """

    connection: Connection
    postings: Postings
    first: bool
    links: BenefitLinks = NO_LINKS
    answers: Answers = field(default_factory=dict)
    answer: Answer | None = None
    terms: Terms | None = None
    found: dict[str, Any] = field(default_factory=dict)

    def decided(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the receipt that these effects change; `before` is what was found by an earlier writer."""
        changes: dict[str, Any] = {}
        if self.answer is not None:
            changes.update(claim=self.answer.claim, claimed_by=self.answer.by)
        if self.terms is not None:
            changes.update(terms=self.terms.shown())
        if self.found:
            changes.update(found={**before, **self.found})
        return changes


def carry_out(effect: Effect, occasion: Occasion, asker: Asker) -> bool:
    """Carry one effect out; False when it was not granted, and nothing that follows is to be carried out either."""
    return CARRIERS[type(effect)](effect, occasion, asker)


def conclude(connection: Connection, process: str, *, at: datetime, because: str) -> None:
    """A process is over since an instant, whoever ended it: its partner may begin anew, and manages nothing by it."""
    _change_lead(connection, process, _CLOSE_LEAD)
    if process.startswith(ACCOUNT_PREFIX):
        end_all_of(connection, process, at=at, because=because)
    if process.startswith(APPLICATION_PREFIX):
        close_application(connection, process, because)


def _change_lead(connection: Connection, process: str, statement: Update) -> None:
    if process.startswith(PREFIX):
        connection.execute(statement, {"of_lead": process.removeprefix(PREFIX)})


def _mail(effect: Mail, occasion: Occasion, asker: Asker) -> bool:
    occasion.postings.mail(asker.key, effect.template, effect.to, effect.about, effect.only_while)
    return True


def _tell(effect: Tell, occasion: Occasion, asker: Asker) -> bool:
    begun = occasion.postings.begins(effect.process) or not effect.if_begun
    if not (begun or has_begun(occasion.connection, effect.process)):
        return True
    occasion.postings.signal(asker.key, effect.process, effect.signal, asker.at, effect.payload)
    return True


def _begin(effect: Begin, occasion: Occasion, asker: Asker) -> bool:
    occasion.postings.begin(asker.key, effect.process, effect.kind, effect.data)
    return True


def _give_by_link(effect: GiveByLink, occasion: Occasion, asker: Asker) -> bool:
    link = occasion.links.of(effect.code, asker.partner_id)
    if not link:
        # Each under a key of its own: of two postings with one key the second would be no new one.
        return all(
            carry_out(each, occasion, replace(asker, key=f"{asker.key}/{number}"))
            for number, each in enumerate(effect.otherwise)
        )
    told, mail = effect.tell, effect.mail
    if told is not None and has_begun(occasion.connection, told.process):
        occasion.postings.signal(f"{asker.key}/told", told.process, told.signal, asker.at, told.payload)
    occasion.postings.mail(asker.key, mail.template, mail.to, {**mail.about, "benefit_link": link}, mail.only_while)
    return True


def _end_benefit(effect: EndBenefit, occasion: Occasion, asker: Asker) -> bool:
    begin, tells = effect.begin, effect.tells[-1:]
    if not has_begun(occasion.connection, begin.process):
        occasion.postings.begin(f"{asker.key}/begin", begin.process, begin.kind, begin.data)
        tells = effect.tells
    for number, each in enumerate(tells):
        occasion.postings.signal(f"{asker.key}/{number}", begin.process, each.signal, asker.at, each.payload)
    return True


def _pin_terms(effect: PinTerms, occasion: Occasion, asker: Asker) -> bool:
    occasion.terms = pin_terms(occasion.connection, asker.process, asker.partner_id, asker.edition, effect.at)
    return True


def _release(effect: Release, occasion: Occasion, asker: Asker) -> bool:
    give_up(occasion.connection, asker, effect, occasion.postings)
    _change_lead(occasion.connection, asker.process, _CLOSE_LEAD)
    _change_lead(occasion.connection, asker.process, _OPEN_THE_OTHER)
    return True


def _claim(effect: Claim, occasion: Occasion, asker: Asker) -> bool:
    occasion.answer = take(occasion.connection, asker, effect, occasion.postings)
    # Also one that holds it already may be closed: it came up after it had expired in line, or it was reinstated while
    # its partner had another one open.
    if not (occasion.first or occasion.answer.claim == "taken"):
        _change_lead(occasion.connection, asker.process, _REOPEN_LEAD)
    return occasion.answer.granted


def _credit(effect: Credit, occasion: Occasion, asker: Asker) -> bool:
    occasion.answer = give_credit(occasion.connection, asker, effect, occasion.postings)
    if occasion.answer.granted:
        _tell_standing(occasion, asker, "a referral won")
    return occasion.answer.granted


def _manage(effect: Manage, occasion: Occasion, asker: Asker) -> bool:
    newer = manage(occasion.connection, asker.process, asker.partner_id, asker.edition, effect)
    if newer:
        occasion.found["superseded_by"] = newer
    _tell_standing(occasion, asker, "an account confirmed")
    return not newer


def _end_management(effect: EndManagement, occasion: Occasion, asker: Asker) -> bool:
    end_management(occasion.connection, asker.process, effect)
    _tell_standing(occasion, asker, "an account ended")
    return True


def _vendors_word(effect: VendorsWord, occasion: Occasion, asker: Asker) -> bool:
    say_for_vendor(occasion.connection, asker.process, effect)
    return True


def _tell_standing(occasion: Occasion, asker: Asker, what: str) -> None:
    tell_standing(occasion.connection, occasion.postings, asker.partner_id, asker.key, asker.at, what)


def _question(effect: Evaluate | LookAtPartner | ReadList, occasion: Occasion, asker: Asker) -> bool:
    if effect in occasion.answers:
        found = occasion.answers[effect]
    else:
        found = answer(occasion.connection, asker.partner_id, asker.edition, effect, occasion.postings.now)
    if found is not None:
        occasion.found[QUESTIONS[type(effect)][0]] = found
    return True


def _take_standing(effect: TakeStanding, occasion: Occasion, asker: Asker) -> bool:
    take_standing(occasion.connection, asker.partner_id, effect.track, effect.tier, since=effect.since, why=effect.why)
    return True


def _correct_fact(effect: CorrectFact, occasion: Occasion, asker: Asker) -> bool:
    correct_fact(occasion.connection, asker.partner_id, effect, now=occasion.postings.now)
    tell_nominations(occasion.connection, occasion.postings, asker.partner_id, asker.key, asker.at, effect.kind)
    return True


def _strike_fact(effect: StrikeFact, occasion: Occasion, asker: Asker) -> bool:
    source, _, fact_id = effect.fact.partition("/")
    kind = strike_fact(occasion.connection, asker.partner_id, source, fact_id, now=occasion.postings.now)
    if kind is not None:
        tell_nominations(occasion.connection, occasion.postings, asker.partner_id, asker.key, asker.at, kind)
    return True


def _suspend(effect: Suspend, occasion: Occasion, asker: Asker) -> bool:
    suspend(occasion.connection, asker.partner_id, suspended=effect.suspended)
    tell_leads_of_suspension(occasion.connection, occasion.postings, asker, suspended=effect.suspended)
    tell_nominations(occasion.connection, occasion.postings, asker.partner_id, asker.key, asker.at, SUSPENSION)
    return True


def _leave(effect: Leave, occasion: Occasion, asker: Asker) -> bool:
    end_standing(occasion.connection, asker.partner_id, at=effect.at)
    end_of_leaving(occasion.connection, asker.partner_id, at=effect.at, now=occasion.postings.now)
    end_what_is_open(occasion.connection, occasion.postings, asker, because=effect.because)
    return True


def _propose_merger(effect: ProposeMerger, occasion: Occasion, asker: Asker) -> bool:
    refused = propose(occasion.connection, occasion.postings, asker, effect)
    if refused:
        occasion.found["merger"] = {"into": effect.into, "at": asker.at.isoformat(), "why": refused}
    else:
        occasion.found.pop("merger", None)  # an earlier one, withdrawn in the meantime
    return True


def _ask_for_merger_again(effect: AskForMergerAgain, occasion: Occasion, asker: Asker) -> bool:  # noqa: ARG001
    ask_again(occasion.connection, asker, now=occasion.postings.now)
    return True


def _end_merger(effect: EndMerger, occasion: Occasion, asker: Asker) -> bool:
    end(occasion.connection, asker, effect, now=occasion.postings.now)
    return True


def _year_of_elite(effect: YearOfElite, occasion: Occasion, asker: Asker) -> bool:
    keep_year(occasion.connection, asker.partner_id, effect)
    return True


def _start_job(effect: StartJob, occasion: Occasion, asker: Asker) -> bool:
    now = occasion.postings.now
    begin_job(occasion.connection, asker.key, effect.kind, effect.args, now=now, tells=(asker.process, effect.signal))
    return True


def _link(effect: Link, occasion: Occasion, asker: Asker) -> bool:
    make_link(occasion.connection, asker.process, asker.at, effect)
    return True


def _enrol(effect: Enrol, occasion: Occasion, asker: Asker) -> bool:  # noqa: ARG001
    enrol(occasion.connection, effect)
    return True


CARRIERS: dict[type[Frozen], Callable[[Any, Occasion, Asker], bool]] = {
    Mail: _mail,
    Tell: _tell,
    Begin: _begin,
    GiveByLink: _give_by_link,
    EndBenefit: _end_benefit,
    Claim: _claim,
    Release: _release,
    PinTerms: _pin_terms,
    Credit: _credit,
    Manage: _manage,
    EndManagement: _end_management,
    VendorsWord: _vendors_word,
    Evaluate: _question,
    TakeStanding: _take_standing,
    CorrectFact: _correct_fact,
    StrikeFact: _strike_fact,
    Suspend: _suspend,
    Leave: _leave,
    ProposeMerger: _propose_merger,
    AskForMergerAgain: _ask_for_merger_again,
    EndMerger: _end_merger,
    LookAtPartner: _question,
    YearOfElite: _year_of_elite,
    ReadList: _question,
    StartJob: _start_job,
    Link: _link,
    Enrol: _enrol,
}
