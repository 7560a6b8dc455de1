"""A circuit breaker: while something is away, one caller at a time looks whether it is back; the others fail at once.

Hundreds of processes may wait for the same database. Without this, each attempt would hold a thread of the worker for
its full connect timeout, and processes that need no database would wait with them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic


class Open(Exception):
    """The attempt was not made, because the last one failed a moment ago or another caller is trying."""


class Breaker:
    """Lets everybody through while all is well. Thread-safe.

    After a failure of a kind in `failures` nobody is let through for `pause` seconds (real time), then one probe at a
    time; its success lets everybody through again. One of a kind in `says_nothing` changes nothing, because the attempt
    never reached the other side. Other exceptions mean that the other side is there.
    """

    def __init__(
        self,
        failures: tuple[type[BaseException], ...],
        *,
        says_nothing: tuple[type[BaseException], ...] = (),
        pause: float = 0.5,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._failures = failures
        self._says_nothing = says_nothing
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._closed = True
        self._try_at = 0.0
        self._probing = False

    @property
    def closed(self) -> bool:
        """Whether all was well at the last attempt."""
        return self._closed

    @contextmanager
    def attempt(self, *, may_probe: bool = True) -> Iterator[None]:
        """Around one attempt; raises `Open` when it shall not be made now, as always where it `may_probe` not."""
        probe = self._enter(may_probe)
        try:
            yield
        except self._says_nothing:
            if probe:
                self._failed(probe)
            raise
        except self._failures:
            self._failed(probe)
            raise
        except BaseException:
            self._worked(probe)
            raise
        self._worked(probe)

    def _enter(self, may_probe: bool) -> bool:
        with self._lock:
            if self._closed:
                return False
            if not may_probe or self._probing or self._clock() < self._try_at:
                raise Open
            self._probing = True
            return True

    def _failed(self, probe: bool) -> None:
        with self._lock:
            self._closed = False
            self._try_at = self._clock() + self._pause
            if probe:
                self._probing = False

    def _worked(self, probe: bool) -> None:
        with self._lock:
            # Only the probe speaks for now: an attempt that began before the failure may still end well.
            if probe:
                self._closed = True
                self._probing = False
