"""Features of the default model: they use only rows known at as_of, and unknown stays unknown."""

import math
import re
from datetime import date

import pandas as pd
import pytest

from core import db
from core.errors import ConfigError
from core.features.catalogue import catalogue, refuse_denied
from core.models.classifier import cohorts
from core.models.default.problem import DEFAULT
from tests.pd_bank import DAYS, bank

AS_OF = date(2022, 6, 30)
FAMILIES = [*DEFAULT.families, DEFAULT.query(cohorts.SNAPSHOT)]
FEATURES = [feature.feature for feature in catalogue()]


@pytest.fixture
def con():
    """A bank of 150 businesses, 2019-01 to 2023-12."""
    return bank(150)


def features(con, as_of=AS_OF, last_slice=cohorts.EVERYBODY):
    cohorts.snapshot(con, DEFAULT, as_of, last_slice)
    return con.execute("FROM cohort_snapshot ORDER BY business_id").df()


def forget(con, as_of):
    """Delete every raw row that the bank did not have at `as_of`."""
    for table in DAYS:
        con.execute(f"DELETE FROM {table} WHERE available_on > $as_of", {"as_of": as_of})
    con.execute("UPDATE businesses SET status = 'open', status_on = NULL WHERE status_on > $as_of", {"as_of": as_of})


@pytest.mark.parametrize("as_of", [AS_OF, date(2022, 3, 31), date(2020, 5, 31)])
def test_deleting_every_row_after_as_of_changes_no_feature(con, as_of):
    before = features(con, as_of)
    forget(con, as_of)
    pd.testing.assert_frame_equal(before, features(con, as_of))


def test_a_row_that_arrives_late_is_not_used_before_it_arrives(con):
    before = features(con)
    con.execute("UPDATE revenue SET available_on = DATE '2022-07-20' WHERE month = DATE '2022-06-01'")
    after = features(con)
    con.execute("DELETE FROM revenue WHERE month = DATE '2022-06-01'")
    pd.testing.assert_frame_equal(after, features(con))
    assert not before["revenue_recent_change"].equals(after["revenue_recent_change"])


def test_peers_are_compared_at_the_same_as_of_only(con):
    before = features(con)
    con.execute("UPDATE revenue SET revenue_krw = 100 * revenue_krw WHERE month > DATE '2022-06-30'")
    assert before["peers_change"].equals(features(con)["peers_change"])


def test_a_market_quarter_counts_from_the_day_it_was_published(con):
    # 2022Q1 ends 31 March and is published 60 days later, on 30 May: at the end of April 2021Q4 is the newest.
    april, june = (features(con, day)["market_change_yoy"].dropna().iloc[0] for day in (date(2022, 4, 30), AS_OF))
    assert april == pytest.approx(math.log(1.11 / 1.07))  # quarters 11 and 7 of a line that gains 1 % a quarter
    assert june == pytest.approx(math.log(1.12 / 1.08))


def test_a_business_that_closes_later_is_still_in_the_population(con):
    closed = con.execute("SELECT business_id FROM businesses WHERE status_on > DATE '2022-06-30'").df()["business_id"]
    states = features(con).set_index("business_id")["state"]
    assert len(closed) > 3
    assert (states[closed] != "CLOSED").all()


def test_a_business_that_has_closed_is_marked_from_that_day(con):
    closed = con.execute("SELECT business_id FROM businesses WHERE status_on <= DATE '2022-06-30'").df()["business_id"]
    assert (features(con).set_index("business_id").loc[closed, "state"] == "CLOSED").all()


def test_a_business_is_unknown_before_it_is_a_customer(con):
    con.execute("UPDATE businesses SET customer_since = DATE '2022-07-01' WHERE business_id = 'B00000'")
    assert "B00000" not in set(features(con)["business_id"])


def test_two_months_of_sales_are_too_few(con):
    con.execute(
        "DELETE FROM revenue WHERE business_id = 'B00000' AND month NOT IN (DATE '2022-05-01', DATE '2022-06-01')"
    )
    con.execute("DELETE FROM repayments WHERE loan_id = 'LB00000'")
    con.execute("UPDATE businesses SET status = 'open', status_on = NULL WHERE business_id = 'B00000'")
    assert features(con).set_index("business_id").loc["B00000", "state"] == "INSUFFICIENT"


