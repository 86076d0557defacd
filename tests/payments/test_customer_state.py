"""Features one event at a time are those of the SQL; what is remembered survives being written down."""

import json
from datetime import datetime, timedelta
from math import isnan

import numpy as np
import orjson
import pandas as pd
import pytest

from core import db
from core.features.catalogue import catalogue
from core.payments import customer_state, events, features, usual_amounts
from core.payments.customer_state import FEATURES, HABIT_MOST, Customer
from tests.payments.test_features import busy, stored

NOON = "2024-03-04T12:00:00"


def event(number: int = 1, at: str = NOON, won: int = 10_000, **other: object) -> events.Event:
    """A payment of customer U1 in a cafe."""
    said = {
        "payment_id": f"P{number}",
        "customer_id": "U1",
        "at": at,
        "amount_krw": won,
        "merchant_id": "M1",
        "merchant_category": "cafe",
        "method": "card",
        "succeeded": 1,
    }
    return events.parse(json.dumps(said | other).encode())


def replayed(rows: pd.DataFrame, table: usual_amounts.Usual) -> pd.DataFrame:
    """Features of payments in the order given, one event at a time; every state written down and read back."""
    states: dict[str, bytes] = {}
    found = []
    for row in rows.to_dict("records"):
        one = events.parse(orjson.dumps(row | {"at": row["at"].isoformat()}))
        known = Customer.of(orjson.loads(states[one.customer_id])) if one.customer_id in states else Customer()
        known.refuse(one)
        found.append((one.payment_id, *known.features(one, table.ln_amount(one))))
        known.add(one)
        states[one.customer_id] = orjson.dumps(known.state())
    return pd.DataFrame(found, columns=["payment_id", *FEATURES, HABIT_MOST]).set_index("payment_id").astype(float)


def of_the_sql(con: db.Connection) -> tuple[pd.DataFrame, usual_amounts.Usual]:
    """Features of every payment by the SQL of the build, and the table of usual amounts for all months."""
    features.make_temp_tables(con)
    habit = db.query(con, "core/payments/sql/payment_habit").set_index("payment_id")
    table = usual_amounts.usual(con, months=10_000)
    found = features.rows(con).set_index("payment_id")
    return found.join(habit)[[*FEATURES, HABIT_MOST]].astype(float), table


def assert_same(rows: pd.DataFrame, by_sql: pd.DataFrame, table: usual_amounts.Usual) -> None:
    """The stream's features of `rows` are the SQL's, to 1e-9."""
    by_stream = replayed(rows.sort_values(["at", "payment_id"]), table)
    assert len(by_stream) == len(rows)
    pd.testing.assert_frame_equal(by_stream, by_sql.loc[by_stream.index], rtol=1e-9, atol=1e-9)


def test_every_feature_of_the_model_is_computed_in_its_order():
    assert {*FEATURES} == {feature.feature for feature in catalogue("payments")}
    assert len(Customer().features(event(), 9.0)) == len(FEATURES) + 1


@pytest.mark.parametrize("seed", [5, 6])
def test_bursts_pauses_and_equal_instants_give_the_features_of_the_sql(seed: int):
    rows = busy(seed=seed)
    assert_same(rows, *of_the_sql(stored(rows)))


def test_payments_within_microseconds_of_a_windows_end_fall_on_the_same_side():
    ends = [timedelta(minutes=10), timedelta(hours=1), timedelta(hours=24), timedelta(days=7), timedelta(days=30)]
    at = [datetime(2024, 6, 1), datetime(2024, 6, 1)]
    for end in ends:
        at += [at[-1] + end + timedelta(microseconds=step) for step in (-1, 0, 1)]
    rows = busy(1, len(at)).assign(at=pd.to_datetime(sorted(at)))
    assert_same(rows, *of_the_sql(stored(rows)))


@pytest.mark.slow
def test_customers_of_the_demo_replayed_have_the_features_of_the_build(demo_build):
    builds = demo_build / "builds"
    with db.open_build(builds, db.current_build(builds)) as built:
        found = built.execute("SELECT * EXCLUDE (fraud, available_on, business_id) FROM payments").df()
    newest = found["at"].max() - pd.Timedelta(days=30)
    customers = found.loc[found["at"] > newest, "customer_id"].unique()[:60]  # with all of their past
    rows = found[found["customer_id"].isin(customers)]
    assert len(rows) > 5_000
    assert_same(rows, *of_the_sql(stored(rows)))


def test_the_outcome_of_a_payment_is_in_none_of_its_own_features():
    known = Customer()
    known.add(event(1))
    failed, fine = (event(2, "2024-03-04T12:05:00", succeeded=outcome) for outcome in (0, 1))
    assert known.features(failed, 9.0) == known.features(fine, 9.0)


def test_an_id_that_has_been_counted_is_a_duplicate_at_any_time():
    known = Customer()
    known.add(event(1))
    for at in (NOON, "2024-03-04T12:05:00", "2024-03-04T11:00:00"):
        with pytest.raises(events.Fault, match="duplicate"):
            known.refuse(event(1, at))


def test_a_clock_that_runs_backwards_is_refused_and_the_same_instant_is_not():
    known = Customer()
    known.add(event(1))
    known.refuse(event(2))
    with pytest.raises(events.Fault, match=r"clock_backwards.*0\.000001 s"):
        known.refuse(event(2, "2024-03-04T11:59:59.999999"))


def test_after_thirty_days_a_customer_is_new_and_nothing_is_left():
    known = Customer()
    known.add(event(1))
    known.before(events.instant("2024-04-03T12:00:00"))
    assert known.known == 1  # thirty days to the microsecond are still remembered
    known.add(event(2, "2024-04-03T12:00:00"))
    known.before(events.instant("2024-05-03T12:00:01"))
    assert known == Customer()


def test_the_state_is_json_and_the_same_customer_always_gives_the_same_text():
    known = Customer()
    for number, shop in enumerate(["M3", "M1", "M2"]):
        one = event(number, f"2024-03-04T12:0{number}:00", merchant_id=shop)
        known.before(one.at)
        known.add(one)
    text = orjson.dumps(known.state())
    assert Customer.of(orjson.loads(text)) == known
    assert orjson.dumps(Customer.of(orjson.loads(text)).state()) == text


def test_what_is_usual_falls_back_on_the_category_and_then_on_nothing():
    table = usual_amounts.Usual({"2024-02": {"merchants": {"M1": 9.0}, "categories": {"cafe": 8.0}}})
    assert table.ln_amount(event()) == 9.0  # March: the newest month that the build knew
    assert table.ln_amount(event(merchant_id="M2")) == 8.0
    assert isnan(table.ln_amount(event(merchant_id="M2", merchant_category="spa")))
    assert isnan(table.ln_amount(event(at="2024-01-31T12:00:00")))
    assert isnan(usual_amounts.Usual({}).ln_amount(event()))


def test_a_favourite_hour_is_known_from_five_payments_on():
    known = Customer()
    for number in range(6):
        one = event(number, f"2024-03-0{number + 1}T12:00:00")
        most = known.features(one, np.nan)[-1]
        assert isnan(most) == (number < customer_state.KNOWN_FOR_Z)
        known.add(one)
    assert most == pytest.approx((5 + 3) / (5 + 24))
