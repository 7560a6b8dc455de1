"""Which tables do open processes still follow?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from temporalio.client import Client

from cli.checks.finding import Finding
from states.lifecycle import Lifecycle


async def check_versions(client: Client, tables: Sequence[Mapping[int, Lifecycle[Any]]]) -> AsyncIterator[Finding]:
    """How many open processes follow an old version of their table, which versions nobody needs, which are unknown."""
    for versions in tables:
        newest = max(versions)
        name = versions[newest].name
        for version in sorted(versions):
            many = await _count(client, f'Lifecycle="{name}/{version}"')
            if version == newest:
                continue
            if many:
                yield Finding(
                    f"{many} open processes follow version {version} of the table {name}; the newest is {newest}. "
                    "They adopt it when they continue as new.",
                    note=True,
                )
            else:
                yield Finding(
                    f"No open process needs version {version} of the table {name} any more; it can be deleted.",
                    note=True,
                )
        known = ",".join(f'"{name}/{version}"' for version in versions)
        if many := await _count(client, f'WorkflowType="{name}" AND Lifecycle NOT IN ({known})'):
            yield Finding(
                f"{many} open processes follow a version of the table {name} that this version of the program does not "
                "know, so their workflow tasks fail. Upgrade the workers."
            )


async def _count(client: Client, query: str) -> int:
    return (await client.count_workflows(f'{query} AND ExecutionStatus="Running"')).count
