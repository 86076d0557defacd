"""Pages as scripts (AppTest) and the app in a real browser (Playwright and Debian's Chromium), over the demo build."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect, sync_playwright
from streamlit.testing.v1 import AppTest

from core import db
from tests.server import CHROMIUM_FLAGS, IDLE, ROOT, Server, serve

CLICKS = 4  # of a person who sees that nothing happened
LOCALES = {"ko": "ko-KR", "en": "en-US"}
# Streamlit asks for these below a deep link first, and takes the 404 as the answer.
PROBES = ("/_stcore/health", "/_stcore/host-config")

Query = Callable[..., list[tuple]]

# The machine may be busy with other tests: what is right is waited for, what is wrong costs this long.
WAIT_MS = 30_000
expect.set_options(timeout=WAIT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on a machine at its limit may miss a time-out: such a test has a second run, shown as R."""
    for item in items:
        if "tab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
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
    at = AppTest.from_string(f"from pages.{name}.page import page; page()", default_timeout=60)
    return _run(at, language, params)


def run_frame(language: str = "ko", **params: str) -> AppTest:
    """The frame with the page that opens first."""
    at = AppTest.from_file(str(ROOT / "pages" / "frame.py"), default_timeout=60)
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
    page.set_default_timeout(2 * WAIT_MS)  # of a step, which may load a page
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
    """Wait until the script has run and the page is drawn: idle twice in a row, a click may take a while to arrive."""
    page.wait_for_timeout(200)
    for _ in range(2):
        page.wait_for_selector(IDLE, timeout=60_000)
        page.wait_for_timeout(250)


def eventually(page: Page, read: Callable[[], object], wanted: object) -> None:
    """Fail unless what is read from the page becomes the wanted value in time."""
    for _ in range(WAIT_MS // 250):
        if read() == wanted:
            return
        page.wait_for_timeout(250)
    assert read() == wanted


def click_table(page: Page, left: int, top: int, seen: Callable[[], bool]) -> None:
    """Click into the first table until it had its effect: a canvas takes clicks before it knows where its rows are."""
    table = page.get_by_test_id("stDataFrame").first
    for _ in range(CLICKS):
        table.scroll_into_view_if_needed()
        box = _at_rest(page, table)
        page.mouse.click(box["x"] + left, box["y"] + top)
        settle(page)
        if seen():
            return
    raise AssertionError(f"{CLICKS} clicks at {left}, {top} of the first table had no effect")


def _at_rest(page: Page, element: Locator) -> FloatRect:
    """Where the element is, once it has stopped moving."""
    before, box = None, element.bounding_box()
    while before != box or not box:
        page.wait_for_timeout(200)
        before, box = box, element.bounding_box()
    return box
