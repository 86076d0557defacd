"""Migration, rules and alerts of a few customers whose every month is known."""

from datetime import date

import pandas as pd
import pytest

from core import db, tables
from core.watch import alerts
from tests.watch.bank import ENDS, NEWEST, bank

JUNE, JULY = date(2023, 6, 30), date(2023, 7, 31)


def _watch(con: db.Connection) -> db.Connection:
    """The bank with the tables that core.watch.alerts writes."""
    alerts.make_temp_tables(con)
    alerts.write_migration(con)
    alerts.write_alerts(con, NEWEST)
    return con


def _alerts(con: db.Connection) -> pd.DataFrame:
    return _watch(con).table("watch_alerts").df()


def _rule(con: db.Connection, name: str) -> pd.Series:
    return _watch(con).table("watch_rules").df().set_index("rule").loc[name]


def test_every_row_of_the_migration_adds_up_to_one_and_counts_who_is_gone():
    con = _watch(bank("A", "B", "C", closed_on={"B": NEWEST}, insufficient_on={"C": NEWEST}))
    rows = con.table("watch_migration").df()
    totals = rows.groupby(["months", "from_as_of", "from_tier"])["share"].sum()
    assert totals.between(1 - 1e-12, 1 + 1e-12).all()
    last = rows[(rows["months"] == 1) & (rows["to_as_of"] == pd.Timestamp(NEWEST))]
    assert dict(zip(last["to_place"], last["businesses"], strict=True)) == {"3": 1, "CLOSED": 1, "INSUFFICIENT": 1}


def test_default_and_leaving_have_columns_of_their_own():
    con = _watch(bank("A", "B", days_past_due={"A": {NEWEST: 95}}, left_on={"B": date(2024, 12, 1)}))
    last = con.sql("FROM watch_migration WHERE months = 1 AND to_as_of = DATE '2024-12-31'").df()
    assert sorted(last["to_place"]) == ["DEFAULT", "EXITED"]


def test_twelve_months_are_counted_directly():
    """Down in the middle and up again: over twelve months nothing has changed."""
    con = _watch(bank("A", tiers={"A": {date(2024, 6, 30): 1}}))
    year = con.sql("FROM watch_migration WHERE months = 12 AND to_as_of = DATE '2024-12-31'").df()
    assert year[["from_tier", "to_place", "businesses"]].values.tolist() == [[3, "3", 1]]


def test_months_in_a_row_are_one_alert_and_it_keeps_its_first_day():
    late = {ENDS[-3]: 12, ENDS[-2]: 15, ENDS[-1]: 20, ENDS[5]: 12}
    rows = _alerts(bank("A", days_past_due={"A": late}))
    assert rows[["rule", "months"]].values.tolist() == [["past_due_10", 3]]
    assert rows["first_on"].iloc[0].date() == ENDS[-3]
    assert rows["alert_id"].iloc[0] == "past_due_10:A:2024-10"


def test_precision_and_lead_count_alerts_whose_twelve_months_are_over():
    """A: late in June 2023, in default in September: right, three months ahead. B: late, and nothing came of it.

    C: late in August 2024: its twelve months are not over, it counts neither way.
    """
    late = {"A": {JUNE: 12, date(2023, 9, 30): 95}, "B": {JULY: 14}, "C": {date(2024, 8, 31): 14}}
    rule = _rule(bank("A", "B", "C", days_past_due=late), "past_due_10")
    assert (rule["judged"], rule["hits"], rule["precision"]) == (2, 1, 0.5)
    assert (rule["lead_median"], rule["lead_3_share"]) == (3.0, 1.0)


def test_an_alert_that_may_have_begun_before_the_history_is_not_judged():
    con = bank("A", days_past_due={"A": {ENDS[0]: 12, ENDS[1]: 95}})
    assert _rule(con, "past_due_10")["judged"] == 0


def test_who_is_in_default_or_closed_raises_no_alert():
    assert _alerts(bank("A", days_past_due={"A": {NEWEST: 95}})).empty


def test_beyond_the_budget_alerts_are_counted_and_not_sent():
    customers = [f"B{number:02d}" for number in range(20)]
    rows = _alerts(bank(*customers, tiers={customer: {NEWEST: 2} for customer in customers}))
    assert len(rows) == 20
    assert rows["within_budget"].sum() == 15  # [watch] budget of the policy


def test_a_graver_alert_stands_before_a_larger_loss():
    con = bank(
        *("A", "B"),
        tiers={"A": {NEWEST: 2}},
        expected_loss_krw={"A": 9_000_000},
        days_past_due={"B": {NEWEST: 45}},
    )
    assert _alerts(con).set_index("business_id")["place"].to_dict() == {"B": 1, "A": 2}


def _model_alerts(*rows: tuple) -> pd.DataFrame:
    """Alerts on the models without drift and with these rows of performance: unit, to_on, metric, missed."""
    con = db.connect()
    tables.ensure(con, "watch_drift", "watch_performance")
    frame = pd.DataFrame(rows, columns=["unit", "to_on", "metric", "missed"])
    tables.append(con, "watch_performance", frame.assign(model="payments", state="matured", value=0.5, gate=0.7, n=400))
    alerts.write_model_alerts(con, NEWEST)
    return con.table("watch_model_alerts").df()


def test_a_gate_that_only_a_week_can_measure_raises_an_alert_too():
    sunday, sunday_before = date(2025, 1, 5), date(2024, 12, 29)
    rows = _model_alerts(
        ("rolling", NEWEST, "accuracy", False),
        ("week", sunday, "accuracy", True),  # the last seven days are better
        ("week", sunday, "base_rate_failure", False),  # of few failures: no balanced accuracy
        ("week", sunday_before, "balanced_accuracy", True),
    )
    assert rows[["alert_id", "severity"]].values.tolist() == [["gate:payments:balanced_accuracy", "critical"]]
    assert rows["as_of"].iloc[0].date() == sunday_before
    assert rows["customers"].isna().all(), "a missed gate puts nobody into another tier"


def test_an_alert_of_a_week_that_is_not_over_is_of_the_newest_day():
    rows = _model_alerts(("week", date(2025, 1, 5), "mcc", True))
    assert rows["as_of"].iloc[0].date() == NEWEST


@pytest.mark.parametrize(("p", "alerts_raised"), [(0.0999, 0), (0.10, 1)])
def test_a_chance_of_default_alarms_from_ten_per_cent_on(p: float, alerts_raised: int):
    assert len(_alerts(bank("A", pd_12m={"A": p}))) == alerts_raised
