"""axe-core, which checks a page as assistive technology would meet it."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Page

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def axe() -> str:
    """The program of axe-core."""
    found = find_spec("axe_playwright_python")
    assert found is not None, "axe-playwright-python is missing: make install"
    assert found.origin is not None
    return (Path(found.origin).parent / "axe.min.js").read_text()


async def complaints(page: Page) -> list[str]:
    """What axe-core finds on the page, in both color schemes."""
    found: list[str] = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.evaluate(axe())
        violations: list[dict[str, Any]] = (await page.evaluate("axe.run()"))["violations"]
        found += [f"{scheme}: {each['id']} ({each['impact']}): {each['nodes'][0]['html']}" for each in violations]
    return found
