"""Who has left, when and how: the four causes by hand, what is no leaving, and features that know nothing of it."""

import re
from datetime import date

import pandas as pd
import pytest

from core import db
from core.features.catalogue import catalogue
from core.models.churn import spells
from core.models.churn.flows import flows
from core.models.churn.problem import CHURN
from core.models.classifier import cohorts
from tests.churn_bank import bank, change
from tests.pd_bank import DAYS
from tests.pd_bank import bank as wide_bank

AS_OF = date(2023, 3, 31)
OWN = [name for name in (*CHURN.families, CHURN.query(cohorts.SNAPSHOT)) if "/churn/" in name]


def spells_of(con):
    spells.drop_temp_tables(con)
    spells.make_temp_tables(con)
    rows = con.execute(
        "SELECT business_id, month, cause, known_on, back_month FROM churn_spells WHERE NOT is_closing ORDER BY 1, 2"
    ).fetchall()
    return [(name, str(month)[:7], cause, known, back and str(back)[:7]) for name, month, cause, known, back in rows]


def outcome(con, as_of=AS_OF):
    spells.drop_temp_tables(con)
    spells.make_temp_tables(con)
    cohorts.snapshot(con, CHURN, as_of)
    cohorts.labels(con, CHURN, as_of)
    return {row[0]: row[1:] for row in con.execute("SELECT business_id, outcome, cause FROM cohort_labels").fetchall()}


def state(con, as_of=AS_OF):
    spells.drop_temp_tables(con)
    spells.make_temp_tables(con)
    cohorts.snapshot(con, CHURN, as_of)
    return dict(con.execute("SELECT business_id, state FROM cohort_snapshot").fetchall())


def test_a_customer_who_changes_nothing_has_not_left():
    con = bank("A")
    assert spells_of(con) == []
    assert outcome(con) == {"A": ("stayed", None)}


def test_three_months_without_anything_the_customer_starts_is_inactivity():
    con = bank("A")
    change(con, "A", "2023-06", inflow=0, logins=0, sales=0)
    assert spells_of(con) == [("A", "2023-06", "inactivity", date(2023, 8, 31), None)]


def test_two_silent_months_are_not_ninety_days():
    con = bank("A")
    change(con, "A", "2023-06", "2023-07", inflow=0, logins=0, sales=0)
    assert spells_of(con) == []


def test_money_that_goes_out_by_itself_is_no_sign_of_life_but_a_log_in_is():
    con = bank("A")
    change(con, "A", "2023-06", inflow=0, sales=0)  # outflow goes on, and so do eight log-ins a month
    assert spells_of(con) == []


def test_a_deposit_at_a_fifth_of_the_usual_that_stays_there_is_outflow():
    con = bank("A")
    change(con, "A", "2023-06", deposit=2_000_000)  # usual 10 million; certain with the fourth low month
    assert spells_of(con) == [("A", "2023-06", "outflow", date(2023, 9, 30), None)]


def test_a_deposit_a_little_above_a_fifth_or_low_for_three_months_only_is_not():
    con = bank("A", "B")
    change(con, "A", "2023-06", deposit=2_000_001)
    change(con, "B", "2023-06", "2023-08", deposit=1_000_000)
    assert spells_of(con) == []


def test_sales_that_arrive_elsewhere_are_a_switch_of_the_main_bank():
    con = bank("A")
    change(con, "A", "2023-06", inflow=1_000_000)  # a fifth of 5 million, while the shop sells 8 million
    assert spells_of(con) == [("A", "2023-06", "main_bank_switch", date(2023, 7, 31), None)]


def test_less_money_from_a_shop_that_sells_nothing_is_no_switch():
    con = bank("A")
    change(con, "A", "2023-06", inflow=500_000, sales=0)
    assert spells_of(con) == []


def test_giving_up_the_last_product_and_sending_no_more_money_is_closure_of_products():
    con = bank("A", "B")
    con.execute("UPDATE holdings SET closed_on = DATE '2023-06-15'")
    change(con, "A", "2023-07", inflow=500_000, sales=0)  # B's account goes on working: no leaving
    assert spells_of(con) == [("A", "2023-06", "closure_of_products", date(2023, 8, 31), None)]


