"""The 79 models of revenue: what each cell of region and category uses, and whether the hierarchy beats one model."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared.charts import models
from pages.shared.charts.base import CONFIG
from pages.shared.parts import notices
from pages.shared.read import read
from pages.shared.text import Number, features, lang, names, number, percent, strings, t, unknown

TABLES = ("revenue_models", "hierarchy_verdict")


def show() -> None:
    """Sentences on the models in use and on the test of the hierarchy, then a heat map of the weights."""
    if notices.lacks(*TABLES):
        return
    rows = read("models/revenue_models")
    cells = rows[rows["level"] == "local"]
    if cells.empty:
        notices.info("models.no_hierarchy")
        return
    verdict = read("models/hierarchy_verdict")
    st.markdown(_used(rows, verdict))
    if len(verdict):
        st.markdown(verdict_words(verdict.iloc[0]))
    regions, categories = names.by_code("regions"), names.by_code("categories")
    labels = _region_labels(rows[rows["level"] == "regional"], regions)
    table = pd.DataFrame(
        {
            "row": cells["category"].map(categories),
            "column": cells["region"].map(labels),
            "weight": cells["weight"].astype("float64").where(cells["fitted"].astype(bool)),
            "text": [_text(row) for row in cells.itertuples()],
            "hover": [_hover(row, regions, categories) for row in cells.itertuples()],
        }
    )
    figure = models.hierarchy(table, list(categories.values()), list(labels.values()))
    st.plotly_chart(figure, key="hierarchy", config=CONFIG, alt=t("models.hierarchy"))
    st.caption(t("models.hierarchy_note"))


def _used(rows: pd.DataFrame, verdict: pd.DataFrame) -> str:
    """How many of the 79 models the forecasts use, how many were fitted, and how many have a weight from validation."""
    used = rows[rows["used"].astype(bool)]
    levels = used["level"].value_counts()
    counts = {level: number(levels.get(level, 0)) for level in ("global", "regional", "local")}
    counts |= {"fitted": number(rows["fitted"].sum())}
    counts |= {"weighted": number(verdict["weighted_models"].iloc[0]) if len(verdict) else "–"}
    return t("models.used", total=number(len(rows)), used=number(len(used)), **counts)


def verdict_words(verdict: pd.Series) -> str:
    """Whether the hierarchy beats one model, with the interval of the difference, and which forecast serves."""
    figures = {end: percent(verdict[end], 2, signed=True) for end in ("difference", "low", "high")}
    key = "pays" if bool(verdict["pays"]) else "pays_not"
    if unknown(verdict["difference"]):
        key = "pays_unknown"
    if verdict["reason"] == "same":
        key = "pays_same"  # the difference and its interval are all zero: no figures
    why = "" if key == "pays_same" else strings(lang()).get(f"models.reason.{verdict['reason']}")
    served = t(f"models.served.{verdict['served']}", baseline=features.algorithm(str(verdict["baseline"])))
    return " ".join(part for part in (t(f"models.{key}", **figures), why, t("models.serves", served=served)) if part)


def _region_labels(regional: pd.DataFrame, regions: Any) -> dict[str, str]:
    weights = dict(zip(regional["region"], regional["weight"], strict=True))
    return {
        region: t("models.region_weight", region=name, weight=_share(weights.get(region)))
        for region, name in regions.items()
    }


def _share(weight: Number) -> str:
    return "–" if unknown(weight) else percent(weight, 0)


def _text(row: Any) -> str:
    return _share(row.weight) if bool(row.fitted) else "–"


def _hover(row: Any, regions: Any, categories: Any) -> str:
    """Size, weight and gate of a cell, and the loss of each of the four forecasts."""
    head = f"<b>{regions.get(row.region, row.region)} · {categories.get(row.category, row.category)}</b>"
    size = t("models.cell_size", businesses=number(row.businesses), months=number(row.months), rows=number(row.rows))
    gate = t("models.gate_none" if unknown(row.gate) else "models.gate_open" if row.gate else "models.gate_shut")
    losses = [_loss(row, level) for level in ("global", "regional", "local", "combined")]
    weight = t("models.cell_weight", weight=_share(row.weight), k=number(row.k))
    return "<br>".join([head, size, weight, gate, *losses, _why(row)])


def _loss(row: Any, level: str) -> str:
    return t(f"models.loss_{level}", loss=number(getattr(row, f"loss_{level}"), 4))


def _why(row: Any) -> str:
    if not bool(row.fitted):
        return t("models.cell_inherits")
    return t("models.cell_used" if bool(row.used) else "models.cell_unused")
