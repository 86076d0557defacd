"""What may be offered to whom, and which rule says no? Law and policy as a table, evaluated for everybody at once.

    advice_facts (what is known) -> advice_conditions (what holds) x advice_catalogue (products) -> pairs

A rule is a row of data/reference/rules.csv: a condition that must not hold for the products it applies to. Its effect
is `block` (no offer), `information` (shown, but not as a recommendation) or `check` (a person has to confirm it).
The same SQL answers for the whole book in the build and for one business on demand.

Reads  checked tables, opportunity_history, pd_scores, churn_scores, products, base_rate, rules.csv, policy.toml
Writes advice_facts, advice_conditions, advice_rules, advice_catalogue; advice_pairs (for the build only)
"""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from core import db, tables
from core.advice.lending import REVOLVING_MONTHS, margins
from core.config import REFERENCE, policy
from core.errors import DataError

RULES = REFERENCE / "rules.csv"
MOST_RULES = 62  # bits of a BIGINT


def catalogue(con: db.Connection) -> int:
    """Write the rules and the products they apply to; the number of products."""
    found = db.create_table(con, "advice_rules", "core/advice/sql/advice_rules", {"path": str(RULES)})
    if found > MOST_RULES:
        raise DataError(f"{RULES.name} has {found} rules, at most {MOST_RULES} fit; merge some")
    decided, lending = policy()["advice"], policy()["lending"]
    params = {
        "policy_fund_spread": decided["policy_fund_spread"],
        "unknown_spread": decided["unknown_spread"],
        "revolving_months": REVOLVING_MONTHS,
        "rate_stress": lending["rate_stress"],
        "minimum_krw": lending["minimum_krw"],
    }
    return db.create_table(con, "advice_catalogue", "core/advice/sql/advice_catalogue", params)


def facts(con: db.Connection, as_of: date, table: str = "advice_facts") -> int:
    """Write what is known of every business at `as_of`; the number of businesses."""
    lending = policy()["lending"]
    params: dict[str, Any] = {key: lending[key] for key in ("sales_stress", "living_cost_krw", "dscr_min")}
    params["suitability_months"] = policy()["advice"]["suitability_months"]
    params |= {"as_of": as_of, "categories": list(margins()), "margins": list(margins().values())}
    params["loans_known"] = tables.is_reported(con, "loans")
    return db.create_table(con, table, "core/advice/sql/advice_facts", params)


def conditions(con: db.Connection) -> int:
    """Write which conditions hold of every business."""
    return db.create_table(con, "advice_conditions", "core/advice/sql/advice_conditions")


def pairs(con: db.Connection) -> int:
    """Write every business with every product as a table of this connection; the number of pairs."""
    return db.create_table(con, "advice_pairs", "core/advice/sql/advice_pairs", _decisions(None), temporary=True)


def blocked(con: db.Connection, business_id: str) -> pd.DataFrame:
    """Every product for one business: what speaks against it, by the same SQL as in the build.

    Columns product_id, kind, eligible, failed_rules, confirm (lists of rule codes), suitability ('ready',
    'record_missing', 'not_needed'), need, amount_krw, value_krw. Works on a served build.

    Raises
    ------
    StaleBuildError : the build lacks the tables
    """
    rows = db.served_query(con, "core/advice/sql/advice_pairs", _decisions(business_id))
    products = db.served_query(con, "core/advice/sql/products", {})
    rules = db.served_query(con, "core/advice/sql/bits", {})
    found = rows.merge(products, on="product_number")
    found["failed_rules"] = [_codes(rules, bits) for bits in found["failed"]]
    found["confirm"] = [_codes(rules, bits) for bits in found["checks"]]
    found["eligible"] = found["failed"] == 0
    found["suitability"] = np.select(
        [found["record_bits"] == 0, found["unrecorded"] != 0], ["not_needed", "record_missing"], "ready"
    )
    columns = ["product_id", "kind", "eligible", "failed_rules", "confirm", "suitability"]
    return found[[*columns, "need", "amount_krw", "value_krw"]]


def _codes(rules: pd.DataFrame, bits: int) -> list[str]:
    return [code for code, bit in zip(rules["code"], rules["bit"], strict=True) if bits & bit]


def _decisions(business_id: str | None) -> dict[str, object]:
    decided, lending = policy()["advice"], policy()["lending"]
    return {
        "business_id": business_id,
        "step_krw": lending["step_krw"],
        "annual_sales_share": lending["annual_sales_share"],
        "emergency_rate": decided["emergency_rate"],
        "rate_cut": decided["rate_cut"],
        "unknown_spread": decided["unknown_spread"],
    }
