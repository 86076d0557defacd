"""Accuracy of the recommendations: which products customers took afterwards, beside simpler recommenders."""

import math

import pandas as pd
import streamlit as st

from core.config import policy
from pages.shared.read import build_info, has_tables, read
from pages.shared.text import Number, day, number, percent, segments, t, unknown

MIN_CUSTOMERS = 30  # a share of fewer is too uncertain to be shown
SLICED = ("ease", "segment_popularity", "popularity")


def show() -> None:
    """A table of all recommenders, then one by segment; nothing where customers took too little to judge."""
    if not has_tables("advice_figures"):
        return
    rows = read("offers/accuracy")
    by_model = rows.set_index("model")
    if "ease" not in by_model.index:
        return
    with st.expander(t("judged.title"), icon=":material/fact_check:"):
        shown, months = policy()["advice"]["shown"], policy()["advice"]["test_months"]
        st.caption(t("judged.lead", months=months, as_of=day(build_info().get("as_of")), shown=shown))
        n = int(by_model.loc["ease", "n"])
        st.caption(t("judged.margin", n=number(n), points=number(100 * margin(n), 1)))
        st.table(models(rows), hide_index=True, border="horizontal")
        if "served" in by_model.index:
            st.caption(t("judged.served_note", share=percent(by_model.loc["served", "taken_forbidden"], 0)))
        slices = read("offers/segment_accuracy") if has_tables("advice_slices") else pd.DataFrame()
        if len(slices):
            st.table(by_segment(slices), hide_index=True, border="horizontal")
        st.caption(t("judged.segments_note" if len(slices) else "judged.no_segments"))


def margin(n: int) -> float:
    """Half the width of the 95 % interval of a share among n customers, at its widest (a share of one half).

    >>> margin(400)
    0.049
    """
    return 1.96 * 0.5 / math.sqrt(n)


def models(rows: pd.DataFrame) -> pd.DataFrame:
    """A row per recommender in words: recall, NDCG, number of customers."""
    return pd.DataFrame(
        {
            t("judged.way"): [t(f"judged.model.{model}") for model in rows["model"]],
            t("judged.recall"): [percent(value) for value in rows["recall"]],
            t("judged.ndcg"): [number(value, 3) for value in rows["ndcg"]],
            t("judged.customers"): [number(n) for n in rows["n"]],
        }
    )


def by_segment(slices: pd.DataFrame) -> pd.DataFrame:
    """A row per segment in words: recall of some recommenders, number of customers."""
    columns = {t("judged.segment"): [segments.name(code) for code in slices["segment"]]}
    for model in SLICED:
        heading = t("judged.recall_of", way=t(f"judged.model.{model}"))
        columns[heading] = [_share(value, n) for value, n in zip(slices[model], slices["n"], strict=True)]
    return pd.DataFrame(columns | {t("judged.customers"): [number(n) for n in slices["n"]]})


def _share(value: Number, n: int) -> str:
    """A share among at least MIN_CUSTOMERS customers; otherwise that there are too few."""
    return t("text.too_few", n=number(n)) if n < MIN_CUSTOMERS or unknown(value) else percent(value)
