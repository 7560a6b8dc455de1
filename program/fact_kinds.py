"""The kinds of facts that are told of a partner, and what each of them says.

Percentages are text or numbers in JSON and decimals here; people are references that their teller chooses, no names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from program.countries import CountryCode

Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Person = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""A reference to a person, not a name or an address: what a partner's or an academy's system calls it."""


class Said(BaseModel):
    """What a fact of one kind says."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Certification(Said):
    """An employee took a certification: it counts with the edition's score, through its last day if it has one."""

    kind: Literal["certification"]
    course: Literal["partner", "product", "sales", "sms", "sms_strategy", "system_integrator"]
    person: Person
    percent: Percent
    until: date | None = Field(None, description="the last day on which it holds; left out: it does not expire")


class Team(Said):
    """Who is on the team now; certifications of others do not count any more."""

    kind: Literal["team"]
    people: tuple[Person, ...] = Field(max_length=1_000)


class Website(Said):
    """What of the vendor was found on the partner's website; nothing is an empty list."""

    kind: Literal["website"]
    evidence: tuple[Literal["case_study", "badge", "landing_page"], ...] = Field(max_length=3)


class Services(Said):
    """The services that a master has acknowledged to provide."""

    kind: Literal["services"]
    services: tuple[Literal["strategic_guidance", "technical_support", "implementation", "other"], ...] = Field(
        max_length=4
    )


class Application(Said):
    """Whether the partner's application is approved."""

    kind: Literal["application"]
    approved: bool


class Agreement(Said):
    """Whether the partner has signed the agreement in force."""

    kind: Literal["agreement"]
    signed: bool


class Country(Said):
    """The country in which the partner is."""

    kind: Literal["country"]
    country: CountryCode = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166 code")


class CaseStudy(Said):
    """A case study with the partner was published, on the day on which the fact occurred."""

    kind: Literal["case_study"]


class HealthScore(Said):
    """The average health score of the partner's clients."""

    kind: Literal["health_score"]
    score: Percent


class ReportCard(Said):
    """The client report card that staff record, in percent."""

    kind: Literal["report_card"]
    percent: Percent


class SystemIntegrator(Said):
    """Whether what is asked of system integrators applies to the partner."""

    kind: Literal["system_integrator"]
    applies: bool


WhatIsSaid = Annotated[
    Certification
    | Team
    | Website
    | Services
    | Application
    | Agreement
    | Country
    | CaseStudy
    | HealthScore
    | ReportCard
    | SystemIntegrator,
    Field(discriminator="kind"),
]

KINDS: Mapping[str, type[Said]] = MappingProxyType(
    {
        "certification": Certification,
        "team": Team,
        "website": Website,
        "services": Services,
        "application": Application,
        "agreement": Agreement,
        "country": Country,
        "case_study": CaseStudy,
        "health_score": HealthScore,
        "report_card": ReportCard,
        "system_integrator": SystemIntegrator,
    }
)

_LISTS = ("team", "website", "services")


def in_one_word(kind: str, value: str) -> dict[str, Any]:
    """What a word says of a kind: "badge" of the website, "yes" of the agreement, "none" of a list.

    As JSON values. Raises `ValueError` (pydantic's, for a word that says nothing of it).
    """
    fields = [name for name in KINDS[kind].model_fields if name != "kind"]
    given: Any = value
    if kind in _LISTS:
        given = [] if value == "none" else value.replace(",", " ").split()
    said = KINDS[kind].model_validate({"kind": kind, **(dict.fromkeys(fields, given) if fields else {})})
    return what_it_says(said)


def what_it_says(said: Said) -> dict[str, Any]:
    """A fact's content as JSON values, without its kind."""
    return said.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
