"""The algorithms compared: figures of the model that scores, the table of `core train`, and which one won and why.

The table is absent until `core train` has run; every build has the figures of the model that scores.
"""

from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared.parts import cards, notices, table_formats
from pages.shared.read import build_json, has_tables, read
from pages.shared.text import day, features, number, percent, t, unknown
from pages.shared.text.features import SMOTE, full_name

MODEL = "default"
RECIPE = "recipe"  # the key of the algorithm that the build trains and serves
COMMAND = "python -m core train --model {model}"
# metric -> digits; the order of the columns
FIGURES = {
    "roc_auc": 3,
    "pr_auc": 3,
    "log_loss": 4,
    "brier": 4,
    "calibration_slope": 2,
    "ks": 3,
    "lift": 1,
    "accuracy": 3,
    "precision": 3,
    "recall": 3,
    "f1": 3,
    "seconds": 1,
}
CALIBRATED = (0.9, 1.1)  # calibration slopes outside are marked: the probabilities are off
WRONG = "color: #C0342B; font-weight: 600"
CHAMPION = "font-weight: 700; background-color: rgba(61,133,198,0.16)"


def show_champion() -> None:
    """Out-of-time figures of the model that scores, with intervals; every build has them."""
    columns = ["model", "slice", "metric"]
    rows = read("shared/model_metrics") if has_tables("model_metrics") else pd.DataFrame(columns=columns)
    figures = rows[(rows["model"] == MODEL) & (rows["slice"] == "all")].set_index("metric")
    if figures.empty:
        notices.info("lending.no_model")
        return
    st.caption(_test_rows(figures))
    with cards.row(5):
        for metric in ("roc_auc", "pr_auc", "ks", "calibration_slope", "log_loss"):
            show_figure(figures, metric)


def _test_rows(figures: pd.DataFrame) -> str:
    report = build_json("models", MODEL, "model_report.json")
    test = (report.get("trial") or {}).get("test") or {}
    size = {"n": number(figures["n"].iloc[0]), "positives": number(figures["positives"].iloc[0])}
    return t("lending.judged", **size, from_=day(test.get("from")), to=day(test.get("to")))


def show_figure(figures: pd.DataFrame, metric: str) -> None:
    """One metric in a box, its interval below; PR-AUC with its base rate."""
    if metric not in figures.index:
        return
    row, digits = figures.loc[metric], FIGURES.get(metric, 3)
    note = None if unknown(row["low"]) else features.interval(row["low"], row["high"], digits)
    if metric == "pr_auc" and "base_rate" in figures.index:
        base = t("models.base_rate", share=percent(figures.loc["base_rate", "value"]))
        note = base if note is None else f"{note}  \n{base}"
    label = features.metric(metric)
    cards.show(label, number(row["value"], digits), note, features.metric_help(metric))


def show_table(report: dict[str, Any], model: str = MODEL) -> None:
    """Every algorithm, plain and with SMOTE, on the same rows; or how to get the table."""
    if not report:
        notices.info("lending.no_comparison")
        st.code(COMMAND.format(model=model), language=None)
        return
    st.markdown(_why(report))
    st.dataframe(
        _table(report), hide_index=True, key=f"comparison_{model}", alt=t("lending.comparison"), height="content"
    )
    st.caption(_conditions(report))
    smote = _smote_sentence(report)
    if smote:
        st.markdown(smote)


def _table(report: dict[str, Any]) -> Styler:
    models = report["models"]
    champion = report["champion"]
    keys = sorted(models, key=lambda key: (key != champion, models[key].get("log_loss", 9.0)))
    # Fourteen columns: the long names are in the sentences.
    names = {metric: features.metric_short(metric) for metric in FIGURES if any(metric in models[key] for key in keys)}
    shown = pd.DataFrame(
        {t("lending.model"): [_name(key, champion) for key in keys]}
        | {name: [models[key].get(metric) for key in keys] for metric, name in names.items()}
    )
    formats = {name: _form(FIGURES[metric]) for metric, name in names.items()}
    styler = table_formats.styler(shown, formats)
    styler = styler.apply(lambda row: [CHAMPION if row.name == 0 else ""] * len(row), axis=1)
    slope = names.get("calibration_slope")
    return styler.map(_slope_css, subset=[slope]) if slope else styler


