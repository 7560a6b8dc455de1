"""What callers get: leads as their partner may see them, and the confirmations of what was taken in.

Nothing here names another partner or a member of staff.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from program.edition import Tier, Track
from records.history import Happening
from records.leads import Lead
from records.notes import Note
from states.lead import LEAD
from states.lifecycle import Lifecycle
from states.staff import Role


class Registered(BaseModel):
    """A lead that Temporal holds."""

    lead_id: str
    partner_id: str
    domain: str
    state: str
    registered_at: datetime
    says: str = Field(description="what has become of the request, in a sentence")


class Taken(BaseModel):
    """An action that will be followed. Whether the lead could follow it stands in its history."""

    lead_id: str
    received_at: datetime = Field(description="the stamp that counts, in UTC")
    says: str


class FactTaken(BaseModel):
    """A fact that was taken in."""

    source: str
    fact_id: str
    known_before: bool = Field(description="whether the same fact had been reported already")
    leads_told: int
    says: str


class Deadline(BaseModel):
    """What happens by itself, and when."""

    at: datetime = Field(description="UTC")
    says: str


class Happened(BaseModel):
    """One thing that happened."""

    what: str
    from_state: str
    to_state: str
    at: datetime = Field(description="when it counts from, UTC")
    by: str = Field(description="partner, crm, staff, system, or deadline")
    reason: str = Field(description="the reason that staff gave, where the partner is told it")


class Wrote(BaseModel):
    """What the partner wrote."""

    kind: str
    at: datetime
    text: str


class LeadSummary(BaseModel):
    """A lead and where it stands."""

    model_config = ConfigDict(title="LeadSummary")

    lead_id: str
    partner_id: str
    company: str
    domain: str
    contact_name: str
    contact_email: str
    note: str
    state: str
    says: str = Field(description="what the state means")
    outcome: str
    registered_at: datetime
    valid_until: datetime | None
    deadline: Deadline | None
    waits_for: str = Field(description="who has to act: partner, reviewer, manager, or nobody (empty)")
    overdue: bool = Field(description="whether staff are late")
    share: str = Field(description="the revenue share pinned for it, once there is one")


class LeadInFull(LeadSummary):
    """A lead, what happened to it, and what its partner wrote."""

    history: list[Happened]
    notes: list[Wrote]


class LeadPage(BaseModel):
    """Some leads, the newest first."""

    leads: list[LeadSummary]
    next_page: str = Field(description="the value of `page` for the leads after these; empty on the last page")


class PartnerShown(BaseModel):
    """A partner as it is entered."""

    id: str
    name: str
    contact_name: str
    contact_email: str
    manager_address: str | None
    country: str
    track: Track
    tier: Tier
    joined_at: datetime
    active: bool


class PersonShown(BaseModel):
    """Somebody who may sign in to a partner's pages."""

    id: str
    name: str
    address: str


class PeopleShown(BaseModel):
    """Everybody who may sign in to a partner's pages."""

    people: list[PersonShown]


class ClientAccountShown(BaseModel):
    """A client's account as it is known."""

    account: str = Field(description="its public API key")
    domain: str | None = Field(description="the web domain of the client to whom it belongs, where it is known")
    source: str = Field(description="who said so last: submission, affiliate or crm")
    first_seen: datetime = Field(description="UTC")


class MrrTaken(BaseModel):
    """What became of the lines of an MRR file."""

    import_id: str = Field(description="names the import in what is kept; empty when it changed nothing")
    taken: int = Field(description="lines with months that were new")
    corrected: int = Field(description="lines that replaced what was known of their months")
    unchanged: int = Field(description="lines that said what was known already")
    refused: int = 0
    says: str


class Alive(BaseModel):
    """The process lives."""

    status: str = "alive"


class Ready(BaseModel):
    """What the portal needs is there."""

    database: str = "ready"
    temporal: str = "ready"


class BounceTaken(BaseModel):
    """A mail that came back."""

    source: str
    fact_id: str
    told: bool = Field(description="whether it was told to the account that waits for the client")
    says: str


# The staff decisions whose reason the partner's mail tells anyway, by the kind of process.
_REASON_TOLD = {
    "lead": {"reject", "decline_renewal", "renew", "take_credit", "keep_credit", "give_up", "reinstate"},
    "account": {"decline_for_vendor", "void", "reinstate"},
    "application": {"ask_information", "deny", "no_answer", "reinstate"},
}


def summary(lead: Lead) -> LeadSummary:
    """A lead for lists."""
    return LeadSummary(**_summary(lead))


def in_full(lead: Lead, history: list[Happening], notes: list[Note]) -> LeadInFull:
    """A lead with everything that its partner may see."""
    return LeadInFull(
        **_summary(lead),
        history=[happened(LEAD, each) for each in history],
        notes=[Wrote(kind=note.kind, at=note.at, text=note.text) for note in notes],
    )


def registered_at(lead: Lead) -> datetime:
    """When the lead was registered, by its process where that has spoken."""
    return instant(lead.facts.get("registered")) or lead.received_at


def state_says(lifecycle: Lifecycle[Any], state: str) -> str:
    """What a state means; "" for one that this version no longer has."""
    phase = lifecycle.phases.get(state)
    return phase.says if phase else ""


def _summary(lead: Lead) -> dict[str, Any]:
    return {
        "lead_id": lead.lead_id,
        "partner_id": lead.partner_id,
        "company": lead.company,
        "domain": lead.domain,
        "contact_name": lead.contact_name,
        "contact_email": lead.contact_email,
        "note": lead.note,
        "state": lead.state,
        "says": state_says(LEAD, lead.state),
        "outcome": lead.outcome,
        "registered_at": registered_at(lead),
        "valid_until": instant(lead.facts.get("valid until")),
        "deadline": Deadline(at=lead.due_at, says=lead.due_summary) if lead.due_at else None,
        "waits_for": lead.waits_for,
        "overdue": lead.overdue,
        "share": str(lead.facts.get("share") or ""),
    }


def instant(value: object) -> datetime | None:
    """An instant among the facts of a projection, where there is one."""
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def happened(lifecycle: Lifecycle[Any], each: Happening) -> Happened:
    """What happened, as the partner may see it: staff without their names."""
    action = lifecycle.actions.get(each.trigger)
    if action is None:
        by = "deadline"
    elif action.by_staff:
        by = "staff"
    else:
        by = Role(action.who[0]).value
    return Happened(
        what=each.trigger,
        from_state=each.source,
        to_state=each.dest,
        at=each.at,
        by=by,
        reason=each.reason if each.trigger in _REASON_TOLD.get(lifecycle.name, ()) else "",
    )
