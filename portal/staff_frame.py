"""The frame of all staff pages: who is there, and the navigation.

A page is hung in with a line in `SECTIONS`, routes of the class `StaffRoute` (with `for_roles` where not every role may
open them), and `staff_page` with a template that extends `staff_layout.html`.
"""

from __future__ import annotations

from typing import Any

from fastapi import Response

from portal.showing import page
from portal.visitors import StaffMember

SECTIONS = (
    ("Queues", "/"),
    ("Applications", "/applications"),
    ("Leads", "/leads"),
    ("Accounts", "/accounts"),
    ("Elite", "/seasons"),
    ("Reports", "/reports"),
)
"""The entries of the navigation, with the path of each."""


def staff_page(template: str, member: StaffMember, current: str, *, status: int = 200, **known: Any) -> Response:
    """A page for staff; `current` is the path of the section to which it belongs."""
    return page(template, status=status, member=member, sections=SECTIONS, current=current, **known)
