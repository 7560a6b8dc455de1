"""What the database refuses for good, as opposed to what works when it is tried again."""

from __future__ import annotations


class Refused(Exception):
    """Trying again can't help. The text is a sentence without anything personal: it travels into logs and cards."""


class NeverHappened(Refused):
    """The last commit of a process was written, but what it tells of got lost with the servers before Temporal held it.

    `done` of the commit's steps are written nevertheless: what came before the lost message.
    """

    def __init__(self, sentence: str, done: int) -> None:
        super().__init__(sentence)
        self.done = done
