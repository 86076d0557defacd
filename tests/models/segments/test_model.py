"""The step of the build: no segment without a feature, stable codes, held versions, and banks that are too small."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import db
from core import tables as build_tables
from core.models.segments import model

AS_OF, MONTH_LATER = date(2024, 12, 31), date(2025, 1, 31)
MONTHS = pd.date_range("2023-06-01", "2025-01-01", freq="MS")
DAYS = ("month", "available_on", "opened_on", "closed_on", "status_on", "as_of")
DISTRICTS = ("11110", "11680")


def bank(businesses: int = 240, seed: int = 4) -> db.Connection:
    """Large, borrowing, growing and small shops, and the tables that segments read."""
    random = np.random.default_rng(seed)
    kind = np.arange(businesses) % 4
    ids = np.array([f"B{number:04d}" for number in range(businesses)])
    size = np.exp(np.where(kind == 0, 18.5, 16.5) + random.normal(0, 0.25, businesses))
    month = pd.DatetimeIndex(np.tile(MONTHS, businesses))
    at = {"business_id": np.repeat(ids, len(MONTHS)), "month": month, "available_on": month + pd.offsets.MonthEnd(0)}
    sales = (size[:, None] * np.exp(random.normal(0, 0.05, (businesses, len(MONTHS))))).ravel()
    tables = {
        "businesses": pd.DataFrame(
            {"business_id": ids, "district_code": np.take(DISTRICTS, kind % 2), "status": "open", "status_on": None}
        ).assign(available_on=MONTHS[0]),
        "revenue": pd.DataFrame(at | {"revenue_krw": sales.astype("int64"), "sales_count": 100}),
        "balances": pd.DataFrame(
            at | {"outflow_krw": (0.6 * sales).astype("int64"), "deposit_avg_krw": 3_000_000, "logins": 9}
        ),
        "loans": pd.DataFrame({"business_id": ids[kind == 1], "principal_krw": (6 * size[kind == 1]).astype("int64")}),
        "holdings": pd.DataFrame({"business_id": ids}),
        "opportunity_now": pd.DataFrame(
            {"business_id": ids, "as_of": AS_OF, "score": random.integers(0, 101, businesses)}
        ).assign(vol_raw=0.1, trend_raw=np.where(kind == 2, 0.8, 0.0) + random.normal(0, 0.1, businesses)),
    }
    for name in ("loans", "holdings"):
        tables[name] = tables[name].assign(opened_on=MONTHS[0], closed_on=None, available_on=MONTHS[0])
    tables["opportunity_now"]["tier"] = 1 + (tables["opportunity_now"]["score"] - 1).clip(0) // 20
    con = db.connect()
    for name, frame in tables.items():
        con.register("rows", frame)
        days = [day for day in DAYS if day in frame]
        typed = ", ".join(f"CAST({day} AS DATE) AS {day}" for day in days)
        con.execute(f"CREATE TABLE {name} AS SELECT * REPLACE ({typed}) FROM rows")
        con.unregister("rows")
    return con


def segmented(con: db.Connection, folder: Path, before: Path | None = None, as_of: date = AS_OF) -> pd.DataFrame:
    """The main view after the step of one build, by business."""
    model.create_inputs(con, as_of)
    trained = model.train(con, folder, before)
    model.score(con, folder if trained else None, as_of)
    return con.execute("FROM segments WHERE view = 'main' ORDER BY business_id").df().set_index("business_id")


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> tuple[Path, pd.DataFrame]:
    """Folder of the model of a first build, and its segments."""
    folder = tmp_path_factory.mktemp("first")
    return folder, segmented(bank(), folder)


def assigned(con: db.Connection, folder: Path) -> pd.DataFrame:
    """The main view of a bank by an existing model."""
    model.create_inputs(con, AS_OF)
    model.score(con, folder, AS_OF)
    return con.execute("FROM segments WHERE view = 'main' ORDER BY business_id").df().set_index("business_id")


def test_every_kind_of_shop_is_a_segment_with_its_code(first):
    codes = first[1]["segment"]
    assert codes.groupby(np.arange(240) % 4).nunique().max() == 1
    traits = ("income_high", "borrowing_high", "growth_high", "income_low")
    assert all(trait in codes[f"B000{kind}"].split(".") for kind, trait in enumerate(traits))


def test_without_a_feature_or_closed_there_is_a_state_and_no_segment(first):
    con = bank()
    con.execute("DELETE FROM revenue WHERE business_id = 'B0008' AND month < DATE '2024-09-01'")  # four months known
    con.execute("UPDATE businesses SET status = 'closed', status_on = DATE '2024-03-01' WHERE business_id = 'B0009'")
    rows = assigned(con, first[0]).loc[["B0008", "B0009"]]
    assert rows["state"].tolist() == ["SHORT", "CLOSED"]
    assert rows[["segment", "x", "y"]].isna().all(axis=None)


def test_account_without_payments_says_nothing_about_spending(first):
    con = bank()
    con.execute("UPDATE balances SET outflow_krw = 0 WHERE business_id = 'B0000'")
    assigned(con, first[0])
    states = dict(con.execute("SELECT view, state FROM segments WHERE business_id = 'B0000'").fetchall())
    assert states == {"main": "OK", "three": "SHORT", "three_plain": "SHORT"}


def test_later_data_change_nothing(first, tmp_path):
    con = bank()
    con.execute("UPDATE revenue SET revenue_krw = 1 WHERE available_on > $as_of", {"as_of": AS_OF})
    pd.testing.assert_frame_equal(segmented(con, tmp_path), first[1])


def test_second_fit_moves_no_business_and_keeps_all_codes(first, tmp_path):
    con = bank()
    pd.testing.assert_frame_equal(segmented(con, tmp_path, first[0]), first[1])
    assert con.execute("SELECT kept FROM segment_views").fetchall() == [(1.0,)] * 3


def test_codes_and_order_stay_the_same_a_month_later(first, tmp_path):
    segmented(bank(), tmp_path, first[0], MONTH_LATER)
    before, after = (
        {view: entry.codes for view, entry in model.load(folder).items()} for folder in (first[0], tmp_path)
    )
    assert before == after


def test_held_version_assigns_another_month_by_its_own_centres(first):
    con = bank()
    con.execute("UPDATE revenue SET revenue_krw = 8 * revenue_krw WHERE business_id = 'B0003'")
    now = assigned(con, first[0])["segment"]
    assert now.index[now != first[1]["segment"]].tolist() == ["B0003"]
    assert now["B0003"].startswith("income_high")


def test_model_that_cannot_be_read_passes_on_no_codes(tmp_path):
    (tmp_path / "model.json").write_text('{"views": {"main": {"features": ["income"]}}}', encoding="utf-8")
    assert (segmented(bank(), tmp_path / "new", tmp_path)["state"] == "OK").all()


def test_bank_without_accounts_has_segments_by_sales_alone(tmp_path):
    con = bank()
    con.execute("DELETE FROM balances")
    assert (segmented(con, tmp_path)["state"] == "OK").all()
    assert con.execute("SELECT view FROM segment_views").fetchall() == [("main",)]


def test_bank_with_few_businesses_has_no_segments(tmp_path):
    con = bank(businesses=60)
    assert segmented(con, tmp_path).empty
    build_tables.ensure(con, "segments")
    assert "60 businesses" in (tmp_path / model.REPORT).read_text(encoding="utf-8")


def test_recluster_refuses_unknown_features():
    con = bank()
    model.create_inputs(con, AS_OF)
    with pytest.raises(model.DataError, match="password"):
        model.recluster(con, ["income", "password"], 3, None, lambda *_: None)


def test_recluster_reports_its_progress():
    con, reports = bank(), []
    model.create_inputs(con, AS_OF)
    fitted, tables = model.recluster(con, ["income", "growth"], 3, None, lambda part, _: reports.append(part))
    assert fitted.k == len(tables["segment_profiles"]["segment"].unique()) == 3
    assert reports == ["judge"] * 9 + ["fit", "tell"]
    assert len(tables["segment_figures"]) == 9


def test_no_spot_of_the_picture_has_fewer_than_five_businesses(first):
    con = bank()
    assigned(con, first[0])
    assert con.execute("SELECT min(businesses) FROM segment_cloud").fetchall()[0][0] >= 5


def test_segments_of_a_past_day_use_nothing_that_came_later(tmp_path: Path):
    con = bank()
    now = segmented(con, tmp_path)["segment"]
    con.execute("CREATE TABLE opportunity_history AS FROM opportunity_now")
    con.execute("INSERT INTO opportunity_history SELECT * REPLACE (DATE '2024-09-30' AS as_of) FROM opportunity_now")
    assert model.past(con, tmp_path, AS_OF).set_index("business_id")["segment"].equals(now)
    then = model.past(con, tmp_path, date(2024, 9, 30))
    con.execute("UPDATE revenue SET revenue_krw = 1 WHERE month > DATE '2024-09-30'")
    con.execute("UPDATE opportunity_history SET trend_raw = 9 WHERE as_of = $as_of", {"as_of": AS_OF})
    con.execute("INSERT INTO loans SELECT * REPLACE (DATE '2024-11-01' AS opened_on) FROM loans")
    assert model.past(con, tmp_path, date(2024, 9, 30)).equals(then)
    assert not model.past(con, tmp_path, AS_OF).set_index("business_id")["segment"].equals(now)
