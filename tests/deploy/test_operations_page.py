"""What the operations page tells people to type and to watch is there."""

import re

import pytest

from cli.main import COMMANDS, GROUPS
from tests.deploy.conftest import Document
from tests.deploy.image import TOP

PAGE = (TOP / "docs/operations.md").read_text()


def test_its_commands_exist() -> None:
    named = set(re.findall(r"partnerflow ([a-z]+)", PAGE)) - {"is", "and", "uses"}
    assert named
    assert {"doctor", "keys"} <= named <= {*COMMANDS, *GROUPS}


def test_its_services_exist(services: dict[str, Document]) -> None:
    # Commands that are broken over two lines are read as one.
    commands = re.findall(r"docker compose (?:exec|run) ([^#`\n]+)", re.sub(r"\\\n\s*", "", PAGE))
    assert len(commands) > 5
    with_value = {"--volume", "--entrypoint"}
    for command in commands:
        words = command.split()
        while words[0].startswith("--"):
            words = words[2 if words[0] in with_value else 1 :]
        assert words[0] in services, command


@pytest.mark.parametrize("folder", ["deploy", "tests", "docs"])
def test_its_files_exist(folder: str) -> None:
    for path in re.findall(rf"`({folder}/[\w./-]+)`", PAGE):
        assert (TOP / path).exists(), path
    for script in re.findall(r"postgres (/deploy/[\w.-]+)", PAGE):
        assert (TOP / "deploy/postgres" / script.removeprefix("/deploy/")).exists(), script


def test_its_variables_exist() -> None:
    known = (TOP / "deploy/.env.example").read_text() + (TOP / "docs/settings.md").read_text()
    # The last one is libpq's own.
    known += (TOP / "docker-compose.yml").read_text() + "PGHOST"
    for name in re.findall(r"`([A-Z][A-Z_]{4,})(?:=\w+)?`", PAGE):
        assert name in known, name


def test_our_metrics_exist() -> None:
    folders = ("workflows", "activities", "portal")
    code = "".join(path.read_text() for folder in folders for path in (TOP / folder).glob("*.py"))
    for name in re.findall(r"`(partnerflow_\w+)`", PAGE):
        assert f'"{name}"' in code, name