def test_a_loan_that_matures_is_no_leaving():
    con = bank("A")
    con.execute("UPDATE holdings SET closed_on = NULL, product_id = 'L01', ends_on = DATE '2023-06-10'")
    con.execute(
        "INSERT INTO loans VALUES ('L1', 'A', 'L01', 10000000, DATE '2020-06-01', DATE '2023-06-10', 'bullet',"
        " DATE '2023-06-10', DATE '2020-06-01')"
    )
    change(con, "A", "2023-07", inflow=900_000, sales=0)
    assert spells_of(con) == []


def test_a_product_that_only_runs_out_is_no_decision_to_leave():
    con = bank("A")
    con.execute("UPDATE holdings SET ends_on = DATE '2023-06-10', closed_on = DATE '2023-06-10'")
    change(con, "A", "2023-07", inflow=900_000, sales=0)
    assert spells_of(con) == []


def test_the_first_sign_dates_a_leaving_and_the_most_complete_one_names_it():
    con = bank("A")
    change(con, "A", "2023-05", inflow=500_000)
    change(con, "A", "2023-06", inflow=0, logins=0)
    assert spells_of(con) == [("A", "2023-05", "inactivity", date(2023, 6, 30), None)]


def test_a_shop_that_was_as_silent_a_year_ago_is_not_leaving():
    con = bank("A")
    for year in ("2022", "2023"):
        change(con, "A", f"{year}-01", f"{year}-03", inflow=0, logins=0, sales=0)
    assert [month for _, month, *_ in spells_of(con)] == ["2022-01"]  # the first winter could not be known for a season


def test_a_shop_that_closes_is_a_competing_end_and_not_a_leaver():
    con = bank("A")
    change(con, "A", "2023-05", inflow=100_000)
    con.execute("UPDATE businesses SET status = 'closed', status_on = DATE '2023-07-20'")
    assert spells_of(con) == []
    assert outcome(con) == {"A": ("business_closed", None)}


def test_who_left_and_closes_half_a_year_later_had_left():
    con = bank("A")
    change(con, "A", "2023-05", inflow=100_000)
    con.execute("UPDATE businesses SET status = 'closed', status_on = DATE '2023-11-20'")
    assert outcome(con) == {"A": ("churned", "main_bank_switch")}


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2023-02", "leaving_already"),
        ("2023-04", "left_in_gap"),  # no alarm could come a month ahead
        ("2023-05", "churned"),
        ("2023-07", "churned"),
        ("2023-08", "stayed"),
    ],
)
def test_the_window_is_the_second_to_fourth_month_after_as_of(month, expected):
    con = bank("A")
    change(con, "A", month, deposit=1_000_000)
    assert outcome(con)["A"][0] == expected


def test_who_returns_is_back_from_the_first_of_two_usual_months():
    con = bank("A")
    change(con, "A", "2023-02", "2023-06", inflow=500_000)
    assert spells_of(con) == [("A", "2023-02", "main_bank_switch", date(2023, 3, 31), "2023-07")]


def test_who_has_certainly_left_is_out_of_the_population_and_back_in_it_after_returning():
    con = bank("A")
    change(con, "A", "2023-02", "2023-06", inflow=500_000)
    assert [state(con, day)["A"] for day in (date(2023, 2, 28), AS_OF, date(2023, 7, 31), date(2023, 8, 31))] == [
        "OK",  # one low month is not certain yet
        "LEFT",
        "LEFT",  # one usual month is not certain either
        "OK",
    ]


def test_an_account_without_life_or_money_is_not_active():
    con = bank("A", "B", "C")
    change(con, "A", "2023-03", "2023-03", inflow=0, logins=0, sales=0)
    change(con, "B", "2023-03", "2023-03", inflow=99_999, deposit=99_999)
    change(con, "C", "2023-03", "2023-03", inflow=100_000, deposit=0)
    assert state(con) == {"A": "NOT_ACTIVE", "B": "NOT_ACTIVE", "C": "OK"}


