"""A partner sees nothing of another one, and changes nothing: every endpoint and page of the portal is tried.

The routes are the application's own, so a new one is tried without being named here. One with a new kind of place in
its path fails until `path_of` says what stands there.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import Engine, select

from portal.callers import KeyedRoute, Scope
from portal.visitors import CSRF_FIELD, PartnerRoute, PublicRoute, StaffRoute, session_cookie
from records.accounts import acknowledge as acknowledge_account
from records.accounts import process_of
from records.accounts import submit as submit_account
from records.commits import write_commit
from records.database import reading
from records.leads import submit as submit_lead
from records.notes import Note, keep_note
from records.people import Person, put_person
from records.sign_ins import digest
from records.tables import metadata
from states.staff import Member, Role, StaffList
from tests.portal.conftest import JOINED, House, away, compose
from tests.portal.visiting import PAGES, session_of
from tests.records.making import commit, step

PARTNERS = ("alster", "isar", "weser")
STAFF = StaffList(staff=(Member(address="reviewer@vendor.example", roles=(Role.ADMIN,)),))

# What anybody may open, signed in or not. Nothing of a partner is there.
OPEN = {
    "/healthz", "/readyz", "/portal.css", "/problems", "/openapi.json", "/", "/me",
    "/sign-in", "/sign-in/{token}", "/sign-out", "/apply", "/apply/received",
}  # fmt: skip
# What opens by a signed link alone: the pages of clients, of applicants, who are no partners yet, and of two partners
# that become one.
BY_LINK = {
    "/client/{purpose}/{token}", "/client/{purpose}/{token}/new-link",
    "/my-application/{token}", "/my-application/{token}/{deed}", "/merger/{purpose}/{token}",
}  # fmt: skip
GUARDED = (KeyedRoute, PartnerRoute, StaffRoute)
# What a visit leaves behind of itself.
NOT_A_PARTNERS = {"idempotency", "sessions", "sign_ins", "api_keys", "outbox"}


@dataclass(frozen=True)
class Owned:
    """What belongs to a partner. `secret` stands in all of it, and nowhere else."""

    partner_id: str
    lead_id: str
    api_key: str
    secret: str

    @property
    def address(self) -> str:
        return f"contact@{self.partner_id}.example"


@pytest.fixture
def house(engine: Engine) -> House:
    return House(compose(engine, away(), staff=STAFF, mailbox=False), engine)


@pytest.fixture
def owned(engine: Engine) -> dict[str, Owned]:
    """Each partner has a lead, an account and somebody more who works for it."""
    return {name: _what_belongs_to(engine, name, number) for number, name in enumerate(PARTNERS)}


def _what_belongs_to(engine: Engine, name: str, number: int) -> Owned:
    secret = f"only-{name}-knows"
    lead_id, _ = submit_lead(
        engine, partner_id=name, company=secret, domain=f"{name}-client.example", contact_name=secret,
        contact_email=f"{secret}@client.example", note=secret, received_at=JOINED,
    )  # fmt: skip
    keep_note(engine, Note(f"note-{name}", f"lead:{lead_id}", "report_progress", name, JOINED, secret))
    write_commit(engine, commit(f"lead:{lead_id}", 1, step(), partner_id=name, state="accepted"), now=JOINED)
    api_key = f"Ab12C{number}"
    made = submit_account(
        engine, api_key=api_key, partner_id=name, contact_name=secret,
        contact_email=f"{secret}@client.example", received_at=JOINED,
    )  # fmt: skip
    acknowledge_account(engine, process_of(api_key, name), made.number)
    put_person(engine, name, Person("helper", secret, f"{secret}@{name}.example"))
    return Owned(name, lead_id, api_key, secret)


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, Any]]:
    """Method, path and route of everything that the application answers."""
    for route in iter_route_contexts(app.routes):
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD", "OPTIONS"}):
            yield method, str(route.path), getattr(route, "original_route", route)


def path_of(path: str, what: Owned) -> str:
    """The address of what belongs to a partner."""
    stands = {
        "partner_id": what.partner_id, "lead_id": what.lead_id, "api_key": what.api_key, "person_id": "helper",
        "application_id": "a1", "benefit_id": f"{what.partner_id}:badge",
        "token": "none", "deed": "withdrawal", "half": "2027-H1", "purpose": "confirm",
        "nomination_id": f"2027-H1:{what.partner_id}", "account": what.api_key,
    }  # fmt: skip
    named = re.findall(r"{(\w+)", path)
    assert set(named) <= set(stands), f"Say in path_of what belongs to a partner in {path}."
    return re.sub(r"{(\w+)[^}]*}", lambda place: stands[place[1]], path)


def body_of(app: FastAPI, method: str, path: str, what: Owned) -> dict[str, Any]:
    """A body that the endpoint would take from the partner itself: its own example, with that partner's ids."""
    operation = app.openapi()["paths"].get(path, {}).get(method.lower(), {})
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    names = [each.get("$ref", "") for each in (schema, *schema.get("anyOf", ()))]
    name = next(filter(None, names), "").rpartition("/")[2]
    examples = app.openapi()["components"]["schemas"].get(name, {}).get("examples", [{}])
    told = {"partner_id": what.partner_id, "lead_id": what.lead_id, "api_key": what.api_key}
    return {field: told.get(field, value) for field, value in examples[0].items()}


def all_rows(engine: Engine) -> str:
    """Everything that is kept, but what visits leave behind."""
    with reading(engine) as connection:
        kept = {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in metadata.sorted_tables
            if table.name not in NOT_A_PARTNERS
        }
    return json.dumps(kept, indent=0)


