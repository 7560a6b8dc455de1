"""What the database refuses for good, as opposed to what works when it is tried again."""

from __future__ import annotations


class Refused(Exception):
    """Trying again can't help. The text is a sentence without anything personal: it travels into logs and cards."""
