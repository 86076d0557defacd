"""The work list takes the visits that are worth most and says of the next why they are not on it."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core import db
from core.config import ROOT, policy
from core.marts.build_step import worklist_params

AS_OF = date(2024, 12, 31)
DECIDED = policy()["worklist"]
# A healthy customer of M1, no rule names it; every column that the mart and Today's query read.
USUAL: dict[str, object] = {
    "manager_id": "M1",
    "name": "n",
    "state": "OK",
    "status": "open",
    "score": 70,
    "tier": 4,
    "tier_move": 0,
    "days_past_due": 0,
    "pd_state": "OK",
    "pd_basis": "exposed",
    "pd_12m": 0.01,
    "pd_1m": 0.01,
    "expected_loss_krw": 100_000,
    "exposure_krw": 20_000_000,
    "deposit_avg_krw": 5_000_000,
    "next_maturity_on": None,
    "last_contact_on": date(2024, 11, 1),
}
TYPES = {"next_maturity_on": pa.date32(), "last_contact_on": pa.date32(), "expected_loss_krw": pa.int64()}
WEAK = {"tier": 2, "tier_move": -1, "score": 30}
# Columns that Today's query hands on and the mart does not read.
SHOWN_ONLY = [
    "district_code",
    "industry_code",
    "as_of",
    "flags",
    "points_change",
    "points_volatility",
    "points_trend",
    "points_season",
    "points_industry",
    "change_raw",
    "vol_raw",
    "trend_raw",
    "season_raw",
    "u_industry",
    "score_raw",
    "points_shrink",
    "cap",
    "peers",
    "score_1m",
    "tier_1m",
    "last_contact_channel",
    "driver_reason",
    "driver_feature",
    "driver_value",
    "top_reason",
    "top_reason_model",
    "sparkline",
]


def book(*shops: dict[str, object], offers: tuple[dict[str, object], ...] = ()) -> db.Connection:
    """The work list of these shops, B0, B1, …, each the usual one but for what is said; offers name a shop."""
    con = db.connect()
    rows = [USUAL | {"business_id": f"B{place}"} | shop for place, shop in enumerate(shops)]
    fields = [(name, TYPES.get(name) or pa.array([row[name] for row in rows]).type) for name in rows[0]]
    put(con, "business_scores", pa.Table.from_pylist(rows, schema=pa.schema(fields)))
    for column in SHOWN_ONLY:
        con.execute(f"ALTER TABLE business_scores ADD COLUMN {column} VARCHAR")
    offer = {"business_id": "nobody", "rank": 1, "product_id": "D01", "is_relief": False, "suitability": "not_needed"}
    offered = [offer | {"expected_value_krw": 0}, *(offer | given for given in offers)]
    put(con, "recommendations", pa.Table.from_pylist(offered))
    con.execute(
        "CREATE TABLE score_ledger (business_id VARCHAR, change INT, own INT, market INT, model INT, basis INT)"
    )
    con.execute("CREATE TABLE products (product_id VARCHAR, name_ko VARCHAR, name_en VARCHAR)")
    con.execute("CREATE TABLE business_context AS SELECT business_id, 0 AS change FROM business_scores")
    db.create_view(con, "business_cards", "core/marts/sql/business_cards")
    db.create_table(con, "worklist", "core/marts/sql/worklist", worklist_params(AS_OF))
    return con


def put(con: db.Connection, table: str, rows: pa.Table) -> None:
    con.register("new_rows", rows)
    con.execute(f"CREATE TABLE {table} AS FROM new_rows")
    con.unregister("new_rows")


def listed(con: db.Connection) -> pd.DataFrame:
    return con.execute("FROM worklist").df().set_index("business_id")


def today(con: db.Connection, visits: int, rows: int = 10, *managers: str) -> pd.DataFrame:
    """What Today shows: by the page's own query."""
    wanted = {"manager_ids": list(managers or ("M1",)), "visits": visits, "rows": rows}
    return db.query(con, "pages/today/sql/worklist", wanted)


def test_who_no_rule_names_is_not_on_the_list():
    assert listed(book({}, WEAK)).index.tolist() == ["B1"]


def test_a_visit_is_worth_its_share_of_the_loss_and_of_the_offer():
    rows = listed(
        book(
            WEAK | {"expected_loss_krw": 1_000_000},
            WEAK | {"expected_loss_krw": 1_000_000, "pd_state": "DEFAULTED", "days_past_due": 95},
            WEAK | {"expected_loss_krw": None, "pd_basis": "no_exposure"},
            offers=({"business_id": "B0", "expected_value_krw": 500_000},),
        )
    )
    share, defaulted, offer = DECIDED["loss_avoided"], DECIDED["loss_avoided_defaulted"], DECIDED["offer_by_visit"]
    assert rows.loc["B0", "value_krw"] == share * 1_000_000 + offer * 500_000
    assert rows.loc["B1", "value_krw"] == defaulted * 1_000_000
    # no loss is known: the amount is unknown, and orders as nothing
    assert pd.isna(rows.loc["B2", "loss_avoided_krw"])
    assert rows.loc["B2", "value_krw"] == 0


