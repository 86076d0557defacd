"""CPU of the PD with its drivers, and how much of the bands chance decides."""

import json
import time
from datetime import date
from pathlib import Path

from core import db
from core.models.classifier import cohorts, model_files
from core.models.classifier.problem import THREADS
from core.models.classifier.score import BATCH
from core.models.classifier.scorer import Scorer
from core.models.classifier.train import REPORT
from core.models.default.problem import DEFAULT

ROWS = 100_000


def measure(data_dir: Path) -> dict[str, object]:
    """CPU seconds for 100,000 businesses, and the trial figures of each candidate from the model's own report."""
    folder = data_dir / "builds" / db.current_build(data_dir / "builds")
    report = json.loads((folder / "models" / "default" / REPORT).read_text(encoding="utf-8"))
    info = json.loads((folder / "build.json").read_text(encoding="utf-8"))
    model = model_files.load(folder / "models" / "default")
    with db.connect() as con:
        con.execute(f"ATTACH '{folder / db.DATABASE}' AS served (READ_ONLY)")
        con.execute("SET search_path = 'memory,served'")
        cohorts.snapshot(con, DEFAULT, date.fromisoformat(info["as_of"]))
        cpu = _cpu_seconds(con, Scorer.of(model, True, THREADS))
    return {"cpu_seconds": cpu, "candidates": report["candidates"]}


def _cpu_seconds(con: db.Connection, scorer: Scorer) -> float:
    known = db.count(con, "cohort_snapshot WHERE state = 'OK'")
    copies = -(-ROWS // known)
    rows = f"SELECT cohort_snapshot.* FROM cohort_snapshot, range({copies}) WHERE state = 'OK' LIMIT {ROWS}"
    started = time.process_time()
    scored = sum(batch.num_rows for batch in scorer(con.cursor().sql(rows).to_arrow_reader(BATCH)))
    assert scored == ROWS
    return time.process_time() - started
