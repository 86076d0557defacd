"""Server time of page runs over a large book, bytes to the browser, memory of many sessions, in a real browser."""

import statistics
from pathlib import Path

from playwright.sync_api import Browser, Page, Response, sync_playwright

from core import db
from tests.server import CHROMIUM_FLAGS, IDLE, Server, serve

ROUNDS = 12
SESSIONS = 20


def measure(data_dir: Path) -> dict[str, object]:
    """Figures by page: p50 and p95 of the server's milliseconds, megabytes of a first visit; memory of 20 sessions."""
    with serve(data_dir) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
        visits = _addresses(data_dir)
        first = {name: _megabytes(browser, server.url + paths[0]) for name, paths in visits.items()}
        times = {name: _times(browser, server, name, paths) for name, paths in visits.items()}
        times["business, offers and loan unfolded"] = _unfolded(browser, server, visits["business"])
        before = server.rss_mb()
        added = _many_sessions(browser, server) - before
    return {"times": times, "megabytes": first, "rss_mb": before, "sessions_mb": added}


def _addresses(data_dir: Path) -> dict[str, list[str]]:
    """Addresses to visit by page: every round another filter, manager or business, so that no cache answers."""
    builds = data_dir / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        managers = [row[0] for row in con.execute("SELECT manager_id FROM managers ORDER BY 1").fetchall()]
        districts = [row[0] for row in con.execute("SELECT district_code FROM districts ORDER BY 1").fetchall()]
        known = con.execute(
            "SELECT manager_id, min(business_id) FROM business_scores WHERE state = 'OK' GROUP BY ALL ORDER BY 1"
        ).fetchall()
        fours = con.execute(
            "SELECT manager_id, list(business_id ORDER BY business_id)[:4] FROM business_scores WHERE state = 'OK'"
            " GROUP BY ALL ORDER BY 1"
        ).fetchall()
    branch = f"branch-{managers[0]}"
    tiers = ["1", "2", "1,2", "3", "4", "5", "4,5", "1,5", "2,3", "3,4", "1,2,3", "2,5"]
    return {
        "today": [f"/today?rm={manager}" for manager in managers],
        "districts": [f"/districts?rm={branch}&district={district}" for district in districts],
        "businesses": [
            f"/businesses?rm={branch}&tier={tier}&district={district}"
            for tier, district in zip(tiers, districts, strict=False)
        ],
        "business": [f"/business?rm={manager}&id={business}" for manager, business in known],
        "compare": [f"/compare?rm={manager}&compare={'~'.join(four)}" for manager, four in fours],
        "churn": [f"/churn?rm={manager}" for manager in managers],
        "data": [f"/data?rm={manager}" for manager in managers],
    }


def _times(browser: Browser, server: Server, name: str, paths: list[str]) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="ko-KR")
    _open(page, server.url + paths[0])
    seen = len(server.runs())
    for path in paths[1 : ROUNDS + 1]:
        # The browser shares this machine's cores: let it finish drawing before the server is asked again.
        page.wait_for_timeout(1_000)
        _open(page, server.url + path)
    page.close()
    return _summary([ms for run, ms in server.runs()[seen:] if run == name])


def _unfolded(browser: Browser, server: Server, paths: list[str]) -> dict[str, float]:
    """The business page with its recommendations, the rules of every other product and a sized loan all drawn."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="ko-KR")
    times = []
    for path in paths[: ROUNDS + 1]:
        _open(page, server.url + path)
        for fold in ("sizing", "why_not"):
            runs = len(server.runs())
            page.locator(f".st-key-{fold} summary").click()
            while len(server.runs()) == runs:
                page.wait_for_timeout(100)
            page.wait_for_selector(IDLE, timeout=60_000)
        times.append(server.runs()[-1][1])
    page.close()
    return _summary(times[1:])


def _summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "runs": len(ordered),
        "p50_ms": statistics.median(ordered),
        "p95_ms": ordered[int(0.95 * (len(ordered) - 1))],
    }


def _megabytes(browser: Browser, address: str) -> float:
    """Bytes that travel for a first visit: answers as they come over the wire, and websocket frames."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ko-KR")
    page = context.new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(_wire(request.response())))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))))
    _open(page, address)
    page.wait_for_timeout(1_500)
    context.close()
    return sum(sizes) / 1e6


def _wire(response: Response | None) -> int:
    if response is None:
        return 0
    return response.request.sizes()["responseBodySize"]


def _many_sessions(browser: Browser, server: Server) -> float:
    """Resident memory of the server with 20 sessions open on the business list."""
    contexts = [browser.new_context() for _ in range(SESSIONS)]
    for index, context in enumerate(contexts):
        _open(context.new_page(), f"{server.url}/businesses?page={index + 1}")
    memory = server.rss_mb()
    for context in contexts:
        context.close()
    return memory


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(IDLE, timeout=60_000)
