"""The build's payments with their risk: judged out of time, and unknown where nothing is known."""

import json

import numpy as np
import pytest

from core import db
from core.payments import build_step, fraud, risk_index
from core.payments.scorer import COLUMNS, Scorer
from tests.payments.test_success import shop


def built(con: db.Connection, folder) -> db.Connection:
    """The risk of a book's payments, without a success model."""
    (folder / "models").mkdir()
    build_step.build(con, folder)
    return con


def test_a_bank_without_payments_gets_an_empty_table_and_no_model(tmp_path):
    con = shop(n=10)
    con.execute("ALTER TABLE payments ADD COLUMN fraud INTEGER")
    con.execute("ALTER TABLE payments ADD COLUMN business_id VARCHAR")
    con.execute("DELETE FROM payments")
    assert db.count(built(con, tmp_path), "payment_risk") == 0
    assert "needs" in json.loads((tmp_path / "models/fraud/model_report.json").read_text())["reason"]
    scorer = Scorer.of_build(tmp_path)
    assert (scorer.success, scorer.fraud) == (None, None)


def test_without_confirmed_frauds_the_other_three_parts_make_the_index(tmp_path):
    con = shop(n=4000)
    con.execute("ALTER TABLE payments ADD COLUMN fraud INTEGER")
    con.execute("ALTER TABLE payments ADD COLUMN business_id VARCHAR")
    rows = built(con, tmp_path).execute("FROM payment_risk").df()
    assert len(rows) > 600
    assert rows["p_fraud"].isna().all()
    assert rows["missing"].str.contains("fraud").all()
    known = rows[rows["missing"] == "fraud"]
    shares = known[["share_pattern", "share_amount", "share_time"]].sum(axis=1)
    np.testing.assert_allclose(shares, known["risk_index"], atol=1e-9)


def test_a_scorer_without_models_knows_the_amount_and_the_hour_only():
    scorer = Scorer("b", None, None, None)
    values = np.full((1, len(COLUMNS)), np.nan)
    values[0, [COLUMNS.index("amount_z_90d"), COLUMNS.index("hour_habit"), -1]] = (3.0, 0.1, 0.2)
    found = scorer.score(values)
    assert np.isnan([found.p_success[0], found.parts[0, 0], found.parts[0, 1]]).all()
    assert found.index[0] == pytest.approx(0.5)  # (0.2 x 0.5 + 0.1 x 0.5) / 0.3
    assert found.decision() == [None]


@pytest.mark.slow
def test_the_demos_frauds_stand_in_the_upper_levels_and_every_share_adds_up(demo_build):
    builds = demo_build / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        rows = con.execute("FROM payment_risk").df()
        learned = fraud.load(builds / db.current_build(builds) / "models" / "fraud")
    assert len(rows) > 1000
    parts = rows[[f"part_{name}" for name in risk_index.PARTS]].to_numpy()
    index, shares = risk_index.composites(parts)
    np.testing.assert_allclose(index, rows["risk_index"], atol=1e-9)
    np.testing.assert_allclose(shares.sum(axis=1), index, atol=1e-9)
    found = rows[rows["fraud"] == 1]
    assert found["level"].isin(["high", "very_high"]).mean() > 0.5 > rows["level"].isin(["high", "very_high"]).mean()
    leads = rows["share_fraud"].notna() & (shares.argmax(axis=1) == 0) & (rows["share_fraud"] > 0)
    in_doubt = (leads & rows["level"].isin(["high", "very_high"])) | (rows["decision"] == "review")
    assert (rows["reasons"].notna() == in_doubt).all()
    assert learned.chance is not None
