"""One model at a time: its out-of-time figures, slices, calibration, what it leans on, and whom it left out."""

from typing import Literal

import pandas as pd
import streamlit as st

from pages.shared.charts import models
from pages.shared.charts.base import CONFIG
from pages.shared.parts import model_comparison, model_curves, notices, payment_model, table_formats
from pages.shared.read import comparison_report, has_tables, read
from pages.shared.text import Number, day, features, names, number, percent, t, unknown
from pages.shared.text.names import plain_code_word

ORDER = ("default", "churn", "payments", "anomaly")
SUPERVISED = ("default", "churn", "payments")
COMPARED = ("churn", "payments")
SERVED = "_served"
FEWEST = 30  # events below which a slice has no figure (domain notes A.2)
MOST, MOST_PAIRS, DOTS = 15, 6, 200
# metric -> digits; the order of the table, others follow
DIGITS = {
    "roc_auc": 3, "gini": 3, "ks": 3, "pr_auc": 3, "base_rate": 4, "log_loss": 4, "brier": 4, "brier_skill": 3,
    "calibration_slope": 2, "calibration_intercept": 2, "expected_to_observed": 2, "ece": 4,
}  # fmt: skip
RATES = ("mean_p", "observed")  # by cohort, not by slice
COUNTS = ("tp", "fp", "fn", "tn")  # shown as a matrix
AGREEMENTS = ("top1_reason_agreement", "top3_reason_agreement", "jaccard_top_100", "spearman")  # stability


def show() -> None:
    """Choose a model; everything below is its own."""
    if not has_tables("model_metrics"):
        notices.info("models.no_models")
        return
    metrics = read("shared/model_metrics")
    models = [name for name in ORDER if name in set(metrics["model"])]
    models += sorted({name for name in metrics["model"] if not name.endswith(SERVED)} - set(models))
    if not models:
        notices.info("models.no_models")
        return
    name = st.segmented_control(
        t("models.choose"), models, default=models[0], format_func=features.model, required=True, key="judged"
    )
    _show_model(str(name), metrics)


def _show_model(name: str, metrics: pd.DataFrame) -> None:
    own = metrics[metrics["model"] == name]
    figures, parts = st.columns(2, gap="large")
    with figures:
        st.markdown(f"**{t('models.figures')}**")
        whole = own[(own["slice"] == "all") & ~own["metric"].isin(COUNTS + AGREEMENTS)]
        _show_figures(whole, metrics[metrics["model"] == name + SERVED])
    with parts:
        st.markdown(f"**{t('models.slices')}**")
        _show_slices(own[own["metric"] == "roc_auc"])
    if name == payment_model.MODEL:
        payment_model.show(own)
    if name in SUPERVISED:
        model_curves.show(name, comparison_report(name))
    left, right = st.columns(2, gap="large")
    with left:
        _show_cohorts(own)
    with right:
        _show_stability(own)
    _show_comparison(name)
    _show_explained(name)
    _show_excluded(name)


def _show_figures(whole: pd.DataFrame, served: pd.DataFrame) -> None:
    """Metric, out-of-time value with its interval, and the served model's cross-fitted figure."""
    if whole.empty:
        st.caption(t("text.unknown"))
        return
    st.caption(t("models.judged_on", n=number(whole["n"].max()), positives=number(whole["positives"].max())))
    order = [metric for metric in DIGITS if metric in set(whole["metric"])]
    order += [metric for metric in whole["metric"] if metric not in DIGITS]
    found = whole.drop_duplicates("metric").set_index("metric").reindex(order)
    again = served[served["slice"] == "all"].drop_duplicates("metric").set_index("metric")["value"].reindex(order)
    shown = pd.DataFrame(
        {
            t("models.metric"): [features.metric(code) for code in order],
            t("models.out_of_time"): [_figure(code, found.loc[code, "value"]) for code in order],
            t("models.interval_head"): [_interval(code, found.loc[code]) for code in order],
        }
    )
    if again.notna().any():
        shown[t("models.served_figure")] = [_figure(code, value) for code, value in again.items()]
    st.dataframe(shown, hide_index=True, key="figures", height="content")
    if again.notna().any():
        st.caption(t("models.served_note"))


