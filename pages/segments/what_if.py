"""A division that the reader tries: choose features and number, run, and read the result like a view of the build."""

import streamlit as st

from core.errors import DataError
from core.models.segments.k_choice import MAX_K, MIN_K
from pages.segments.division import Division, feature_word, features_to_try, of_features
from pages.shared import widget_keys
from pages.shared.parts import notices
from pages.shared.text import t

PROPOSED = 0  # on the slider: silhouette and stability propose the number
DEFAULT = ("income", "growth", "borrowing")
# Step of the work -> share of the time before and after it, measured on 50,000 businesses.
STEPS = {"judge": (0.0, 0.7), "fit": (0.7, 0.9), "tell": (0.9, 1.0)}


def show() -> Division | None:
    """The controls, and the division of the last run; None before the first."""
    options = features_to_try()
    with st.container(border=True):
        features = st.pills(
            t("segments.try_features"),
            options,
            selection_mode="multi",
            default=[name for name in DEFAULT if name in options],
            format_func=feature_word,
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
        too_few = len(features) < 2
        if st.button(
            t("segments.try_run"), type="primary", disabled=too_few, icon=":material/refresh:", key="segment_run"
        ):
            chosen = tuple(name for name in options if name in features)
            st.session_state[widget_keys.SEGMENT_TRIAL] = (chosen, k or None)
        if too_few:
            st.caption(t("segments.try_few"))
    return _run()


def _run() -> Division | None:
    trial = st.session_state.get(widget_keys.SEGMENT_TRIAL)
    if trial is None:
        notices.info("segments.try_lead")
        return None
    bar = st.progress(0.0, text=t("segments.doing.judge"))

    def progress(step: str, share: float) -> None:
        begin, end = STEPS[step]
        bar.progress(begin + share * (end - begin), text=t(f"segments.doing.{step}"))

    try:
        features, k = trial
        return of_features(features, k, progress)
    except DataError:
        st.warning(t("segments.try_too_few"), icon=":material/warning:")
        return None
    finally:
        bar.empty()
