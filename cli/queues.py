"""`partnerflow queues`: where each role finds what waits for it."""

from __future__ import annotations

from temporalio.envconfig import ClientConfig

from cli.environment import Directory, open_records, settings_of
from cli.sentences import say
from portal import queues as lists
from records.digest import how_many_wait


def queues(directory: Directory = None) -> None:
    """Print the queues of each role as links into the Web UI, and how much waits for each role."""
    settings = settings_of(directory)
    with open_records(settings) as engine:
        waiting = how_many_wait(engine)
    namespace = ClientConfig.load_client_connect_config().get("namespace") or "default"
    found = lists.queues(settings.ui_url, namespace)
    for role in dict.fromkeys(queue.role for queue in found):
        say(f"\n{role.capitalize()}: {waiting.get(role, 0)} waiting" if role else "\nTo look at")
        for queue in found:
            if queue.role == role:
                say(f"  {queue.name}: {queue.says}\n    {queue.link}")
