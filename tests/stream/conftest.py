"""A real Redis and a real broker for the session; a group for each test separates its keys and positions."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.stream import local_servers
from core.stream.topics import Addresses


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_servers.Server]:
    with local_servers.broker(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_servers.Server]:
    with local_servers.redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Addresses]:
    """A broker and a Redis for one test, which may kill and pause them."""
    with local_servers.broker(tmp_path) as kafka, local_servers.redis_server(tmp_path) as memory:
        yield Addresses(f"127.0.0.1:{kafka.port}", f"redis://127.0.0.1:{memory.port}/0")


def wait_for(read: Callable[[], Any], seconds: float = 30) -> Any:
    """What `read` returns, as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (value := read()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def redis_url(server: local_servers.Server, number: int = 0) -> str:
    return f"redis://127.0.0.1:{server.port}/{number}"
