"""The pages: what hostile partners type stays text, nothing runs, and nobody meets them by accident."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import Engine

from portal.callers import Scope
from portal.queues import process_link, queues
from records.mailbox import Delivered, deliver
from records.notes import Note, keep_note
from tests.portal.conftest import JOINED, SUBMISSION, House, away, compose
from tests.portal.test_actions import accepted
from tests.workflows.conftest import Server

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"


def is_a_page(response: httpx.Response) -> str:
    """The response is a page in which nothing can run."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert 'name="viewport"' in response.text
    for forbidden in ("<script", "<img", "onerror=alert(2)>"):
        assert forbidden not in response.text
    return response.text


async def test_the_start_page_leads_to_the_queues(house: House) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        await accepted(house, portal)
        page = is_a_page(await portal.get("/"))
        assert "<td>partner</td><td>1</td>" in page
        for queue in queues("http://ui.example", "default"):
            assert queue.link in page
        assert (await portal.get("/portal.css")).headers["content-type"].startswith("text/css")
        is_a_page(await portal.get("/problems"))


async def test_the_queues_are_lists_that_the_server_understands(temporal_server: Server) -> None:
    client = await temporal_server.client()
    links = [queue.link for queue in queues("http://ui.example/", "default")]
    links.append(process_link("http://ui.example", "default", "lead:abc"))
    for link in links:
        parts = urlsplit(link)
        assert (parts.netloc, parts.path) == ("ui.example", "/namespaces/default/workflows")
        await client.count_workflows(parse_qs(parts.query)["query"][0])


async def test_what_a_partner_typed_is_text_on_the_lead_page(house: House, engine: Engine) -> None:
    hostile = SUBMISSION | {"company": HOSTILE, "contact_name": HOSTILE, "note": HOSTILE}
    async with house.caller(Scope.PARTNER) as portal:
        lead_id = (await portal.post("/v1/leads", json=hostile)).json()["lead_id"]
        keep_note(engine, Note("n-1", f"lead:{lead_id}", "report_progress", HOSTILE, JOINED, HOSTILE))
        page = is_a_page(await portal.get(f"/leads/{lead_id}"))
        assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5
        assert "{{7*7}}" in page
        assert f"lead%3A{lead_id}" in page
        assert (await portal.get("/leads/nothing")).status_code == 404


async def test_the_lead_page_tells_the_whole_story(house: House) -> None:
    assert house.desk is not None
    async with house.caller(Scope.PARTNER) as portal, house.desk.working():
        lead_id = await accepted(house, portal)
        page = is_a_page(await portal.get(f"/leads/{lead_id}"))
    for told in ("Example Shop", "contact@shop.example", "Alster Commerce", "manager@vendor.example",
                 "Met at a trade fair.", "reviewer@vendor.example", "from in review to accepted", "fits well",
                 ):  # fmt: skip
        assert told in page


async def test_the_mailbox(house_without_temporal: House, engine: Engine) -> None:
    for number, to in enumerate(("contact@shop.example", "manager@vendor.example")):
        text = f"{HOSTILE}\nhttp://portal.example/confirm?x=1&y=2"
        mail = Delivered(f"<{number}/?#@mail>", to, HOSTILE, text, "<p>Words</p>", JOINED + timedelta(days=number))
        deliver(engine, mail)
    async with house_without_temporal.caller() as reader:
        page = is_a_page(await reader.get("/mailbox"))
        assert page.index("manager@vendor.example") < page.index("contact@shop.example")
        only = is_a_page(await reader.get("/mailbox", params={"to": "contact@shop.example"}))
        assert "manager@vendor.example" not in only
        path = only.partition('href="/mailbox/')[2].partition('"')[0]
        mail_page = is_a_page(await reader.get(f"/mailbox/{path}"))
        assert '<a href="http://portal.example/confirm?x=1&amp;y=2"' in mail_page
        html = await reader.get(f"/mailbox-html/{path}")
        assert (html.text, "sandbox" in html.headers["content-security-policy"]) == ("<p>Words</p>", True)
        assert (await reader.get("/mailbox/nothing")).status_code == 404


@pytest.mark.parametrize("unprintable", ["%00", "a%00b"])
async def test_no_mail_has_an_id_or_an_address_that_nobody_can_write(
    house_without_temporal: House, unprintable: str
) -> None:
    async with house_without_temporal.caller() as reader:
        for path in ("mailbox", "mailbox-html"):
            assert (await reader.get(f"/{path}/{unprintable}")).status_code == 404
        assert (await reader.get(f"/mailbox?to={unprintable}")).status_code == 200


@pytest.mark.parametrize(
    ("staff_pages", "mailbox", "served"), [(False, False, ()), (True, False, ("/",)), (True, True, ("/", "/mailbox"))]
)
async def test_pages_without_login_are_served_only_where_wanted(
    engine: Engine, staff_pages: bool, mailbox: bool, served: tuple[str, ...]
) -> None:
    house = House(compose(engine, away(), with_staff_pages=staff_pages, mailbox=mailbox), engine)
    async with house.caller() as reader:
        found = {path for path in ("/", "/mailbox") if (await reader.get(path)).status_code == 200}
        assert found == set(served)
        assert ("/mailbox" in (await reader.get("/")).text) is ("/mailbox" in served)


async def test_another_name_that_points_here_opens_no_page(house_without_temporal: House) -> None:
    async with house_without_temporal.caller() as reader:
        for host, status in (("evil.example", 404), ("localhost:8800", 200), ("127.0.0.1", 200), ("[::1]:80", 200)):
            assert (await reader.get("/", headers={"Host": host})).status_code == status, host
