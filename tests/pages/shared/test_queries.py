"""Every question about a bank's businesses is bound to the managers whose book may be seen."""

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[3] / "pages"
# Tables with a row per business or finer; peer_stats and the market's tables name nobody.
OF_BUSINESSES = (
    "business_scores", "business_scores_history", "business_revenue", "businesses", "revenue", "balances", "loans",
    "repayments", "holdings", "contacts", "interactions", "payments", "drivers", "pd_scores", "worklist",
    "opportunity_now", "opportunity_history", "loan_balances", "churn_scores", "churn_flows", "anomalies",
    "anomaly_reasons", "revenue_forecast", "model_inputs_default", "model_inputs_churn", "segments", "segment_inputs",
    "recommendations", "advice_facts", "advice_services", "advice_conditions",
    "suitability", "retention_offers", "retention_choices",
    "score_ledger", "scores_shown", "payment_risk", "watch_alerts", "open_loans", "recent_contracts",
    "business_context", "business_street",
)  # fmt: skip
# Medians of thirty businesses or more, over the whole bank.
OF_NOBODY = ("lending_medians",)
# What investigators of all payments would find: three rows, one a ranking, over every day of the build.
OF_THE_BANK = ("capacity",)


def _tables(sql: str) -> set[str]:
    bare = re.sub(r"--.*", "", sql)
    return set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", bare))


@pytest.mark.parametrize("file", sorted(PAGES.rglob("*.sql")), ids=lambda file: str(file.relative_to(PAGES)))
def test_a_query_on_businesses_binds_the_managers(file):
    sql = file.read_text(encoding="utf-8")
    bound = "manager_id IN $manager_ids" in sql or (file.stem in OF_NOBODY and "HAVING count(*) >= 30" in sql)
    bound |= file.stem in OF_THE_BANK
    assert not _tables(sql) & set(OF_BUSINESSES) or bound