def test_sales_features_by_hand(con):
    """Twelve months at 1 million, then three at 2 million: change ln 2, slope of a step."""
    con.execute("DELETE FROM revenue WHERE business_id = 'B00000'")
    con.execute(
        "INSERT INTO revenue SELECT 'B00000', CAST(m AS DATE),"
        " CASE WHEN m >= DATE '2022-04-01' THEN 2000000 ELSE 1000000 END, last_day(m)"
        " FROM range(DATE '2021-01-01', DATE '2022-07-01', INTERVAL 1 MONTH) AS r(m)"
    )
    row = features(con).set_index("business_id").loc["B00000"]
    assert row["revenue_change_yoy"] == pytest.approx(math.log(2_010_000 / 1_010_000), abs=1e-8)
    assert row["revenue_recent_change"] == pytest.approx(math.log(2_010_000 / 1_010_000), abs=1e-8)
    # ages 0..11, centred sum of squares 143; covariance sum 13.5 million; mean 1.25 million
    assert row["revenue_slope_12m"] == pytest.approx(12 * (13.5 / 143) / 1.25, abs=1e-8)
    assert row["missing_months_12m"] == 0
    assert row["zero_months_12m"] == 0


def test_a_missing_month_is_not_a_month_of_zero(con):
    con.execute("DELETE FROM revenue WHERE business_id = 'B00000' AND month = DATE '2022-02-01'")
    con.execute("UPDATE revenue SET revenue_krw = 0 WHERE business_id = 'B00000' AND month = DATE '2022-03-01'")
    row = features(con).set_index("business_id").loc["B00000"]
    assert row["missing_months_12m"] >= 1
    assert row["zero_months_12m"] == 1


def test_features_of_missing_tables_are_unknown(con):
    con.execute("DELETE FROM balances; DELETE FROM contacts; DELETE FROM holdings; DELETE FROM market_sales")
    con.execute("DELETE FROM repayments; DELETE FROM loans")
    rows = features(con)
    unknown = [
        "cash_coverage_6m",
        "deposit_change",
        "deposit_months_covered",
        "overdraft_use_now",
        "dpd_now",
        "dpd_max_12m",
        "months_since_late",
        "paid_share_6m",
        "instalment_to_inflow",
        "autopay_change",
        "logins_change",
        "products_held",
        "contacts_6m",
        "complaints_12m",
        "market_change_yoy",
        "card_share_6m",
    ]
    assert rows[unknown].isna().all().all()


def test_features_of_missing_amounts_are_unknown(con):
    """`greatest` and `least` skip NULL: clipping with them would turn an unknown into the clip."""
    amounts = ("deposit_avg_krw", "inflow_krw", "outflow_krw", "overdraft_used_krw", "autopay_count", "logins")
    con.execute("UPDATE balances SET " + ", ".join(f"{name} = NULL" for name in amounts))
    con.execute("UPDATE repayments SET due_krw = NULL, paid_krw = NULL, days_past_due = NULL")
    rows = features(con)
    unknown = ["cash_coverage_6m", "deposit_change", "deposit_months_covered", "overdraft_use_now", "autopay_change"]
    unknown += ["logins_change", "dpd_now", "dpd_max_12m", "paid_share_6m", "instalment_to_inflow"]
    assert rows[unknown].isna().all().all()


def test_arrears_by_hand(con):
    con.execute("DELETE FROM repayments WHERE loan_id = 'LB00000'")
    con.execute("DELETE FROM loans WHERE business_id = 'B00000'")
    con.execute(
        "INSERT INTO loans VALUES ('LB00000', 'B00000', 12000000, DATE '2021-01-01', DATE '2027-01-01', 'bullet', NULL,"
        " DATE '2021-01-01')"
    )
    con.execute(
        "INSERT INTO repayments SELECT 'LB00000', CAST(m AS DATE), 100000,"
        " CASE WHEN m = DATE '2022-03-01' THEN 0 ELSE 100000 END,"
        " CASE WHEN m = DATE '2022-03-01' THEN 20 ELSE 0 END, last_day(m)"
        " FROM range(DATE '2021-01-01', DATE '2022-07-01', INTERVAL 1 MONTH) AS r(m)"
    )
    row = features(con).set_index("business_id").loc["B00000"]
    assert (row["dpd_now"], row["dpd_max_12m"], row["months_since_late"], row["late_payments_12m"]) == (0, 20, 3, 1)
    assert row["paid_share_6m"] == pytest.approx(5 / 6, abs=1e-8)


def test_one_row_per_business_with_every_feature_of_the_catalogue(con):
    rows = features(con)
    assert rows["business_id"].is_unique
    assert set(FEATURES) <= set(rows.columns)
    assert {str(kind) for kind in rows[FEATURES].dtypes} == {"float64"}


