"""Pages as scripts (AppTest) and the app in a real browser (Playwright and Debian's Chromium), over the demo build."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.testing.v1 import AppTest

from core import db
from tests.server import CHROMIUM_FLAGS, IDLE, ROOT, Server, serve

LOCALES = {"ko": "ko-KR", "en": "en-US"}
# Streamlit asks for these below a deep link first, and takes the 404 as the answer.
PROBES = ("/_stcore/health", "/_stcore/host-config")

Query = Callable[..., list[tuple]]


@pytest.fixture
def query(demo_build: Path) -> Query:
    """Rows of a SQL text on the demo build, for what a page should show."""
    builds = demo_build / "builds"

    def rows(sql: str, **params: object) -> list[tuple]:
        with db.open_build(builds, db.current_build(builds)) as con:
            return con.execute(sql, params).fetchall()

    return rows


@pytest.fixture
def manager(query: Query) -> str:
    """The manager who is chosen when nothing else is."""
    return query("SELECT manager_id FROM managers ORDER BY branch COLLATE ko, name COLLATE ko, manager_id LIMIT 1")[0][
        0
    ]


def run_page(name: str, language: str = "ko", **params: str) -> AppTest:
    """A page's function, run once, as the frame would run it for these URL parameters."""
    at = AppTest.from_string(f"from pages import {name}; {name}.page()", default_timeout=60)
    return _run(at, language, params)


def run_frame(language: str = "ko", **params: str) -> AppTest:
    """The frame with the page that opens first."""
    at = AppTest.from_file(str(ROOT / "core" / "ui" / "frame.py"), default_timeout=60)
    return _run(at, language, params)


def _run(at: AppTest, language: str, params: dict[str, str]) -> AppTest:
    at.context = {"locale": LOCALES[language]}
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def texts(at: AppTest) -> list[str]:
    """Every piece of running text of a page."""
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.info, at.error)
    return [str(element.value) for kind in kinds for element in kind]


@pytest.fixture(scope="session")
def server(demo_build: Path) -> Iterator[Server]:
    """The app over the demo build."""
    with serve(demo_build) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A Korean tab, 1440 pixels wide; fails on a console error or a request that leaves the machine."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000}, locale="ko-KR")
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if _leaves(request.url) else None)
    yield page
    page.close()
    assert faults == []


def _is_fault(message) -> bool:
    return message.type == "error" and not str(message.location.get("url", "")).endswith(PROBES)


def _leaves(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


def settle(page: Page) -> None:
    """Wait until the script has run and the page is drawn."""
    page.wait_for_timeout(200)
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(300)
