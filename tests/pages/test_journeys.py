"""What only a real browser can break: clicks on a map and a canvas, the URL, Back, downloads, an offline network."""

import csv
import io
import re
from urllib.parse import parse_qs, urlparse

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.pages.conftest import click_table, eventually, settle

pytestmark = pytest.mark.slow
BRANCH = "rm=branch-RM001"
ROW, HEAD = 35, 35  # pixels of a table row and of its heading; the table is a canvas


def _visit(tab: Page, url: str) -> None:
    tab.goto(url)
    settle(tab)
    tab.wait_for_timeout(600)  # plotly and the shapes


def _chosen(tab: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(tab.url).query).items()}


def _click_district(tab: Page, name: str) -> None:
    """Click on a district's name on the map."""
    box = tab.locator(
        ".scatterlayer text, .layer.frontplot text", has_text=re.compile(f"^{name}$")
    ).first.bounding_box()
    assert box
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] + 4)
    settle(tab)


def _open_row(tab: Page, row: int) -> None:
    click_table(tab, 50, HEAD + ROW * row + ROW // 2, lambda: urlparse(tab.url).path == "/business")


def _count(tab: Page) -> int:
    """The number in "n개 업체"."""
    words = tab.get_by_text(re.compile(r"^[\d,]+개 업체")).first.inner_text()
    return int(words.split("개")[0].replace(",", ""))


def test_from_the_map_to_a_business_and_back(tab, server, query):
    _visit(tab, f"{server.url}/districts?{BRANCH}")
    _click_district(tab, "종로")
    eventually(tab, lambda: _chosen(tab), {"rm": "branch-RM001", "district": "11110"})
    expect(tab.get_by_role("heading", name="종로구")).to_be_visible()

    tab.get_by_role("button", name="이 구의 업체 보기").click()
    settle(tab)
    tab.get_by_role("button", name="위험군").click()
    settle(tab)
    weak = query(
        "SELECT business_id, name FROM business_scores WHERE district_code = '11110' AND tier = 2 AND state <> 'CLOSED'"
        " AND branch = (SELECT branch FROM managers WHERE manager_id = 'RM001') ORDER BY score, business_id"
    )
    assert weak
    eventually(tab, lambda: _count(tab), len(weak))
    listed = tab.url

    _open_row(tab, 0)
    assert urlparse(tab.url).path == "/business"
    assert _chosen(tab)["id"] == weak[0][0]
    expect(tab.get_by_test_id("stMain").get_by_text(weak[0][1]).first).to_be_visible()

    tab.go_back()
    settle(tab)
    eventually(tab, lambda: urlparse(tab.url).path, "/businesses")
    assert {name: value for name, value in _chosen(tab).items() if name != "id"} == _in(listed)
    eventually(tab, lambda: _count(tab), len(weak))


def _in(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(url).query).items()}


def test_back_undoes_one_choice_at_a_time_and_forward_repeats_it(tab, server):
    _visit(tab, f"{server.url}/businesses?{BRANCH}")
    everyone = _count(tab)
    tab.get_by_role("button", name="매우위험").click()
    eventually(tab, lambda: _count(tab) < everyone, True)
    weakest = _count(tab)
    tab.get_by_role("button", name="적정").click()
    eventually(tab, lambda: weakest < _count(tab) < everyone, True)
    for step, count in ((tab.go_back, weakest), (tab.go_back, everyone), (tab.go_forward, weakest)):
        settle(tab)
        step()
        eventually(tab, lambda: _count(tab), count)


