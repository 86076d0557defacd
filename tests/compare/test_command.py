"""`python -m core train` as a user runs it."""

from pathlib import Path

import pandas as pd

from tests.compare.tables import loans
from tests.conftest import core


def test_the_command_prints_the_comparison_and_writes_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "내 표.csv"
    frame = loans(300).assign(outcome=lambda rows: rows["bad"].map({0: "No", 1: "Yes"})).drop(columns="bad")
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    out = tmp_path / "out"
    done = core(tmp_path, "train", "--table", str(path), "--label", "outcome", "--out", str(out), "--seconds", "0")
    assert done.returncode == 0, done.stderr
    assert "not out of time: no time column was named" in done.stdout
    assert "label outcome: Yes is the event, No is not" in done.stdout
    assert len(pd.read_parquet(out / "predictions.parquet")) == 300


def test_a_wrong_column_is_one_sentence_and_exit_code_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    loans(50).to_csv(path, index=False)
    done = core(tmp_path, "train", "--table", str(path), "--label", "nope", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "t.csv has no column 'nope' (--label); it has debt, sales" in done.stderr


def test_options_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    done = core(tmp_path, "train", "--label", "y")
    assert done.returncode == 1
    assert "--table is missing" in done.stderr
