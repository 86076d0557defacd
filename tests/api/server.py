"""Runs the API as in production: the real server in its own process, on a free port, with a data folder."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from core.api import keys
from core.stream.local_servers import free_port

ROOT = Path(__file__).parent.parent.parent
RATE = 5_000


@dataclass(frozen=True)
class Api:
    """A running API. `key` reads the whole bank and payments, `narrow` one manager's businesses and no payments."""

    url: str
    log: Path
    keys: Path
    key: str
    narrow: str
    pid: int

    def get(self, path: str, key: str | None = None, **more: Any) -> requests.Response:
        """The response to a GET."""
        return requests.get(self.url + path, headers=self._headers(key, more), timeout=60, **more)

    def post(self, path: str, content: Any, key: str | None = None, **more: Any) -> requests.Response:
        """The response to a POST of JSON."""
        return requests.post(self.url + path, json=content, headers=self._headers(key, more), timeout=60, **more)

    def _headers(self, key: str | None, more: dict[str, Any]) -> dict[str, str]:
        return {"X-API-Key": self.key if key is None else key} | more.pop("headers", {})

    def lines(self) -> list[dict[str, Any]]:
        """The log so far, one object a line."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@contextmanager
def serve(data_dir: Path, manager: str = "RM001") -> Iterator[Api]:
    """Run `python -m core serve` with `data_dir`; begins when it answers."""
    port = free_port()
    file = data_dir / keys.FILE
    wide, _ = keys.make(file, [keys.WHOLE_BANK], True, RATE, "tests")
    narrow, _ = keys.make(file, [manager], False, RATE, "tests")
    with tempfile.NamedTemporaryFile("w", suffix=".log", delete=False) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "core", "serve", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"BEACON_DATA_DIR": str(data_dir)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    api = Api(f"http://127.0.0.1:{port}", Path(log.name), file, wide, narrow, process.pid)
    try:
        wait_for(lambda: api.get("/health").status_code == 200)
        yield api
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until the condition holds; as long as the server does not answer it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"the condition did not hold within {seconds:.0f} s")