def test_five_months_of_account_are_too_short():
    con = bank("A")
    con.execute("DELETE FROM balances WHERE month < DATE '2022-11-01'")
    assert state(con) == {"A": "SHORT"}


def monthly_flows(con):
    spells.drop_temp_tables(con)
    flows(con)
    rows = con.execute("FROM churn_flows ORDER BY month").df().set_index("month")
    return rows.drop(columns="manager_id")


def test_every_customer_makes_one_move_a_month_and_the_moves_add_up():
    con = bank("A", "B", "C", "D")
    change(con, "A", "2023-02", "2023-05", inflow=500_000)  # leaves in February, is back in June
    con.execute("UPDATE businesses SET status = 'closed', status_on = DATE '2023-06-10' WHERE business_id = 'B'")
    con.execute("DELETE FROM balances WHERE business_id = 'C' AND month < DATE '2023-06-01'")  # new in June
    found = monthly_flows(con)
    assert (found["active_end"] == found.eval("active_start + new + reactivated - churned - closed")).all()
    assert (found["active_start"].iloc[1:].to_numpy() == found["active_end"].iloc[:-1].to_numpy()).all()
    columns = ["active_start", "new", "reactivated", "churned", "closed", "active_end"]
    assert found.loc["2023-02-01", columns].tolist() == [3, 0, 0, 1, 0, 2]
    assert found.loc["2023-06-01", columns].tolist() == [2, 1, 1, 0, 1, 3]


def test_months_whose_outcome_may_still_change_are_provisional():
    found = monthly_flows(bank("A"))["provisional"]
    assert found.index[found].strftime("%Y-%m").tolist() == ["2023-10", "2023-11", "2023-12"]


def test_causes_are_counted_by_month_and_the_closed_businesses_beside_them():
    con = bank("A", "B", "C")
    change(con, "A", "2023-02", inflow=500_000)
    change(con, "B", "2023-02", deposit=0)
    con.execute("UPDATE businesses SET status = 'closed', status_on = DATE '2023-06-10' WHERE business_id = 'C'")
    flows(con)
    rows = {row[:2]: row[2:] for row in con.execute("FROM churn_causes").fetchall()}
    assert rows["2023-02", "outflow"] == (1, 0.5)
    assert rows["all", "main_bank_switch"] == (1, 0.5)
    assert rows["all", "business_closed"] == (1, None)


def features(con, as_of):
    spells.drop_temp_tables(con)
    spells.make_temp_tables(con)
    cohorts.snapshot(con, CHURN, as_of)
    return con.execute("FROM cohort_snapshot ORDER BY business_id").df()


@pytest.fixture(scope="module")
def book():
    """A bank of 150 businesses whose holdings and loans have products."""
    con = wide_bank(150)
    con.execute("ALTER TABLE holdings ADD COLUMN product_id VARCHAR DEFAULT 'D01'")
    con.execute("ALTER TABLE loans ADD COLUMN product_id VARCHAR DEFAULT 'L01'")
    con.execute("ALTER TABLE businesses ADD COLUMN manager_id VARCHAR DEFAULT 'M1'")
    return con


@pytest.mark.parametrize("as_of", [date(2022, 6, 30), date(2022, 3, 31), date(2020, 5, 31)])
def test_deleting_every_row_after_as_of_changes_neither_feature_nor_state(as_of):
    con = wide_bank(150)
    con.execute("ALTER TABLE holdings ADD COLUMN product_id VARCHAR DEFAULT 'D01'")
    con.execute("ALTER TABLE loans ADD COLUMN product_id VARCHAR DEFAULT 'L01'")
    con.execute(
        "UPDATE balances SET inflow_krw = 0, logins = 0 WHERE month > DATE '2022-01-01' AND hash(business_id) % 5 = 0"
    )
    con.execute("UPDATE holdings SET closed_on = DATE '2022-06-15' WHERE hash(business_id) % 3 = 0")
    before = features(con, as_of)
    for table in DAYS:
        con.execute(f"DELETE FROM {table} WHERE available_on > $as_of", {"as_of": as_of})
    con.execute("UPDATE businesses SET status = 'open', status_on = NULL WHERE status_on > $as_of", {"as_of": as_of})
    con.execute("UPDATE holdings SET closed_on = NULL WHERE closed_on > $as_of", {"as_of": as_of})
    pd.testing.assert_frame_equal(before, features(con, as_of))


