"""Early-warning rules: which ones fire for which business, how often each was right, and the alerts of the book.

Reads  opportunity_history, repayments, loans, revenue, model_test, pd_scores, churn_scores, business_scores
Writes watch_migration, watch_rules, watch_alerts, watch_model_alerts
"""

from datetime import date

import pandas as pd

from core import db
from core.config import policy
from core.models.churn import spells

TEMP_TABLES = (
    *("watch_spells", "watch_states", "watch_signals", "watch_seen", "watch_episodes"),
    *("watch_events", "watch_rule_names"),
)


def make_temp_tables(con: db.Connection) -> None:
    """Make watch_states: every customer's tier at each month end, or closed, in default, gone to another bank."""
    spells.make_temp_tables(con)
    con.execute("CREATE OR REPLACE TEMP TABLE watch_spells AS FROM churn_spells WHERE NOT is_closing")
    params = {"bad_dpd": policy()["default"]["bad_dpd"]}
    db.create_table(con, "watch_states", "core/watch/sql/watch_states", params, temporary=True)


def drop_temp_tables(con: db.Connection) -> None:
    """Drop every temporary table of this module."""
    for table in TEMP_TABLES:
        con.execute(f"DROP TABLE IF EXISTS {table}")


def write_migration(con: db.Connection) -> int:
    """Write watch_migration: customers by tier and their tier one, three and twelve months later; its rows."""
    return db.create_table(con, "watch_migration", "core/watch/sql/watch_migration")


def write_alerts(con: db.Connection, as_of: date) -> int:
    """Write watch_rules (how often each rule was right) and watch_alerts (what fires at `as_of`); number of alerts."""
    decisions = policy()["watch"]
    _name_rules(con, decisions["rules"])
    limits = {key: decisions[key] for key in ("early_dpd", "late_dpd", "sales_fall", "pd_high", "churn_high")}
    db.create_table(con, "watch_signals", "core/watch/sql/watch_signals", limits, temporary=True)
    for table in ("watch_seen", "watch_episodes", "watch_events"):
        db.create_table(con, table, f"core/watch/sql/{table}", temporary=True)
    db.create_table(con, "watch_rules", "core/watch/sql/watch_rules")
    params = {"as_of": as_of, "budget": decisions["budget"]}
    return db.create_table(con, "watch_alerts", "core/watch/sql/watch_alerts", params)


def write_model_alerts(con: db.Connection, as_of: date) -> int:
    """Write watch_model_alerts: columns that drifted and gates that are missed; number of alerts."""
    params = {"as_of": as_of, "moved_share": policy()["watch"]["moved_share"]}
    return db.create_table(con, "watch_model_alerts", "core/watch/sql/watch_model_alerts", params)


def _name_rules(con: db.Connection, rules: dict[str, dict]) -> None:
    """Make watch_rule_names: the policy's rules, one row a rule."""
    con.register("rule_frame", pd.DataFrame([{"rule": code} | rule for code, rule in rules.items()]))
    con.execute("CREATE OR REPLACE TEMP TABLE watch_rule_names AS FROM rule_frame")
    con.unregister("rule_frame")
