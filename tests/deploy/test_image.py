"""The image: what its file says, and that its commands work on exactly the files that the builder gets to see."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import missing
from tests.deploy.image import TOP, context, stages

PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())


def test_both_stages_have_the_same_pinned_base() -> None:
    first, last = stages()
    assert first.base == last.base
    image, _, tag = last.base.partition(":")
    assert image == "python"
    version, suite = tag.split("-", 1)
    assert suite == "slim-trixie"
    assert f"Programming Language :: Python :: {version}" in PROJECT["project"]["classifiers"]


def test_the_program_runs_as_nobody_in_particular() -> None:
    _, last = stages()
    words = [word for word, _ in last.instructions]
    user, _, _ = last.last("USER").partition(":")
    assert user.isdigit(), "Kubernetes can tell only of a number that it is not root"
    assert int(user) >= 10_000
    assert words.index("USER") > max(index for index, word in enumerate(words) if word in ("COPY", "WORKDIR"))
    assert "RUN" not in words, "the last stage only takes what the first has made"


def test_the_entry_point_is_our_command() -> None:
    first, last = stages()
    (command,) = json.loads(last.last("ENTRYPOINT"))
    assert command in PROJECT["project"]["scripts"]
    made = last.all("COPY")[0].split()[-1]
    assert last.environment()["PATH"].split(":")[0] == f"{made}/bin"
    assert f"--python {made} --no-deps /tmp/wheel/*.whl" in first.last("RUN")


def test_the_pinned_zone_data_are_the_only_ones() -> None:
    assert stages()[-1].environment()["PYTHONTZPATH"] == ""


def test_everything_is_installed_by_hash() -> None:
    runs = " && ".join(stages()[0].all("RUN"))
    steps = [step.strip() for step in runs.split("&&")]
    fetching = [step for step in steps if "pip install" in step or "pip sync" in step or "uv build" in step]
    assert len(fetching) == 4
    assert all("--require-hashes" in step for step in fetching if "--no-deps" not in step)
    assert "requirements/run.txt" in runs


def test_what_the_wheel_is_built_with_is_pinned() -> None:
    pinned = {line.split("==")[0] for line in (TOP / "requirements/dev.txt").read_text().splitlines() if "==" in line}
    asked = [Requirement(each).name for each in PROJECT["build-system"]["requires"]]
    for name in asked:
        assert name in pinned
        asked += [
            wanted.name
            for wanted in map(Requirement, metadata.requires(name) or ())
            if wanted.name not in asked and (wanted.marker is None or wanted.marker.evaluate({"extra": ""}))
        ]


def test_what_is_copied_is_let_in() -> None:
    seen = set(context())
    copied = [text.split()[:-1] for text in stages()[0].all("COPY")]
    for source in [source for sources in copied for source in sources]:
        assert any(file.is_relative_to(source) for file in seen), f"COPY {source} finds nothing"
    assert Path("requirements/run.txt") in seen


def test_nothing_private_is_let_in() -> None:
    names = {part for file in context() for part in file.parts}
    assert not names & {".env", ".git", ".venv", ".partnerflow", "tests", "partnerflow.db"}


def test_all_that_the_wheel_takes_is_let_in() -> None:
    seen = set(context())
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = [*wheel["only-include"], *wheel.get("force-include", ()), *PROJECT["project"]["license-files"]]
    if "readme" in PROJECT["project"]:
        wanted.append(PROJECT["project"]["readme"])
    for name in wanted:
        assert any(file.is_relative_to(name) for file in seen), f".dockerignore leaves {name} out"


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_the_builders_commands_make_a_working_command(tmp_path: Path) -> None:
    """Every RUN of the first stage, on this machine: other folders, this Python, the rest to the letter."""
    first, last = stages()
    source = tmp_path / "source"
    for file in context():
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / file, source / file)
    # `pip` and the `uv` that it installs are those of a fresh Python, as in the base image.
    python = tmp_path / "python"
    subprocess.run([sys.executable, "-m", "venv", python], check=True)
    # What uv was told for our own environment must not lead it there.
    rest = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "UV_"))}
    rest |= {"PATH": f"{python}/bin:{os.environ['PATH']}", **first.environment()}
    (tmp_path / "tmp").mkdir()
    for command in first.all("RUN"):
        here = command.replace("/tmp/", f"{tmp_path}/tmp/").replace("/opt/partnerflow", f"{tmp_path}/made")
        run = subprocess.run(["sh", "-c", here], cwd=source, env=rest, capture_output=True, text=True, check=False)
        if any(
            word in run.stderr
            for word in ("ConnectionError", "dns error", "Failed to fetch", "Could not find a version")
        ):
            missing(f"The package registry does not answer: {run.stderr[-300:]}")
        assert run.returncode == 0, f"{command}\n{run.stderr[-2000:]}"
    (command,) = json.loads(last.last("ENTRYPOINT"))
    for name in ("worker", "portal", "setup", "doctor"):
        said = subprocess.run(
            [f"{tmp_path}/made/bin/{command}", name, "--help"],
            cwd=tmp_path / "tmp",
            env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONTZPATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr[-2000:]
    assert not (tmp_path / "made/bin/temporal").exists()
    imported = subprocess.run(
        [f"{tmp_path}/made/bin/python", "-P", "-c", "import worker, portal.main; print(worker.__file__)"],
        cwd=tmp_path / "tmp", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert imported.returncode == 0, imported.stderr[-2000:]
    assert imported.stdout.startswith(f"{tmp_path}/made/lib")