def test_hash_slice_of_a_large_bank_is_a_part_of_it(con):
    whole, part = features(con), features(con, last_slice="800")
    assert 0.3 < len(part) / len(whole) < 0.7
    same = whole[whole["business_id"].isin(part["business_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, part)


@pytest.mark.parametrize("name", FAMILIES)
def test_feature_sql_keeps_to_what_duckdb_and_spark_share(name):
    code = re.sub(r"--[^\n]*", "", db.sql(name))
    assert not re.search(
        r"\b(QUALIFY|EXCLUDE|UNPIVOT|PIVOT|list_\w+|struct_\w+|date_diff|unnest|quantile_cont|log)\b|::", code
    )
    assert "$as_of" in code


@pytest.mark.parametrize("name", FAMILIES)
def test_no_feature_reads_an_outcome(name):
    code = re.sub(r"--[^\n]*", "", db.sql(name))
    assert not re.search(r"pd_labels|outcome|owner_birth_year|\bsex\b", code)
    assert name.endswith("/feature_population") or "status" not in code


@pytest.mark.parametrize("name", ["status_on", "closed_on", "owner_age", "sex", "owner_birth_year"])
def test_outcomes_and_personal_traits_are_refused_as_features(name):
    with pytest.raises(ConfigError, match=name):
        refuse_denied(["dpd_now", name])


def outcomes(con, as_of=AS_OF):
    cohorts.snapshot(con, DEFAULT, as_of)
    cohorts.labels(con, DEFAULT, as_of)
    return con.execute("FROM cohort_labels").df().set_index("business_id")["outcome"]


def set_arrears(con, month, days):
    con.execute("UPDATE repayments SET days_past_due = 0 WHERE loan_id = 'LB00000'")
    con.execute(f"UPDATE repayments SET days_past_due = {days} WHERE loan_id = 'LB00000' AND month = DATE '{month}'")


@pytest.fixture
def lent(con):
    """The bank with B00000 open and owing for the whole time."""
    con.execute("DELETE FROM repayments WHERE loan_id = 'LB00000'; DELETE FROM loans WHERE business_id = 'B00000'")
    con.execute("UPDATE businesses SET status = 'open', status_on = NULL WHERE business_id = 'B00000'")
    con.execute(
        "INSERT INTO loans VALUES ('LB00000', 'B00000', 12000000, DATE '2021-01-01', DATE '2027-01-01', 'bullet', NULL,"
        " DATE '2021-01-01')"
    )
    con.execute(
        "INSERT INTO repayments SELECT 'LB00000', CAST(m AS DATE), 100000, 100000, 0, last_day(m)"
        " FROM range(DATE '2021-01-01', DATE '2024-01-01', INTERVAL 1 MONTH) AS r(m)"
    )
    return con


@pytest.mark.parametrize(
    ("month", "days", "outcome"),
    [
        ("2022-06-01", 89, "good"),  # known at the as_of: a feature, not an outcome
        ("2022-07-01", 90, "bad"),
        ("2023-06-01", 90, "bad"),
        ("2023-07-01", 90, "good"),  # thirteenth month
        ("2023-01-01", 89, "indeterminate"),
        ("2023-01-01", 30, "indeterminate"),
        ("2023-01-01", 29, "good"),
    ],
)
def test_outcome_looks_at_the_twelve_months_after_as_of(lent, month, days, outcome):
    set_arrears(lent, month, days)
    assert outcomes(lent)["B00000"] == outcome


def test_a_borrower_already_in_default_has_no_outcome(lent):
    set_arrears(lent, "2022-06-01", 95)
    assert "B00000" not in outcomes(lent).index


def test_a_loan_granted_after_as_of_does_not_make_its_borrower_bad(lent):
    lent.execute(
        "INSERT INTO loans VALUES ('LATER', 'B00000', 1, DATE '2022-09-01', DATE '2027-01-01', 'bullet', NULL,"
        " DATE '2022-09-01')"
    )
    lent.execute("INSERT INTO repayments VALUES ('LATER', DATE '2022-12-01', 1, 0, 120, DATE '2022-12-31')")
    assert outcomes(lent)["B00000"] == "good"


def test_a_loan_that_is_never_reported_again_has_no_outcome(lent):
    lent.execute("DELETE FROM repayments WHERE loan_id = 'LB00000' AND month > DATE '2022-06-30'")
    assert outcomes(lent)["B00000"] == "unobserved"
