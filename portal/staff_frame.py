"""The frame of all staff pages: who is there, and the navigation.

A page is hung in with a line in `SECTIONS`, routes of the class `StaffRoute` (with `for_roles` where not every role may
open them), and `staff_page` with a template that extends `staff_layout.html`.
"""

from __future__ import annotations

from typing import Any

from fastapi import Response

from portal.showing import page
from portal.visitors import StaffMember
from states.staff import Role

ELITE_READERS = (Role.MANAGER, Role.COMMITTEE, Role.CHAIR)
SECTIONS: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("Queues", "/", ()),
    ("Applications", "/applications", ()),
    ("Leads", "/leads", ()),
    ("Accounts", "/accounts", ()),
    ("Elite", "/seasons", ELITE_READERS),
    ("Reports", "/reports", ()),
)
"""The entries of the navigation, with the path of each and the roles that find it there; none: everybody does."""


def staff_page(template: str, member: StaffMember, current: str, *, status: int = 200, **known: Any) -> Response:
    """A page for staff; `current` is the path of the section to which it belongs."""
    sections = [(name, path) for name, path, roles in SECTIONS if member.may_open(roles)]
    return page(template, status=status, member=member, sections=sections, current=current, **known)
