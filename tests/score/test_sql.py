"""The SQL of the score, step by step: point in time, peers, shrinkage, states and caps."""

import re
from datetime import date

import pytest

from core import db
from core.config import CORE
from core.score import opportunity
from core.score.components import components
from tests.score.score_bank import AS_OF, M, Shop, bank, put, scored

FLAT = [M] * 24


def months_at(con: db.Connection, as_of: date, columns: str) -> list[tuple]:
    """Rows of score_months at `as_of`."""
    db.create_table(con, "score_months", "core/score/sql/score_months", {"as_of": as_of})
    return con.execute(f"SELECT {columns} FROM score_months ORDER BY business_id").fetchall()


def percentiles(con: db.Connection) -> dict[str, tuple]:
    """Industry percentile and number of peers by business."""
    db.create_table(con, "score_months", "core/score/sql/score_months", {"as_of": AS_OF})
    opportunity.create_components(con, "score_months", components)
    opportunity.create_peers(con)
    rows = con.execute("SELECT business_id, u_industry, peers FROM score_peers ORDER BY business_id").fetchall()
    return {row[0]: row[1:] for row in rows}


def grown(percent: float, **facts) -> Shop:
    """A shop whose last three months are `percent` above the months before."""
    return Shop([M] * 21 + [M * (1 + percent / 100)] * 3, **facts)


def test_months_are_in_their_columns_and_gaps_are_null():
    con = bank({"b": Shop([*range(1, 22), None, 23, 24])})
    assert months_at(con, AS_OF, "r_00, r_01, r_02, r_03, r_23") == [(24, 23, None, 21, 1)]


def test_window_is_24_calendar_months_also_at_the_end_of_february():
    con = bank({"b": Shop(list(range(1, 31)))}, as_of=date(2024, 2, 29))
    assert months_at(con, date(2024, 2, 29), "r_00, r_23") == [(30, 7)]
    assert months_at(con, date(2023, 2, 28), "r_00, r_17, r_18") == [(18, 1, None)]


def test_rows_that_arrive_later_are_not_used():
    con = bank({"b": Shop(FLAT)})
    con.execute("UPDATE revenue SET available_on = DATE '2025-01-05' WHERE month = DATE '2024-12-01'")
    assert months_at(con, AS_OF, "r_00, r_01") == [(None, M)]


def test_history_uses_what_was_known_on_each_day():
    con = bank({"b": Shop([M] * 20 + [0] * 4), "new": Shop([M] * 6, since=date(2024, 12, 1))})
    opportunity.history(con, [date(2024, 8, 31), AS_OF], "history")
    alone = {"b": Shop([M] * 20)}
    then = scored(bank(alone, as_of=date(2024, 8, 31)), date(2024, 8, 31))
    rows = con.execute("SELECT business_id, score FROM history WHERE as_of = DATE '2024-08-31'").fetchall()
    assert rows == [("b", then.loc["b", "score"])]
    assert con.execute("SELECT count(*) FROM history").fetchall() == [(3,)]


def test_progress_is_reported_for_every_month():
    reports = []
    con = bank({"b": Shop(FLAT)})
    opportunity.history(con, [date(2024, 11, 30), AS_OF], "history", lambda note, share: reports.append((note, share)))
    assert reports == [("2024-11-30", 0.5), ("2024-12-31", 1.0)]


def test_dates_scored_together_have_the_same_scores_as_alone(monkeypatch: pytest.MonkeyPatch):
    book = {f"b{place:02d}": Shop([M * (1 + (place * month) % 7 / 10) for month in range(30)]) for place in range(12)}
    con = bank(book, ln_si=[0.01 * month for month in range(30)])
    dates = [date(2024, 10, 31), date(2024, 11, 30), AS_OF]
    opportunity.history(con, dates, "together")
    monkeypatch.setattr(opportunity, "ROWS_AT_ONCE", 25)
    opportunity.history(con, dates, "apart")
    assert con.execute("FROM together EXCEPT FROM apart").fetchall() == []
    assert db.count(con, "together") == db.count(con, "apart") == 36


@pytest.mark.parametrize(
    ("status_on", "state"), [(None, "CLOSED"), (date(2024, 12, 31), "CLOSED"), (date(2025, 1, 1), "OK")]
)
def test_status_counts_from_its_day(status_on: date | None, state: str):
    scores = scored(bank({"b": Shop(FLAT, status="closed", status_on=status_on)}))
    assert scores.loc["b", "state"] == state


def test_business_that_is_not_yet_a_customer_has_no_row():
    con = bank({"b": Shop(FLAT), "later": Shop(FLAT, since=date(2025, 1, 2))})
    assert months_at(con, AS_OF, "business_id") == [("b",)]