def _figure(metric: object, value: Number) -> str:
    return "–" if unknown(value) else number(value, DIGITS.get(str(metric), 3))


def _interval(metric: str, row: pd.Series) -> str:
    return "–" if unknown(row["low"]) else features.interval(row["low"], row["high"], DIGITS.get(metric, 3))


def _show_slices(rows: pd.DataFrame) -> None:
    """AUC of each slice; with fewer than thirty events there is none."""
    parts = rows[rows["slice"].str.contains(":") & ~rows["slice"].str.startswith(("as_of:", "candidate:"))]
    if parts.empty:
        st.caption(t("models.slices_none"))
        return
    st.caption(t("models.slices_note", fewest=FEWEST))
    split = parts["slice"].str.split(":", n=1)
    shown = pd.DataFrame(
        {
            t("models.slice_kind"): [plain_code_word("slice", kind) for kind in split.str[0]],
            t("models.slice"): [slice_word(*pair) for pair in split],
            t("metric_short.roc_auc"): [slice_auc(row) for _, row in parts.iterrows()],
            "n": parts["n"].tolist(),
            t("models.events"): parts["positives"].tolist(),
        }
    )
    whole = dict.fromkeys(["n", t("models.events")], lambda count: number(count))
    height: int | Literal["content"] = "content" if len(parts) < 12 else 459
    st.dataframe(table_formats.styler(shown, whole), hide_index=True, key="slices", height=height)


def slice_auc(row: pd.Series) -> str:
    """AUC with its interval, or that there are too few events for one."""
    few = unknown(row["value"]) or row["positives"] < FEWEST
    if few:
        return t("models.too_few")
    ends = "" if unknown(row["low"]) else f" ({_interval('roc_auc', row)})"
    return number(row["value"], 3) + ends


def slice_word(kind: str, code: str = "") -> str:
    """Name of a slice: a category, a region, a tier, or what the strings know."""
    named = {"category": "categories", "region": "regions"}.get(kind)
    if named:
        return names.by_code(named).get(code, code)
    return t(f"tier.{code}") if kind == "tier" and code in "12345" else plain_code_word(f"slice_{kind}", code)


def _show_cohorts(own: pd.DataFrame) -> None:
    """Expected and observed rate month by month: calibration at large."""
    st.markdown(f"**{t('models.cohorts')}**")
    rows = own[own["slice"].str.startswith("as_of:") & own["metric"].isin(RATES)]
    if rows.empty:
        st.caption(t("models.cohorts_none"))
        return
    wide = rows.pivot_table(index="slice", columns="metric", values="value")
    observed = rows[rows["metric"] == "observed"].set_index("slice")
    shown = pd.DataFrame(
        {
            t("models.cohort"): [day(name.removeprefix("as_of:")) for name in wide.index],
            t("models.expected"): [percent(value, 2) for value in wide["mean_p"]],
            t("models.observed"): [percent(value, 2) for value in wide["observed"]],
            t("models.interval_head"): [_rates(observed.loc[name]) for name in wide.index],
            "n": [number(observed.loc[name, "n"]) for name in wide.index],
        }
    )
    st.dataframe(shown, hide_index=True, key="cohorts", height="content")
    st.caption(t("models.cohorts_note"))


def _rates(row: pd.Series) -> str:
    return "–" if unknown(row["low"]) else f"{percent(row['low'], 2)} – {percent(row['high'], 2)}"


