"""The repository names no machine, no package registry and no tracker: it makes sense wherever it is cloned.

Forbidden words are put together from pieces below, because this file is searched as well.
"""

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]

# Where people put a checkout and images put their files: naming such a folder tells nothing of a machine.
COMMON_FOLDERS = {Path(name) for name in ("/", "/tmp", "/home", "/opt", "/srv", "/app", "/src", "/usr/src")}

REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "deb.deb" + "ian.org",
    "crates" + ".io",
    "proxy.go" + "lang.org",
    "docker" + ".io",
)
LOCK_FILES = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"}

HOMES = re.compile(r"(?<![\w.$~/])/(?:root|home/\w+|Users/\w+)/")
TRACKER = re.compile(r"\b(?:issue|ticket|pull request)s?\s+#?\d+\b|\bissues/\d+", re.IGNORECASE)


def tracked_texts() -> dict[str, str]:
    """Every committed or staged text file; tracked binaries are left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("This is no git checkout, so there is no list of what belongs to the repository.")
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        content = (TOP / name).read_bytes() if (TOP / name).is_file() else b"\0"
        if b"\0" not in content:
            texts[name] = content.decode("utf-8")
    return texts


def places(text: str, pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{number}: {line.strip()[:100]}" for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)
    ]


def forbidden() -> dict[str, re.Pattern[str]]:
    """What must not be said, by what it is."""
    patterns = {
        "a home folder": HOMES,
        "a number in a tracker": TRACKER,
        "a package registry's host": re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE),
    }
    for folder in (TOP, TOP.parent):
        if folder not in COMMON_FOLDERS:
            patterns[f"the folder {folder} of this machine"] = re.compile(rf"(?<![\w.]){re.escape(str(folder))}/")
    return patterns


@pytest.mark.parametrize("said", forbidden())
def test_no_file_names(said: str) -> None:
    pattern = forbidden()[said]
    found = [f"{name}:{place}" for name, text in tracked_texts().items() for place in places(text, pattern)]
    assert not found, f"{said} is named in:\n" + "\n".join(found)


def test_no_lock_file_that_records_addresses() -> None:
    found = [name for name in tracked_texts() if Path(name).name in LOCK_FILES]
    assert not found, f"{found}: requirements are pinned by hash in requirements/ (`make lock`), which names no index."


def test_the_search_finds_what_it_looks_for() -> None:
    folder, number = "/" + "root/x", "see issue" + " #12"
    assert places(f"cd {folder}", HOMES)
    assert places(number, TRACKER)
    assert places(f"https://{REGISTRIES[0]}/simple", forbidden()["a package registry's host"])
    assert not places("~/root/x $HOME/home/x/ colour #121212", HOMES)
