"""Accuracy of the forecasts per horizon beside the baselines; coverage of the intervals beside their nominal share."""

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared.charts import models
from pages.shared.charts.base import CONFIG
from pages.shared.parts import controls, notices, table_formats
from pages.shared.parts.model_comparison import CHAMPION, WRONG
from pages.shared.read import has_tables, read
from pages.shared.text import features, number, percent, t, unknown

SOURCES = ("bank", "city")
OURS = ("combined", "global", "regional", "local")
BASELINE = "last_value"
SAMPLE, SLOW = "theta_sample", "auto_theta"  # it takes milliseconds per series, so only a sample is forecast
VERDICT = "hierarchy_verdict"
TOLERANCE = 0.03  # own choice: coverage within three points of the nominal share is good (docs/models.md)


def show() -> None:
    """Forecasts of the bank (months of a business) or of the city (quarters of a trade area)."""
    if notices.lacks("forecast_accuracy", "forecast_coverage"):
        return
    accuracy = read("models/forecast_accuracy")
    sources = [source for source in SOURCES if source in set(accuracy["source"])]
    if not sources:
        notices.info("models.no_forecast")
        return
    source = sources[0]
    if len(sources) > 1:
        source = controls.choose_one(t("models.source"), sources, _source, "forecast_source")
    own = accuracy[accuracy["source"] == source]
    whole = own[(own["period"] == "all") & (own["level"] == "all")]
    st.markdown(_sentence(whole))
    left, right = st.columns([7, 4], gap="medium")
    with left:
        _show_accuracy(whole, source)
        _show_sample(own[own["level"] == SAMPLE])
    with right:
        _show_coverage(read("models/forecast_coverage"), source)
    periods = own[(own["period"] != "all") & (own["level"] == "all")]
    if len(periods):
        controls.fold(t("models.periods"), "fold_periods", ":material/show_chart:", lambda: _show_periods(periods))


def _source(code: str) -> str:
    return t(f"models.source_{code}")


def _horizon(horizon: int, source: str) -> str:
    return t("models.horizon_quarter" if source == "city" else "models.horizon_month", horizon=int(horizon))


def _best_of_ours(rows: pd.DataFrame) -> str:
    """Name of the forecast that is served: for businesses the choice of the hierarchy's test, for the city combined."""
    measured = set(rows["model"])
    chosen = read("models/hierarchy_verdict")["served"] if "bank" in set(rows["source"]) and has_tables(VERDICT) else []
    return next((name for name in (*chosen, *OURS) if name in measured), "")


def _sentence(whole: pd.DataFrame) -> str:
    """How much better than the last value the served forecast is, at the first horizon."""
    first = whole[whole["horizon"] == whole["horizon"].min()].set_index("model")["wape"]
    ours = _best_of_ours(whole)
    baselines = first.drop([name for name in OURS if name in first.index]).dropna()
    if ours not in first.index or BASELINE not in first.index or baselines.empty:
        return t("models.accuracy_lead")
    gain, best = 1 - first[ours] / first[BASELINE], str(baselines.idxmin())
    figures = {"ours": percent(first[ours]), "last": percent(first[BASELINE]), "gain": percent(abs(gain))}
    names = {"name": features.algorithm(ours), "best": features.algorithm(best), "wape": percent(baselines[best])}
    return t("models.accuracy_below" if gain > 0 else "models.accuracy_above", **figures, **names)


