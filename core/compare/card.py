"""Model card of a comparison's champion: its purpose, data, label, features, metrics and limits."""

from typing import Any

from core.compare.table import Options, Table

LIMITS = (
    "A comparison on one table: it says nothing about other populations or later years than those tested.",
    "Contributions describe the model, they are not causes and not advice.",
    "The champion was chosen on the same tested rows its figures are from; that flatters it a little.",
    "Models with SMOTE keep the probabilities SMOTE leaves them with: made-up events raise the level, so their "
    "calibration is bad on purpose, and their settings are those found for the plain twin.",
)


def model_card(report: dict[str, Any], table: Table, options: Options) -> dict[str, Any]:
    """The card, from a finished report."""
    champion = report["models"][report["champion"]]
    return {
        "purpose": "unknown: a table brought by a user" if table.name == "table" else table.name,
        "not_for": "decisions without a person; customers unlike those of the table",
        "owner": None,
        "provenance": "as brought by the user",
        "data_windows": {"train": report["validation"]["train"], "test": report["validation"]["test"]},
        "validation": report["validation"]["sentence"],
        "label": {
            "column": table.label,
            "positives": report["table"]["positives"],
            "rows": report["table"]["rows"],
            "horizon_months": table.horizon_months,
            "gap_months": table.gap_months,
        },
        "exclusions": report["table"]["dropped"],
        "features": [{"feature": name, "sign": table.signs.get(name, 0)} for name in report["table"]["features"]],
        "algorithm": report["champion"],
        "params": champion["params"],
        "calibration": champion["calibration"],
        "metrics": {
            name: {"value": champion[name], "interval": interval} for name, interval in champion["intervals"].items()
        },
        "threshold": {"cost_fp": options.cost_fp, "cost_fn": options.cost_fn, "value": options.threshold},
        "warnings": [notice["text"] for notice in report["table"]["warnings"]],
        "limits": list(LIMITS),
        "approvals": [],
    }
