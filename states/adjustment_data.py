"""What a half-year's adjustment knows. Who would move and why is in SQL; the process holds counts and decisions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from program.calendar import Half, end_of_day
from program.edition import edition
from states.effects import Receipt
from states.lifecycle import ProcessData
from states.messages import Message

EVERYBODY = "everybody"
"""Where a process names its partner: this one is about all of them."""


class Adjustment(ProcessData):
    """One half-year's adjustment. Instants are aware and in UTC.

    `warnings` are the instants at which partners at risk are warned, the ones still to come; `holds` are the partners
    that staff leave alone, `corrections` what they set instead of what was found ("advisor gold").
    """

    half: str
    cut_off_at: datetime
    adjusts_at: datetime
    warnings: tuple[datetime, ...] = ()
    warned: int = 0
    judged: int = 0
    would_move: int = 0
    frozen_at: datetime | None = None
    holds: tuple[str, ...] = ()
    corrections: dict[str, str] = Field(default_factory=dict)
    released: bool = False
    moved: int | None = None
    held: int = 0
    outcome: str = ""

    def subject(self) -> str:
        """The half-year."""
        return self.half

    def facts(self) -> dict[str, Any]:
        """What staff should see."""
        return {
            "half-year": self.half,
            "cut-off": self.cut_off_at,
            "adjusts": self.adjusts_at,
            "warned": self.warned or None,
            "judged": self.judged or None,
            "would move": self.would_move if self.judged else None,
            "held by staff": ", ".join(self.holds) or None,
            "corrected by staff": ", ".join(f"{who}: {what}" for who, what in self.corrections.items()) or None,
            "released": "yes" if self.released else "no, it ran on the day anyway" if self.moved is not None else None,
            "moved": self.moved,
            "left alone": self.held if self.moved is not None else None,
        }

    @classmethod
    def of(cls, half: str, at: datetime, *, edition_name: str, lifecycle_version: int) -> Adjustment:
        """The adjustment of a half-year written like 2027-H1, as it begins. ValueError for any other text."""
        rules, which = edition(edition_name).moves, Half.parse(half)
        cut_off, last = rules.cut_off(which), rules.cut_off_date(which)
        # Days are counted, not hours: the clocks change between the first warning and the cut-off.
        warnings = (end_of_day(last - timedelta(days=days)) for days in rules.warning_days)
        return cls(
            id=half,
            partner_id=EVERYBODY,
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=at,
            half=half,
            cut_off_at=cut_off,
            adjusts_at=rules.adjustment(which),
            warnings=tuple(warned for warned in warnings if warned > at),
        )


def learn(adjustment: Adjustment, receipt: Receipt) -> tuple[str, Message] | None:  # noqa: ARG001
    """Nothing comes with a receipt: jobs tell their end by messages."""
    return None
