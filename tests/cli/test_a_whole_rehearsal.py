"""`partnerflow rehearse` to its end, with the records of an installation; at its end stands the report."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from program.calendar import Half
from program.edition import LATEST
from records.database import open_database, reading
from records.migrate import migrate
from records.partners import put_partner
from records.tables import audit, processes
from rehearsal.cast import filled_up
from rehearsal.past import remember
from tests.cli.running import COMMAND, environment

HALF, SINCE = Half(2027, 1), datetime(2026, 12, 1, 15, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_an_installation_rehearses_its_half_year(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    engine = open_database(url)
    migrate(engine)
    partners = filled_up([], 8, 3, HALF, LATEST)
    for each in partners:
        put_partner(engine, each, now=SINCE)
    remember(engine, partners, seed=3, rules=LATEST, at=SINCE)
    report, kept = tmp_path / "report.html", tmp_path / "kept"

    done = subprocess.run(
        [*COMMAND, "rehearse", "2027-H1", "--seed", "3", "--report", str(report), "--directory", str(kept)],
        env=environment(PARTNERFLOW_DATABASE_URL=url), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "with 8 partners, 28 leads and 5 accounts, seed 3" in done.stdout
    for month in ("2027-02", "2027-03", "2027-04", "2027-05", "2027-06"):
        assert f"\n{month}-" in done.stdout, "no progress is shown"
    checked = re.search(r"(\d+) dates were checked against the calendar, none wrong\.", done.stdout)
    assert checked is not None
    assert int(checked[1]) > 50
    page = report.read_text(encoding="utf-8")
    assert page.count('src="data:image/') >= 5
    assert "<h1" in page
    assert ">28<" in page, "the leads of the funnel"

    records = open_database(f"sqlite:///{kept}/records.db")
    with reading(records) as connection:
        ended = connection.execute(select(audit.c.trigger).where(audit.c.process == "adjustment:2027-H1")).scalars()
        assert "run" in set(ended)
    with reading(engine) as connection:
        assert connection.execute(select(processes)).all() == [], "the installation is only read"
    records.dispose()
    engine.dispose()