def test_one_row_a_business_and_every_feature_of_the_catalogue(book):
    found = features(book, date(2022, 6, 30))
    names = [feature.feature for feature in catalogue("churn")]
    assert found["business_id"].is_unique
    assert set(names) <= set(found.columns)
    assert {str(kind) for kind in found[names].dtypes} == {"float64"}
    assert found[names].notna().any().all()


def test_features_by_hand():
    con = bank("A")
    change(con, "A", "2023-03", "2023-03", logins=0, inflow=2_490_000, deposit=4_995_000)
    con.execute("UPDATE balances SET autopay_count = 1 WHERE month = DATE '2023-03-01'")
    row = features(con, AS_OF).iloc[0]
    assert row["logins_last_month"] == pytest.approx(-2.197225, abs=1e-6)  # ln(1 / 9)
    assert row["inflow_last_month"] == pytest.approx(-0.695145, abs=1e-6)  # ln(2.5 / 5.01)
    assert row["deposit_last_month"] == pytest.approx(-0.693147, abs=1e-6)  # ln(1 / 2)
    assert (row["autopay_last_month"], row["autopay_share_left"]) == (-3, 0.25)
    assert row["inflow_share_3m"] == pytest.approx(12.49 / 24, abs=1e-8)
    assert row["inflow_share_change"] == pytest.approx(12.49 / 24 - 5 / 8, abs=1e-8)


@pytest.mark.parametrize(
    ("ends", "closed", "expected"),
    [
        ("DATE '2023-06-29'", "NULL", (0, 1)),  # the ninetieth day
        ("DATE '2023-06-30'", "NULL", (0, 0)),
        ("DATE '2023-06-29'", "DATE '2023-02-01'", (1, 0)),
        ("NULL", "DATE '2023-04-01'", (0, 0)),  # closed after the as_of: not known yet
        ("NULL", "DATE '2022-03-31'", (0, 0)),
    ],
)
def test_products_that_ended_and_that_end_soon(ends, closed, expected):
    con = bank("A")
    con.execute(f"UPDATE holdings SET ends_on = {ends}, closed_on = {closed}")
    row = features(con, AS_OF).iloc[0]
    assert (row["products_given_up_12m"], row["products_ending_90d"]) == expected


def test_a_bank_that_sends_neither_contacts_nor_holdings_leaves_them_unknown():
    con = bank("A")
    con.execute("DELETE FROM holdings")
    row = features(con, AS_OF).iloc[0]
    unknown = ["months_since_contact", "complaints_6m", "products_ending_90d", "products_given_up_12m", "products_held"]
    assert row[unknown].isna().all()


@pytest.mark.parametrize("name", OWN)
def test_feature_sql_keeps_to_what_duckdb_and_spark_share(name):
    code = re.sub(r"--[^\n]*", "", db.sql(name))
    assert not re.search(
        r"\b(QUALIFY|EXCLUDE|UNPIVOT|PIVOT|list_\w+|struct_\w+|date_diff|unnest|quantile_cont|log)\b|::", code
    )
    assert "$as_of" in code


@pytest.mark.parametrize("name", OWN)
def test_no_feature_reads_an_outcome(name):
    code = re.sub(r"--[^\n]*", "", db.sql(name))
    assert not re.search(r"cohort_labels|outcome|owner_birth_year|\bsex\b|status|churn_spells", code)
    assert name.endswith("/churn_population") or "churn_signs" not in code
