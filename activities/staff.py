"""Asking the staff list: an activity, so that the answer stands in the history and replay agrees with it."""

from __future__ import annotations

from temporalio import activity

from activities.names import AUTHORISE
from states.staff import Role, StaffList


class StaffActivities:
    """What processes ask about the vendor's staff."""

    def __init__(self, staff: StaffList) -> None:
        self._staff = staff

    @activity.defn(name=AUTHORISE)
    def authorise(self, address: str, roles: list[Role]) -> str:
        """Why `address` may act in none of `roles`: a sentence, or "" when it may."""
        return self._staff.objection(address, tuple(roles))
