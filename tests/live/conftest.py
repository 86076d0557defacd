"""A real Redis and a real broker for the session; a group of its own keeps each test's memory and positions apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.live import servers
from core.live.addresses import Addresses


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    with servers.broker(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    with servers.redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Addresses]:
    """A broker and a Redis of the test's own, to be killed and paused."""
    with servers.broker(tmp_path) as kafka, servers.redis_server(tmp_path) as memory:
        yield Addresses(f"127.0.0.1:{kafka.port}", f"redis://127.0.0.1:{memory.port}/0")


def redis_url(server: servers.Server, number: int = 0) -> str:
    return f"redis://127.0.0.1:{server.port}/{number}"
