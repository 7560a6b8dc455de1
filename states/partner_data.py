"""What a partner's standing knows: not the facts, which are in SQL, but what follows from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from program.calendar import in_utc, program_date
from program.edition import Tier, Track, edition
from program.evaluation import Standing
from program.moves import Held
from states.effects import Receipt
from states.lifecycle import ProcessData
from states.messages import Instant, Message
from states.partner_messages import GrantElite, Risk, Stand

STANDING = "standing"
"""The name under which a receipt brings what an evaluation found."""

MERGER = "merger"
"""The name under which a receipt brings which merger was not proposed (`into`, `at`), and `why`."""


class Partner(ProcessData):
    """One partner's track and tier, and why. Instants are aware and in UTC; names and facts, SQL knows.

    `held_since` is when the standing began; `came_from` is the one that the last word on it ended. `is_new` says that
    it joined as its process began, and has to be given what its standing gives. `elite_until` is when a retained elite
    may be taken away, None until a season decides. `granted_until` and `granted_why` are an elite that was granted to a
    suspended partner and waits until staff lift that. `hand_until` is the end of a tier set by hand. `settles_since` is
    since when nothing holds the standing any more but the facts, which have not been asked yet. `next_tier`,
    `checklist`, `way` (the same line by line), `at_risk` and `falls_to` are what the last evaluation found, in words;
    `changes_at` is when a fact changes by itself. `merger_into` is the partner into which this one is to be merged, as
    proposed at `merger_proposed_at` until `merger_lapses_at`; `merger_over` says why the last such proposal came to
    nothing.
    """

    track: Track
    tier: Tier
    held_since: datetime
    came_from: str = ""
    held_why: str = ""
    is_new: bool = False
    evaluated_at: datetime | None = None
    asked_to_be_master: bool = False
    elite_until: datetime | None = None
    granted_until: datetime | None = None
    granted_why: str = ""
    hand_until: datetime | None = None
    settles_since: datetime | None = None
    downtier_held: str = ""
    adjusted: tuple[str, ...] = ()

    next_tier: str = ""
    checklist: str = ""
    way: tuple[str, ...] = ()
    at_risk: str = ""
    falls_to: str = ""
    as_master: str = ""
    changes_at: datetime | None = None

    merger_into: str = ""
    merger_proposed_at: datetime | None = None
    merger_lapses_at: datetime | None = None
    merger_over: str = ""

    suspended_at: datetime | None = None
    left_at: datetime | None = None
    merged_into: str = ""
    outcome: str = ""
    why_ended: str = ""

    @property
    def standing(self) -> Standing:
        """Track and tier."""
        return Standing(self.track, self.tier)

    @property
    def held(self) -> Held:
        """What an evaluation is told of what the partner holds."""
        until = program_date(self.elite_until) if self.elite_until else None
        return Held(self.standing, elite_until=until, asked_to_be_master=self.asked_to_be_master)

    def forget_merger(self, why: str = "") -> None:
        """No merger is proposed any more; `why` is a sentence for the card."""
        self.merger_into, self.merger_proposed_at, self.merger_lapses_at = "", None, None
        self.merger_over = why

    def facts(self) -> dict[str, Any]:
        """What staff and the partner should see."""
        return {
            "partner": self.partner_id,
            "standing": str(self.standing),
            "since": self.held_since,
            "why": self.held_why or None,
            "elite retained until": self.elite_until,
            "elite granted, waits until the suspension is lifted": self.granted_until,
            "set by hand until": self.hand_until,
            "next": self.checklist or None,
            "the way there": list(self.way) or None,
            "at risk": self.at_risk or None,
            "would fall to": self.falls_to or None,
            "could be": self.as_master or None,
            "asked to be a master": "yes" if self.asked_to_be_master else None,
            "downtier held": self.downtier_held or None,
            "suspended": self.suspended_at,
            "to be merged into": self.merger_into or None,
            "both can confirm until": self.merger_lapses_at,
            "no merger": self.merger_over or None,
            "last adjustment": self.adjusted[-1] if self.adjusted else None,
            "merged into": self.merged_into or None,
            "outcome": self.outcome or None,
            "why ended": self.why_ended or None,
            "evaluated": self.evaluated_at,
        }

    @classmethod
    def join(
        cls,
        partner_id: str,
        joined_at: datetime,
        *,
        edition_name: str,
        lifecycle_version: int,
        track: Track | None = None,
        tier: Tier | None = None,
        is_new: bool = False,
    ) -> Partner:
        """A partner of the program; without track and tier at the standing at which members join.

        `is_new`: it joins right now, so that what its standing gives is still to be granted.
        """
        rules = edition(edition_name).joining
        joined_at = in_utc(joined_at)
        return cls(
            id=partner_id,
            partner_id=partner_id,
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=joined_at,
            held_since=joined_at,
            track=track or rules.joins_track,
            tier=tier or rules.joins_tier,
            is_new=is_new,
        )


class Found(Message):
    """What an evaluation found, as the receipt brings it: standings as "master gold", instants, lines of words."""

    on: Instant
    held: str
    rises_to: str = ""
    falls_to: str = ""
    why: str = ""
    at_risk: str = ""
    next_tier: str = ""
    checklist: str = ""
    way: tuple[str, ...] = ()
    as_master: str = ""
    changes_at: Instant | None = None
    settles_to: str = ""
    since: Instant | None = None


def learn(partner: Partner, receipt: Receipt) -> tuple[str, Message] | None:
    """Take in what an evaluation found; what follows is that the partner moves up, is at risk, or is safe again.

    While the database was away much may have happened: what was asked before that is taken only where it still matters.
    """
    if MERGER in receipt.found:
        _forget_refused_merger(partner, receipt.found[MERGER])
    if STANDING not in receipt.found:
        return None
    if partner.granted_until is not None and partner.state in ("member", "by_hand", "at_risk"):
        return _take_grant(partner, partner.granted_until)
    found = Found.model_validate(receipt.found[STANDING])
    if found.held != str(partner.standing) or partner.left_at is not None:
        return None  # the partner has moved since: that move brought an evaluation of its own, or it has left
    partner.evaluated_at = found.on
    partner.next_tier, partner.checklist, partner.as_master = found.next_tier, found.checklist, found.as_master
    partner.way = found.way
    partner.changes_at = found.changes_at
    if found.settles_to:
        partner.settles_since = None
    if found.settles_to and _may_settle(partner, found.settles_to):
        return "settle_standing", _stand(found.settles_to, found)
    if found.rises_to and partner.state in ("member", "at_risk"):
        return "rise", _stand(found.rises_to, found)
    if partner.state == "member" and found.falls_to:
        return "endanger", Risk(falls_to=found.falls_to, missing=found.at_risk)
    if partner.state == "at_risk" and not found.falls_to:
        return "recover", Risk()
    partner.at_risk, partner.falls_to = found.at_risk, found.falls_to
    return None


def _forget_refused_merger(partner: Partner, refused: dict[str, str]) -> None:
    """Not where staff have proposed another one since."""
    proposed_at = partner.merger_proposed_at
    if proposed_at is not None and (proposed_at.isoformat(), partner.merger_into) == (refused["at"], refused["into"]):
        partner.forget_merger(refused["why"])


def _take_grant(partner: Partner, until: datetime) -> tuple[str, Message]:
    """The suspension is lifted: elite that was granted meanwhile begins, from then on."""
    return "grant_elite", GrantElite(until=until, since=partner.since, why=partner.granted_why)


def _may_settle(partner: Partner, standing: str) -> bool:
    """Whether the facts decide: not over what was set by hand since, and a suspended partner earns no tier."""
    if partner.state == "suspended":
        rank = edition(partner.edition).rank
        return rank(Standing.named(standing).tier) <= rank(partner.tier)
    return partner.state in ("member", "at_risk")


def _stand(standing: str, found: Found) -> Stand:
    track, tier = Standing.named(standing)
    return Stand(track=track, tier=tier, why=found.why, since=found.since)
