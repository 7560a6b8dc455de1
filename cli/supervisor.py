"""Keeping a child process running: its output goes to a log, and when it dies it is started again, and that is said."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.processes import dying_with_parent

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_HEALTHY_SECONDS = 60.0
_LOG_BYTES = 10_000_000
_TAIL_LINES = 20

Tell = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """One child. `tell` is called with a sentence when it dies; `echo` with each line it writes, if wanted.

    `started` is called after each start, `ended` holds the exit codes so far.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    tell: Tell
    echo: Tell | None = None
    started: Callable[[], None] = lambda: None
    ended: list[int] = field(default_factory=list)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL_LINES))
    _process: Process | None = None
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _keeper: asyncio.Task[None] | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return "Temporal server" if self.name == "temporal" else self.name

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and alive else None

    @property
    def last_words(self) -> str:
        """The last line it wrote."""
        return next((line for line in reversed(self.tail) if line.strip()), "It wrote nothing.").strip()

    def start(self) -> None:
        """Start it, and keep it running from now on."""
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self, within: float) -> None:
        """Ask it to end, and kill it when it takes longer than `within` seconds."""
        self._stopped.set()
        if self._keeper is None:
            return
        self._signal(signal.SIGTERM)
        done, _ = await asyncio.wait([self._keeper], timeout=within)
        if not done:
            self.tell(f"The {self.title} did not stop within {within:.0f} s and is killed.")
            self.kill()
            await asyncio.wait([self._keeper])

    def kill(self) -> None:
        """End it at once, for good."""
        self._stopped.set()
        self._signal(signal.SIGKILL)

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while not self._stopped.is_set():
            begun = loop.time()
            code = await self._once()
            self.ended.append(code)
            if self._stopped.is_set():
                return
            if loop.time() - begun > _HEALTHY_SECONDS:
                pause = _FIRST_PAUSE
            self.tell(
                f"The {self.title} ended ({_how(code)}) and is started again in {pause:.0f} s. Its log: {self.log}"
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _once(self) -> int:
        self._process = process = await asyncio.create_subprocess_exec(
            *self.command,
            env=dict(self.environment),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            # Ctrl-C in a terminal reaches a whole session: the order of stopping is ours.
            start_new_session=True,
            preexec_fn=dying_with_parent(),
        )
        self.started()
        await self._take_down(process)
        return await process.wait()

    async def _take_down(self, process: Process) -> None:
        """Write its output to the log, which begins anew (one old one is kept) when it has grown long."""
        assert process.stdout is not None, "stdout is a pipe"  # noqa: S101 - for the type checker
        rest = b""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        while chunk := await process.stdout.read(65_536):
            if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            with self.log.open("ab") as log:
                log.write(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace")
                self.tail.append(text)
                if self.echo is not None:
                    self.echo(text)
        if rest:
            self.tail.append(rest.decode(errors="replace"))

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)  # type: ignore[union-attr]


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
