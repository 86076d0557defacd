"""Drift: what has moved since last year and since the training, and how many customers changed their tier."""

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared.charts import theme
from pages.shared.parts import notices, table_formats
from pages.shared.read import read
from pages.shared.text import Number, day, features, number, percent, t, unknown
from pages.shared.text.names import plain_code_word

ORDER = ("opportunity", "default", "churn", "payments")
SIDES = ("last_year", "training")
MONTHS = (1, 3, 12)
PLACES = ("1", "2", "3", "4", "5", "CLOSED", "DEFAULT", "EXITED", "INSUFFICIENT")
COLOURS = {"warning": theme.TIER_COLOURS[1], "watch": theme.TIER_COLOURS[2]}


def show() -> None:
    """Columns of one model that drifted, then who went from which tier where."""
    found = read("models/watch_drift")
    names = [name for name in ORDER if name in set(found["model"])]
    if names:
        left, right = st.columns(2)
        with left:
            name = st.segmented_control(
                t("models.choose"), names, default=names[0], format_func=model_word, required=True, key="drift_model"
            )
        own = found[found["model"] == name]
        sides = [side for side in SIDES if side in set(own["against"])]
        with right:
            side = st.segmented_control(
                t("watch.against"), sides, default=sides[0], format_func=_side, required=True, key="drift_side"
            )
        _show_columns(own[own["against"] == side])
    else:
        notices.info("watch.no_drift_table")
    _show_migration()


def model_word(name: str) -> str:
    """What a model, or the score, speaks of."""
    return t("watch.opportunity") if name == "opportunity" else features.model(name)


def _side(code: str) -> str:
    return t(f"watch.sides.{code}")


def feature_word(code: str) -> str:
    """Name of a column of a comparison; what the model says is a column too."""
    if code == "score":
        return t("watch.score")
    return plain_code_word("watched", code) if code.startswith("points_") else features.feature(code)


def _show_columns(rows: pd.DataFrame) -> None:
    first = rows.iloc[0]
    span = day(first["from_on"]) if first["from_on"] == first["to_on"] else _span(first)
    words = {"n": number(rows["n"].max()), "m": number(rows["m"].max()), "span": span}
    moved = rows[rows["level"] != "stable"]
    said = {"count": number(len(moved)), "warnings": number((moved["level"] == "warning").sum())}
    st.markdown(t("watch.drift_some" if len(moved) else "watch.drift_none", total=number(len(rows)), **said))
    _show_score(rows[(rows["feature"] == "score") & (rows["kind"] == "number")])
    everything = st.toggle(t("watch.all_columns"), key="drift_all")
    shown = rows if everything else moved
    if len(shown):
        st.dataframe(_table(shown), hide_index=True, key="drift", height="content" if len(shown) < 12 else 420)
    st.caption(t("watch.drift_note", **words))


def _span(row: pd.Series) -> str:
    return f"{day(row['from_on'])} – {day(row['to_on'])}"


def _show_score(rows: pd.DataFrame) -> None:
    """How many of the customers known on both days stand in another tier."""
    if rows.empty or unknown(rows.iloc[0]["compared"]) or not rows.iloc[0]["compared"]:
        return
    row = rows.iloc[0]
    moved = row["up"] + row["down"]
    words = {"compared": row["compared"], "moved": moved, "up": row["up"], "down": row["down"]}
    st.markdown(t("watch.moved", share=percent(moved / row["compared"]), **{k: number(v) for k, v in words.items()}))


def _table(rows: pd.DataFrame) -> Styler:
    shown = pd.DataFrame(
        {
            t("watch.level"): [t(f"watch.levels.{code}") for code in rows["level"]],
            t("watch.column"): [feature_word(code) for code in rows["feature"]],
            t("watch.kind"): [t(f"watch.kinds.{code}") for code in rows["kind"]],
            "D": rows["d"].tolist(),
            "PSI": rows["psi"].tolist(),
            t("watch.psi_bound"): rows["psi_bound"].tolist(),
            t("watch.p"): rows["p_adjusted"].tolist(),
            t("watch.missing"): [_missing(row) for row in rows.itertuples()],
            t("watch.customers"): [_customers(row) for row in rows.itertuples()],
        }
    )
    three: table_formats.Format = lambda value: number(value, 3)  # noqa: E731
    styled = table_formats.styler(shown, {"D": three, "PSI": three, t("watch.psi_bound"): three, t("watch.p"): _p})
    colours = rows["level"].map(lambda code: f"color: {COLOURS[code]}; font-weight: 600" if code in COLOURS else "")
    return styled.apply(lambda _: colours.tolist(), subset=[t("watch.level")])


def _p(value: object) -> str:
    return "< 0.001" if float(value) < 0.001 else number(float(value), 3)  # type: ignore[arg-type]


def _missing(row: object) -> str:
    now, before = row.missing_now, row.missing_reference  # type: ignore[attr-defined]
    return "–" if max(now, before) == 0 else f"{percent(before)} → {percent(now)}"


def _customers(row: object) -> str:
    """Customers in another tier because of this column, as far as it was counted."""
    up, down = row.up, row.down  # type: ignore[attr-defined]
    return "–" if unknown(up) or unknown(down) else t("watch.people", count=number(up + down))


def _show_migration() -> None:
    st.markdown(f"**{t('watch.migration')}**")
    months = st.segmented_control(
        t("watch.months"), MONTHS, default=1, format_func=_months, required=True, key="migration_months"
    )
    rows = read("models/watch_migration", months=months)
    if rows.empty:
        st.caption(t("watch.migration_none"))
        return
    st.dataframe(matrix(rows), key="migration", height="content")
    st.caption(t("watch.migration_note", **_summary(rows)))


def _months(months: Number) -> str:
    return t("watch.month_span", months=months)


def matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Tier before in the rows, where the customers stand now in the columns: share and number."""
    words = {(row.from_tier, row.to_place): _cell(row) for row in rows.itertuples()}
    places = [place for place in PLACES if place in set(rows["to_place"])]
    totals = rows.groupby("from_tier")["businesses"].sum()
    return pd.DataFrame(
        [[number(totals[tier]), *(words.get((tier, place), "–") for place in places)] for tier in totals.index],
        index=pd.Index([t(f"tier.{tier}") for tier in totals.index], name=t("watch.before")),
        columns=[t("watch.customers_before"), *map(place_word, places)],
    )


def _cell(row: object) -> str:
    return f"{percent(row.share)} ({number(row.businesses)})"  # type: ignore[attr-defined]


def place_word(place: str) -> str:
    """Where a customer stands: the tier's word, or why there is none."""
    return t(f"tier.{place}") if place.isdigit() else t(f"watch.places.{place}")


def _summary(rows: pd.DataFrame) -> dict[str, str]:
    """Who stayed, went up, went down, among those who still have a tier."""
    tiers = rows[rows["to_place"].isin(PLACES[:5])]
    steps = tiers["to_place"].astype(int) - tiers["from_tier"]
    up, down, stayed = (int(tiers.loc[kind, "businesses"].sum()) for kind in (steps > 0, steps < 0, steps == 0))
    return {
        "from_on": day(rows["from_as_of"].iloc[0]),
        "to_on": day(rows["to_as_of"].iloc[0]),
        "stayed": percent(stayed / max(up + down + stayed, 1)),
        "up": number(up),
        "down": number(down),
        "ratio": number(up / down, 2) if down else "–",
    }
