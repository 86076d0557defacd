"""Dividing the book another way, on the page: choose features and number, run, read the result like any other."""

import streamlit as st

from core.errors import DataError
from core.models.segments.k_choice import MAX_K, MIN_K
from pages.segments import division
from pages.segments.division import Shown
from pages.shared import widget_keys
from pages.shared.parts import notices
from pages.shared.text import t

PROPOSED = 0  # of the slider: let silhouette and stability choose
FIRST = ("income", "growth", "borrowing")
# Where a share of the work is done, measured on 50,000 businesses.
DONE = {"judge": (0.0, 0.7), "fit": (0.7, 0.9), "tell": (0.9, 1.0)}


def show() -> Shown | None:
    """The controls, and what the last run found; None before the first."""
    options = division.features_to_try()
    with st.container(border=True):
        features = st.pills(
            t("segments.try_features"),
            options,
            selection_mode="multi",
            default=[name for name in FIRST if name in options],
            format_func=division.feature_word,
            key=widget_keys.SEGMENT_FEATURES,
            persist_state="session",
        )
        k = st.select_slider(
            t("segments.try_k"),
            [PROPOSED, *range(MIN_K, MAX_K + 1)],
            format_func=lambda number: t("segments.try_proposed") if number == PROPOSED else str(number),
            key=widget_keys.SEGMENT_K,
            persist_state="session",
            width=420,
        )
        few = len(features) < 2
        if st.button(t("segments.try_run"), type="primary", disabled=few, icon=":material/refresh:", key="segment_run"):
            chosen = tuple(name for name in options if name in features)
            st.session_state[widget_keys.SEGMENT_TRIAL] = (chosen, k or None)
        if few:
            st.caption(t("segments.try_few"))
    return _run()


def _run() -> Shown | None:
    tried = st.session_state.get(widget_keys.SEGMENT_TRIAL)
    if tried is None:
        notices.info("segments.try_lead")
        return None
    bar = st.progress(0.0, text=t("segments.doing.judge"))

    def tell(part: str, share: float) -> None:
        begin, end = DONE[part]
        bar.progress(begin + share * (end - begin), text=t(f"segments.doing.{part}"))

    try:
        features, k = tried
        return division.of_trial(features, k, tell)
    except DataError:
        st.warning(t("segments.try_too_few"), icon=":material/warning:")
        return None
    finally:
        bar.empty()
