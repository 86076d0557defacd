"""All of it on one machine, as `make run-live` starts it: results come, and no process is left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.stream import local_servers
from core.stream.feed import Feed
from tests.conftest import ROOT
from tests.stream.conftest import wait_for


@pytest.mark.slow
@pytest.mark.long
def test_a_kill_ends_the_servers_the_worker_and_the_app_too(demo_build: Path, tmp_path: Path):
    environment, port = os.environ | {"BEACON_DATA_DIR": str(demo_build)}, local_servers.free_port()
    with (tmp_path / "log").open("w+") as log:
        command = [sys.executable, "-m", "core", "live", "--port", str(port), "--rate", "50"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        kafka = wait_for(lambda: _logged((tmp_path / "log").read_text(), "BEACON_KAFKA="), 120)
        feed = Feed(kafka).start()
        wait_for(feed.newest, 120)
        feed.stop()
        children = _children(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert len(children) >= 4  # broker, Redis, worker, app; the replay may be over
    wait_for(lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()], 10)


def _logged(log: str, name: str) -> str:
    return log.partition(name)[2].partition(" ")[0]


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
