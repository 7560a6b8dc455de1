"""`partnerflow queues`: where each role finds what waits for it."""

from __future__ import annotations

import os

from cli.environment import Directory, settings_of
from cli.sentences import say
from records.database import open_database
from records.digest import how_many_wait
from states.staff import Role
from worker import queue_link


def queues(directory: Directory = None) -> None:
    """Print for each staff role how much waits for it, and the link to its list in the Web UI."""
    settings = settings_of(directory)
    engine = open_database(settings.database_url)
    waiting = how_many_wait(engine)
    engine.dispose()
    namespace = os.environ.get("TEMPORAL_NAMESPACE") or "default"
    for role in Role:
        if role.is_staff and role is not Role.ADMIN:
            say(f"{role.value:<10} {waiting.get(role.value, 0):>4}  {queue_link(settings.ui_url, namespace, role)}")
