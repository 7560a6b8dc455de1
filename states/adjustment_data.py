"""What a half-year's adjustment knows. Who would move and why is in SQL; the process holds counts and decisions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from program.calendar import Half, end_of_day, program_date
from program.edition import edition
from states.card import TO_DECIDE
from states.effects import Receipt
from states.lifecycle import ProcessData
from states.messages import Message

EVERYBODY = "everybody"
"""Where a process names its partner: this one is about all of them."""


WHO_MOVES = "who moves"
"""The fact whose lines are the list."""

LIST = "list"
"""The name under which a receipt brings who moves."""

HELD, BY_HAND = "held", "set by hand"
"""Why a partner stays whatever its facts give: staff hold it, or have set its tier."""

LISTED_ON_CARD = 30
"""So many of them stand on the card; the portal's page has all."""


class Mover(BaseModel):
    """One line of the list: standings as "advisor gold", what is missing for the one held, and what became of it.

    Before the run `outcome` says at most that the partner is held or set by hand, or was merged into another one.
    """

    model_config = ConfigDict(frozen=True)
    partner: str
    held: str
    becomes: str
    missing: str = ""
    outcome: str = ""


class Adjustment(ProcessData):
    """One half-year's adjustment. Instants are aware and in UTC.

    `movers` are the first lines of the list, `strangers` partners about whom staff decided and whom nobody knows.
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
    movers: tuple[Mover, ...] = ()
    strangers: tuple[str, ...] = ()
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
            "no such partner": ", ".join(self.strangers) or None,
            "held by staff": ", ".join(self.holds) or None,
            "corrected by staff": ", ".join(f"{who}: {what}" for who, what in self.corrections.items()) or None,
            "released": "yes" if self.released else "no, it ran on the day anyway" if self.moved is not None else None,
            "moved": self.moved,
            "left alone": self.held if self.moved is not None else None,
            TO_DECIDE: self._to_decide(),
            WHO_MOVES: [*map(self._line, self.movers), *self._and_more()] or None,
        }

    def _to_decide(self) -> str | None:
        if self.state != "listed":
            return None
        day, anyway = program_date(self.adjusts_at).isoformat(), edition(self.edition).moves.runs_without_release
        question = f"Is the list below right? Of {self.judged} partners {self.would_move} would move on {day}"
        return f"{question}, released or not." if anyway else f"{question}, once it is released."

    def _line(self, mover: Mover) -> str:
        """From where to where, and why; with what staff decided, or what became of it."""
        decided = "held" if mover.partner in self.holds else self.corrections.get(mover.partner, "")
        to = mover.becomes if mover.outcome or decided in ("", "held") else decided
        words = mover.outcome or (decided if decided in ("", "held") else "corrected")
        why = f"; misses {mover.missing}" if mover.missing else ""
        return f"{mover.partner}: {mover.held} → {to}{why}{f' ({words})' if words else ''}"

    def _and_more(self) -> list[str]:
        if self.moved is None:
            more = self.would_move - sum(mover.outcome not in (HELD, BY_HAND) for mover in self.movers)
        else:  # those who stayed have their lines as well
            more = max(self.would_move, self.moved + self.held) - len(self.movers)
        return [f"and {more} more: the page in the portal has all"] if more > 0 and self.movers else []

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


def learn(adjustment: Adjustment, receipt: Receipt) -> tuple[str, Message] | None:
    """Take in the list; what follows from jobs, they tell by messages."""
    found = receipt.found.get(LIST)
    if found is not None:
        adjustment.movers = tuple(Mover.model_validate(each) for each in found["movers"])
        adjustment.strangers = tuple(found["strangers"])
    return None
