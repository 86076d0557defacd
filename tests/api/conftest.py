"""One API for all tests: it starts without a build, then serves the demo build when that is published."""

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from core import db
from tests.api.server import Api, serve, wait_for


def publish(build: Path, builds: Path, build_id: str) -> None:
    """Publish a build under another id: its files are linked, not copied."""
    for file in build.rglob("*"):
        if file.is_file():
            target = builds / build_id / file.relative_to(build)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, target)
    db.publish(builds, build_id)


@pytest.fixture(scope="session")
def served_build(demo_build: Path) -> Path:
    """Folder of the demo's build."""
    builds = demo_build / "builds"
    return builds / db.current_build(builds)


@pytest.fixture(scope="session")
def book(served_build: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build's tables, to compare answers with."""
    with db.open_build(served_build.parent, served_build.name) as con:
        yield con


@pytest.fixture(scope="session")
def empty_answers() -> dict[str, tuple[int, dict]]:
    """Responses from before there was a build: path -> status and content."""
    return {}


@pytest.fixture(scope="session")
def api(served_build: Path, tmp_path_factory: pytest.TempPathFactory, empty_answers: dict) -> Iterator[Api]:
    """The API with its own data folder, in which the demo build was published."""
    data_dir = tmp_path_factory.mktemp("api")
    with serve(data_dir) as running:
        for path in ("/health", "/ready", "/v1/businesses/B0000001"):
            answer = running.get(path)
            empty_answers[path] = answer.status_code, answer.json()
        publish(served_build, data_dir / "builds", "first")
        wait_for(lambda: running.get("/ready").status_code == 200)
        yield running
