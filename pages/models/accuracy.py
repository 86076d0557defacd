"""Accuracy of one model on rows that it has not learned from, by slice and by month; its features and exclusions."""

import pandas as pd
import streamlit as st

from core.models.classifier.metrics import MIN_EVENTS
from pages.models import training_sample
from pages.shared.charts import models
from pages.shared.charts.base import CONFIG
from pages.shared.parts import (
    business_table,
    controls,
    model_comparison,
    model_curves,
    notices,
    payment_model,
    table_formats,
)
from pages.shared.read import comparison_report, has_tables, read
from pages.shared.text import Number, day, features, names, number, percent, t, unknown
from pages.shared.text.names import plain_code_word

ORDER = ("default", "churn", "payments", "anomaly")
SUPERVISED = ("default", "churn", "payments")
COMPARED = ("churn", "payments")
SERVED = "_served"
SHOWN_FEATURES, SHOWN_PAIRS, DOTS = 15, 6, 200
# metric -> digits; the order of the table, others follow
DIGITS = {
    "roc_auc": 3, "gini": 3, "ks": 3, "pr_auc": 3, "base_rate": 4, "log_loss": 4, "brier": 4, "brier_skill": 3,
    "calibration_slope": 2, "calibration_intercept": 2, "expected_to_observed": 2, "ece": 4,
}  # fmt: skip
RATES = ("mean_p", "observed")  # expected and observed share of events of a month
COUNTS = ("tp", "fp", "fn", "tn")  # the confusion matrix, shown as one
# Agreement of two models that differ in their random seeds alone.
AGREEMENTS = ("top1_reason_agreement", "top3_reason_agreement", "jaccard_top_100", "spearman")


def show() -> None:
    """A choice of the model, then its figures."""
    if not has_tables("model_metrics"):
        notices.info("models.no_models")
        return
    metrics = read("shared/model_metrics")
    codes = [name for name in ORDER if name in set(metrics["model"])]
    codes += sorted({name for name in metrics["model"] if not name.endswith(SERVED)} - set(codes))
    if not codes:
        notices.info("models.no_models")
        return
    _show_model(controls.choose_one(t("models.choose"), codes, features.model, "judged"), metrics)


def _show_model(name: str, metrics: pd.DataFrame) -> None:
    own = metrics[metrics["model"] == name]
    figures, parts = st.columns(2, gap="large")
    with figures:
        st.markdown(f"**{t('models.figures')}**")
        training_sample.show(name)
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
    _fold_comparison(name)
    controls.fold(t("models.explained"), "fold_explained", ":material/bar_chart:", lambda: _show_explained(name))
    _fold_excluded(name)


def _show_figures(whole: pd.DataFrame, served: pd.DataFrame) -> None:
    """A row per metric: the out-of-time value with its interval, and the served model's cross-fitted value."""
    if whole.empty:
        st.caption(t("text.unknown"))
        return
    st.caption(t("models.judged_on", n=number(whole["n"].max()), positives=number(whole["positives"].max())))
    order = [metric for metric in DIGITS if metric in set(whole["metric"])]
    order += [metric for metric in whole["metric"] if metric not in DIGITS]
    tested = whole.drop_duplicates("metric").set_index("metric").reindex(order)
    served = served[served["slice"] == "all"].drop_duplicates("metric").set_index("metric").reindex(order)
    cross_fitted = served["value"]
    table = pd.DataFrame(
        {
            t("models.metric"): [features.metric(code) for code in order],
            t("models.out_of_time"): [_figure(code, tested.loc[code, "value"]) for code in order],
            t("models.interval_head"): [_interval(code, tested.loc[code]) for code in order],
        }
    )
    if cross_fitted.notna().any():
        table[t("models.served_figure")] = [_figure(code, value) for code, value in cross_fitted.items()]
    st.dataframe(table, hide_index=True, key="figures", height="content")
    if cross_fitted.notna().any():
        st.caption(t("models.served_note"))


def _figure(metric: object, value: Number) -> str:
    return "–" if unknown(value) else number(value, DIGITS.get(str(metric), 3))


def _interval(metric: str, row: pd.Series) -> str:
    return "–" if unknown(row["low"]) else features.interval(row["low"], row["high"], DIGITS.get(metric, 3))


def _show_slices(rows: pd.DataFrame) -> None:
    """AUC of each slice; none of a slice with fewer than MIN_EVENTS events."""
    parts = rows[rows["slice"].str.contains(":") & ~rows["slice"].str.startswith(("as_of:", "candidate:"))]
    if parts.empty:
        st.caption(t("models.slices_none"))
        return
    st.caption(t("models.slices_note", fewest=MIN_EVENTS))
    split = parts["slice"].str.split(":", n=1)
    table = pd.DataFrame(
        {
            t("models.slice_kind"): [plain_code_word("slice", kind) for kind in split.str[0]],
            t("models.slice"): [slice_word(*pair) for pair in split],
            t("metric_short.roc_auc"): [slice_auc(row) for _, row in parts.iterrows()],
            "n": parts["n"].tolist(),
            t("models.events"): parts["positives"].tolist(),
        }
    )
    formats = dict.fromkeys(["n", t("models.events")], lambda count: number(count))
    height = business_table.height(len(parts), most=12)
    st.dataframe(table_formats.styler(table, formats), hide_index=True, key="slices", height=height)


