"""One small real bank for all tests: made by the demo generator, read by the loaders, built by the build."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"
# Enough defaults for the PD model to be trained, few enough for the tests to stay quick.
BUSINESSES = 3_000
STATEMENTS = "statements.jsonl"


def core(
    data_dir: Path, *arguments: str, timeout: float = 300, program: tuple[str, ...] = ("core",)
) -> subprocess.CompletedProcess:
    """Run `python -m core …` on a data folder, as a user would."""
    return subprocess.run(
        [sys.executable, "-m", *program, *arguments],
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
    return _own_copy(tmp_path_factory, "demo", "demo", "--businesses", str(BUSINESSES))


@pytest.fixture(scope="session")
def demo_build(demo_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with a published build; BEACON_DATA_DIR points to it for the whole session."""
    data_dir = _own_copy(tmp_path_factory, "build", "build", start=demo_raw)
    before = os.environ.get("BEACON_DATA_DIR")
    os.environ["BEACON_DATA_DIR"] = str(data_dir)
    yield data_dir
    os.environ.pop("BEACON_DATA_DIR") if before is None else os.environ.update(BEACON_DATA_DIR=before)


def _own_copy(factory: pytest.TempPathFactory, name: str, *command: str, start: Path | None = None) -> Path:
    """This worker's copy of the data folder that a command of `core` leaves behind.

    The command runs once for all workers (pytest-xdist gives them folders beside each other): the first to come
    runs it, the others wait for it.
    """
    own = factory.getbasetemp()
    common = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / f"common_{name}"
    with FileLock(f"{common}.lock"):
        if not common.exists():
            draft = common.with_name(f"{common.name}.draft")
            shutil.rmtree(draft, ignore_errors=True)
            _copy(start, draft) if start else draft.mkdir()
            # The same commands, with every statement of the build written down for tests/test_tables.py.
            program = ("tests.statement_log", str(draft / STATEMENTS))
            done = core(draft, *command, timeout=1_200, program=program)
            assert done.returncode == 0, done.stderr
            draft.rename(common)
    copy = factory.mktemp(name) / "data"
    _copy(common, copy)
    return copy


def _copy(source: Path, target: Path) -> None:
    """A data folder again; the builds, which nobody writes to once they are published, as links."""
    shutil.copytree(source, target, ignore=lambda folder, _: ["builds"] if Path(folder) == source else [])
    if (source / "builds").exists():
        shutil.copytree(
            source / "builds", target / "builds", copy_function=os.link, ignore=shutil.ignore_patterns("LOCK")
        )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real city files; not in the repository, so a test that needs them is skipped elsewhere."""
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not here: the real city files are not part of the repository")
    return SHARED
