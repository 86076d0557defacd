"""Running servers and clients that ask them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core import calendar
from core.sources.products import finlife, nh
from core.sources.products.http import Mask, Web
from tests.sources.products.servers import FINLIFE_KEY, NH_TOKEN, Finlife, Nh, Server, serving

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=calendar.SEOUL)


@pytest.fixture
def web() -> Iterator[Web]:
    """A client of HTTP in a hurry."""
    with Web(Mask([FINLIFE_KEY, NH_TOKEN]), timeout=0.4, pause=0.01) as web:
        yield web


@pytest.fixture
def fss() -> Finlife:
    """What the finlife server knows; a test fills it."""
    return Finlife()


@pytest.fixture
def fss_server(fss: Finlife) -> Iterator[Server]:
    with serving(fss) as server:
        yield server


@pytest.fixture
def fss_client(fss_server: Server, web: Web) -> finlife.Client:
    return finlife.Client(web, FINLIFE_KEY, f"{fss_server.url}/finlifeapi")


@pytest.fixture
def bank() -> Nh:
    """What the NH server knows; a test fills it."""
    return Nh()


@pytest.fixture
def nh_server(bank: Nh) -> Iterator[Server]:
    with serving(bank) as server:
        yield server


@pytest.fixture
def nh_client(nh_server: Server, web: Web, tmp_path: Path) -> nh.Client:
    return nh.Client(web, NH_TOKEN, "900001", "001", nh_server.url, tmp_path / "nh_serial", lambda: NOON)
