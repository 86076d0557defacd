"""The pictures of the README, taken from the running app over the newest build: `make screenshots`.

`python -m tests.screenshots FOLDER` writes every page in both languages, both themes, wide and narrow to FOLDER.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from core.config import Settings
from tests.server import CHROMIUM_FLAGS, IDLE, ROOT, serve

PAGES = (
    "today",
    "districts",
    "businesses",
    "business",
    "offers",
    "segments",
    "churn",
    "lending",
    "payments",
    "models",
    "compare",
    "data",
)
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CHARTS_DRAWN = """() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')]
    .every(chart => chart.querySelector('.main-svg'))"""


def readme_pictures(browser: Browser, url: str) -> None:
    """docs/districts.png: the map, wide, light, English."""
    page = browser.new_page(viewport=WIDE, locale="en-US", color_scheme="light")
    _settle(page, f"{url}/districts?district=11290")
    page.screenshot(path=ROOT / "docs" / "districts.png")


def every_picture(browser: Browser, url: str, folder: Path, query: str = "") -> None:
    """One picture a page, language, theme and width."""
    folder.mkdir(parents=True, exist_ok=True)
    for locale in ("ko-KR", "en-US"):
        for theme in ("light", "dark"):
            for size in (WIDE, NARROW):
                page = browser.new_page(viewport=size, locale=locale, color_scheme=theme)
                for name in PAGES:
                    _settle(page, f"{url}/{name}{query}")
                    _whole_page(page, folder / f"{name}_{locale[:2]}_{theme}_{size['width']}.png", size)
                page.close()


def _settle(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(1_000)
    # Plotly comes with the first chart: a picture without its charts is no picture.
    page.wait_for_function(CHARTS_DRAWN, timeout=60_000)
    page.wait_for_timeout(500)


def _whole_page(page: Page, path: Path, size: dict) -> None:
    """The page scrolls inside a container: make the window as tall as its content."""
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(int(height) + 40, 6_000)})
    page.wait_for_timeout(600)
    page.screenshot(path=path)
    page.set_viewport_size(size)


def main(arguments: list[str]) -> None:
    """Take the README's picture, or all of them into a folder."""
    with serve(Settings.from_env().data_dir) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
        if arguments:
            every_picture(browser, server.url, Path(arguments[0]), *arguments[1:2])
        else:
            readme_pictures(browser, server.url)


if __name__ == "__main__":
    main(sys.argv[1:])