def _form(digits: int) -> table_formats.Format:
    return lambda value: number(value, digits)


def base_rate(report: dict[str, Any]) -> float:
    """Share of events among the rows the comparison was judged on."""
    return float(report["models"][report["champion"]]["base_rate"])


def _slope_css(slope: object) -> str:
    low, high = CALIBRATED
    return "" if unknown(slope) or low <= float(slope) <= high else WRONG  # type: ignore[arg-type]


def _name(key: str, champion: str) -> str:
    mark = "lending.champion" if key == champion else "lending.serves" if key == RECIPE else None
    return t(mark, name=full_name(key)) if mark else full_name(key)


def _why(report: dict[str, Any]) -> str:
    """The champion, its margin over the second, and the algorithm that serves where it is another one."""
    models, champion, why = report["models"], report["champion"], report.get("why") or {}
    loss = models[champion]["log_loss"]
    others = [key for key in models if key != champion]
    if not others:
        return t("lending.why_alone", name=full_name(champion))
    second = min(others, key=lambda key: models[key]["log_loss"])
    words = {
        "name": full_name(champion),
        "second": full_name(second),
        "loss": number(loss, 4),
        "gap": number(models[second]["log_loss"] - loss, 4),
        "slope": number(models[champion].get("calibration_slope"), 2),
    }
    sentences = [t("lending.why", **words), _chance(why), _serving(models, champion)]
    return " ".join(sentence for sentence in sentences if sentence)


def _chance(why: dict[str, Any]) -> str:
    """Whether the margin could be chance, with its interval."""
    low, high = why.get("interval") or (None, None)
    if unknown(low) or unknown(high):
        return ""
    key = "lending.within_chance" if str(why.get("code")).endswith("within_chance") else "lending.beyond_chance"
    return t(key, interval=features.interval(low, high, 4))


def _serving(models: dict[str, Any], champion: str) -> str:
    """The recipe that scores the book, when the comparison was won by another."""
    if champion == RECIPE or RECIPE not in models:
        return ""
    gap = models[RECIPE]["log_loss"] - models[champion]["log_loss"]
    return t("lending.serving", name=full_name(RECIPE), gap=number(gap, 4))


def _conditions(report: dict[str, Any]) -> str:
    """Rows, validation scheme and threshold of the comparison."""
    check, table, limit = report["validation"], report["table"], report.get("threshold") or {}
    words = {
        "scheme": t(f"lending.scheme.{check['scheme']}"),
        "rows": number(table["rows"]),
        "positives": number(table["positives"]),
        "base": percent(base_rate(report)),
        "threshold": percent(limit.get("value")),
        "ratio": number((limit.get("cost_fn") or 0) / (limit.get("cost_fp") or 1)),
        "day": day(report.get("created_at")),
    }
    test = check.get("test") or {}
    if test.get("from"):
        return t("lending.read_so_test", **words, from_=day(test["from"]), to=day(test["to"]))
    return t("lending.read_so", **words)


def _smote_sentence(report: dict[str, Any]) -> str | None:
    """What SMOTE did to the probabilities of the best algorithm that was trained both ways."""
    models, curves = report["models"], report.get("curves", {})
    pairs = [key for key in models if key + SMOTE in models and {key, key + SMOTE} <= curves.keys()]
    if not pairs:
        return None
    key = min(pairs, key=lambda key: models[key]["log_loss"])
    plain, smote = models[key], models[key + SMOTE]
    predicted, observed = mean_probability(curves[key + SMOTE]), base_rate(report)
    return t(
        "lending.smote_why",
        name=features.algorithm(key),
        predicted=percent(predicted),
        observed=percent(observed),
        times=number(predicted / observed if predicted and observed else None, 1),
        auc=f"{smote['roc_auc'] - plain['roc_auc']:+.3f}",
        loss=f"{smote['log_loss'] - plain['log_loss']:+.4f}",
    )


def mean_probability(curve: dict[str, Any]) -> float | None:
    """Mean of the probabilities behind a calibration curve.

    >>> mean_probability({"calibration": [{"n": 1, "mean_p": 0.1}, {"n": 3, "mean_p": 0.3}]})
    0.25
    """
    bins = curve.get("calibration") or []
    total = sum(row["n"] for row in bins)
    return round(sum(row["n"] * row["mean_p"] for row in bins) / total, 12) if total else None