def reader(house: House, headers: dict[str, str]) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://portal.example", headers=headers)


async def answer(
    house: House, client: httpx.AsyncClient, method: str, path: str, what: Owned, *, secret: str = "", query: str = ""
) -> httpx.Response:
    """What somebody is answered who asks for what belongs to a partner."""
    if path.startswith("/v1/"):
        body = body_of(house.app, method, path, what) or None
        return await client.request(method, path_of(path, what) + query, json=body)
    form = {CSRF_FIELD: digest(f"csrf {secret}"), "text": "x", "company": "x", "website": "x.example"}
    form |= {"contact_name": "x", "contact_email": "x@x.example", "api_key": what.api_key}
    return await client.request(method, path_of(path, what), data=form if method == "POST" else None)


def test_every_route_is_guarded_or_open_on_purpose(house: House) -> None:
    for method, path, route in routes_of(house.app):
        if path in BY_LINK:
            continue
        if path in OPEN:
            assert not isinstance(route, GUARDED) or path == "/", path
            assert method == "GET" or isinstance(route, PublicRoute), path
        else:
            assert isinstance(route, GUARDED), (
                f"{method} {path} lets everybody in. Give its router the class KeyedRoute, PartnerRoute or StaffRoute, "
                "or, if nothing of a partner is there, name it in OPEN."
            )


@pytest.mark.parametrize("owner", PARTNERS)
async def test_no_key_of_another_partner_opens_anything(house: House, owned: dict[str, Owned], owner: str) -> None:
    mine, before = owned[owner], all_rows(house.engine)
    for other in set(PARTNERS) - {owner}:
        async with reader(house, {"Authorization": f"Bearer {house.key(*Scope, partner=other)}"}) as client:
            for method, path, _ in routes_of(house.app):
                for asked in ("", f"?partner_id={owner}"):
                    got = await answer(house, client, method, path, mine, query=asked)
                    where = f"{method} {path}{asked} with the key of {other}: {got.status_code} {got.text[:300]}"
                    assert mine.secret not in got.text, where
                    assert got.status_code < 500 or path == "/readyz", where
                    if "{" in path and path not in OPEN | BY_LINK:
                        not_asked = bool(asked) and "«partner_id» is unknown here" in got.text
                        assert got.status_code in (401, 403, 404, 405, 303) or not_asked, where
    assert all_rows(house.engine) == before


@pytest.mark.parametrize("owner", PARTNERS)
async def test_no_session_of_another_partner_opens_anything(house: House, owned: dict[str, Owned], owner: str) -> None:
    mine, before = owned[owner], all_rows(house.engine)
    for other in set(PARTNERS) - {owner}:
        secret = session_of(house.engine, owned[other].address)
        for method, path, _ in routes_of(house.app):
            async with reader(house, PAGES) as client:
                client.cookies.set(session_cookie(house.app.state.portal), secret)
                got = await answer(house, client, method, path, mine, secret=secret)
            where = f"{method} {path} in a session of {other}: {got.status_code} {got.text[:300]}"
            assert mine.secret not in got.text, where
            if "{partner_id}" in path and not path.startswith("/v1/"):
                assert got.status_code == 404, where
            if path == "/sign-out":
                secret = session_of(house.engine, owned[other].address)
        # Under its own name it gets no further with another's ids.
        for method, path, _ in routes_of(house.app):
            mixed = path.replace("{partner_id}", other)
            if mixed != path and "{" in mixed and not path.startswith("/v1/"):
                async with reader(house, PAGES) as client:
                    client.cookies.set(session_cookie(house.app.state.portal), secret)
                    got = await answer(house, client, method, mixed, mine, secret=secret)
                assert mine.secret not in got.text, f"{method} {mixed}"
                assert got.status_code == 404, f"{method} {mixed}: {got.status_code} {got.text[:300]}"
    assert all_rows(house.engine) == before


async def test_nobody_sees_anything_without_key_or_session(house: House, owned: dict[str, Owned]) -> None:
    before = all_rows(house.engine)
    for headers in (PAGES, {"Authorization": "Bearer pf_none_none"}):
        async with reader(house, headers) as client:
            for method, path, route in routes_of(house.app):
                got = await answer(house, client, method, path, owned["alster"])
                assert owned["alster"].secret not in got.text, f"{method} {path}"
                if isinstance(route, KeyedRoute):
                    assert got.status_code == 401, f"{method} {path}"
                elif isinstance(route, GUARDED) and headers is PAGES and path != "/":
                    assert got.headers["location"].startswith("/sign-in"), f"{method} {path}"
    assert all_rows(house.engine) == before


async def test_the_partner_itself_sees_all_of_it(house: House, owned: dict[str, Owned]) -> None:
    """The control: the same walk finds what it looks for."""
    mine = owned["alster"]
    secret = session_of(house.engine, mine.address)
    seen = {"key": 0, "session": 0}
    for method, path, route in routes_of(house.app):
        if method != "GET" or "{" not in path or not isinstance(route, APIRoute):
            continue
        for by, headers in (("key", {"X-Api-Key": house.key(*Scope, partner="alster")}), ("session", PAGES)):
            async with reader(house, headers) as client:
                if by == "session":
                    client.cookies.set(session_cookie(house.app.state.portal), secret)
                got = await answer(house, client, method, path, mine)
                seen[by] += mine.secret in got.text
    assert seen["key"] >= 4
    assert seen["session"] >= 4
