"""`python -m core fetch products`, run as a user would."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.sources.products.servers import (
    FINLIFE_KEY,
    FakeFinlife,
    Reply,
    deposit_option,
    deposit_row,
    error_answer,
    serving,
)


def _run(data_dir: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BEACON_")}
    return subprocess.run(
        [sys.executable, "-m", "core", "fetch", "products", *arguments],
        cwd=ROOT,
        env=inherited | {"BEACON_DATA_DIR": str(data_dir), "COLUMNS": "160", "BEACON_FETCH_PAUSE": "0.01"} | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_keys_it_says_which_catalogue_is_used_and_ends_well(tmp_path: Path):
    process = _run(tmp_path)
    assert process.returncode == 0, process.stderr
    assert "curated catalogue of 2026-11-21 is used" in process.stdout
    assert "BEACON_FINLIFE_KEY is not set" in process.stdout


def test_help_names_the_keys(tmp_path: Path):
    process = _run(tmp_path, "--help")
    assert process.returncode == 0
    assert "BEACON_FINLIFE_KEY" in process.stdout


def test_with_a_key_it_says_what_came(tmp_path: Path):
    fss = FakeFinlife()
    fss.add("depositProductsSearch", deposit_row(), deposit_option("12", 2.5, 3.0), deposit_option("24", 350.0, 360.0))
    with serving(fss) as server:
        process = _run(tmp_path, BEACON_FINLIFE_KEY=FINLIFE_KEY, BEACON_FINLIFE_URL=server.url)
    assert process.returncode == 0, process.stderr
    assert "busiLoanProductsSearch" in process.stdout
    assert "left out: depositProductsSearch optionList row 2: intr_rate is 350.0" in process.stdout
    assert (tmp_path / "external" / "products" / "finlife_offers.parquet").exists()


def test_a_refused_key_is_exit_code_1_and_one_sentence_without_the_key(tmp_path: Path):
    with serving(FakeFinlife()) as server:
        server.queued_replies.append(Reply(error_answer("010", "미등록 인증키")))
        process = _run(tmp_path, BEACON_FINLIFE_KEY=FINLIFE_KEY, BEACON_FINLIFE_URL=server.url)
    assert process.returncode == 1
    assert "010, unknown key (미등록 인증키): check BEACON_FINLIFE_KEY" in process.stdout
    assert "what was kept before is still used" in process.stderr
    assert "Traceback" not in process.stderr
    assert FINLIFE_KEY not in process.stdout + process.stderr
