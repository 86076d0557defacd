"""Which algorithm, and why: the table of `core train`, one sentence, and the curves.

The champion's curves come from its own out-of-time rows in the build (table model_test); the others' from the
comparison's report, which is absent until somebody runs it.
"""

from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.ui import cards, charts_models, data, model_words, tables
from core.ui.charts import CONFIG
from core.ui.charts_models import Curve
from core.ui.data import read
from core.ui.text import day, number, percent, t, unknown

MODEL = "default"
COMMAND = "python -m core train --model default"
SMOTE = "_smote"
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
CALIBRATED = (0.9, 1.1)  # slopes outside are marked: the probabilities are not what they say
WRONG = "color: #C0342B; font-weight: 600"
CHAMPION = "font-weight: 700; background-color: rgba(61,133,198,0.16)"


def show_champion() -> None:
    """Out-of-time figures of the model that scores, with intervals; they need no comparison."""
    found = read("model_metrics") if data.has("model_metrics") else pd.DataFrame({"model": [], "slice": []})
    figures = found[(found["model"] == MODEL) & (found["slice"] == "all")].set_index("metric")
    if figures.empty:
        st.info(t("lending.no_model"), icon=":material/info:")
        return
    st.caption(_judged(figures))
    with cards.row(5):
        for metric in ("roc_auc", "pr_auc", "ks", "calibration_slope", "log_loss"):
            show_figure(figures, metric)


def _judged(figures: pd.DataFrame) -> str:
    report = data.build_json("models", MODEL, "model_report.json")
    test = (report.get("trial") or {}).get("test") or {}
    size = {"n": number(figures["n"].iloc[0]), "positives": number(figures["positives"].iloc[0])}
    return t("lending.judged", **size, from_=day(test.get("from")), to=day(test.get("to")))


def show_figure(figures: pd.DataFrame, metric: str) -> None:
    """One metric in a box, its interval below; PR-AUC with its base rate."""
    if metric not in figures.index:
        return
    row, digits = figures.loc[metric], FIGURES.get(metric, 3)
    note = None if unknown(row["low"]) else model_words.interval(row["low"], row["high"], digits)
    if metric == "pr_auc" and "base_rate" in figures.index:
        base = t("models.base_rate", share=percent(figures.loc["base_rate", "value"]))
        note = base if note is None else f"{note}  \n{base}"
    label = model_words.metric(metric)
    cards.show(label, number(row["value"], digits), note, model_words.metric_help(metric))


def show_table(report: dict[str, Any]) -> None:
    """Every algorithm, plain and with SMOTE, on the same rows; or how to get the table."""
    if not report:
        st.info(t("lending.no_comparison"), icon=":material/info:")
        st.code(COMMAND, language=None)
        return
    st.markdown(_why(report))
    st.dataframe(_table(report), hide_index=True, key="comparison", alt=t("lending.comparison"), height="content")
    st.caption(_read_so(report))
    smote = _smote_sentence(report)
    if smote:
        st.markdown(smote)


def _table(report: dict[str, Any]) -> Styler:
    models = report["models"]
    champion = report["champion"]
    keys = sorted(models, key=lambda key: (key != champion, models[key].get("log_loss", 9.0)))
    names = {metric: _heading(metric, report) for metric in FIGURES if any(metric in models[key] for key in keys)}
    first, second = t("lending.model"), t("lending.sampling")
    shown = pd.DataFrame(
        {first: [_name(key, champion) for key in keys], second: [_sampling(key) for key in keys]}
        | {name: [models[key].get(metric) for key in keys] for metric, name in names.items()}
    )
    formats = {name: _form(FIGURES[metric]) for metric, name in names.items()}
    styler = tables.worded(shown, formats)
    styler = styler.apply(lambda row: [CHAMPION if row.name == 0 else ""] * len(row), axis=1)
    slope = names.get("calibration_slope")
    return styler.map(_slope_css, subset=[slope]) if slope else styler


def _form(digits: int) -> tables.Format:
    return lambda value: number(value, digits)  # type: ignore[arg-type]


def _heading(metric: str, report: dict[str, Any]) -> str:
    name = model_words.metric(metric)
    if metric != "pr_auc":
        return name
    return t("lending.with_base", name=name, share=percent(base_rate(report)))


def base_rate(report: dict[str, Any]) -> float:
    """Share of defaults among the rows the comparison was judged on."""
    bins = next((curve.get("calibration") for curve in report.get("curves", {}).values()), None) or []
    total = sum(row["n"] for row in bins)
    if total:
        return float(sum(row["n"] * row["observed"] for row in bins) / total)
    return float(report["table"]["positives"] / report["table"]["rows"])


def _slope_css(slope: object) -> str:
    low, high = CALIBRATED
    return "" if unknown(slope) or low <= float(slope) <= high else WRONG  # type: ignore[arg-type]


def _name(key: str, champion: str) -> str:
    name = model_words.algorithm(key.removesuffix(SMOTE))
    return t("lending.champion", name=name) if key == champion else name


def _sampling(key: str) -> str:
    return t("lending.smote" if key.endswith(SMOTE) else "lending.plain")


def full_name(key: str) -> str:
    """An algorithm and, where it is so, that it was trained with SMOTE."""
    name = model_words.algorithm(key.removesuffix(SMOTE))
    return t("lending.name_smote", name=name) if key.endswith(SMOTE) else name


