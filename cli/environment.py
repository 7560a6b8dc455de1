"""Which stack a command talks to: the one that the environment names, otherwise the embedded one of this directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from cli.data_directory import DEFAULT, DataDirectory
from cli.sentences import CannotGoOn, err
from records.database import file_of, open_database
from settings import Settings, load

# Who names one of these has a stack of their own in mind.
_NAMED = ("PARTNERFLOW_DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_PROFILE")

Directory = Annotated[
    Path | None,
    typer.Option(help="The directory of a `partnerflow up`; without it the environment's settings, or .partnerflow."),
]


def settings_of(directory: Path | None) -> Settings:
    """The settings of the embedded stack in a directory, if one is named or none is in the environment."""
    if directory is not None or not any(os.environ.get(name) for name in _NAMED):
        data = DataDirectory.at(directory or DEFAULT)
        if data.environment.exists():
            _adopt(data.environment)
        elif directory is not None:
            raise CannotGoOn(
                f"No stack has been started in {data.path}; start one with: partnerflow up --directory {directory}"
            )
    return load()


@contextmanager
def open_records(settings: Settings) -> Iterator[Engine]:
    """The records that are there, while they are needed.

    Raises `CannotGoOn` where there are none: only `up` and `setup` make them.
    """
    file = file_of(settings.database_url)
    if file is not None and not file.exists():
        raise CannotGoOn(
            f"There are no records at {file.absolute()}. `partnerflow up` or `partnerflow setup` makes them; "
            "PARTNERFLOW_DATABASE_URL or --directory names others."
        )
    engine = open_database(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _adopt(file: Path) -> None:
    lines = [line.partition("=") for line in file.read_text().splitlines() if "=" in line]
    os.environ.update({name: value for name, _, value in lines})
    err.print(f"Using the stack in {file.parent}.", style="dim")
