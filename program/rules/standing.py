"""Tracks and tiers: the words in which a partner's standing is told."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class Track(StrEnum):
    """An advisor refers business; a master also manages client accounts."""

    ADVISOR = "advisor"
    MASTER = "master"


class Tier(StrEnum):
    """The tiers, lowest first; their rank is the edition's (`Edition.rank`)."""

    PARTNER = "partner"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"
    ELITE = "elite"


class ReferredTerms(NamedTuple):
    """What a referral pays: the percentage of the client's MRR, and for how many months in a row."""

    percent: Decimal
    months: int
