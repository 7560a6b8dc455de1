"""Take the picture of a half-year's report again, from records that are made at random.

python -m docs.report_screenshots
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import async_playwright

from docs.screenshots import FOLDER, chromium
from program.calendar import Half
from program.edition import LATEST
from records.database import open_database
from records.migrate import migrate
from reports.season import write
from tests.conftest import CHROMIUM_FLAGS
from tests.reports.half_year import make

HALF, ENDED = Half(2027, 1), datetime(2027, 8, 1, tzinfo=UTC)


async def main() -> None:
    """Write a report and photograph how it begins."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/records.db"
        migrate(url)
        engine = open_database(url)
        make(engine, 2)
        file = write(engine, HALF, Path(folder) / "report.html", now=ENDED, rules=LATEST)
        engine.dispose()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
            page = await browser.new_page(viewport={"width": 860, "height": 1100})
            await page.goto(file.as_uri())
            await page.screenshot(path=FOLDER / "report.png")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
