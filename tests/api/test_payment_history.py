"""Features of payments in a request equal those of the build, whatever is requested with or before them."""

import random
from datetime import datetime, timedelta

import numpy as np
import pytest

from core import db
from core.api.payment_history import PaymentHistory
from core.payments import features as payment_features
from core.payments.events import START, Event
from core.payments.scorer import COLUMNS
from core.payments.usual_amounts import Usual

BEGIN = datetime(2024, 1, 1)
# Needs the build's table of usual amounts, which has its own test.
NOT_COMPARED = "amount_against_merchant"


@pytest.fixture
def con() -> db.Connection:
    """Three customers with gaps, repeats and payments of one instant."""
    chance, con = random.Random(5), db.connect()
    con.execute(
        'CREATE TABLE payments (payment_id VARCHAR, customer_id VARCHAR, business_id VARCHAR, "at" TIMESTAMP,'
        " amount_krw BIGINT, merchant_id VARCHAR, merchant_category VARCHAR, method VARCHAR, succeeded INTEGER,"
        " fraud INTEGER, available_on DATE)"
    )
    for customer in range(3):
        at = BEGIN
        for number in range(80):
            at += timedelta(
                seconds=chance.choice([0, 40, 900, 7_200, 90_000, 90_000 * (30 if number % 25 == 9 else 1)])
            )
            merchant = f"M{chance.randrange(6)}"
            row = (
                f"P{customer}-{number:03}",
                f"U{customer}",
                "B1",
                at,
                chance.choice([10_000, 12_345, 99_000]),
                merchant,
            )
            row += ("cafe", chance.choice(["card", "mobile"]), int(chance.random() > 0.2), 0, at.date())
            con.execute("INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return con


def _events(con: db.Connection) -> list[Event]:
    rows = con.execute('FROM payments ORDER BY "at", payment_id').fetchall()
    return [
        Event(row[0], row[1], (row[3] - START) // timedelta(microseconds=1), row[4], row[5], row[6], row[7], 1 - row[8])
        for row in rows
    ]


def test_features_of_a_history_are_those_of_the_build(con: db.Connection):
    payment_features.make_temp_tables(con)
    rows = payment_features.rows(con).set_index("payment_id")
    events = _events(con)
    features = PaymentHistory(con, Usual({})).features(events)
    for column, name in enumerate(COLUMNS):
        if name in rows and name != NOT_COMPARED:
            expected = rows.loc[[event.payment_id for event in events], name].to_numpy(dtype=float, na_value=np.nan)
            np.testing.assert_allclose(features[:, column], expected, atol=1e-9, rtol=0, err_msg=name)


def test_neither_the_order_of_payments_nor_earlier_requests_change_features(con: db.Connection):
    events = _events(con)
    later = [event._replace(at=event.at + 10**12) for event in events[-9:]]
    together = PaymentHistory(con, Usual({})).features([*events, *later])
    warm = PaymentHistory(con, Usual({}))
    warm.read_newest()
    alone = np.vstack([warm.features([event]) for event in reversed([*events, *later])])[::-1]
    np.testing.assert_array_equal(together, alone)


def test_an_unknown_customer_has_features_too(con: db.Connection):
    features = PaymentHistory(con, Usual({})).features([_events(con)[0]._replace(customer_id="nobody")])
    assert features[0, COLUMNS.index("ln_payments_known")] == 0
