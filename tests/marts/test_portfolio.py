"""The book in figures: where no file told of loans, nothing is said of lending, not even that there is none."""

import pytest

from core import db

BOOK = """
CREATE TABLE worklist (manager_id VARCHAR);
CREATE TABLE business_scores AS
  SELECT DATE '2024-12-31' AS as_of, 'M1' AS manager_id, 'OK' AS state, 3 AS tier, 0 AS tier_move,
    CAST(NULL AS BIGINT) AS exposure_krw, CAST(NULL AS BIGINT) AS expected_loss_krw, NULL AS pd_12m, NULL AS pd_1m,
    'no_exposure' AS pd_basis, CAST(NULL AS INTEGER) AS days_past_due, 'normal' AS churn_level,
    CAST(NULL AS DATE) AS next_maturity_on;
CREATE TABLE managers AS SELECT 'M1' AS manager_id, 'n' AS name, 'b' AS branch;
"""
ASKED = {
    "pages/today/sql/portfolio": ({"manager_ids": ["M1"], "late_dpd": 30}, ["exposure_krw", "exposed", "past_due_30"]),
    "core/report/sql/book": ({"manager_id": "M1"}, ["exposure_krw", "past_due_30", "maturing"]),
}


@pytest.mark.parametrize("query", ASKED)
@pytest.mark.parametrize("is_known", [True, False])
def test_without_a_file_of_loans_nobody_is_said_to_owe_nothing(query: str, is_known: bool):
    con = db.connect()
    con.execute(BOOK)
    if is_known:
        con.execute("UPDATE business_scores SET exposure_krw = 0")
    params, of_lending = ASKED[query]
    row = db.query(con, query, params).iloc[0]
    assert set(row[of_lending].notna()) == {is_known}
    assert row["businesses"] == 1
