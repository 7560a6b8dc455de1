"""What is known of one benefit of one partner, and how that changes. The table is in `states/benefit.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from program.benefits import BY_CHOICE, REPEATED
from program.calendar import (
    Quarter,
    business_deadline,
    in_utc,
    last_day,
    months_later,
    program_date,
    start_of_day,
)
from program.edition import edition
from program.rules.benefits import Benefit as Rule
from states.effects import Receipt
from states.lifecycle import Event, ProcessData
from states.messages import Message


class Benefit(ProcessData):
    """A benefit that people carry out for a partner, or choose it for. Instants are aware and in UTC.

    `level` is how far it goes at the partner's standing, "" where that does not give it. `chosen` says that staff have
    chosen the partner. `remind_at` and `due_at` belong to what is to be done now; `again_at` is when it is due again.
    """

    code: str
    level: str = ""
    granted_at: datetime | None = None
    chosen: bool = False
    times: int = 0
    carried_out_at: datetime | None = None
    remind_at: datetime | None = None
    due_at: datetime | None = None
    again_at: datetime | None = None
    overdue: bool = False
    why: str = ""

    @property
    def rule(self) -> Rule:
        """The benefit in the edition under which it was first given."""
        return next(rule for rule in edition(self.edition).benefits.benefits if rule.code == self.code)

    def subject(self) -> str:
        """The benefit's code."""
        return self.code

    def is_overdue(self) -> bool:
        """Whether staff are late."""
        return self.overdue

    def facts(self) -> dict[str, Any]:
        """What staff and the partner should see."""
        return {
            "benefit": self.rule.title,
            "partner": self.partner_id,
            "how far": self.level or None,
            "given since": self.granted_at,
            "chosen by staff": "yes" if self.chosen else None,
            "to be done by": self.due_at,
            "carried out": self.carried_out_at,
            "how often": self.times or None,
            "due again": self.again_at,
            "why": self.why or None,
        }

    @classmethod
    def of(cls, partner_id: str, code: str, at: datetime, *, edition_name: str, lifecycle_version: int) -> Benefit:
        """A benefit of which nothing is known yet; it is granted by a message."""
        at = in_utc(at)
        return cls(
            id=f"{partner_id}:{code}",
            partner_id=partner_id,
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=at,
            code=code,
        )


# -- what the standing says: each is called before the state changes ---------------------------------------------------


def grant(benefit: Benefit, event: Event) -> None:
    """The standing gives it from now on."""
    _set_level(benefit, event)
    benefit.granted_at = event.at
    benefit.why = ""
    ask_for_it(benefit, event)


def change_level(benefit: Benefit, event: Event) -> None:
    """The standing still gives it, and it goes further now, or less far."""
    _set_level(benefit, event)


def go_on(benefit: Benefit, event: Event) -> None:
    """The partner has it already; one that has become a repeated one is due at once."""
    before = benefit.level
    _set_level(benefit, event)
    if benefit.level not in REPEATED:
        benefit.again_at = None
    elif before not in REPEATED:
        benefit.again_at = event.at


def keep(benefit: Benefit, event: Event) -> None:
    """What was to be taken back stays: nothing of it was taken."""
    _nothing_to_do(benefit)
    benefit.why = ""
    benefit.granted_at = benefit.granted_at or event.at
    if event.trigger == "choose":
        benefit.chosen = True
    else:
        go_on(benefit, event)


def offer(benefit: Benefit, event: Event) -> None:
    """The standing leaves it to staff to choose the partner; what was to be carried out is cancelled."""
    _nothing_to_do(benefit)
    _set_level(benefit, event)
    benefit.again_at = None


def withdraw(benefit: Benefit, event: Event) -> None:
    """The standing gives it no more; what was to be carried out is cancelled."""
    _nothing_to_do(benefit)
    forget(benefit, event)


def forget(benefit: Benefit, event: Event) -> None:
    """The standing gives it no more; what is to be done by when stays."""
    benefit.level, benefit.granted_at, benefit.again_at, benefit.chosen = "", None, None, False
    benefit.why = event.message.reason if event.message else ""


def begin_taking_back(benefit: Benefit, event: Event) -> None:
    """The standing gives it no more, and somebody must undo what was carried out."""
    if event.trigger == "offer":
        offer(benefit, event)
    else:
        withdraw(benefit, event)
    ask_for_it(benefit, event)


