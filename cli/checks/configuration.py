"""Is what this program was given in order: the staff list, and the time zones?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata, resources
from urllib.parse import urlsplit
from zoneinfo import TZPATH

from cli.checks.finding import Finding
from program.calendar import ZONE
from settings import Settings
from states.staff import Role

_OLD_ZONES = timedelta(days=550)
# Somebody has to be there for these, or leads wait for ever.
_NEEDED = (Role.REVIEWER, Role.MANAGER)


def check_staff(settings: Settings) -> Iterator[Finding]:
    """Whether the staff list names somebody for each role that leads wait for."""
    staff = settings.staff()
    if staff.open:
        local = urlsplit(settings.portal_url).hostname in ("127.0.0.1", "localhost")
        yield Finding(
            "No staff list is configured, so everybody who reaches the Web UI may decide in every role. "
            "Set PARTNERFLOW_STAFF_FILE for anything but trying out.",
            note=local,
        )
        return
    for role in _NEEDED:
        if not staff.in_role(role):
            yield Finding(
                f"The staff list has nobody in the role {role.value}, so its reminders reach nobody. "
                f"Add somebody to {settings.staff_file} and start the workers again."
            )


def check_time_zones() -> Iterator[Finding]:
    """Whether the zone data are the installed ones, and not too old: deadlines are computed with them."""
    version = metadata.version("tzdata")
    if datetime.now(UTC) - datetime(int(version.split(".")[0]), 1, 1, tzinfo=UTC) > _OLD_ZONES:
        yield Finding(f"The time zone data are of {version}; upgrade the package tzdata on all workers at once.")
    if os.environ.get("PYTHONTZPATH") == "":
        return  # the installed data are the only source
    pinned = resources.files("tzdata.zoneinfo").joinpath(*ZONE.key.split("/")).read_bytes()
    for folder in TZPATH:
        try:
            with open(f"{folder}/{ZONE.key}", "rb") as file:
                used = file.read()
        except OSError:
            continue
        if used != pinned:
            yield Finding(
                f"{folder} holds other data for {ZONE.key} than the installed tzdata {version}, so another worker may "
                'compute another deadline. Set PYTHONTZPATH="" for workers and portals.',
                note=True,
            )
        return
