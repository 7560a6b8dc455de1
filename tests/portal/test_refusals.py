"""Every refusal is a problem document with a sentence; every endpoint asks for its scopes; bodies have a limit."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from portal.app import LARGEST_BODY, api_routes
from portal.callers import Scope
from portal.openapi import document
from portal.problems import KINDS
from portal.refusals import SHAPES
from records.keys import list_keys, revoke_key
from tests.portal.conftest import JOINED, SUBMISSION, House

DOCUMENT = document(api_routes())
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
OPEN_TO_ALL = {"/healthz", "/readyz"}


def is_problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The response is a problem document of that status."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == status
    slug = problem["type"].partition("#")[2]
    assert (KINDS[slug].status, KINDS[slug].title) == (status, problem["title"])
    assert problem["detail"].endswith(".")
    assert problem["detail"][0].isupper() or problem["detail"][0] == "«"
    return problem


def filled(path: str) -> str:
    return path.replace("{lead_id}", "abc").replace("{partner_id}", "alster")


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS])
async def test_every_endpoint_asks_for_its_scopes(
    house_without_temporal: House, method: str, path: str, operation: dict[str, Any]
) -> None:
    house = house_without_temporal
    if path in OPEN_TO_ALL:
        assert "security" not in operation
        return
    assert operation["security"] == [{"bearer": []}, {"api_key": []}]
    assert operation["x-scopes"]
    async with house.caller() as nobody:
        # Before anything else, whatever the body is.
        problem = is_problem(await nobody.request(method, filled(path), content=b"{"), 401)
        assert "Authorization: Bearer" in problem["detail"]
    for scope in Scope:
        async with house.caller(scope) as caller:
            answered = await caller.request(method, filled(path), content=b"{")
            if scope.value in operation["x-scopes"]:
                assert answered.status_code not in (401, 403)
            else:
                assert f"the key has {scope.value}" in is_problem(answered, 403)["detail"]


async def test_keys_that_are_none(house_without_temporal: House, engine: Engine) -> None:
    house = house_without_temporal
    good = house.key(Scope.PARTNER)
    headers: list[dict[str, str]] = [
        {"Authorization": f"Basic {good}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {good}x"},
        {"Authorization": "Bearer pf_abc_def"},
        {"X-Api-Key": "\u00e4"},
        {"X-Api-Key": ""},
    ]
    async with house.caller() as nobody:
        for given in headers:
            answered = await nobody.get("/v1/leads", headers={k: v.encode("latin-1") for k, v in given.items()})  # type: ignore[arg-type]
            is_problem(answered, 401)
            assert answered.headers["WWW-Authenticate"].startswith("Bearer")
        for given in ({"X-Api-Key": good}, {"Authorization": f"bearer  {good}"}):
            assert (await nobody.get("/v1/leads", headers=given)).status_code == 200
        revoke_key(engine, list_keys(engine)[0].id, now=JOINED)
        assert "revoked" in is_problem(await nobody.get("/v1/leads", headers={"X-Api-Key": good}), 401)["detail"]


@pytest.mark.parametrize("path", ["/nothing", "/v1/leads/", "/v1", "/v1/leads/abc/accept", "/docs", "/redoc"])
async def test_addresses_that_are_none(house_without_temporal: House, path: str) -> None:
    async with house_without_temporal.caller(Scope.PARTNER) as caller:
        is_problem(await caller.get(path), 404)


async def test_methods_that_are_none(house_without_temporal: House) -> None:
    async with house_without_temporal.caller(Scope.PARTNER) as caller:
        answered = await caller.delete("/v1/leads")
        assert "not DELETE" in is_problem(answered, 405)["detail"]
        assert answered.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"", "application/json", "is missing"),
        (b"{", "application/json", "is no JSON"),
        (b"[]", "application/json", "must be a JSON object"),
        (b"null", "application/json", "must be a JSON object"),
        (b'"text"', "application/json", "must be a JSON object"),
        (b'{"company": "\xff"}', "application/json", "can't be read"),
        (b"[" * 30_000, "application/json", "can't be read"),
        (json.dumps(SUBMISSION).encode(), "text/plain", "sent as application/json"),
        (b'{"partner_id": "\\ud800"}', "application/json", "«partner_id»"),
        (b'{"partner_id": ' + b"9" * 5000 + b"}", "application/json", ""),
    ],
)
async def test_bodies_that_are_none(house_without_temporal: House, body: bytes, kind: str, says: str) -> None:
    async with house_without_temporal.caller(Scope.PARTNER) as caller:
        answered = await caller.post("/v1/leads", content=body, headers={"Content-Type": kind})
    assert answered.status_code in (400, 422)
    assert says in is_problem(answered, answered.status_code)["detail"]


async def test_a_body_has_a_limit_also_in_chunks(house_without_temporal: House) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 1000 + 1):
            yield b" " * 1000

    async with house_without_temporal.caller(Scope.PARTNER) as caller:
        whole = await caller.post("/v1/leads", content=b" " * (LARGEST_BODY + 1))
        assert f"at most {LARGEST_BODY} bytes" in is_problem(whole, 413)["detail"]
        is_problem(await caller.post("/v1/leads", content=chunks()), 413)
        just = json.dumps(SUBMISSION).encode().ljust(LARGEST_BODY)
        answered = await caller.post("/v1/leads", content=just, headers={"Content-Type": "application/json"})
        assert answered.status_code == 503  # Temporal is away; the body is not at fault


@pytest.mark.parametrize(
    "failure", [RuntimeError("secret of the house"), IntegrityError("secret of the house", None, ValueError())]
)
async def test_an_unforeseen_failure_tells_nothing_of_the_inside(
    house_without_temporal: House, failure: Exception
) -> None:
    @house_without_temporal.app.get("/broken")
    def fail() -> None:
        raise failure

    async with house_without_temporal.caller() as caller:
        answered = await caller.get("/broken")
    is_problem(answered, 500)
    assert "secret" not in answered.text


async def test_partners_are_added_and_corrected(house_without_temporal: House) -> None:
    entry = {"name": "Elbe", "contact_name": "Contact", "contact_email": "contact@elbe.example", "tier": "gold"}
    async with house_without_temporal.caller(Scope.ADMIN) as admin:
        is_problem(await admin.get("/v1/partners/elbe"), 404)
        added = await admin.put("/v1/partners/elbe", json=entry)
        assert (added.status_code, added.json()["track"]) == (201, "advisor")
        corrected = await admin.put("/v1/partners/elbe", json=entry | {"tier": "platinum"})
        assert corrected.status_code == 200
        assert corrected.json() == added.json() | {"tier": "platinum"}
        assert (await admin.get("/v1/partners/elbe")).json() == corrected.json()
        for wrong in (
            {"tier": "wood"},
            {"country": "us"},
            {"country": "UK"},
            {"joined_at": "2999-01-01T00:00:00Z"},
            {"id": "x"},
        ):
            is_problem(await admin.put("/v1/partners/elbe", json=entry | wrong), 422)
        is_problem(await admin.put("/v1/partners/-", json=entry), 422)
        # Nor is there a lowest tier on every track; what is left out is what the partner holds.
        for wrong in ({"track": "master", "tier": "partner"}, {"track": "advisor", "tier": "elite"}):
            problem = is_problem(await admin.put("/v1/partners/elbe", json=entry | wrong), 422)
            assert problem["errors"][0]["field"] == "tier"
        only_track = {name: said for name, said in entry.items() if name != "tier"} | {"track": "master"}
        is_problem(await admin.put("/v1/partners/new", json=only_track), 422)
        assert (await admin.put("/v1/partners/elbe", json=only_track)).json()["tier"] == "platinum"


@pytest.mark.parametrize("slug", list(KINDS))
async def test_every_kind_of_problem_is_explained(house_without_temporal: House, slug: str) -> None:
    async with house_without_temporal.caller() as reader:
        assert f'id="{slug}"' in (await reader.get("/problems")).text


def test_every_pattern_of_the_document_is_worded() -> None:
    """Nobody who mistypes an address is shown a regular expression."""

    def patterns(part: object) -> set[str]:
        match part:
            case dict():
                own = {part["pattern"]} if isinstance(part.get("pattern"), str) else set()
                return own.union(*(patterns(value) for value in part.values()))
            case list():
                return set().union(*(patterns(value) for value in part))
        return set()

    assert patterns(DOCUMENT) <= set(SHAPES)
