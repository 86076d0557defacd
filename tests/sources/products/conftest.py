"""Running servers and clients that ask them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core import calendar
from core.sources.products import finlife, nh
from core.sources.products.http import HttpClient, SecretMask
from tests.sources.products.servers import FINLIFE_KEY, NH_TOKEN, FakeFinlife, FakeNh, Server, serving

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=calendar.SEOUL)


@pytest.fixture
def http() -> Iterator[HttpClient]:
    """A client of HTTP in a hurry."""
    with HttpClient(SecretMask([FINLIFE_KEY, NH_TOKEN]), timeout=0.4, pause=0.01) as http:
        yield http


@pytest.fixture
def fss() -> FakeFinlife:
    """What the finlife server knows; a test fills it."""
    return FakeFinlife()


@pytest.fixture
def fss_server(fss: FakeFinlife) -> Iterator[Server]:
    with serving(fss) as server:
        yield server


@pytest.fixture
def fss_client(fss_server: Server, http: HttpClient) -> finlife.Client:
    return finlife.Client(http, FINLIFE_KEY, f"{fss_server.url}/finlifeapi")


@pytest.fixture
def bank() -> FakeNh:
    """What the NH server knows; a test fills it."""
    return FakeNh()


@pytest.fixture
def nh_server(bank: FakeNh) -> Iterator[Server]:
    with serving(bank) as server:
        yield server


@pytest.fixture
def nh_client(nh_server: Server, http: HttpClient, tmp_path: Path) -> nh.Client:
    return nh.Client(http, NH_TOKEN, "900001", "001", nh_server.url, tmp_path / "nh_serial", lambda: NOON)