def _why(report: dict[str, Any]) -> str:
    """One sentence: the champion, what it won by, and over whom."""
    models, champion = report["models"], report["champion"]
    others = [key for key in models if key != champion and "log_loss" in models[key]]
    if not others:
        return t("lending.why_alone", name=full_name(champion))
    second = min(others, key=lambda key: models[key]["log_loss"])
    best, next_ = models[champion]["log_loss"], models[second]["log_loss"]
    words = {"name": full_name(champion), "loss": number(best, 4), "second": full_name(second)}
    if best > next_:
        # The harness may prefer an equal that is simpler or monotone; then it says so itself.
        return t("lending.why_near", **words, gap=number(best - next_, 4), slope=_slope(models[champion]))
    return t("lending.why", **words, gap=number(next_ - best, 4), slope=_slope(models[champion]))


def _slope(model: dict[str, Any]) -> str:
    return number(model.get("calibration_slope"), 2)


def _read_so(report: dict[str, Any]) -> str:
    check, table, limit = report["validation"], report["table"], report.get("threshold") or {}
    words = {
        "scheme": t(f"lending.scheme.{check['scheme']}"),
        "rows": number(table["rows"]),
        "positives": number(table["positives"]),
        "threshold": percent(limit.get("value")),
        "ratio": number((limit.get("cost_fn") or 0) / (limit.get("cost_fp") or 1)),
        "day": day(report.get("created_at")),
    }
    test = check.get("test") or {}
    if test.get("from"):
        return t("lending.read_so_test", **words, from_=day(test["from"]), to=day(test["to"]))
    return t("lending.read_so", **words)


def _smote_sentence(report: dict[str, Any]) -> str | None:
    """What SMOTE did to the probabilities of the best model that has such a twin."""
    models, curves = report["models"], report.get("curves", {})
    pairs = [key for key in models if key + SMOTE in models and {key, key + SMOTE} <= curves.keys()]
    if not pairs:
        return None
    key = min(pairs, key=lambda key: models[key]["log_loss"])
    plain, smote = models[key], models[key + SMOTE]
    predicted, observed = mean_probability(curves[key + SMOTE]), base_rate(report)
    return t(
        "lending.smote_why",
        name=model_words.algorithm(key),
        predicted=percent(predicted),
        observed=percent(observed),
        times=number(predicted / observed if observed else None, 1),
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


def show_curves(report: dict[str, Any]) -> None:
    """ROC, precision and recall, calibration: the champion of the build, and of the comparison what is chosen."""
    if not data.has("model_test", "model_calibration"):
        st.caption(t("models.none_yet", table="model_test"))
        return
    points = read("model_curve", model=MODEL)
    if points.empty:
        st.info(t("lending.no_model"), icon=":material/info:")
        return
    others = _chosen(report)
    left, middle, right = st.columns(3, gap="medium")
    with left:
        _show_roc(points, [_curve(report, key, "roc") for key in others])
    with middle:
        _show_pr(points, [_curve(report, key, "pr") for key in others])
    with right:
        _show_calibration([_calibration(report, key) for key in others])
    st.caption(t("lending.curves_note"))


def _chosen(report: dict[str, Any]) -> list[str]:
    curves = list(report.get("curves", {}))
    if not curves:
        return []
    best = min(curves, key=lambda key: report["models"][key]["log_loss"])
    twin = best + SMOTE
    default = [key for key in (twin if twin in curves else None, "logistic" if "logistic" in curves else None) if key]
    found: list[str] = st.multiselect(
        t("lending.compare_with"),
        curves,
        default=default,
        format_func=full_name,
        key="curves",
        placeholder=t("lending.compare_none"),
    )
    return found


def _curve(report: dict[str, Any], key: str, kind: str) -> Curve:
    points = report["curves"][key].get(kind) or []
    return Curve(full_name(key), [x for x, _ in points], [y for _, y in points])


def _calibration(report: dict[str, Any], key: str) -> Curve:
    bins = [row for row in report["curves"][key].get("calibration") or [] if row["observed"] > 0]
    return Curve(full_name(key), [row["mean_p"] for row in bins], [row["observed"] for row in bins])


def _show_roc(points: pd.DataFrame, others: list[Curve]) -> None:
    st.markdown(f"**{t('lending.roc')}**")
    rates = [0.0, *points["fp"] / points["negatives"]], [0.0, *points["tp"] / points["positives"]]
    own = Curve(t("lending.served"), *rates)
    words = (t("lending.fpr"), t("lending.tpr"), t("lending.chance"))
    st.plotly_chart(charts_models.roc([own, *others], words), key="roc", config=CONFIG, alt=t("lending.roc"))


def _show_pr(points: pd.DataFrame, others: list[Curve]) -> None:
    st.markdown(f"**{t('lending.pr')}**")
    own = Curve(t("lending.served"), points["tp"] / points["positives"], points["tp"] / (points["tp"] + points["fp"]))
    cases = points.iloc[0]
    base = float(cases["positives"] / (cases["positives"] + cases["negatives"]))
    words = (t("metric.recall"), t("metric.precision"), t("models.base_rate", share=percent(base)))
    figure = charts_models.precision_recall([own, *others], base, words)
    st.plotly_chart(figure, key="pr", config=CONFIG, alt=t("lending.pr"))


def _show_calibration(others: list[Curve]) -> None:
    st.markdown(f"**{t('lending.calibration')}**")
    words = (t("lending.mean_p"), t("lending.observed"), t("lending.perfect"))
    bins = read("model_calibration", model=MODEL)
    figure = charts_models.calibration(bins, t("lending.served"), others, words, percent)
    st.plotly_chart(figure, key="calibration", config=CONFIG, alt=t("lending.calibration"))
