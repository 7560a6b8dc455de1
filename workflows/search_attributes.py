"""The search attributes, each once. Nothing personal: they are readable for everybody who sees the namespace.

They make the staff's queues: lists in the Temporal Web UI, which can filter but not sort.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from states.lifecycle import Lifecycle, M

PARTNER = SearchAttributeKey.for_keyword("PartnerId")
STAGE = SearchAttributeKey.for_keyword("Stage")
WAITS_FOR = SearchAttributeKey.for_keyword("WaitsFor")
EDITION = SearchAttributeKey.for_keyword("Edition")
LIFECYCLE = SearchAttributeKey.for_keyword("Lifecycle")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
OVERDUE = SearchAttributeKey.for_bool("Overdue")

# SQL visibility has room for 10 keywords and 3 of each other type in a namespace.
REGISTERED: dict[SearchAttributeKey[Any], str] = {
    PARTNER: "the partner whose process this is",
    STAGE: "the state in which the process is",
    WAITS_FOR: "the role that has to act now",
    EDITION: "the edition of the program's rules that applies",
    LIFECYCLE: "name and version of the table that the process follows",
    DUE_AT: "when something happens by itself, in UTC program time",
    OVERDUE: "whether staff are late",
}


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a process shows for searching."""

    partner: str
    stage: str
    waits_for: str | None
    edition: str
    lifecycle: str
    due_at: datetime | None
    overdue: bool

    def at_start(self) -> TypedSearchAttributes:
        """All of them, for the start request, where they are free."""
        return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in self._pairs() if value])

    def changes(self, since: Attributes) -> list[SearchAttributeUpdate[Any]]:
        """What has to be upserted after `since`."""
        return [
            key.value_unset() if value is None else key.value_set(value)
            for (key, value), (_, before) in zip(self._pairs(), since._pairs(), strict=True)
            if value != before
        ]

    def _pairs(self) -> tuple[tuple[SearchAttributeKey[Any], str | datetime | bool | None], ...]:
        return (
            (PARTNER, self.partner),
            (STAGE, self.stage),
            (WAITS_FOR, self.waits_for),
            (EDITION, self.edition),
            (LIFECYCLE, self.lifecycle),
            (DUE_AT, self.due_at),
            (OVERDUE, self.overdue or None),
        )


def attributes_of(lifecycle: Lifecycle[M], data: M) -> Attributes:
    """What a process with these data shows for searching; the same at its start and later."""
    waits_for, due = lifecycle.waits_for(data), lifecycle.next_deadline(data)
    return Attributes(
        partner=data.partner_id,
        stage=data.state,
        waits_for=waits_for.value if waits_for else None,
        edition=data.edition,
        lifecycle=f"{lifecycle.name}/{data.lifecycle_version}",
        due_at=due.at if due else None,
        overdue=data.is_overdue(),
    )
