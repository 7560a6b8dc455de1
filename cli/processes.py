"""Child processes that die with their parent, and those that a parent left behind all the same."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def dying_with_parent() -> Callable[[], None] | None:
    """What a child does between fork and exec, so that the kernel kills it when we die (Linux only)."""
    if sys.platform != "linux":
        return None
    # Loaded here: after the fork, nothing may be loaded or locked any more.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we died in between
            os._exit(1)

    return arrange


def born(pid: int) -> str | None:
    """When a process was started, in the system's own words; None when there is none. Tells reused ids apart."""
    if Path("/proc/self/stat").exists():
        try:
            state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if state == "Z" else rest[18]
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return found.stdout.strip() or None


def remember(file: Path, pids: dict[str, int]) -> None:
    """Note which children run, for the next start."""
    noted = {name: [pid, when] for name, pid in pids.items() if (when := born(pid)) is not None}
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(noted))
    fresh.replace(file)


def end_leftovers(file: Path, *, within: float = 5.0) -> list[str]:
    """Kill the children of an `up` that was killed itself; the names of those that still lived."""
    try:
        noted = json.loads(file.read_text())
    except (OSError, ValueError):
        return []
    left = {name: pid for name, (pid, when) in noted.items() if born(pid) == when}
    for pid in left.values():
        os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + within
    while time.monotonic() < until and any(born(pid) == noted[name][1] for name, pid in left.items()):
        time.sleep(0.05)
    file.unlink(missing_ok=True)
    return sorted(left)
