"""`partnerflow health`: whether a worker or portal on this machine lives, and whether it can work. For health checks.

Asked where the process itself answers: the portal at `/healthz` and `/readyz`, the worker at its metrics.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Annotated
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

import typer

from cli.sentences import CannotGoOn, say
from settings import Settings, load

_SECONDS = 4.0
# A worker looks around every 5 s. One whose last look is older than this (seconds) hangs.
_STALE_AFTER = 60.0
_NEEDS = {"partnerflow_temporal_up": "Temporal", "partnerflow_database_up": "the database"}
_HEARTBEAT = "partnerflow_heartbeat_timestamp_seconds"


class Program(StrEnum):
    """What can be asked."""

    WORKER = "worker"
    PORTAL = "portal"


def health(
    program: Annotated[Program, typer.Argument(help="Which program of this machine.")],
    ready: Annotated[bool, typer.Option(help="Ask also whether what it needs is there.")] = False,
) -> None:
    """Tell whether the worker or the portal on this machine is well: exit code 0, or 1 with what is wrong."""
    trouble = (_worker if program is Program.WORKER else _portal)(load(), ready)
    say(trouble or f"The {program} {'is ready' if ready else 'lives'}.")
    raise typer.Exit(1 if trouble else 0)


def _worker(settings: Settings, ready: bool) -> str:
    if not settings.metrics_address:
        raise CannotGoOn("A worker is asked at its metrics: set PARTNERFLOW_METRICS_ADDRESS, such as 0.0.0.0:9464.")
    host, _, port = settings.metrics_address.rpartition(":")
    status, text = _ask(f"http://{_reachable(host)}:{port}/metrics")
    if status != 200:
        return f"The worker does not answer at {settings.metrics_address}."
    values = {
        name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line[:1] != "#")
    }
    if _HEARTBEAT not in values:
        return "The worker waits for Temporal or the database and has not begun to work."
    age = time.time() - values[_HEARTBEAT]
    if age > _STALE_AFTER:
        return f"The worker hangs: it has not looked around for {age:.0f} s."
    away = [what for name, what in _NEEDS.items() if not values.get(name)]
    return f"The worker lives, but {' and '.join(away)} can't be reached." if ready and away else ""


def _portal(settings: Settings, ready: bool) -> str:
    page = "readyz" if ready else "healthz"
    status, text = _ask(f"http://{_reachable(settings.portal_host)}:{settings.portal_port}/{page}")
    return "" if status == 200 else f"The portal says: {status} {text}" if status else "The portal does not answer."


def _reachable(host: str) -> str:
    """Where to knock at a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]", "[::]": "[::1]"}.get(  # noqa: S104
        host, f"[{host}]" if ":" in host.strip("[]") and not host.startswith("[") else host
    )


def _ask(address: str) -> tuple[int, str]:
    """Status and text of the answer; status 0 when there is none."""
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(address, timeout=_SECONDS) as answer:
            return int(answer.status), answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()
    except (URLError, OSError):
        return 0, ""
