"""What callers send."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from portal.words import (
    ApiKey,
    Domain,
    Flag,
    Instant,
    LeadId,
    Line,
    MailAddress,
    OptionalLine,
    OptionalWords,
    PartnerId,
    TaxNumber,
    Words,
)
from program.countries import CountryCode
from program.edition import Tier, Track
from records.applications import Form


def _like(**example: Any) -> ConfigDict:
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [example]})


class LeadSubmission(BaseModel):
    """A lead that a partner registers."""

    model_config = _like(
        partner_id="acme",
        company="Example Shop",
        website="https://www.shop.example/about",
        contact_name="Head of Marketing",
        contact_email="contact@shop.example",
        note="Met at a trade fair; wants to move its newsletters.",
        self_closed=False,
    )

    partner_id: PartnerId = Field(description="the partner that registers the lead")
    company: Line = Field(description="the prospect's name")
    website: Domain = Field(description="the prospect's web address, however it is written; its domain identifies it")
    contact_name: Line = Field(description="whom the partner talks to")
    contact_email: MailAddress
    note: OptionalWords = Field("", description="what the reviewers should know")
    self_closed: Flag = Field(False, description="whether the partner closes the deal without a sales representative")


class AffiliateSignup(BaseModel):
    """An account that was opened through a partner's affiliate link."""

    model_config = _like(
        partner_id="acme",
        account="a-4711",
        domain="shop.example",
        opened_at="2027-01-20T15:30:00Z",
        opened_by="prospect",
        company="Example Shop",
    )

    partner_id: PartnerId = Field(description="the partner whose link it was")
    account: Line = Field(description="the account's public API key, or else its id in the CRM")
    domain: Domain = Field(description="the prospect's web address, however it is written; its domain identifies it")
    opened_at: Instant = Field(description="when the account was opened; the 90 days run from then")
    opened_by: Literal["prospect", "partner"] = Field(
        "prospect", description="who opened it: the prospect itself, or the partner for it"
    )
    company: OptionalLine = Field("", description="the prospect's name, if known")
    contact_name: OptionalLine = ""
    contact_email: MailAddress | Literal[""] = ""


class ClientContact(BaseModel):
    """Whom the client of an account is asked through."""

    model_config = _like(contact_name="Head of Marketing", contact_email="contact@shop.example")

    contact_name: Line
    contact_email: MailAddress = Field(description="where the client is asked")


class AccountSubmission(ClientContact):
    """A client account that a partner says it manages."""

    model_config = _like(
        partner_id="acme", api_key="Ab12Cd", contact_name="Head of Marketing", contact_email="contact@shop.example"
    )

    partner_id: PartnerId = Field(description="the partner that manages the account")
    api_key: ApiKey = Field(description="the account's public API key, as it stands in its web pages")


class ApplicationSubmission(BaseModel):
    """A company's application to the program. The three questions are those of the program's guide."""

    model_config = _like(
        company="Acme Agency",
        website="https://www.acme.example",
        tax_number="",
        country="US",
        contact_name="Head of Partnerships",
        contact_email="hello@acme.example",
        service_offerings="E-mail marketing and migrations for shops.",
        technology_partners="Two shop systems, one helpdesk.",
        client_profile="Merchants with 20 to 200 employees.",
    )

    company: Line
    website: Domain = Field(description="the company's web address, however it is written; its domain identifies it")
    tax_number: TaxNumber = Field("", description="identifies the company as well, where it is given")
    country: CountryCode = Field("US", pattern=r"^[A-Z]{2}$", description="ISO 3166 code")
    contact_name: Line
    contact_email: MailAddress = Field(description="where the applicant is answered")
    service_offerings: Words = Field(description="which services the company offers")
    technology_partners: Words = Field(description="with which technology partners it works")
    client_profile: Words = Field(description="who its typical client is")

    def form(self) -> Form:
        """As it is kept."""
        return Form(
            company=self.company,
            domain=self.website,
            tax_number=self.tax_number,
            country=self.country,
            contact_name=self.contact_name,
            contact_email=self.contact_email,
            service_offerings=self.service_offerings,
            technology_partners=self.technology_partners,
            client_profile=self.client_profile,
        )


