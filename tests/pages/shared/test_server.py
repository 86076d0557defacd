"""The server tells whether it can serve, follows a build that appears, and hides a bug from users only."""

import json
import shutil
import urllib.error
import urllib.request

import duckdb
import pytest
from playwright.sync_api import expect

from core import db
from tests.pages.conftest import settle
from tests.server import serve

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A server that was started before anything was built, and its data folder."""
    data_dir = tmp_path_factory.mktemp("empty")
    with serve(data_dir) as running:
        yield running, data_dir


def _ready(url: str) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(f"{url}/api/ready", timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, json.load(answer)


def _publish(demo_build, data_dir, name):
    """A copy of the demo build, published under `name`; its database."""
    build = data_dir / "builds" / name
    shutil.copytree(demo_build / "builds" / db.current_build(demo_build / "builds"), build)
    db.publish(data_dir / "builds", name)
    return build / db.DATABASE


def test_without_a_build_it_is_not_ready_and_says_what_to_do(empty):
    status, answer = _ready(empty[0].url)
    assert status == 503
    assert "python -m core build" in answer["message"]


def test_a_build_that_appears_makes_it_ready(empty, demo_build):
    server, data_dir = empty
    _publish(demo_build, data_dir, "first")
    status, answer = _ready(server.url)
    assert status == 200
    assert answer["build"] == "first"


def test_a_build_of_another_version_says_so(empty, demo_build, tab):
    server, data_dir = empty
    with duckdb.connect(str(_publish(demo_build, data_dir, "older"))) as con:
        con.execute("DROP TABLE business_scores")
    tab.goto(f"{server.url}/businesses")
    settle(tab)
    expect(tab.get_by_text("다른 버전의 프로그램이 만든 빌드입니다")).to_be_visible()


def test_a_bug_is_a_sentence_to_the_user_and_a_traceback_in_the_log(empty, demo_build, tab):
    server, data_dir = empty
    with duckdb.connect(str(_publish(demo_build, data_dir, "broken"))) as con:
        con.execute("UPDATE build_info SET value = 'soon' WHERE key = 'as_of'")
    tab.goto(f"{server.url}/businesses")
    settle(tab)
    expect(tab.get_by_text("처리 중 오류가 발생했습니다")).to_be_visible()
    assert "soon" not in tab.inner_text("body")
    log = server.log.read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "soon" in log
