"""Seconds of dividing 50,000 businesses anew, as the page Segments does on a click."""

import statistics
import time
from pathlib import Path

from core import db
from core.models.segments import model

ROWS = 50_000
RUNS = 5
TRIED = (("income", "growth", "borrowing"), ("income", "spend", "risk", "cushion", "volatility", "products"))
# Copies differ by 5 % of a won amount and a little of everything else: the same point five times is no larger bank.
JITTER = 0.05


def measure(data_dir: Path, rows: int = ROWS) -> dict[str, dict[str, float]]:
    """Median and longest seconds by number of features, over a book of so many open businesses; k is proposed."""
    folder = data_dir / "builds" / db.current_build(data_dir / "builds")
    with db.connect(memory_limit="2GB") as con:
        con.execute(f"ATTACH '{folder / db.DATABASE}' AS served (READ_ONLY)")
        con.execute("SET search_path = 'memory,served'")
        _repeat(con, rows)
        return {f"{len(features)} features": _times(con, features) for features in TRIED}


def _repeat(con: db.Connection, rows: int) -> None:
    known = db.count(con, "served.segment_inputs WHERE state = 'OPEN'")
    copies = -(-rows // known)
    con.execute("SELECT setseed(0.5)")
    noisy = ", ".join(f"{name} + {JITTER} * (random() - 0.5) AS {name}" for name in model.FEATURES)
    con.execute(
        f"CREATE TABLE segment_inputs AS SELECT * REPLACE ({noisy}) FROM served.segment_inputs, range({copies}) "
        f"WHERE state = 'OPEN' ORDER BY business_id LIMIT {rows}"
    )


def _times(con: db.Connection, features: tuple[str, ...]) -> dict[str, float]:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        model.recluster(con, features, None, None, lambda *_: None)
        times.append(time.perf_counter() - started)
    return {"median": statistics.median(times), "longest": max(times), "rows": float(db.count(con, "segment_inputs"))}
