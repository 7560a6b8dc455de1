"""Reading a Dockerfile and a .dockerignore, as far as ours go; anything else they could say is refused."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

KNOWN = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT"}


@dataclass
class Stage:
    """One stage of an image: where it begins, its name, and its instructions in order."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [text for each, text in self.instructions if each == word]

    def last(self, word: str) -> str:
        return self.all(word)[-1]

    def environment(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for text in self.all("ENV") for pair in shlex.split(text))


def stages() -> list[Stage]:
    """The stages of our Dockerfile."""
    text = re.sub(r"(?m)^#.*\n", "", (TOP / "Dockerfile").read_text()).replace("\\\n", " ")
    found: list[Stage] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word not in KNOWN:
            raise AssertionError(f"this reader does not know {word}; teach it")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        else:
            found[-1].instructions.append((word, rest.strip()))
    return found


def context() -> Iterator[Path]:
    """The files, relative to the repository, that the builder gets to see."""
    lines = [line for line in (TOP / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*", "what is not named is left out"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    left_out = {line.removeprefix("**/") for line in lines[1:] if not line.startswith("!")}
    assert not any(set("*?/[") & set(name) for name in let_in | left_out), "this reader knows no patterns; teach it"
    for name in sorted(let_in):
        assert (TOP / name).exists(), f".dockerignore lets {name} in, which is not there"
        for file in [TOP / name] if (TOP / name).is_file() else sorted((TOP / name).rglob("*")):
            if file.is_file() and not left_out & set(file.relative_to(TOP).parts):
                yield file.relative_to(TOP)