def test_the_selection_survives_reload_and_language_and_pages(tab, server):
    _visit(tab, f"{server.url}/businesses?{BRANCH}&tier=2-3&district=11140&sort=pd")
    count = _count(tab)
    tab.reload()
    settle(tab)
    eventually(tab, lambda: _count(tab), count)
    tab.get_by_text("English", exact=True).click()
    params = {"lang": "en", "rm": "branch-RM001", "tier": "2-3", "district": "11140", "sort": "pd"}
    eventually(tab, lambda: _chosen(tab), params)
    settle(tab)
    expect(tab.get_by_text(f"{count:,} businesses").first).to_be_visible()
    tab.get_by_role("link", name="Districts").click()
    settle(tab)
    expect(tab.get_by_role("heading", name="Jung-gu")).to_be_visible()
    tab.get_by_role("link", name="Businesses").click()
    settle(tab)
    expect(tab.get_by_text(f"{count:,} businesses").first).to_be_visible()


def test_a_menu_click_is_one_step_back(tab, server):
    _visit(tab, f"{server.url}/districts?{BRANCH}")
    tab.get_by_role("link", name="업체 목록").click()
    eventually(tab, lambda: urlparse(tab.url).path, "/businesses")
    settle(tab)
    tab.go_back()
    eventually(tab, lambda: urlparse(tab.url).path, "/districts")


def test_clicks_in_quick_succession_are_all_kept(tab, server):
    _visit(tab, f"{server.url}/businesses?{BRANCH}")
    for tier in ("매우위험", "위험군", "적정"):
        tab.get_by_role("button", name=tier, exact=True).click()
    eventually(tab, lambda: _chosen(tab).get("tier"), "1-2-3")


def test_the_second_page_opens_its_own_rows(tab, server, query):
    _visit(tab, f"{server.url}/businesses?{BRANCH}&page=2")
    _open_row(tab, 2)
    ids = query(
        "SELECT business_id FROM business_scores WHERE state <> 'CLOSED' AND branch ="
        " (SELECT branch FROM managers WHERE manager_id = 'RM001') ORDER BY score NULLS LAST, business_id LIMIT 53"
    )
    assert _chosen(tab)["id"] == ids[52][0]


def test_search_finds_a_korean_name(tab, server, query, manager):
    name = query("SELECT name FROM business_scores WHERE manager_id = $m AND state = 'OK' LIMIT 1", m=manager)[0][0]
    _visit(tab, f"{server.url}/businesses")
    tab.get_by_label("업체명 검색").fill(name)
    tab.keyboard.press("Enter")
    settle(tab)
    eventually(tab, lambda: _chosen(tab), {"q": name})
    assert _count(tab) >= 1


@pytest.mark.parametrize("page", ["", "today", "districts", "businesses", "business", "compare", "churn", "data"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_opens_by_its_address(tab, server, page, theme):
    tab.emulate_media(color_scheme=theme)
    _visit(tab, f"{server.url}/{page}?{BRANCH}")
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    expect(tab.get_by_text("데모 데이터").first).to_be_visible()


def test_the_csv_holds_the_filtered_list(tab, server):
    _visit(tab, f"{server.url}/businesses?{BRANCH}&tier=1")
    count = _count(tab)
    with tab.expect_download() as caught:
        tab.get_by_role("button", name="CSV 저장").click()
    text = caught.value.path().read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == count
    assert {row["등급"] for row in rows} == {"매우위험"}
    assert {row["기준일"] for row in rows} == {"2024-12-31"}


def test_the_workbook_holds_the_filtered_list(tab, server):
    _visit(tab, f"{server.url}/businesses?{BRANCH}&tier=1")
    count = _count(tab)
    with tab.expect_download() as caught:
        tab.get_by_role("button", name="엑셀 저장").click()
    sheet = load_workbook(io.BytesIO(caught.value.path().read_bytes())).worksheets[0]
    assert sheet.max_row == count + 1


def test_nothing_is_wider_than_a_telephone(tab, server):
    tab.set_viewport_size({"width": 390, "height": 844})
    for page in ("today", "districts", "businesses", "business", "compare", "churn", "data"):
        _visit(tab, f"{server.url}/{page}?{BRANCH}")
        main = tab.get_by_test_id("stMain")
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth"), page