def test_arrears_are_the_worst_loan_in_the_newest_month():
    con = bank({"b": Shop(FLAT, dpd=10), "paid": Shop(FLAT)})
    put(con, "loans", [{"loan_id": "second", "business_id": "b"}, {"loan_id": "third", "business_id": "b"}])
    at = {"available_on": AS_OF}
    put(con, "repayments", [{"loan_id": "second", "month": date(2024, 12, 1), "days_past_due": 45} | at])
    put(con, "repayments", [{"loan_id": "third", "month": date(2024, 11, 1), "days_past_due": 95} | at])
    assert months_at(con, AS_OF, "business_id, days_past_due") == [("b", 45), ("paid", None)]


def test_cell_without_an_index_takes_that_of_its_category():
    con = bank({"b": Shop(FLAT), "far": Shop(FLAT, region="R9")}, ln_si=[0.1] * 24)
    con.execute("UPDATE season_index SET ln_si = 0.7 WHERE region = ''")
    con.execute("DELETE FROM season_index WHERE region = 'R9'")
    assert months_at(con, AS_OF, "business_id, si_00, si_11") == [("b", 0.1, 0.1), ("far", 0.7, 0.7)]


def test_percentile_is_mid_rank_and_shrunk_to_the_category():
    ours = {f"a{place}": grown(place * 5) for place in range(5)}
    theirs = {f"z{place}": grown(-50, region="R2") for place in range(5)}
    percentile = percentiles(bank(ours | theirs))
    # best of 5 in its cell: (4 + .5) / 5 = .9; best of 10 in its category: 9.5 / 10 = .95
    assert percentile["a4"] == (pytest.approx((5 * 0.9 + 30 * 0.95) / 35), 5)
    # five ties at the bottom take the middle of their ranks: 2.5 / 5 in the cell, 2.5 / 10 in the category
    assert percentile["z0"] == (pytest.approx((5 * 0.5 + 30 * 0.25) / 35), 5)


def test_fewer_than_ten_peers_in_the_category_give_no_percentile():
    nine = {f"a{place}": grown(place) for place in range(9)}
    assert {percentile for percentile, _ in percentiles(bank(nine)).values()} == {None}
    assert None not in {percentile for percentile, _ in percentiles(bank(nine | {"a9": grown(9)})).values()}


def test_closed_businesses_and_those_with_missing_months_are_no_peers():
    book = {f"a{place}": grown(place) for place in range(10)}
    others = {"closed": grown(99, status="closed"), "gaps": Shop([M] * 18 + [None, M, None, M, None, M])}
    assert percentiles(bank(book | others)) == percentiles(bank(book))


def test_short_history_is_shrunk_to_its_cell_or_to_its_category():
    cell = {f"a{place}": grown(-place) for place in range(10)}
    few = {f"z{place}": grown(10 * place, region="R2") for place in range(8)}
    scores = scored(bank(cell | few | {"new": Shop([M] * 6), "far": Shop([M] * 6, region="R2")}))
    own, whole = scores.loc[[*cell, "new"], "score_raw"].median(), scores["score_raw"].median()
    assert own != whole
    assert scores.loc["new", ["shrink_lambda", "cell_median"]].tolist() == [0.5, own]
    # nine businesses in the cell R2 are too few for a median
    assert scores.loc["far", "cell_median"] == whole


@pytest.mark.parametrize(
    ("shop", "state", "flags"),
    [
        (Shop([0] * 12, status="closed", dpd=95), "CLOSED", {"ZERO_SALES", "ZERO_2M", "DPD_90"}),
        (Shop([M] * 20 + [None] * 4, status="suspended"), "INSUFFICIENT", {"MONTHS_MISSING", "SUSPENDED"}),
        (Shop([0] * 12, status="suspended"), "ZERO_SALES", {"ZERO_SALES", "SUSPENDED", "ZERO_2M"}),
        (Shop([M] * 22 + [0, 0], status="suspended", dpd=31), "SUSPENDED", {"SUSPENDED", "ZERO_2M", "DPD_30"}),
        (Shop([M] * 22 + [0, 0], dpd=29), "ZERO_2M", {"ZERO_2M"}),
    ],
)
def test_first_state_counts_and_flags_name_all(shop: Shop, state: str, flags: set[str]):
    row = scored(bank({"b": shop})).loc["b"]
    assert row["state"] == state
    assert flags <= set(row["flags"].split(","))


def test_lowest_cap_counts():
    scores = scored(bank({"b": grown(40, status="suspended", dpd=31), "late": grown(40, dpd=31), "fine": grown(40)}))
    assert scores.loc[["b", "late"], "score"].tolist() == [20, 40]
    assert scores.loc["fine", "score"] > 60


def test_files_use_only_sql_that_duckdb_and_spark_share():
    foreign = re.compile(r"\bqualify\b|\bexclude\b|::|\bdate_diff\b|\blist\(|\bstruct|\bunpivot\b|group by all", re.I)
    files = [
        path for path in (CORE / "score" / "sql").glob("*.sql") if not path.stem.startswith(("ledger", "score_ledger"))
    ]
    assert len(files) > 10
    assert [path.name for path in files if foreign.search(path.read_text(encoding="utf-8"))] == []
