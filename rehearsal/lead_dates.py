"""When the clock had to act on a lead, counted from what people did to it before. (2022 guide, leads.)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from program.calendar import at_hour, business_deadline, last_day, window_end, window_extended
from rehearsal.lives import Expected, Happened, Life, due

_ENDS = ("rejected", "expired", "credit_lost", "lost", "voided")


def lead_dates(life: Life) -> Iterator[Expected]:
    """Every step of the clock, with the instants at which it may have been due."""
    count = _Counting(life)
    for step in life.steps:
        yield from count.expected(step)
        count.take(step)


@dataclass(slots=True, init=False)
class _Counting:
    """The dates of one lead as its steps go by."""

    life: Life
    window: datetime
    review: datetime
    silence: datetime
    asked: int
    answer: datetime | None
    moved: datetime
    won: datetime
    ended: datetime

    def __init__(self, life: Life) -> None:
        rules, since = life.rules.leads, life.since
        self.life, self.asked, self.answer = life, 0, None
        affiliate = life.steps[0].dest == "signed_up"
        self.window = window_end(since, rules.affiliate_window_days if affiliate else rules.window_days)
        self.review = self.silence = self.moved = self.won = self.ended = since

    def expected(self, step: Happened) -> Iterator[Expected]:
        rules = self.life.rules.leads
        match step.trigger:
            case "remind_review":
                yield due(step, business_deadline(self.review, rules.review_reminder_business_days))
            case "review_overdue":
                yield due(step, business_deadline(self.review, rules.review_overdue_business_days))
            case "outlast_window":
                yield due(step, self.window)
            case "expire" if step.source == "credit_in_question":
                yield due(step, max(self.window, self.answer or self.window))
            case "expire":
                yield due(step, self.window)
            case "remind_window":
                end = last_day(self.window)
                days = [end - timedelta(days=days) for days in rules.expiry_reminder_days]
                yield due(step, *(at_hour(day, rules.reminder_hour) for day in days))
            case "ask_progress" if self.asked == 0:
                yield due(step, window_end(self.silence, rules.progress_silence_days))
            case "ask_progress" | "question_credit":
                yield due(step, window_end(self.silence, rules.progress_answer_days))
            case "renewal_unanswered":
                yield due(step, self.answer or self.window)
            case "ask_stalled":
                yield due(step, window_end(self.moved, rules.opportunity_stalled_days))
            case "ask_unpaid":
                yield due(step, window_end(self.won, rules.won_unpaid_days))
            case "settle":
                yield due(step, window_end(self.ended, rules.undo_days))

    def take(self, step: Happened) -> None:
        """What the step means for the dates that follow."""
        rules = self.life.rules.leads
        match step.trigger:
            case "accept" if step.at > self.window:
                self.window = window_end(step.at, rules.late_acceptance_days)
            case "renew":
                self.window = window_extended(self.window, rules.renewal_days)
            case "give_notice":
                late = step.source == "expired"
                start = step.handled_at if late else step.at
                self.answer = business_deadline(start, rules.renewal_answer_business_days)
            case "renewal_unanswered" if step.dest == "renewal_asked":
                self.answer = self.window
            case "ask_progress":
                self.silence, self.asked = step.at, self.asked + 1
            case "report_progress" if step.source == "accepted":
                self.silence, self.asked = step.at, 0
            case "opportunity_moved" | "report_progress" | "wait_longer" if step.dest == "opportunity":
                self.moved = max(self.moved, step.at)
            case "wait_longer" if step.dest == "won":
                self.won = step.at
            case "client_paid" if step.source in _ENDS and step.dest == step.source:
                self.ended = step.known_at
        self._enter(step)

    def _enter(self, step: Happened) -> None:
        if step.enters("in_review"):
            self.review = max(self.life.since, step.at)
        if step.enters("accepted"):
            self.silence, self.asked, self.answer = step.at, 0, None
        if step.enters("opportunity"):
            self.moved = max(self.moved, step.at)
        if step.enters("won"):
            self.won = step.at
        if step.enters(*_ENDS):
            self.ended = step.known_at
