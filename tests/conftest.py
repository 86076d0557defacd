"""One small real bank for all tests: made by the demo generator, read by the loaders, built by the build."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"
# Enough defaults for the PD model to be trained, few enough for the tests to stay quick.
BUSINESSES = 3_000


def core(data_dir: Path, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess:
    """Run `python -m core …` on a data folder, as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        cwd=ROOT,
        env=os.environ | {"BEACON_DATA_DIR": str(data_dir), "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.fixture(scope="session")
def demo_raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the files of a demo bank, not yet built."""
    data_dir = tmp_path_factory.mktemp("demo")
    done = core(data_dir, "demo", "--businesses", str(BUSINESSES))
    assert done.returncode == 0, done.stderr
    return data_dir


@pytest.fixture(scope="session")
def demo_build(demo_raw: Path) -> Iterator[Path]:
    """A data folder with a published build; BEACON_DATA_DIR points to it for the whole session."""
    done = core(demo_raw, "build", timeout=1_200)
    assert done.returncode == 0, done.stderr
    before = os.environ.get("BEACON_DATA_DIR")
    os.environ["BEACON_DATA_DIR"] = str(demo_raw)
    yield demo_raw
    os.environ.pop("BEACON_DATA_DIR") if before is None else os.environ.update(BEACON_DATA_DIR=before)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real city files; not in the repository, so a test that needs them is skipped elsewhere."""
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not here: the real city files are not part of the repository")
    return SHARED