# -- what people do ----------------------------------------------------------------------------------------------------


def ask_for_it(benefit: Benefit, event: Event) -> None:
    """Somebody is to do something: staff have so many business days from now, or from when they learn of it."""
    rules, start = edition(benefit.edition).benefits, max(event.at, event.handled_at)
    benefit.remind_at = business_deadline(start, rules.task_reminder_business_days)
    benefit.due_at = business_deadline(start, rules.task_due_business_days)
    benefit.overdue = False


def choose(benefit: Benefit, event: Event) -> None:
    """Staff have chosen the partner."""
    benefit.chosen = True
    benefit.granted_at, benefit.why = event.at, ""
    ask_for_it(benefit, event)


def choose_at_once(benefit: Benefit, event: Event) -> None:
    """Staff have chosen the partner, and there is nothing to carry out."""
    choose(benefit, event)
    _nothing_to_do(benefit)


def grant_at_once(benefit: Benefit, event: Event) -> None:
    """The standing gives it, and there is nothing to carry out."""
    grant(benefit, event)
    _nothing_to_do(benefit)


def agree(benefit: Benefit, event: Event) -> None:
    """The partner has agreed, and the work can begin."""
    ask_for_it(benefit, event)


def carry_out(benefit: Benefit, event: Event) -> None:
    """It is done; a repeated one is due again with the next quarter, or on the next anniversary of the standing."""
    _nothing_to_do(benefit)
    benefit.carried_out_at = event.at
    benefit.times += 1
    benefit.why = event.message.reason if event.message else ""
    benefit.again_at = _due_again(benefit, event.at)


def reopen(benefit: Benefit, event: Event) -> None:
    """It was not done after all."""
    benefit.times = max(0, benefit.times - 1)  # nobody may have carried it out
    benefit.carried_out_at = benefit.again_at = None
    benefit.why = event.message.reason if event.message else ""
    ask_for_it(benefit, event)


def fall_due_again(benefit: Benefit, event: Event) -> None:
    """The next quarter or year has begun."""
    benefit.again_at = None
    ask_for_it(benefit, event)


def decline(benefit: Benefit, event: Event) -> None:
    """The partner does not want it."""
    _nothing_to_do(benefit)
    benefit.why = event.message.reason if event.message else ""


def take_back(benefit: Benefit, event: Event) -> None:
    """What was carried out is undone."""
    _nothing_to_do(benefit)
    benefit.carried_out_at, benefit.again_at, benefit.granted_at = None, None, None
    benefit.times, benefit.chosen = 0, False
    benefit.why = event.message.reason if event.message else ""


def remind(benefit: Benefit, event: Event) -> None:  # noqa: ARG001
    """The reminder is out."""
    benefit.remind_at = None


def become_overdue(benefit: Benefit, event: Event) -> None:  # noqa: ARG001
    """The due date has passed."""
    benefit.remind_at = benefit.due_at = None
    benefit.overdue = True


def _set_level(benefit: Benefit, event: Event) -> None:
    benefit.level = str(event.message.details()["level"]) if event.message else benefit.level


def _nothing_to_do(benefit: Benefit) -> None:
    benefit.remind_at = benefit.due_at = None
    benefit.overdue = False


def _due_again(benefit: Benefit, done_at: datetime) -> datetime | None:
    match REPEATED.get(benefit.level):
        case "quarter":
            return start_of_day(Quarter.of(program_date(done_at)).next().first_day)
        case "year":
            return _next_anniversary(benefit.granted_at or done_at, done_at)
        case _:
            return None


def _next_anniversary(first: datetime, after: datetime) -> datetime:
    years = 1
    while (day := start_of_day(last_day(months_later(first, 12 * years)))) <= after:
        years += 1
    return day


# -- what the database answered, and what a level means ----------------------------------------------------------------


def learn(benefit: Benefit, receipt: Receipt) -> tuple[str, Message] | None:  # noqa: ARG001
    """Nothing that the database could decide."""
    return None


def is_by_choice(benefit: Benefit) -> bool:
    """Whether the standing leaves it to staff to choose the partner."""
    return benefit.level in BY_CHOICE
