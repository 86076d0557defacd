"""Milliseconds of what the business page works out when asked: a note as PDF, the rules of every product, a sized loan.

On a served build, over businesses of every tier; the first of each is left out, as it imports what the rest needs.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from core import db
from core.advice import lending, rules, schedule
from core.report import files
from pages.shared.text.report import ReportLanguage

BUSINESSES = 24
CHOSEN = """
    SELECT business_id, manager_id FROM business_scores WHERE state = 'OK' ORDER BY tier, hash(business_id)
"""


def measure(data_dir: Path) -> dict[str, dict[str, float]]:
    """Median and slowest of each and the median of its processor time, in milliseconds, by what is asked."""
    builds = data_dir / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        every = con.execute(CHOSEN).fetchall()
        some = every[:: max(1, len(every) // BUSINESSES)][: BUSINESSES + 1]
        return {
            "note as PDF": _times(lambda one: files.note(con, one[0], one[1], ReportLanguage("ko"), "pdf"), some),
            "brief as PDF": _times(lambda one: files.brief(con, one[1], ReportLanguage("ko"), "pdf"), some[:6]),
            "rules of every product": _times(lambda one: rules.eligibility(con, one[0]), some),
            "loan, schedule and stress": _times(lambda _: _loan(), some),
        }


def _loan() -> None:
    """What one move of a slider computes: the ceiling, 120 payments, the line of eleven stresses."""
    shop, asked = lending.Borrower(77_090_000, 0.126, 2_060_000), lending.LoanRequest(0.06, 120, grace_months=36)
    amount = lending.max_loan(shop, asked).amount_krw
    schedule.schedule(amount, asked)
    for step in range(10, 21):
        schedule.stress_test(shop, asked, amount, 0.02, step / 20)


def _times(call: Callable[[tuple[str, str]], object], some: list[tuple[str, str]]) -> dict[str, float]:
    times, used = [], []
    for one in some:
        started, busy = time.perf_counter(), time.process_time()
        call(one)
        times.append(1000 * (time.perf_counter() - started))
        used.append(1000 * (time.process_time() - busy))
    return {
        "median_ms": statistics.median(times[1:]),
        "most_ms": max(times[1:]),
        "cpu_ms": statistics.median(used[1:]),
        "runs": len(times) - 1,
    }
