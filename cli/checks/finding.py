"""What a check finds: a sentence that says what is wrong and what to do, and perhaps a way to mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Repair = Callable[[], Awaitable[str]]
"""Mends what was found, and says what it did. Raises `NotMended`."""


class NotMended(Exception):
    """What was found is still there; the text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence. A `note` is worth knowing and nothing to act on; `repair` is what --repair does."""

    text: str
    note: bool = False
    repair: Repair | None = None
