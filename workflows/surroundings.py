"""What a worker knows that no history holds: the staff list and where the portal is.

Set once by the composition root. Only what replay never sees may read it: update validators (a refused update leaves
no trace, an accepted one is not validated again) and the text of cards (which is no part of a history).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from states.staff import StaffList


@dataclass(slots=True)
class Surroundings:
    """The staff list (empty: open to everybody), and the portal's public address for links on cards."""

    staff: StaffList = field(default_factory=StaffList)
    portal_url: str = ""


HERE = Surroundings()
