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
from core.payments import features, fraud, risk_index
from core.payments.scorer import COLUMNS, STREAM, Scorer
from core.payments.usual_amounts import FILE, usual

TABLE = "payment_risk"
USUAL_MONTHS = 4  # a replay of ninety days finds what was usual then
ROWS_AT_ONCE = 100_000
INTO = "scored_payments"


def build(con: db.Connection, folder: Path) -> int:
    """Train what scores fraud, keep what the stream needs, write payment_risk for all customers; its rows.

    `folder` is the build's; the success model is there already.
    """
    features.ensure_temp_tables(con)
    db.create_table(con, "payment_habit", "core/payments/sql/payment_habit", temporary=True)
    fraud.train(con, folder / "models" / fraud.NAME)
    (folder / STREAM).mkdir(exist_ok=True)
    (folder / STREAM / FILE).write_text(json.dumps(usual(con, USUAL_MONTHS).months), encoding="utf-8")
    written = _write(con, Scorer.of_build(folder))
    con.execute("DROP TABLE payment_habit")
    features.drop_temp_tables(con)
    return written


def _write(con: db.Connection, scorer: Scorer) -> int:
    """Score the newest block of time, some thousand payments at a time."""
    starts = features.block_starts(con)
    params = {"first_at": starts[-1] if starts else features.ALWAYS, "last_slice": features.EVERYBODY}
    db.create_table(con, "payment_known", "core/payments/sql/payment_known", params, temporary=True)
    rows = db.count(con, "payment_known")
    for start in range(0, max(rows, 1), ROWS_AT_ONCE):
        batch = con.execute("FROM payment_known LIMIT $n OFFSET $start", {"n": ROWS_AT_ONCE, "start": start}).df()
        con.register(INTO, pa.Table.from_pandas(_table(batch, scorer), preserve_index=False))
        if start:
            db.insert(con, TABLE, "core/payments/sql/payment_risk")
        else:
            db.create_table(con, TABLE, "core/payments/sql/payment_risk")
        con.unregister(INTO)
    con.execute("DROP TABLE payment_known")
    return rows


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
