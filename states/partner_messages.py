"""What can be said to a partner's standing."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from program.edition import Tier, Track
from program.fact_kinds import KINDS, in_one_word
from states.messages import Happened, Instant, Message, Reasoned


class FactsChanged(Happened):
    """Something that the standing depends on has changed in the records; `kinds` names what, for the audit."""

    kinds: str = Field(default="", max_length=200)


class Stand(Message):
    """A track and a tier to stand at, from `since` on (left out: from now), with the reasons found in the facts."""

    track: Track
    tier: Tier
    why: str = Field(default="", max_length=2_000)
    since: Instant | None = None


class Entered(Message):
    """Administration has entered the partner, anew or again, with a track and a tier."""

    track: Track
    tier: Tier


class Risk(Message):
    """The tier held asks for what is missing now: at the next adjustment the partner would stand at `falls_to`."""

    falls_to: str = ""
    missing: str = ""


class Adjusted(Stand):
    """What a half-year's adjustment found, judged on a standing that the partner held then (`judged`)."""

    half: str
    judged: str
    edition: str


class AdoptEdition(Message):
    """From an adjustment on, a newer edition of the program holds for the partner."""

    edition: str = Field(min_length=1, max_length=40)


class ByHand(Reasoned):
    """A tier set by staff until a day, which is the last one on which it holds."""

    track: Literal["advisor", "master"] = Field(description="the track: advisor or master")
    tier: Literal["partner", "silver", "gold", "platinum"] = Field(
        description="the tier: partner, silver, gold or platinum; elite is granted by the committee's season"
    )
    until: date = Field(description="the last day on which it holds, such as 2027-06-30")


class CorrectFact(Reasoned):
    """A fact as it should be, in the words of the intake: what is corrected, and what it is now."""

    kind: Literal["website", "services", "team", "agreement", "application", "country", "health_score", "report_card",
                  "case_study", "system_integrator"] = Field(
        description="what is corrected: website, services, team, agreement, application, country, health_score, "
        "report_card, case_study or system_integrator"
    )  # fmt: skip
    value: str = Field(
        default="none", min_length=1, max_length=200,
        description="what it is now: a word such as badge, none, yes, DE or 65; several with commas between them",
    )  # fmt: skip

    @field_validator("value")
    @classmethod
    def _says_something(cls, value: str, info: ValidationInfo) -> str:
        kind = info.data.get("kind")
        try:
            if kind is not None:
                in_one_word(kind, value)
        except ValueError:
            fields = KINDS[kind].__doc__ if kind else ""
            raise ValueError(f"it says nothing of {kind}. {fields}") from None
        return value


class StrikeFact(Reasoned):
    """A fact that does not count any more, by the name that the intake gave it: source/fact id."""

    fact: str = Field(
        max_length=300, pattern=r"^[^/]+/.+$", description="the fact as source/fact_id, such as academy/4711"
    )


class GrantElite(Stand):
    """The committee's season grants elite, or another year of it: retained until the day `until` begins."""

    tier: Literal[Tier.ELITE] = Tier.ELITE
    track: Literal[Track.MASTER] = Track.MASTER
    until: Instant


class ProposedMerger(Reasoned):
    """The partner is to be merged into another one, once both have confirmed that."""

    into: str = Field(
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="the id of the partner into which this one is merged",
    )


class MergerOver(Message):
    """What was proposed at an instant has come to nothing: `reason` is a sentence that says why."""

    proposed_at: Instant
    reason: str = Field(min_length=1, max_length=2_000)


class MergeInto(Happened):
    """The partner is merged into another one, which takes over what it has."""

    into: str = Field(min_length=1, max_length=100)


class TakeOver(Happened):
    """Another partner, `merged`, is merged into this one; it held a track and a tier, elite until an instant.

    `until` is left out where no elite is retained.
    """

    merged: str = Field(min_length=1, max_length=100)
    track: Track
    tier: Tier
    until: Instant | None = None
