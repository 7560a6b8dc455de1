"""The guide for those who connect a portal: its examples run, and it leaves nothing out."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from temporalio.client import Client

from portal.app import api_routes
from portal.callers import Scope
from portal.openapi import document
from portal.problems import KINDS
from portal.requests import FactReport
from records.database import reading
from records.posting import post_mail
from records.tables import outbox
from tests.portal.conftest import JOINED, SUBMISSION, House, compose
from tests.portal.serving import served
from tests.workflows.conftest import Server
from workflows.connection import DATA_CONVERTER

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "connect-a-portal.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)


def method_and_path(example: str) -> tuple[str, str]:
    """What an example calls, in the words of the OpenAPI document."""
    method = re.search(r"-X (\w+)", example)
    path = re.search(r'"\$PORTAL([^"?]*)', example)
    assert path, example
    named = path[1].replace("$LEAD", "{lead_id}").replace("/partners/acme", "/partners/{partner_id}")
    named = named.replace("$APPLICATION", "{application_id}")
    named = named.replace("/accounts/Ab12Cd/acme", "/accounts/{api_key}/{partner_id}")
    named = named.replace("/client-accounts/Ab12Cd", "/client-accounts/{account}")
    named = named.replace("/people/accounts", "/people/{person_id}")
    return method[1] if method else "GET", named


def test_every_endpoint_has_an_example() -> None:
    endpoints = {
        (method.upper(), path) for path, methods in document(api_routes())["paths"].items() for method in methods
    }
    assert {method_and_path(example) for example in EXAMPLES} == endpoints


def a_mail_to_a_client(engine: Engine) -> str:
    """The Message-ID of a mail with which the account of the examples asked its client."""
    about = {"contact": 1}
    post_mail(
        engine,
        key="asked",
        process="account:Ab12Cd:acme",
        template="account_asked",
        to="client",
        now=JOINED,
        about=about,
    )
    with reading(engine) as connection:
        left: str = connection.execute(select(outbox.c.message_id)).scalar_one()
    return f"<{left}@vendor.example>"


def test_every_example_runs(engine: Engine, temporal_server: Server) -> None:
    async def provide() -> Client:
        return await Client.connect(temporal_server.address, data_converter=DATA_CONVERTER)

    house = House(compose(engine, provide), engine)
    with served(house.app) as address:
        known = {f"{scope.name}_KEY": house.key(scope) for scope in Scope}
        known |= {"PORTAL": address, "PATH": os.environ["PATH"], "MESSAGE_ID": a_mail_to_a_client(engine)}
        answers: dict[tuple[str, str], dict[str, Any]] = {}
        for example in EXAMPLES:
            run = subprocess.run(["sh", "-ec", example], env=known, capture_output=True, text=True, timeout=30)
            assert run.returncode == 0, f"{example}\n{run.stdout}{run.stderr}"
            answer = json.loads(run.stdout)
            answers[method_and_path(example)] = answer
            if method_and_path(example) == ("POST", "/v1/leads"):
                known["LEAD"] = answer["lead_id"]
            if method_and_path(example) == ("POST", "/v1/applications"):
                known["APPLICATION"] = answer["application_id"]
    assert [each["lead_id"] for each in answers["GET", "/v1/leads"]["leads"]] == [known["LEAD"]]
    assert answers["POST", "/v1/facts"]["leads_told"] == 1
    assert [each["api_key"] for each in answers["GET", "/v1/accounts"]["accounts"]] == ["Ab12Cd"]
    assert answers["POST", "/v1/bounces"]["told"] is True
    assert answers["GET", "/readyz"] == {"database": "ready", "temporal": "ready"}


async def test_the_example_of_a_refusal_is_one(house_without_temporal: House) -> None:
    async with house_without_temporal.caller(Scope.PARTNER) as portal:
        answered = await portal.post("/v1/leads", json=SUBMISSION | {"website": "192.0.2.7"})
    shown = re.search(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    assert shown
    there = answered.json()
    there["type"] = there["type"].replace("http://portal.example", "http://127.0.0.1:8800")
    assert json.loads(shown[1]) == there


@pytest.mark.parametrize("slug", list(KINDS))
def test_every_refusal_is_in_the_table(slug: str) -> None:
    kind = KINDS[slug]
    assert f"| `{kind.slug}` | {kind.status} | {kind.title} | {kind.repeat} |" in GUIDE


def test_every_scope_and_every_kind_of_fact_is_in_the_guide() -> None:
    for scope in Scope:
        assert f"| `{scope.value}` |" in GUIDE
    for kind in FactReport.model_json_schema()["properties"]["kind"]["enum"]:
        assert f"| `{kind}` |" in GUIDE
