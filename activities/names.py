"""The activities' names: all that workflow code may know of them. Imports nothing."""

from __future__ import annotations

COMMIT = "commit"
"""Takes a `states.effects.Commit`, answers a `Receipt`."""

PARK = "park"
"""Takes a commit that was refused and the sentence why, answers nothing."""

AUTHORISE = "authorise"
"""Takes a person's address and a list of roles, answers an objection, or "" when the person may act."""

OPEN = "open"
"""Takes nothing, begins what the calendar begins, answers the ids of the processes that are due."""

REFUSED = "Refused"
"""The type of the failure that no repetition helps against.

Its detail, if it has one, is for a commit whose number is taken by a message that got lost before Temporal held it: how
many of the commit's steps are written nevertheless.
"""

AWAY = "DatabaseAway"
"""The type of the failure that repetition helps against."""
