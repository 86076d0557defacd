"""The build's payments with their risk: what the Payments page shows without a live feed, and what the stream needs.

Only the last sixth of the payments, by time: the chance of fraud, the forest and the reference have seen none of them
(core/payments/fraud.py), and of the success model that serves only two numbers of calibration come from there.

Reads  payments, source_files
Writes payment_risk(payment_id, customer_id, business_id, at, amount_krw, merchant_id, merchant_category, method,
           succeeded, fraud, p_success, decision, p_fraud, risk_index, level, action, missing,
           part_fraud, part_pattern, part_amount, part_time, share_fraud, share_pattern, share_amount, share_time,
           reasons), ordered by at, payment_id
       models/fraud/, stream/usual.json

`fraud` is NULL where it is not known yet or was never looked into. `part_*` are in [0, 1], NULL unknown; `share_*` are
the known parts times their weights and add up to risk_index. `missing` names the unknown parts, with commas between.
`reasons` is JSON, {"success": [{reason, feature, value, contribution}, ...], "fraud": [...]}: `success` of payments
whose decision is review, `fraud` of those with a high or very high index, for that chance above all; else NULL.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core import db
from core.models.classifier.model import matrix
from core.payments import fraud, risk_index, success
from core.payments.scorer import COLUMNS, STREAM, Scorer
from core.payments.usual_amounts import FILE, usual

TABLE = "payment_risk"
USUAL_MONTHS = 4  # a replay of ninety days finds what was usual then


def build(con: db.Connection, folder: Path) -> int:
    """Train what scores fraud, keep what the stream needs, write payment_risk; its rows.

    `folder` is the build's; the success model is there already.
    """
    rows = _rows(con)
    fraud.train(con, rows, folder / "models" / fraud.NAME)
    (folder / STREAM).mkdir(exist_ok=True)
    (folder / STREAM / FILE).write_text(json.dumps(usual(con, USUAL_MONTHS).months), encoding="utf-8")
    shown = success.time_blocks(rows)[-1] if len(rows) else rows
    found = _table(shown, Scorer.of_build(folder))
    con.register("found_rows", pa.Table.from_pandas(found, preserve_index=False))
    written = db.create_table(con, TABLE, "core/payments/sql/payment_risk")
    con.unregister("found_rows")
    con.execute("DROP TABLE payment_features; DROP TABLE payment_events; DROP TABLE payment_habit")
    return written


def _rows(con: db.Connection) -> pd.DataFrame:
    """Every payment with its features, the favourite hour's share and what is known of fraud, in order of time."""
    if not db.has_table(con, "payment_features"):  # the success model, when it was trained, has left them
        success.features(con, keep_events=True)
    db.create_table(con, "payment_habit", "core/payments/sql/payment_habit", temporary=True)
    return db.query(con, "core/payments/sql/payment_known")


def _table(rows: pd.DataFrame, scorer: Scorer) -> pd.DataFrame:
    values = matrix(rows, COLUMNS)
    scores = scorer.score(values, 2)
    columns = {
        "payment_id": rows["payment_id"],
        "p_success": scores.p_success,
        "decision": scores.decision(),
        "p_fraud": scores.p_fraud,
        "risk_index": scores.index,
        "level": scores.level,
        "action": [risk_index.action(level) for level in scores.level],
        "missing": [",".join(np.array(risk_index.PARTS)[gone]) for gone in np.isnan(scores.parts)],
    }
    unknown = np.isnan(scores.parts)
    for place, part in enumerate(risk_index.PARTS):
        columns[f"part_{part}"] = scores.parts[:, place]
        columns[f"share_{part}"] = np.where(unknown[:, place], np.nan, scores.contribution[:, place])
    reasons = scorer.reasons(values, scores.is_in_doubt(), 2)
    return pd.DataFrame(columns).assign(reasons=[None if why is None else json.dumps(why) for why in reasons])