def slice_auc(row: pd.Series) -> str:
    """AUC with its interval, or that there are too few events for one."""
    if unknown(row["value"]) or row["positives"] < MIN_EVENTS:
        return t("models.too_few")
    ends = "" if unknown(row["low"]) else f" ({_interval('roc_auc', row)})"
    return number(row["value"], 3) + ends


def slice_word(kind: str, code: str = "") -> str:
    """Name of a slice: of a category, a region, a tier, or from the strings."""
    table = {"category": "categories", "region": "regions"}.get(kind)
    if table:
        return names.by_code(table).get(code, code)
    return t(f"tier.{code}") if kind == "tier" and code in "12345" else plain_code_word(f"slice_{kind}", code)


def _show_cohorts(own: pd.DataFrame) -> None:
    """Mean probability beside the observed share of events, month by month."""
    st.markdown(f"**{t('models.cohorts')}**")
    rows = own[own["slice"].str.startswith("as_of:") & own["metric"].isin(RATES)]
    if rows.empty:
        st.caption(t("models.cohorts_none"))
        return
    wide = rows.pivot_table(index="slice", columns="metric", values="value")
    observed = rows[rows["metric"] == "observed"].set_index("slice")
    table = pd.DataFrame(
        {
            t("models.cohort"): [day(name.removeprefix("as_of:")) for name in wide.index],
            t("models.expected"): [percent(value, 2) for value in wide["mean_p"]],
            t("models.observed"): [percent(value, 2) for value in wide["observed"]],
            t("models.interval_head"): [_rates(observed.loc[name]) for name in wide.index],
            "n": [number(observed.loc[name, "n"]) for name in wide.index],
        }
    )
    st.dataframe(table, hide_index=True, key="cohorts", height="content")
    st.caption(t("models.cohorts_note"))


def _rates(row: pd.Series) -> str:
    return "–" if unknown(row["low"]) else f"{percent(row['low'], 2)} – {percent(row['high'], 2)}"


def _show_stability(own: pd.DataFrame) -> None:
    """Shares of bands and reasons that stay the same when the model is trained with other random seeds."""
    reseeded = own[(own["slice"] == "candidate:average") & (own["metric"] == "band_changes_on_reseed")]["value"]
    st.markdown(f"**{t('models.stability')}**")
    is_agreement = ((own["slice"] == "all") & own["metric"].isin(AGREEMENTS)) | (own["slice"] == "stability")
    figures = own[is_agreement].set_index("metric")["value"].dropna()
    lines = [t("models.bands_kept", share=percent(1 - changed)) for changed in reseeded]
    lines += [f"{features.metric(str(metric))}: **{percent(value)}**" for metric, value in figures.items()]
    st.markdown("  \n".join(lines) if lines else t("models.stability_none"))


def _fold_comparison(name: str) -> None:
    """Other algorithms on the same table; those of the default model are on the page Lending."""
    if name in COMPARED:
        controls.fold(
            t("lending.comparison"),
            "fold_others",
            ":material/table_chart:",
            lambda: model_comparison.show_table(comparison_report(name), name),
        )


def _show_explained(name: str) -> None:
    """Importance and contributions of the heaviest features, and pairs that act together."""
    if notices.lacks("model_importance", "model_beeswarm", "model_interactions"):
        return
    rows = read("models/model_importance", model=name, most=SHOWN_FEATURES)
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
        swarm = read("models/model_beeswarm", model=name, most=SHOWN_FEATURES, rows=DOTS)
        if swarm.empty:
            st.caption(t("models.explained_none"))
            return
        figure = models.beeswarm(swarm, labels, (t("models.low"), t("models.high")))
        st.plotly_chart(figure, key=f"beeswarm_{name}", config=CONFIG, alt=t("models.beeswarm"))
        st.caption(t("models.beeswarm_note"))


def _show_interactions(name: str) -> None:
    pairs = read("models/model_interactions", model=name, most=SHOWN_PAIRS)
    if pairs.empty:
        return
    st.markdown(f"**{t('models.interactions')}**")
    table = pd.DataFrame(
        {
            t("models.feature_a"): [features.feature(code) for code in pairs["feature_a"]],
            t("models.feature_b"): [features.feature(code) for code in pairs["feature_b"]],
            t("models.strength"): [number(value, 3) for value in pairs["strength"]],
        }
    )
    st.dataframe(table, hide_index=True, key="interactions", height="content")
    st.caption(t("models.interactions_note"))


def _fold_excluded(name: str) -> None:
    rows = read("models/model_exclusions", model=name) if has_tables("model_exclusions") else pd.DataFrame()
    if not rows.empty:
        controls.fold(t("models.excluded"), "fold_excluded", ":material/filter_alt_off:", lambda: _show_excluded(rows))


def _show_excluded(rows: pd.DataFrame) -> None:
    """Rows that the model was not trained on, by reason."""
    table = pd.DataFrame(
        {
            t("models.outcome"): [plain_code_word("exclusion", code) for code in rows["reason"]],
            t("models.rows"): [number(count) for count in rows["n"]],
            t("models.share"): [percent(count / rows["n"].sum()) for count in rows["n"]],
        }
    )
    st.dataframe(table, hide_index=True, key="excluded", height="content")
    span = {"from_": day(rows["first_as_of"].min()), "to": day(rows["last_as_of"].max())}
    st.caption(t("models.excluded_note", cohorts=number(rows["cohorts"].max()), **span))
