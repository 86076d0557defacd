"""Drift: columns whose distribution differs from last year or from the training, and customers who changed tier."""

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared.charts import theme
from pages.shared.parts import controls, notices, table_formats
from pages.shared.read import read
from pages.shared.text import day, features, number, percent, t, unknown
from pages.shared.text.names import plain_code_word

ORDER = ("opportunity", "default", "churn", "payments")
SIDES = ("last_year", "training")
MONTHS = (1, 3, 12)
PLACES = ("1", "2", "3", "4", "5", "CLOSED", "DEFAULT", "EXITED", "INSUFFICIENT")
COLOURS = {"warning": theme.TIER_COLOURS[1], "watch": theme.TIER_COLOURS[2]}


def show() -> None:
    """Drift of the columns of one model, then the migration between tiers."""
    rows = read("models/watch_drift")
    names = [name for name in ORDER if name in set(rows["model"])]
    if names:
        _show_model(rows, names)
    else:
        notices.info("watch.no_drift_table")
    _show_migration()


def _show_model(rows: pd.DataFrame, names: list[str]) -> None:
    left, right = st.columns(2)
    with left:
        name = controls.choose_one(t("models.choose"), names, model_word, "drift_model")
    rows = rows[rows["model"] == name]
    sides = [side for side in SIDES if side in set(rows["against"])]
    with right:
        side = controls.choose_one(t("watch.against"), sides, lambda code: t(f"watch.sides.{code}"), "drift_side")
    _show_columns(rows[rows["against"] == side])


def model_word(name: str) -> str:
    """Name of a model, or of the opportunity score."""
    return t("watch.opportunity") if name == "opportunity" else features.model(name)


def feature_word(code: str) -> str:
    """Name of a compared column: a feature, a component of the score, or the model's output (code score)."""
    if code == "score":
        return t("watch.score")
    return plain_code_word("watched", code) if code.startswith("points_") else features.feature(code)


def _show_columns(rows: pd.DataFrame) -> None:
    first = rows.iloc[0]
    span = day(first["from_on"]) if first["from_on"] == first["to_on"] else _span(first)
    words = {"n": number(rows["n"].max()), "m": number(rows["m"].max()), "span": span}
    drifted = rows[rows["level"] != "stable"]
    counts = {"count": number(len(drifted)), "warnings": number((drifted["level"] == "warning").sum())}
    st.markdown(t("watch.drift_some" if len(drifted) else "watch.drift_none", total=number(len(rows)), **counts))
    _show_score(rows[(rows["feature"] == "score") & (rows["kind"] == "number")])
    table = rows if st.toggle(t("watch.all_columns"), key="drift_all") else drifted
    if len(table):
        st.dataframe(_table(table), hide_index=True, key="drift", height="content" if len(table) < 12 else 420)
    st.caption(t("watch.drift_note", **words))


def _span(row: pd.Series) -> str:
    return f"{day(row['from_on'])} – {day(row['to_on'])}"


def _show_score(rows: pd.DataFrame) -> None:
    """How many customers with a tier on both days have another tier now."""
    if rows.empty or unknown(rows.iloc[0]["compared"]) or not rows.iloc[0]["compared"]:
        return
    row = rows.iloc[0]
    counts = {name: row[name] for name in ("compared", "up", "down")} | {"moved": row["up"] + row["down"]}
    share = percent(counts["moved"] / row["compared"])
    st.markdown(t("watch.moved", share=share, **{name: number(count) for name, count in counts.items()}))


def _table(rows: pd.DataFrame) -> Styler:
    table = pd.DataFrame(
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
    formats: dict[str, table_formats.Format] = dict.fromkeys(("D", "PSI", t("watch.psi_bound")), _three)
    styler = table_formats.styler(table, formats | {t("watch.p"): _p})
    colours = rows["level"].map(lambda code: f"color: {COLOURS[code]}; font-weight: 600" if code in COLOURS else "")
    return styler.apply(lambda _: colours.tolist(), subset=[t("watch.level")])


def _three(value: object) -> str:
    return number(value, 3)  # type: ignore[arg-type]


def _p(value: object) -> str:
    return "< 0.001" if float(value) < 0.001 else number(float(value), 3)  # type: ignore[arg-type]


def _missing(row: object) -> str:
    now, before = row.missing_now, row.missing_reference  # type: ignore[attr-defined]
    return "–" if max(now, before) == 0 else f"{percent(before)} → {percent(now)}"


def _customers(row: object) -> str:
    """Number of customers in another tier because of this column, where the build has counted them."""
    up, down = row.up, row.down  # type: ignore[attr-defined]
    return "–" if unknown(up) or unknown(down) else t("watch.people", count=number(up + down))


def _show_migration() -> None:
    st.markdown(f"**{t('watch.migration')}**")
    months = controls.choose_one(
        t("watch.months"), MONTHS, lambda months: t("watch.month_span", months=months), "migration_months"
    )
    rows = read("models/watch_migration", months=months)
    if rows.empty:
        st.caption(t("watch.migration_none"))
        return
    st.dataframe(matrix(rows), key="migration", height="content")
    st.caption(t("watch.migration_note", **_summary(rows)))


def matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Migration matrix in words: tier before in the rows, place now in the columns, with shares and numbers."""
    words = {(row.from_tier, row.to_place): _cell(row) for row in rows.itertuples()}
    places = [place for place in PLACES if place in set(rows["to_place"])]
    totals = rows.groupby("from_tier")["businesses"].sum()
    return pd.DataFrame(
        [[number(totals[tier]), *(words.get((tier, place), "–") for place in places)] for tier in totals.index],
        index=pd.Index([t(f"tier.{tier}") for tier in totals.index], name=t("watch.before")),
        columns=[t("watch.customers_before"), *map(_place_word, places)],
    )


def _cell(row: object) -> str:
    return f"{percent(row.share)} ({number(row.businesses)})"  # type: ignore[attr-defined]


def _place_word(place: str) -> str:
    """Name of the tier, or the reason why the customer has none."""
    return t(f"tier.{place}") if place.isdigit() else t(f"watch.places.{place}")


def _summary(rows: pd.DataFrame) -> dict[str, str]:
    """Customers who stayed, went up and went down, among those who still have a tier."""
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
