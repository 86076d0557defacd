"""Eligibility: which rule of law or policy forbids which product to which business, for the whole book at once.

    advice_facts (figures) -> advice_conditions (what holds) x advice_catalogue (products) -> advice_pairs

A rule is a row of data/reference/rules.csv: a condition that must not hold for the products it applies to. Its effect
is `block` (no offer), `information` (shown, but not as a recommendation) or `check` (a person has to confirm it).
The same SQL answers for the whole book in the build and for one business on demand.

Reads  checked tables, opportunity_history, pd_scores, churn_scores, products, base_rate, rules.csv, policy.toml
Writes advice_facts, advice_conditions, advice_rules, advice_catalogue; advice_pairs (for the build only)
"""

from datetime import date
from typing import Any

import pandas as pd

from core import db, reference, tables
from core.advice.lending import DEFAULT_TERM_MONTHS, LTI_OPINION_KRW, LTI_RECORD_KRW, REVOLVING_MONTHS, margins
from core.config import policy
from core.errors import DataError

RULES = reference.file("rules.csv")
MOST_RULES = 62  # bits of a BIGINT
ANSWER_DAYS = 31  # an accepted loan that is not paid out lapses after so long, and so does a refusal (own choice)


def write_catalogue(con: db.Connection) -> int:
    """Write the rules and the products they apply to; the number of products."""
    rules = db.create_table(con, "advice_rules", "core/advice/sql/advice_rules", {"path": str(RULES)})
    if rules > MOST_RULES:
        raise DataError(f"{RULES.name} has {rules} rules, at most {MOST_RULES} fit; merge some")
    params = _policy(advice=("policy_fund_spread", "unknown_spread"), lending=("rate_stress", "minimum_krw"))
    params |= {"revolving_months": REVOLVING_MONTHS, "default_term_months": DEFAULT_TERM_MONTHS}
    return db.create_table(con, "advice_catalogue", "core/advice/sql/advice_catalogue", params)


def write_facts(con: db.Connection, as_of: date) -> int:
    """Write the figures of every business at `as_of`, from advice_catalogue and checked tables; rows."""
    params = _policy(advice=("suitability_months",), lending=("sales_stress", "living_cost_krw", "dscr_min"))
    params |= {"as_of": as_of, "categories": list(margins()), "margins": list(margins().values())}
    params |= {"loans_reported": tables.is_reported(con, "loans"), "answer_days": ANSWER_DAYS}
    return db.create_table(con, "advice_facts", "core/advice/sql/advice_facts", params)


def write_conditions(con: db.Connection) -> int:
    """Write which conditions hold of every business; rows."""
    return db.create_table(con, "advice_conditions", "core/advice/sql/advice_conditions")


def write_pairs(con: db.Connection) -> int:
    """Write every business with every product as a table of this connection; rows."""
    return db.create_table(con, "advice_pairs", "core/advice/sql/advice_pairs", _pair_params(None), temporary=True)


def eligibility(con: db.Connection, business_id: str) -> pd.DataFrame:
    """Every product for one business and the rules against it, by the same SQL as in the build.

    Columns product_id, kind, eligible, failed_rules, confirm (lists of rule codes), suitability ('ready',
    'record_missing', 'not_needed'), need, amount_krw, value_krw. Works on a served build.

    Raises
    ------
    StaleBuildError : the build lacks the tables
    """
    pairs = db.served_query(con, "core/advice/sql/advice_pairs", _pair_params(business_id))
    products = db.served_query(con, "core/advice/sql/product_numbers", {})
    rules = db.served_query(con, "core/advice/sql/rule_bits", {})
    rows = pairs.merge(products, on="product_number")
    rows["failed_rules"] = [_codes(rules, bits) for bits in rows["failed"]]
    rows["confirm"] = [_codes(rules, bits) for bits in rows["checks"]]
    rows["eligible"] = rows["failed"] == 0
    columns = ["product_id", "kind", "eligible", "failed_rules", "confirm", "suitability"]
    return rows[[*columns, "need", "amount_krw", "value_krw"]]


def _codes(rules: pd.DataFrame, bits: int) -> list[str]:
    return [code for code, bit in zip(rules["code"], rules["bit"], strict=True) if bits & bit]


def _pair_params(business_id: str | None) -> dict[str, Any]:
    params = _policy(
        advice=("emergency_rate", "rate_cut", "unknown_spread"), lending=("step_krw", "annual_sales_share")
    )
    limits = {"lti_record_krw": LTI_RECORD_KRW, "lti_opinion_krw": LTI_OPINION_KRW}
    return params | limits | {"business_id": business_id}


def _policy(**names: tuple[str, ...]) -> dict[str, Any]:
    """Decisions of policy.toml by section."""
    return {name: policy()[section][name] for section in names for name in names[section]}