def _show_accuracy(whole: pd.DataFrame, source: str) -> None:
    st.markdown(f"**{t('models.accuracy')}**")
    first = _best_of_ours(whole)
    order = [first, *(name for name in OURS if name != first), *sorted(set(whole["model"]) - set(OURS))]
    keys = [key for key in order if key in set(whole["model"])]
    horizons = sorted(whole["horizon"].unique())
    wape = whole.pivot_table(index="model", columns="horizon", values="wape").reindex(keys)
    last = whole[whole["horizon"] == horizons[0]].set_index("model").reindex(keys)
    names = {horizon: t("models.wape_at", horizon=_horizon(horizon, source)) for horizon in horizons}
    heading, mdape, bias, mase = (t(f"models.{key}") for key in ("forecast", "mdape", "bias", "mase"))
    table = pd.DataFrame(
        {heading: [features.algorithm(key) for key in keys]}
        | {names[horizon]: wape.get(horizon, pd.Series(index=keys, dtype=float)).tolist() for horizon in horizons}
        | {mdape: last["mdape"].tolist(), bias: last["bias"].tolist(), mase: last["mase"].tolist()}
    )
    st.dataframe(
        _styler(table, [*names.values(), mdape], bias, mase), hide_index=True, key="accuracy", height="content"
    )
    lines = whole[(whole["model"] == keys[0]) & whole["low"].notna()]
    interval = "" if lines.empty else _interval(lines.iloc[0], features.algorithm(keys[0]), source)
    st.caption(t("models.accuracy_note", n=number(whole["n"].max()), horizon=_horizon(horizons[0], source)) + interval)


def _interval(row: pd.Series, name: str, source: str) -> str:
    words = {"name": name, "horizon": _horizon(row["horizon"], source)}
    return " " + t("models.accuracy_interval", **words, low=percent(row["low"]), high=percent(row["high"]))


def _styler(table: pd.DataFrame, shares: list[str], bias: str, mase: str) -> Styler:
    formats: dict[str, table_formats.Format] = dict.fromkeys(shares, percent)
    formats |= {bias: table_formats.growth, mase: lambda value: number(value, 2)}
    return table_formats.styler(table, formats).apply(
        lambda row: [CHAMPION if row.name == 0 else ""] * len(row), axis=1
    )


def _show_sample(rows: pd.DataFrame) -> None:
    """AutoTheta beside the served forecast on the same sample, at the first horizon."""
    if rows.empty:
        return
    first = rows[rows["horizon"] == rows["horizon"].min()].set_index("model")
    ours = _best_of_ours(rows)
    if SLOW not in first.index or ours not in first.index:
        return
    words = {"theta": percent(first.loc[SLOW, "wape"]), "ours": percent(first.loc[ours, "wape"])}
    st.caption(t("models.theta", **words, name=features.algorithm(ours), n=number(first.loc[SLOW, "n"])))


def _show_coverage(coverage: pd.DataFrame, source: str) -> None:
    st.markdown(f"**{t('models.coverage')}**")
    own = coverage[coverage["source"] == source]
    if own.empty:
        st.caption(t("models.none_yet", table="forecast_coverage"))
        return
    ahead, nominal, measured, missed = (t(f"models.{key}") for key in ("ahead", "nominal", "measured", "difference"))
    table = pd.DataFrame(
        {
            ahead: [_horizon(horizon, source) for horizon in own["horizon"]],
            nominal: own["nominal"].tolist(),
            measured: own["coverage"].tolist(),
            missed: (100 * (own["coverage"] - own["nominal"])).tolist(),
            "n": own["n"].tolist(),
        }
    )
    formats: dict[str, table_formats.Format] = {
        nominal: lambda share: percent(share, 0),
        measured: percent,
        missed: lambda points: t("models.points", value=f"{points:+.1f}"),
        "n": lambda count: number(count),
    }
    styler = table_formats.styler(table, formats).map(_missed_css, subset=[missed])
    st.dataframe(styler, hide_index=True, key="coverage", height="content")
    st.caption(t("models.coverage_note", points=number(100 * TOLERANCE)))


def _missed_css(points: object) -> str:
    return WRONG if not unknown(points) and abs(float(points)) > 100 * TOLERANCE else ""  # type: ignore[arg-type]


def _show_periods(rows: pd.DataFrame) -> None:
    """WAPE of every period, as a mean may hide a bad quarter."""
    first = rows[rows["horizon"] == rows["horizon"].min()]
    wide = first.pivot_table(index="period", columns="model", values="wape").sort_index()
    ours = features.algorithm(_best_of_ours(first))
    lines = {features.algorithm(name): wide[name].tolist() for name in wide.columns}
    figure = models.errors_by_period([str(period) for period in wide.index], lines, ours)
    st.plotly_chart(figure, key="periods", config=CONFIG, alt=t("models.periods"))
