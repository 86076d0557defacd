"""The backtest command, from the city's files to forecasts and report, on a made-up town and on the real panel."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.models.forecast.city import backtest, run
from core.models.forecast.city.regions import GROUPS, regions
from tests.conftest import core
from tests.models.forecast.city.city_town import QUARTERS, database, files, sales, town

COLUMNS = ["area_code", "industry_code", "origin", "target", "model", "forecast", "low80", "high80", "low95", "high95"]


def test_the_command_prints_both_measures_and_writes_forecasts_and_report(tmp_path: Path) -> None:
    data, out = files(tmp_path / "town", sales(40, 0.8)), tmp_path / "out"
    options = ["--data", str(data), "--from", "20223", "--to", "20224", "--out", str(out)]
    command = core(tmp_path, "backtest", *options)
    assert command.returncode == 0, command.stderr
    assert all(word in command.stdout for word in ("WAPE", "MdAPE", "menu.csv is not used"))
    rows = pd.read_parquet(out / "forecasts.parquet")
    assert list(rows.columns) == [*COLUMNS, "actual"]
    assert len(rows) == 40 * 2 * 8  # areas x quarters x models
    assert set(json.loads((out / "report.json").read_text())["models"]) == set(rows["model"])


def test_wape_and_mdape_are_what_their_names_say() -> None:
    rows = pd.DataFrame({"actual": [100.0, 200.0, 0.0], "forecast": [110.0, 150.0, 15.0]})
    # |10| + |50| + |15| over 300; the median of 10 % and 25 %
    assert backtest.errors_of(rows) == pytest.approx({"n": 3, "wape": 0.25, "mdape": 0.175, "bias": -25 / 300})


def test_files_changed_from_the_target_quarter_on_give_the_same_forecasts(tmp_path: Path) -> None:
    values, tables = sales(40, 0.8), []
    for name in ("first", "second"):
        folder = files(tmp_path / name, values)
        backtest.backtest(folder, 20222, 20222, tmp_path / name / "out")
        tables.append(pd.read_parquet(tmp_path / name / "out" / "forecasts.parquet").drop(columns="actual"))
        values = values.copy()
        values[:, QUARTERS.index(20222) :] *= 2
    pd.testing.assert_frame_equal(*tables)


def test_quarters_that_cannot_be_forecast_are_refused_with_those_that_can(tmp_path: Path) -> None:
    data = files(tmp_path / "town", sales(5, 0.8))
    with pytest.raises(DataError, match="quarters 20203 to 20231 can be forecast"):
        backtest.backtest(data, 20201, 20224, tmp_path / "out")


def test_a_value_that_came_without_a_last_value_is_counted(tmp_path: Path) -> None:
    values = sales(20, 0.8)
    values[0, QUARTERS.index(20223)] = np.nan
    report = backtest.backtest(files(tmp_path / "town", values), 20224, 20224, tmp_path / "out")
    assert report["steps"][0]["without_last_value"] == 1
    assert report["steps"][0]["forecasts"] == 19


def test_the_build_forecasts_the_next_quarter_of_every_series_with_a_known_last(tmp_path: Path) -> None:
    values = sales(30, 0.8)
    values[0, -1] = np.nan
    with database(tmp_path / "town", values) as con:
        assert run.train(con, tmp_path / "models") == 29
        assert con.execute("SELECT DISTINCT quarter FROM market_forecast").fetchall() == [(20231,)]
        periods = con.execute("SELECT DISTINCT period FROM forecast_accuracy WHERE source = 'city'").fetchall()
    assert {period for (period,) in periods} == {"all", "20221", "20222", "20223", "20224"}
    card = json.loads((tmp_path / "models" / "card.json").read_text())
    assert card["target"] == 20231
    assert (tmp_path / "models" / "global.txt").read_text().startswith("tree")


def test_the_build_without_city_files_has_an_empty_forecast(tmp_path: Path) -> None:
    with database(tmp_path / "town", sales(3, 0.8)) as con:
        con.execute("DELETE FROM market_sales")
        assert run.train(con, tmp_path / "models") == 0
        assert con.execute("SELECT count(*) FROM market_forecast").fetchall() == [(0,)]


def test_areas_without_a_district_fall_into_six_groups_always_the_same() -> None:
    panel = town(400)
    assert set(regions(panel)) == {f"G{number}" for number in range(1, GROUPS + 1)}
    assert (regions(panel) == regions(town(400))).all()


@pytest.mark.slow
def test_on_the_real_panel_combined_is_below_the_last_value(shared_data: Path, tmp_path: Path) -> None:
    report = backtest.backtest(shared_data / "seoul" / "panel", 20221, 20224, tmp_path)
    assert report["against_last_value"]["change"]["all"] < -0.10
    assert report["models"]["last_value"]["all"]["wape"] == pytest.approx(0.1533, abs=0.0005)
    assert report["steps"][0]["without_last_value"] + report["steps"][1]["without_last_value"] > 0
