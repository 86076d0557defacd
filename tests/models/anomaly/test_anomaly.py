"""Unusual months: planted ones are found and named, percentiles do not move, unknown is not usual."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from core import db
from core.errors import DataError
from core.models.anomaly import model as anomaly

AS_OF = date(2023, 12, 31)
BEFORE = date(2023, 11, 30)
UNUSUAL = "B0007"
STARTS = pd.date_range("2020-01-01", "2023-12-01", freq="MS")


def bank(businesses: int = 250, starts: pd.DatetimeIndex = STARTS, seed: int = 3) -> duckdb.DuckDBPyConnection:
    """Tables businesses, revenue and balances of shops that change little, with a random shock now and then."""
    random = np.random.default_rng(seed)

    def shocks() -> np.ndarray:
        return np.exp(random.standard_t(3, shape) * (random.random(shape) < 0.05))

    ids = np.array([f"B{number:04d}" for number in range(businesses)])
    shape = (businesses, len(starts))
    size = np.exp(random.normal(16, 0.5, businesses))[:, None]
    sales = size * np.exp(random.normal(0, 0.15, shape)) * shocks()
    inflow, outflow = (sales * 0.9 * np.exp(random.normal(0, 0.1, shape)) * shocks() for _ in range(2))
    month = pd.DatetimeIndex(np.tile(starts, businesses))
    at = {"business_id": np.repeat(ids, len(starts)), "month": month, "available_on": month + pd.offsets.MonthEnd(0)}
    won = {
        "deposit_avg_krw": size * np.exp(random.normal(0, 0.2, shape)) * shocks(),
        "inflow_krw": inflow,
        "outflow_krw": outflow,
        "card_settlement_krw": inflow * random.uniform(0.5, 0.6, shape) * shocks().clip(0, 1),
        "overdraft_limit_krw": np.where(np.arange(businesses) % 2, 20e6, 0)[:, None] + 0 * sales,
        "overdraft_used_krw": np.where(np.arange(businesses) % 2, 20e6, 0)[:, None]
        * (random.uniform(0.2, 0.4, shape) * shocks()).clip(0, 1),
        "autopay_count": random.choice([1, 3, 4], shape, p=[0.01, 0.9, 0.09]),
        "logins": random.poisson(12 * shocks().clip(0, 5)),
    }
    balances = pd.DataFrame(at | {name: values.ravel().astype("int64") for name, values in won.items()})
    sold = sales / (20_000 * np.exp(random.normal(0, 0.04, shape)) * shocks())
    revenue = pd.DataFrame(at | {"revenue_krw": sales.ravel().astype("int64"), "sales_count": sold.ravel().astype(int)})
    shops = pd.DataFrame({"business_id": ids, "category": np.array(["cafe", "retail"])[np.arange(businesses) % 2]})
    shops = shops.assign(status="open", status_on=pd.NaT, available_on=starts[0])
    con = db.connect()
    for name, frame in {"revenue": revenue, "balances": balances}.items():
        con.register("made", frame)
        con.execute(
            f"CREATE TABLE {name} AS SELECT * REPLACE (CAST(month AS DATE) AS month, "
            f"CAST(available_on AS DATE) AS available_on) FROM made"
        )
        con.unregister("made")
    con.register("made", shops)
    con.execute("CREATE TABLE businesses AS SELECT * REPLACE (CAST(status_on AS DATE) AS status_on) FROM made")
    return con


def change(con, what: str, where: str = f"business_id = '{UNUSUAL}' AND month = DATE '2023-12-01'", table="balances"):
    """Change some months of a bank."""
    con.execute(f"UPDATE {table} SET {what} WHERE {where}")
    return con


def scored(con, model, as_of=AS_OF) -> pd.DataFrame:
    """Table anomalies of a month, by business."""
    anomaly.create_features(con, as_of)
    anomaly.score(con, model, as_of)
    return con.execute("FROM anomalies").df().set_index("business_id")


def reasons(con) -> pd.DataFrame:
    """Reasons of the unusual business, strongest first."""
    return con.execute("FROM anomaly_reasons WHERE business_id = $id ORDER BY rank", {"id": UNUSUAL}).df()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The forest fitted on that bank, read back from its files."""
    con, folder = bank(), tmp_path_factory.mktemp("anomaly")
    anomaly.create_features(con, AS_OF)
    anomaly.train(con, AS_OF, folder)
    return anomaly.load(folder)


