"""Streamlit's scripts travel compressed, and only those."""

import urllib.error
import urllib.request

import brotli
import pytest

from tests.server import serve

pytestmark = pytest.mark.slow


def _get(url: str, encoding: str) -> tuple[dict, bytes]:
    request = urllib.request.Request(url, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return dict(answer.headers), answer.read()


@pytest.fixture(scope="module")
def served(demo_build):
    with serve(demo_build) as server:
        yield server


def _a_script(url: str) -> str:
    page = _get(f"{url}/", "identity")[1].decode()
    return url + "/static/js/" + page.split("/static/js/")[1].split('"')[0]


def test_a_script_arrives_smaller_and_unchanged(served):
    script = _a_script(served.url)
    plain, whole = _get(script, "identity")
    packed, small = _get(script, "gzip, br")
    assert packed["content-encoding"] == "br"
    assert "content-encoding" not in plain
    assert brotli.decompress(small) == whole
    assert len(small) < 0.5 * len(whole)


@pytest.mark.parametrize("path", ["/static/js/../../../requirements.txt", "/static/js/%2e%2e/%2e%2e/config.toml"])
def test_no_path_climbs_out_of_the_assets(served, path: str):
    assert b"streamlit==" not in _body(served.url + path)


def _body(url: str) -> bytes:
    try:
        return _get(url, "br")[1]
    except urllib.error.HTTPError as refused:
        return refused.read()