def _show_stability(own: pd.DataFrame) -> None:
    """How much hangs on chance: bands and reasons that change when only the seeds do."""
    reseeded = own[(own["slice"] == "candidate:average") & (own["metric"] == "band_changes_on_reseed")]["value"]
    st.markdown(f"**{t('models.stability')}**")
    agreed = ((own["slice"] == "all") & own["metric"].isin(AGREEMENTS)) | (own["slice"] == "stability")
    figures = own[agreed].set_index("metric")["value"].dropna()
    lines = [t("models.bands_kept", share=percent(1 - changed)) for changed in reseeded]
    lines += [f"{features.metric(str(metric))}: **{percent(value)}**" for metric, value in figures.items()]
    st.markdown("  \n".join(lines) if lines else t("models.stability_none"))


def _show_comparison(name: str) -> None:
    """Other algorithms on the same table; the default model's comparison is the page Lending's."""
    if name not in COMPARED:
        return
    folded = st.expander(t("lending.comparison"), icon=":material/table_chart:", key="fold_others", on_change="rerun")
    if folded.open:
        with folded:
            model_comparison.show_table(comparison_report(name), name)


def _show_explained(name: str) -> None:
    folded = st.expander(t("models.explained"), icon=":material/bar_chart:", key="fold_explained", on_change="rerun")
    if not folded.open:
        return
    with folded:
        if notices.lacks("model_importance", "model_beeswarm", "model_interactions"):
            return
        rows = read("models/model_importance", model=name, most=MOST)
        if rows.empty:
            st.caption(t("models.explained_none"))
            return
        _show_importance(name, rows)
        _show_interactions(name)


def _show_importance(name: str, rows: pd.DataFrame) -> None:
    bars, dots = st.columns(2, gap="large")
    labels = {code: features.feature(code) for code in rows["feature"]}
    with bars:
        st.markdown(f"**{t('models.importance')}**")
        figure = models.importance(list(labels.values()), rows["mean_abs"].tolist())
        st.plotly_chart(figure, key=f"importance_{name}", config=CONFIG, alt=t("models.importance"))
        st.caption(t("models.importance_note"))
    with dots:
        st.markdown(f"**{t('models.beeswarm')}**")
        swarm = read("models/model_beeswarm", model=name, most=MOST, rows=DOTS)
        if swarm.empty:
            st.caption(t("models.explained_none"))
            return
        figure = models.beeswarm(swarm, labels, (t("models.low"), t("models.high")))
        st.plotly_chart(figure, key=f"beeswarm_{name}", config=CONFIG, alt=t("models.beeswarm"))
        st.caption(t("models.beeswarm_note"))


def _show_interactions(name: str) -> None:
    pairs = read("models/model_interactions", model=name, most=MOST_PAIRS)
    if pairs.empty:
        return
    st.markdown(f"**{t('models.interactions')}**")
    shown = pd.DataFrame(
        {
            t("models.feature_a"): [features.feature(code) for code in pairs["feature_a"]],
            t("models.feature_b"): [features.feature(code) for code in pairs["feature_b"]],
            t("models.strength"): [number(value, 3) for value in pairs["strength"]],
        }
    )
    st.dataframe(shown, hide_index=True, key="interactions", height="content")
    st.caption(t("models.interactions_note"))


def _show_excluded(name: str) -> None:
    rows = read("models/model_exclusions", model=name) if has_tables("model_exclusions") else pd.DataFrame()
    if rows.empty:
        return
    folded = st.expander(t("models.excluded"), icon=":material/filter_alt_off:", key="fold_excluded", on_change="rerun")
    if not folded.open:
        return
    with folded:
        shown = pd.DataFrame(
            {
                t("models.outcome"): [plain_code_word("exclusion", code) for code in rows["reason"]],
                t("models.rows"): [number(count) for count in rows["n"]],
                t("models.share"): [percent(count / rows["n"].sum()) for count in rows["n"]],
            }
        )
        st.dataframe(shown, hide_index=True, key="excluded", height="content")
        span = {"from_": day(rows["first_as_of"].min()), "to": day(rows["last_as_of"].max())}
        st.caption(t("models.excluded_note", cohorts=number(rows["cohorts"].max()), **span))
