"""Preparing a Temporal namespace: the search attributes that processes set must exist before the first one starts."""

from __future__ import annotations

from collections.abc import Iterable

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client

from workflows.search_attributes import REGISTERED


async def missing_attributes(client: Client) -> list[str]:
    """The names of the search attributes that the namespace lacks."""
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return [key.name for key in REGISTERED if key.name not in listed.custom_attributes]


async def add_attributes(client: Client, names: Iterable[str]) -> None:
    """Create the search attributes with these names; the server refuses one that exists."""
    types = {key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in REGISTERED}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes={name: types[name] for name in names})
    )


async def prepare(client: Client) -> list[str]:
    """Create what is missing and return the names. May be repeated."""
    missing = await missing_attributes(client)
    if missing:
        await add_attributes(client, missing)
    return missing
