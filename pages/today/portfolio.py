"""The book in figures: how many businesses, where they moved, what is at risk."""

import pandas as pd
import streamlit as st

from pages.shared.parts import cards, chips
from pages.shared.text import TIERS, day, money, number, percent, t, tier_word, unknown


def show(book: pd.Series) -> None:
    """Boxes of figures, then a bar of the tiers."""
    st.header(t("today.portfolio"))
    st.caption(t("today.as_of", day=day(book["as_of"])))
    moves = t("today.moves_value", up=number(book["moved_up"]), down=number(book["moved_down"]))
    compared = t("today.compared", count=number(book["comparable"]))
    exposed = None if unknown(book["exposed"]) else t("today.exposed", count=number(book["exposed"]))
    with cards.row(3):
        _card("businesses", number(book["businesses"]), t("today.not_rated", count=number(book["not_rated"])))
        _card("moves", moves, compared, t("today.moves_help"))
        _card("exposure", money(book["exposure_krw"]), exposed)
        _card("expected_loss", money(book["expected_loss_krw"]), _loss_share(book), t("today.loss_help"))
        pd_help = t("today.pd_mean_help", count=number(book["pd_n"]))
        _card("pd_mean", percent(book["pd_mean"], 2), _pd_change(book), pd_help)
        _card("past_due", number(book["past_due_30"]))
    _show_tiers({tier: int(book[f"tier_{tier}"]) for tier in TIERS})


def _card(key: str, value: str, note: str | None = None, help_text: str | None = None) -> None:
    cards.show(t(f"today.{key}"), value, note, help_text)


def _show_tiers(counts: dict[int, int]) -> None:
    st.markdown(f"**{t('today.tiers')}**")
    if any(counts.values()):
        words = {tier: t("today.tier_count", word=tier_word(tier), count=number(n)) for tier, n in counts.items()}
        st.html(chips.tier_bar([(tier, n, words[tier]) for tier, n in counts.items()]))


def _loss_share(book: pd.Series) -> str | None:
    if unknown(book["exposure_krw"]):
        return None
    share = book["expected_loss_krw"] / book["exposure_krw"] if book["exposure_krw"] else None
    return t("today.expected_loss_share", share=percent(share, 2))


def _pd_change(book: pd.Series) -> str | None:
    if unknown(book["pd_mean_1m"]):
        return None
    return t("today.pd_moved", value=f"{100 * (book['pd_mean'] - book['pd_mean_1m']):+.2f}")
