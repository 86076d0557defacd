"""Seconds that the 79 revenue models take on the demo bank, and their accuracy there."""

import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from core import db
from core.models.forecast.bank import run


def measure(data_dir: Path) -> dict[str, Any]:
    """Wall and CPU seconds of fits, weights, intervals and forecasts; WAPE and coverage out of time."""
    builds = data_dir / "builds"
    served = builds / db.current_build(builds) / db.DATABASE
    with db.connect() as con, tempfile.TemporaryDirectory() as folder:
        con.execute(f"ATTACH '{served}' AS served (READ_ONLY)")
        con.execute("SET search_path = 'memory,served'")
        as_of = date.fromisoformat(con.execute("SELECT value FROM build_info WHERE key = 'as_of'").fetchall()[0][0])
        started, cpu = time.monotonic(), time.process_time()
        run.train(con, Path(folder), as_of)
        seconds = {"wall seconds": time.monotonic() - started, "CPU seconds": time.process_time() - cpu}
        return {"seconds": seconds} | _accuracy(con)


def _accuracy(con: db.Connection) -> dict[str, Any]:
    accuracy = (
        "SELECT model, horizon, wape FROM memory.forecast_accuracy WHERE level = 'all' AND period = 'all' ORDER BY 2, 3"
    )
    coverage = "SELECT horizon, nominal, coverage FROM memory.forecast_coverage WHERE level = 'all' AND period = 'all'"
    used, source = con.execute("SELECT used_models, served FROM memory.hierarchy_verdict").fetchall()[0]
    return {
        "wape": con.execute(accuracy).fetchall(),
        "held": con.execute(coverage + " ORDER BY ALL").fetchall(),
        "used": used,
        "served": source,
    }
