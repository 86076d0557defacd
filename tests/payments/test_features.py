"""What the payments model sees: only the past of the payment, the same for a stream, and unknown stays unknown."""

import math
from datetime import datetime, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

from core import db
from core.errors import ConfigError
from core.features.catalogue import catalogue, refuse_denied
from core.payments import features as payment_features

NOON = datetime(2024, 3, 4, 12)  # a Monday


def bank(rows: list[tuple]) -> duckdb.DuckDBPyConnection:
    """Payments as (id, customer, minutes after noon, won, merchant, method, succeeded), all in one category."""
    names = ["payment_id", "customer_id", "at", "amount_krw", "merchant_id", "method", "succeeded"]
    made = pd.DataFrame(rows, columns=names)
    made["at"] = pd.to_datetime([NOON + timedelta(minutes=minutes) for minutes in made["at"]])
    return stored(made.assign(merchant_category="cafe"))


def stored(made: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """A database with table payments."""
    con = db.connect()
    con.register("made", made)
    con.execute("CREATE TABLE payments AS FROM made")
    return con


def features(con: duckdb.DuckDBPyConnection, before: datetime | None = None) -> pd.DataFrame:
    """The features of every payment, by its id."""
    payment_features.make_temp_tables(con, before)
    return payment_features.rows(con).set_index("payment_id").sort_index()


def busy(customers: int = 12, events: int = 80, seed: int = 5) -> pd.DataFrame:
    """Payments by chance: bursts, pauses of months, equal instants, failures."""
    random = np.random.default_rng(seed)
    n = customers * events
    minutes = np.cumsum(random.choice([0, 1, 30, 600, 5_000, 60_000], (customers, events)), axis=1).ravel()
    return pd.DataFrame(
        {
            "payment_id": [f"P{number:05d}" for number in random.permutation(n)],
            "customer_id": np.repeat([f"U{number}" for number in range(customers)], events),
            "at": pd.Timestamp("2021-01-01") + pd.to_timedelta(minutes, unit="m"),
            "amount_krw": random.integers(1, 60, n) * 1000,
            "merchant_id": random.choice(["M1", "M2", "M3"], n),
            "merchant_category": "cafe",
            "method": random.choice(["card", "mobile"], n),
            "succeeded": (random.random(n) > 0.2).astype(int),
        }
    )


@pytest.fixture
def three():
    """Three customers: A pays, fails, tries again; B pays once; C comes back after a pause of 40 days."""
    return bank(
        [
            ("a1", "A", 0, 10_000, "M1", "card", 1),
            ("a2", "A", 30, 20_000, "M2", "mobile", 0),
            ("a3", "A", 35, 20_000, "M2", "mobile", 0),
            ("a4", "A", 24 * 60 + 20, 5_500, "M1", "card", 1),
            ("b1", "B", 0, 7_000, "M1", "transfer", 1),
            ("c1", "C", 0, 9_000, "M1", "card", 0),
            ("c2", "C", 40 * 24 * 60, 9_000, "M1", "card", 1),
        ]
    )


def test_the_past_of_a_payment_is_counted_by_hand(three):
    third = features(three).loc["a3"]  # a1 is 35 minutes before, a2 five minutes before
    assert (third["count_10m"], third["count_1h"], third["count_24h"], third["count_7d"]) == (1, 2, 2, 2)
    assert third["ln_sum_1h"] == pytest.approx(math.log(1 + 30_000))
    assert (third["failed_1h"], third["last_failed"], third["same_failed_1h"]) == (1, 1, 1)
    assert third["failed_share_30d"] == pytest.approx((1 + 0.1) / (2 + 2))
    assert (third["merchants_24h"], third["first_merchant"], third["first_method"]) == (2, 0, 0)
    assert third["ln_seconds_since"] == pytest.approx(math.log(301))
    # three payments within the two hours around noon or later: (2 + 3) / (2 + 24)
    assert third["hour_habit"] == pytest.approx(5 / 26)


def test_windows_end_on_time_and_the_gap_is_compared_with_the_usual_one(three):
    fourth = features(three).loc["a4"]  # 24 h 20 min after a1: a1 is out of the day, a2 and a3 are in
    assert (fourth["count_24h"], fourth["count_7d"], fourth["failed_24h"], fourth["failed_1h"]) == (2, 3, 2, 0)
    # a1 to a3: two gaps in 35 minutes, 1050 s each; now 23 h 45 min = 85,500 s
    assert fourth["gap_ratio"] == pytest.approx(math.log(85_501 / 1_051))
    assert fourth["days_known"] == pytest.approx((24 * 60 + 20) / 1440)
    assert (fourth["round_amount"], fourth["weekday"], fourth["working_day"]) == (0, 2, 1)


def test_a_first_payment_has_no_past_and_what_needs_one_is_unknown(three):
    first = features(three).loc["b1"]
    assert (first["count_7d"], first["failed_7d"], first["first_merchant"], first["first_method"]) == (0, 0, 1, 1)
    assert first[["amount_z_90d", "amount_z_known", "ln_seconds_since", "gap_ratio"]].isna().all()
    assert first["by_transfer"] == 1


def test_after_thirty_days_without_a_payment_a_customer_is_new(three):
    back = features(three).loc["c2"]
    assert (back["days_known"], back["first_merchant"], back["last_failed"]) == (0, 1, 0)
    assert math.isnan(back["ln_seconds_since"])


def test_robust_z_is_the_distance_from_the_median_in_deviations():
    rows = [(f"p{i}", "A", 60 * i, won, "M1", "card", 1) for i, won in enumerate((1000, 2000, 4000, 8000, 16000))]
    found = features(bank([*rows, ("p9", "A", 400, 64_000, "M1", "card", 1)])).loc["p9"]
    # logs to base 2: 0..4 above 1000, median 2, deviations 2 1 0 1 2, their median 1; 64,000 is 6, four above
    assert found["amount_z_90d"] == pytest.approx(4 * math.log(2) / (1.4826 * math.log(2) + 0.1))
    assert found["amount_against_max_90d"] == pytest.approx(2 * math.log(2))


def test_payments_of_one_instant_are_outside_each_others_past():
    same = [("p1", "A", 0, 1000, "M1", "card", 0), ("p2", "A", 5, 2000, "M1", "card", 0)]
    found = features(bank([*same, ("p3", "A", 5, 2000, "M1", "card", 1)]))
    assert found.loc["p2", "count_1h"] == found.loc["p3", "count_1h"] == 1
    assert found.loc["p3", "same_failed_1h"] == 0


def test_the_order_of_ids_within_an_instant_changes_nothing():
    made = busy()
    ids = made.groupby(["customer_id", "at"])["payment_id"].transform(lambda names: names.to_numpy()[::-1])
    one, two = features(stored(made)), features(stored(made.assign(payment_id=ids)))
    columns = ["count_7d", "failed_7d", "gap_ratio", "amount_z_90d", "hour_habit", "days_known"]
    key = made.assign(other=ids).set_index("payment_id")["other"]
    pd.testing.assert_frame_equal(
        one.loc[key.index, columns].reset_index(drop=True), two.loc[key, columns].reset_index(drop=True)
    )


@pytest.mark.parametrize("day", [datetime(2021, 2, 1), datetime(2021, 9, 15, 7, 3), datetime(2022, 6, 1)])
def test_deleting_everything_from_an_instant_on_changes_nothing_before_it(day):
    con = stored(busy())
    whole = features(con)
    con.execute('DELETE FROM payments WHERE "at" >= $day', {"day": day})
    kept = features(con)
    assert 0 < len(kept) < len(whole)
    pd.testing.assert_frame_equal(whole.loc[kept.index], kept)


def test_asking_for_payments_before_an_instant_is_the_same_as_deleting_the_rest():
    con, day = stored(busy()), datetime(2021, 9, 15)
    asked = features(con, day)
    con.execute('DELETE FROM payments WHERE "at" >= $day', {"day": day})
    pd.testing.assert_frame_equal(asked, features(con))


def test_the_outcome_of_a_payment_is_in_none_of_its_own_features():
    made = busy()
    turned = made["payment_id"] == "P00100"
    one = features(stored(made)).loc["P00100"]
    two = features(stored(made.assign(succeeded=made["succeeded"].where(~turned, 1 - made["succeeded"])))).loc["P00100"]
    pd.testing.assert_series_equal(one.drop("succeeded"), two.drop("succeeded"))


def test_one_customers_counts_do_not_depend_on_the_others():
    made = busy()
    columns = [feature.feature for feature in catalogue("payments") if feature.feature != "amount_against_merchant"]
    alone = features(stored(made[made["customer_id"] == "U3"]))[columns]
    pd.testing.assert_frame_equal(features(stored(made)).loc[alone.index, columns], alone)


def test_what_is_usual_at_a_merchant_comes_from_earlier_months_only():
    days = (0, 1, 31, 32)  # two payments in March, two in April
    rows = [(f"p{day}", "A", day * 1440, 1000 * (day + 1), "M1", "card", 1) for day in days]
    found = features(bank(rows))["amount_against_merchant"]
    # March has no month before it; April's usual is the mean log of 1,000 and 2,000 won
    assert found[["p0", "p1"]].isna().all()
    assert found["p31"] == pytest.approx(math.log(32_000) - (math.log(1000) + math.log(2000)) / 2)


def test_a_payment_without_amount_or_outcome_is_no_event():
    rows = [("p1", "A", 0, 1000, "M1", "card", 1), ("p2", "A", 1, None, "M1", "card", 0)]
    found = features(bank([*rows, ("p3", "A", 2, 1000, "M1", "card", None), ("p4", "A", 3, 1000, "M1", "card", 1)]))
    assert list(found.index) == ["p1", "p4"]
    assert found.loc["p4", "count_10m"] == 1


def test_every_feature_of_the_catalogue_is_computed_and_no_other(three):
    known = {feature.feature for feature in catalogue("payments")}
    assert set(features(three).columns) - {"customer_id", "at", "succeeded"} == known


@pytest.mark.parametrize("name", ["response_code", "settled_on", "chargeback", "balance_after", "fraud", "succeeded"])
def test_what_is_known_only_after_the_payment_is_refused(name):
    with pytest.raises(ConfigError, match=name):
        refuse_denied(["ln_amount", name], of_payments=True)
