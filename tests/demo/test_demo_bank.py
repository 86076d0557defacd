"""The demo's customers behave plausibly, and no model can see through them.

Quick tests look at 3,000 businesses, the slow one trains on 10,000. Tolerances: see the comment at each.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core import demo
from core.demo.calibration import calibration
from tests.demo.demo_tables import Bank

LAST = 71
# A shop without any month in a window has no mean there: meant, not worth a warning.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.fixture(scope="module")
def bank(demo_raw: Path) -> Bank:
    return Bank(demo_raw / "raw")


@pytest.fixture(scope="module")
def sales(bank: Bank) -> np.ndarray:
    return bank.grid(bank.table("revenue"), "revenue_krw")


@pytest.fixture(scope="module")
def balances(bank: Bank) -> dict[str, np.ndarray]:
    rows = bank.table("balances")
    return {column: bank.grid(rows, column) for column in rows.columns[2:]}


@pytest.fixture(scope="module")
def late(bank: Bank) -> np.ndarray:
    return bank.days_past_due()


def _quarters(sales: np.ndarray) -> np.ndarray:
    """(n, 24) log sales of the quarters with three selling months."""
    three = sales.reshape(len(sales), -1, 3)
    complete = (np.nan_to_num(three) > 0).all(axis=2)
    return np.log(np.where(complete, three.sum(axis=2), np.nan))


def test_shops_have_the_usual_sales_of_their_industry(bank: Bank, sales: np.ndarray):
    quarter = pd.Series(np.exp(np.nanmedian(_quarters(sales)[:, :4], axis=1)))
    code = bank.businesses["industry_code"]
    published = calibration().industries.set_index("industry_code")["store_sales_krw"]
    ratio = np.log(quarter / code.map(published))
    enough = code.map(code[quarter.notna()].value_counts()) >= 60
    # sixty shops with a log deviation of .85: standard error of a median .14
    assert ratio[enough].groupby(code).median().abs().max() < 0.45
    assert ratio.median() == pytest.approx(0, abs=0.12)


def test_sales_of_a_shop_change_with_the_quarter_less_than_the_citys_estimate_of_one(sales: np.ndarray):
    change = np.diff(_quarters(sales)[:, :4], axis=1)
    facts = calibration().facts
    width = np.nanquantile(change, 0.75) - np.nanquantile(change, 0.25)
    published = facts["one_shop_qoq_p75"] - facts["one_shop_qoq_p25"]
    # the city estimates one shop's sales from card data; the bank sees the shop's own
    assert 0.7 < width / published < 1.05


def test_changes_of_a_shop_swing_back(sales: np.ndarray):
    change = np.diff(_quarters(sales), axis=1)
    before, after = change[:, :-1].ravel(), change[:, 1:].ravel()
    known = ~np.isnan(before) & ~np.isnan(after)
    autocorrelation = np.corrcoef(before[known].clip(-1, 1), after[known].clip(-1, 1))[0, 1]
    assert autocorrelation == pytest.approx(calibration().facts["area_qoq_autocorrelation"], abs=0.10)


def test_some_months_never_arrived_and_come_in_runs(sales: np.ndarray, balances: dict[str, np.ndarray]):
    missing = np.isnan(sales) & ~np.isnan(balances["deposit_avg_krw"])
    share = missing.sum() / (~np.isnan(balances["deposit_avg_krw"])).sum()
    assert 0.01 < share < 0.02
    # a month without data is followed by another far more often than by chance
    assert missing[:, 1:][missing[:, :-1]].mean() > 0.5


def test_a_suspended_shop_sells_nothing_and_a_closed_one_has_no_rows(bank: Bank, sales: np.ndarray):
    status = bank.businesses["status"].to_numpy()
    assert np.nansum(sales[status == "suspended", LAST]) == 0
    assert np.isnan(sales[status == "closed", LAST]).all()


def test_status_shares(bank: Bank, balances: dict[str, np.ndarray]):
    status = bank.businesses["status"].value_counts(normalize=True)
    # 1.5 % of the open are meant; 3,000 draws: three standard errors .007
    assert 0.006 < status["suspended"] < 0.025
    years = (~np.isnan(balances["deposit_avg_krw"])).sum() / 12
    closed = (bank.businesses["status"] == "closed").sum() / years
    assert closed == pytest.approx(calibration().facts["closure_rate_year"], abs=0.02)


def test_some_customers_are_too_new_to_be_scored(bank: Bank):
    months = (pd.Timestamp("2024-12-31") - bank.businesses["customer_since"]).dt.days / 30.4
    assert 0.005 < (months < 3).mean() < 0.04


def test_three_of_four_have_credit(late: np.ndarray, balances: dict[str, np.ndarray]):
    here = ~np.isnan(balances["deposit_avg_krw"][:, LAST])
    credit = ~np.isnan(late[:, LAST]) | (balances["overdraft_limit_krw"][:, LAST] > 0)
    assert credit[here].mean() == pytest.approx(0.76, abs=0.04)
    # debts at other banks are not in the book: somewhat fewer than those with any debt
    loans = (~np.isnan(late[:, LAST]))[here].mean()
    assert 0.75 < loans / calibration().facts["micro_business_debt_share"] < 1.0


def test_default_rate_of_borrowers_is_two_to_three_percent(late: np.ndarray):
    rates = []
    for start in range(11, 60, 12):
        alive = ~np.isnan(late[:, start]) & ~(late[:, start] >= 90)
        rates.append((np.nan_to_num(late[alive, start + 1 : start + 13]) >= 90).any(axis=1).mean())
    # 1,250 borrowers a year: standard error of one year .0045, of the mean .002
    assert np.mean(rates) == pytest.approx(calibration().facts["default_rate_year"], abs=0.008)


def test_days_past_due_climb_and_are_cured(late: np.ndarray):
    now, after = late[:, :-1].ravel(), late[:, 1:].ravel()
    known = ~np.isnan(now) & ~np.isnan(after)
    now, after = now[known], after[known]
    # nobody jumps from punctual to ninety days in a month; most of the first slips are cured
    assert not ((now < 6) & (after >= 60)).any()
    assert (after[(now > 6) & (now < 30)] < 6).mean() > 0.25
    assert (after[now >= 90] >= 90).mean() > 0.8


def test_weak_sales_come_before_closing(bank: Bank, sales: np.ndarray):
    closed = bank.businesses[bank.businesses["status"] == "closed"]
    month = (closed["status_on"].dt.year.astype(int) - 2019) * 12 + closed["status_on"].dt.month.astype(int) - 1
    log = np.log(np.where(sales > 0, sales, np.nan))
    fall = [_mean(log[i, m - 6 : m]) - _mean(log[i, m - 18 : m - 6]) for i, m in month.items() if m > 18]
    # half a year against the year before it, several hundred closings: standard error about .015
    assert np.nanmean(fall) < -0.05


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def _leaving(sales: np.ndarray, balances: dict[str, np.ndarray]) -> np.ndarray:
    """First month after which, for three months, sales go on and four fifths of the inflow are gone; -1 if none."""
    part = balances["inflow_krw"] / np.where(sales > 0, sales, np.nan)
    left = np.full(len(part), -1)
    for t in range(LAST - 4, 12, -1):
        gone = part[:, t + 2 : t + 5].max(axis=1) < 0.2 * np.median(part[:, t - 8 : t - 2], axis=1)
        left[gone] = t
    return left


def test_some_leave_the_bank_and_keep_selling(sales: np.ndarray, balances: dict[str, np.ndarray]):
    left = _leaving(sales, balances)
    customers = (~np.isnan(balances["inflow_krw"])).sum() / 72
    # about 3 % a year over five years
    assert 0.05 < (left >= 0).sum() / customers < 0.25
    cancelled = [
        balances["autopay_count"][i, left[i] + 3] < balances["autopay_count"][i, left[i] - 6] for i in _leavers(left)
    ]
    assert np.mean(cancelled) > 0.6


def _leavers(left: np.ndarray) -> np.ndarray:
    return np.flatnonzero(left >= 0)


def test_complaints_and_fewer_logins_come_before_leaving(
    bank: Bank, sales: np.ndarray, balances: dict[str, np.ndarray]
):
    rows = bank.table("contacts").query("complaint == 1")
    rows = rows.assign(month=rows["at"].str[:7]).drop_duplicates(["business_id", "month"])
    complaints = np.nan_to_num(bank.grid(rows, "complaint"))
    left = _leaving(sales, balances)
    near = np.zeros(sales.shape, dtype=bool)
    for i in _leavers(left):
        near[i, left[i] - 6 : left[i]] = True
    usual = ~np.isnan(balances["logins"]) & (left < 0)[:, None]
    assert complaints[near].mean() > 1.5 * complaints[usual].mean()
    assert np.nanmean(balances["logins"][near]) < 0.9 * np.nanmean(balances["logins"][usual])


def test_neighbours_in_taste_beat_popularity(bank: Bank):
    held = bank.table("holdings").rename(columns={"opened_on": "at"})[["business_id", "product_id", "at"]]
    shown = bank.table("interactions").query("action in ('viewed', 'accepted')").drop(columns="action")
    past = pd.concat([held, shown]).query("at < '2023-01-01'")
    signs = pd.crosstab(past["business_id"], past["product_id"]).clip(upper=1)
    before = held.query("at < '2023-01-01'")
    own = pd.crosstab(before["business_id"], before["product_id"]).reindex_like(signs).fillna(0)
    new = held[(held["at"] >= "2023-01-01") & held["business_id"].isin(own.index)]
    new = new[[not own.at[b, p] for b, p in zip(new["business_id"], new["product_id"], strict=True)]]
    # popularity as it turned out to be: the hardest rival that knows no business
    share = new["product_id"].value_counts(normalize=True).reindex(own.columns).fillna(0)
    popular = pd.DataFrame(np.tile(share, (len(own), 1)), own.index, own.columns)
    u, s, v = np.linalg.svd(signs - signs.mean(), full_matrices=False)
    taste = pd.DataFrame((u[:, :4] * s[:4]) @ v[:4], own.index, own.columns) + signs.mean()
    assert _hits(taste, own, new) > _hits(popular, own, new) + 0.02


def _hits(score: pd.DataFrame, own: pd.DataFrame, new: pd.DataFrame) -> float:
    """Share of new contracts among the three best products not yet held."""
    best = score.mask(own == 1, -9).rank(axis=1, ascending=False) <= 3
    return float(np.mean([best.at[b, p] for b, p in zip(new["business_id"], new["product_id"], strict=True)]))


def test_payments_fail_again_within_minutes_and_fraud_is_known_late(bank: Bank):
    rows = bank.table("payments", parse_dates=["at"]).sort_values(["customer_id", "at"])
    gap = rows.groupby("customer_id")["at"].diff().dt.total_seconds()
    failed_before = rows.groupby("customer_id")["succeeded"].shift() == 0
    failed = rows["succeeded"] == 0
    again = (gap < 600) & failed_before
    assert again.sum() > 0.3 * failed.sum()
    assert failed[again].mean() > 5 * failed.mean()
    assert rows.loc[rows["at"] > "2024-11-15", "fraud"].isna().all()
    assert 0.001 < rows["fraud"].mean() < 0.01


# --- the slow part: what a model can learn -----------------------------------------------------------------------


def _columns(sales: np.ndarray, balances: dict[str, np.ndarray], late: np.ndarray, t: int) -> pd.DataFrame:
    """Plain features at month t: what anybody would try first."""
    year, quarter, before = slice(t - 11, t + 1), slice(t - 2, t + 1), slice(t - 14, t - 2)
    recent, usual = (np.nanmean(sales[:, months], axis=1) + 1e4 for months in (quarter, before))
    deposit = balances["deposit_avg_krw"]
    limit = np.where(balances["overdraft_limit_krw"][:, t] > 0, balances["overdraft_limit_krw"][:, t], np.nan)
    return pd.DataFrame(
        {
            "sales_change": np.log(recent / usual),
            "sales_yoy": np.log(recent / (np.nanmean(sales[:, t - 14 : t - 11], axis=1) + 1e4)),
            "sales_size": np.log(usual),
            "sales_noise": np.nanstd(np.diff(np.log(sales[:, year] + 1e4), axis=1), axis=1),
            "sales_low": np.log((np.nanmin(sales[:, t - 5 : t + 1], axis=1) + 1e4) / usual),
            "deposit_months": np.log((np.nanmean(deposit[:, quarter], axis=1) + 1e4) / usual),
            "deposit_change": np.log((deposit[:, t] + 1e4) / (np.nanmean(deposit[:, year], axis=1) + 1e4)),
            "overdraft_use": balances["overdraft_used_krw"][:, t] / limit,
            "late_now": late[:, t],
            "late_worst": np.nanmax(late[:, year], axis=1),
            "late_often": np.nansum(late[:, year] >= 5, axis=1),
        }
    )


def _cohorts(bank: Bank, months: list[int]) -> tuple[pd.DataFrame, np.ndarray]:
    """Features of the borrowers not in default at each month, and whether they default within twelve."""
    late, sales = bank.days_past_due(), bank.grid(bank.table("revenue"), "revenue_krw")
    rows = bank.table("balances")
    balances = {column: bank.grid(rows, column) for column in rows.columns[2:]}
    features, labels = [], []
    for t in months:
        ahead = late[:, t + 1 : t + 13]
        is_borrower = (late[:, t] < 90) & ~np.isnan(ahead).all(axis=1)
        features.append(_columns(sales, balances, late, t)[is_borrower])
        labels.append((np.nan_to_num(ahead[is_borrower]) >= 90).any(axis=1))
    return pd.concat(features, ignore_index=True), np.concatenate(labels)


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[pd.DataFrame, np.ndarray]]:
    """Borrowers of 2020-03 .. 2022-09, and of 2023-10 .. 2023-12, which no label window of the first reaches."""
    raw = tmp_path_factory.mktemp("large")
    demo.write(raw, 10_000)
    bank = Bank(raw)
    return {"before": _cohorts(bank, list(range(14, 45, 3))), "after": _cohorts(bank, [57, 58, 59])}


def _trees(features: pd.DataFrame, bad: np.ndarray) -> LGBMClassifier:
    trees = LGBMClassifier(
        n_estimators=120, learning_rate=0.05, num_leaves=15, min_child_samples=200, n_jobs=1, verbose=-1
    )
    return trees.fit(features, bad)


@pytest.mark.slow
def test_a_model_sees_default_coming_but_never_clearly(cohorts: dict[str, tuple[pd.DataFrame, np.ndarray]]):
    (features, bad), (later, later_bad) = cohorts["before"], cohorts["after"]
    typical = features.median()
    simple = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(features.fillna(typical), bad)
    auc = {
        "simple": roc_auc_score(later_bad, simple.predict_proba(later.fillna(typical))[:, 1]),
        "trees": roc_auc_score(later_bad, _trees(features, bad).predict_proba(later)[:, 1]),
    }
    print(auc)
    # meant: .75 to .85; about 330 defaults in the test cohorts: standard error .017
    assert all(0.70 < value < 0.87 for value in auc.values()), auc


@pytest.mark.slow
def test_sales_alone_do_not_give_default_away(cohorts: dict[str, tuple[pd.DataFrame, np.ndarray]]):
    (features, bad), (later, later_bad) = cohorts["before"], cohorts["after"]
    sales = [column for column in features if column.startswith("sales")]
    auc = roc_auc_score(later_bad, _trees(features[sales], bad).predict_proba(later[sales])[:, 1])
    print(auc)
    # sales tell something (the score needs it), far from everything
    assert 0.55 < auc < 0.80


def test_about_two_in_five_customers_have_a_suitability_record_that_holds(bank: Bank):
    rows = bank.table("suitability", parse_dates=["recorded_on", "expires_on"])
    assert (rows["recorded_on"] <= pd.Timestamp("2024-12-31")).all()
    holds = rows[rows["expires_on"].isna() | (rows["expires_on"] >= pd.Timestamp("2024-12-31"))]
    open_businesses = bank.businesses.query("status == 'open'")["business_id"]
    assert 0.3 < open_businesses.isin(holds["business_id"]).mean() < 0.5
    assert len(holds) < len(rows)  # some are over
