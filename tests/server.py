"""The app as it runs for users: the real server in its own process, on a free port, over a built data folder."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE_RUN = re.compile(r"page=(\S+) build=\S+ ms=([\d.]+)")
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"  # no script run is under way
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Server:
    """A running app."""

    url: str
    log: Path
    pid: int

    def runs(self) -> list[tuple[str, float]]:
        """Page and milliseconds of every page run so far, from the server's own log."""
        return [(page, float(ms)) for page, ms in PAGE_RUN.findall(self.log.read_text(encoding="utf-8"))]

    def rss_mb(self) -> float:
        """Resident memory of the server process."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


@contextmanager
def serve(data_dir: Path) -> Iterator[Server]:
    """Start `streamlit run app.py` over `data_dir`, wait until it is ready, stop it at the end."""
    port = _free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".log", delete=False) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env=os.environ | {"BEACON_DATA_DIR": str(data_dir)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/api/ready", process, Path(log.name))
        yield Server(url, Path(log.name), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(url: str, process: subprocess.Popen, log: Path, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text(encoding='utf-8')[-2000:]}")
        try:
            urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError as answer:
            if answer.code == 503:  # ready to say that there is no build
                return
        except OSError:
            pass
        else:
            return
        time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer: {log.read_text(encoding='utf-8')[-2000:]}")
