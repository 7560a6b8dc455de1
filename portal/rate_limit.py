"""How often one visitor may send a public form: in this process's memory, which is enough against a flood."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_VISITORS = 10_000


@dataclass(slots=True)
class RateLimit:
    """At most `at_most` times within `seconds`, for each address; of IPv6, for each network of a household."""

    at_most: int = 20
    seconds: float = 3600.0
    clock: Callable[[], float] = time.monotonic
    _times: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def wait(self, address: str) -> int:
        """0 when the visitor may go on, which counts; otherwise in how many seconds it may come again."""
        now, visitor = self.clock(), _visitor(address)
        times = self._times.setdefault(visitor, deque())
        self._times.move_to_end(visitor)
        while len(self._times) > MOST_VISITORS:
            self._times.popitem(last=False)
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) >= self.at_most:
            return int(times[0] + self.seconds - now) + 1
        times.append(now)
        return 0


def _visitor(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
