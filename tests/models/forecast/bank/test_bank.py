"""Forecasts of the sales of a bank's businesses: no use of later data, a state for each business, notes on gaps."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import db
from core.models.forecast.accuracy import wape
from core.models.forecast.bank import accuracy, features, folds, model_files, run, series
from tests.models.forecast.bank.revenue_bank import bank as small_bank

AS_OF = date(2024, 9, 30)  # three months before the last one on file
FIGURES = ["revenue_krw", "low80", "high80", "low95", "high95"]


def forecasts(con: db.Connection) -> pd.DataFrame:
    return con.execute("FROM revenue_forecast").df().set_index(["business_id", "horizon"]).sort_index()


def alter(con: db.Connection) -> None:
    """Odd businesses: B00000 lacks its newest month, B00001 sold nothing in it, B00002 is five months on file, B00003
    two; B00004 is closed, B00005 closes after the day of the forecast, B00006 is suspended."""
    con.execute("DELETE FROM revenue WHERE business_id = 'B00000' AND month = '2024-09-01'")
    con.execute("UPDATE revenue SET revenue_krw = 0 WHERE business_id = 'B00001' AND month = '2024-09-01'")
    con.execute("DELETE FROM revenue WHERE business_id = 'B00002' AND month < '2024-05-01'")
    con.execute("DELETE FROM revenue WHERE business_id = 'B00003' AND month < '2024-08-01'")
    con.execute("UPDATE businesses SET status = 'closed', status_on = '2024-08-15' WHERE business_id = 'B00004'")
    con.execute("UPDATE businesses SET status = 'closed', status_on = '2024-11-15' WHERE business_id = 'B00005'")
    con.execute("UPDATE businesses SET status = 'suspended', status_on = '2024-08-15' WHERE business_id = 'B00006'")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[db.Connection, Path]]:
    """300 businesses with sales only, forecast as of a day that is not the last."""
    folder = tmp_path_factory.mktemp("revenue")
    with small_bank() as con:
        alter(con)
        run.train(con, folder, AS_OF)
        yield con, folder


def test_rows_after_the_day_of_the_forecast_change_no_forecast(
    trained: tuple[db.Connection, Path], tmp_path: Path
) -> None:
    con, _ = trained
    with small_bank() as past:
        alter(past)
        past.execute("DELETE FROM revenue WHERE month > $as_of OR available_on > $as_of", {"as_of": AS_OF})
        run.train(past, tmp_path, AS_OF)
        pd.testing.assert_frame_equal(forecasts(con), forecasts(past))


def test_every_business_has_three_months_ordered_by_manager(trained: tuple[db.Connection, Path]) -> None:
    con, _ = trained
    rows = con.execute("FROM revenue_forecast").df()
    assert len(rows) == 3 * 300
    assert rows["manager_id"].is_monotonic_increasing
    assert sorted(rows["month"].astype(str).unique()) == ["2024-10-01", "2024-11-01", "2024-12-01"]


def test_intervals_lie_within_each_other_around_the_forecast(trained: tuple[db.Connection, Path]) -> None:
    rows = forecasts(trained[0]).query("state == 'OK'")[["low95", "low80", "revenue_krw", "high80", "high95"]]
    assert rows.notna().all(axis=None)
    assert (rows.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_an_unknown_month_is_not_a_month_without_sales(trained: tuple[db.Connection, Path]) -> None:
    with small_bank() as whole:
        whole_book = series.load(whole, AS_OF)
    odd = series.load(trained[0], AS_OF)
    assert np.isnan(odd.sales.values[0, -1])
    assert odd.sales.values[1, -1] == 0
    season = series.season(trained[0], AS_OF)
    levels = [features.at_origin(book, season, book.sales.last).anchor[:2] for book in (whole_book, odd)]
    # The level is a median of three: neither an unknown month nor a zero takes it far.
    assert np.abs(levels[0] - levels[1]).max() < 0.3
    assert forecasts(trained[0]).loc["B00000", "state"].eq("OK").all()


def test_five_months_on_file_are_enough_and_two_are_not(trained: tuple[db.Connection, Path]) -> None:
    rows = forecasts(trained[0])
    assert rows.loc["B00002", FIGURES].notna().all(axis=None)
    assert rows.loc["B00003", "state"].eq("SHORT").all()
    assert rows.loc["B00003", FIGURES].isna().all(axis=None)


def test_closed_and_suspended_businesses_get_a_state_and_no_figure(trained: tuple[db.Connection, Path]) -> None:
    rows = forecasts(trained[0])
    assert rows.loc["B00004", "state"].eq("CLOSED").all()
    assert rows.loc["B00006", "state"].eq("SUSPENDED").all()
    assert rows.loc[["B00004", "B00006"], FIGURES].isna().all(axis=None)
    assert rows.loc["B00005", "state"].eq("OK").all()  # it closed later


def test_the_models_in_the_folder_give_the_same_forecast_again(trained: tuple[db.Connection, Path]) -> None:
    con, folder = trained
    before = forecasts(con)
    assert run.score(con, folder, AS_OF) == 900
    pd.testing.assert_frame_equal(before, forecasts(con))


def test_the_card_of_a_bank_with_sales_only_names_what_its_models_do_not_know(
    trained: tuple[db.Connection, Path],
) -> None:
    notes = " ".join(model_files.load(trained[1]).card["notes"])
    assert "no balances" in notes
    assert "no city files" in notes


def test_79_models_are_listed_with_what_each_inherits(trained: tuple[db.Connection, Path]) -> None:
    rows = trained[0].execute("FROM revenue_models").df()
    assert rows["level"].value_counts().to_dict() == {"local": 72, "regional": 6, "global": 1}
    small = rows[~rows["fitted"]]
    assert small["inherits"].notna().all()
    assert set(small["reason"]) == {"TOO_SMALL"}
    assert not small["used"].any()


def test_every_model_and_baseline_is_measured_on_the_same_rows(trained: tuple[db.Connection, Path]) -> None:
    rows = trained[0].execute("FROM forecast_accuracy WHERE level = 'all' AND period = 'all'").df()
    assert set(rows["model"]) == {
        *("combined", "global", "regional", "local"),
        *(*accuracy.BASELINES, "auto_theta"),
    }
    whole = rows[rows["model"] != "auto_theta"]
    assert (whole.groupby("horizon")["n"].nunique() == 1).all()


def test_the_served_model_is_the_one_of_the_verdict(trained: tuple[db.Connection, Path]) -> None:
    con, _ = trained
    verdict = con.execute("FROM hierarchy_verdict").df().iloc[0]
    assert set(con.execute("SELECT source FROM revenue_forecast WHERE state = 'OK'").df()["source"]) == {
        verdict["served"]
    }
    assert verdict["used_models"] == con.execute("SELECT count(*) FROM revenue_models WHERE used").fetchall()[0][0]


def test_a_figure_that_came_late_is_unknown_to_the_days_before_it() -> None:
    with small_bank(3, 24) as con:
        con.execute("UPDATE revenue SET available_on = '2021-06-30' WHERE month = '2021-03-01'")
        sales = series.load(con, date(2021, 12, 31)).sales
        march = series.index_of(date(2021, 3, 1))
        assert np.isnan(sales.known_at(march, 1)).all()
        assert not np.isnan(sales.known_at(march + 3, 4)[:, 0]).any()


def test_no_fold_is_fitted_on_an_outcome_that_was_not_known_at_its_cut() -> None:
    with small_bank(30, 60) as con:
        book = series.load(con, date(2024, 12, 31))
        rows = features.rows_of(
            book, series.season(con, date(2022, 12, 31)), range(book.sales.last - 20, book.sales.last)
        )
    cut = book.sales.last - 8
    fitted = rows.select(folds.trainable(rows, cut))
    assert fitted.month.max() <= cut
    assert fitted.period.max() < cut


def test_validation_outcomes_are_known_before_the_test_begins() -> None:
    plan = folds.plan(0, 71)
    assert plan.test is not None
    last_outcome = max(plan.validations) + folds.FOLD - 1 + max(features.HORIZONS)
    assert last_outcome <= plan.test


def test_a_book_of_eight_months_is_served_the_moving_average_without_intervals(tmp_path: Path) -> None:
    with small_bank(60, 8) as con:
        run.train(con, tmp_path, date(2020, 8, 31))
        rows = forecasts(con)
        month = con.execute(
            "SELECT avg(revenue_krw) FROM revenue WHERE business_id = 'B00007' AND month >= '2020-06-01'"
        )
        assert rows.loc[("B00007", 1), "revenue_krw"] == pytest.approx(month.fetchall()[0][0])
        assert set(rows["source"]) == {"baseline"}
        assert rows["low95"].isna().all()
        assert con.execute("SELECT reason FROM hierarchy_verdict").fetchall() == [
            ("too few months of sales for a model",)
        ]
        assert db.count(con, "revenue_models") == 79


def test_wape_counts_months_without_sales() -> None:
    # |8 - 10| + |3 - 0| over 10
    assert wape(np.array([8.0, 3.0]), np.array([10.0, 0.0])) == 0.5


@pytest.mark.slow
def test_the_demo_has_79_models_that_beat_every_baseline(demo_build: Path) -> None:
    with db.open_build(demo_build / "builds", db.current_build(demo_build / "builds")) as con:
        assert db.count(con, "revenue_models") == 79
        rows = con.execute("FROM forecast_accuracy WHERE source = 'bank' AND level = 'all' AND period = 'all'").df()
        wape = rows.pivot(index="horizon", columns="model", values="wape")
        assert (wape["global"] < wape[list(accuracy.BASELINES)].min(axis=1)).all()


@pytest.mark.slow
def test_intervals_of_the_demo_hold_within_three_points(demo_build: Path) -> None:
    with db.open_build(demo_build / "builds", db.current_build(demo_build / "builds")) as con:
        rows = con.execute("FROM forecast_coverage WHERE source = 'bank' AND level = 'all' AND period = 'all'").df()
        assert len(rows) == 6
        assert (rows["coverage"] - rows["nominal"]).abs().max() < 0.03
