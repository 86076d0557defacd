"""No page fails on an unknown value: every column that is NULL somewhere in the build is drawn.

Businesses are chosen by what is NULL of them: for every state of rating, every table about a business and every
column, one business for which a row lacks the value, one for which all rows do, and one without a row. A business
often lacks many values at once, so some thirty businesses cover them all.
"""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import run_page

pytestmark = pytest.mark.slow

TABLES = (
    "business_scores", "business_context", "business_street", "score_ledger", "business_revenue", "revenue_forecast",
    "drivers", "churn_scores", "anomalies", "anomaly_reasons", "model_inputs_default", "model_inputs_churn",
    "recommendations", "advice_facts", "advice_services", "loans", "open_loans", "holdings", "contacts", "worklist",
)  # fmt: skip


@pytest.fixture(scope="module")
def businesses(query) -> list[tuple[str, str, str, str]]:
    """Business, manager, name and state of the businesses that together lack every value that is missing somewhere."""
    rows = query("SELECT business_id, manager_id, name, state FROM business_scores ORDER BY business_id")
    missing: dict[str, set[tuple[str, ...]]] = {row[0]: set() for row in rows}
    for table in TABLES:
        values = _missing_values(query, table)
        for business_id, *_, state in rows:
            missing[business_id] |= {(state, table, value) for value in values.get(business_id, ["row"])}
    chosen: list[str] = []
    while left := set().union(*missing.values()) - set().union(*map(missing.get, chosen)):
        chosen.append(max(missing, key=lambda business_id: len(missing[business_id] & left)))
    return [row for row in rows if row[0] in chosen]


def _missing_values(query, table: str) -> dict[str, list[str]]:
    """business_id -> columns that are NULL in some row ("any") or in all rows ("all") of the business."""
    columns = [row[0] for row in query(f"DESCRIBE {table}")]
    tests = [f'{test}("{column}" IS NULL)' for column in columns for test in ("bool_or", "bool_and")]
    rows = query(f"SELECT business_id, {', '.join(tests)} FROM {table} GROUP BY business_id")
    return {row[0]: [test for test, is_null in zip(tests, row[1:], strict=True) if is_null] for row in rows}


def _errors(at: AppTest) -> list[str]:
    return [error.message for error in at.exception]


def test_business_draws_every_missing_value(businesses):
    pages = {id_: run_page("business", id=id_, rm=manager) for id_, manager, *_ in businesses}
    assert {id_: _errors(at) for id_, at in pages.items() if at.exception} == {}
    assert len(businesses) < 50


def test_compare_draws_every_missing_value(businesses):
    pages = {id_: run_page("compare", compare=id_, rm=manager) for id_, manager, *_ in businesses}
    assert {id_: _errors(at) for id_, at in pages.items() if at.exception} == {}


def test_the_list_draws_every_missing_value(businesses):
    pages = {id_: run_page("businesses", q=name, state=state, rm=manager) for id_, manager, name, state in businesses}
    assert {id_: _errors(at) for id_, at in pages.items() if at.exception} == {}


def test_today_draws_every_book(query):
    pages = {manager: run_page("today", rm=manager) for (manager,) in query("SELECT manager_id FROM managers")}
    assert {manager: _errors(at) for manager, at in pages.items() if at.exception} == {}