def test_relief_stands_before_sales_and_a_record_before_none():
    offers = [
        {"business_id": "B0", "rank": 1, "product_id": "D01"},
        {"business_id": "B0", "rank": 2, "product_id": "P01", "is_relief": True, "suitability": "record_missing"},
        {"business_id": "B1", "rank": 1, "product_id": "L01", "suitability": "record_missing"},
        {"business_id": "B1", "rank": 2, "product_id": "D01"},
    ]
    rows = listed(book(WEAK, WEAK, offers=tuple(offers)))
    assert rows["offer_product_id"].to_dict() == {"B0": "P01", "B1": "D01"}


def test_nothing_is_sold_to_who_is_late():
    late = WEAK | {"days_past_due": 12}
    offers = ({"business_id": "B0"}, {"business_id": "B1", "product_id": "A01", "is_relief": True})
    rows = listed(book(late, late, offers=offers))
    assert pd.isna(rows.loc["B0", "offer_product_id"])
    assert rows.loc["B1", "offer_product_id"] == "A01"


@pytest.mark.parametrize(("contacted", "skip"), [(date(2024, 12, 17), "contacted"), (date(2024, 12, 16), None)])
def test_who_was_contacted_within_a_fortnight_rests(contacted: date, skip: str | None):
    reason = listed(book(WEAK | {"last_contact_on": contacted})).loc["B0", "skip"]
    assert reason == skip or (skip is None and pd.isna(reason))


@pytest.mark.parametrize(("days", "skip"), [(119, None), (120, "workout")])
def test_from_120_days_past_due_the_workout_desk_has_the_case(days: int, skip: str | None):
    row = listed(book({"days_past_due": days})).loc["B0"]
    assert row["rule"] == "past_due_30"
    assert row["skip"] == skip or (skip is None and pd.isna(row["skip"]))
    assert pd.isna(row["place"]) == bool(skip)


def test_the_visits_chosen_are_worth_most_and_ten_are_shown_at_most():
    random = np.random.default_rng(1)
    losses = random.integers(1_000, 9_000_000, 40).tolist()
    rests = [date(2024, 12, 30) if rest else date(2024, 1, 1) for rest in random.random(40) < 0.3]
    shops = [WEAK | {"expected_loss_krw": loss, "last_contact_on": on} for loss, on in zip(losses, rests, strict=True)]
    con = book(*shops)
    worth = listed(con).query("skip.isna()")["value_krw"].sort_values(ascending=False)
    for visits in (1, 5, 10, 12, 50):
        rows = today(con, visits)
        now, following = rows[rows["part"] == "now"], rows[rows["part"] == "next"]
        assert now["value_krw"].tolist() == worth.head(min(visits, 10)).tolist()
        assert len(following) == 10
        assert following["value_krw"].is_monotonic_decreasing
        assert following["why_not"].notna().all()
        later = following[following["why_not"] == "later"]
        assert later["turn"].between(11, visits).all()
        beyond = following[following["why_not"] == "capacity"]
        assert (beyond["turn"] > visits).all()
        if len(beyond):
            # less than the last who is seen, by exactly the gap
            assert (beyond["value_krw"] + beyond["gap_krw"] == worth.iloc[visits - 1]).all()


def test_the_next_say_who_rests_and_who_is_with_the_workout_desk():
    con = book(
        WEAK | {"expected_loss_krw": 100},
        WEAK | {"expected_loss_krw": 9_000_000, "last_contact_on": date(2024, 12, 26)},
        {"expected_loss_krw": 8_000_000, "days_past_due": 200},
        WEAK | {"expected_loss_krw": 50},
    )
    rows = today(con, visits=1).set_index("business_id")
    assert rows["part"].to_dict() == {"B0": "now", "B1": "next", "B2": "next", "B3": "next"}
    assert rows["why_not"].iloc[1:].tolist() == ["contacted", "workout", "capacity"]
    assert rows.loc["B1", "days_since_contact"] == 5


def test_nobody_sees_another_managers_list():
    con = book(WEAK | {"manager_id": "M1"}, WEAK | {"manager_id": "M2"})
    assert today(con, 10)["business_id"].tolist() == ["B0"]
    assert today(con, 10, 10, "nobody").empty
    assert set(today(con, 10, 10, "M1", "M2")["business_id"]) == {"B0", "B1"}


def test_the_graver_rule_comes_first_where_visits_are_worth_the_same():
    con = book(WEAK, WEAK | {"days_past_due": 45})
    assert today(con, 10)["business_id"].tolist() == ["B1", "B0"]


@pytest.mark.parametrize("query", ["core/marts/sql/worklist", "pages/today/sql/worklist", "pages/today/sql/portfolio"])
def test_no_number_that_the_bank_decides_stands_in_the_sql(query: str):
    sql = (ROOT / f"{query}.sql").read_text(encoding="utf-8")
    code = re.sub(r"--.*|'[^']*'|tier = \d", "", sql)  # without comments, strings and the names of the five tiers
    assert set(re.findall(r"(?<![\w$])\d[\d.]*", code)) <= {"0", "1"}
