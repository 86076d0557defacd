"""May a version serve without anybody looking? Gates on its figures out of time, with the benefit of the doubt.

A gate fails only when the whole 95 % interval lies outside: a slope of 0.75 on sixty defaults is chance, not a fault.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

GATED = (
    ("calibration_slope", "min_slope", "max_slope"),
    ("roc_auc", "min_roc_auc", None),
    ("brier_skill", "min_brier_skill", None),
)


def failures(metrics: Iterable[Mapping[str, Any]], rules: Mapping[str, float]) -> list[dict[str, Any]]:
    """Gates that these figures fail: metric, value, low, high, limit. No figure, no failure.

    >>> slope = {"slice": "all", "metric": "calibration_slope", "value": 0.5, "low": 0.4, "high": 0.6}
    >>> failures([slope], {"min_slope": 0.8, "max_slope": 1.2})[0]["limit"]
    '0.8 or more'
    """
    figures = {row["metric"]: row for row in metrics if row["slice"] == "all"}
    missed = []
    for metric, least, most in GATED:
        row = figures.get(metric)
        if row is None or not _known(row["value"]):
            continue
        low, high = (row[end] if _known(row[end]) else row["value"] for end in ("low", "high"))
        figure = {key: row[key] for key in ("metric", "value", "low", "high")}
        if least in rules and high < rules[least]:
            missed.append(figure | {"limit": f"{rules[least]:g} or more"})
        if most is not None and most in rules and low > rules[most]:
            missed.append(figure | {"limit": f"{rules[most]:g} or less"})
    return missed


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
