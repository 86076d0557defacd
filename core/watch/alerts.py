"""Which rules speak up, of whom, and how often they were right: alerts of the book.

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
    """Make watch_states (temporary): where every customer stood at each month end, closed, in default and gone too."""
    spells.make_temp_tables(con)
    con.execute("CREATE OR REPLACE TEMP TABLE watch_spells AS FROM churn_spells WHERE NOT is_closing")
    asked = {"bad_dpd": policy()["default"]["bad_dpd"]}
    db.create_table(con, "watch_states", "core/watch/sql/watch_states", asked, temporary=True)


def migration(con: db.Connection) -> int:
    """Write watch_migration: customers by tier, and where they stood one, three and twelve months later; its rows."""
    return db.create_table(con, "watch_migration", "core/watch/sql/watch_migration")


def raise_alerts(con: db.Connection, as_of: date) -> int:
    """Write watch_rules (how good each rule has been) and watch_alerts (what holds at `as_of`); open alerts."""
    decided = policy()["watch"]
    _name_rules(con, decided["rules"])
    limits = {key: decided[key] for key in ("early_dpd", "late_dpd", "sales_fall", "pd_high", "churn_high")}
    db.create_table(con, "watch_signals", "core/watch/sql/watch_signals", limits, temporary=True)
    for table in ("watch_seen", "watch_episodes", "watch_events"):
        db.create_table(con, table, f"core/watch/sql/{table}", temporary=True)
    db.create_table(con, "watch_rules", "core/watch/sql/watch_rules")
    return db.create_table(
        con, "watch_alerts", "core/watch/sql/watch_alerts", {"as_of": as_of, "budget": decided["budget"]}
    )


def raise_model_alerts(con: db.Connection, as_of: date) -> int:
    """Write watch_model_alerts: what drifted and which gates are missed; alerts."""
    asked = {"as_of": as_of, "moved_share": policy()["watch"]["moved_share"]}
    return db.create_table(con, "watch_model_alerts", "core/watch/sql/watch_model_alerts", asked)


def _name_rules(con: db.Connection, rules: dict[str, dict]) -> None:
    named = pd.DataFrame([{"rule": rule} | said for rule, said in rules.items()])
    con.register("said_rules", named)
    con.execute("CREATE OR REPLACE TEMP TABLE watch_rule_names AS FROM said_rules")
    con.unregister("said_rules")


def drop_temp_tables(con: db.Connection) -> None:
    """Remove what stood between."""
    for table in TEMP_TABLES:
        con.execute(f"DROP TABLE IF EXISTS {table}")
