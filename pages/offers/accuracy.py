"""How good is the order of the offers? What was found of what customers took since, beside simpler ways of ordering."""

import math

import pandas as pd
import streamlit as st

from core.config import policy
from pages.shared.read import build_info, has_tables, read
from pages.shared.text import Number, day, number, percent, segments, t, unknown

FEWEST = 30  # customers below which a share says little
SLICED = ("ease", "segment_popularity", "popularity")


def show() -> None:
    """Every recommender over all, then by segment; nothing where too little was taken to judge."""
    if not has_tables("advice_figures"):
        return
    judged = read("offers/judged")
    if "ease" not in set(judged["model"]):
        return
    with st.expander(t("judged.title"), icon=":material/fact_check:"):
        shown, months = policy()["advice"]["shown"], policy()["advice"]["test_months"]
        st.caption(t("judged.lead", months=months, as_of=day(build_info().get("as_of")), shown=shown))
        ease = judged.set_index("model").loc["ease"]
        st.caption(t("judged.margin", n=number(ease["n"]), points=number(100 * margin(int(ease["n"])), 1)))
        st.table(models(judged), hide_index=True, border="horizontal")
        served = judged[judged["model"] == "served"]
        if len(served):
            st.caption(t("judged.served_note", share=percent(served["taken_forbidden"].iloc[0], 0)))
        slices = read("offers/judged_segments") if has_tables("advice_slices") else pd.DataFrame()
        if len(slices):
            st.table(by_segment(slices), hide_index=True, border="horizontal")
        st.caption(t("judged.segments_note" if len(slices) else "judged.no_segments"))


def margin(n: int) -> float:
    """Half the 95 % interval of a share among n customers at its widest, at a half.

    >>> margin(400)
    0.049
    """
    return 1.96 * 0.5 / math.sqrt(n)


def models(judged: pd.DataFrame) -> pd.DataFrame:
    """A row a recommender in words: recall, NDCG, customers judged."""
    return pd.DataFrame(
        {
            t("judged.way"): [t(f"judged.model.{model}") for model in judged["model"]],
            t("judged.recall"): [percent(value) for value in judged["recall"]],
            t("judged.ndcg"): [number(value, 3) for value in judged["ndcg"]],
            t("judged.customers"): [number(n) for n in judged["n"]],
        }
    )


def by_segment(slices: pd.DataFrame) -> pd.DataFrame:
    """A row a segment in words: recall of each way, customers judged; no share of a few."""
    columns = {t("judged.segment"): [segments.name(code) for code in slices["segment"]]}
    for model in SLICED:
        heading = t("judged.recall_of", way=t(f"judged.model.{model}"))
        columns[heading] = [_share(value, n) for value, n in zip(slices[model], slices["n"], strict=True)]
    return pd.DataFrame(columns | {t("judged.customers"): [number(n) for n in slices["n"]]})


def _share(value: Number, n: int) -> str:
    """A share of enough customers; how few there are otherwise."""
    return t("text.too_few", n=number(n)) if n < FEWEST or unknown(value) else percent(value)
