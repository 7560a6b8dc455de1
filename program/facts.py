"""What is known of a partner on a day, as far as its standing depends on it.

Facts hold no names: people are opaque references, and a report card is a number. MRR is in US dollars a month and
already counted as the edition counts it (`referred_months`, active managed accounts); everything else is as
it was told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Pass(NamedTuple):
    """A certification that a present employee took: the score in percent, the day, and the last day it holds."""

    course: str
    person: str
    percent: Decimal
    on: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it had been taken by a day and had not yet expired on it."""
        return self.on <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Facts:
    """A partner's facts on a day; what nobody has told is as if it were not so.

    `website` are codes of the edition's evidence, `services` of its master services; `case_studies` are the days on
    which they were published; `team_size` is the number of people on the team, 0 while unknown; `referrals_leave` is
    the first day on which the oldest referral of `referred_mrr` does not count any more.
    """

    country: str = ""
    application_approved: bool = False
    agreement_signed: bool = False
    services: tuple[str, ...] = ()
    website: tuple[str, ...] = ()
    passes: tuple[Pass, ...] = ()
    referred_mrr: Decimal = Decimal(0)
    referred_sms_mrr: Decimal = Decimal(0)
    referrals_leave: date | None = None
    managed_mrr: Decimal = Decimal(0)
    managed_accounts: int = 0
    managed_accounts_with_sms: int = 0
    case_studies: tuple[date, ...] = ()
    health_score: Decimal | None = None
    report_card_percent: Decimal | None = None
    team_size: int = 0
    is_system_integrator: bool = False
