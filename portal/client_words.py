"""What the client's page says and offers, by the link and the state: the words, and nothing of HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from program.calendar import program_date
from records.client_page import Asked
from records.rendering import instant
from states.effects import Purpose

Answer = Literal["confirm", "deny", "revoke"]

ACTIONS: dict[Answer, str] = {"confirm": "client_confirms", "deny": "client_denies", "revoke": "client_revokes"}

# What can be answered with a link for a purpose, in a state. In any other the page only tells how things stand.
OFFERS: dict[tuple[Purpose, str], tuple[Answer, ...]] = {
    ("confirm", "waiting"): ("confirm", "deny"),
    ("reconfirm", "active"): ("confirm", "revoke"),
    ("revoke", "active"): ("revoke",),
    ("revoke", "voided"): ("revoke",),
}

_RECEIVED: dict[Answer, str] = {
    "confirm": "You have confirmed that {partner} manages it.",
    "deny": "You have denied that {partner} manages it.",
    "revoke": "You have revoked your confirmation of {partner}.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be given, and what follows from it."""

    answer: Answer
    label: str
    means: str


@dataclass(frozen=True, slots=True)
class Words:
    """A page: its heading, how things stand, what else is to be said, and what can be answered.

    `may_have_new_link` says that the link is locked, and that another one can be asked for today.
    """

    title: str
    state: str
    remarks: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    may_have_new_link: bool = False


def words_on(asked: Asked, *, at: datetime, sent_anew_today: int) -> Words:
    """What the page says at an instant; `sent_anew_today` is how many new links the client has got that day."""
    link, title, state = asked.link, _title(asked), _state(asked)
    if asked.is_being_recorded:
        return Words(title, _received(asked), ("That is being recorded now; nothing more is to be done.",))
    if link.request != asked.request:
        return Words(title, state, ("This link belongs to an earlier request, which is over.",))
    if link.dead:
        return Words(title, state, ("A newer link has replaced this one. Please take the one in our newest mail.",))
    answers = _answers(asked)
    if not answers:
        return Words(title, state, _what_else(asked))
    if link.dies_at is not None and link.is_over(at):
        ended = f"This link opened until {instant(link.dies_at)}. {asked.partner} may ask you again."
        return Words(title, state, (ended,))
    if link.locked_at is not None:
        return _locked(asked, title, state, at, sent_anew_today)
    return Words(title, state, _before_answering(asked, answers), tuple(_choice(asked, each) for each in answers))


def _answers(asked: Asked) -> tuple[Answer, ...]:
    offered = OFFERS.get((asked.link.purpose, asked.state), ())
    return tuple(each for each in offered if each != "revoke" or asked.rules.client_may_revoke)


def _locked(asked: Asked, title: str, state: str, at: datetime, sent_anew_today: int) -> Words:
    says = "This link is locked, because too many wrong codes were typed."
    if asked.state == "voided":
        return Words(title, state, (says, "No new one is sent while our staff have taken the account out."))
    if sent_anew_today < asked.rules.new_links_a_day:
        return Words(title, state, (says, "A new link, with a new code, comes by mail."), may_have_new_link=True)
    tomorrow = (
        f"As many new links as one day may have ({asked.rules.new_links_a_day}) were sent on {program_date(at)}; "
        "tomorrow you can ask for one here."
    )
    return Words(title, state, (says, tomorrow))


def _title(asked: Asked) -> str:
    if asked.link.purpose == "revoke":
        return f"{asked.partner} and your account {asked.account}"
    return f"Does {asked.partner} manage your e-mail marketing?"


def _state(asked: Asked) -> str:
    """How things stand, in a sentence."""
    partner, account = asked.partner, asked.account
    managed = f"{partner} manages the e-mail marketing of your account {account}"
    match asked.state:
        case "waiting":
            until = f" The request lapses on {instant(asked.lapses_at)}." if asked.lapses_at else ""
            return (
                f"{partner} asks you to confirm that it manages the e-mail marketing of your account {account}.{until}"
            )
        case "active":
            since = f" on {instant(asked.confirmed_at)}" if asked.confirmed_at else ""
            return f"You confirmed{since} that {managed}."
        case "denied":
            return f"You answered on {instant(asked.since)} that {partner} does not manage your account {account}."
        case "revoked":
            return f"You took your confirmation that {managed} back on {instant(asked.since)}."
        case "superseded":
            return f"Since {instant(asked.since)} another partner, whom you confirmed, manages your account {account}."
        case "lapsed":
            return f"The request of {partner} for your account {account} has lapsed: it was not answered in time."
        case "voided":
            return f"Our staff have taken out what {partner} entered about your account {account}."
    if asked.outcome == "lapsed":
        return f"The request of {partner} for your account {account} has lapsed. Nothing is asked of you any more."
    return f"{partner} does not manage your account {account} any more, and nothing is asked of you."


def _received(asked: Asked) -> str:
    at = asked.link.answered_at
    answer: Answer = asked.link.answer  # type: ignore[assignment]
    when = f" We received your answer on {instant(at)}." if at else ""
    return f"Your account {asked.account}: {_RECEIVED[answer].format(partner=asked.partner)}{when}"


def _what_else(asked: Asked) -> tuple[str, ...]:
    if asked.state == "active" and asked.rules.client_may_revoke:
        return (
            "You can revoke that at any time: the link for it stands in the mail that we sent you when you confirmed.",
        )
    if asked.state in ("denied", "lapsed", "revoked", "superseded"):
        return (f"{asked.partner} may ask you again; only you can confirm it.",)
    return ()


def _before_answering(asked: Asked, answers: tuple[Answer, ...]) -> tuple[str, ...]:
    """What somebody should know before the answer."""
    if "confirm" not in answers or asked.state != "waiting":
        return ()
    ends = (
        f"At present {asked.managed_by} manages this account. If you confirm {asked.partner}, that ends at the same "
        "moment."
    )
    return (ends,) if asked.managed_by else ()


def _choice(asked: Asked, answer: Answer) -> Choice:
    partner = asked.partner
    match answer:
        case "confirm" if asked.state == "waiting":
            ends = f" The management by {asked.managed_by} ends with that." if asked.managed_by else ""
            later = " with a link with which you can revoke this at any time" if asked.rules.client_may_revoke else ""
            means = f"{partner} then counts as your managing partner.{ends} You get a receipt by mail{later}."
            return Choice(answer, f"Yes, {partner} manages it", means)
        case "confirm":
            return Choice(answer, f"Yes, {partner} still manages it", "Everything stays as it is.")
        case "deny":
            return Choice(
                answer, f"No, {partner} does not manage it", f"{partner} is told so, and the request is over."
            )
        case "revoke":
            means = (
                f"{partner} no longer counts as your managing partner, from this moment on. It is told so, and may ask "
                "you again."
            )
            return Choice(answer, f"Revoke: {partner} does not manage it any more", means)
