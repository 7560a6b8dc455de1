"""Reports on the staff's pages: the same page that the command writes, and nothing in it may run or be loaded."""

from sqlalchemy import Engine

from portal.staff_reports import MOST
from program.calendar import Half, program_date
from program.edition import LATEST
from reports.season import page
from tests.portal.conftest import House, away, compose
from tests.reports.half_year import make


async def test_staff_see_the_report_that_the_command_writes(engine: Engine) -> None:
    make(engine, 1)
    app = compose(engine, away())
    now = app.state.portal.now()
    half = Half.of(program_date(now))
    async with House(app, engine).caller() as staff:
        listed = await staff.get("/reports")
        shown = await staff.get(f"/reports/{half.previous()}")
        assert (await staff.get(f"/reports/{half.next()}")).status_code == 404
        assert (await staff.get("/reports/2027-H3")).status_code == 422
    assert listed.text.count('href="/reports/2') == MOST
    assert f'href="/reports/{half}"' in listed.text
    assert shown.text == page(engine, half.previous(), now=now, rules=LATEST)
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
