"""The demo's trade areas behave like Seoul's: every figure beside the one in data/reference/calibration*.csv.

The made-up city has 222 areas and 28 industries where Seoul has 1,565 and a hundred, so sums over it are noisier than
the city's: shapes and medians are held closely, sums loosely. Tolerances were set after looking at five seeds.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.demo.calibration import Calibration, calibration
from tests.demo.demo_tables import cells, city, wide

IN_2019 = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def facts() -> Calibration:
    return calibration()


@pytest.fixture(scope="module")
def market(demo_raw: Path) -> pd.DataFrame:
    return cells(demo_raw / "raw")


@pytest.fixture(scope="module")
def industries(facts: Calibration) -> pd.DataFrame:
    return facts.industries.set_index("industry_code")


def _changes(log: pd.DataFrame, steps: int = 1) -> pd.DataFrame:
    return log.diff(steps, axis=1).iloc[:, steps:]


def test_sales_per_shop_have_each_industrys_median(market: pd.DataFrame, industries: pd.DataFrame):
    ratio = market[market["t"] < 4].groupby("industry")["shop"].median() / industries["store_sales_krw"]
    # about 170 cells an industry with a log deviation of .9: standard error of a median .09; 28 industries: 3.5 of them
    assert np.log(ratio).abs().max() < 0.32
    assert np.log(ratio).median() == pytest.approx(0, abs=0.10)


def test_size_of_cells_varies_as_much_and_for_the_same_reasons(market: pd.DataFrame, facts: Calibration):
    log = np.log(market[market["t"] == 16].dropna().set_index(["area", "industry"])["sales"])
    by_industry = log.groupby("industry").transform("mean")
    # a few very large areas and very rare industries of the city are not in the demo: up to a fifth narrower
    assert 0.8 < log.std() / facts.facts["cell_log_sd"] < 1.1
    assert by_industry.var() / log.var() == pytest.approx(facts.facts["cell_share_industry"], abs=0.15)
    # the published figure knows alley areas only, the demo developed areas and markets too, which are larger
    by_area = (log - by_industry).groupby("area").transform("mean")
    assert by_area.var() / log.var() == pytest.approx(facts.facts["cell_share_area"], abs=0.14)


def test_change_of_a_cell_on_the_quarter_has_the_quantiles(market: pd.DataFrame, facts: Calibration):
    change = _changes(wide(market, "shop", ["area", "industry"])[IN_2019]).stack()
    for share, tolerance in ((10, 0.10), (25, 0.05), (75, 0.05), (90, 0.10)):
        # the tails carry one-off events of real shops which the demo has only in part
        assert change.quantile(share / 100) == pytest.approx(facts.facts[f"cell_qoq_p{share}"], abs=tolerance), share


def test_change_has_fat_tails(market: pd.DataFrame):
    change = _changes(wide(market, "shop", ["area", "industry"])[IN_2019]).stack()
    middle = change.quantile(0.75) - change.quantile(0.25)
    whole = change.quantile(0.95) - change.quantile(0.05)
    # normal: 2.44; the city (facts D): 4.4
    assert whole / middle > 3


def test_large_cells_move_less(market: pd.DataFrame, facts: Calibration):
    change = _changes(wide(market, "shop", ["area", "industry"])[IN_2019])
    stores = market[market["t"] == 0].set_index(["area", "industry"])["stores"].reindex(change.index)
    spread = {}
    for low, high in ((1, 5), (50, np.inf)):
        own = change[stores.between(low, high)].stack()
        spread[low] = own.quantile(0.75) - own.quantile(0.25)
    counts = facts.store_counts
    # facts D: .24 wide above fifty shops, .40 at three to five
    published = (counts["p75"] - counts["p25"]).iloc[-1] / (counts["p75"] - counts["p25"]).iloc[3]
    assert spread[50] / spread[1] == pytest.approx(published, abs=0.2)


def test_area_totals_swing_back(market: pd.DataFrame, facts: Calibration):
    change = _changes(wide(market, "sales", ["area"]))
    own = change - change.median()
    before, after = own.iloc[:, :-1].to_numpy().ravel(), own.iloc[:, 1:].to_numpy().ravel()
    measured = np.corrcoef(before, after)[0, 1]
    assert measured == pytest.approx(facts.facts["area_qoq_autocorrelation"], abs=0.12)


def test_area_totals_change_on_quarter_and_year_as_wide(market: pd.DataFrame, facts: Calibration):
    log = wide(market, "sales", ["area"])
    for name, steps in (("qoq", 1), ("yoy", 4)):
        change = _changes(log, steps).stack()
        width = change.quantile(0.75) - change.quantile(0.25)
        published = facts.facts[f"area_{name}_p75"] - facts.facts[f"area_{name}_p25"]
        # 22 industries an area instead of forty even out less: up to a half wider
        assert 0.9 < width / published < 1.5, name


def test_each_industry_has_its_season(market: pd.DataFrame, industries: pd.DataFrame):
    log = wide(market, "shop", ["area", "industry"])[IN_2019]
    season = log.sub(log.mean(axis=1), axis=0).groupby("industry").median()
    published = industries[[f"season_q{k}" for k in (1, 2, 3, 4)]].loc[season.index]
    error = np.abs(season.to_numpy() - published.to_numpy())
    # 2019 itself grew by 3 % in the city; the noisiest industry changes by 66 % a quarter
    assert np.median(error) < 0.03
    assert error.max() < 0.16
    assert np.corrcoef(season.to_numpy().ravel(), published.to_numpy().ravel())[0, 1] > 0.75


def test_the_pandemic_hit_each_industry_as_it_did(market: pd.DataFrame, industries: pd.DataFrame):
    log = wide(market, "sales", ["area", "industry"])
    for column, now, before in (("yoy_2020q2", 5, 1), ("yoy_2020q4", 7, 3)):
        known = industries[column].dropna()
        change = np.expm1((log[now] - log[before]).groupby("industry").median()).loc[known.index]
        # the published figure is a sum over the city, ours the typical cell; a shift of all cells onto the city's
        # trend adds up to .05 in common, the standard error of a noisy industry is .06
        assert (change - known).abs().median() < 0.09, column
        assert (change - known).abs().max() < 0.22, column
        assert change.corr(known) > 0.85, column


def test_the_curfew_emptied_bars_and_karaoke_first(market: pd.DataFrame):
    log = wide(market, "sales", ["area", "industry"])
    loss = (log[7] - log[3]).groupby("industry").median()
    # karaoke CS200037 and pubs CS100009 against the Korean restaurant, 2020Q4 on 2019Q4: published -.83 and -.36
    assert loss["CS200037"] < loss["CS100009"] < loss["CS100001"]


def test_the_city_as_a_whole_follows_its_trend(market: pd.DataFrame, facts: Calibration):
    mean = market.groupby("t")["sales"].mean()
    city_mean = facts.quarters["city_mean_krw"]
    error = np.log(mean / mean[:4].mean()) - np.log(city_mean / city_mean[:4].mean())
    assert error.abs().max() < 0.01


def test_alley_food_sales_move_from_quarter_to_quarter_as_published(market: pd.DataFrame, facts: Calibration):
    alley_food = market[(market["kind"] == "A") & market["industry"].str.startswith("CS1")]
    median = wide(alley_food, "sales", ["area"]).diff(axis=1).median().to_numpy()
    published = facts.quarters["food_qoq_p50"].to_numpy()
    known = ~np.isnan(published)
    assert np.abs(median - published)[known].max() < 0.10
    assert np.corrcoef(median[known], published[known])[0, 1] > 0.9


def test_evenings_vanish_from_food_sales_in_the_curfew(demo_raw: Path, facts: Calibration):
    rows = city(demo_raw / "raw", "2021년")
    food = rows[rows["서비스_업종_코드"].str.startswith("CS1") & (rows["기준_년분기_코드"] == 20213)]
    share = food["시간대_21~24_매출_금액"].sum() / food["당월_매출_금액"].sum()
    published = facts.quarters.set_index("quarter").loc["20213", "food_evening_share"]
    assert share == pytest.approx(published, abs=0.01)


def test_rows_are_absent_as_often_by_industry(market: pd.DataFrame, industries: pd.DataFrame):
    missing = market[market["t"] < 4].groupby("industry")["sales"].apply(lambda sales: sales.isna().mean())
    error = (missing - industries["missing_share"]).abs()
    # absent cells come in runs, so a share of .08 over 170 cells has a standard error of .015
    assert error.max() < 0.06
    assert error.median() < 0.02


def test_rows_of_small_cells_are_absent_more_often(market: pd.DataFrame, facts: Calibration):
    counts = facts.store_counts
    edges = [*counts["stores_over"], np.inf]
    absent = market[market["t"] < 4].groupby(pd.cut(market["stores"], edges), observed=True)["sales"]
    missing = absent.apply(lambda sales: sales.isna().mean()).to_numpy()
    # the largest bins hold a few hundred rows
    assert (np.diff(missing) < 0.01).all()
    assert missing[0] > 5 * missing[-1]
    assert np.abs(missing - counts["missing_quarter_share"].to_numpy()).max() < 0.06


def test_districts_have_their_share_of_sales(market: pd.DataFrame, facts: Calibration, demo_raw: Path):
    areas = city(demo_raw / "raw", "영역").set_index("상권_코드")["자치구_코드"]
    sales = market[market["t"] >= 20].groupby(market["area"].map(areas))["sales"].sum()
    share, published = sales / sales.sum(), facts.districts.set_index("district_code")["sales_share"]
    # ten areas carry a district: single large cells weigh
    assert (share - published).abs().max() < 0.03
    assert share.corr(published, method="spearman") > 0.85


def test_footfall_is_about_as_large_and_as_restless(demo_raw: Path, facts: Calibration):
    rows = city(demo_raw / "raw", "길단위인구")
    people = rows.pivot_table(index="상권_코드", columns="기준_년분기_코드", values="총_유동인구_수")
    assert people.stack().mean() == pytest.approx(facts.facts["footfall_area_mean"], rel=0.25)
    change = _changes(np.log(people)).stack()
    width = change.quantile(0.75) - change.quantile(0.25)
    # 222 areas x 23 changes: standard error of the width .006
    assert width == pytest.approx(facts.facts["footfall_qoq_p75"] - facts.facts["footfall_qoq_p25"], abs=0.03)