PLANTED = [
    (
        "revenue_krw = 12 * revenue_krw, sales_count = 12 * sales_count",
        "revenue",
        {"sales_jump", "inflow_against_sales"},
    ),
    ("sales_count = 12 * sales_count", "revenue", {"ticket_jump"}),
    ("deposit_avg_krw = 0.02 * deposit_avg_krw", "balances", {"deposit_jump"}),
    ("outflow_krw = 20 * outflow_krw", "balances", {"outflow_jump", "flow_gap"}),
    ("card_settlement_krw = 0", "balances", {"card_share_shift"}),
    ("overdraft_used_krw = 20000000", "balances", {"overdraft_shift"}),
    ("logins = 0", "balances", {"logins_jump"}),
    ("autopay_count = 0", "balances", {"autopay_shift"}),
]


@pytest.mark.parametrize(("what", "table", "features"), PLANTED)
def test_one_planted_change_is_found_and_the_first_reason_names_it(model, what, table, features):
    con = change(bank(), what, table=table)
    assert scored(con, model).loc[UNUSUAL, "anomaly_pct"] > 0.88
    assert reasons(con)["feature"].iloc[0] in features


def test_a_month_with_several_planted_changes_is_among_the_most_unusual(model):
    con = change(bank(), "deposit_avg_krw = 0.05 * deposit_avg_krw, outflow_krw = 10 * outflow_krw, logins = 0")
    assert scored(con, model).loc[UNUSUAL, "anomaly_pct"] > 0.995
    assert set(reasons(con)["feature"][:4]) <= {"deposit_jump", "outflow_jump", "flow_gap", "logins_jump"}


def test_reason_has_the_value_of_the_business_and_of_its_peers(model):
    con = change(bank(), "card_settlement_krw = 0")
    scored(con, model)
    first = reasons(con).iloc[0]
    # about 0.55 of the money in came from cards before, now nothing; peers are unchanged
    assert first["value"] == pytest.approx(-0.55, abs=0.02)
    assert first["peer_median"] == pytest.approx(0, abs=0.03)
    assert reasons(con)["share"].sum() <= 1 + 1e-9


def test_change_that_all_peers_share_is_not_unusual(model):
    con = change(bank(), "revenue_krw = 2 * revenue_krw", "month = DATE '2023-12-01'", "revenue")
    con = change(con, "inflow_krw = 2 * inflow_krw, outflow_krw = 2 * outflow_krw", "month = DATE '2023-12-01'")
    assert scored(con, model)["anomaly_pct"].median() == pytest.approx(0.5, abs=0.1)


def test_shock_in_one_month_changes_no_percentile_of_an_earlier_one(model):
    quiet = scored(bank(), model, BEFORE)
    shocked = change(bank(), "outflow_krw = 50 * outflow_krw", "month = DATE '2023-12-01'")
    scored(shocked, model)
    pd.testing.assert_frame_equal(quiet, scored(shocked, model, BEFORE))


def test_bank_wide_shock_gives_more_alerts_and_no_new_reference(model):
    random_half = "month = DATE '2023-12-01' AND hash(business_id) % 2 = 0"
    rows = scored(change(bank(), "outflow_krw = 50 * outflow_krw, deposit_avg_krw = 0", random_half), model)
    assert (rows["anomaly_pct"] > 0.99).mean() > 0.3


def test_without_change_the_newest_month_is_distributed_like_the_reference(model):
    assert scored(bank(), model)["anomaly_pct"].mean() == pytest.approx(0.5, abs=0.06)


def test_an_unknown_value_is_averaged_and_never_the_usual_one(model):
    row = np.zeros((1, len(model.features)))
    unknown = row.copy()
    unknown[0, 3] = np.nan
    by_hand = [np.where(np.arange(row.shape[1]) == 3, value, row) for value in model.probes[:, 3]]
    depths = [model.forest.depth(values)[0] for values in by_hand]
    assert model.raw(unknown)[0] == pytest.approx(model.forest.score(np.mean(depths)))
    assert model.raw(unknown)[0] > model.raw(row)[0]


