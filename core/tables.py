"""Tables that a model leaves in the build: their columns, and how frames and Arrow batches get into them."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from core import db

SCHEMAS: dict[str, dict[str, str]] = {
    "model_metrics": {
        "model": "VARCHAR",
        "slice": "VARCHAR",
        "metric": "VARCHAR",
        "value": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "n": "BIGINT",
        "positives": "BIGINT",
    },
    "model_calibration": {
        "model": "VARCHAR",
        "bin": "INTEGER",
        "n": "BIGINT",
        "mean_p": "DOUBLE",
        "observed": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
    },
    "model_exclusions": {"model": "VARCHAR", "as_of": "DATE", "reason": "VARCHAR", "n": "BIGINT"},
    "model_test": {
        "model": "VARCHAR",
        "entity_id": "VARCHAR",
        "as_of": "DATE",
        "p": "DOUBLE",
        "label": "INTEGER",
        "outcome": "VARCHAR",
    },
    "anomalies": {
        "business_id": "VARCHAR",
        "as_of": "DATE",
        "anomaly_pct": "DOUBLE",
        "raw": "DOUBLE",
        "state": "VARCHAR",
    },
    "anomalies_history": {"business_id": "VARCHAR", "as_of": "DATE", "anomaly_pct": "DOUBLE"},
    "anomaly_reasons": {
        "business_id": "VARCHAR",
        "rank": "INTEGER",
        "feature": "VARCHAR",
        "value": "DOUBLE",
        "peer_median": "DOUBLE",
        "share": "DOUBLE",
    },
    "segments": {
        "business_id": "VARCHAR",
        "as_of": "DATE",
        "view": "VARCHAR",
        "segment": "VARCHAR",
        "x": "DOUBLE",
        "y": "DOUBLE",
        "state": "VARCHAR",
    },
    "segment_profiles": {
        "view": "VARCHAR",
        "segment": "VARCHAR",
        "place": "INTEGER",
        "businesses": "BIGINT",
        "feature": "VARCHAR",
        "n": "BIGINT",
        "low": "DOUBLE",
        "q1": "DOUBLE",
        "median": "DOUBLE",
        "q3": "DOUBLE",
        "high": "DOUBLE",
        "z": "DOUBLE",
    },
    "segment_figures": {
        "view": "VARCHAR",
        "k": "INTEGER",
        "silhouette": "DOUBLE",
        "ari": "DOUBLE",
        "ari_low": "DOUBLE",
        "proposed": "BOOLEAN",
        "used": "BOOLEAN",
    },
    "segment_views": {
        "view": "VARCHAR",
        "features": "VARCHAR",
        "k": "INTEGER",
        "n": "BIGINT",
        "explained_x": "DOUBLE",
        "explained_y": "DOUBLE",
        "loadings_x": "VARCHAR",
        "loadings_y": "VARCHAR",
        "weights": "VARCHAR",
        "tier_v": "DOUBLE",
        "tier_ari": "DOUBLE",
        "kept": "DOUBLE",
    },
    "segment_tiers": {"view": "VARCHAR", "segment": "VARCHAR", "tier": "INTEGER", "businesses": "BIGINT"},
    "segment_districts": {"view": "VARCHAR", "segment": "VARCHAR", "district_code": "VARCHAR", "businesses": "BIGINT"},
    "segment_known": {"feature": "VARCHAR", "businesses": "BIGINT"},
    "segment_cloud": {"view": "VARCHAR", "x": "DOUBLE", "y": "DOUBLE", "businesses": "BIGINT"},
    "model_importance": {"model": "VARCHAR", "feature": "VARCHAR", "reason": "VARCHAR", "mean_abs": "DOUBLE"},
    "model_beeswarm": {
        "model": "VARCHAR",
        "feature": "VARCHAR",
        "value": "DOUBLE",
        "value_pct": "DOUBLE",
        "contribution": "DOUBLE",
        "row": "INTEGER",
    },
    "model_interactions": {
        "model": "VARCHAR",
        "feature_a": "VARCHAR",
        "feature_b": "VARCHAR",
        "strength": "DOUBLE",
    },
    "feature_correlation": {
        "model": "VARCHAR",
        "feature_a": "VARCHAR",
        "feature_b": "VARCHAR",
        "correlation": "DOUBLE",
    },
    "feature_boxes": {
        "model": "VARCHAR",
        "feature": "VARCHAR",
        "outcome": "INTEGER",
        "n": "BIGINT",
        "low": "DOUBLE",
        "q1": "DOUBLE",
        "median": "DOUBLE",
        "q3": "DOUBLE",
        "high": "DOUBLE",
    },
    "pd_scores": {
        "business_id": "VARCHAR",
        "as_of": "DATE",
        "log_odds": "DOUBLE",
        "pd_12m": "DOUBLE",
        "pd_basis": "VARCHAR",
        "band": "VARCHAR",
        "state": "VARCHAR",
    },
    "churn_scores": {
        "business_id": "VARCHAR",
        "as_of": "DATE",
        "log_odds": "DOUBLE",
        "churn_3m": "DOUBLE",
        "level": "VARCHAR",
        "state": "VARCHAR",
    },
    "scores_shown": {
        "business_id": "VARCHAR",
        "as_of": "DATE",
        "score": "INTEGER",
        "tier": "INTEGER",
        "exact": "DOUBLE",
        "build_id": "VARCHAR",
    },
    "ledger_rescored": {"business_id": "VARCHAR", "exact": "DOUBLE"},
    "churn_flows": {
        "month": "DATE",
        "manager_id": "VARCHAR",
        "active_start": "BIGINT",
        "new": "BIGINT",
        "reactivated": "BIGINT",
        "churned": "BIGINT",
        "closed": "BIGINT",
        "active_end": "BIGINT",
        "provisional": "BOOLEAN",
    },
    "churn_causes": {"period": "VARCHAR", "cause": "VARCHAR", "n": "BIGINT", "share": "DOUBLE"},
    "scored_rows": {"business_id": "VARCHAR", "log_odds": "DOUBLE", "probability": "DOUBLE"},
    "drivers": {
        "business_id": "VARCHAR",
        "model": "VARCHAR",
        "reason": "VARCHAR",
        "contribution": "DOUBLE",
        "value": "DOUBLE",
        "rank": "INTEGER",
        "feature": "VARCHAR",
        "peer_median": "DOUBLE",
        "base": "DOUBLE",
        "contribution_p": "DOUBLE",
    },
    "revenue_forecast_rows": {
        "business_id": "VARCHAR",
        "manager_id": "VARCHAR",
        "as_of": "DATE",
        "horizon": "INTEGER",
        "month": "DATE",
        "revenue_krw": "DOUBLE",
        "low80": "DOUBLE",
        "high80": "DOUBLE",
        "low95": "DOUBLE",
        "high95": "DOUBLE",
        "source": "VARCHAR",
        "state": "VARCHAR",
    },
    "revenue_models": {
        "model_id": "VARCHAR",
        "level": "VARCHAR",
        "region": "VARCHAR",
        "category": "VARCHAR",
        "businesses": "BIGINT",
        "months": "BIGINT",
        "rows": "BIGINT",
        "fitted": "BOOLEAN",
        "inherits": "VARCHAR",
        "weight": "DOUBLE",
        "gate": "BOOLEAN",
        "k": "DOUBLE",
        "difference": "DOUBLE",
        "low": "DOUBLE",
        "p": "DOUBLE",
        "loss_global": "DOUBLE",
        "loss_regional": "DOUBLE",
        "loss_local": "DOUBLE",
        "loss_combined": "DOUBLE",
        "used": "BOOLEAN",
        "reason": "VARCHAR",
    },
    "forecast_accuracy": {
        "source": "VARCHAR",
        "model": "VARCHAR",
        "horizon": "INTEGER",
        "period": "VARCHAR",
        "level": "VARCHAR",
        "n": "BIGINT",
        "wape": "DOUBLE",
        "mdape": "DOUBLE",
        "bias": "DOUBLE",
        "mase": "DOUBLE",
        "mase_unknown": "BIGINT",
        "low": "DOUBLE",
        "high": "DOUBLE",
    },
    "forecast_coverage": {
        "source": "VARCHAR",
        "horizon": "INTEGER",
        "nominal": "DOUBLE",
        "period": "VARCHAR",
        "level": "VARCHAR",
        "n": "BIGINT",
        "coverage": "DOUBLE",
    },
    "market_forecast": {
        "area_code": "VARCHAR",
        "district_code": "VARCHAR",
        "industry_code": "VARCHAR",
        "category": "VARCHAR",
        "quarter": "INTEGER",
        "sales_krw": "DOUBLE",
        "low80": "DOUBLE",
        "high80": "DOUBLE",
        "low95": "DOUBLE",
        "high95": "DOUBLE",
        "model": "VARCHAR",
    },
    "hierarchy_verdict": {
        "pays": "BOOLEAN",
        "difference": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "used_models": "BIGINT",
        "weighted_models": "BIGINT",
        "worst_cell": "VARCHAR",
        "worst": "DOUBLE",
        "served": "VARCHAR",
        "baseline": "VARCHAR",
        "reason": "VARCHAR",
    },
    "watch_drift": {
        "model": "VARCHAR",
        "against": "VARCHAR",
        "feature": "VARCHAR",
        "kind": "VARCHAR",
        "from_on": "DATE",
        "to_on": "DATE",
        "n": "BIGINT",
        "m": "BIGINT",
        "d": "DOUBLE",
        "p": "DOUBLE",
        "p_adjusted": "DOUBLE",
        "psi": "DOUBLE",
        "psi_bound": "DOUBLE",
        "missing_now": "DOUBLE",
        "missing_reference": "DOUBLE",
        "level": "VARCHAR",
        "compared": "BIGINT",
        "up": "BIGINT",
        "down": "BIGINT",
    },
    "watch_performance": {
        "model": "VARCHAR",
        "unit": "VARCHAR",
        "from_on": "DATE",
        "to_on": "DATE",
        "state": "VARCHAR",
        "known_on": "DATE",
        "n": "BIGINT",
        "positives": "BIGINT",
        "metric": "VARCHAR",
        "value": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "gate": "DOUBLE",
        "missed": "BOOLEAN",
    },
}


def keep(con: db.Connection, table: str, frame: pd.DataFrame) -> None:
    """Store a frame as a table, column types as declared in SCHEMAS."""
    con.execute(f"CREATE OR REPLACE TABLE {table}({_columns(table)})")
    con.register("kept_rows", pa.Table.from_pandas(frame, preserve_index=False))
    con.execute(f"INSERT INTO {table} BY NAME FROM kept_rows")
    con.unregister("kept_rows")


def keep_of_model(con: db.Connection, table: str, model: str, frame: pd.DataFrame) -> None:
    """Store a frame as the rows of one model in a table that several share; what it had there before is replaced."""
    ensure(con, table)
    con.execute(f"DELETE FROM {table} WHERE model = $model", {"model": model})
    con.register("kept_rows", pa.Table.from_pandas(frame.assign(model=model), preserve_index=False))
    con.execute(f"INSERT INTO {table} BY NAME FROM kept_rows")
    con.unregister("kept_rows")


def keep_batches(con: db.Connection, table: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    """Store a stream of Arrow batches as a table."""
    con.register("kept_batches", pa.RecordBatchReader.from_batches(schema, batches))
    con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM kept_batches")
    con.unregister("kept_batches")


def append(con: db.Connection, table: str, frame: pd.DataFrame) -> None:
    """Add the rows of a frame to a table, by the columns it has of SCHEMAS; made when missing."""
    ensure(con, table)
    known = [name for name in SCHEMAS[table] if name in frame]
    con.register("added_rows", pa.Table.from_pandas(frame[known], preserve_index=False))
    con.execute(f"INSERT INTO {table} BY NAME FROM added_rows")
    con.unregister("added_rows")


def ensure(con: db.Connection, *tables: str) -> None:
    """Make these tables, empty, where they are missing."""
    for table in tables:
        con.execute(f"CREATE TABLE IF NOT EXISTS {table}({_columns(table)})")


def clear(con: db.Connection, table: str) -> None:
    """Make this table anew, empty."""
    con.execute(f"CREATE OR REPLACE TABLE {table}({_columns(table)})")


def _columns(table: str) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in SCHEMAS[table].items())


def is_reported(con: db.Connection, table: str) -> bool:
    """Did a file fill this table of the contract? An empty file says that there are none, no file says nothing."""
    if not db.has_table(con, "absent_tables"):
        return True
    return table not in {name for (name,) in con.execute("SELECT source_table FROM absent_tables").fetchall()}
