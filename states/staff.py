"""The vendor's staff: who may act in which role.

The list is configuration (a TOML file of `[[staff]]` tables with `address` and `roles`), read by the composition
roots and handed inwards. Without a list everybody may act in every role, which is said wherever it matters.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from program.addresses import address_key


class Role(StrEnum):
    """Who may do something: the vendor's roles, and those outside."""

    REVIEWER = "reviewer"
    MANAGER = "manager"
    COMMITTEE = "committee"
    CHAIR = "chair"
    FINANCE = "finance"
    ADMIN = "admin"
    TEAM_LEAD = "team_lead"
    PARTNER = "partner"
    CLIENT = "client"
    APPLICANT = "applicant"
    CRM = "crm"
    SYSTEM = "system"

    @property
    def is_staff(self) -> bool:
        """Whether a person of the vendor acts in this role."""
        return self not in (Role.PARTNER, Role.CLIENT, Role.APPLICANT, Role.CRM, Role.SYSTEM)


class Member(BaseModel):
    """One person of the vendor: the address they sign with, their roles, and who is told where they did not act."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    address: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    roles: tuple[Role, ...]
    lead: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")

    @field_validator("roles", mode="before")
    @classmethod
    def _of_staff(cls, roles: Any) -> Any:
        possible = [role.value for role in Role if role.is_staff]
        for role in roles if isinstance(roles, list | tuple) else ():
            if role not in possible:
                raise ValueError(f"{role} is no role of the vendor's staff; possible are {', '.join(possible)}")
        return roles


class StaffList(BaseModel):
    """All staff members. An empty list is open: any name may act, for trying the program out."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    staff: tuple[Member, ...] = ()

    @property
    def open(self) -> bool:
        """Whether no list is configured, so that everybody may act."""
        return not self.staff

    def in_role(self, role: Role) -> tuple[str, ...]:
        """The addresses of everybody who holds `role`, in the order of the list."""
        return tuple(member.address for member in self.staff if role in member.roles)

    def roles_of(self, address: str) -> frozenset[Role]:
        """The roles that the list gives to `address`, however it is written; none for a stranger."""
        key = address_key(address)
        return frozenset(role for member in self.staff if address_key(member.address) == key for role in member.roles)

    def leads_of(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Whom the people at these addresses report to, each once; the administrators where the list says nothing."""
        these = {address_key(address) for address in addresses}
        leads = [member.lead for member in self.staff if address_key(member.address) in these and member.lead]
        return tuple(dict.fromkeys(leads)) or self.in_role(Role.ADMIN)

    def objection(self, address: str, roles: tuple[Role, ...]) -> str:
        """Why `address` may not act in any of `roles`: a sentence, or "" when it may. Admins may act in every role."""
        if self.open:
            return ""
        held = self.roles_of(address)
        if not held:
            return f"«{address}» is not on the staff list; the program's administrator can add the address."
        if Role.ADMIN in held or held & set(roles):
            return ""
        wanted, given = " or ".join(roles), ", ".join(sorted(held))
        return f"«{address}» may not do this: it takes the role {wanted}, and the staff list gives {given}."