class Said(BaseModel):
    """What an applicant writes."""

    model_config = _like(text="We offer e-mail marketing, and have done so for four years.")

    text: Words


class Acknowledgement(BaseModel):
    """Somebody acknowledges the program's agreement."""

    model_config = _like(version="1", name="Head of Partnerships")

    version: str = Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$", description="of the agreement")
    name: Line = Field(description="who acknowledges it")


class Remark(BaseModel):
    """Words that go with an action; they are kept for staff."""

    model_config = _like(text="The client has asked for an offer, we meet next week.")

    text: OptionalWords = Field("", description="what staff should know")


class ProgressReport(BaseModel):
    """How a lead that the partner closes itself is getting on."""

    model_config = _like(text="Two calls this week; the client compares prices.")

    text: Words = Field(description="what has happened")


Source = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
FactId = Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$")]

FactKind = Literal["opportunity_opened", "opportunity_moved", "opportunity_won", "opportunity_lost", "client_paid"]


class FactReport(BaseModel):
    """Something that happened, as the CRM knows it. It is about a domain, or about one lead: give one of them."""

    model_config = _like(
        source="crm", fact_id="pay-4711", kind="client_paid", domain="shop.example", occurred_at="2027-01-20T15:30:00Z"
    )

    source: Source = Field("crm", description="the system that knows it")
    fact_id: FactId = Field(description="the fact's id in that system, the same whenever it is sent; nothing personal")
    kind: FactKind
    domain: Domain | None = Field(None, description="the prospect's web address; every lead for it is told")
    lead_id: LeadId | None = Field(None, description="the one lead that is meant")
    account: ApiKey | None = Field(None, description="the public API key of the account that paid; client_paid only")
    occurred_at: Instant = Field(description="when it happened, which is what counts")

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.domain is None) == (self.lead_id is None):
            raise ValueError("a fact is about a domain or about a lead_id; give exactly one of the two.")
        if self.account is not None and self.kind != "client_paid":
            raise ValueError("only client_paid names an account; leave it out.")
        return self


class Bounce(BaseModel):
    """A mail that came back, as the mail system knows it."""

    model_config = _like(
        source="mail",
        fact_id="bounce-4711",
        message_id="<0123456789abcdef0123456789abcdef@vendor.example>",
        occurred_at="2027-01-20T15:30:00Z",
    )

    source: Source = Field("mail", description="the system that knows it")
    fact_id: FactId = Field(description="the bounce's id in that system, the same whenever it is sent")
    message_id: str = Field(
        min_length=1, max_length=200, pattern=r"^[!-~]+$", description="the Message-ID of our mail, as it came back"
    )
    occurred_at: Instant = Field(description="when it came back")


class PersonEntry(BaseModel):
    """Somebody who works for a partner."""

    model_config = _like(name="Account manager", address="accounts@acme.example")

    name: Line
    address: MailAddress = Field(description="where the links to sign in go")


class PartnerEntry(BaseModel):
    """A partner, as administration enters it."""

    model_config = _like(
        name="Acme Agency",
        contact_name="Partner desk",
        contact_email="partners@acme.example",
        manager_address="manager@vendor.example",
        country="US",
        track="advisor",
        tier="silver",
        joined_at="2026-03-01T00:00:00Z",
    )

    name: Line
    contact_name: Line
    contact_email: MailAddress = Field(description="where the partner's mails go")
    manager_address: MailAddress | None = Field(None, description="its partner manager, if it has one")
    country: CountryCode = Field("US", pattern=r"^[A-Z]{2}$", description="ISO 3166 code")
    track: Track | None = Field(None, description="left out: as it is, or where members join")
    tier: Tier | None = Field(None, description="one that differs from the one held counts from now on")
    joined_at: Instant | None = Field(None, description="when it joined; left out: as known, or now")
    active: Flag = Field(True, description="false: it has left; nothing can be registered for it")


class ClientAccountEntry(BaseModel):
    """What a client's account belongs to."""

    model_config = _like(domain="https://www.shop.example")

    domain: Domain | None = Field(None, description="the client's web address; left out: none is known")
