"""The registry on the command line: help, signatures, one sentence for each refusal."""

from pathlib import Path

import pytest

from core.models import registry
from tests.conftest import core

SIGNED = ("--by", "Kim", "--reason", "steadier in review")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder with two versions of a model, the second of them champion."""
    for text in ("one", "two"):
        folder = tmp_path / text
        folder.mkdir()
        (folder / "model.json").write_text(f'{{"text": "{text}"}}', encoding="utf-8")
        decision = registry.settle(tmp_path / "models", "default", folder, {"data_hash": text})
        registry.confirm(tmp_path / "models", decision)
    return tmp_path


def test_list_of_an_empty_folder_is_an_empty_table(tmp_path: Path):
    assert core(tmp_path, "models", "list").returncode == 0
    assert not (tmp_path / "models").exists()


def test_promote_rollback_and_release_are_printed_and_recorded(data_dir: Path):
    for command, text in (
        (("promote", "default", "v1", *SIGNED), "v1 is champion and held, instead of v2"),
        (("rollback", "default", *SIGNED), "v2 is champion again and held"),
        (("release", "default", *SIGNED), "v2 is no longer held"),
    ):
        process = core(data_dir, "models", *command)
        assert process.returncode == 0, process.stderr
        assert text in process.stdout
        assert "next `python -m core build`" in " ".join(process.stdout.split())
    history = registry.state(data_dir / "models", "default").history
    assert [event["action"] for event in history][2:] == ["promote", "rollback", "release"]


def test_show_prints_the_champion_and_any_other_version(data_dir: Path):
    assert '"version": "v2"' in core(data_dir, "models", "show", "default").stdout
    assert '"data_hash": "one"' in core(data_dir, "models", "show", "default", "v1").stdout


@pytest.mark.parametrize(
    ("command", "code", "text"),
    [
        (("promote", "../builds", "v1", *SIGNED), 1, "is no name of a model"),
        (("promote", "default", "../v1", *SIGNED), 1, "is no version"),
        (("promote", "default", "v9", *SIGNED), 1, "no default v9"),
        (("promote", "default", "v1", "--by", " ", "--reason", "x"), 1, "--by"),
        (("promote", "default", "v1"), 2, "--by"),
        (("release", "default", *SIGNED), 1, "is not held"),
        (("show", "churn"), 1, "there is no churn champion"),
    ],
)
def test_a_refusal_is_one_sentence_and_an_exit_code(data_dir: Path, command: tuple, code: int, text: str):
    process = core(data_dir, "models", *command)
    assert process.returncode == code
    assert text in " ".join(process.stderr.split())
    assert "Traceback" not in process.stderr
