"""Facts of one invented business, made without a build: the row of a query, and nothing that is unknown."""

from datetime import date
from typing import Any

import pandas as pd

from core.report.fact_sheet import FactBuilder, FactSheet, flags
from core.report.language import LanguageCode
from pages.shared.text.report import ReportLanguage

ROW: dict[str, Any] = {
    "business_id": "B0000001",
    "manager_id": "RM001",
    "name": "한강식당",
    "as_of": date(2024, 12, 31),
    "state": "OK",
    "flags": "",
    "score": 34,
    "tier": 2,
    "score_1m": 46,
    "tier_1m": 3,
    "score_raw": 34.0,
    "months_observed": 36,
    "peers": 40,
    "points_change": 20.0,
    "points_volatility": 4.0,
    "points_trend": 5.0,
    "points_season": 3.0,
    "points_industry": 2.0,
    "change_raw": 0.05,
    "vol_raw": 0.3,
    "trend_raw": -0.2,
    "season_raw": -0.1,
    "u_industry": 0.1,
    "pd_12m": 0.078,
    "pd_1m": 0.052,
    "pd_basis": "exposed",
    "peer_score": 51,
    "peer_pd": 0.016,
    "churn_3m": 0.321,
    "churn_level": "risk",
    "anomaly_pct": 0.99,
    "revenue_3m_krw": 123_450_000,
    "revenue_yoy": -0.123,
    "exposure_krw": 80_000_000,
    "expected_loss_krw": 2_808_000,
    "days_past_due": 12,
    "overdraft_limit_krw": 20_000_000,
    "overdraft_used_krw": 18_000_000,
    "next_maturity_on": date(2025, 2, 10),
    "last_contact_on": date(2024, 8, 9),
    "industry_ko": "한식음식점",
    "industry_en": "Korean food",
    "district_ko": "성동구",
    "district_en": "Seongdong-gu",
}
DRIVERS = pd.DataFrame(
    {
        "model": ["default", "default", "churn"],
        "reason": ["overdraft_use", "revenue_trend", "digital_use"],
        "feature": ["overdraft_use_now", "revenue_change_yoy", "logins_change"],
        "contribution": [0.9, 0.4, 0.7],
        "value": [0.9, -0.131, -0.5],
    }
)
FORECAST = pd.DataFrame(
    {"month": [date(2025, 1, 1)], "revenue_krw": [38_200_000.0], "low80": [30_100_000.0], "high80": [47_900_000.0]}
)
PRODUCTS = pd.DataFrame({"product_id": ["L03", "D01"]})


def sheet(language: LanguageCode = "ko", **changes: Any) -> FactSheet:
    """The facts with some values changed; None takes one away."""
    row = {key: value for key, value in (ROW | changes).items() if value is not None}
    make = FactBuilder(row, ReportLanguage(language))
    parts = (
        make.standing(),
        make.moves(),
        make.money(),
        make.ahead(),
        make.periods(),
        make.reasons(DRIVERS),
        make.forecast(FORECAST),
        make.products(PRODUCTS),
    )
    return FactSheet({fact.id: fact for part in parts for fact in part}, flags(row), ReportLanguage(language), True)
