"""Schemathesis calls every endpoint with what the OpenAPI document allows, and with what it does not."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import Engine
from temporalio.client import Client

from portal.app import api_routes
from portal.callers import Scope
from portal.openapi import document
from records.keys import create_key
from records.partners import Partner, put_partner
from tests.portal.conftest import JOINED, compose
from tests.portal.serving import served
from tests.workflows.conftest import Server
from workflows.connection import DATA_CONVERTER

# What the document can't say (a web domain, a partner that exists, one of two fields) is refused although it fits.
NOT_OURS: list[Any] = [positive_data_acceptance]


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context: Any, value: Any) -> Any:
    """Whatever it is, as text."""
    return str(value).encode("utf-8", "replace")


schema = schemathesis.openapi.from_dict(document(api_routes()))


@pytest.fixture
def address(engine: Engine, temporal_server: Server) -> Iterator[str]:
    """A portal that is served, with the partner whom the document's examples name."""
    acme = Partner(
        id="acme", name="Acme Agency", contact_name="Partner desk", contact_email="partners@acme.example",
        joined_at=JOINED,
    )  # fmt: skip
    put_partner(engine, acme, now=JOINED)

    async def provide() -> Client:
        return await Client.connect(temporal_server.address, data_converter=DATA_CONVERTER)

    with served(compose(engine, provide)) as address:
        yield address


@pytest.fixture
def key(engine: Engine) -> str:
    """A key that may do everything."""
    return create_key(engine, "test", Scope, now=JOINED)[1]


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    # One portal for all examples of an endpoint: what one of them leaves behind is part of the test.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_every_endpoint_keeps_to_its_document(case: schemathesis.Case[Any], address: str, key: str) -> None:
    case.call_and_validate(base_url=address, headers={"Authorization": f"Bearer {key}"}, excluded_checks=NOT_OURS)
