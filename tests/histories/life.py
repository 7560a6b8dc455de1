"""What a recorded life is, and the stage on which it is lived."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from temporalio.client import WorkflowHandle

from tests.workflows.conftest import Desk


@dataclass
class Stage:
    """A desk, a way to let days pass, and the processes whose histories are kept (the first has the life's name)."""

    desk: Desk
    days: Callable[[float], Awaitable[None]]
    processes: list[tuple[WorkflowHandle[Any, Any], str]] = field(default_factory=list)

    async def lead(self, called: str = "", **fields: Any) -> WorkflowHandle[Any, Any]:
        """Register a lead and wait until the database has answered. `called` tells several of one life apart."""
        handle = await self.desk.register(**fields)
        await self.desk.until(handle, lambda now: now.data["claim"] != "asked" and not now.waiting)
        self.processes.append((handle, called))
        return handle

    async def account(self, called: str = "", **fields: Any) -> WorkflowHandle[Any, Any]:
        """Submit an account and wait until it waits for its client."""
        handle = await self.desk.submit(**fields)
        await self.desk.until(handle, lambda now: now.data["state"] == "waiting" and not now.waiting)
        self.processes.append((handle, called))
        return handle

    async def until(self, handle: WorkflowHandle[Any, Any], **expected: Any) -> None:
        """Wait until the process's data are as expected and recorded."""
        await self.desk.until(
            handle,
            lambda now: all(now.data[name] == value for name, value in expected.items()) and not now.waiting,
            seconds=45,
        )

    async def fact(
        self,
        handle: WorkflowHandle[Any, Any],
        name: str,
        *,
        by: str = "crm",
        at: datetime | None = None,
        id: str = "",
        **fields: Any,
    ) -> None:
        """Something that happened now, or at another time."""
        happened = at or await self.desk.server_now()
        stamp = {"id": id or f"{name}-{len(self.processes)}", "at": happened.isoformat(), "by": by}
        await handle.signal(name, {**stamp, **fields})

    def kept(self, name: str) -> Iterator[tuple[WorkflowHandle[Any, Any], str]]:
        """The processes with the names of their files."""
        return ((handle, f"{name}_{called}" if called else name) for handle, called in self.processes)


@dataclass(frozen=True)
class Life:
    """One script. `needs_time`: it lets days pass, so it is lived on the server that can skip them.

    `starts` is when it begins in program time; the present real time unless told.
    """

    live: Callable[[Stage], Awaitable[None]]
    needs_time: bool = False
    starts: datetime | None = None

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.live.__name__