def test_business_with_too_few_known_features_has_no_percentile(model):
    con = bank()
    con.execute("DELETE FROM balances WHERE business_id = 'B0001' AND month = DATE '2023-12-01'")
    con.execute("DELETE FROM revenue WHERE business_id = 'B0002' AND month = DATE '2023-12-01'")
    con.execute("DELETE FROM revenue WHERE business_id = 'B0003'")
    con.execute("DELETE FROM balances WHERE business_id = 'B0003'")
    con.execute("UPDATE businesses SET status = 'closed', status_on = DATE '2023-05-01' WHERE business_id = 'B0004'")
    rows = scored(con, model)
    assert list(rows.loc[["B0001", "B0003", "B0004"], "state"]) == ["SHORT", "SHORT", "CLOSED"]
    assert rows.loc[["B0001", "B0003", "B0004"], "anomaly_pct"].isna().all()
    assert (rows.loc["B0002", "state"], rows.loc["B0005", "state"]) == ("PARTIAL", "OK")


def test_rows_that_arrive_after_as_of_are_not_used(model):
    late = bank()
    late.execute("UPDATE balances SET available_on = DATE '2024-01-20' WHERE month = DATE '2023-12-01'")
    assert (scored(late, model)["state"] == "SHORT").all()


def test_a_forest_read_from_its_files_scores_as_the_one_that_was_saved(model, tmp_path):
    anomaly.save(model, tmp_path)
    values = np.random.default_rng(1).normal(size=(50, len(model.features)))
    values[values > 1.5] = np.nan
    np.testing.assert_array_equal(anomaly.load(tmp_path).raw(values), model.raw(values))
    assert {path.suffix for path in tmp_path.iterdir()} == {".txt", ".json"}


def test_a_folder_without_a_complete_model_is_refused_by_name(tmp_path):
    with pytest.raises(DataError, match=str(tmp_path)):
        anomaly.load(tmp_path)


def test_forests_of_other_seeds_agree_on_the_order(model):
    con = bank()
    anomaly.create_features(con, AS_OF)
    reference = con.execute("FROM anomaly_features WHERE month < DATE '2023-01-01'").df()
    now = con.execute("FROM anomaly_features WHERE month = DATE '2023-12-01'").df()
    metrics = anomaly.stability(model, reference[list(model.features)].to_numpy(float), now).set_index("metric")[
        "value"
    ]
    assert metrics["spearman"] > 0.9
    assert metrics["jaccard_top_100"] > 0.7


def test_same_bank_gives_the_same_forest(model, tmp_path):
    con = bank()
    anomaly.create_features(con, AS_OF)
    assert anomaly.train(con, AS_OF, tmp_path).forest.text == model.forest.text


def test_short_history_refers_to_all_earlier_months(tmp_path):
    con = bank(starts=STARTS[-12:])
    anomaly.create_features(con, AS_OF)
    young = anomaly.train(con, AS_OF, tmp_path)
    assert young.card["reference"]["to"] == "2023-11-30"


def test_bank_without_balances_has_no_model_and_the_report_says_why(tmp_path):
    con = bank(20)
    con.execute("DELETE FROM balances")
    anomaly.create_features(con, AS_OF)
    assert anomaly.train(con, AS_OF, tmp_path) is None
    assert "0 complete months" in (tmp_path / anomaly.REPORT).read_text()
    assert set(scored(con, None)["state"]) == {"NO_MODEL"}


def test_history_and_newest_month_are_on_one_scale(model):
    con = bank()
    newest = scored(con, model)["anomaly_pct"]
    history = con.execute("FROM anomalies_history WHERE as_of = $as_of", {"as_of": AS_OF}).df().set_index("business_id")
    pd.testing.assert_series_equal(newest.sort_index(), history["anomaly_pct"].sort_index())
    assert con.execute("SELECT count(DISTINCT as_of) FROM anomalies_history").fetchall() == [(6,)]
