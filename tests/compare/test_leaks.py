"""Columns that know the outcome are named; those that are the outcome are left out."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.compare import columns, leaks
from core.compare.comparison_data import prepare
from core.compare.table import Options, Table
from tests.compare.tables import loans, table


def codes(frame: pd.DataFrame, times: pd.Series | None = None) -> dict[str, str]:
    features, _ = columns.features(frame, tuple(name for name in frame.columns if name != "bad"), ())
    return {notice.column: notice.code for notice in leaks.notices(features, frame["bad"].to_numpy(float), times)}


def test_a_copy_of_the_label_is_left_out() -> None:
    frame = loans().assign(status=lambda rows: np.where(rows["bad"] == 1, "lost", "paid"))
    assert codes(frame)["status"] == "maps_label"
    data = prepare(table(frame), Options())
    assert "status" not in data.features.names
    assert [row["column"] for row in data.dropped] == ["status"]


def test_a_date_that_only_events_have_is_left_out() -> None:
    frame = loans().assign(ended=lambda rows: np.where(rows["bad"] == 1, 15000.0 + np.arange(len(rows)) % 97, np.nan))
    assert codes(frame)["ended"] == "maps_label"


def test_a_nearly_perfect_column_is_kept_with_a_warning() -> None:
    noise = np.random.default_rng(0).normal(size=400)
    frame = loans().assign(arrears=lambda rows: 2.4 * rows["bad"] + noise)
    assert codes(frame)["arrears"] == "leak"


def test_a_leak_that_is_no_straight_line_is_found() -> None:
    spread = np.random.default_rng(0).choice([-1.0, 1.0], 400)
    near = np.random.default_rng(1).normal(size=400) * 0.05
    assert codes(loans().assign(v=lambda rows: spread * rows["bad"] + near))["v"] == "maps_label"


def test_chance_in_many_columns_of_few_rows_is_no_leak() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(50, 500)), columns=[f"v{place}" for place in range(500)])
    assert codes(frame.assign(bad=np.arange(50) % 2)) == {}


def test_dates_after_the_time_column_are_named() -> None:
    times = pd.Series(pd.date_range("2024-01-01", periods=400))
    later = times + pd.Timedelta(days=30)
    assert codes(loans().assign(settled=later), times)["settled"] == "date_after_time"


def test_a_column_asked_for_is_kept_whatever_it_knows() -> None:
    frame = loans().assign(status=lambda rows: rows["bad"] * 2)
    data = prepare(table(frame), Options(keep=("status",)))
    assert "status" in data.features.names


def test_the_outcomes_of_the_small_business_loans_are_found(shared_data: Path) -> None:
    frame = pd.read_csv(shared_data / "public" / "sba_california_case.csv")
    features = tuple(name for name in frame.columns if name not in ("Default", "Selected"))
    data = prepare(Table(frame, "Default", None, None, features), Options())
    dropped = {row["column"] for row in data.dropped}
    warned = {notice.column for notice in data.notices}
    assert {"MIS_Status", "ChgOffDate", "ChgOffPrinGr", "BalanceGross", "LoanNr_ChkDgt", "Name"} <= dropped
    assert {"MIS_Status", "ChgOffDate", "ChgOffPrinGr", "Term", "daysterm", "xx"} <= warned
    assert "SBA_Appv" in data.features.names
